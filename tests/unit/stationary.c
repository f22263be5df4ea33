/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton on the gradient, on functions whose critical points are known. */
#include <thalweg/training/stationary.h>

#include <thalweg/base/random.h>

#include "support/test.h"

enum { N = 5 };

/* A separable function of n variables times a scale; where |x_i| > range it has no value. */
typedef struct separable {
    double scale, range;
    double (*value)(double x), (*slope)(double x), (*curvature)(double x);
} separable;

static tw_status eval(void *self, const double *x, double *value, double *gradient) {
    const separable *f = self;
    *value = 0.0;
    for (size_t i = 0; i < N; i++) {
        if (fabs(x[i]) > f->range) return tw_fail(TW_ERR_NUMERIC, "%g is outside", x[i]);
        *value += f->scale * f->value(x[i]);
        if (gradient) gradient[i] = f->scale * f->slope(x[i]);
    }
    return TW_OK;
}

static tw_status hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                         double *Y, size_t ldy) {
    const separable *f = self;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < N; i++)
            Y[i + j * ldy] = f->scale * f->curvature(x[i]) * V[i + j * ldv];
    return TW_OK;
}

/* (x^2 - 1)^2/4: minima at -1 and 1, a maximum at 0. */
static double well(double x) {
    return 0.25 * (x * x - 1.0) * (x * x - 1.0);
}

static double well_slope(double x) {
    return x * (x * x - 1.0);
}

static double well_curvature(double x) {
    return 3.0 * x * x - 1.0;
}

/* x + x^3/3: no critical point; |slope| is smallest at 0. */
static double ramp(double x) {
    return x + x * x * x / 3.0;
}

static double ramp_slope(double x) {
    return 1.0 + x * x;
}

static double ramp_curvature(double x) {
    return 2.0 * x;
}

static const separable wells = {1.0, INFINITY, well, well_slope, well_curvature};

static tw_objective view(const separable *f) {
    return (tw_objective){.n = N, .eval = eval, .hessian = hessian, .self = (void *)(uintptr_t)f};
}

/* Every of the 3^5 critical points, of every index, is what a start beside it finds. */
static void nearest_point_of_any_index(void **state) {
    (void)state;
    tw_objective f = view(&wells);
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result result;
    for (size_t code = 0; code < 243; code++) {
        double x[N], target[N];
        tw_random stream;
        tw_random_init(&stream, 5, TW_PURPOSE_TEST, code);
        for (size_t i = 0, rest = code; i < N; i++, rest /= 3) {
            target[i] = (double)(rest % 3) - 1.0;
            x[i] = target[i] + 0.2 * (tw_random_uniform(&stream) - 0.5);
        }
        assert_ok(tw_stationary_find(&f, &options, x, &result));
        assert_int_equal(result.reason, TW_STATIONARY_CONVERGED);
        /* |g_i| = |curvature| |x - target|, and the curvature is 1 at least */
        assert_near(test_distance(N, x, target), 0.0, 1e-13 * 2.0 * sqrt(5.0));
    }
}

/* Following climbs along as many directions as it is told. */
static void followed_index(void **state) {
    (void)state;
    tw_objective f = view(&wells);
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result result;
    options.follow = 30;
    for (options.index = 0; options.index <= N; options.index++) {
        double x[N] = {0.71, -0.62, 0.53, -0.74, 0.65};
        size_t maxima = 0;
        assert_ok(tw_stationary_find(&f, &options, x, &result));
        assert_int_equal(result.reason, TW_STATIONARY_CONVERGED);
        for (size_t i = 0; i < N; i++) maxima += fabs(x[i]) < 0.5;
        assert_int_equal(maxima, options.index);
    }
}

/* A minimum of ||g|| that is no zero of g is told from one. */
static void no_critical_point(void **state) {
    (void)state;
    const separable ramps = {1.0, INFINITY, ramp, ramp_slope, ramp_curvature};
    tw_objective f = view(&ramps);
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result result;
    double x[N] = {0.5, -0.25, 1.5, -1.0, 0.75};
    assert_ok(tw_stationary_find(&f, &options, x, &result));
    assert_int_not_equal(result.reason, TW_STATIONARY_CONVERGED);
    assert_true(result.gradient_norm >= sqrt(5.0));
    assert_near(result.gradient_norm, sqrt(5.0), 1e-3);
}

/* A multiple of the function takes the same steps, bit for bit when it is a power of two. */
static void scaled(void **state) {
    (void)state;
    const separable large = {0x1p40, INFINITY, well, well_slope, well_curvature};
    tw_objective f = view(&wells), g = view(&large);
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result first, second;
    double x[N] = {0.4, -0.3, 1.4, 0.1, -2.0}, y[N];
    memcpy(y, x, sizeof x);
    options.follow = 3;
    options.index = 2;
    assert_ok(tw_stationary_find(&f, &options, x, &first));
    assert_ok(tw_stationary_find(&g, &options, y, &second));
    assert_memory_equal(x, y, sizeof x);
    assert_int_equal(first.iterations, second.iterations);
    assert_true(second.gradient_norm == 0x1p40 * first.gradient_norm);
}

/* A trial point without a value is one to come back from. */
static void no_value(void **state) {
    (void)state;
    const separable bounded = {1.0, 1.05, well, well_slope, well_curvature};
    tw_objective f = view(&bounded);
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result result;
    double x[N] = {0.62, 0.62, 0.62, 0.62, 0.62}; /* Newton's own step would go to 3.2 */
    assert_ok(tw_stationary_find(&f, &options, x, &result));
    assert_int_equal(result.reason, TW_STATIONARY_CONVERGED);
    options.tolerance = 0.0;
    assert_int_equal(tw_stationary_find(&f, &options, x, &result), TW_ERR_ARGUMENT);
}

/* The circle r = 1 of (r^2 - 1)^2/4: nothing moves along a zero mode. */
static tw_status eval_ring(void *self, const double *x, double *value, double *gradient) {
    double r2 = x[0] * x[0] + x[1] * x[1] - 1.0;
    (void)self;
    *value = 0.25 * r2 * r2;
    for (size_t i = 0; gradient && i < 2; i++) gradient[i] = r2 * x[i];
    return TW_OK;
}

static tw_status hessian_ring(void *self, const double *x, size_t k, const double *V, size_t ldv,
                              double *Y, size_t ldy) {
    double r2 = x[0] * x[0] + x[1] * x[1] - 1.0;
    (void)self;
    for (size_t j = 0; j < k; j++) {
        const double *v = V + j * ldv;
        double along = 2.0 * (x[0] * v[0] + x[1] * v[1]);
        for (size_t i = 0; i < 2; i++) Y[i + j * ldy] = r2 * v[i] + along * x[i];
    }
    return TW_OK;
}

static void zero_mode(void **state) {
    (void)state;
    tw_objective f = {.n = 2, .eval = eval_ring, .hessian = hessian_ring, .self = NULL};
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result result;
    double x[2] = {1.2 * cos(0.7), 1.2 * sin(0.7)};
    assert_ok(tw_stationary_find(&f, &options, x, &result));
    assert_int_equal(result.reason, TW_STATIONARY_CONVERGED);
    assert_near(hypot(x[0], x[1]), 1.0, 8.0 * DBL_EPSILON);
    assert_near(atan2(x[1], x[0]), 0.7, 50.0 * DBL_EPSILON);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearest_point_of_any_index),
        cmocka_unit_test(followed_index),
        cmocka_unit_test(no_critical_point),
        cmocka_unit_test(scaled),
        cmocka_unit_test(no_value),
        cmocka_unit_test(zero_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
