/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace, Frobenius norm and log-determinant of planted operators, by both routes. */
#include <thalweg/spectrum/trace.h>

#include "support/estimates.h"

static tw_trace_options by_probes(void) {
    tw_trace_options options = TW_TRACE_DEFAULTS;
    options.budget.dense_limit = 0;
    return options;
}

typedef struct truth {
    double trace, square, log_det, zeros;
} truth;

static truth truth_of(const planted *plan) {
    truth t = {0};
    for (size_t i = 0; i < plan->n; i++) {
        double value = plan->values[i];
        t.trace += value;
        t.square += value * value;
        if (value != 0.0)
            t.log_det += log(fabs(value));
        else
            t.zeros += 1.0;
    }
    return t;
}

/* Standard errors that a truth may be away: Student's t with 15 degrees of freedom goes further
 * once in 6000 times. */
#define FAR 5.0

/* Estimate and check every claim; `known` zero modes are deflated. */
static tw_trace_result estimate(planted *plan, const tw_trace_options *options, double known) {
    tw_trace_result r;
    tw_linop A = planted_operator(plan);
    truth t = truth_of(plan);
    double n = (double)plan->n, norm = planted_norm(plan);
    double rounding = n * (n + 10.0) * DBL_EPSILON;
    plan->products = 0;
    assert_ok(tw_trace_estimate(&A, options, &r));
    assert_int_equal(r.reason, TW_ESTIMATE_COMPLETE);
    assert_int_equal(r.products, plan->products);
    check_interval(&r.trace, t.trace, FAR, rounding * norm);
    check_interval(&r.frobenius_squared, t.square, FAR, rounding * norm * norm);
    check_interval(&r.frobenius, sqrt(t.square), FAR, rounding * norm);
    check_interval(&r.zero_modes, t.zeros - known, FAR, 1e-12 * n);
    double smallest = r.smallest_nonzero;
    check_interval(&r.log_det, t.log_det, FAR, isnan(smallest) ? 0.0 : rounding * norm / smallest);
    assert_true(r.largest_zero <= r.zero.threshold && r.zero.threshold <= 1.1e-8 * norm);
    return r;
}

/* Both routes; few values close the Krylov space, so few_steps has nothing to say. */
static void check_copies(size_t rows, const double (*row)[2]) {
    planted plan = planted_copies(rows, row, rows);
    for (size_t limit = 0; limit <= 6000; limit += 6000) {
        tw_trace_options options = TW_TRACE_DEFAULTS;
        options.budget.dense_limit = limit;
        tw_trace_result r = estimate(&plan, &options, 0.0);
        assert_true(r.trace.exact || limit == 0);
        assert_true(r.few_steps == 0.0);
        if (r.zero_modes.exact) assert_false(signbit(r.zero_modes.value)); /* 0, not -0 */
        if (limit == 0) assert_int_equal(r.closed, options.probes);
    }
    planted_free(&plan);
}

static void few_values(void **state) {
    (void)state;
    const double rank_one[][2] = {{0, 199}, {3, 1}}, down[][2] = {{-2, 1}, {0, 199}};
    const double indefinite[][2] = {{-1, 20}, {-1e-3, 30}, {0, 40}, {2e-3, 7}, {1, 3}};
    check_copies(2, rank_one);
    check_copies(2, down);
    const double regular[][2] = {{-1, 20}, {1, 30}};
    check_copies(5, indefinite);
    check_copies(2, regular);
    check_copies(SIX_VALUES, six_values);
}

/* Constant on the whole space: no variance, and the interval is no wider than rounding. */
static void one_value_costs_nothing(void **state) {
    (void)state;
    const double rows[][2] = {{1, 300}, {0, 70}, {-7, 250}};
    for (size_t i = 0; i < 3; i++) {
        planted plan = planted_copies(1, &rows[i], 1);
        truth t = truth_of(&plan);
        double norm = planted_norm(&plan), n = (double)plan.n;
        tw_trace_options options = by_probes();
        tw_trace_result r = estimate(&plan, &options, 0.0);
        assert_true(r.trace.high - r.trace.low <= 1e-12 * n * norm);
        assert_true(r.trace.low <= t.trace && t.trace <= r.trace.high);
        assert_true(r.log_det.high - r.log_det.low <= 1e-12 * n);
        assert_true(r.log_det.low <= t.log_det && t.log_det <= r.log_det.high);
        planted_free(&plan);
    }
}

/* A sketch that spans the space leaves nothing to chance. */
static void tiny_orders_are_exact(void **state) {
    (void)state;
    const double rows[][2] = {{-1, 1}, {0.5, 1}, {2, 1}, {3, 5}};
    check_copies(1, rows);
    for (size_t rows_used = 1; rows_used <= 4; rows_used++) {
        planted plan = planted_copies(rows_used, rows, 1);
        tw_trace_options options = by_probes();
        tw_trace_result r = estimate(&plan, &options, 0.0);
        assert_true(r.trace.exact && r.frobenius.exact && r.trace.error == 0.0);
        assert_int_equal(r.sketch, plan.n);
        assert_int_equal(r.probes, 0);
        planted_free(&plan);
    }
}

/* What the sketch holds does not add to the error: a few huge values beside a small bulk. */
static void the_sketch_takes_the_largest_part(void **state) {
    (void)state;
    enum { N = 500 };
    double values[N];
    for (size_t i = 0; i < N; i++) values[i] = i < 5 ? 1e3 * (double)(i + 1) : 1e-3 * (double)i;
    planted plan = planted_make(N, values, 1);
    tw_trace_options options = by_probes();
    options.steps = 0;
    tw_trace_result r;
    tw_linop A = planted_operator(&plan);
    assert_ok(tw_trace_estimate(&A, &options, &r));
    check_interval(&r.trace, truth_of(&plan).trace, FAR, 1e-7);
    assert_true(r.trace.error < 3.0); /* without it the 5 values alone give 7e3 / sqrt(8) */
    assert_true(isnan(r.log_det.value) && r.log_det_probes == 0);
    assert_int_equal(r.products, 3 * options.probes);
    planted_free(&plan);
}

static void scaling_scales(void **state) {
    (void)state;
    const double scales[] = {1e-12, 1e-3, 1.0, 1e6, 1e12};
    double relative = 0.0;
    for (size_t s = 0; s < 5; s++) {
        planted plan = six_make(scales[s]);
        tw_trace_options options = by_probes();
        tw_trace_result r = estimate(&plan, &options, 0.0);
        if (s > 0) assert_near(r.trace.error / r.trace.value, relative, 1e-9);
        relative = r.trace.error / r.trace.value;
        planted_free(&plan);
    }
}

static void a_known_null_space_is_deflated(void **state) {
    (void)state;
    const size_t known[] = {0, 40, SIX_ZEROS};
    double error = INFINITY;
    for (size_t i = 0; i < 3; i++) {
        planted plan = six_make(1.0), keep_plan = keep_make(SIX_ORDER, known[i], SIX_SEED);
        tw_linop keep = planted_operator(&keep_plan);
        tw_trace_options options = by_probes();
        options.probes = 64;
        options.within.keep = &keep;
        options.within.removed = known[i];
        tw_trace_result r = estimate(&plan, &options, (double)known[i]);
        assert_int_equal(r.null_dimension, known[i]);
        assert_true(r.zero_modes.exact == (known[i] == SIX_ZEROS));
        if (known[i] > 0) assert_true(r.null_residual < 1e-14);
        assert_true(r.log_det.error < error);
        error = r.log_det.error;
        planted_free(&keep_plan);
        planted_free(&plan);
    }
}

static void a_wrong_projector_is_found_out(void **state) {
    (void)state;
    planted plan = six_make(1.0), keep_plan = keep_make(SIX_ORDER, SIX_ZEROS + 1, SIX_SEED);
    tw_linop A = planted_operator(&plan), keep = planted_operator(&keep_plan);
    tw_trace_options options = by_probes();
    tw_trace_result r;
    options.within.keep = &keep;
    options.within.removed = SIX_ZEROS + 1;
    assert_int_equal(tw_trace_estimate(&A, &options, &r), TW_ERR_DATA);
    assert_non_null(strstr(tw_last_error(), "not null"));
    options.budget.dense_limit =
        6000; /* the dense route counts: one zero mode fewer than claimed */
    assert_ok(tw_trace_estimate(&A, &options, &r));
    assert_near(r.zero_modes.value, -1.0, 0.0);
    planted_free(&keep_plan);
    planted_free(&plan);
}

/* Six decades without a gap: few steps are biased by more than the statistical error, and the
 * interval says so. */
static void too_few_steps_widen_the_interval(void **state) {
    (void)state;
    enum { N = 400 };
    double values[N], before = INFINITY;
    for (size_t i = 0; i < N; i++) values[i] = pow(10.0, -6.0 * (double)i / (N - 1));
    planted plan = planted_make(N, values, 1);
    tw_linop A = planted_operator(&plan);
    double log_det = truth_of(&plan).log_det;
    for (size_t steps = 40; steps <= 320; steps *= 2) {
        tw_trace_options options = by_probes();
        tw_trace_result r;
        options.steps = steps;
        assert_ok(tw_trace_estimate(&A, &options, &r));
        assert_true(r.log_det.low <= log_det && log_det <= r.log_det.high);
        assert_true(r.few_steps < before);
        assert_true(steps > 40 || fabs(r.log_det.value - log_det) > 5.0 * r.log_det.error);
        before = r.few_steps;
        assert_int_equal(r.closed, 0);
    }
    planted_free(&plan);
}

static void budgets_are_kept(void **state) {
    (void)state;
    planted plan = six_make(1.0);
    tw_linop A = planted_operator(&plan);
    tw_trace_options options = by_probes();
    options.probes = 5;
    for (size_t budget = 0; budget <= 60; budget++) {
        tw_trace_result r;
        options.budget.products = budget;
        plan.products = 0;
        assert_ok(tw_trace_estimate(&A, &options, &r));
        assert_int_equal(r.products, plan.products);
        assert_true(r.products <= budget);
        assert_int_equal(r.reason, budget < 45 ? TW_ESTIMATE_PRODUCTS : TW_ESTIMATE_COMPLETE);
        assert_true(isnan(r.trace.value) == (budget == 0));
        if (r.probes >= 2) check_interval(&r.trace, truth_of(&plan).trace, FAR, 1.0);
        if (r.probes == 1) assert_true(isnan(r.trace.error) && isinf(r.trace.high));
        if (budget >= 45) assert_int_equal(r.log_det_probes, 5);
    }
    planted_free(&plan);
}

static void a_monitor_can_stop_it(void **state) {
    (void)state;
    planted plan = six_make(1.0);
    tw_linop A = planted_operator(&plan);
    for (size_t limit = 1; limit <= 8; limit++) {
        stopper stop = {.limit = limit};
        const tw_monitor monitor = {stopper_report, &stop};
        tw_trace_options options = by_probes();
        tw_trace_result r;
        options.budget.monitor = &monitor;
        assert_ok(tw_trace_estimate(&A, &options, &r));
        assert_int_equal(r.reason, TW_ESTIMATE_CANCELLED);
        assert_int_equal(stop.calls, limit);
        assert_true(isnan(r.trace.value) == (limit < 3));
        assert_true(isnan(r.log_det.value));
    }
    planted_free(&plan);
}

static void failing_operators_are_reported(void **state) {
    (void)state;
    planted plan = six_make(1.0);
    tw_linop A = planted_operator(&plan);
    tw_trace_options options = by_probes();
    tw_trace_result r;
    for (size_t at = 1; at <= 100; at += 11) {
        plan.products = 0;
        plan.nan_from = at;
        assert_int_equal(tw_trace_estimate(&A, &options, &r), TW_ERR_NUMERIC);
        assert_non_null(strstr(tw_last_error(), "not finite"));
        plan.products = plan.nan_from = 0;
        plan.fail_from = at;
        assert_int_equal(tw_trace_estimate(&A, &options, &r), TW_ERR_DATA);
        plan.fail_from = 0;
    }
    planted_free(&plan);
}

static void wrong_options_are_refused(void **state) {
    (void)state;
    planted plan = six_make(1.0), small = keep_make(10, 1, 1);
    tw_linop A = planted_operator(&plan), keep = planted_operator(&small), empty = A;
    const tw_trace_options good = by_probes();
    tw_trace_options bad[5] = {good, good, good, good, good};
    tw_trace_result r;
    bad[0].probes = 1;
    bad[1].zero.told = -1.0;
    bad[2].zero.told = (double)NAN;
    bad[3].within.removed = SIX_ORDER + 1;
    bad[4].steps = 1;
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(tw_trace_estimate(&A, &bad[i], &r), TW_ERR_ARGUMENT);
    bad[0] = good;
    bad[0].within.keep = &keep;
    assert_int_equal(tw_trace_estimate(&A, &bad[0], &r), TW_ERR_SHAPE);
    empty.n = 0;
    assert_int_equal(tw_trace_estimate(&empty, &good, &r), TW_ERR_ARGUMENT);
    planted_free(&small);
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_values),
        cmocka_unit_test(one_value_costs_nothing),
        cmocka_unit_test(tiny_orders_are_exact),
        cmocka_unit_test(the_sketch_takes_the_largest_part),
        cmocka_unit_test(scaling_scales),
        cmocka_unit_test(a_known_null_space_is_deflated),
        cmocka_unit_test(a_wrong_projector_is_found_out),
        cmocka_unit_test(too_few_steps_widen_the_interval),
        cmocka_unit_test(budgets_are_kept),
        cmocka_unit_test(a_monitor_can_stop_it),
        cmocka_unit_test(failing_operators_are_reported),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
