/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who works on what.
 *
 * settings.next is the smallest index that nobody has claimed yet; an index below is finished or
 * has a row in `claims`. The session of such a row is NULL after it was given up or its process was
 * found dead. So the smallest index to work on is the first such row, and `next` after the last:
 * nobody searches through what is finished. */
#include <thalweg/campaign/store.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "campaign/session_private.h"
#include "campaign/store_private.h"

/* ---- Sessions ---- */

tw_status tw_store_end_session(tw_store *store, long long session) {
    tw_status status = tw_sql_run(store, TW_SQL_FREE_CLAIMS, 1, &session);
    return status == TW_OK ? tw_sql_run(store, TW_SQL_DROP_SESSION, 1, &session) : status;
}

/* Columns host, boot, pid, start, session of the row that a statement stands on. */
static tw_session read_session(sqlite3_stmt *row, long long *number) {
    tw_session session = {.pid = sqlite3_column_int64(row, 2),
                          .start = sqlite3_column_int64(row, 3)};
    snprintf(session.host, sizeof session.host, "%s", (const char *)sqlite3_column_text(row, 0));
    snprintf(session.boot, sizeof session.boot, "%s", (const char *)sqlite3_column_text(row, 1));
    *number = sqlite3_column_int64(row, 4);
    return session;
}

static tw_status end_dead_sessions(tw_store *store) {
    tw_status status = TW_OK;
    sqlite3_stmt *sessions;
    bool row;
    TW_TRY(tw_sql_prepare(store, TW_SQL_SESSIONS, &sessions));
    TW_TRY(tw_sql_step(store, sessions, &row));
    while (row) {
        long long number;
        tw_session session = read_session(sessions, &number);
        if (number != store->session && !tw_session_is_alive(&session))
            TW_TRY(tw_store_end_session(store, number));
        TW_TRY(tw_sql_step(store, sessions, &row));
    }
cleanup:
    return status;
}

/* The row of this store, made when it is not there: at the first claim, and when another process
 * took this one for dead. A number never returns, so that nobody gives up the claims of another. */
static tw_status enter_session(tw_store *store, long long *session) {
    tw_status status = TW_OK;
    tw_session self = tw_session_self();
    sqlite3_stmt *statement;
    bool row;
    TW_TRY(tw_sql_prepare(store, TW_SQL_ADD_SESSION, &statement));
    if (store->session != 0) sqlite3_bind_int64(statement, 1, store->session);
    int code = sqlite3_bind_text(statement, 2, self.host, -1, SQLITE_TRANSIENT);
    if (code == SQLITE_OK) code = sqlite3_bind_text(statement, 3, self.boot, -1, SQLITE_TRANSIENT);
    if (code != SQLITE_OK) return tw_sql_fail(store, code);
    sqlite3_bind_int64(statement, 4, self.pid);
    sqlite3_bind_int64(statement, 5, self.start);
    TW_TRY(tw_sql_step(store, statement, &row));
    *session = store->session != 0 ? store->session : sqlite3_last_insert_rowid(store->db);
cleanup:
    return status;
}

/* ---- Claims ---- */

/* What a transaction has claimed so far. */
typedef struct harvest {
    size_t setting, most, count;
    size_t *indices;
    long long session;
} harvest;

static tw_status take_free(tw_store *store, harvest *h) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    const long long numbers[] = {(long long)h->setting, (long long)h->most};
    TW_TRY(tw_sql_bind(store, TW_SQL_FIND_FREE, &statement, 2, numbers));
    TW_TRY(tw_sql_step(store, statement, &row));
    while (row) {
        h->indices[h->count++] = (size_t)sqlite3_column_int64(statement, 0);
        TW_TRY(tw_sql_step(store, statement, &row));
    }
    for (size_t i = 0; i < h->count; i++) {
        const long long claim[] = {h->session, (long long)h->setting, (long long)h->indices[i]};
        TW_TRY(tw_sql_run(store, TW_SQL_TAKE_FREE, 3, claim));
    }
cleanup:
    return status;
}

static tw_status is_done(tw_store *store, long long setting, long long index, bool *done) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    TW_TRY(tw_sql_bind(store, TW_SQL_IS_DONE, &statement, 2, (long long[]){setting, index}));
    TW_TRY(tw_sql_step(store, statement, done));
    sqlite3_reset(statement);
cleanup:
    return status;
}

/* From `next` on; a restart may be finished without a claim. */
static tw_status take_new(tw_store *store, long long next, long long restarts, harvest *h) {
    tw_status status = TW_OK;
    const long long setting = (long long)h->setting;
    const long long first = next;
    for (; next < restarts && h->count < h->most; next++) {
        bool done;
        TW_TRY(is_done(store, setting, next, &done));
        if (done) continue;
        TW_TRY(tw_sql_run(store, TW_SQL_ADD_CLAIM, 3, (long long[]){h->session, setting, next}));
        h->indices[h->count++] = (size_t)next;
    }
    if (next > first) TW_TRY(tw_sql_run(store, TW_SQL_SET_NEXT, 2, (long long[]){next, setting}));
cleanup:
    return status;
}

static tw_status claim(tw_store *store, harvest *h) {
    tw_status status = TW_OK;
    long long setting[2] = {0};
    bool known;
    TW_TRY(tw_sql_look_up(store, TW_SQL_SETTING, (long long)h->setting, 2, setting, &known));
    if (!known) return tw_fail(TW_ERR_ARGUMENT, "has no setting %zu", h->setting);
    TW_TRY(end_dead_sessions(store));
    TW_TRY(enter_session(store, &h->session));
    TW_TRY(take_free(store, h));
    TW_TRY(take_new(store, setting[1], setting[0], h));
cleanup:
    return status;
}

tw_status tw_store_claim(tw_store *store, size_t setting, size_t most, size_t *indices,
                         size_t *count) {
    harvest h = {.setting = setting, .most = most, .indices = indices};
    tw_status status = tw_sql_run(store, TW_SQL_BEGIN, 0, NULL);
    if (status == TW_OK) status = tw_sql_end(store, claim(store, &h));
    if (status != TW_OK) return tw_store_end(store, status);
    store->session = h.session;
    *count = h.count;
    return TW_OK;
}

/* ---- A setting and what is being done about it ---- */

static tw_status count_claims(tw_store *store, size_t setting, size_t *claimed) {
    tw_status status = TW_OK;
    sqlite3_stmt *sessions;
    bool row;
    const long long number = (long long)setting;
    TW_TRY(tw_sql_bind(store, TW_SQL_COUNT_CLAIMS, &sessions, 1, &number));
    TW_TRY(tw_sql_step(store, sessions, &row));
    while (row) {
        long long who;
        tw_session session = read_session(sessions, &who);
        size_t claims = (size_t)sqlite3_column_int64(sessions, 5);
        if (claims > 0 && (who == store->session || tw_session_is_alive(&session)))
            *claimed += claims;
        TW_TRY(tw_sql_step(store, sessions, &row));
    }
cleanup:
    return status;
}

static tw_status copy_text(tw_store *store, size_t setting, char **text) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    const long long number = (long long)setting;
    TW_TRY(tw_sql_bind(store, TW_SQL_SETTING_TEXT, &statement, 1, &number));
    TW_TRY(tw_sql_step(store, statement, &row));
    if (!row) return tw_fail(TW_ERR_ARGUMENT, "has no setting %zu", setting);
    const char *found = (const char *)sqlite3_column_text(statement, 0);
    *text = found ? tw_copy_string(found) : NULL;
    sqlite3_reset(statement);
    if (!found) return tw_sql_fail(store, SQLITE_NOMEM);
    if (!*text) return TW_ERR_MEMORY;
cleanup:
    return status;
}

static tw_status read_setting(tw_store *store, size_t setting, tw_store_setting *read) {
    tw_status status = TW_OK;
    long long numbers[2] = {0}, done = 0;
    bool row;
    TW_TRY(copy_text(store, setting, &read->text));
    TW_TRY(tw_sql_look_up(store, TW_SQL_SETTING, (long long)setting, 2, numbers, &row));
    TW_TRY(tw_sql_look_up(store, TW_SQL_COUNT_DONE, (long long)setting, 1, &done, &row));
    TW_TRY(count_claims(store, setting, &read->claimed));
    read->restarts = (size_t)numbers[0];
    read->done = (size_t)done;
cleanup:
    return status;
}

tw_status tw_store_setting_read(tw_store *store, size_t setting, tw_store_setting *out) {
    tw_store_setting read = {0};
    tw_status status = tw_sql_run(store, TW_SQL_LOOK, 0, NULL); /* all at one moment */
    if (status == TW_OK) status = tw_sql_end(store, read_setting(store, setting, &read));
    if (status == TW_OK) {
        *out = read;
    } else {
        free(read.text);
    }
    return tw_store_end(store, status);
}
