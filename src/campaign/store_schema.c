/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the tables of a database's kind, and tells whether a file has them. */
#include "campaign/store_private.h"

#include <stdio.h>

#define APPLICATION_ID 1415004993 /* "TWCA" in ASCII */
#define SCHEMA_VERSION 1

const tw_store_kind tw_store_campaign = {"campaign", APPLICATION_ID, SCHEMA_VERSION, true,
                                         tw_asset_campaign_sql};

tw_status tw_store_check_identity(tw_store *store, bool *blank) {
    long long facts[3] = {0};
    bool found;
    tw_status status = tw_sql_look_up(store, TW_SQL_IDENTITY, 0, 3, facts, &found);
    if (status != TW_OK) return status;
    *blank = facts[0] == 0 && facts[1] == 0 && facts[2] == 0;
    if (*blank) return TW_OK;
    if (facts[0] != store->kind->application_id)
        return tw_fail(TW_ERR_FORMAT, "is an SQLite database, but no %s", store->kind->what);
    if (facts[1] > store->kind->version) {
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "was written by a newer version of thalweg: schema %lld, known is up to %d",
                       facts[1], store->kind->version);
    }
    if (facts[1] < 1) return tw_fail(TW_ERR_FORMAT, "is damaged: schema %lld", facts[1]);
    return TW_OK;
}

/* Index and pages of all tables, and the constraints above; not the numbers within. */
tw_status tw_store_check_pages(tw_store *store) {
    sqlite3_stmt *check = NULL;
    int code = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &check, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(check);
    const char *verdict = code == SQLITE_ROW ? (const char *)sqlite3_column_text(check, 0) : NULL;
    tw_status status = TW_OK;
    if (!verdict) {
        status = tw_sql_fail(store, code == SQLITE_ROW ? SQLITE_NOMEM : code);
    } else if (sqlite3_stricmp(verdict, "ok") != 0) {
        status = tw_fail(TW_ERR_FORMAT, "is damaged (%s)", verdict);
    }
    sqlite3_finalize(check);
    return status;
}

static tw_status make_tables(tw_store *store) {
    char identity[96];
    tw_status status = tw_sql_execute(store, store->kind->schema);
    if (status != TW_OK) return status;
    snprintf(identity, sizeof identity, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             store->kind->application_id, store->kind->version);
    return tw_sql_execute(store, identity);
}

tw_status tw_store_make_schema(tw_store *store) {
    tw_status status = TW_OK;
    bool blank;
    status = tw_sql_run(store, TW_SQL_BEGIN, 0, NULL);
    if (status != TW_OK) return status;
    TW_TRY(tw_store_check_identity(store, &blank));
    if (blank) TW_TRY(make_tables(store));
cleanup:
    return tw_sql_end(store, status);
}
