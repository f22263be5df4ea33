/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The campaign store: what was put in comes out, and nobody gets what another works on. */
#include "support/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <thalweg/campaign/store.h>
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
    check_counts(first, 1, 10, 0, 0);
    tw_store_setting setting;
    assert_ok(tw_store_setting_read(first, 1, &setting));
    assert_string_equal(setting.text, "d=6");
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

/* The first of two equal restarts stands, and its end point with it. */
static void a_second_row_changes_nothing(void **state) {
    (void)state;
    const char *path = scratch_path("twice.db");
    tw_store *store = campaign_create(path, 2, settings, 10);
    sample first, second;
    size_t claimed[2], count;
    bool fresh;
    sample_init(&first, 0, 0, true);
    sample_init(&second, 1, 9, true);
    second.row.setting = second.row.index = 0;
    assert_ok(tw_store_claim(store, 0, 2, claimed, &count));
    check_counts(store, 0, 10, 0, 2);
    assert_ok(tw_store_finish(store, &first.row, &fresh));
    assert_true(fresh);
    check_counts(store, 0, 10, 1, 1);
    assert_ok(tw_store_finish(store, &second.row, &fresh));
    assert_false(fresh);
    check_counts(store, 0, 10, 1, 1);
    comparison seen = {.expected = &first, .with_points = true};
    assert_ok(tw_store_walk(store, 0, true, compare_row, &seen));
    assert_int_equal(seen.count, 1);
    tw_store_close(store);
    remove(path);
}

static void rows_that_no_plan_asks_for_are_refused(void **state) {
    (void)state;
    const char *path = scratch_path("range.db");
    tw_store *store = campaign_create(path, 2, settings, 10);
    size_t claimed[1], count = 77;
    bool fresh = false;
    sample s;
    sample_init(&s, 0, 10, false);
    assert_int_equal(tw_store_finish(store, &s.row, &fresh), TW_ERR_ARGUMENT);
    s.row.setting = 2;
    assert_int_equal(tw_store_finish(store, &s.row, &fresh), TW_ERR_ARGUMENT);
    assert_int_equal(tw_store_claim(store, 2, 1, claimed, &count), TW_ERR_ARGUMENT);
    assert_memory_equal(tw_last_error(), path, strlen(path));
    assert_true(!fresh && count == 77);
    check_counts(store, 0, 10, 0, 0);
    tw_store_close(store);
    remove(path);
}

typedef struct nest {
    tw_store *store;
    size_t depth, rows;
} nest;

static tw_status walk_within(void *self, const tw_store_row *row) {
    nest *n = self;
    n->rows++;
    if (n->depth == 1) return TW_OK;
    nest inner = {n->store, n->depth + 1, 0};
    tw_status status = tw_store_walk(n->store, row->setting, true, walk_within, &inner);
    n->rows += inner.rows;
    return status;
}

static tw_status stop_at_two(void *self, const tw_store_row *row) {
    (void)row;
    size_t *count = self;
    return ++*count == 2 ? tw_fail(TW_ERR_NUMERIC, "enough") : TW_OK;
}

/* Another version's file, or a damaged one: not an optimum, whatever else it says. */
static void an_unknown_ending_is_refused(void **state) {
    (void)state;
    const char *path = scratch_path("ending.db");
    tw_store *store = campaign_create(path, 1, settings, 3);
    sample s;
    size_t seen = 0, claimed[1], count;
    bool fresh;
    assert_ok(tw_store_claim(store, 0, 1, claimed, &count));
    sample_init(&s, 0, 0, false);
    assert_ok(tw_store_finish(store, &s.row, &fresh));
    assert_ok(tw_store_walk(store, 0, false, stop_at_two, &seen));
    check_query(path, "UPDATE restarts SET reason = 'vanished'", NULL);
    assert_int_equal(tw_store_walk(store, 0, false, stop_at_two, &seen), TW_ERR_FORMAT);
    assert_non_null(strstr(tw_last_error(), "ended by 'vanished', which is unknown"));
    assert_int_equal(seen, 1);
    tw_store_close(store);
    remove(path);
}

static void a_visitor_may_walk_and_may_stop(void **state) {
    (void)state;
    const char *path = scratch_path("visit.db");
    tw_store *store = campaign_create(path, 2, settings, 10);
    for (size_t i = 0; i < 3; i++) finish_sample(store, 0, i);
    nest n = {.store = store};
    assert_ok(tw_store_walk(store, 0, true, walk_within, &n));
    assert_int_equal(n.rows, 3 + 3 * 3);
    size_t count = 0;
    assert_int_equal(tw_store_walk(store, 0, false, stop_at_two, &count), TW_ERR_NUMERIC);
    assert_int_equal(count, 2);
    assert_string_equal(tw_last_error(), "enough");
    finish_sample(store, 0, 3); /* the walk that ended early stands in nobody's way */
    tw_store_close(store);
    remove(path);
}

/* ---- Classes ---- */

static void classes_are_replaced_as_a_whole(void **state) {
    (void)state;
    const char *path = scratch_path("classes.db");
    tw_store *store = campaign_create(path, 2, settings, 10);
    for (size_t i = 0; i < 3; i++) finish_sample(store, 1, 2 * i);
    const tw_store_class two[] = {{"dnc", 3, 0.25, 2, 0}, {"zero", 0, NAN, 1, 2}};
    const tw_store_class one[] = {{"blocks:8,2", 2, 0.5, 3, 0}};
    assert_ok(tw_store_set_classes(store, 1, 2, two, 3, (size_t[]){0, 1, 0}));
    check_query(path, "SELECT group_concat(idx || ':' || class) FROM restarts", "0:0,2:1,4:0");
    check_query(path,
                "SELECT group_concat(concat) FROM (SELECT setting || class || name || rank || "
                "coalesce(loss, '-') || count || first AS concat FROM classes)",
                "10dnc30.2520,11zero0-12");
    assert_ok(tw_store_set_classes(store, 1, 1, one, 3, (size_t[]){0, 0, 0}));
    check_query(path, "SELECT group_concat(name) FROM classes", "blocks:8,2");
    finish_sample(store, 1, 1);
    check_query(path, "SELECT group_concat(idx || ':' || coalesce(class, '-')) FROM restarts",
                "0:0,2:0,4:0,1:-");
    /* Made from what was there before: refused, and the old classes stay. */
    assert_int_equal(tw_store_set_classes(store, 1, 2, two, 3, (size_t[]){0, 1, 0}), TW_ERR_DATA);
    assert_int_equal(tw_store_set_classes(store, 1, 2, two, 4, (size_t[]){0, 1, 0, 2}),
                     TW_ERR_ARGUMENT);
    check_query(path, "SELECT group_concat(name) FROM classes", "blocks:8,2");
    assert_ok(tw_store_set_classes(store, 1, 2, two, 4, (size_t[]){0, 1, 1, 0}));
    check_query(path,
                "SELECT group_concat(idx || ':' || class, ' ') FROM (SELECT * FROM restarts "
                "ORDER BY idx)",
                "0:0 1:1 2:1 4:0");
    tw_store_close(store);
    remove(path);
}

/* ---- Claims ---- */

static void claims_go_out_in_order_and_once(void **state) {
    (void)state;
    const char *path = scratch_path("claims.db");
    tw_store *a = campaign_create(path, 2, settings, 10), *b;
    assert_ok(tw_store_open(path, TW_STORE_WRITE, &b));
    finish_sample(a, 0, 4); /* without a claim */
    check_claim(a, 0, 3, 3, (size_t[]){0, 1, 2});
    check_claim(b, 0, 3, 3, (size_t[]){3, 5, 6});
    check_claim(b, 1, 1, 1, (size_t[]){0});
    check_claim(a, 0, 0, 0, NULL);
    finish_sample(a, 0, 1);
    check_counts(b, 0, 10, 2, 5);
    tw_store_close(a); /* gives up 0 and 2 */
    check_counts(b, 0, 10, 2, 3);
    check_claim(b, 0, 3, 3, (size_t[]){0, 2, 7});
    check_claim(b, 0, 9, 2, (size_t[]){8, 9});
    check_claim(b, 0, 9, 0, NULL);
    check_counts(b, 0, 10, 2, 8);
    tw_store_close(b);
    assert_ok(tw_store_open(path, TW_STORE_WRITE, &a));
    check_claim(a, 0, 9, 8, (size_t[]){0, 2, 3, 5, 6, 7, 8, 9});
    tw_store_close(a);
    check_query(path, "SELECT count(*) FROM sessions", "0");
    remove(path);
}

/* Gives all claims of a campaign to a made-up session: a process of this machine with another
 * column changed. */
static void pretend(const char *path, const char *change) {
    char text[512];
    snprintf(text, sizeof text,
             "UPDATE sessions SET session = 99, %s; UPDATE claims SET session = 99", change);
    check_query(path, text, NULL);
}

static void claims_of_the_dead_are_taken_over(void **state) {
    (void)state;
    static const struct {
        const char *change;
        bool alive;
    } cases[] = {
        {"start = start", true},     {"start = start + 1", false},   {"start = 0", true},
        {"pid = 999999999", false},  {"pid = pid, start = 0", true}, {"pid = 1", false},
        {"boot = 'another'", false}, {"host = 'elsewhere'", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = scratch_path("dead.db");
        tw_store *a = campaign_create(path, 1, settings, 10), *b;
        assert_ok(tw_store_open(path, TW_STORE_WRITE, &b));
        check_claim(a, 0, 2, 2, (size_t[]){0, 1});
        pretend(path, cases[i].change);
        check_counts(b, 0, 10, 0, cases[i].alive ? 2 : 0);
        check_claim(b, 0, 2, 2, cases[i].alive ? (size_t[]){2, 3} : (size_t[]){0, 1});
        check_counts(b, 0, 10, 0, cases[i].alive ? 4 : 2);
        /* Whoever was taken for dead goes on with a session of its old number. */
        check_claim(a, 0, 1, 1, (size_t[]){cases[i].alive ? 4 : 2});
        finish_sample(a, 0, 0);
        tw_store_close(a);
        tw_store_close(b);
        remove(path);
    }
}

/* Of processes on other hosts nothing can be known, as long as others have the file open. */
static void whoever_has_the_file_alone_inherits_all(void **state) {
    (void)state;
    const char *path = scratch_path("alone.db");
    tw_store *a = campaign_create(path, 1, settings, 10), *b;
    check_claim(a, 0, 2, 2, (size_t[]){0, 1});
    pretend(path, "host = 'elsewhere'");
    assert_ok(tw_store_open(path, TW_STORE_WRITE, &b));
    check_counts(b, 0, 10, 0, 2);
    tw_store_close(b);
    tw_store_close(a);
    assert_ok(tw_store_open(path, TW_STORE_READ, &b)); /* who only looks frees nothing */
    check_counts(b, 0, 10, 0, 2);
    tw_store_close(b);
    assert_ok(tw_store_open(path, TW_STORE_WRITE, &b));
    check_counts(b, 0, 10, 0, 0);
    check_claim(b, 0, 2, 2, (size_t[]){0, 1});
    tw_store_close(b);
    remove(path);
}

static void the_library_has_a_version(void **state) {
    (void)state;
    assert_memory_equal(tw_store_library(), "SQLite 3.", 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_store_gets_its_plan_once),
        cmocka_unit_test(a_row_comes_back_bit_for_bit),
        cmocka_unit_test(a_second_row_changes_nothing),
        cmocka_unit_test(rows_that_no_plan_asks_for_are_refused),
        cmocka_unit_test(an_unknown_ending_is_refused),
        cmocka_unit_test(a_visitor_may_walk_and_may_stop),
        cmocka_unit_test(classes_are_replaced_as_a_whole),
        cmocka_unit_test(claims_go_out_in_order_and_once),
        cmocka_unit_test(claims_of_the_dead_are_taken_over),
        cmocka_unit_test(whoever_has_the_file_alone_inherits_all),
        cmocka_unit_test(the_library_has_a_version),
    };
    return cmocka_run_group_tests_name("store", tests, scratch_setup, scratch_teardown);
}
