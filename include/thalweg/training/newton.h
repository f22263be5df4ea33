/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polishing: trust-region Newton with truncated conjugate gradients (Steihaug 1983, Toint 1981) on
 * Hessian products, down to the rounding floor of the gradient. */
#ifndef THALWEG_NEWTON_H
#define THALWEG_NEWTON_H

#include <stdbool.h>
#include <thalweg/base/budget.h>
#include <thalweg/base/cost.h>
#include <thalweg/dense/space.h>
#include <thalweg/model/objective.h>

typedef enum tw_newton_reason {
    TW_NEWTON_CONVERGED,  /* ||g|| <= threshold */
    TW_NEWTON_STAGNATED,  /* no step lowers f or ||g|| any more, above the threshold */
    TW_NEWTON_ITERATIONS, /* max_iterations used up */
    TW_NEWTON_PRODUCTS,   /* the products are used up */
    TW_NEWTON_CANCELLED   /* the monitor or the deadline ended it */
} tw_newton_reason;

TW_API const char *tw_newton_reason_name(tw_newton_reason reason);

typedef struct tw_newton_options {
    double tolerance;      /* threshold = tolerance * min(||H||, curvature_cap) * max(1, ||x||), so
                              that a rescaled loss takes the same steps; > 0; default 1e-12 */
    double curvature_cap;  /* default INFINITY; 1 makes the threshold at most
                              tolerance * max(1, ||x||) */
    size_t max_iterations; /* default 500 */
    const tw_space *space; /* default NULL: serial */
    tw_budget budget;      /* seed: of the norm estimate's start vector; dense_limit is not used */
    double goal;           /* ||g|| <= goal ends it too, whatever the tolerance; default 0 */
    /* Sees every point that is accepted, with its gradient; *end (out, false) ends the run as the
     * monitor does. Default NULL. */
    tw_status (*see)(void *self, const double *x, double value, const double *gradient, bool *end);
    void *self;
} tw_newton_options;

#define TW_NEWTON_DEFAULTS                                                                         \
    ((tw_newton_options){.tolerance = 1e-12,                                                       \
                         .curvature_cap = __builtin_inf(),                                         \
                         .max_iterations = 500,                                                    \
                         .budget = TW_BUDGET_DEFAULTS})

typedef struct tw_newton_result {
    double value_before, value;
    double gradient_norm_before, gradient_norm; /* ||g||_2 */
    double threshold;                           /* what ||g|| was asked to reach at the end */
    double moved;                               /* ||x - x_before||_2 */
    double size;                                /* ||x||_2 at the end */
    double curvature;                           /* estimate of ||H||_2 at the start, from below */
    size_t iterations, evaluations, products;
    size_t negative_curvature; /* steps that followed a direction of negative curvature */
    tw_newton_reason reason;
} tw_newton_result;

/* x (in/out, n): the start, then the best point. Moves along zero modes are not made: a step lies
 * in the Krylov space of the gradient, and directions whose curvature drowns in rounding end it.
 * options: NULL for the defaults.
 * Errors: those of the objective (x is then the last good point), TW_ERR_MEMORY. */
TW_API tw_status tw_newton(const tw_objective *objective, const tw_newton_options *options,
                           double *x, tw_newton_result *result);

/* At least one iteration, at most the products of the budget. */
TW_API void tw_newton_cost(size_t n, const tw_newton_options *options, tw_cost *cost);

#endif
