/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of all descent methods: segments, stopping rules, observation, and the table. */
#include "training/descent_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

static const tw_descent_method *const methods[] = {
    &tw_method_gd,    &tw_method_momentum, &tw_method_sgd,  &tw_method_adam,
    &tw_method_lbfgs, &tw_method_newton,   &tw_method_flow,
};

const tw_descent_method *tw_descent_method_at(size_t index) {
    return index < sizeof methods / sizeof *methods ? methods[index] : NULL;
}

const tw_descent_method *tw_descent_method_find(const char *name) {
    const tw_descent_method *method = NULL;
    for (size_t i = 0; (method = tw_descent_method_at(i)) != NULL; i++)
        if (strcmp(method->name, name) == 0) break;
    return method;
}

const char *tw_descent_method_name(const tw_descent_method *method) {
    return method->name;
}

const char *tw_descent_method_summary(const tw_descent_method *method) {
    return method->summary;
}

bool tw_descent_method_takes(const tw_descent_method *method, const char *name) {
    static const char *const own[] = {"lr", "momentum", "batch", "t_end", "accuracy"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], name) == 0) return strstr(method->takes, name) != NULL;
    return true;
}

const char *tw_descent_method_library(const tw_descent_method *method) {
    return method->library;
}

const char *tw_descent_reason_name(tw_descent_reason reason) {
    static const char *const names[] = {"converged", "stationary start", "step limit", "end time",
                                        "stalled",   "diverged",         "cancelled"};
    return (size_t)reason < sizeof names / sizeof *names ? names[reason] : "unknown";
}

bool tw_descent_is_converged(tw_descent_reason reason) {
    return reason == TW_DESCENT_CONVERGED || reason == TW_DESCENT_STATIONARY;
}

/* ---- State ---- */

tw_status tw_descent_state_init(tw_descent_state *state, const tw_descent_method *method, size_t n,
                                const double *x) {
    tw_status status = TW_OK;
    *state = (tw_descent_state){.n = n, .vectors = method->vectors};
    TW_TRY(TW_NEW(state->x, n));
    TW_TRY(TW_NEW(state->memory, n * method->vectors));
    tw_copy(n, x, state->x);
cleanup:
    if (status != TW_OK) tw_descent_state_clear(state);
    return status;
}

void tw_descent_state_clear(tw_descent_state *state) {
    if (state == NULL) return;
    free(state->x);
    free(state->memory);
    *state = (tw_descent_state){0};
}

/* ---- What methods call ---- */

tw_status tw_descent_eval(tw_descent *run, const double *x, double *value, double *gradient) {
    const tw_objective *f = run->problem->objective;
    run->state->evaluations++;
    tw_status status = f->eval(f->self, x, value, gradient);
    if (status != TW_OK) return status;
    bool finite = isfinite(*value) && (gradient == NULL || tw_all_finite(run->n, gradient));
    if (!tw_space_any_of(run->options->space, !finite)) return TW_OK;
    return tw_fail(TW_ERR_NUMERIC, "the value %g or its gradient is not finite", *value);
}

tw_status tw_descent_product(tw_descent *run, const double *x, const double *v, double *Hv) {
    const tw_objective *f = run->problem->objective;
    run->state->products++;
    return f->hessian(f->self, x, 1, v, run->n, Hv, run->n);
}

void tw_descent_end(tw_descent *run, tw_descent_reason reason) {
    run->done = true;
    run->reason = reason;
}

static tw_status show(const tw_descent *run) {
    const tw_observer *observer = run->options->observer;
    const tw_descent_view view = {run->state->step, run->state->time, run->x, run->value,
                                  run->norm};
    return observer && observer->see ? observer->see(observer->self, &view) : TW_OK;
}

bool tw_descent_told_to_end(const tw_descent *run) {
    const tw_descent_options *options = run->options;
    bool told = tw_monitor_report(options->monitor, "descending", (double)run->state->step,
                                  (double)options->max_steps);
    return tw_space_any_of(options->space, told);
}

/* Convergence first: it is the answer that was asked for. NAN compares as not converged. */
static void judge(tw_descent *run) {
    const tw_descent_options *options = run->options;
    bool cancelled = tw_descent_told_to_end(run);
    if (run->norm <= options->tolerance)
        tw_descent_end(run, run->state->step > 0 ? TW_DESCENT_CONVERGED : TW_DESCENT_STATIONARY);
    else if (run->state->time >= options->end_time)
        tw_descent_end(run, TW_DESCENT_TIME);
    else if (run->state->step >= options->max_steps)
        tw_descent_end(run, TW_DESCENT_STEPS);
    else if (cancelled)
        tw_descent_end(run, TW_DESCENT_CANCELLED);
}

tw_status tw_descent_tell(tw_descent *run, const double *x, double value, const double *gradient) {
    if (x != run->x) tw_copy(run->n, x, run->x);
    if (gradient && gradient != run->g) tw_copy(run->n, gradient, run->g);
    run->value = value;
    run->norm = gradient ? tw_norm(run->options->space, run->n, gradient) : (double)NAN;
    run->state->step++;
    tw_status status = show(run);
    if (status == TW_OK) judge(run);
    return status;
}

#define PATIENCE 100 /* steps */

/* A lower f, a lower gradient, or one that grows as it does when a saddle is left. */
bool tw_descent_is_idle(const tw_descent *run, tw_descent_progress *progress) {
    double noise = TW_VALUE_NOISE * fabs(progress->value);
    bool moved = run->norm < 0.9 * progress->norm || run->norm > 10.0 * progress->norm;
    if (moved) progress->norm = run->norm;
    if (run->value < progress->value - noise) {
        progress->value = run->value;
        moved = true;
    }
    progress->idle = moved ? 0 : progress->idle + 1;
    return progress->idle >= PATIENCE;
}

/* ---- Driver ---- */

static tw_status check(const tw_descent_options *options) {
    if (!(options->tolerance >= 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "tolerance %g is negative", options->tolerance);
    if (!(options->rate > 0.0) || isinf(options->rate))
        return tw_fail(TW_ERR_ARGUMENT, "rate %g is not positive", options->rate);
    if (!(options->momentum >= 0.0 && options->momentum < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "momentum %g is not in [0, 1)", options->momentum);
    if (!(options->end_time > 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "end time %g is not positive", options->end_time);
    if (!(options->accuracy > 0.0 && options->accuracy < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "accuracy %g is not between 0 and 1", options->accuracy);
    if (options->segment == 0 || options->batch == 0)
        return tw_fail(TW_ERR_ARGUMENT, "segments of %zu steps, minibatches of %zu samples",
                       options->segment, options->batch);
    return TW_OK;
}

static tw_status allocate(tw_descent *run) {
    tw_status status = TW_OK;
    TW_TRY(TW_NEW(run->g, run->n));
    TW_TRY(TW_NEW(run->work[0], run->n));
    TW_TRY(TW_NEW(run->work[1], run->n));
    TW_TRY(TW_NEW(run->work[2], run->n));
cleanup:
    return status;
}

/* f, gradient and norm at run->x. */
static tw_status look(tw_descent *run) {
    tw_status status = tw_descent_eval(run, run->x, &run->value, run->g);
    if (status == TW_OK) run->norm = tw_norm(run->options->space, run->n, run->g);
    return status;
}

static void count(tw_descent_result *result, const tw_descent_state *state) {
    result->step = state->step;
    result->time = state->time;
    result->evaluations = state->evaluations;
    result->batches = state->batches;
    result->products = state->products;
}

/* One segment. Scalars of the state go on with the run; when the monitor or an error cuts a method
 * with a history of its own short, they return to the start of the segment, where x still is. */
static tw_status advance(tw_descent *run, const tw_descent_method *method,
                         tw_descent_result *result) {
    const tw_observer *observer = run->options->observer;
    tw_descent_state *state = run->state, before = *run->state;
    size_t until = state->step - state->step % run->options->segment + run->options->segment;
    if (until > run->options->max_steps) until = run->options->max_steps;
    tw_status status = method->advance(run, until);
    if (status == TW_OK && !run->done) judge(run);
    count(result, state);
    bool cut = status != TW_OK || (run->done && run->reason == TW_DESCENT_CANCELLED);
    if (method->restarts && cut)
        *state = before;
    else
        tw_copy(run->n, run->x, state->x);
    if (status == TW_OK && observer && observer->keep)
        status = observer->keep(observer->self, state);
    return status;
}

static tw_status drive(tw_descent *run, const tw_descent_method *method,
                       tw_descent_result *result) {
    tw_status status = TW_OK;
    tw_descent_state *state = run->state;
    size_t evaluations = state->evaluations;
    TW_TRY(look(run));
    if (evaluations > 0) state->evaluations = evaluations; /* a run that went through has no need */
    result->value_before = run->value;
    result->gradient_norm_before = run->norm;
    count(result, state);
    if (state->step == 0) TW_TRY(show(run));
    judge(run);
    while (!run->done) TW_TRY(advance(run, method, result));
    result->value = run->value;
    result->gradient_norm = run->norm;
    result->reason = run->reason;
cleanup:
    return status;
}

tw_status tw_descend(const tw_descent_method *method, const tw_descent_problem *problem,
                     const tw_descent_options *options, tw_descent_state *state, double *x,
                     tw_descent_result *result) {
    tw_status status = TW_OK;
    const tw_descent_options defaults = TW_DESCENT_DEFAULTS;
    if (options == NULL) options = &defaults;
    double start = tw_clock_seconds();
    tw_descent run = {
        .problem = problem, .options = options, .n = problem->objective->n, .x = x, .state = state};
    *result = (tw_descent_result){0};
    TW_TRY(check(options));
    if (state->n != run.n || state->vectors != method->vectors)
        TW_TRY(tw_fail(TW_ERR_ARGUMENT,
                       "a state of %zu parameters and %zu vectors, where %s needs %zu and %zu",
                       state->n, state->vectors, method->name, run.n, method->vectors));
    TW_TRY(tw_space_check(options->space, run.n));
    TW_TRY(allocate(&run));
    tw_copy(run.n, state->x, x);
    TW_TRY(drive(&run, method, result));
    result->seconds = tw_clock_seconds() - start;
cleanup:
    free(run.g);
    free(run.work[0]);
    free(run.work[1]);
    free(run.work[2]);
    return status;
}

/* Beside the steps: a look at the start and one at the end. The state, the gradient, and what the
 * method writes to: memory that is asked for and left alone is none. Stochastic methods keep a
 * second state to go back to. */
void tw_descent_cost(const tw_descent_method *method, size_t n, const tw_descent_options *options,
                     tw_cost *cost) {
    const tw_descent_options defaults = TW_DESCENT_DEFAULTS;
    if (options == NULL) options = &defaults;
    double copies = method->stochastic ? 2.0 : 1.0;
    double vectors = 2.0 + copies * (double)method->vectors + (double)method->inner;
    *cost = (tw_cost){.bytes = 8.0 * vectors * (double)n, .traffic = vectors * (double)n};
    tw_cost_set_products(cost, 1.0, method->calls * ((double)options->max_steps + 2.0));
}
