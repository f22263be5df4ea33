/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of distinct eigenvalues: both routes to them, their ends, and levels that are known. */
#include <thalweg/spectrum/listing.h>

#include "conformance/planted.h"
#include "support/test.h"

static const double four[][2] = {{-1.0, 3}, {0.0, 20}, {0.5, 10}, {2.0, 7}};

static void assert_level(const tw_level *level, double value, uint64_t copies, bool cut) {
    assert_near(level->value, value, 1e-12);
    assert_int_equal(level->copies, copies);
    assert_int_equal(level->cut, cut);
    assert_true(level->residual < 1e-10 && !level->exact && level->label == NULL);
}

static void the_whole_spectrum_is_dense(void **state) {
    (void)state;
    planted plan = planted_copies(4, four, 5);
    tw_linop A = planted_operator(&plan);
    tw_listing s = {0};
    assert_ok(tw_listing_find(&A, NULL, &s));
    assert_int_equal(s.levels.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_level(&s.levels.rows[i], four[i][0], (uint64_t)four[i][1], false);
    assert_true(s.converged && s.gap == 0 && s.parameters == 40);
    assert_string_equal(s.method, "dense");
    assert_string_equal(s.reason, "all");
    tw_listing_clear(&s);
    tw_listing_options how = TW_LISTING_DEFAULTS;
    how.budget.dense_limit = 39;
    assert_int_equal(tw_listing_find(&A, &how, &s), TW_ERR_UNSUPPORTED);
    assert_non_null(strstr(tw_last_error(), "order 40 is above the limit 39"));
    assert_int_equal(s.levels.count, 0);
    planted_free(&plan);
}

/* 5 from below and 9 from above: 0 is cut at 2 of 20, 0.5 at 2 of 10. */
static void both_routes_list_the_same_ends(void **state) {
    (void)state;
    for (int dense = 0; dense < 2; dense++) {
        planted plan = planted_copies(4, four, 5);
        tw_linop A = planted_operator(&plan);
        tw_listing_options how = TW_LISTING_DEFAULTS;
        tw_listing s = {0};
        how.dense = dense;
        how.smallest = 5;
        how.largest = 9;
        assert_ok(tw_listing_find(&A, &how, &s));
        assert_true(s.converged && s.levels.count == 4 && s.gap == 2);
        assert_level(&s.levels.rows[0], -1.0, 3, false);
        assert_level(&s.levels.rows[1], 0.0, 2, true);
        assert_level(&s.levels.rows[2], 0.5, 2, true);
        assert_level(&s.levels.rows[3], 2.0, 7, false);
        assert_string_equal(s.method, dense ? "dense" : "lanczos");
        tw_cost cost;
        tw_listing_cost(A.n, &how, &cost);
        assert_true(cost.products <= (double)s.products && s.products > 0);
        assert_true((double)s.products <= cost.products_most);
        assert_int_equal(cost.flops > 0.0, dense);
        tw_listing_clear(&s);
        planted_free(&plan);
    }
}

/* Both ends together are one search. */
static void costs_are_those_of_the_searches(void **state) {
    (void)state;
    tw_listing_options how = TW_LISTING_DEFAULTS;
    tw_search_options search = TW_SEARCH_DEFAULTS;
    tw_cost cost, low, high, whole;
    how.smallest = search.count = 5;
    tw_search_cost(40, &search, &low);
    how.largest = search.count = 9;
    tw_search_cost(40, &search, &high);
    tw_listing_cost(40, &how, &cost);
    assert_near(cost.products, low.products + high.products, 1e-12);
    assert_near(cost.bytes, fmax(low.bytes, high.bytes), 1e-12);
    search.count = 40;
    tw_search_cost(40, &search, &whole);
    how.smallest = how.largest = 20;
    tw_listing_cost(40, &how, &cost);
    assert_near(cost.products, whole.products, 1e-12);
    assert_near(cost.bytes, whole.bytes, 1e-12);
}

/* A search that ended early: every multiplicity is a lower bound. */
static void what_was_not_finished_is_doubted(void **state) {
    (void)state;
    planted plan = planted_copies(4, four, 5);
    tw_linop A = planted_operator(&plan);
    tw_listing_options how = TW_LISTING_DEFAULTS;
    tw_listing s = {0};
    how.largest = 20;
    how.budget.products = 30;
    assert_ok(tw_listing_find(&A, &how, &s));
    assert_false(s.converged);
    assert_string_equal(s.reason, "products");
    for (size_t i = 0; i < s.levels.count; i++) assert_true(s.levels.rows[i].cut);
    tw_listing_clear(&s);
    planted_free(&plan);
}

static void known_levels_are_cut_to_their_ends(void **state) {
    (void)state;
    tw_levels known = {0};
    tw_zero_rule zero = {.threshold = 1e-12};
    tw_listing s = {0};
    for (size_t i = 0; i < 4; i++)
        assert_ok(tw_levels_add(&known, four[i][0], (uint64_t)four[i][1], i % 2 ? "odd" : "even"));
    assert_ok(tw_listing_take(&known, &zero, 5, 9, &s));
    assert_true(s.levels.count == 4 && s.gap == 2 && s.counted && s.norm == 2.0);
    for (size_t i = 0; i < 4; i++) assert_true(s.levels.rows[i].exact);
    assert_true(s.levels.rows[1].copies == 2 && s.levels.rows[1].cut);
    assert_true(s.levels.rows[2].copies == 2 && s.levels.rows[2].cut);
    assert_false(s.levels.rows[0].cut || s.levels.rows[3].cut);
    tw_listing_clear(&s);
    assert_ok(tw_listing_take(&known, &zero, 30, 30, &s)); /* both ends are everything */
    assert_int_equal(tw_levels_total(&s.levels), 40);
    assert_int_equal(s.gap, 0);
    tw_listing_clear(&s);
    tw_levels_clear(&known);
}

static void names_come_from_levels_that_coincide(void **state) {
    (void)state;
    planted plan = planted_copies(4, four, 5);
    tw_linop A = planted_operator(&plan);
    tw_levels known = {0};
    tw_listing s = {0};
    assert_ok(tw_levels_add(&known, 0.5, 4, "few"));
    assert_ok(tw_levels_add(&known, 0.5 + 1e-12, 6, "most"));
    assert_ok(tw_levels_add(&known, 0.6, 9, "elsewhere"));
    assert_ok(tw_listing_find(&A, NULL, &s));
    tw_listing_label(&s, &known, &s.zero);
    assert_string_equal(s.levels.rows[2].label, "most");
    for (size_t i = 0; i < 4; i++)
        if (i != 2) assert_null(s.levels.rows[i].label);
    tw_listing_clear(&s);
    tw_levels_clear(&known);
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_spectrum_is_dense),
        cmocka_unit_test(both_routes_list_the_same_ends),
        cmocka_unit_test(costs_are_those_of_the_searches),
        cmocka_unit_test(what_was_not_finished_is_doubted),
        cmocka_unit_test(known_levels_are_cut_to_their_ends),
        cmocka_unit_test(names_come_from_levels_that_coincide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
