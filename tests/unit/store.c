/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The campaign store: what was put in comes out, and nobody gets what another works on. */
#include "support/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <thalweg/random.h>
#include <thalweg/store.h>
#include <unistd.h>

#include "support/campaign.h"
#include "support/scratch.h"

static const char *const settings[] = {"d=4", "d=6"};

/* ---- Rows ---- */

static void a_fresh_store_gets_its_plan_once(void **state) {
    (void)state;
    const char *path = scratch_path("plan.db");
    tw_store *first, *second;
    size_t count;
    assert_ok(tw_store_open(path, TW_STORE_CREATE, &first));
    assert_ok(tw_store_open(path, TW_STORE_CREATE, &second));
    assert_null(tw_store_plan(first));
    assert_ok(tw_store_begin(first, "the plan", 2, settings, 10));
    assert_int_equal(tw_store_begin(second, "another", 1, settings, 3), TW_ERR_DATA);
    assert_string_equal(tw_store_plan(first), "the plan");
    assert_string_equal(tw_store_plan(second), "the plan");
    assert_int_equal(tw_store_begin(first, "a third", 1, settings, 3), TW_ERR_DATA);
    assert_ok(tw_store_setting_count(second, &count));
    assert_int_equal(count, 2);
    tw_store_close(first);
    tw_store_close(second);
    tw_store_close(NULL);
    assert_ok(tw_store_open(path, TW_STORE_READ, &first));
    assert_string_equal(tw_store_plan(first), "the plan");
    tw_store_setting setting;
    assert_ok(tw_store_setting_read(first, 1, &setting));
    assert_string_equal(setting.text, "d=6");
    assert_true(setting.restarts == 10 && setting.done == 0 && setting.claimed == 0);
    free(setting.text);
    assert_int_equal(tw_store_setting_read(first, 2, &setting), TW_ERR_ARGUMENT);
    tw_store_close(first);
    assert_int_equal(scratch_entries(), 1); /* nothing is left beside the file */
    remove(path);
}

static void a_row_comes_back_bit_for_bit(void **state) {
    (void)state;
    const char *path = scratch_path("rows.db");
    tw_store *store = campaign_create(path, 2, settings, 10);
    sample kept[4];
    for (size_t i = 0; i < 4; i++) {
        sample_init(&kept[i], 1, 3 * i, i % 2 == 1);
        bool fresh = false;
        assert_ok(tw_store_finish(store, &kept[i].row, &fresh));
        assert_true(fresh);
    }
    tw_store_close(store);
    assert_ok(tw_store_open(path, TW_STORE_READ, &store));
    comparison seen = {.expected = kept, .with_points = true};
    assert_ok(tw_store_walk(store, 1, true, compare_row, &seen));
    assert_int_equal(seen.count, 4);
    seen = (comparison){.expected = kept, .with_points = false};
    assert_ok(tw_store_walk(store, 1, false, compare_row, &seen));
    assert_int_equal(seen.count, 4);
    seen = (comparison){0};
    assert_ok(tw_store_walk(store, 0, true, compare_row, &seen));
    assert_int_equal(seen.count, 0);
    tw_store_close(store);
    remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_store_gets_its_plan_once),
        cmocka_unit_test(a_row_comes_back_bit_for_bit),
    };
    return cmocka_run_group_tests_name("store", tests, scratch_setup, scratch_teardown);
}
