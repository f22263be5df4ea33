/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Estimates of the Hessian at a point by the best route that it allows: all eigenvalues, sectors,
 * or random probes; for these its symmetry orbit is deflated where the point is stationary enough
 * for the orbit to be null. */
#ifndef THALWEG_ESTIMATION_H
#define THALWEG_ESTIMATION_H

#include <thalweg/curvature/flatness.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/optima/sectors.h>
#include <thalweg/spectrum/listing.h>
#include <thalweg/spectrum/trace.h>
#include <thalweg/symmetry/symmetry.h>

typedef enum tw_estimation_route {
    TW_ROUTE_ANY, /* the first of the others that is allowed and possible */
    TW_ROUTE_DENSE,
    TW_ROUTE_SECTORS,
    TW_ROUTE_PROBES
} tw_estimation_route;

typedef struct tw_estimation_options {
    tw_estimation_route route; /* default TW_ROUTE_ANY */
    double rank_tolerance;     /* in (0, 1); default 1e-3 */
    bool blocks;               /* figures of every parameter block too; default false */
    tw_budget budget;          /* dense_limit and products bound the dense route */
} tw_estimation_options;

#define TW_ESTIMATION_DEFAULTS                                                                     \
    ((tw_estimation_options){.rank_tolerance = TW_RANK_TOLERANCE, .budget = TW_BUDGET_DEFAULTS})

/* Borrows evaluator and theta; must not be moved. Initialise with {0}. */
typedef struct tw_estimation {
    tw_estimation_options options;
    tw_evaluator *evaluator;
    const double *theta;
    tw_objective objective;
    tw_hessian hessian; /* counts all products */
    tw_linop H;
    double gradient_norm, size; /* ||g||, ||theta|| */
    tw_kinks kinks;
    bool refused; /* by tw_counts_refuse: no count stands, and the doubt is there from the start */
    tw_estimation_route route; /* the one that is taken */
    tw_sectors sectors;        /* of that route, and those that judged the dense one */
    tw_symmetry *symmetry;     /* NULL until it is asked for: sectors need none */
    tw_tangent tangent;
    tw_monitor monitor; /* the options' budget, for projections: a tw_estimation stays in place */
    double *gradient;   /* owned */
    size_t block_count; /* options.blocks: W1, .. WL, H and b; else 0 */
    tw_flat_block *blocks; /* owned, as is what holds their names */
    tw_block *described;
    tw_zero_evidence zero;   /* what zero means at theta; zero itself where it is not stationary */
    bool tried;              /* the orbit was, to an answer */
    bool stationary;         /* theta is, and its orbit is null */
    char doubt[240];         /* why counts do not stand: from the start, or once an
                                answer was judged; "" where they do */
    double tangent_residual; /* largest ||H v||/||H|| over random unit tangent vectors; NAN */
    tw_subspace within;      /* outside the orbit; the whole space when nothing is deflated */
} tw_estimation;

/* The Hessian at theta. options: NULL for the defaults. */
TW_API tw_status tw_estimation_start(tw_evaluator *evaluator, const double *theta,
                                     const tw_estimation_options *options,
                                     tw_estimation *estimation);
TW_API void tw_estimation_clear(tw_estimation *estimation); /* idempotent, NULL-safe; leaves {0} */

/* Choose the route. TW_ERR_UNSUPPORTED: the dense route is asked for beyond its limits;
 * TW_ERR_DATA: sectors are, and do not apply. */
TW_API tw_status tw_estimation_choose(tw_estimation *estimation);

/* The symmetry with its tangent, and its orbit tried on the Hessian: that is what zero means at
 * theta, by the same numbers as in tw_degeneracy_analyse. Where the orbit is null, random probes
 * have it deflated; all eigenvalues show it. No symmetry is made where the gradient alone tells
 * that theta is not stationary. */
TW_API tw_status tw_estimation_try_orbit(tw_estimation *estimation);

/* What zero means to a list of eigenvalues of A, an operator for the Hessian at theta: the
 * gradient, and what the tangent of the orbit shows. TW_STOPPED when the budget ended its
 * products. */
TW_API tw_status tw_estimation_evidence(tw_estimation *estimation, const tw_linop *A,
                                        tw_zero_evidence *zero);

/* *work becomes the cost of that evidence and then of what *work was: symmetry and gradient stay
 * while it is made. */
TW_API void tw_estimation_add_evidence(const tw_dufm *model, const double *theta, tw_cost *work);

/* *work becomes the cost of trying the orbit at theta and then of the estimate that *work was: the
 * symmetry and the gradient stay while it is made. */
TW_API void tw_estimation_add_orbit(const tw_dufm *model, const double *theta, tw_cost *work);

/* Judge the counts of a list of eigenvalues, which has its second route behind it
 * (tw_routes_settle): estimation->doubt then says why they do not stand. Those at a point on kinks
 * are none. */
TW_API void tw_estimation_judge(tw_estimation *estimation, tw_listing *listing);

/* By the route, within what is not deflated, settled: options->within, the dense limit and, unless
 * a threshold was told, the evidence on zero are set here. On kinks the figures are those of one
 * branch, and those that hang on counts (log_det, zero_modes) unknown. */
TW_API tw_status tw_estimation_density(tw_estimation *estimation, const tw_density_options *options,
                                       tw_density_result *result);
TW_API tw_status tw_estimation_trace(tw_estimation *estimation, const tw_trace_options *options,
                                     tw_trace_result *result);

/* Of these by the route that was chosen; nothing by sectors, which are there. */
TW_API void tw_estimation_density_cost(const tw_estimation *estimation,
                                       const tw_density_options *options, tw_cost *cost);
TW_API void tw_estimation_trace_cost(const tw_estimation *estimation,
                                     const tw_trace_options *options, tw_cost *cost);

/* Likewise; the options' tangent, sectors and those of their blocks are set here, and the dense
 * limit to 0 for random probes. Without blocks of their own the estimation's are measured; the
 * result borrows their names. */
TW_API tw_status tw_estimation_flatness(tw_estimation *estimation,
                                        const tw_flatness_options *options, tw_flatness *result);

/* Of tw_estimation_flatness by the route that was chosen. TW_ERR_MEMORY. */
TW_API tw_status tw_estimation_flatness_cost(const tw_estimation *estimation,
                                             const tw_flatness_options *options, tw_cost *cost);

#endif
