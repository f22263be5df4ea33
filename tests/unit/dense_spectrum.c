/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dense route on planted spectra. */
#include "support/test.h"

#include <thalweg/base/monitor.h>
#include <thalweg/spectrum/levels.h>
#include <thalweg/spectrum/spectrum.h>

#include "conformance/planted.h"

/* Errors of the assembled matrix and of dsyevd: a small multiple of n eps ||A||. */
static double rounding(const planted *plan) {
    return 4.0 * ((double)plan->n + 10.0) * DBL_EPSILON * planted_norm(plan);
}

static void check_dense(planted *plan, size_t block) {
    tw_dense_result result;
    tw_linop A = planted_operator(plan);
    tw_dense_options options = TW_DENSE_DEFAULTS;
    options.block = block;
    plan->products = 0;
    assert_ok(tw_spectrum_dense(&A, &options, &result));
    assert_int_equal(result.pairs.count, plan->n);
    assert_null(result.pairs.vectors);
    assert_int_equal(result.products, 2 * plan->n);
    assert_int_equal(plan->products, 2 * plan->n);
    assert_true(result.asymmetry <= rounding(plan));
    assert_true(fabs(result.norm - planted_norm(plan)) <= rounding(plan));
    for (size_t i = 0; i < plan->n; i++) {
        assert_true(fabs(result.pairs.values[i] - plan->values[i]) <= rounding(plan));
        assert_true(result.pairs.residuals[i] <= rounding(plan));
    }
    tw_dense_result_clear(&result);
    tw_dense_result_clear(&result);
}

static const double six[][2] = {{0, 66},     {.005, 96},  {.01, 78},
                                {.1646, 64}, {.6285, 10}, {.6585, 6}};

static void six_values_come_out_with_their_copies(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    check_dense(&plan, 64);
    check_dense(&plan, 7);
    tw_linop A = planted_operator(&plan);
    tw_dense_result result;
    tw_level clusters[320];
    size_t found = 0;
    assert_ok(tw_spectrum_dense(&A, NULL, &result));
    tw_clusters_find(320, result.pairs.values, result.pairs.residuals, 1e-10 * result.norm, NULL,
                     clusters, &found);
    assert_int_equal(found, 6);
    for (size_t i = 0; i < found; i++) assert_int_equal(clusters[i].copies, six[i][1]);
    tw_dense_result_clear(&result);
    planted_free(&plan);
}

static void tiny_and_degenerate_operators_work(void **state) {
    (void)state;
    const double shapes[][3] = {{0, 0, 0}, {1, 1, 1}, {0, 0, -4}, {-2, 1e-3, 1e6}};
    for (size_t s = 0; s < 4; s++)
        for (size_t n = 1; n <= 3; n++) {
            planted plan = planted_make(n, shapes[s], s);
            check_dense(&plan, 64);
            planted_free(&plan);
        }
    tw_linop empty = {.n = 0, .apply = planted_apply, .self = NULL};
    tw_dense_result result;
    assert_ok(tw_spectrum_dense(&empty, NULL, &result));
    assert_int_equal(result.pairs.count, 0);
}

static void vectors_are_returned_on_request(void **state) {
    (void)state;
    const double values[] = {3.0, -1.0, 3.0, 0.5, 0.0};
    planted plan = planted_make(5, values, 4);
    tw_linop A = planted_operator(&plan);
    tw_dense_options options = TW_DENSE_DEFAULTS;
    options.keep_vectors = true;
    tw_dense_result result;
    assert_ok(tw_spectrum_dense(&A, &options, &result));
    double image[5];
    for (size_t j = 0; j < 5; j++) {
        const double *v = result.pairs.vectors + 5 * j;
        planted_apply(&plan, 1, v, 5, image, 5);
        for (size_t i = 0; i < 5; i++)
            assert_true(fabs(image[i] - result.pairs.values[j] * v[i]) <= rounding(&plan));
    }
    tw_dense_result_clear(&result);
    planted_free(&plan);
}

/* [[0, 1], [0, 0]]: not symmetric by 1. */
static tw_status shear(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy) {
    (void)self;
    for (size_t j = 0; j < k; j++) {
        Y[j * ldy] = X[1 + j * ldx];
        Y[1 + j * ldy] = 0.0;
    }
    return TW_OK;
}

static void asymmetry_is_reported_and_seen_in_the_residuals(void **state) {
    (void)state;
    tw_linop A = {.n = 2, .apply = shear, .self = NULL};
    tw_dense_result result;
    assert_ok(tw_spectrum_dense(&A, NULL, &result));
    assert_true(result.asymmetry == 1.0);
    assert_true(result.pairs.residuals[0] > 0.4);
    tw_dense_result_clear(&result);
}

static void bad_products_are_errors_and_clear_the_result(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    tw_dense_options options = TW_DENSE_DEFAULTS;
    tw_dense_result result;
    for (size_t from = 1; from <= 640; from += 213) {
        plan.products = 0;
        plan.nan_from = from;
        assert_int_equal(tw_spectrum_dense(&A, &options, &result), TW_ERR_NUMERIC);
        assert_true(result.pairs.values == NULL && result.products == 0);
        plan.nan_from = 0;
        plan.products = 0;
        plan.fail_from = from;
        assert_int_equal(tw_spectrum_dense(&A, &options, &result), TW_ERR_DATA);
        plan.fail_from = 0;
    }
    options.block = 0;
    assert_int_equal(tw_spectrum_dense(&A, &options, &result), TW_ERR_ARGUMENT);
    planted_free(&plan);
}

/* Ends the computation at the `calls`-th report. */
static bool stop_at(void *self, const char *stage, double done, double total) {
    size_t *calls = self;
    assert_non_null(stage);
    assert_true(done >= 0.0 && done <= total);
    return --*calls == 0;
}

static void the_monitor_can_end_every_stage(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    for (size_t stop = 1; stop <= 11; stop += 5) {
        size_t calls = stop;
        plan.products = 0;
        tw_monitor monitor = {stop_at, &calls};
        tw_dense_options options = TW_DENSE_DEFAULTS;
        options.monitor = &monitor;
        tw_dense_result result;
        assert_ok(tw_spectrum_dense(&A, &options, &result));
        assert_true(result.cancelled && result.pairs.values == NULL);
        assert_int_equal(result.products, plan.products);
        tw_dense_result_clear(&result);
    }
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_values_come_out_with_their_copies),
        cmocka_unit_test(tiny_and_degenerate_operators_work),
        cmocka_unit_test(vectors_are_returned_on_request),
        cmocka_unit_test(asymmetry_is_reported_and_seen_in_the_residuals),
        cmocka_unit_test(bad_products_are_errors_and_clear_the_result),
        cmocka_unit_test(the_monitor_can_end_every_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
