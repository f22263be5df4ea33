/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Critical points of any index from where one stands: Newton on the gradient (docs/mathematics.md,
 * section 12). Dense: a spectrum of the Hessian a step, for a few hundred variables. */
#ifndef THALWEG_STATIONARY_H
#define THALWEG_STATIONARY_H

#include <thalweg/base/budget.h>
#include <thalweg/base/cost.h>
#include <thalweg/model/objective.h>

typedef enum tw_stationary_reason {
    TW_STATIONARY_CONVERGED,  /* ||g|| <= threshold */
    TW_STATIONARY_STAGNATED,  /* a minimum of ||g|| that is no zero of g, or no step lowers it */
    TW_STATIONARY_ITERATIONS, /* max_iterations used up */
    TW_STATIONARY_PRODUCTS,   /* none left for another spectrum */
    TW_STATIONARY_CANCELLED   /* the monitor or the deadline ended it */
} tw_stationary_reason;

TW_API const char *tw_stationary_reason_name(tw_stationary_reason reason);

typedef struct tw_stationary_options {
    double tolerance;      /* threshold = tolerance * ||H|| * max(1, ||x||); > 0; default 1e-13 */
    size_t max_iterations; /* spectra; default 300 */
    size_t follow;         /* first so many steps of eigenvector following; default 0 */
    size_t index;          /* ... that climb along this many lowest eigenvectors; default 0 */
    tw_budget budget;      /* a spectrum takes n products; seed is not used */
} tw_stationary_options;

#define TW_STATIONARY_DEFAULTS                                                                     \
    ((tw_stationary_options){                                                                      \
        .tolerance = 1e-13, .max_iterations = 300, .budget = TW_BUDGET_DEFAULTS})

typedef struct tw_stationary_result {
    double value, gradient_norm, gradient_norm_before; /* ||g||_2 */
    double threshold;                                  /* what ||g|| was asked to reach */
    double norm;                                       /* ||H||_2 at the last spectrum */
    size_t iterations, evaluations, products;
    tw_stationary_reason reason;
} tw_stationary_result;

/* x (in/out, n): the start, then the last point. Errors: those of the objective but for
 * TW_ERR_NUMERIC at a trial point, TW_ERR_ARGUMENT, TW_ERR_MEMORY, TW_ERR_UNSUPPORTED (n above the
 * dense limit of the budget). options: NULL for the defaults. */
TW_API tw_status tw_stationary_find(const tw_objective *objective,
                                    const tw_stationary_options *options, double *x,
                                    tw_stationary_result *result);

/* At least one spectrum, at most max_iterations of them. */
TW_API void tw_stationary_cost(size_t n, const tw_stationary_options *options, tw_cost *cost);

#endif
