/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a campaign (docs/formats/campaign.md), and whether a file has those of its kind. */
#include "campaign/store_private.h"

#define TEXT_OF(number) #number
#define DIGITS_OF(number) TEXT_OF(number)

#define APPLICATION_ID 1415004993 /* "TWCA" in ASCII */
#define SCHEMA_VERSION 1

/* A blob of doubles is a whole number of them. The end points have a table of their own, so that
 * giving a restart its class does not write its end point again. */
static const char campaign_schema[] =
    "CREATE TABLE campaign ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  plan TEXT NOT NULL,"
    "  version TEXT NOT NULL"
    ") STRICT;"
    "CREATE TABLE settings ("
    "  setting INTEGER PRIMARY KEY,"
    "  restarts INTEGER NOT NULL CHECK (restarts >= 0),"
    "  text TEXT NOT NULL,"
    "  next INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE TABLE restarts ("
    "  setting INTEGER NOT NULL REFERENCES settings,"
    "  idx INTEGER NOT NULL CHECK (idx >= 0),"
    "  class INTEGER,"
    "  seed INTEGER NOT NULL,"
    "  reason TEXT NOT NULL,"
    "  loss REAL,"
    "  gradient_norm REAL,"
    "  slack REAL,"
    "  rank INTEGER NOT NULL,"
    "  negative INTEGER,"
    "  zero INTEGER,"
    "  steps INTEGER NOT NULL,"
    "  evaluations INTEGER NOT NULL,"
    "  products INTEGER NOT NULL,"
    "  time REAL,"
    "  seconds REAL,"
    "  singular_values BLOB NOT NULL CHECK (length(singular_values) % 8 = 0),"
    "  class_logits BLOB NOT NULL CHECK (length(class_logits) % 8 = 0),"
    "  PRIMARY KEY (setting, idx)"
    ") STRICT;"
    "CREATE TABLE points ("
    "  setting INTEGER NOT NULL,"
    "  idx INTEGER NOT NULL,"
    "  theta BLOB NOT NULL CHECK (length(theta) % 8 = 0),"
    "  PRIMARY KEY (setting, idx)"
    ") STRICT;"
    "CREATE TABLE classes ("
    "  setting INTEGER NOT NULL REFERENCES settings,"
    "  class INTEGER NOT NULL,"
    "  name TEXT NOT NULL,"
    "  rank INTEGER NOT NULL,"
    "  loss REAL,"
    "  count INTEGER NOT NULL,"
    "  first INTEGER NOT NULL,"
    "  PRIMARY KEY (setting, class)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE sessions ("
    "  session INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  host TEXT NOT NULL,"
    "  boot TEXT NOT NULL,"
    "  pid INTEGER NOT NULL,"
    "  start INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE claims ("
    "  setting INTEGER NOT NULL REFERENCES settings,"
    "  idx INTEGER NOT NULL,"
    "  session INTEGER REFERENCES sessions,"
    "  PRIMARY KEY (setting, idx)"
    ") STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = " DIGITS_OF(APPLICATION_ID) ";"
    "PRAGMA user_version = " DIGITS_OF(SCHEMA_VERSION) ";";

const tw_store_kind tw_store_campaign = {"campaign", APPLICATION_ID, SCHEMA_VERSION, true,
                                         campaign_schema};

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

tw_status tw_store_make_schema(tw_store *store) {
    tw_status status = TW_OK;
    bool blank;
    status = tw_sql_run(store, TW_SQL_BEGIN, 0, NULL);
    if (status != TW_OK) return status;
    TW_TRY(tw_store_check_identity(store, &blank));
    if (blank) TW_TRY(tw_sql_execute(store, store->kind->schema));
cleanup:
    return tw_sql_end(store, status);
}
