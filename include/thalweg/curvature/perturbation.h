/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much a function rises when its argument is disturbed: the worst case in a ball, and the mean
 * under Gaussian noise (docs/mathematics.md, section 7.3). Knows an objective, not a model. */
#ifndef THALWEG_PERTURBATION_H
#define THALWEG_PERTURBATION_H

#include <stdbool.h>
#include <thalweg/base/budget.h>
#include <thalweg/model/objective.h>
#include <thalweg/operator/subspace.h>
#include <thalweg/spectrum/estimate.h>

/* ---- The worst case: max f(x + delta) - f(x) over ||delta|| <= epsilon ---- */

typedef struct tw_sharpness_options {
    size_t radius_count;
    const double *radii;   /* epsilon, > 0 each; borrowed */
    size_t vector_count;   /* directions to start from, each with both signs */
    const double *vectors; /* n x vector_count, leading dimension n; borrowed */
    size_t starts;         /* random directions to start from as well; default 4 */
    size_t max_steps;      /* of one ascent, >= 1; default 200 */
    double tolerance;      /* an ascent has converged when a step moves delta by less than
                              tolerance * epsilon; > 0; default 1e-6 */
    tw_subspace within;    /* delta lies in it; default: the whole space */
    tw_budget budget;      /* start i: stream (seed, TW_PURPOSE_OFFSET, i); products and dense_limit
                              are not used */
} tw_sharpness_options;

#define TW_SHARPNESS_DEFAULTS                                                                      \
    ((tw_sharpness_options){                                                                       \
        .starts = 4, .max_steps = 200, .tolerance = 1e-6, .budget = TW_BUDGET_DEFAULTS})

typedef struct tw_sharpness {
    double epsilon;
    double rise;        /* reached at some delta of the ball: a lower bound of the worst case, and
                           the worst case when no ascent missed it; >= 0 */
    double quadratic;   /* epsilon ||g|| + (epsilon^2/2) max(largest eigenvalue, 0): what second
                           order says; an upper bound for quadratic functions, none for others;
                           set by tw_flatness_measure, 0 otherwise */
    bool converged;     /* the ascent that reached it came to a stationary delta */
    size_t ascents;     /* finished */
    size_t evaluations; /* of value and gradient */
} tw_sharpness;

/* rows (out): radius_count. The monitor is asked before each ascent; ascents that it leaves out are
 * missing in `ascents`. Memory: 6 n doubles. Errors: TW_ERR_ARGUMENT, TW_ERR_MEMORY, those of the
 * objective (TW_ERR_NUMERIC where the ball reaches beyond what doubles hold). */
TW_API tw_status tw_sharpness_search(const tw_objective *objective, const double *x,
                                     const tw_sharpness_options *options, tw_sharpness *rows);

/* ---- The mean: E f(x + sigma xi) - f(x), xi standard normal ---- */

typedef struct tw_rise_options {
    size_t deviation_count;
    const double *deviations; /* > 0 each; borrowed */
    size_t pairs;             /* of points x +- sigma xi, >= 2; default 128 */
    double trace; /* exact trace of the Hessian (of its part in the subspace): takes the second
                     order out of the sampling, for a product a pair; default NAN: unknown */
    tw_subspace within; /* xi is projected into it; default: the whole space */
    tw_budget budget;   /* pair i: stream (seed, TW_PURPOSE_OFFSET, i); with a trace no more pairs
                           than products; dense_limit is not used */
} tw_rise_options;

#define TW_RISE_DEFAULTS                                                                           \
    ((tw_rise_options){.pairs = 128, .trace = __builtin_nan(""), .budget = TW_BUDGET_DEFAULTS})

typedef struct tw_rise {
    double sigma;
    tw_estimate rise; /* Student's interval over the pairs, wider by the rounding of f */
    double quadratic; /* (sigma^2/2) trace; NAN when the trace is unknown */
    size_t pairs;     /* finished */
} tw_rise;

/* rows (out): deviation_count; every sigma sees the same xi. With a trace the samples are
 * (f(x + d) + f(x - d))/2 - f(x) - d.Hd/2, whose mean is what the fourth and higher orders add: no
 * matter what H is, the mean of what was taken off is known. Costs 2 * pairs * deviation_count
 * values and, with a trace, `pairs` products. Memory: 3 n doubles. Errors as above. */
TW_API tw_status tw_rise_estimate(const tw_objective *objective, const double *x,
                                  const tw_rise_options *options, tw_rise *rows);

#endif
