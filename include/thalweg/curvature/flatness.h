/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How flat is a point: figures of its Hessian and of the function around it, each for the whole
 * space, off the orbit of a symmetry, and for blocks of coordinates (docs/mathematics.md, section
 * 7.3). What each figure is invariant to stands beside it. Knows an objective, not a model. */
#ifndef THALWEG_FLATNESS_H
#define THALWEG_FLATNESS_H

#include <thalweg/base/cost.h>
#include <thalweg/curvature/perturbation.h>
#include <thalweg/model/objective.h>
#include <thalweg/operator/restricted.h>
#include <thalweg/operator/tangent.h>
#include <thalweg/spectrum/levels.h>
#include <thalweg/spectrum/trace.h>

/* A block of coordinates with a name. Borrows both pointers. */
typedef struct tw_flat_block {
    const char *name; /* "W1" */
    tw_slice slice;
    const tw_levels *sectors; /* its whole spectrum where sectors tell it; NULL */
} tw_flat_block;

typedef struct tw_flatness_options {
    tw_trace_options trace;           /* of the estimates above the dense limit */
    tw_sharpness_options sharpness;   /* radii and ascents */
    tw_rise_options rise;             /* sigmas and pairs */
    const tw_tangent *tangent;        /* default NULL: no known symmetry, off_orbit is the whole */
    const tw_levels *sectors;         /* the whole spectrum where sectors tell it; default NULL */
    const tw_zero_rule *sectors_zero; /* their rule; default NULL: that of a dense route */
    size_t block_count;
    const tw_flat_block *blocks; /* borrowed; default none */
    const tw_space *space;       /* default NULL: serial */
    tw_budget budget; /* for all figures together, and in place of those of trace, sharpness and
                         rise, as what is known replaces their subspaces; parts up to dense_limit by
                         all eigenvalues */
} tw_flatness_options;

#define TW_FLATNESS_DEFAULTS                                                                       \
    ((tw_flatness_options){.trace = TW_TRACE_DEFAULTS,                                             \
                           .sharpness = TW_SHARPNESS_DEFAULTS,                                     \
                           .rise = TW_RISE_DEFAULTS,                                               \
                           .budget = TW_BUDGET_DEFAULTS})

/* The figures of one subspace: P H P on the range of its projector P. */
typedef struct tw_flat_part {
    const char *name; /* "whole", "off orbit" ("projected" where x is not stationary enough for the
                         tangent to be null), or a block's; borrowed */
    size_t dimension;
    tw_zero_rule zero;     /* what counts as zero; its counts are of exact routes alone */
    const char *method;    /* "dense", "sectors", or those of tw_trace_result; static */
    tw_estimate largest;   /* eigenvalue; by products value and interval from the residual */
    tw_estimate smallest;  /* |eigenvalue| that is not zero, likewise; NAN: none */
    tw_estimate condition; /* largest |eigenvalue| over smallest non-zero one */
    tw_estimate trace, frobenius, log_det, zero_modes; /* as in tw_trace_result */
    size_t radius_count, deviation_count;
    tw_sharpness *sharpness; /* one a radius; owned */
    tw_rise *rises;          /* one a sigma; owned */
} tw_flat_part;

typedef struct tw_flatness {
    size_t parameters;
    double value, gradient_norm;
    double norm;             /* ||H||_2, from below */
    double tangent_residual; /* largest ||H v||/||H|| over random unit tangent vectors; NAN: none */
    tw_flat_part whole, off_orbit;
    size_t block_count;
    tw_flat_part *blocks; /* owned */
    size_t products;
    tw_estimate_reason reason;
} tw_flatness;

/* x: n. By default (radii and sigmas of count 0) only the spectral figures. Errors: those of the
 * parts; the result is cleared on failure. Cancelled: figures that are missing are NAN. */
TW_API tw_status tw_flatness_measure(const tw_objective *objective, const double *x,
                                     const tw_flatness_options *options, tw_flatness *result);
TW_API void tw_flatness_clear(tw_flatness *flatness); /* idempotent, NULL-safe */

/* One figure: a row of a constant table. */
typedef struct tw_flat_figure {
    const char *key;        /* "log_det_nonzero", of records */
    const char *title;      /* for tables */
    size_t offset;          /* of its tw_estimate in tw_flat_part; SIZE_MAX: sharpness, mean rise */
    const char *invariance; /* what may be done to the function without changing it */
} tw_flat_figure;

TW_API const tw_flat_figure *tw_flat_figure_at(size_t index); /* NULL past the last */

/* What holds for every row, beside its own invariance. */
TW_API const char *tw_flat_common_invariance(void);

/* The estimate of a row with an offset. */
TW_API const tw_estimate *tw_flat_figure_of(const tw_flat_figure *figure, const tw_flat_part *part);

/* Of all parts; the values and gradients of perturbations count as products. */
TW_API void tw_flatness_cost(size_t n, const tw_flatness_options *options, tw_cost *cost);

#endif
