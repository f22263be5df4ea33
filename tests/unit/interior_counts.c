/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of interior searches: by inertia, and by the plan where pairs are too many to be listed.
 */
#include "conformance/interior_check.h"

static const double six[][2] = {{0, 66},     {.005, 96},  {.01, 78},
                                {.1646, 64}, {.6285, 10}, {.6585, 6}};

enum { SEEDS = 8, EVEN = 400 };

/* 400 values evenly between 0 and 1, and their number in [low, high]. */
static planted even(void) {
    double values[EVEN];
    for (size_t i = 0; i < EVEN; i++) values[i] = ((double)i + 0.5) / EVEN;
    return planted_make(EVEN, values, 5);
}

/* The count by inertia takes in the farthest cluster, unless that is cut. */
static void inertia_counts_the_whole_list(void **state) {
    (void)state;
    const size_t counts[][2] = {{5, 0}, {66, 66}, {70, 66}, {162, 162}, {239, 162}, {240, 240}};
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    options.max_count = 320;
    for (size_t i = 0; i < 6; i++) {
        tw_interior_result result;
        assert_ok(tw_spectrum_nearest(&A, 0.0, counts[i][0], &options, &result));
        assert_int_equal(result.reason, TW_INTERIOR_COMPLETE);
        assert_int_equal(result.inertia_checked, counts[i][1] > 0);
        assert_int_equal(result.inertia_count, counts[i][1]);
        assert_int_equal(result.inertia_listed, counts[i][1]);
        if (counts[i][1]) assert_true(result.inertia_margin >= 1.0);
        assert_true(isnan(result.expected));
        tw_interior_result_clear(&result);
    }
    planted_free(&plan);
}

/* A bound from below, with the scatter of one random vector, but not a useless one. */
static void assert_expected(const tw_interior_result *result, double truth) {
    double scatter = 4.0 * result->expected_error;
    if (!(result->expected <= truth + scatter && result->expected >= 0.5 * truth - scatter))
        fail_msg("%g +- %g expected of %g", result->expected, result->expected_error, truth);
}

/* Foreseen after the plan alone; the inertia still counts them. */
static void too_many_pairs_are_foreseen(void **state) {
    (void)state;
    planted plan = even();
    tw_linop A = planted_operator(&plan);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    options.max_steps = 60;
    options.max_count = 20;
    for (options.budget.seed = 1; options.budget.seed <= SEEDS; options.budget.seed++) {
        tw_interior_result result;
        plan.products = 0;
        assert_ok(tw_spectrum_interval(&A, 0.3, 0.7, &options, &result));
        assert_int_equal(result.reason, TW_INTERIOR_COUNT);
        assert_int_equal(result.pairs.count, 0);
        assert_int_equal(result.products, plan.products);
        assert_true(result.products <= options.max_steps + EVEN);
        assert_expected(&result, 160.0);
        assert_true(result.inertia_checked);
        assert_int_equal(result.inertia_count, 160);
        tw_interior_result_clear(&result);
    }
    planted_free(&plan);
}

/* Two products a pair are the least. */
static void a_budget_that_cannot_do_is_not_spent(void **state) {
    (void)state;
    planted plan = even();
    tw_linop A = planted_operator(&plan);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result result;
    options.max_steps = 60;
    options.budget.products = 150;
    options.max_count = EVEN;
    assert_ok(tw_spectrum_interval(&A, 0.3, 0.7, &options, &result));
    assert_int_equal(result.reason, TW_INTERIOR_PRODUCTS);
    assert_true(result.products <= options.max_steps);
    assert_expected(&result, 160.0);
    tw_interior_result_clear(&result);
    planted_free(&plan);
}

/* `inner` distinct values within 5e-5 of zero, which no filter tells apart, among 400; others on
 * either side. */
static planted cloud(size_t inner) {
    double values[EVEN];
    for (size_t i = 0; i < EVEN; i++) {
        double outer = 0.1 + 0.9 * (double)i / EVEN;
        values[i] = i < inner ? 1e-4 * ((double)i + 0.3 - 0.5 * (double)inner) / (double)inner
                              : (i % 2 ? outer : -outer);
    }
    return planted_make(EVEN, values, 7);
}

static void a_cloud_about_the_target_ends_the_search(void **state) {
    (void)state;
    planted plan = cloud(200);
    tw_linop A = planted_operator(&plan);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    options.max_steps = 60;
    options.max_count = 50;
    options.inertia_limit = 0;
    for (options.budget.seed = 1; options.budget.seed <= SEEDS; options.budget.seed++) {
        tw_interior_result result;
        assert_ok(tw_spectrum_nearest(&A, 0.0, 4, &options, &result));
        assert_int_equal(result.reason, TW_INTERIOR_COUNT);
        assert_true(result.products < 40000);
        assert_expected(&result, 200.0);
        assert_true(result.expected_reach < 0.1);
        tw_interior_result_clear(&result);
    }
    planted_free(&plan);
}

/* A few of them can be found together, and told apart by A itself. */
static void a_small_cloud_is_searched_through(void **state) {
    (void)state;
    planted plan = cloud(20);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    options.max_steps = 60;
    check_nearest(&plan, 0.0, 4, &options);
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inertia_counts_the_whole_list),
        cmocka_unit_test(too_many_pairs_are_foreseen),
        cmocka_unit_test(a_budget_that_cannot_do_is_not_spent),
        cmocka_unit_test(a_cloud_about_the_target_ends_the_search),
        cmocka_unit_test(a_small_cloud_is_searched_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
