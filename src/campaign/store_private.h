/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the campaign store share: its connection, its statements, its errors.
 *
 * A change is a transaction that takes the write lock at once (TW_SQL_BEGIN): one that only asks
 * for it after reading would be refused when another process wrote in between. */
#ifndef TW_STORE_PRIVATE_H
#define TW_STORE_PRIVATE_H

#include <sqlite3.h>
#include <stdint.h>
#include <thalweg/campaign/store.h>

/* Every statement but the schemas; their texts stand in src/campaign/statements.sql. */
typedef enum tw_sql {
    TW_SQL_BEGIN,
    TW_SQL_LOOK,
    TW_SQL_COMMIT,
    TW_SQL_IDENTITY,
    TW_SQL_PAGE_SIZE,
    TW_SQL_PLAN,
    TW_SQL_SET_PLAN,
    TW_SQL_ADD_SETTING,
    TW_SQL_COUNT_SETTINGS,
    TW_SQL_SETTING,
    TW_SQL_SETTING_TEXT,
    TW_SQL_COUNT_DONE,
    TW_SQL_IS_DONE,
    TW_SQL_COUNT_CLAIMS,
    TW_SQL_SESSIONS,
    TW_SQL_STRANGERS,
    TW_SQL_ADD_SESSION,
    TW_SQL_FREE_CLAIMS,
    TW_SQL_DROP_SESSION,
    TW_SQL_FIND_FREE,
    TW_SQL_TAKE_FREE,
    TW_SQL_ADD_CLAIM,
    TW_SQL_SET_NEXT,
    TW_SQL_DROP_CLAIM,
    TW_SQL_ADD_RESTART,
    TW_SQL_ADD_POINT,
    TW_SQL_WALK,
    TW_SQL_WALK_POINTS,
    TW_SQL_DROP_CLASSES,
    TW_SQL_ADD_CLASS,
    TW_SQL_LIST_DONE,
    TW_SQL_SET_CLASS,
    TW_SQL_FINDINGS_PLAN,
    TW_SQL_SET_FINDINGS_PLAN,
    TW_SQL_ADD_FINDING,
    TW_SQL_FINDINGS,
    TW_SQL_ADD_FINDING_START,
    TW_SQL_FINDING_STARTS,
    TW_SQL_COUNT
} tw_sql;

extern const char *const tw_asset_statements[];

/* The tables of either kind: src/campaign/campaign.sql, src/campaign/findings.sql. */
extern const char tw_asset_campaign_sql[], tw_asset_findings_sql[];

/* What a database is for: campaigns share their opening with other files of this floor. */
typedef struct tw_store_kind {
    const char *what; /* "campaign" */
    int application_id, version;
    bool shared; /* processes claim restarts of a plan in it */
    const char *schema;
} tw_store_kind;

extern const tw_store_kind tw_store_campaign, tw_store_findings;

struct tw_store {
    const tw_store_kind *kind;
    sqlite3 *db;
    char *path;                             /* as the caller gave it */
    char *plan;                             /* NULL: none yet */
    sqlite3_stmt *statements[TW_SQL_COUNT]; /* made when first used */
    long long session;                      /* row of `sessions`; 0: has claimed nothing yet */
};

/* tw_store_open for any kind; tw_store_close closes it. */
tw_status tw_store_open_kind(const char *path, tw_store_mode mode, const tw_store_kind *kind,
                             tw_store **store);

/* The sentence and the status for a result code of SQLite that is not a success. */
tw_status tw_sql_fail(const tw_store *store, int code);

/* A statement, ready for its arguments; it belongs to the store. */
tw_status tw_sql_prepare(tw_store *store, tw_sql which, sqlite3_stmt **statement);

/* Go on to the next row; *row: whether there is one. Without one the statement is reset. */
tw_status tw_sql_step(tw_store *store, sqlite3_stmt *statement, bool *row);

/* text: borrowed until the statement is stepped. */
tw_status tw_sql_bind_text(tw_store *store, sqlite3_stmt *statement, int place, const char *text);

/* By a statement that takes a plan and the version of the program. */
tw_status tw_sql_write_plan(tw_store *store, tw_sql which, const char *plan);

/* Prepare with `count` whole numbers as the first arguments. */
tw_status tw_sql_bind(tw_store *store, tw_sql which, sqlite3_stmt **statement, size_t count,
                      const long long *arguments);

/* The same, and carry it out. */
tw_status tw_sql_run(tw_store *store, tw_sql which, size_t count, const long long *arguments);

/* The same with one argument, for the first row: its `columns` whole numbers. *found: whether there
 * is a row. */
tw_status tw_sql_look_up(tw_store *store, tw_sql which, long long argument, size_t columns,
                         long long *numbers, bool *found);

/* Commit when `status` is TW_OK and return how that went, else undo all since TW_SQL_BEGIN and
 * return `status` with its sentence. */
tw_status tw_sql_end(tw_store *store, tw_status status);

/* Carry out statements that are not in the list. */
tw_status tw_sql_execute(tw_store *store, const char *text);

/* Put the store's path before the sentence of a failure. */
tw_status tw_store_end(const tw_store *store, tw_status status);

/* Free the claims of this store's session and end it, in a transaction of the caller. */
tw_status tw_store_end_session(tw_store *store, long long session);

/* Tables of a new campaign, unless another process has just made them. */
tw_status tw_store_make_schema(tw_store *store);

/* TW_OK when the file is a sound campaign of a version that is known here. *blank (out): it is a
 * file without anything in it, which is no failure then. */
tw_status tw_store_check_identity(tw_store *store, bool *blank);
tw_status tw_store_check_pages(tw_store *store);

#endif
