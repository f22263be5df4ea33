/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curve of a spectral density beside a known bulk, by both routes. */
#include <thalweg/spectrum/density.h>

#include "support/estimates.h"

static tw_density_result estimate(planted *plan, const tw_density_options *options) {
    tw_density_result r;
    tw_linop A = planted_operator(plan);
    assert_ok(tw_density_estimate(&A, options, &r));
    assert_int_equal(r.reason, TW_ESTIMATE_COMPLETE);
    return r;
}

static double integral(const tw_curve *c) {
    double sum = 0.0, h = c->grid[1] - c->grid[0];
    for (size_t i = 0; i < c->count; i++)
        sum += h * c->density[i] * (i == 0 || i + 1 == c->count ? 0.5 : 1.0);
    return sum;
}

static void check_bulk(const tw_density_result *r, double blur) {
    const tw_curve *c = &r->curve;
    assert_int_equal(r->atom_count, 1);
    assert_true(r->atoms[0].value == 0.0);
    check_interval(&r->atoms[0].mass, 0.25, 3.0, 1e-14);
    check_interval(&r->continuous, 0.75, 3.0, 1e-14);
    assert_int_equal(c->count, 200);
    assert_near(integral(c), r->continuous.value, 0.005);
    assert_near(c->cumulative[0], 0.0, 0.005);
    assert_near(c->cumulative[c->count - 1], r->continuous.value, 0.005);
    for (size_t i = 0; i < c->count; i++) {
        double truth = 0.75 * fmin(fmax(c->grid[i] - 1.0, 0.0), 1.0);
        assert_true(i == 0 || c->cumulative[i] >= c->cumulative[i - 1]);
        assert_near(c->cumulative[i], truth, 4.0 * c->cumulative_error[i] + blur);
        if (c->grid[i] > 1.2 && c->grid[i] < 1.8)
            assert_near(c->density[i], 0.75, 5.0 * c->density_error[i] + 0.05);
    }
}

static void a_bulk_is_a_curve(void **state) {
    (void)state;
    planted plan = bulk_make();
    for (size_t limit = 0; limit <= 2000; limit += 2000) {
        tw_density_options options = TW_DENSITY_DEFAULTS;
        options.budget.dense_limit = limit;
        options.width = 0.02;
        tw_density_result r = estimate(&plan, &options);
        check_bulk(&r, 0.75 * 0.02);
        assert_true(limit == 0 ? r.closed == 0 : r.continuous.exact);
        tw_density_result_clear(&r);
    }
    planted_free(&plan);
}

static void the_width_follows_the_steps(void **state) {
    (void)state;
    planted plan = bulk_make();
    tw_density_options options = TW_DENSITY_DEFAULTS;
    options.budget.dense_limit = 0;
    for (options.steps = 20; options.steps <= 80; options.steps *= 2) {
        tw_density_result r = estimate(&plan, &options);
        assert_near(r.curve.width, 1.0 / (double)options.steps, 0.2 / (double)options.steps);
        check_bulk(&r, r.curve.width);
        tw_density_result_clear(&r);
    }
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bulk_is_a_curve),
        cmocka_unit_test(the_width_follows_the_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
