/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening, and what a campaign is about.
 *
 * The journal is a write-ahead log, synchronised when it is merged into the file and not at every
 * commit: a killed process loses nothing that was committed, because the system has it; a power cut
 * may lose the last few commits, each as a whole. */
#include <thalweg/campaign/store.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc_private.h"
#include "campaign/session_private.h"
#include "campaign/store_private.h"

enum { HEADER = 100 };                /* bytes: no database is shorter */
enum { PATIENCE = 60000, PAUSE = 1 }; /* milliseconds to wait for others, and between attempts */

static const char journal_suffix[] = "-wal";

/* ---- Opening ---- */

static tw_status check_target(const tw_store *store, tw_store_mode mode) {
    struct stat facts;
    if (stat(store->path, &facts) != 0) {
        if (errno == ENOENT && mode == TW_STORE_CREATE) return TW_OK;
        return tw_fail(TW_ERR_IO, "cannot be opened: %s", strerror(errno));
    }
    if (S_ISDIR(facts.st_mode)) return tw_fail(TW_ERR_IO, "is a directory");
    if (!S_ISREG(facts.st_mode)) return tw_fail(TW_ERR_IO, "is not a regular file");
    if (facts.st_size == 0 && mode != TW_STORE_CREATE)
        return tw_fail(TW_ERR_FORMAT, "is empty: no %s", store->kind->what);
    if (facts.st_size > 0 && facts.st_size < HEADER) /* SQLite takes one byte for none */
        return tw_fail(TW_ERR_FORMAT, "is no SQLite database: %d bytes", (int)facts.st_size);
    return TW_OK;
}

/* The path as a URI, which has no special names (":memory:") and takes a parameter. */
static char *uri_of(const char *path, const char *parameters) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    const char *start = path[0] == '/' ? "file://" : "file:./";
    size_t used = strlen(start);
    char *uri = tw_alloc(used + 3 * strlen(path) + strlen(parameters) + 1, 1);
    if (!uri) return NULL;
    strcpy(uri, start);
    for (; *path; path++) {
        if (strchr(plain, *path)) {
            uri[used++] = *path;
        } else {
            used += (size_t)sprintf(uri + used, "%%%02X", (unsigned)(unsigned char)*path);
        }
    }
    strcpy(uri + used, parameters);
    return uri;
}

static void take_a_pause(void) {
    const struct timespec pause = {.tv_nsec = PAUSE * 1000000L};
    nanosleep(&pause, NULL);
}

/* Others hold the file for well below a millisecond, or for the few that the disk takes. SQLite's
 * own handler waits ever longer: a process that once had bad luck would go on having it. */
static int wait_for_others(void *self, int times) {
    (void)self;
    if (times >= PATIENCE / PAUSE) return 0;
    take_a_pause();
    return 1;
}

/* A file of unknown origin may hold views and triggers; they stay asleep. */
static tw_status configure(tw_store *store) {
    static const struct {
        int option, value;
    } options[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                   {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                   {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                   {SQLITE_DBCONFIG_ENABLE_FKEY, 1}};
    int code = sqlite3_extended_result_codes(store->db, 1);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof options / sizeof *options; i++)
        code = sqlite3_db_config(store->db, options[i].option, options[i].value, (int *)NULL);
    if (code == SQLITE_OK) code = sqlite3_busy_handler(store->db, wait_for_others, NULL);
    return code == SQLITE_OK ? TW_OK : tw_sql_fail(store, code);
}

static void disconnect(tw_store *store) {
    for (size_t i = 0; i < TW_SQL_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    sqlite3_close_v2(store->db);
    store->db = NULL;
}

/* In place of the connection that there was, if any: SQLite makes one even where it fails.
 * Also for reading the file is opened for writing where that is allowed: only such a connection
 * takes away, when it is the last one, the files that SQLite lays beside the database. */
static tw_status connect(tw_store *store, tw_store_mode mode, const char *parameters) {
    disconnect(store);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    if (mode == TW_STORE_CREATE) flags |= SQLITE_OPEN_CREATE;
    char *uri = uri_of(store->path, parameters);
    if (!uri) return TW_ERR_MEMORY;
    int code = sqlite3_open_v2(uri, &store->db, flags, NULL);
    free(uri);
    if (code != SQLITE_OK) return tw_sql_fail(store, code);
    if (mode != TW_STORE_READ && sqlite3_db_readonly(store->db, "main") == 1)
        return tw_sql_fail(store, SQLITE_READONLY);
    return configure(store);
}

static tw_status switch_journal(tw_store *store, bool *is_busy) {
    sqlite3_stmt *statement = NULL;
    tw_status status = TW_OK;
    int code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    const char *mode = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    *is_busy = (code & 0xff) == SQLITE_BUSY;
    if (code != SQLITE_ROW) {
        status = tw_sql_fail(store, code);
    } else if (!mode || strcmp(mode, "wal") != 0) {
        status = tw_fail(TW_ERR_IO, "its file system has no memory that processes could share");
    }
    sqlite3_finalize(statement);
    return status;
}

/* Unlike all else, switching may be refused at once when another process does the same. */
static tw_status use_write_ahead_log(tw_store *store) {
    bool is_busy = false;
    tw_status status = switch_journal(store, &is_busy);
    for (int waited = 0; is_busy && waited < PATIENCE; waited += PAUSE) {
        take_a_pause();
        status = switch_journal(store, &is_busy);
    }
    return status == TW_OK ? tw_sql_execute(store, "PRAGMA synchronous = NORMAL") : status;
}

static bool has_journal(const tw_store *store) {
    struct stat facts;
    size_t room = strlen(store->path) + sizeof journal_suffix;
    char *name = malloc(room);
    if (!name) return true;
    snprintf(name, room, "%s%s", store->path, journal_suffix);
    bool has = stat(name, &facts) == 0 && facts.st_size > 0;
    free(name);
    return has;
}

/* SQLite reads zeros where the last page is cut short. While a log waits, nothing is certain. */
static tw_status check_size(tw_store *store) {
    struct stat facts;
    long long page = 0;
    bool row;
    if (has_journal(store) || stat(store->path, &facts) != 0) return TW_OK;
    tw_status status = tw_sql_look_up(store, TW_SQL_PAGE_SIZE, 0, 1, &page, &row);
    if (status != TW_OK || page < 1 || facts.st_size % page == 0) return status;
    return tw_fail(TW_ERR_FORMAT, "is damaged: %lld bytes are no whole number of pages of %lld",
                   (long long)facts.st_size, page);
}

/* In a folder that cannot be written there is no room for the files through which processes speak
 * to each other. Where no log waits to be merged the file is whole, and nobody can change it. */
static tw_status look(tw_store *store, bool *blank) {
    tw_status status = tw_store_check_identity(store, blank);
    int code = sqlite3_errcode(store->db);
    bool no_room = (code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY;
    if (status != TW_ERR_IO || !no_room || has_journal(store)) return status;
    status = connect(store, TW_STORE_READ, "?immutable=1");
    return status == TW_OK ? tw_store_check_identity(store, blank) : status;
}

/* Whether a process of another host claimed something here: one of another container perhaps, or of
 * this host before it was given a new name, or before the file was copied to it. */
static tw_status find_strangers(tw_store *store, bool *found) {
    tw_session here = tw_session_self();
    sqlite3_stmt *statement;
    tw_status status = tw_sql_prepare(store, TW_SQL_STRANGERS, &statement);
    if (status != TW_OK) return status;
    int code = sqlite3_bind_text(statement, 1, here.host, -1, SQLITE_TRANSIENT);
    if (code != SQLITE_OK) return tw_sql_fail(store, code);
    status = tw_sql_step(store, statement, found);
    sqlite3_reset(statement);
    return status;
}

/* Nobody can ask whether these still live. But every connection holds a lock on the file, and the
 * system drops it with the process. So where the file can be had alone, even for reading, all
 * sessions are dead; where not, nothing happens. */
static void end_sessions_if_alone(tw_store *store) {
    if (connect(store, TW_STORE_WRITE, "") != TW_OK) return;
    sqlite3_busy_handler(store->db, NULL, NULL);
    sqlite3_exec(store->db,
                 "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;"
                 "UPDATE claims SET session = NULL; DELETE FROM sessions; COMMIT",
                 NULL, NULL, NULL);
}

static tw_status end_strangers(tw_store *store) {
    bool found = false;
    tw_status status = find_strangers(store, &found);
    if (status != TW_OK || !found) return status;
    disconnect(store);
    end_sessions_if_alone(store);
    return connect(store, TW_STORE_WRITE, "");
}

/* A copy of the plan, if there is one by now. */
static tw_status load_plan(tw_store *store) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    if (store->plan) return TW_OK;
    TW_TRY(tw_sql_prepare(store, TW_SQL_PLAN, &statement));
    TW_TRY(tw_sql_step(store, statement, &row));
    if (!row) return TW_OK;
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    store->plan = text ? tw_copy_string(text) : NULL;
    sqlite3_reset(statement);
    if (!text) return tw_sql_fail(store, SQLITE_NOMEM);
    if (!store->plan) return TW_ERR_MEMORY;
cleanup:
    return status;
}

static tw_status open_store(tw_store *store, tw_store_mode mode) {
    tw_status status = TW_OK;
    bool blank;
    TW_TRY(check_target(store, mode));
    TW_TRY(connect(store, mode, ""));
    TW_TRY(mode == TW_STORE_READ ? look(store, &blank) : tw_store_check_identity(store, &blank));
    if (blank) {
        if (mode != TW_STORE_CREATE)
            return tw_fail(TW_ERR_FORMAT, "is empty: no %s", store->kind->what);
        TW_TRY(tw_store_make_schema(store));
    }
    TW_TRY(check_size(store));
    TW_TRY(tw_store_check_pages(store));
    if (mode != TW_STORE_READ && store->kind->shared) TW_TRY(end_strangers(store));
    TW_TRY(mode == TW_STORE_READ ? tw_sql_execute(store, "PRAGMA query_only = 1")
                                 : use_write_ahead_log(store));
    if (store->kind->shared) TW_TRY(load_plan(store));
cleanup:
    return status;
}

tw_status tw_store_open_kind(const char *path, tw_store_mode mode, const tw_store_kind *kind,
                             tw_store **store) {
    tw_store *opened;
    if (TW_NEW(opened, 1) != TW_OK) return TW_ERR_MEMORY;
    opened->kind = kind;
    opened->path = tw_copy_string(path);
    if (!opened->path) {
        free(opened);
        return TW_ERR_MEMORY;
    }
    tw_status status = tw_store_end(opened, open_store(opened, mode));
    if (status == TW_OK) {
        *store = opened;
    } else {
        tw_store_close(opened);
    }
    return status;
}

tw_status tw_store_open(const char *path, tw_store_mode mode, tw_store **store) {
    return tw_store_open_kind(path, mode, &tw_store_campaign, store);
}

/* What cannot be given up now is taken over by others once this process is gone. */
/* As far as the database lets it: what failed before is what the caller will want to say. */
static void give_up_claims(tw_store *store) {
    char sentence[1024];
    if (store->session == 0) return;
    snprintf(sentence, sizeof sentence, "%s", tw_last_error());
    if (tw_sql_run(store, TW_SQL_BEGIN, 0, NULL) == TW_OK)
        tw_sql_end(store, tw_store_end_session(store, store->session));
    tw_fail(TW_ERR_IO, "%s", sentence);
}

tw_status tw_store_release(tw_store *store) {
    if (store->session == 0) return TW_OK;
    tw_status status = tw_sql_run(store, TW_SQL_BEGIN, 0, NULL);
    if (status == TW_OK) status = tw_sql_end(store, tw_store_end_session(store, store->session));
    if (status == TW_OK) store->session = 0;
    return tw_store_end(store, status);
}

void tw_store_close(tw_store *store) {
    if (!store) return;
    give_up_claims(store);
    disconnect(store);
    free(store->plan);
    free(store->path);
    free(store);
}

/* ---- Plan and settings ---- */

const char *tw_store_plan(const tw_store *store) {
    return store->plan;
}

static tw_status write_setting(tw_store *store, size_t setting, size_t restarts, const char *text) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    const long long numbers[] = {(long long)setting, (long long)restarts};
    TW_TRY(tw_sql_bind(store, TW_SQL_ADD_SETTING, &statement, 2, numbers));
    TW_TRY(tw_sql_bind_text(store, statement, 3, text));
    TW_TRY(tw_sql_step(store, statement, &row));
cleanup:
    return status;
}

tw_status tw_store_begin(tw_store *store, const char *plan, size_t count,
                         const char *const *settings, size_t restarts) {
    tw_status status = tw_sql_run(store, TW_SQL_BEGIN, 0, NULL);
    char *copy = NULL;
    if (status != TW_OK) return tw_store_end(store, status);
    TW_TRY(load_plan(store));
    if (store->plan) TW_TRY(tw_fail(TW_ERR_DATA, "has a plan already"));
    copy = tw_copy_string(plan);
    if (!copy) TW_TRY(TW_ERR_MEMORY);
    TW_TRY(tw_sql_write_plan(store, TW_SQL_SET_PLAN, plan));
    for (size_t i = 0; i < count; i++) TW_TRY(write_setting(store, i, restarts, settings[i]));
cleanup:
    status = tw_sql_end(store, status);
    if (status != TW_OK) {
        free(copy);
        return tw_store_end(store, status);
    }
    store->plan = copy;
    return TW_OK;
}

tw_status tw_store_setting_count(tw_store *store, size_t *count) {
    long long found = 0;
    bool row;
    tw_status status = tw_sql_look_up(store, TW_SQL_COUNT_SETTINGS, 0, 1, &found, &row);
    if (status == TW_OK) *count = (size_t)found;
    return tw_store_end(store, status);
}
