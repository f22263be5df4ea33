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

#define TW_RESTART_COLUMNS                                                                         \
    "r.setting, r.idx, seed, reason, loss, gradient_norm, slack, rank, negative, zero, steps, "    \
    "evaluations, products, time, seconds, singular_values, class_logits"

#define TW_FINDING_COLUMNS                                                                         \
    "name, verdict, doubt, loss, gradient_norm, norm, smallest, rank, negative, zero, symmetry, "  \
    "first, certified, rayleigh, rayleigh_lower, rayleigh_upper, gradient_upper, step, decrease, " \
    "theta, direction"

/* Every statement but the schema. Arguments are numbered in the order in which they are bound. */
#define TW_SQL_LIST(X)                                                                             \
    X(TW_SQL_BEGIN, "BEGIN IMMEDIATE")                                                             \
    X(TW_SQL_LOOK, "BEGIN")                                                                        \
    X(TW_SQL_COMMIT, "COMMIT")                                                                     \
    X(TW_SQL_IDENTITY,                                                                             \
      "SELECT (SELECT application_id FROM pragma_application_id), "                                \
      "(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)")      \
    X(TW_SQL_PAGE_SIZE, "SELECT page_size FROM pragma_page_size")                                  \
    X(TW_SQL_PLAN, "SELECT plan FROM campaign")                                                    \
    X(TW_SQL_SET_PLAN, "INSERT INTO campaign (id, plan, version) VALUES (1, ?, ?)")                \
    X(TW_SQL_ADD_SETTING, "INSERT INTO settings (setting, restarts, text) VALUES (?, ?, ?)")       \
    X(TW_SQL_COUNT_SETTINGS, "SELECT count(*) FROM settings")                                      \
    X(TW_SQL_SETTING, "SELECT restarts, next FROM settings WHERE setting = ?")                     \
    X(TW_SQL_SETTING_TEXT, "SELECT text FROM settings WHERE setting = ?")                          \
    X(TW_SQL_COUNT_DONE, "SELECT count(*) FROM restarts WHERE setting = ?")                        \
    X(TW_SQL_IS_DONE, "SELECT 1 FROM restarts WHERE setting = ? AND idx = ?")                      \
    X(TW_SQL_COUNT_CLAIMS,                                                                         \
      "SELECT host, boot, pid, start, session, "                                                   \
      "(SELECT count(*) FROM claims c WHERE c.setting = ? AND c.session = s.session) "             \
      "FROM sessions s")                                                                           \
    X(TW_SQL_SESSIONS, "SELECT host, boot, pid, start, session FROM sessions")                     \
    X(TW_SQL_STRANGERS, "SELECT 1 FROM sessions WHERE host <> ?")                                  \
    X(TW_SQL_ADD_SESSION,                                                                          \
      "INSERT OR IGNORE INTO sessions (session, host, boot, pid, start) VALUES (?, ?, ?, ?, ?)")   \
    X(TW_SQL_FREE_CLAIMS, "UPDATE claims SET session = NULL WHERE session = ?")                    \
    X(TW_SQL_DROP_SESSION, "DELETE FROM sessions WHERE session = ?")                               \
    X(TW_SQL_FIND_FREE,                                                                            \
      "SELECT idx FROM claims WHERE setting = ? AND session IS NULL ORDER BY idx LIMIT ?")         \
    X(TW_SQL_TAKE_FREE, "UPDATE claims SET session = ? WHERE setting = ? AND idx = ?")             \
    X(TW_SQL_ADD_CLAIM, "INSERT INTO claims (session, setting, idx) VALUES (?, ?, ?)")             \
    X(TW_SQL_SET_NEXT, "UPDATE settings SET next = ? WHERE setting = ?")                           \
    X(TW_SQL_DROP_CLAIM, "DELETE FROM claims WHERE setting = ? AND idx = ?")                       \
    X(TW_SQL_ADD_RESTART,                                                                          \
      "INSERT INTO restarts AS r (setting, idx, seed, reason, loss, gradient_norm, slack, rank, "  \
      "negative, zero, steps, evaluations, products, time, seconds, singular_values, "             \
      "class_logits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "                  \
      "ON CONFLICT (setting, idx) DO NOTHING")                                                     \
    X(TW_SQL_ADD_POINT, "INSERT INTO points (setting, idx, theta) VALUES (?, ?, ?)")               \
    X(TW_SQL_WALK,                                                                                 \
      "SELECT " TW_RESTART_COLUMNS " FROM restarts r WHERE r.setting = ? ORDER BY r.idx")          \
    X(TW_SQL_WALK_POINTS, "SELECT " TW_RESTART_COLUMNS                                             \
                          ", theta FROM restarts r "                                               \
                          "LEFT JOIN points p ON p.setting = r.setting AND p.idx = r.idx "         \
                          "WHERE r.setting = ? ORDER BY r.idx")                                    \
    X(TW_SQL_DROP_CLASSES, "DELETE FROM classes WHERE setting = ?")                                \
    X(TW_SQL_ADD_CLASS,                                                                            \
      "INSERT INTO classes (setting, class, rank, count, first, name, loss) "                      \
      "VALUES (?, ?, ?, ?, ?, ?, ?)")                                                              \
    X(TW_SQL_LIST_DONE, "SELECT idx FROM restarts WHERE setting = ? ORDER BY idx")                 \
    X(TW_SQL_SET_CLASS,                                                                            \
      "UPDATE restarts SET class = ?1 WHERE setting = ?2 AND idx = ?3 AND class IS NOT ?1")        \
    X(TW_SQL_FINDINGS_PLAN, "SELECT plan FROM search")                                             \
    X(TW_SQL_SET_FINDINGS_PLAN, "INSERT INTO search (id, plan, version) VALUES (1, ?, ?)")         \
    X(TW_SQL_ADD_FINDING,                                                                          \
      "INSERT INTO points (point, " TW_FINDING_COLUMNS                                             \
      ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")               \
    X(TW_SQL_FINDINGS,                                                                             \
      "SELECT " TW_FINDING_COLUMNS                                                                 \
      ", (SELECT count(*) FROM starts s WHERE s.point = p.point) FROM points p ORDER BY p.point")  \
    X(TW_SQL_ADD_FINDING_START,                                                                    \
      "INSERT INTO starts (idx, kind, method, reason, gradient_norm, iterations, point) VALUES "   \
      "(?, ?, ?, ?, ?, ?, ?)")                                                                     \
    X(TW_SQL_FINDING_STARTS,                                                                       \
      "SELECT idx, kind, method, reason, gradient_norm, iterations, point FROM starts ORDER BY "   \
      "idx")

typedef enum tw_sql {
#define TW_SQL_ENUM(name, text) name,
    TW_SQL_LIST(TW_SQL_ENUM)
#undef TW_SQL_ENUM
        TW_SQL_COUNT
} tw_sql;

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
