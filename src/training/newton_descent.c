/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trust-region Newton as a descent method: accepted steps are its steps. */
#include <thalweg/training/newton.h>

#include <math.h>

#include "training/descent_private.h"

static tw_status see(void *self, const double *x, double value, const double *gradient, bool *end) {
    tw_descent *run = self;
    tw_status status = tw_descent_tell(run, x, value, gradient);
    *end = run->done;
    return status;
}

static tw_status newton(tw_descent *run, size_t until) {
    tw_status status = TW_OK;
    const tw_descent_options *options = run->options;
    tw_newton_options inner = TW_NEWTON_DEFAULTS;
    tw_newton_result result;
    inner.tolerance = 1e-16; /* the goal is absolute; this is where rounding ends it */
    inner.goal = options->tolerance;
    inner.max_iterations = until - run->state->step;
    inner.budget =
        (tw_budget){.products = SIZE_MAX, .seed = options->seed, .monitor = options->monitor};
    inner.space = options->space;
    inner.see = see;
    inner.self = run;
    TW_TRY(tw_newton(run->problem->objective, &inner, run->x, &result));
    run->state->evaluations += result.evaluations;
    run->state->products += result.products;
    run->value = result.value;
    run->norm = result.gradient_norm;
    if (run->done) goto cleanup;
    if (result.reason == TW_NEWTON_CONVERGED && run->norm <= options->tolerance)
        tw_descent_end(run, TW_DESCENT_CONVERGED);
    else if (result.reason == TW_NEWTON_CANCELLED)
        tw_descent_end(run, TW_DESCENT_CANCELLED);
    else if (result.reason == TW_NEWTON_ITERATIONS && result.iterations > 0)
        run->state->step = until; /* rejected steps count too */
    else
        tw_descent_end(run, TW_DESCENT_STALLED);
cleanup:
    return status;
}

const tw_descent_method tw_method_newton = {
    "newton", "trust-region Newton with exact Hessian products",
    "",       0,
    9,        INFINITY,
    false,    true,
    newton,   NULL};
