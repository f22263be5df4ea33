/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spread vectors: what ends one owner ends all of them, alike; what cannot be done on slices is
 * refused by all. */
#include "support/spread.h"

#include <thalweg/base/monitor.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/curvature/flatness.h>
#include <thalweg/curvature/perturbation.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/interior.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/trace.h>
#include <thalweg/training/descent.h>
#include <thalweg/training/newton.h>

/* Stops the last owner alone, at its `left`-th report. */
typedef struct stopper {
    bool armed;
    int left;
} stopper;

static bool stop(void *self, const char *stage, double done, double total) {
    stopper *s = self;
    (void)stage;
    (void)done;
    (void)total;
    return s->armed && --s->left <= 0;
}

enum { RUNS = 9 };

typedef struct cancelled_run {
    const char *name;
    tw_status (*run)(owner *o, const tw_budget *budget, told *out);
} cancelled_run;

static tw_status search(owner *o, const tw_budget *budget, told *out) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result r = {0};
    tw_linop A = spread_operator(o);
    options.within.space = o->space;
    options.budget = *budget;
    tw_status status = tw_spectrum_search(&A, &options, &r);
    owner_tell(out, status == TW_OK ? (double)r.reason : -1.0);
    tw_search_result_clear(&r);
    return status;
}

static tw_status interval(owner *o, const tw_budget *budget, told *out) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result r = {0};
    tw_linop A = spread_operator(o);
    options.within.space = o->space;
    options.budget = *budget;
    tw_status status = tw_spectrum_interval(&A, 0.45, 0.55, &options, &r);
    owner_tell(out, status == TW_OK ? (double)r.reason : -1.0);
    tw_interior_result_clear(&r);
    return status;
}

static tw_status trace(owner *o, const tw_budget *budget, told *out) {
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result r;
    tw_linop A = spread_operator(o);
    options.within.space = o->space;
    options.budget = *budget;
    tw_status status = tw_trace_estimate(&A, &options, &r);
    owner_tell(out, status == TW_OK ? (double)r.reason : -1.0);
    return status;
}

static tw_status density(owner *o, const tw_budget *budget, told *out) {
    tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_density_result r = {0};
    tw_linop A = spread_operator(o);
    options.within.space = o->space;
    options.budget = *budget;
    tw_status status = tw_density_estimate(&A, &options, &r);
    owner_tell(out, status == TW_OK ? (double)r.reason : -1.0);
    tw_density_result_clear(&r);
    return status;
}

static void fill(const owner *o, double *x) {
    for (size_t i = 0; i < o->n; i++) x[i] = 0.1 * cos((double)(o->offset + i));
}

static tw_status newton(owner *o, const tw_budget *budget, told *out) {
    double x[SPREAD_MOST];
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result r;
    tw_objective f = ring_objective(o);
    fill(o, x);
    options.space = o->space;
    options.budget = *budget;
    tw_status status = tw_newton(&f, &options, x, &r);
    owner_tell(out, status == TW_OK ? (double)r.reason : -1.0);
    return status;
}

static tw_status descend_by(const char *name, owner *o, const tw_budget *budget, told *out) {
    double x[SPREAD_MOST];
    const tw_descent_method *method = tw_descent_method_find(name);
    tw_objective f = ring_objective(o);
    const tw_descent_problem problem = {.objective = &f};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    tw_descent_state at = {0};
    tw_descent_result r = {0};
    fill(o, x);
    options.space = o->space;
    options.monitor = budget->monitor;
    options.rate = 0.01;
    tw_status status = tw_descent_state_init(&at, method, o->n, x);
    if (status == TW_OK) status = tw_descend(method, &problem, &options, &at, x, &r);
    owner_tell(out, status == TW_OK ? (double)r.reason : -1.0);
    tw_descent_state_clear(&at);
    return status;
}

static tw_status descent(owner *o, const tw_budget *budget, told *out) {
    return descend_by("gd", o, budget, out);
}

static tw_status lbfgs(owner *o, const tw_budget *budget, told *out) {
    return descend_by("lbfgs", o, budget, out);
}

static tw_status rise(owner *o, const tw_budget *budget, told *out) {
    static const double deviations[] = {0.1};
    double x[SPREAD_MOST];
    tw_rise_options options = TW_RISE_DEFAULTS;
    tw_rise row = {0};
    tw_objective f = ring_objective(o);
    fill(o, x);
    options.deviation_count = 1;
    options.deviations = deviations;
    options.within.space = o->space;
    options.budget = *budget;
    tw_status status = tw_rise_estimate(&f, x, &options, &row);
    owner_tell(out, (double)row.pairs);
    return status;
}

static tw_status sharpness(owner *o, const tw_budget *budget, told *out) {
    static const double radii[] = {0.1};
    double x[SPREAD_MOST];
    tw_sharpness_options options = TW_SHARPNESS_DEFAULTS;
    tw_sharpness row = {0};
    tw_objective f = ring_objective(o);
    fill(o, x);
    options.radius_count = 1;
    options.radii = radii;
    options.within.space = o->space;
    options.budget = *budget;
    tw_status status = tw_sharpness_search(&f, x, &options, &row);
    owner_tell(out, (double)row.ascents);
    return status;
}

static const cancelled_run runs[RUNS] = {
    {"search", search},   {"interval", interval}, {"trace", trace},
    {"density", density}, {"newton", newton},     {"descent", descent},
    {"lbfgs", lbfgs},     {"rise", rise},         {"sharpness", sharpness},
};

static size_t chosen;
static size_t stopping; /* the owner */

static tw_status run_and_stop(owner *o, told *out) {
    stopper s = {.armed = o->rank == stopping, .left = 3};
    const tw_monitor monitor = {stop, &s};
    tw_budget budget = TW_BUDGET_DEFAULTS;
    budget.monitor = &monitor;
    budget.dense_limit = 0;
    return runs[chosen].run(o, &budget, out);
}

static void one_owner_stops_all(void **state) {
    (void)state;
    const double answers[RUNS] = {TW_SEARCH_CANCELLED,
                                  TW_INTERIOR_CANCELLED,
                                  TW_ESTIMATE_CANCELLED,
                                  TW_ESTIMATE_CANCELLED,
                                  TW_NEWTON_CANCELLED,
                                  TW_DESCENT_CANCELLED,
                                  TW_DESCENT_CANCELLED,
                                  2.0,
                                  2.0};
    spread_problem *p = spread_make(200, 0);
    for (chosen = 0; chosen < RUNS; chosen++)
        for (size_t c = 0; c < OWNERS_CUTS; c++) {
            told out;
            stopping = owners_cuts[c].owners - 1;
            tw_status status = owners_together(run_and_stop, p, p->n, &owners_cuts[c], NULL, &out);
            if (status != TW_OK || out.numbers[0] != answers[chosen])
                fail_msg("%s with %zu owners: %s, %g", runs[chosen].name, owners_cuts[c].owners,
                         tw_status_name(status), out.numbers[0]);
        }
}

static tw_status run_freely(owner *o, told *out) {
    tw_budget budget = TW_BUDGET_DEFAULTS;
    return runs[chosen].run(o, &budget, out);
}

/* Of the four that multiply by the operator. */
static void no_number_at_one_owner_fails_all(void **state) {
    (void)state;
    spread_problem *p = spread_make(200, 0);
    p->bad = 199;
    for (chosen = 0; chosen < 4; chosen++)
        for (size_t c = 0; c < OWNERS_CUTS; c++) {
            told out;
            tw_status status = owners_together(run_freely, p, p->n, &owners_cuts[c], NULL, &out);
            assert_int_equal(status, TW_ERR_NUMERIC);
        }
}

/* The last owner has lost its last entry. */
static tw_status run_short(owner *o, told *out) {
    if (o->offset + o->n == o->whole && o->n > 0) o->n--;
    return run_freely(o, out);
}

/* The first owner says that it begins where the second does. */
static tw_status run_misplaced(owner *o, told *out) {
    if (o->rank == 0) o->spread.offset = o->whole;
    return run_freely(o, out);
}

static void slices_that_make_no_vector_are_refused(void **state) {
    (void)state;
    spread_problem *p = spread_make(200, 0);
    for (chosen = 0; chosen < RUNS; chosen++) {
        told out;
        assert_int_equal(owners_together(run_short, p, p->n, &owners_cuts[0], NULL, &out),
                         TW_ERR_SHAPE);
        assert_int_equal(owners_together(run_misplaced, p, p->n, &owners_cuts[0], NULL, &out),
                         TW_ERR_SHAPE);
    }
}

/* ---- What needs whole vectors ---- */

static tw_status by_arpack(owner *o, told *out) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result r = {0};
    tw_linop A = spread_operator(o);
    (void)out;
    options.engine = "arpack";
    options.within.space = o->space;
    return tw_spectrum_search(&A, &options, &r);
}

static tw_status modes_by_arpack(owner *o, told *out) {
    const spread_problem *p = o->problem;
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    tw_degeneracy_result r = {0};
    tw_objective f = ring_objective(o);
    (void)out;
    options.engine = "arpack";
    options.space = o->space;
    return tw_degeneracy_analyse(&f, p->x + o->offset, &options, &r);
}

static tw_status by_blocks(owner *o, told *out) {
    const spread_problem *p = o->problem;
    const tw_flat_block block = {.name = "first", .slice = {0, 1}};
    tw_flatness_options options = TW_FLATNESS_DEFAULTS;
    tw_flatness r = {0};
    tw_objective f = ring_objective(o);
    (void)out;
    options.blocks = &block;
    options.block_count = 1;
    options.space = o->space;
    return tw_flatness_measure(&f, p->x + o->offset, &options, &r);
}

static tw_status by_flow(owner *o, told *out) {
    double x[SPREAD_MOST];
    const tw_descent_method *method = tw_descent_method_find("flow");
    tw_objective f = ring_objective(o);
    const tw_descent_problem problem = {.objective = &f};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    tw_descent_state at = {0};
    tw_descent_result r = {0};
    (void)out;
    fill(o, x);
    options.space = o->space;
    tw_status status = tw_descent_state_init(&at, method, o->n, x);
    if (status == TW_OK) status = tw_descend(method, &problem, &options, &at, x, &r);
    tw_descent_state_clear(&at);
    return status;
}

static void what_needs_whole_vectors_refuses(void **state) {
    (void)state;
    const owner_job jobs[] = {by_arpack, modes_by_arpack, by_blocks, by_flow};
    spread_problem *p = spread_make(60, 0);
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        for (size_t c = 0; c < OWNERS_CUTS; c++) {
            told out;
            assert_int_equal(owners_together(jobs[i], p, p->n, &owners_cuts[c], NULL, &out),
                             TW_ERR_UNSUPPORTED);
        }
}

/* Small enough for the dense route, which a choice of routes must not take. */
static void automatic_routes_iterate(void **state) {
    (void)state;
    told one, many;
    spread_problem *p = spread_make(40, 4);
    for (chosen = 2; chosen < 4; chosen++) {
        assert_ok(owners_alone(run_freely, p, p->n, NULL, &one));
        assert_ok(owners_together(run_freely, p, p->n, &owners_cuts[1], NULL, &many));
        assert_true(many.numbers[0] == TW_ESTIMATE_COMPLETE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_owner_stops_all),
        cmocka_unit_test(no_number_at_one_owner_fails_all),
        cmocka_unit_test(slices_that_make_no_vector_are_refused),
        cmocka_unit_test(what_needs_whole_vectors_refuses),
        cmocka_unit_test(automatic_routes_iterate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
