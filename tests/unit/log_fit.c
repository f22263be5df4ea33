/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of series with a known law: exact, noisy, and bent. */
#include <thalweg/training/log_fit.h>

#include "support/test.h"

#include <thalweg/base/random.h>

enum { COUNT = 121 }; /* ten a decade from 1 to 1e12 */

static void fill(double limit, double rate, double bend, double noise, double *t, double *q) {
    tw_random stream;
    tw_random_init(&stream, 4, TW_PURPOSE_TEST, (uint64_t)(noise * 1e12));
    for (size_t i = 0; i < COUNT; i++) {
        t[i] = pow(10.0, 0.1 * (double)i);
        double x = 1.0 / log(t[i] > 1.0 ? t[i] : 2.0);
        q[i] = limit + rate * x + bend * x * x + noise * tw_random_normal(&stream);
    }
}

static void the_law_itself_is_met(void **state) {
    (void)state;
    double t[COUNT], q[COUNT];
    tw_log_fit fit;
    fill(0.07, -0.3, 0.0, 0.0, t, q);
    for (double decades = 1.0; decades < 14.0; decades += 1.0) {
        assert_ok(tw_log_fit_series(COUNT, t, q, decades, &fit));
        assert_near(fit.limit, 0.07, 1e-13);
        assert_near(fit.rate, -0.3, 1e-12);
        assert_true(fit.residual < 1e-15 && fit.limit_error < 1e-13);
        size_t expected = decades < 12.0 ? (size_t)(10.0 * decades) + 1 : COUNT - 1;
        assert_true(fit.points == expected || fit.points + 1 == expected); /* one on the edge */
        assert_true(fit.until == t[COUNT - 1] && fit.from > 1.0);
    }
}

/* Of 200 noisy series, the limit is within two standard errors in 95 % (of a t distribution that is
 * nearly normal), and the residual is the noise. */
static void standard_errors_mean_what_they_say(void **state) {
    (void)state;
    size_t within = 0;
    for (size_t i = 0; i < 200; i++) {
        double t[COUNT], q[COUNT], noise = 1e-6 * (1.0 + (double)i / 200.0);
        tw_log_fit fit;
        fill(1.0, 2.0, 0.0, noise, t, q);
        assert_ok(tw_log_fit_series(COUNT, t, q, TW_LOG_FIT_DECADES, &fit));
        within += fabs(fit.limit - 1.0) <= 2.0 * fit.limit_error;
        assert_true(fit.residual > 0.6 * noise && fit.residual < 1.4 * noise);
    }
    assert_true(within >= 178 && within <= 200); /* 190.9 expected, 3.1 standard deviation */
}

/* With a term in 1/log^2 t the limit is off, less so for late times, and better than the last
 * value by far. */
static void bent_series_come_closer(void **state) {
    (void)state;
    double t[COUNT], q[COUNT];
    tw_log_fit wide, late;
    fill(1.0, -0.5, 0.3, 0.0, t, q);
    assert_ok(tw_log_fit_series(COUNT, t, q, 8.0, &wide));
    assert_ok(tw_log_fit_series(COUNT, t, q, 2.0, &late));
    assert_true(fabs(late.limit - 1.0) < 0.5 * fabs(wide.limit - 1.0));
    assert_true(fabs(late.limit - 1.0) < 0.05 * fabs(q[COUNT - 1] - 1.0));
    assert_true(late.limit_error < fabs(late.limit - 1.0)); /* as the header warns */
}

static void few_points_have_no_limit(void **state) {
    (void)state;
    const double t[] = {0.1, 1.0, 10.0, 1e9, 1e10}, q[] = {1, 2, 3, 4, 5}, back[] = {2, 3, 3};
    const double nan[] = {1, 2, NAN};
    tw_log_fit fit = {.points = 77};
    assert_ok(tw_log_fit_series(5, t, q, 2.0, &fit));
    assert_int_equal(fit.points, 2);
    assert_true(isnan(fit.limit) && isnan(fit.rate) && isnan(fit.residual) && fit.from == 1e9);
    assert_ok(tw_log_fit_series(5, t, q, 100.0, &fit));
    assert_int_equal(fit.points, 3);
    assert_true(isfinite(fit.limit));
    assert_ok(tw_log_fit_series(0, t, q, 2.0, &fit));
    assert_int_equal(fit.points, 0);
    assert_int_equal(tw_log_fit_series(5, t, q, 0.0, &fit), TW_ERR_ARGUMENT);
    assert_int_equal(tw_log_fit_series(3, back, q, 2.0, &fit), TW_ERR_DATA);
    assert_int_equal(tw_log_fit_series(3, t, nan, 2.0, &fit), TW_ERR_DATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_law_itself_is_met),
        cmocka_unit_test(standard_errors_mean_what_they_say),
        cmocka_unit_test(bent_series_come_closer),
        cmocka_unit_test(few_points_have_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
