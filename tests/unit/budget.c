/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One budget for all computations: what it says when it is zero, and a deadline that every one of
 * them honours. */
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/curvature/flatness.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/interior.h>
#include <thalweg/training/newton.h>
#include <thalweg/training/stationary.h>

#include "conformance/planted.h"
#include "support/test.h"
#include "support/valley.h"

#define PAST 1e-9 /* the clock is long beyond it */

static tw_budget with_deadline(double deadline, size_t dense_limit) {
    tw_budget budget = TW_BUDGET_DEFAULTS;
    budget.deadline = deadline;
    budget.dense_limit = dense_limit;
    return budget;
}

/* Is the computation ended early by this budget? Negative: it was refused. */
typedef int (*attempt)(const tw_linop *A, const tw_objective *f, tw_budget budget);

static int try_search(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result r;
    (void)f;
    options.budget = budget;
    if (tw_spectrum_search(A, &options, &r) != TW_OK) return -1;
    int ended = r.reason == TW_SEARCH_CANCELLED;
    tw_search_result_clear(&r);
    return ended;
}

static int try_interior(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result r;
    (void)f;
    options.budget = budget;
    if (tw_spectrum_nearest(A, 20.2, 2, &options, &r) != TW_OK) return -1;
    int ended = r.reason == TW_INTERIOR_CANCELLED;
    tw_interior_result_clear(&r);
    return ended;
}

static int try_density(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_density_result r;
    (void)f;
    options.budget = budget;
    if (tw_density_estimate(A, &options, &r) != TW_OK) return -1;
    int ended = r.reason == TW_ESTIMATE_CANCELLED;
    tw_density_result_clear(&r);
    return ended;
}

static int try_trace(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result r;
    (void)f;
    options.budget = budget;
    if (tw_trace_estimate(A, &options, &r) != TW_OK) return -1;
    return r.reason == TW_ESTIMATE_CANCELLED;
}

static int try_flatness(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    const double x[2] = {1.0, 1.0};
    tw_flatness_options options = TW_FLATNESS_DEFAULTS;
    tw_flatness r;
    (void)A;
    options.budget = budget;
    if (tw_flatness_measure(f, x, &options, &r) != TW_OK) return -1;
    int ended = r.reason == TW_ESTIMATE_CANCELLED;
    tw_flatness_clear(&r);
    return ended;
}

static int try_sharpness(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    const double x[2] = {1.0, 1.0}, radius = 0.1;
    tw_sharpness_options options = TW_SHARPNESS_DEFAULTS;
    tw_sharpness row;
    (void)A;
    options.radius_count = 1;
    options.radii = &radius;
    options.budget = budget;
    if (tw_sharpness_search(f, x, &options, &row) != TW_OK) return -1;
    return row.ascents == 0;
}

static int try_rise(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    const double x[2] = {1.0, 1.0}, deviation = 0.1;
    tw_rise_options options = TW_RISE_DEFAULTS;
    tw_rise row;
    (void)A;
    options.deviation_count = 1;
    options.deviations = &deviation;
    options.budget = budget;
    if (tw_rise_estimate(f, x, &options, &row) != TW_OK) return -1;
    return row.pairs == 0;
}

static int try_degeneracy(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    const double x[2] = {1.0, 1.0};
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    tw_degeneracy_result r;
    (void)A;
    options.budget = budget;
    if (tw_degeneracy_analyse(f, x, &options, &r) != TW_OK) return -1;
    int ended = r.high_reason == TW_SEARCH_CANCELLED && r.verdict == TW_VERDICT_AMBIGUOUS;
    tw_degeneracy_result_clear(&r);
    return ended;
}

static int try_newton(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    double x[2] = {-1.2, 1.0};
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result r;
    (void)A;
    options.budget = budget;
    if (tw_newton(f, &options, x, &r) != TW_OK) return -1;
    return r.reason == TW_NEWTON_CANCELLED;
}

static int try_stationary(const tw_linop *A, const tw_objective *f, tw_budget budget) {
    double x[2] = {-1.2, 1.0};
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result r;
    (void)A;
    options.budget = budget;
    if (options.budget.dense_limit == 0) options.budget.dense_limit = 2; /* it knows no other way */
    if (tw_stationary_find(f, &options, x, &r) != TW_OK) return -1;
    return r.reason == TW_STATIONARY_CANCELLED;
}

static const struct {
    const char *name;
    attempt run;
} attempts[] = {
    {"search", try_search},     {"interior", try_interior},
    {"density", try_density},   {"trace", try_trace},
    {"flatness", try_flatness}, {"sharpness", try_sharpness},
    {"rise", try_rise},         {"degeneracy", try_degeneracy},
    {"newton", try_newton},     {"stationary", try_stationary},
};

static void every_computation_honours_a_deadline(void **state) {
    (void)state;
    double values[300];
    for (size_t i = 0; i < 300; i++) values[i] = 0.25 * (double)i;
    planted plan = planted_make(300, values, 3);
    const tw_linop A = planted_operator(&plan);
    const tw_objective f = {.n = 2, .eval = valley_eval, .hessian = valley_hessian};
    for (size_t dense = 0; dense < 2; dense++)
        for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
            const size_t limit = dense ? 6000 : 0;
            double later = tw_clock_seconds() + 1000.0;
            int past = attempts[i].run(&A, &f, with_deadline(PAST, limit));
            int future = attempts[i].run(&A, &f, with_deadline(later, limit));
            int nowhere = attempts[i].run(&A, &f, with_deadline((double)NAN, limit));
            if (past != 1 || future != 0 || nowhere != -1)
                fail_msg("%s, dense limit %zu: %d past its deadline, %d before, %d without a time",
                         attempts[i].name, limit, past, future, nowhere);
        }
    planted_free(&plan);
}

static bool say_stop(void *self, const char *stage, double done, double total) {
    (void)stage;
    (void)done;
    (void)total;
    return *(bool *)self;
}

static void a_budget_is_a_monitor(void **state) {
    (void)state;
    bool stop = false;
    const tw_monitor user = {say_stop, &stop};
    tw_budget budget = {.monitor = &user};
    const tw_monitor monitor = tw_budget_monitor(&budget);
    assert_false(tw_monitor_report(&monitor, "", 0.0, 0.0));
    stop = true;
    assert_true(tw_monitor_report(&monitor, "", 0.0, 0.0));
    stop = false;
    budget.deadline = PAST;
    assert_true(tw_monitor_report(&monitor, "", 0.0, 0.0));
}

static void products_are_never_overdrawn_below_zero(void **state) {
    (void)state;
    const tw_budget budget = {.products = 10};
    assert_int_equal(tw_budget_left(&budget, 4), 6);
    assert_int_equal(tw_budget_left(&budget, 10), 0);
    assert_int_equal(tw_budget_left(&budget, 11), 0);
    assert_int_equal(tw_budget_after(budget, 7).products, 3);
}

static void a_zeroed_budget_allows_nothing(void **state) {
    (void)state;
    const double values[] = {1, 2, 3, 4};
    planted plan = planted_make(4, values, 1);
    const tw_linop A = planted_operator(&plan);
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result r;
    options.budget = (tw_budget){0};
    assert_ok(tw_trace_estimate(&A, &options, &r));
    assert_int_equal(r.reason, TW_ESTIMATE_PRODUCTS);
    assert_int_equal(plan.products, 0);
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_computation_honours_a_deadline),
        cmocka_unit_test(a_budget_is_a_monitor),
        cmocka_unit_test(products_are_never_overdrawn_below_zero),
        cmocka_unit_test(a_zeroed_budget_allows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
