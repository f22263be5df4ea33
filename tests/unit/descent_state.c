/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every row of the table of descent methods: a run can be cut, taken up, cancelled and refused. */
#include "support/descents.h"
#include "training/descent_private.h"

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

/* Also by a method that converges on its last step. */
static void converges_within_its_budget(const tw_descent_method *method, const tuning *t) {
    for (size_t budget = 1; budget <= 12; budget++) {
        descent d;
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.rate = t->bowl;
        options.max_steps = budget;
        assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &d));
        assert_true(d.result.step <= budget);
        free_descent(&d);
    }
}

static void the_budget_of_steps_is_kept(void **state) {
    (void)state;
    with_each(keeps_its_budget);
    with_each(converges_within_its_budget);
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

/* *self: asks that are left, 0 from the one on that ends it. */
static bool count_down(void *self, const char *stage, double done, double total) {
    size_t *left = self;
    (void)stage;
    (void)done;
    (void)total;
    *left -= *left > 0;
    return *left == 0;
}

/* Wherever it is told so, within a step as well: the same as between steps. */
static void stops_within_a_step(const tw_descent_method *method, const tuning *t) {
    descent cut, whole;
    double value = 0.0;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.rate = t->bowl;
    options.max_steps = 12;
    options.segment = 4;
    options.tolerance = 0.0;
    assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &whole));
    size_t asks = 0;
    for (size_t left = 0; left == 0;) {
        left = ++asks;
        const tw_monitor monitor = {count_down, &left};
        options.monitor = &monitor;
        assert_ok(descend_from(method, &bowl_problem, &options, bowl_start, &cut));
        bool cancelled = cut.result.reason == TW_DESCENT_CANCELLED;
        assert_true(cancelled ? left == 0 : cut.result.reason == whole.result.reason);
        assert_ok(bowls_eval(&bowl, cut.x, &value, NULL));
        assert_memory_equal(&value, &cut.result.value, sizeof value);
        options.monitor = NULL;
        assert_ok(tw_descend(method, &bowl_problem, &options, &cut.state, cut.x, &cut.result));
        cut.state.evaluations = whole.state.evaluations; /* some were for steps not taken */
        cut.state.products = whole.state.products;
        assert_same_end(&cut, &whole);
        free_descent(&cut);
    }
    /* once for each, and where a step may take many also after it */
    assert_true(asks >= whole.state.evaluations + whole.state.products +
                            (method->restarts ? whole.state.step : 0));
    free_descent(&whole);
}

static void the_monitor_ends_a_run(void **state) {
    (void)state;
    with_each(stops_when_told);
    with_each(stops_within_a_step);
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
    small_model_init(&m, tiny_shape);
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
        const tw_objective objective = {
            .n = 2, .eval = breaks, .hessian = hessian_beside, .self = &left};
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
