/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NULL options of what knows an operator or an objective. */
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/curvature/flatness.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/interior.h>
#include <thalweg/training/descent.h>
#include <thalweg/training/newton.h>
#include <thalweg/training/stationary.h>

#include "conformance/planted.h"
#include "support/null_options.h"
#include "support/valley.h"

struct fixture {
    planted plan;
    tw_linop A;
    tw_objective objective;
    size_t n;
    double x[2], out[2]; /* the bottom of the valley; room */
};

static void fixture_init(fixture *f) {
    double values[50];
    for (size_t i = 0; i < 50; i++) values[i] = (double)i - 4.5;
    *f = (fixture){.objective = {.n = 2, .eval = valley_eval, .hessian = valley_hessian},
                   .n = 2,
                   .x = {1.0, 1.0}};
    f->plan = planted_make(50, values, 3);
    f->A = planted_operator(&f->plan);
}

static void fixture_clear(fixture *f) {
    planted_free(&f->plan);
}

static double *beside(fixture *f) {
    f->out[0] = 1.1;
    f->out[1] = 1.0;
    return f->out;
}

/* ---- Spectra ---- */

static double run_dense(fixture *f, bool null) {
    const tw_dense_options options = TW_DENSE_DEFAULTS;
    tw_dense_result r;
    assert_ok(tw_spectrum_dense(&f->A, null ? NULL : &options, &r));
    double figure = r.norm;
    tw_dense_result_clear(&r);
    return figure;
}

static double run_search(fixture *f, bool null) {
    const tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result r;
    assert_ok(tw_spectrum_search(&f->A, null ? NULL : &options, &r));
    double figure = r.pairs.values[5];
    assert_int_equal(r.pairs.count, 6);
    tw_search_result_clear(&r);
    return figure;
}

static double run_interval(fixture *f, bool null) {
    const tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result r;
    assert_ok(tw_spectrum_interval(&f->A, -1.0, 1.0, null ? NULL : &options, &r));
    double figure = r.pairs.values[0];
    tw_interior_result_clear(&r);
    return figure;
}

static double run_nearest(fixture *f, bool null) {
    const tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result r;
    assert_ok(tw_spectrum_nearest(&f->A, 0.1, 1, null ? NULL : &options, &r));
    double figure = r.pairs.values[0];
    tw_interior_result_clear(&r);
    return figure;
}

static double run_density(fixture *f, bool null) {
    const tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_density_result r;
    assert_ok(tw_density_estimate(&f->A, null ? NULL : &options, &r));
    double figure = r.norm;
    tw_density_result_clear(&r);
    return figure;
}

static double run_trace(fixture *f, bool null) {
    const tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result r;
    assert_ok(tw_trace_estimate(&f->A, null ? NULL : &options, &r));
    return r.trace.value;
}

static double run_sharpness(fixture *f, bool null) {
    const tw_sharpness_options options = TW_SHARPNESS_DEFAULTS;
    tw_sharpness row = {.rise = 1.0};
    assert_ok(tw_sharpness_search(&f->objective, f->x, null ? NULL : &options, &row));
    return row.rise; /* no radius: as it was */
}

static double run_rise(fixture *f, bool null) {
    const tw_rise_options options = TW_RISE_DEFAULTS;
    tw_rise row = {.sigma = 1.0};
    assert_ok(tw_rise_estimate(&f->objective, f->x, null ? NULL : &options, &row));
    return row.sigma;
}

static double run_flatness(fixture *f, bool null) {
    const tw_flatness_options options = TW_FLATNESS_DEFAULTS;
    tw_flatness r;
    assert_ok(tw_flatness_measure(&f->objective, f->x, null ? NULL : &options, &r));
    double figure = r.whole.trace.value;
    tw_flatness_clear(&r);
    return figure;
}

static double run_degeneracy(fixture *f, bool null) {
    const tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    tw_degeneracy_result r;
    assert_ok(tw_degeneracy_analyse(&f->objective, f->x, null ? NULL : &options, &r));
    double figure = (double)r.zero_modes + r.norm;
    tw_degeneracy_result_clear(&r);
    return figure;
}

/* ---- From point to point ---- */

static double run_newton(fixture *f, bool null) {
    const tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result r;
    assert_ok(tw_newton(&f->objective, null ? NULL : &options, beside(f), &r));
    return r.value;
}

static double run_stationary(fixture *f, bool null) {
    const tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result r;
    assert_ok(tw_stationary_find(&f->objective, null ? NULL : &options, beside(f), &r));
    return r.value;
}

static double run_descend(fixture *f, bool null) {
    const tw_descent_options options = TW_DESCENT_DEFAULTS;
    const tw_descent_method *method = tw_descent_method_find("lbfgs");
    const tw_descent_problem problem = {.objective = &f->objective};
    tw_descent_state from;
    tw_descent_result r;
    assert_ok(tw_descent_state_init(&from, method, f->n, beside(f)));
    assert_ok(tw_descend(method, &problem, null ? NULL : &options, &from, f->out, &r));
    tw_descent_state_clear(&from);
    return r.value;
}

/* ---- Costs ---- */

/* Of an order at which some are dense and some are not; no cost is negative or no number. */
#define COST(name, function, type, DEFAULTS)                                                       \
    static double run_##name##_cost(fixture *f, bool null) {                                       \
        const type options = DEFAULTS;                                                             \
        tw_cost cost;                                                                              \
        (void)f;                                                                                   \
        function(7000, null ? NULL : &options, &cost);                                             \
        assert_true(cost.products > 0.0 && cost.products <= cost.products_most);                   \
        assert_true(cost.bytes > 0.0 && cost.flops >= 0.0 && cost.traffic >= 0.0);                 \
        return cost.bytes + cost.products + cost.products_most;                                    \
    }

COST(dense, tw_dense_cost, tw_dense_options, TW_DENSE_DEFAULTS)
COST(search, tw_search_cost, tw_search_options, TW_SEARCH_DEFAULTS)
COST(interior, tw_interior_cost, tw_interior_options, TW_INTERIOR_DEFAULTS)
COST(density, tw_density_cost, tw_density_options, TW_DENSITY_DEFAULTS)
COST(trace, tw_trace_cost, tw_trace_options, TW_TRACE_DEFAULTS)
COST(flatness, tw_flatness_cost, tw_flatness_options, TW_FLATNESS_DEFAULTS)
COST(degeneracy, tw_degeneracy_cost, tw_degeneracy_options, TW_DEGENERACY_DEFAULTS)
COST(newton, tw_newton_cost, tw_newton_options, TW_NEWTON_DEFAULTS)
COST(stationary, tw_stationary_cost, tw_stationary_options, TW_STATIONARY_DEFAULTS)

static double run_descent_cost(fixture *f, bool null) {
    const tw_descent_options options = TW_DESCENT_DEFAULTS;
    tw_cost cost;
    tw_descent_cost(tw_descent_method_find("lbfgs"), f->n, null ? NULL : &options, &cost);
    return cost.bytes + cost.products_most;
}

/* ---- The table ---- */

static const null_row rows[] = {
    {"tw_spectrum_dense", run_dense},
    {"tw_spectrum_search", run_search},
    {"tw_spectrum_interval", run_interval},
    {"tw_spectrum_nearest", run_nearest},
    {"tw_density_estimate", run_density},
    {"tw_trace_estimate", run_trace},
    {"tw_sharpness_search", run_sharpness},
    {"tw_rise_estimate", run_rise},
    {"tw_flatness_measure", run_flatness},
    {"tw_degeneracy_analyse", run_degeneracy},
    {"tw_newton", run_newton},
    {"tw_stationary_find", run_stationary},
    {"tw_descend", run_descend},
    {"tw_dense_cost", run_dense_cost},
    {"tw_search_cost", run_search_cost},
    {"tw_interior_cost", run_interior_cost},
    {"tw_density_cost", run_density_cost},
    {"tw_trace_cost", run_trace_cost},
    {"tw_flatness_cost", run_flatness_cost},
    {"tw_degeneracy_cost", run_degeneracy_cost},
    {"tw_newton_cost", run_newton_cost},
    {"tw_stationary_cost", run_stationary_cost},
    {"tw_descent_cost", run_descent_cost},
};

static void null_means_the_defaults(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f);
    null_rows_check(sizeof rows / sizeof *rows, rows, &f);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(null_means_the_defaults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
