/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals and nearest pairs on planted spectra, copy by copy, by every route. */
#include "conformance/interior_check.h"

static const double six[][2] = {{0, 66},     {.005, 96},  {.01, 78},
                                {.1646, 64}, {.6285, 10}, {.6585, 6}};

/* Bounds beside, between and on the values. */
static void every_interval_of_six_values_is_exact(void **state) {
    (void)state;
    const double bounds[] = {-.1, 0, .002, .005, .0075, .01, .05, .1646, .4, .6285, .64, .6585, .7};
    planted plan = planted_copies(6, six, 1);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    options.max_count = 320;
    for (size_t i = 0; i < 13; i++)
        for (size_t j = i; j < 13; j += 1 + (i + j) % 3)
            check_interval(&plan, bounds[i], bounds[j], &options);
    planted_free(&plan);
}

static void scales_change_no_count(void **state) {
    (void)state;
    const double scales[] = {1e-3, 1e6};
    for (size_t s = 0; s < 2; s++) {
        double rows[6][2];
        for (size_t r = 0; r < 6; r++) {
            rows[r][0] = six[r][0] * scales[s];
            rows[r][1] = six[r][1];
        }
        planted plan = planted_copies(6, rows, 2);
        tw_interior_options options = TW_INTERIOR_DEFAULTS;
        options.inertia_limit = 0;
        check_interval(&plan, .003 * scales[s], .007 * scales[s], &options);
        check_interval(&plan, .3 * scales[s], .64 * scales[s], &options);
        check_nearest(&plan, .1 * scales[s], 20, &options);
        planted_free(&plan);
    }
}

/* Second difference of order n: 2 - 2 cos(pi i/(n + 1)). */
static planted second_difference(size_t n) {
    double *values = calloc(n, sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = 2.0 - 2.0 * cos(acos(-1.0) * (double)(i + 1) / (double)(n + 1));
    planted plan = planted_make(n, values, 11);
    free(values);
    return plan;
}

static void distinct_values_come_by_the_filter(void **state) {
    (void)state;
    planted plan = second_difference(250);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    options.max_steps = 60;
    options.max_products = 1000000;
    const double intervals[][2] = {{1.9, 2.1}, {0.5, 0.6}, {3.2, 3.21}, {1.0, 1.002}, {.9, 1.3}};
    for (size_t i = 0; i < 5; i++) {
        const char *method = check_interval(&plan, intervals[i][0], intervals[i][1], &options);
        assert_string_equal(method, "filter");
    }
    check_interval(&plan, 0.0, 0.01, &options);
    check_interval(&plan, 3.9, 5.0, &options);
    assert_string_equal(check_nearest(&plan, 2.003, 7, &options), "filter");
    assert_string_equal(check_nearest(&plan, 0.7, 1, &options), "filter");
    planted_free(&plan);
}

/* A continuum with an eigenvalue of many copies, and close ones, inside. */
static void copies_in_a_continuum_are_exact(void **state) {
    (void)state;
    double values[190];
    for (size_t i = 0; i < 150; i++) values[i] = -1.0 + 2.0 * ((double)i + 0.5) / 150.0;
    for (size_t i = 150; i < 170; i++) values[i] = 0.25;
    for (size_t i = 170; i < 180; i++) values[i] = 0.25 + 1e-8;
    for (size_t i = 180; i < 190; i++) values[i] = -0.5 - 1e-10 * (double)(i - 180);
    planted plan = planted_make(190, values, 3);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    for (size_t steps = 0; steps <= 60; steps += 60) { /* filled space, filter */
        options.max_steps = steps;
        options.max_products = 1000000;
        check_interval(&plan, 0.249, 0.251, &options);
        check_interval(&plan, 0.25 + 5e-9, 0.2502, &options);
        check_nearest(&plan, 0.25 + 1e-8, 10, &options);
        check_nearest(&plan, -0.8, 4, &options);
        if (steps > 0) continue;
        check_interval(&plan, -0.51, -0.49, &options);
        check_interval(&plan, -0.5 - 4.5e-10, -0.499, &options);
    }
    planted_free(&plan);
}

static void intervals_that_cut_a_cluster_are_exact_or_say_so(void **state) {
    (void)state;
    double values[120];
    for (size_t i = 0; i < 40; i++) values[i] = 0.5 + 1e-10 * (double)i;
    for (size_t i = 40; i < 80; i++) values[i] = -1.0;
    for (size_t i = 80; i < 120; i++) values[i] = 1.0;
    planted plan = planted_make(120, values, 4);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    check_interval(&plan, 0.5 + 9.5e-10, 0.6, &options);
    check_interval(&plan, 0.4, 0.5 + 19.5e-10, &options);
    check_interval(&plan, 0.5 + 9.5e-10, 0.5 + 19.5e-10, &options);
    tw_linop A = planted_operator(&plan);
    tw_interior_result result;
    assert_ok(tw_spectrum_interval(&A, 0.5 + 12e-10 + 2.5e-11, 0.6, &options, &result));
    assert_int_equal(result.pairs.count, 27);
    assert_true(result.low_cut && !result.high_cut);
    tw_interior_result_clear(&result);
    planted_free(&plan);
}

static void empty_intervals_are_found_empty(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1), continuum = second_difference(300);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    check_interval(&plan, .006, .009, &options);
    check_interval(&plan, .2, .6, &options);
    check_interval(&plan, -2, -1, &options);
    check_interval(&plan, 1, 2, &options);
    check_interval(&plan, .3, .3, &options);
    double gap = continuum.values[150] + 0.3 * (continuum.values[151] - continuum.values[150]);
    check_interval(&continuum, gap, gap + 1e-4, &options);
    check_interval(&continuum, gap, gap, &options);
    planted_free(&plan);
    planted_free(&continuum);
}

static void nearest_pairs_are_exact(void **state) {
    (void)state;
    const double targets[] = {-1, 0, .0049, .005, .0075, .09, .164, .65, 2};
    const size_t counts[] = {1, 5, 66, 70, 100};
    const double indefinite[][2] = {{-.3, 4}, {-.01, 30}, {0, 120}, {.01, 30}, {.2, 50}};
    planted plan = planted_copies(6, six, 1), saddle = planted_copies(5, indefinite, 6);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    for (size_t t = 0; t < 9; t++)
        for (size_t c = t % 2; c < 5; c += 2) {
            check_nearest(&plan, targets[t], counts[c], &options);
            check_nearest(&saddle, targets[t], counts[c], &options);
        }
    planted_free(&plan);
    planted_free(&saddle);
}

/* The projector onto what is not planted as 0. */
static planted keeper(const planted *plan) {
    planted keep = *plan;
    keep.values = calloc(plan->n, sizeof(double));
    keep.u = calloc(plan->n, sizeof(double));
    for (size_t i = 0; i < plan->n; i++) {
        keep.values[i] = plan->values[i] != 0.0;
        keep.u[i] = plan->u[i];
    }
    return keep;
}

static void near_zero_means_what_symmetry_does_not_explain(void **state) {
    (void)state;
    const double rows[][2] = {{-.5, 2}, {-1e-4, 3}, {0, 200}, {2e-4, 2}, {.3, 40}, {1, 6}};
    planted plan = planted_copies(6, rows, 3), keep = keeper(&plan);
    tw_linop A = planted_operator(&plan), P = planted_operator(&keep);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    options.keep = &P;
    options.keep_rank = 53;
    tw_interior_result result;
    assert_ok(tw_spectrum_nearest(&A, 0.0, 5, &options, &result));
    assert_int_equal(result.reason, TW_INTERIOR_COMPLETE);
    assert_true(result.inertia_checked);
    for (size_t i = 0; i < 5; i++)
        assert_near(result.pairs.values[i], i < 3 ? -1e-4 : 2e-4, planted_rounding(&plan));
    assert_false(result.cluster_cut);
    tw_interior_result_clear(&result);
    assert_ok(tw_spectrum_interval(&A, -1e-3, 1e-4, &options, &result));
    assert_int_equal(result.reason, TW_INTERIOR_COMPLETE);
    assert_true(result.inertia_checked);
    assert_int_equal(result.inertia_count, 203);
    assert_int_equal(result.pairs.count, 3);
    tw_interior_result_clear(&result);
    planted_free(&plan);
    planted_free(&keep);
}

static void tiny_and_degenerate_operators_work(void **state) {
    (void)state;
    const double shapes[][3] = {{0, 0, 0}, {1, 1, 1}, {0, 0, -4}, {-2, 1e-3, 1e6}};
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    for (size_t s = 0; s < 4; s++)
        for (size_t n = 1; n <= 3; n++) {
            planted plan = planted_make(n, shapes[s], s);
            check_interval(&plan, -5, 5, &options);
            check_interval(&plan, .5, 1e7, &options);
            check_interval(&plan, -1, 0, &options);
            check_interval(&plan, -INFINITY, INFINITY, &options);
            check_interval(&plan, 7, INFINITY, &options);
            for (size_t k = 1; k <= 3; k++) check_nearest(&plan, .1, k, &options);
            planted_free(&plan);
        }
    const double zero[][2] = {{0, 300}}, one[][2] = {{1, 300}};
    planted nothing = planted_copies(1, zero, 1), identity = planted_copies(1, one, 1);
    options.max_count = 300;
    check_interval(&nothing, -1, 1, &options);
    check_interval(&nothing, .5, 1, &options);
    check_interval(&identity, .5, 2, &options);
    check_interval(&identity, -.5, .5, &options);
    check_nearest(&identity, 3, 10, &options);
    planted_free(&nothing);
    planted_free(&identity);
    tw_linop empty = {0, planted_apply, NULL};
    tw_interior_result result;
    assert_ok(tw_spectrum_interval(&empty, 0, 1, NULL, &result));
    assert_int_equal(result.pairs.count, 0);
    tw_interior_result_clear(&result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_interval_of_six_values_is_exact),
        cmocka_unit_test(scales_change_no_count),
        cmocka_unit_test(distinct_values_come_by_the_filter),
        cmocka_unit_test(copies_in_a_continuum_are_exact),
        cmocka_unit_test(intervals_that_cut_a_cluster_are_exact_or_say_so),
        cmocka_unit_test(empty_intervals_are_found_empty),
        cmocka_unit_test(nearest_pairs_are_exact),
        cmocka_unit_test(near_zero_means_what_symmetry_does_not_explain),
        cmocka_unit_test(tiny_and_degenerate_operators_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
