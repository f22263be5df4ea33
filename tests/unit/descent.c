/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every row of the table of descent methods: where it goes, and that a run can be cut, taken up,
 * cancelled and refused like any other. */
#include "support/descents.h"
#include "support/ring.h"
#include "support/valley.h"

enum { BOWLS = 6, SAMPLES = 20 };

static bowls bowl = {BOWLS, SAMPLES};
static const tw_objective bowl_objective = {BOWLS, bowls_eval, bowls_hessian, &bowl};
static const tw_minibatch bowl_minibatch = {SAMPLES, bowls_gradient, &bowl};
static const tw_descent_problem bowl_problem = {&bowl_objective, &bowl_minibatch};
static const double bowl_start[BOWLS] = {4.0, -3.0, 0.0, 10.0, 5.0, -2.0};

static const tw_objective valley = {.n = 2, .eval = valley_eval, .hessian = valley_hessian};
static const tw_descent_problem valley_problem = {&valley, NULL};
static const double valley_start[2] = {-1.2, 1.0};

static const small_shape shape = {2, 3, 3, 2, 1e-2};

/* Rates that suit the three functions; for methods without one they do not matter. */
typedef struct tuning {
    const char *method;
    double bowl, valley, model;
    double runaway; /* far too large for the bowl; 0: there is no such thing */
    bool curved;    /* goes down to the rounding of the gradient wherever it starts */
} tuning;

static const tuning tunings[] = {
    {"gd", 0.5, 1e-3, 0.5, 1e3, false},  {"momentum", 0.1, 1e-4, 0.1, 1e3, false},
    {"sgd", 0.1, 1e-4, 0.1, 1e3, false}, {"adam", 0.1, 1e-2, 1e-2, 1e300, false},
    {"lbfgs", 0.1, 0.1, 0.1, 0.0, true}, {"newton", 0.1, 0.1, 0.1, 0.0, true},
    {"flow", 0.1, 0.1, 0.1, 0.0, true},
};

static const tuning *tuning_of(const tw_descent_method *method) {
    for (size_t i = 0; i < sizeof tunings / sizeof *tunings; i++)
        if (strcmp(tunings[i].method, tw_descent_method_name(method)) == 0) return &tunings[i];
    fail_msg("no tuning for %s", tw_descent_method_name(method));
    return NULL;
}

/* Runs `body` with every row. */
static void with_each(void (*body)(const tw_descent_method *method, const tuning *t)) {
    const tw_descent_method *method = NULL;
    for (size_t i = 0; (method = tw_descent_method_at(i)) != NULL; i++)
        body(method, tuning_of(method));
}

static void free_descent(descent *d) {
    tw_descent_state_clear(&d->state);
}

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
    assert_memory_equal(tw_descent_method_library(tw_descent_method_find("lbfgs")), "libLBFGS 1.",
                        11);
    assert_memory_equal(tw_descent_method_library(tw_descent_method_find("flow")), "SUNDIALS 6.",
                        11);
    assert_null(tw_descent_method_library(tw_descent_method_find("gd")));
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
    small_model_init(&m, shape);
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
    small_model_init(&m, shape);
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

static void runs_away(const tw_descent_method *method, const tuning *t) {
    descent d;
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
    for (size_t i = 0; i < BOWLS * d.state.vectors; i++) assert_true(isfinite(d.state.memory[i]));
    free_descent(&d);
}

static void too_large_a_rate_ends_as_diverged_at_the_last_good_point(void **state) {
    (void)state;
    with_each(runs_away);
}

/* f = -x^4: no end below. */
static tw_status abyss(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    *value = -x[0] * x[0] * x[0] * x[0];
    if (!isfinite(*value)) return tw_fail(TW_ERR_NUMERIC, "f is not finite");
    if (gradient) gradient[0] = -4.0 * x[0] * x[0] * x[0];
    return TW_OK;
}

static tw_status abyss_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                               double *Y, size_t ldy) {
    (void)self;
    for (size_t j = 0; j < k; j++) Y[j * ldy] = -12.0 * x[0] * x[0] * V[j * ldv];
    return TW_OK;
}

static void falls(const tw_descent_method *method, const tuning *t) {
    const tw_objective objective = {.n = 1, .eval = abyss, .hessian = abyss_hessian};
    const tw_descent_problem problem = {&objective, NULL};
    descent d;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    const double start = 1.0;
    double value = 0.0;
    options.max_steps = 20000;
    if (strcmp(t->method, "lbfgs") != 0 && strcmp(t->method, "flow") != 0) return;
    assert_ok(descend_from(method, &problem, &options, &start, &d));
    assert_string_equal(tw_descent_reason_name(d.result.reason), "diverged");
    assert_ok(abyss(NULL, d.x, &value, NULL));
    assert_true(value == d.result.value &&
                value <= -1.0); /* the search may refuse the first step */
    if (strcmp(t->method, "flow") == 0) assert_true(value < -1e100);
    free_descent(&d);
}

static void a_function_without_a_floor_ends_as_diverged(void **state) {
    (void)state;
    with_each(falls);
}

/* ---- Views and budgets ---- */

typedef struct watched {
    const tw_objective *objective;
    tw_status (*batch)(void *self, const double *x, size_t count, const size_t *chosen,
                       double *gradient);
    size_t views, keeps, fail_view, fail_keep; /* fail at this one; 0: never */
    tw_status failure;
    double time;
    bool skips; /* steps that are counted and not seen: those that Newton refuses */
} watched;

static tw_status watch(void *self, const tw_descent_view *view) {
    watched *w = self;
    double value = 0.0, scratch[SLOPE_MAX];
    assert_true(view->step == w->views || (w->skips && view->step > w->views));
    assert_true(view->time >= w->time);
    w->time = view->time;
    assert_ok(w->objective->eval(w->objective->self, view->x, &value, scratch));
    if (!isnan(view->value)) assert_memory_equal(&value, &view->value, sizeof value);
    w->views++;
    if (w->fail_view && w->views > w->fail_view) return tw_fail(w->failure, "seen enough");
    return TW_OK;
}

static tw_status keep(void *self, const tw_descent_state *state) {
    watched *w = self;
    (void)state;
    w->keeps++;
    if (w->keeps == w->fail_keep) return tw_fail(w->failure, "kept enough");
    return TW_OK;
}

static void keeps_its_budget(const tw_descent_method *method, const tuning *t) {
    const size_t budgets[] = {0, 1, 7, 9};
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        descent d;
        watched w = {.objective = &valley, .skips = strcmp(t->method, "newton") == 0};
        const tw_observer observer = {watch, keep, &w};
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.rate = t->valley;
        options.max_steps = budgets[i];
        options.segment = 3;
        options.observer = &observer;
        assert_ok(descend_from(method, &valley_problem, &options, valley_start, &d));
        assert_string_equal(tw_descent_reason_name(d.result.reason), "step limit");
        assert_int_equal(d.result.step, budgets[i]);
        assert_int_equal(d.state.step, budgets[i]);
        assert_int_equal(w.keeps, (budgets[i] + 2) / 3);
        assert_true(w.views == budgets[i] + 1 || w.skips);
        free_descent(&d);
    }
}

static void the_budget_of_steps_is_kept(void **state) {
    (void)state;
    with_each(keeps_its_budget);
}

static bool stop_at_five(void *self, const char *stage, double done, double total) {
    (void)total;
    bool stop = strcmp(stage, "descending") == 0 && done >= 5.0;
    if (stop) (*(size_t *)self)++;
    return stop;
}

/* The point is the last one; the state is where the run can be taken up to end as if nothing had
 * happened. */
static void stops_when_told(const tw_descent_method *method, const tuning *t) {
    descent cut, whole;
    size_t asked = 0;
    double value = 0.0;
    const tw_monitor monitor = {stop_at_five, &asked};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.rate = t->bowl;
    options.batch = 8;
    options.max_steps = 12;
    options.segment = 4;
    options.tolerance = 0.0;
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &whole));
    options.monitor = &monitor;
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &cut));
    if (asked > 0) {
        assert_string_equal(tw_descent_reason_name(cut.result.reason), "cancelled");
        assert_int_equal(cut.result.step, 5);
        assert_true(cut.state.step == 5 || cut.state.step == 4);
    }
    assert_ok(bowls_eval(&bowl, cut.x, &value, NULL));
    assert_memory_equal(&value, &cut.result.value, sizeof value);
    options.monitor = NULL;
    assert_ok(tw_descend(method, &bowl_problem, &options, &cut.state, cut.x, &cut.result));
    cut.state.evaluations = whole.state.evaluations; /* the look at the cut of a stochastic run */
    assert_same_end(&cut, &whole);
    free_descent(&cut);
    free_descent(&whole);
}

static void the_monitor_ends_a_run(void **state) {
    (void)state;
    with_each(stops_when_told);
}

/* ---- Taking up ---- */

static void repeats(const tw_descent_method *method, const tuning *t) {
    descent first, second;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.rate = t->bowl;
    options.batch = 3;
    options.max_steps = 60;
    options.segment = 20;
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &first));
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &second));
    assert_same_end(&first, &second);
    free_descent(&first);
    free_descent(&second);
}

static void the_same_state_gives_the_same_bits(void **state) {
    (void)state;
    with_each(repeats);
}

/* The state of segment `at`, stored as a campaign would. */
typedef struct store {
    size_t at, seen;
    tw_descent_state kept;
    const tw_descent_method *method;
} store;

static tw_status keep_one(void *self, const tw_descent_state *state) {
    store *s = self;
    if (++s->seen != s->at) return TW_OK;
    tw_status status = tw_descent_state_init(&s->kept, s->method, state->n, state->x);
    if (status != TW_OK) return status;
    double *x = s->kept.x, *memory = s->kept.memory;
    memcpy(memory, state->memory, state->n * state->vectors * sizeof *memory);
    s->kept = *state;
    s->kept.x = x;
    s->kept.memory = memory;
    return TW_OK;
}

static void take_up(const tw_descent_method *method, const tw_descent_problem *problem,
                    const tw_descent_options *options, const double *start) {
    for (size_t at = 1; at <= 3; at++) {
        descent whole, rest = {0};
        store s = {.at = at, .method = method};
        const tw_observer observer = {NULL, keep_one, &s};
        tw_descent_options watched_options = *options;
        watched_options.observer = &observer;
        assert_ok(descend_from(method, problem, &watched_options, start, &whole));
        assert_true(s.seen > at); /* there is a rest */
        rest.state = s.kept;
        assert_ok(tw_descend(method, problem, options, &rest.state, rest.x, &rest.result));
        assert_same_end(&rest, &whole);
        free_descent(&rest);
        free_descent(&whole);
    }
}

static void goes_on_from_a_kept_state(const tw_descent_method *method, const tuning *t) {
    small_model m;
    double start[SLOPE_MAX];
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.segment = 3;
    options.max_steps = 14;
    options.batch = 8; /* three steps an epoch, the last one smaller */
    options.tolerance = 0.0;
    options.rate = t->valley;
    take_up(method, &valley_problem, &options, valley_start);
    options.rate = t->bowl;
    if (!t->curved) take_up(method, &bowl_problem, &options, bowl_start);
    small_model_init(&m, shape);
    random_start(m.objective.n, 2, start);
    options.rate = t->model;
    take_up(method, &(tw_descent_problem){&m.objective, NULL}, &options, start);
    small_model_clear(&m);
}

static void a_kept_state_leads_to_the_same_end(void **state) {
    (void)state;
    with_each(goes_on_from_a_kept_state);
}

/* ---- Failures ---- */

/* A failing observer leaves a state that leads to the end of an unbroken run. */
static void observer_fails(const tw_descent_method *method, const tuning *t) {
    const tw_status failures[] = {TW_ERR_IO, TW_ERR_NUMERIC};
    for (size_t i = 0; i < 4; i++) {
        descent cut, whole;
        watched w = {.objective = &valley,
                     .failure = failures[i % 2],
                     .skips = strcmp(t->method, "newton") == 0};
        const tw_observer observer = {watch, keep, &w};
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.rate = t->valley;
        options.segment = 3;
        options.max_steps = 10;
        options.tolerance = 0.0;
        assert_ok(descend_from(method, &valley_problem, &options, valley_start, &whole));
        *(i < 2 ? &w.fail_view : &w.fail_keep) = i < 2 ? 5 : 2;
        options.observer = &observer;
        assert_int_equal(descend_from(method, &valley_problem, &options, valley_start, &cut),
                         failures[i % 2]);
        assert_string_equal(tw_last_error(), i < 2 ? "seen enough" : "kept enough");
        options.observer = NULL;
        assert_ok(tw_descend(method, &valley_problem, &options, &cut.state, cut.x, &cut.result));
        assert_same_end(&cut, &whole);
        free_descent(&cut);
        free_descent(&whole);
    }
}

static void an_error_of_the_observer_ends_the_run(void **state) {
    (void)state;
    with_each(observer_fails);
}

/* An objective that breaks, not for want of range. */
static tw_status breaks(void *self, const double *x, double *value, double *gradient) {
    size_t *left = self;
    if ((*left)-- == 0) return tw_fail(TW_ERR_IO, "broken");
    return valley_eval(NULL, x, value, gradient);
}

static tw_status hessian_beside(void *self, const double *x, size_t k, const double *V, size_t ldv,
                                double *Y, size_t ldy) {
    (void)self;
    return valley_hessian(NULL, x, k, V, ldv, Y, ldy);
}

static void objective_fails(const tw_descent_method *method, const tuning *t) {
    for (size_t good = 0; good < 8; good++) {
        descent d;
        size_t left = good;
        const tw_objective objective = {2, breaks, hessian_beside, &left};
        const tw_descent_problem problem = {&objective, NULL};
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.rate = t->valley;
        assert_int_equal(descend_from(method, &problem, &options, valley_start, &d), TW_ERR_IO);
        assert_string_equal(tw_last_error(), "broken");
        free_descent(&d);
    }
}

static void an_error_of_the_objective_ends_the_run(void **state) {
    (void)state;
    with_each(objective_fails);
}

static void wrong_options_are_refused(void **state) {
    (void)state;
    const tw_descent_method *method = tw_descent_method_find("gd");
    tw_descent_options wrong[9];
    for (size_t i = 0; i < 9; i++) wrong[i] = TW_DESCENT_DEFAULTS;
    wrong[0].tolerance = -1.0;
    wrong[1].rate = 0.0;
    wrong[2].rate = INFINITY;
    wrong[3].momentum = 1.0;
    wrong[4].end_time = 0.0;
    wrong[5].accuracy = 0.0;
    wrong[6].segment = 0;
    wrong[7].batch = 0;
    wrong[8].tolerance = (double)NAN;
    for (size_t i = 0; i < 9; i++) {
        descent d;
        assert_int_equal(descend_from(method, &valley_problem, &wrong[i], valley_start, &d),
                         TW_ERR_ARGUMENT);
        free_descent(&d);
    }
    descent d = {0};
    assert_ok(tw_descent_state_init(&d.state, tw_descent_method_find("adam"), 2, valley_start));
    assert_int_equal(tw_descend(method, &valley_problem, &wrong[0], &d.state, d.x, &d.result),
                     TW_ERR_ARGUMENT);
    free_descent(&d);
    tw_descent_state_clear(&d.state);
    tw_descent_state_clear(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_names_and_are_found_by_them),
        cmocka_unit_test(every_method_lowers_bowls),
        cmocka_unit_test(every_method_crosses_a_valley),
        cmocka_unit_test(every_method_optimises_a_model),
        cmocka_unit_test(an_unreachable_tolerance_ends_as_stalled),
        cmocka_unit_test(a_step_beyond_the_range_is_taken_back),
        cmocka_unit_test(too_large_a_rate_ends_as_diverged_at_the_last_good_point),
        cmocka_unit_test(a_function_without_a_floor_ends_as_diverged),
        cmocka_unit_test(the_budget_of_steps_is_kept),
        cmocka_unit_test(the_monitor_ends_a_run),
        cmocka_unit_test(the_same_state_gives_the_same_bits),
        cmocka_unit_test(a_kept_state_leads_to_the_same_end),
        cmocka_unit_test(an_error_of_the_observer_ends_the_run),
        cmocka_unit_test(an_error_of_the_objective_ends_the_run),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
