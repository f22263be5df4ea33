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
        for (size_t j = i; j < 13; j += 2 + (i + j) % 3)
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
    options.budget.products = 1000000;
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
    double values[150];
    for (size_t i = 0; i < 110; i++) values[i] = -1.0 + 2.0 * ((double)i + 0.5) / 110.0;
    for (size_t i = 110; i < 130; i++) values[i] = 0.25;
    for (size_t i = 130; i < 140; i++) values[i] = 0.25 + 1e-8;
    for (size_t i = 140; i < 150; i++) values[i] = -0.5 - 1e-10 * (double)(i - 140);
    planted plan = planted_make(150, values, 3);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    for (size_t steps = 0; steps <= 40; steps += 40) { /* filled space, filter */
        options.max_steps = steps;
        options.budget.products = 1000000;
        const char *method = check_interval(&plan, 0.249, 0.251, &options);
        assert_string_equal(method, steps ? "filter" : "krylov");
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
    options.within.keep = &P;
    options.within.removed = 200;
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
    options.within.removed = 213; /* the projector keeps 53, not 40 */
    assert_ok(tw_spectrum_interval(&A, -1e-3, 1e-3, &options, &result));
    assert_int_equal(result.reason, TW_INTERIOR_DISAGREES);
    assert_int_equal(result.inertia_count, 205);
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
    tw_linop empty = {.n = 0, .apply = planted_apply, .self = NULL};
    tw_interior_result result;
    assert_ok(tw_spectrum_interval(&empty, 0, 1, NULL, &result));
    assert_int_equal(result.pairs.count, 0);
    tw_interior_result_clear(&result);
}

/* What is listed is verified, and what is missing is told: at any budget, by every route. */
static void the_budget_is_kept(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1), continuum = second_difference(150);
    tw_linop A = planted_operator(&plan), B = planted_operator(&continuum);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    for (size_t budget = 0; budget < 4000; budget += 1 + budget / 3)
        for (size_t c = 0; c < 4; c++) {
            tw_interior_result result;
            planted *used = c < 2 ? &plan : &continuum;
            options.budget.products = budget;
            options.max_steps = c < 2 ? 0 : 30;
            used->products = 0;
            if (c % 2 == 0)
                assert_ok(tw_spectrum_interval(c ? &B : &A, c ? 2.0 : .003, c ? 2.5 : .007,
                                               &options, &result));
            else
                assert_ok(tw_spectrum_nearest(c == 1 ? &A : &B, c == 1 ? .2 : 1.7, 80, &options,
                                              &result));
            assert_int_equal(result.products, used->products);
            assert_true(result.products <= budget);
            if (result.reason != TW_INTERIOR_PRODUCTS)
                assert_int_equal(result.reason, TW_INTERIOR_COMPLETE);
            check_interior_vectors(used, &options, &result);
            if (result.reason == TW_INTERIOR_COMPLETE && c < 2)
                assert_int_equal(result.pairs.count, c ? 80 : 96);
            tw_interior_result_clear(&result);
        }
    planted_free(&plan);
    planted_free(&continuum);
}

static void more_pairs_than_allowed_are_told(void **state) {
    (void)state;
    const double bounds[][2] = {{-1, .002}, {.003, .007}, {.1, 1}};
    planted plan = planted_copies(6, six, 1), continuum = second_difference(150);
    tw_linop A = planted_operator(&plan), B = planted_operator(&continuum);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result result;
    options.max_count = 10;
    for (size_t i = 0; i < 3; i++) {
        assert_ok(tw_spectrum_interval(&A, bounds[i][0], bounds[i][1], &options, &result));
        assert_int_equal(result.reason, TW_INTERIOR_COUNT);
        assert_int_equal(result.pairs.count, 10);
        check_interior_vectors(&plan, &options, &result);
        tw_interior_result_clear(&result);
    }
    options.max_steps = 30;
    assert_ok(tw_spectrum_interval(&B, 1.0, 2.5, &options, &result));
    assert_int_equal(result.reason, TW_INTERIOR_COUNT);
    assert_true(result.pairs.count <= 10);
    check_interior_vectors(&continuum, &options, &result);
    tw_interior_result_clear(&result);
    planted_free(&plan);
    planted_free(&continuum);
}

static bool stop_after(void *self, const char *stage, double done, double total) {
    size_t *calls = self;
    (void)stage, (void)done, (void)total;
    return *calls == 0 || --*calls == 0;
}

static void the_monitor_ends_a_search(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1), continuum = second_difference(150);
    tw_linop A = planted_operator(&plan), B = planted_operator(&continuum);
    for (size_t stop = 1; stop < 90; stop += 11)
        for (size_t c = 0; c < 2; c++) {
            size_t calls = stop;
            tw_monitor monitor = {stop_after, &calls};
            tw_interior_options options = TW_INTERIOR_DEFAULTS;
            options.max_steps = c ? 30 : 0;
            options.budget.monitor = &monitor;
            tw_interior_result result;
            assert_ok(tw_spectrum_interval(c ? &B : &A, c ? 2.0 : .003, c ? 2.5 : .007, &options,
                                           &result));
            assert_int_equal(result.reason, TW_INTERIOR_CANCELLED);
            check_interior_vectors(c ? &continuum : &plan, &options, &result);
            tw_interior_result_clear(&result);
        }
    planted_free(&plan);
    planted_free(&continuum);
}

static void bad_products_are_errors_and_clear_the_result(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1), continuum = second_difference(150);
    for (size_t from = 1; from < 500; from += 1 + from / 2)
        for (size_t c = 0; c < 2; c++) {
            planted *used = c ? &continuum : &plan;
            tw_linop A = planted_operator(used);
            tw_interior_options options = TW_INTERIOR_DEFAULTS;
            tw_interior_result result;
            options.max_steps = c ? 30 : 0;
            used->products = 0;
            used->nan_from = from;
            assert_int_equal(tw_spectrum_interval(&A, .003, c ? .5 : .007, &options, &result),
                             TW_ERR_NUMERIC);
            assert_true(result.pairs.values == NULL && result.pairs.vectors == NULL);
            used->products = used->nan_from = 0;
            used->fail_from = from;
            assert_int_equal(tw_spectrum_nearest(&A, 0.2, 70, &options, &result), TW_ERR_DATA);
            assert_true(result.pairs.values == NULL);
            used->fail_from = 0;
        }
    planted_free(&plan);
    planted_free(&continuum);
}

static void an_impossible_tolerance_stalls(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result result;
    options.tolerance = 1e-30;
    for (size_t steps = 0; steps <= 4; steps += 4) {
        options.max_steps = steps;
        assert_ok(tw_spectrum_interval(&A, .003, .007, &options, &result));
        assert_int_equal(result.reason, TW_INTERIOR_STALLED);
        assert_int_equal(result.pairs.count, 0);
        tw_interior_result_clear(&result);
    }
    planted_free(&plan);
}

static void wrong_options_are_refused(void **state) {
    (void)state;
    const double values[] = {1, 2, 3};
    planted plan = planted_make(3, values, 1);
    tw_linop A = planted_operator(&plan), P = {.n = 2, .apply = planted_apply, .self = &plan};
    tw_interior_options wrong[8];
    tw_interior_result result;
    for (size_t i = 0; i < 8; i++) wrong[i] = TW_INTERIOR_DEFAULTS;
    wrong[0].max_count = 0;
    wrong[1].tolerance = 0.0;
    wrong[2].tolerance = (double)NAN;
    wrong[3].confirmations = 0;
    wrong[4].max_degree = 1;
    wrong[5].within.removed = 4;
    wrong[6].within.removed = 2; /* of what */
    wrong[7].within.keep = &P;
    for (size_t i = 0; i < 8; i++) {
        tw_status status = tw_spectrum_interval(&A, 0.0, 1.0, &wrong[i], &result);
        assert_int_equal(status, i == 7 ? TW_ERR_SHAPE : TW_ERR_ARGUMENT);
        assert_true(strlen(tw_last_error()) > 5);
    }
    assert_int_equal(tw_spectrum_interval(&A, 1, 0, NULL, &result), TW_ERR_ARGUMENT);
    assert_int_equal(tw_spectrum_interval(&A, (double)NAN, 0, NULL, &result), TW_ERR_ARGUMENT);
    assert_int_equal(tw_spectrum_nearest(&A, (double)NAN, 1, NULL, &result), TW_ERR_ARGUMENT);
    assert_int_equal(tw_spectrum_nearest(&A, 0, 0, NULL, &result), TW_ERR_ARGUMENT);
    assert_int_equal(tw_spectrum_nearest(&A, 0, 201, NULL, &result), TW_ERR_ARGUMENT);
    assert_int_equal(plan.products, 0);
    assert_string_equal(tw_interior_reason_name(TW_INTERIOR_DISAGREES), "disagrees");
    planted_free(&plan);
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
        cmocka_unit_test(the_budget_is_kept),
        cmocka_unit_test(more_pairs_than_allowed_are_told),
        cmocka_unit_test(the_monitor_ends_a_search),
        cmocka_unit_test(bad_products_are_errors_and_clear_the_result),
        cmocka_unit_test(an_impossible_tolerance_stalls),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
