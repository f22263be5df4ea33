/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every row of the table of descent methods: where it goes. */
#include "support/descents.h"

static void rows_have_names_and_are_found_by_them(void **state) {
    (void)state;
    size_t rows = sizeof tunings / sizeof *tunings;
    for (size_t i = 0; i < rows; i++) {
        const tw_descent_method *method = tw_descent_method_at(i);
        assert_non_null(method);
        assert_ptr_equal(tw_descent_method_find(tw_descent_method_name(method)), method);
        assert_true(strlen(tw_descent_method_summary(method)) > 0);
    }
    assert_null(tw_descent_method_at(rows));
    assert_null(tw_descent_method_find("none"));
    assert_memory_equal(tw_descent_method_library(tw_descent_method_find("flow")), "SUNDIALS 6.",
                        11);
    assert_null(tw_descent_method_library(tw_descent_method_find("lbfgs")));
    assert_string_equal(tw_descent_reason_name((tw_descent_reason)99), "unknown");
}

/* ---- Where they go ---- */

/* The bowls share their lowest point, so that minibatches converge as well; Adam's steps do not
 * shrink with the gradient, it may circle. Curvatures are >= 0.5: ||x - m|| <= 2 ||g||. */
static void lowers_bowls(const tw_descent_method *method, const tuning *t) {
    descent d;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.rate = t->bowl;
    options.batch = 8;
    options.max_steps = 3000;
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &d));
    if (strcmp(t->method, "adam") != 0) {
        assert_int_equal(d.result.reason, TW_DESCENT_CONVERGED);
        assert_true(d.result.gradient_norm <= options.tolerance);
        for (size_t i = 0; i < BOWLS; i++) assert_near(d.x[i], (double)(i + 1), 2e-10);
    }
    assert_true(d.result.value <= 1e-6 * d.result.value_before);
    assert_memory_equal(d.x, d.state.x, sizeof bowl_start);
    free_descent(&d);
}

/* Where the gradient is within the tolerance before the first step, nothing has converged. */
static void stays_at_a_stationary_start(const tw_descent_method *method, const tuning *t) {
    descent d;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.rate = t->bowl;
    options.tolerance = 1e9;
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &d));
    assert_int_equal(d.result.reason, TW_DESCENT_STATIONARY);
    assert_true(tw_descent_is_converged(d.result.reason) && d.result.step == 0);
    assert_memory_equal(d.x, bowl_start, sizeof bowl_start);
    free_descent(&d);
}

static void no_method_leaves_a_stationary_start(void **state) {
    (void)state;
    with_each(stays_at_a_stationary_start);
}

static void every_method_lowers_bowls(void **state) {
    (void)state;
    with_each(lowers_bowls);
}

static void crosses_the_valley(const tw_descent_method *method, const tuning *t) {
    descent d;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.rate = t->valley;
    options.max_steps = 20000;
    assert_ok(descend_from(method, &valley_problem, &options, valley_start, &d));
    assert_true(d.result.reason == TW_DESCENT_CONVERGED || d.result.reason == TW_DESCENT_STEPS);
    assert_true(d.result.value < 1e-3 && d.result.value_before > 24.0);
    if (t->curved) {
        assert_int_equal(d.result.reason, TW_DESCENT_CONVERGED);
        assert_true(d.result.step < 1000);
        /* the least curvature at (1, 1) is 0.4 */
        assert_near(d.x[0], 1.0, 1e-10 / 0.39);
        assert_near(d.x[1], 1.0, 1e-10 / 0.39);
    }
    free_descent(&d);
}

static void every_method_crosses_a_valley(void **state) {
    (void)state;
    with_each(crosses_the_valley);
}

static void optimises_a_model(const tw_descent_method *method, const tuning *t) {
    small_model m;
    small_model_init(&m, tiny_shape);
    double start[SLOPE_MAX];
    const tw_descent_problem problem = {&m.objective, NULL};
    for (uint64_t i = 0; i < 5; i++) {
        descent d;
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.rate = t->model;
        options.tolerance = t->curved ? 1e-12 : 1e-6;
        random_start(m.objective.n, i, start);
        assert_ok(descend_from(method, &problem, &options, start, &d));
        assert_int_equal(d.result.reason, TW_DESCENT_CONVERGED);
        assert_true(d.result.gradient_norm <= options.tolerance);
        assert_true(d.result.value < d.result.value_before);
        free_descent(&d);
    }
    small_model_clear(&m);
}

static void every_method_optimises_a_model(void **state) {
    (void)state;
    with_each(optimises_a_model);
}

/* No double has a gradient of zero here, and none is asked to be found for ever. */
static void ends_at_the_floor(const tw_descent_method *method, const tuning *t) {
    small_model m;
    small_model_init(&m, tiny_shape);
    double start[SLOPE_MAX];
    descent d;
    const tw_descent_problem problem = {&m.objective, NULL};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.tolerance = 0.0;
    options.max_steps = 5000;
    if (!t->curved) {
        small_model_clear(&m);
        return;
    }
    random_start(m.objective.n, 1, start);
    assert_ok(descend_from(method, &problem, &options, start, &d));
    assert_string_equal(tw_descent_reason_name(d.result.reason), "stalled");
    /* the gradient is a sum of some ten products of numbers below one in size */
    assert_true(d.result.gradient_norm <= 10.0 * DBL_EPSILON);
    free_descent(&d);
    small_model_clear(&m);
}

static void an_unreachable_tolerance_ends_as_stalled(void **state) {
    (void)state;
    with_each(ends_at_the_floor);
}

/* f = x - log x, for x > 0 alone; lowest at 1. */
static tw_status walled(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    if (!(x[0] > 0.0)) return tw_fail(TW_ERR_NUMERIC, "log of %g", x[0]);
    *value = x[0] - log(x[0]);
    if (gradient) gradient[0] = 1.0 - 1.0 / x[0];
    return TW_OK;
}

static tw_status walled_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                                double *Y, size_t ldy) {
    (void)self;
    for (size_t j = 0; j < k; j++) Y[j * ldy] = V[j * ldv] / (x[0] * x[0]);
    return TW_OK;
}

static void comes_back(const tw_descent_method *method, const tuning *t) {
    const tw_objective objective = {.n = 1, .eval = walled, .hessian = walled_hessian};
    const tw_descent_problem problem = {&objective, NULL};
    const double starts[] = {0.3, 0.9, 30.0};
    for (size_t i = 0; t->curved && i < sizeof starts / sizeof *starts; i++) {
        descent d;
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        assert_ok(descend_from(method, &problem, &options, &starts[i], &d));
        assert_int_equal(d.result.reason, TW_DESCENT_CONVERGED);
        assert_near(d.x[0], 1.0, 2e-10);
        free_descent(&d);
    }
}

static void a_step_beyond_the_range_is_taken_back(void **state) {
    (void)state;
    with_each(comes_back);
}

/* ---- Running away ---- */

/* The whole state is that of the good point: as if the budget had ended there. */
static void runs_away(const tw_descent_method *method, const tuning *t) {
    descent d, until;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    double value = 0.0;
    if (t->runaway == 0.0) return;
    options.rate = t->runaway;
    options.batch = 8;
    options.segment = 7;
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &d));
    assert_string_equal(tw_descent_reason_name(d.result.reason), "diverged");
    assert_ok(bowls_eval(&bowl, d.x, &value, NULL));
    assert_memory_equal(&value, &d.result.value, sizeof value);
    assert_true(isfinite(d.result.gradient_norm) && d.result.step < 200);
    assert_memory_equal(d.x, d.state.x, sizeof bowl_start);
    options.max_steps = d.result.step;
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &until));
    assert_int_equal(until.state.step, d.state.step);
    assert_true(until.state.time == d.state.time);
    assert_memory_equal(until.x, d.x, sizeof bowl_start);
    assert_memory_equal(until.state.memory, d.state.memory, d.state.vectors * sizeof bowl_start);
    free_descent(&until);
    free_descent(&d);
}

static void too_large_a_rate_ends_as_diverged_at_the_last_good_point(void **state) {
    (void)state;
    with_each(runs_away);
}

/* f = -x^p: no end below, and infinity is returned without a word. */
static tw_status abyss(void *self, const double *x, double *value, double *gradient) {
    const double power = *(const double *)self;
    *value = -pow(x[0], power);
    if (gradient) gradient[0] = -power * pow(x[0], power - 1.0);
    return TW_OK;
}

static tw_status abyss_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                               double *Y, size_t ldy) {
    const double power = *(const double *)self;
    for (size_t j = 0; j < k; j++)
        Y[j * ldy] = -power * (power - 1.0) * pow(x[0], power - 2.0) * V[j * ldv];
    return TW_OK;
}

static void falls(const tw_descent_method *method, const tuning *t) {
    const bool flow = strcmp(t->method, "flow") == 0;
    /* With p > 2 the flow reaches infinity in finite time, where its steps may end below rounding
     * before anything overflows: stalled and diverged are both true. With p = 2 it is e^(2t). */
    double power = flow ? 2.0 : 4.0;
    const tw_objective objective = {
        .self = &power, .n = 1, .eval = abyss, .hessian = abyss_hessian};
    const tw_descent_problem problem = {&objective, NULL};
    descent d;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    const double start = 1.0;
    double value = 0.0;
    options.max_steps = 20000;
    if (strcmp(t->method, "lbfgs") != 0 && !flow) return;
    assert_ok(descend_from(method, &problem, &options, &start, &d));
    assert_string_equal(tw_descent_reason_name(d.result.reason), "diverged");
    assert_ok(abyss(&power, d.x, &value, NULL));
    assert_true(isfinite(value) && value == d.result.value);
    assert_true(value <= -1.0); /* the search may refuse the first step */
    if (flow) assert_true(value < -1e100);
    free_descent(&d);
}

static void a_function_without_a_floor_ends_as_diverged(void **state) {
    (void)state;
    with_each(falls);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_names_and_are_found_by_them),
        cmocka_unit_test(every_method_lowers_bowls),
        cmocka_unit_test(no_method_leaves_a_stationary_start),
        cmocka_unit_test(every_method_crosses_a_valley),
        cmocka_unit_test(every_method_optimises_a_model),
        cmocka_unit_test(an_unreachable_tolerance_ends_as_stalled),
        cmocka_unit_test(a_step_beyond_the_range_is_taken_back),
        cmocka_unit_test(too_large_a_rate_ends_as_diverged_at_the_last_good_point),
        cmocka_unit_test(a_function_without_a_floor_ends_as_diverged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
