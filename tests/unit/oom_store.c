/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The campaign store when any one allocation fails, in the library or within SQLite: it is said,
 * nothing leaks, and what the store said it had done is done. */
#include "support/test.h"

#include <sqlite3.h>
#include <thalweg/campaign/store.h>

#include "support/campaign.h"
#include "support/oom.h"
#include "support/oom_sqlite.h"
#include "support/scratch.h"

/* ---- One life of a process ---- */

static const char *const settings[] = {"d=4", "d=6"};

typedef struct life {
    const char *path;
    size_t finished;
    sample row;
} life;

static tw_status count_row(void *self, const tw_store_row *row) {
    (void)row;
    ++*(size_t *)self;
    return TW_OK;
}

static tw_status work(tw_store *store, life *l) {
    tw_status status = TW_OK;
    const tw_store_class class = {"dnc", 3, 0.5, 1, 0};
    size_t claimed[2], count, rows = 0;
    bool fresh = false;
    TW_TRY(tw_store_claim(store, 1, 2, claimed, &count));
    sample_init(&l->row, 1, l->finished, true);
    TW_TRY(tw_store_finish(store, &l->row.row, &fresh));
    assert_true(fresh);
    l->finished++;
    TW_TRY(tw_store_walk(store, 0, true, count_row, &rows));
    assert_int_equal(rows, 1);
    TW_TRY(tw_store_set_classes(store, 0, 1, &class, 1, (size_t[]){0}));
    tw_store_setting setting;
    TW_TRY(tw_store_setting_read(store, 1, &setting));
    free(setting.text);
    assert_int_equal(setting.done, l->finished);
cleanup:
    return status;
}

static tw_status open_and_work(void *self) {
    life *l = self;
    tw_store *store = NULL;
    tw_status status = tw_store_open(l->path, TW_STORE_CREATE, &store);
    if (status == TW_OK) status = work(store, l);
    tw_store_close(store);
    assert_true(status == TW_OK || status == TW_ERR_MEMORY);
    return status;
}

static tw_status create_and_begin(void *self) {
    const char *path = self;
    tw_store *store = NULL;
    tw_status status = tw_store_open(path, TW_STORE_CREATE, &store);
    if (status == TW_OK) status = tw_store_begin(store, "plan", 2, settings, 5);
    tw_store_close(store);
    assert_true(status == TW_OK || status == TW_ERR_MEMORY || status == TW_ERR_DATA);
    if (status == TW_OK) remove(path);
    return status;
}

static void a_life_without_memory_loses_nothing(void **state) {
    (void)state;
    life l = {.path = scratch_path("life.db")};
    tw_store *store = campaign_create(l.path, 2, settings, 100000);
    finish_sample(store, 0, 0);
    tw_store_close(store);
    size_t allocations = oom_check_any_status(open_and_work, &l);
    assert_true(allocations > 100);
    check_query(l.path, "PRAGMA integrity_check", "ok");
    char expected[32];
    snprintf(expected, sizeof expected, "%zu", l.finished);
    check_query(l.path, "SELECT count(*) FROM restarts JOIN points USING (setting, idx)", expected);
    remove(l.path);
}

static void a_campaign_is_made_whole_or_not_at_all(void **state) {
    (void)state;
    char *path = (char *)scratch_path("made.db");
    assert_true(oom_check_any_status(create_and_begin, path) > 100);
    assert_int_equal(scratch_entries(), 0);
}

int main(void) {
    if (!oom_hook_sqlite()) return 99;
    if (sqlite3_initialize() != SQLITE_OK) return 99;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_without_memory_loses_nothing),
        cmocka_unit_test(a_campaign_is_made_whole_or_not_at_all),
    };
    return cmocka_run_group_tests_name("oom_store", tests, scratch_setup, scratch_teardown);
}
