/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "campaign/store_private.h"

#include <string.h>
#include <thalweg/version.h>

#include "files/text_private.h"

/* What a code tells beside its own words. */
typedef enum detail { DETAIL_NONE, DETAIL_SYSTEM, DETAIL_SQLITE } detail;

/* Result codes in words; an extended code counts as the first row that has it or its family. */
static const struct {
    int code;
    tw_status status;
    const char *says;
    detail detail;
} meanings[] = {
    {SQLITE_IOERR_NOMEM, TW_ERR_MEMORY, "no memory for the database", DETAIL_NONE},
    {SQLITE_NOMEM, TW_ERR_MEMORY, "no memory for the database", DETAIL_NONE},
    {SQLITE_NOTADB, TW_ERR_FORMAT, "is no SQLite database, or its first page is damaged",
     DETAIL_NONE},
    {SQLITE_CORRUPT, TW_ERR_FORMAT, "is damaged", DETAIL_SQLITE},
    {SQLITE_ERROR, TW_ERR_FORMAT, "does not have the tables of its kind", DETAIL_SQLITE},
    {SQLITE_CONSTRAINT, TW_ERR_FORMAT, "contradicts itself", DETAIL_SQLITE},
    {SQLITE_FULL, TW_ERR_IO, "cannot be written: the disk is full", DETAIL_NONE},
    {SQLITE_READONLY, TW_ERR_IO, "cannot be written: it or its folder is read-only", DETAIL_NONE},
    {SQLITE_CANTOPEN, TW_ERR_IO, "it or the files beside it cannot be opened", DETAIL_SYSTEM},
    {SQLITE_IOERR, TW_ERR_IO, "cannot be read or written", DETAIL_SYSTEM},
    {SQLITE_BUSY, TW_ERR_IO, "another process has been holding it for a minute", DETAIL_NONE},
    {SQLITE_PROTOCOL, TW_ERR_IO, "other processes leave it no moment to be read", DETAIL_NONE},
    {SQLITE_TOOBIG, TW_ERR_UNSUPPORTED, "a value is too large for SQLite", DETAIL_NONE},
};

tw_status tw_sql_fail(const tw_store *store, int code) {
    enum { FAMILY = 0xff };
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        int error = store->db ? sqlite3_system_errno(store->db) : 0;
        if (meanings[i].code != code && meanings[i].code != (code & FAMILY)) continue;
        if (meanings[i].detail == DETAIL_SQLITE) {
            return tw_fail(meanings[i].status, "%s (%s)", meanings[i].says,
                           sqlite3_errmsg(store->db));
        }
        if (meanings[i].detail == DETAIL_SYSTEM)
            return tw_fail(meanings[i].status, "%s (SQLite error %d)%s%s", meanings[i].says, code,
                           error ? ": " : "", error ? strerror(error) : "");
        return tw_fail(meanings[i].status, "%s", meanings[i].says);
    }
    return tw_fail(TW_ERR_IO, "SQLite says: %s", sqlite3_errstr(code));
}

tw_status tw_sql_prepare(tw_store *store, tw_sql which, sqlite3_stmt **statement) {
    sqlite3_stmt **kept = &store->statements[which];
    *statement = NULL;
    if (!*kept) {
        int code = sqlite3_prepare_v3(store->db, tw_asset_statements[which], -1,
                                      SQLITE_PREPARE_PERSISTENT, kept, NULL);
        if (code != SQLITE_OK) return tw_sql_fail(store, code);
    }
    sqlite3_reset(*kept);
    sqlite3_clear_bindings(*kept);
    *statement = *kept;
    return TW_OK;
}

tw_status tw_sql_step(tw_store *store, sqlite3_stmt *statement, bool *row) {
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    if (*row) return TW_OK;
    tw_status status = code == SQLITE_DONE ? TW_OK : tw_sql_fail(store, code);
    sqlite3_reset(statement);
    return status;
}

tw_status tw_sql_bind(tw_store *store, tw_sql which, sqlite3_stmt **statement, size_t count,
                      const long long *arguments) {
    tw_status status = tw_sql_prepare(store, which, statement);
    for (size_t i = 0; status == TW_OK && i < count; i++) {
        int code = sqlite3_bind_int64(*statement, (int)i + 1, arguments[i]);
        if (code != SQLITE_OK) status = tw_sql_fail(store, code);
    }
    return status;
}

tw_status tw_sql_run(tw_store *store, tw_sql which, size_t count, const long long *arguments) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    TW_TRY(tw_sql_bind(store, which, &statement, count, arguments));
    TW_TRY(tw_sql_step(store, statement, &row));
cleanup:
    return status;
}

tw_status tw_sql_look_up(tw_store *store, tw_sql which, long long argument, size_t columns,
                         long long *numbers, bool *found) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    TW_TRY(tw_sql_prepare(store, which, &statement));
    if (sqlite3_bind_parameter_count(statement) > 0) sqlite3_bind_int64(statement, 1, argument);
    TW_TRY(tw_sql_step(store, statement, &row));
    for (size_t i = 0; row && i < columns; i++)
        numbers[i] = sqlite3_column_int64(statement, (int)i);
    sqlite3_reset(statement);
    *found = row;
cleanup:
    return status;
}

tw_status tw_sql_bind_text(tw_store *store, sqlite3_stmt *statement, int place, const char *text) {
    int code = sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC);
    return code == SQLITE_OK ? TW_OK : tw_sql_fail(store, code);
}

tw_status tw_sql_write_plan(tw_store *store, tw_sql which, const char *plan) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    TW_TRY(tw_sql_prepare(store, which, &statement));
    TW_TRY(tw_sql_bind_text(store, statement, 1, plan));
    TW_TRY(tw_sql_bind_text(store, statement, 2, tw_version()));
    TW_TRY(tw_sql_step(store, statement, &row));
cleanup:
    return status;
}

tw_status tw_sql_execute(tw_store *store, const char *text) {
    int code = sqlite3_exec(store->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? TW_OK : tw_sql_fail(store, code);
}

tw_status tw_sql_end(tw_store *store, tw_status status) {
    if (status == TW_OK) status = tw_sql_run(store, TW_SQL_COMMIT, 0, NULL);
    if (status == TW_OK) return TW_OK;
    /* A statement that was left half-way would go on seeing the past. */
    for (size_t i = 0; i < TW_SQL_COUNT; i++) sqlite3_reset(store->statements[i]);
    /* What fails may have undone the transaction already. */
    if (!sqlite3_get_autocommit(store->db)) sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

tw_status tw_store_end(const tw_store *store, tw_status status) {
    return tw_fail_in_file(status, store->path);
}

const char *tw_store_library(void) {
    return "SQLite " SQLITE_VERSION;
}
