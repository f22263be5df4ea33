/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trust-region Newton on functions whose critical points are known. */
#include "support/test.h"

#include <thalweg/training/newton.h>

#include "support/ring.h"
#include "support/valley.h"

static const double curvatures[4] = {0.01, 0.5, 1.0, 3.0};
static const double scales[3] = {1e-3, 1.0, 1e6};

static void crosses_a_curved_valley(void **state) {
    (void)state;
    tw_objective objective = {.n = 2, .eval = valley_eval, .hessian = valley_hessian};
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result result;
    double x[2] = {-1.2, 1.0};
    assert_ok(tw_newton(&objective, &options, x, &result));
    assert_int_equal(result.reason, TW_NEWTON_CONVERGED);
    assert_near(x[0], 1.0, 1e-10);
    assert_near(x[1], 1.0, 1e-10);
    assert_true(result.gradient_norm <= result.threshold && result.iterations < 60);
    assert_near(result.value_before, 24.2, 1e-12);
    assert_near(result.moved, hypot(2.2, 0.0), 1e-9);
}

/* From beside the circle to the circle, at every scale of the loss: the same steps, and no drift
 * along the flat direction. */
static void reaches_a_degenerate_minimum_without_drifting(void **state) {
    (void)state;
    size_t iterations = 0;
    for (size_t i = 0; i < 3; i++) {
        ring r = {.n = 6, .scale = scales[i], .c = curvatures};
        tw_objective objective = ring_objective(&r);
        tw_newton_options options = TW_NEWTON_DEFAULTS;
        tw_newton_result result;
        double x[6] = {1.02 * cos(0.7), 1.02 * sin(0.7), 0.01, -0.02, 0.03, -0.01};
        assert_ok(tw_newton(&objective, &options, x, &result));
        assert_int_equal(result.reason, TW_NEWTON_CONVERGED);
        assert_near(hypot(x[0], x[1]), 1.0, 1e-12);
        assert_near(atan2(x[1], x[0]), 0.7, 1e-10);
        assert_true(result.products == r.products);
        if (i == 0) iterations = result.iterations;
        assert_int_equal(result.iterations, iterations);
    }
}

static void leaves_a_saddle_by_negative_curvature(void **state) {
    (void)state;
    ring r = {.n = 6, .scale = 1.0, .c = curvatures};
    tw_objective objective = ring_objective(&r);
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result result;
    double x[6] = {1e-3, 0.0, 0.1, 0.1, 0.1, 0.1};
    assert_ok(tw_newton(&objective, &options, x, &result));
    assert_int_equal(result.reason, TW_NEWTON_CONVERGED);
    assert_true(result.negative_curvature > 0);
    assert_near(fabs(x[0]), 1.0, 1e-10);
}

static void a_critical_start_is_left_where_it_is(void **state) {
    (void)state;
    ring r = {.n = 6, .scale = 1.0, .c = curvatures};
    tw_objective objective = ring_objective(&r);
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result result;
    double x[6] = {0}; /* a saddle: polishing must not push it off */
    assert_ok(tw_newton(&objective, &options, x, &result));
    assert_int_equal(result.reason, TW_NEWTON_CONVERGED);
    assert_true(result.iterations == 0 && result.moved == 0.0);
}

/* Started so near a saddle's stable manifold that it arrives: the steps past the threshold, which
 * could find the way down, must not leave a point of large gradient that is said to be critical. */
static void a_saddle_that_was_reached_is_kept(void **state) {
    (void)state;
    for (int e = 13; e <= 16; e++) {
        ring r = {.n = 6, .scale = 1.0, .c = curvatures};
        tw_objective objective = ring_objective(&r);
        tw_newton_options options = TW_NEWTON_DEFAULTS;
        tw_newton_result result;
        double x[6] = {pow(10.0, -e), 0.0, 0.1, 0.1, 0.1, 0.1};
        assert_ok(tw_newton(&objective, &options, x, &result));
        assert_int_equal(result.reason, TW_NEWTON_CONVERGED);
        assert_true(result.iterations > 0 && result.gradient_norm <= result.threshold);
    }
}

/* (x^2 - 2)^2/4: no double is a root of its gradient, so rounding decides where it ends. */
static tw_status root_eval(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    double excess = x[0] * x[0] - 2.0;
    *value = 0.25 * excess * excess;
    if (gradient) gradient[0] = excess * x[0];
    return TW_OK;
}

static tw_status root_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                              double *Y, size_t ldy) {
    (void)self;
    for (size_t j = 0; j < k; j++) Y[j * ldy] = (3.0 * x[0] * x[0] - 2.0) * V[j * ldv];
    return TW_OK;
}

static void an_unreachable_tolerance_ends_in_stagnation(void **state) {
    (void)state;
    tw_objective objective = {.n = 1, .eval = root_eval, .hessian = root_hessian};
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result result;
    double x[1] = {3.0};
    options.tolerance = 1e-40;
    assert_ok(tw_newton(&objective, &options, x, &result));
    assert_string_equal(tw_newton_reason_name(result.reason), "stagnated");
    assert_near(x[0], sqrt(2.0), 4 * DBL_EPSILON);
}

static bool cancel(void *self, const char *stage, double done, double total) {
    (void)self;
    (void)stage;
    (void)total;
    return done >= 2.0;
}

static void budgets_end_it_with_a_reason(void **state) {
    (void)state;
    const tw_monitor monitor = {cancel, NULL};
    const struct {
        tw_newton_options options;
        tw_newton_reason reason;
    } cases[] = {
        {{.tolerance = 1e-12,
          .curvature_cap = INFINITY,
          .max_iterations = 3,
          .budget.products = 1000},
         TW_NEWTON_ITERATIONS},
        {{.tolerance = 1e-12,
          .curvature_cap = INFINITY,
          .max_iterations = 99,
          .budget.products = 20},
         TW_NEWTON_PRODUCTS},
        {{.tolerance = 1e-12,
          .curvature_cap = INFINITY,
          .max_iterations = 99,
          .budget.products = 1000,
          .budget.monitor = &monitor},
         TW_NEWTON_CANCELLED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_objective objective = {.n = 2, .eval = valley_eval, .hessian = valley_hessian};
        tw_newton_result result;
        double x[2] = {-1.2, 1.0}, value, start = 24.2;
        assert_ok(tw_newton(&objective, &cases[i].options, x, &result));
        assert_string_equal(tw_newton_reason_name(result.reason),
                            tw_newton_reason_name(cases[i].reason));
        assert_ok(valley_eval(NULL, x, &value, NULL));
        assert_true(value <= start && value == result.value);
    }
}

static tw_status broken(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    (void)x;
    (void)value;
    (void)gradient;
    return tw_fail(TW_ERR_NUMERIC, "broken");
}

static void failures_are_passed_on(void **state) {
    (void)state;
    tw_objective objective = {.n = 2, .eval = broken, .hessian = valley_hessian};
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result result;
    double x[2] = {0};
    assert_int_equal(tw_newton(&objective, &options, x, &result), TW_ERR_NUMERIC);
    options.tolerance = 0.0;
    assert_int_equal(tw_newton(&objective, &options, x, &result), TW_ERR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crosses_a_curved_valley),
        cmocka_unit_test(reaches_a_degenerate_minimum_without_drifting),
        cmocka_unit_test(leaves_a_saddle_by_negative_curvature),
        cmocka_unit_test(a_critical_start_is_left_where_it_is),
        cmocka_unit_test(a_saddle_that_was_reached_is_kept),
        cmocka_unit_test(an_unreachable_tolerance_ends_in_stagnation),
        cmocka_unit_test(budgets_end_it_with_a_reason),
        cmocka_unit_test(failures_are_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
