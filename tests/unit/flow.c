/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient flow where its path is known. */
#include "support/descents.h"

static const double accuracies[] = {1e-4, 1e-6, 1e-8, 1e-10};

static const tw_descent_method *flow(void) {
    return tw_descent_method_find("flow");
}

/* On a bowl with curvatures c_i every distance falls like exp(-c_i t). The error of the end sums
 * the local errors of all steps, each below accuracy * ||x|| (and the flow forgets them). */
static void follows_an_exponential(void **state) {
    (void)state;
    for (size_t a = 0; a < sizeof accuracies / sizeof *accuracies; a++) {
        descent d;
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.accuracy = accuracies[a];
        options.end_time = 1.5;
        assert_ok(descend_from(flow(), &bowl_problem, &options, bowl_start, &d));
        assert_string_equal(tw_descent_reason_name(d.result.reason), "end time");
        assert_true(d.result.time == 1.5 && d.state.time == 1.5 && d.state.scale > 0.0);
        double allowed = 0.0;
        for (size_t i = 0; i < BOWLS; i++) allowed += bowl_start[i] * bowl_start[i];
        allowed = (double)d.result.step * options.accuracy * sqrt(allowed);
        for (size_t i = 0; i < BOWLS; i++) {
            double c = 0.0, lowest = (double)(i + 1);
            for (size_t s = 0; s < SAMPLES; s++) c += bowls_curvature(s, i) / SAMPLES;
            assert_near(d.x[i], lowest + (bowl_start[i] - lowest) * exp(-1.5 * c), allowed);
        }
        free_descent(&d);
    }
}

/* f = log(1 + exp(-x)): x + exp(x) - t stays what it is, and x grows like log t for ever. */
static tw_status logistic(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    *value = log1p(exp(-x[0]));
    if (gradient) gradient[0] = -1.0 / (1.0 + exp(x[0]));
    return TW_OK;
}

static tw_status logistic_hessian(void *self, const double *x, size_t k, const double *V,
                                  size_t ldv, double *Y, size_t ldy) {
    (void)self;
    double p = 1.0 / (1.0 + exp(x[0]));
    for (size_t j = 0; j < k; j++) Y[j * ldy] = p * (1.0 - p) * V[j * ldv];
    return TW_OK;
}

static void long_times_are_reached_exactly(void **state) {
    (void)state;
    const tw_objective objective = {.n = 1, .eval = logistic, .hessian = logistic_hessian};
    const tw_descent_problem problem = {&objective, NULL};
    const double times[] = {1e-3, 1.0, 1e6, 1e12, 1e15}, start = 0.5;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        for (size_t segment = 100; segment <= 1000; segment *= 10) {
            descent d;
            tw_descent_options options = TW_DESCENT_DEFAULTS;
            options.tolerance = 0.0;
            options.end_time = times[i];
            options.segment = segment;
            assert_ok(descend_from(flow(), &problem, &options, &start, &d));
            assert_string_equal(tw_descent_reason_name(d.result.reason), "end time");
            assert_true(d.result.time == times[i]);
            /* the invariant has the slope 1 + exp(x): an error of x counts that often */
            double invariant = start + exp(start), slope = 1.0 + exp(d.x[0]);
            double allowed = (double)d.result.step * options.accuracy * fmax(d.x[0], start);
            assert_near((d.x[0] + exp(d.x[0]) - times[i] - invariant) / slope, 0.0, allowed);
            assert_true(d.result.step < 2000);
            free_descent(&d);
        }
    }
}

/* The largest rise of f from one view to the next, as a part of what errors explain. An error e =
 * accuracy * ||x|| lifts f by at most ||g|| e + ||H|| e^2/2, with ||H|| below 2 where the gradient
 * has become small; and f is rounded. */
typedef struct rises {
    size_t n;
    double accuracy, value, gradient_norm, largest;
} rises;

static tw_status notice_rise(void *self, const tw_descent_view *view) {
    rises *r = self;
    double size = 0.0;
    for (size_t i = 0; i < r->n; i++) size += view->x[i] * view->x[i];
    double error = r->accuracy * sqrt(size), rounding = (double)r->n * DBL_EPSILON * view->value;
    double explained = r->gradient_norm * error + error * error + rounding;
    if (view->step > 0) r->largest = fmax(r->largest, (view->value - r->value) / explained);
    r->value = view->value;
    r->gradient_norm = view->gradient_norm;
    return TW_OK;
}

static void the_loss_rises_by_no_more_than_errors(void **state) {
    (void)state;
    small_model m;
    double start[SLOPE_MAX];
    small_model_init(&m, (small_shape){3, 4, 3, 2, 1e-3, NULL});
    const tw_descent_problem problem = {&m.objective, NULL};
    for (uint64_t i = 0; i < 6; i++) {
        descent d;
        rises r = {.n = m.objective.n, .accuracy = accuracies[i % 4]};
        const tw_observer observer = {notice_rise, NULL, &r};
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.observer = &observer;
        options.accuracy = accuracies[i % 4];
        random_start(m.objective.n, i, start);
        assert_ok(descend_from(flow(), &problem, &options, start, &d));
        assert_int_equal(d.result.reason, TW_DESCENT_CONVERGED);
        assert_true(r.largest <= 1.0);
        free_descent(&d);
    }
    small_model_clear(&m);
}

/* The last stretch is Newton's method and costs a few steps however roughly the path was followed.
 * Solved only to the allowed error, it took 1700 steps. */
static void a_rough_path_ends_at_a_fine_point(void **state) {
    (void)state;
    small_model m;
    double start[SLOPE_MAX];
    small_model_init(&m, (small_shape){3, 6, 4, 1, 1e-3, NULL});
    const tw_descent_problem problem = {&m.objective, NULL};
    for (uint64_t i = 0; i < 5; i++) {
        descent d;
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.accuracy = 1e-2;
        options.tolerance = 1e-13;
        random_start(m.objective.n, i, start);
        assert_ok(descend_from(flow(), &problem, &options, start, &d));
        assert_int_equal(d.result.reason, TW_DESCENT_CONVERGED);
        assert_true(d.result.step < 200);
        free_descent(&d);
    }
    small_model_clear(&m);
}

/* Starting anew costs steps, not the path: the end is the same within the accuracy. */
static void restarts_stay_on_the_path(void **state) {
    (void)state;
    double ends[2][BOWLS];
    for (size_t i = 0; i < 2; i++) {
        descent d;
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.end_time = 2.0;
        options.segment = i == 0 ? 1000 : 25;
        assert_ok(descend_from(flow(), &bowl_problem, &options, bowl_start, &d));
        assert_true(d.result.time == 2.0);
        memcpy(ends[i], d.x, sizeof ends[i]);
        free_descent(&d);
    }
    /* some 200 steps, each within 1e-8 of ||x|| < 13 */
    assert_true(test_distance(BOWLS, ends[0], ends[1]) <= 2e-6 * 13.0);
}

/* A start at the origin has no size to be accurate about. */
static void starts_at_the_origin(void **state) {
    (void)state;
    descent d;
    const double origin[BOWLS] = {0};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    assert_ok(descend_from(flow(), &bowl_problem, &options, origin, &d));
    assert_int_equal(d.result.reason, TW_DESCENT_CONVERGED);
    assert_true(d.result.step < 1000);
    free_descent(&d);
}

static void add_nothing(void *self, size_t count, double *partial) {
    (void)self;
    (void)count;
    (void)partial;
}

/* CVODE adds up in its own way, over the whole vector. */
static void vectors_in_parts_are_refused(void **state) {
    (void)state;
    const tw_space parts = {.sum = add_nothing};
    descent d;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.space = &parts;
    assert_int_equal(
        descend_from(tw_descent_method_find("flow"), &bowl_problem, &options, bowl_start, &d),
        TW_ERR_UNSUPPORTED);
    free_descent(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_an_exponential),
        cmocka_unit_test(long_times_are_reached_exactly),
        cmocka_unit_test(the_loss_rises_by_no_more_than_errors),
        cmocka_unit_test(a_rough_path_ends_at_a_fine_point),
        cmocka_unit_test(restarts_stay_on_the_path),
        cmocka_unit_test(starts_at_the_origin),
        cmocka_unit_test(vectors_in_parts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
