/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenpairs inside a spectrum: all of an interval, or those nearest to a number. */
#ifndef THALWEG_INTERIOR_H
#define THALWEG_INTERIOR_H

#include <thalweg/spectrum/spectrum.h>

/* Why a search ended. Only after `complete` is the list without gaps. */
typedef enum tw_interior_reason {
    TW_INTERIOR_COMPLETE, /* `confirmations` fresh rounds found nothing more, and the inertia, where
                             it was asked, counts the same */
    TW_INTERIOR_COUNT,    /* more than max_count pairs lie in the interval, or so near it or the
                             target that a filter cannot tell; some are listed, or none when that
                             was foreseen: see `expected` */
    TW_INTERIOR_PRODUCTS, /* the products are used up, or sure to be: see `expected` */
    TW_INTERIOR_STALLED,  /* pairs were met that do not pass verification */
    TW_INTERIOR_DISAGREES, /* the inertia counts otherwise: see `inertia_count` */
    TW_INTERIOR_CANCELLED  /* the monitor or the deadline ended it */
} tw_interior_reason;

TW_API const char *tw_interior_reason_name(tw_interior_reason reason);

typedef struct tw_interior_options {
    size_t max_count;       /* pairs at most, >= 1; default 200 */
    double tolerance;       /* a pair is accepted when ||A v - t v|| <= tolerance * ||A||; > 0;
                               default 1e-11 */
    unsigned confirmations; /* fresh rounds that must find nothing new, >= 1; default 2 */
    size_t max_steps;       /* vectors of a Krylov space at most; default 0: n up to order 1000,
                               then 200 or fewer to keep below 320 MB, but at least 40 */
    size_t max_degree;      /* of a polynomial filter, >= 8; default 2000 */
    size_t inertia_limit;   /* up to this order, and the budget's dense limit, the pairs are counted
                               by inertia too, for n products and 2 n^3/3 flops; default 1000 */
    tw_subspace within; /* what its projector removes is a null space of A, and is neither listed
                           nor counted; default: the whole space */
    tw_budget budget;
} tw_interior_options;

#define TW_INTERIOR_DEFAULTS                                                                       \
    ((tw_interior_options){.max_count = 200,                                                       \
                           .tolerance = 1e-11,                                                     \
                           .confirmations = 2,                                                     \
                           .max_degree = 2000,                                                     \
                           .inertia_limit = 1000,                                                  \
                           .budget = TW_BUDGET_DEFAULTS})

typedef struct tw_interior_result {
    tw_eigenpairs pairs; /* verified by fresh products with A, orthonormal, values ascending */
    bool low_cut;        /* interval: an eigenvalue lies just outside the lower bound, within
                            4 tolerance * norm: it may belong to the same cluster */
    bool high_cut;       /* the same at the upper bound */
    bool cluster_cut;    /* nearest: an eigenvalue that is not listed is as near as the farthest
                            listed one within 2 tolerance * norm, or may be */
    double next;         /* nearest eigenvalue met that is not listed; NAN: none met */
    double norm;         /* ||A||_2 on the subspace searched, estimated from below */
    size_t products;     /* single-vector products with A, verification and inertia included */
    size_t rounds;
    size_t degree;      /* of the last filter; 0: none was needed */
    const char *method; /* "end", "krylov" or "filter"; static */
    tw_interior_reason reason;
    /* At least about so many pairs lie within `expected_reach` of the interval or target, by the
     * weights of one random vector, when they are too many to be searched; NAN otherwise. */
    double expected, expected_error, expected_reach;
    /* The count by inertia from inertia_low to inertia_high, of all of A: what keep removes
     * included. It is made of complete lists, and of intervals with too many pairs. Interval: both
     * bounds, widened by less than 4 tolerance * norm. Nearest: all pairs of the list, or those
     * nearer than the farthest cluster when that is cut. */
    bool inertia_checked;  /* it was made, and was certain */
    size_t inertia_count;  /* 0 when not checked */
    size_t inertia_listed; /* pairs of the list there, and the null space of keep: equal when
                              complete */
    double inertia_low, inertia_high;
    double inertia_margin; /* as in tw_inertia_split, the smaller of both bounds; NAN: not asked */
} tw_interior_result;

/* All eigenpairs with low <= t <= high; eigenvalues within tolerance * ||A|| of a bound belong to
 * it. Bounds may be infinite. options: NULL for the defaults. Errors: TW_ERR_ARGUMENT,
 * TW_ERR_SHAPE, TW_ERR_UNSUPPORTED, TW_ERR_NUMERIC (NaN or Inf in a product), TW_ERR_MEMORY, errors
 * of A. */
TW_API tw_status tw_spectrum_interval(const tw_linop *A, double low, double high,
                                      const tw_interior_options *options,
                                      tw_interior_result *result);

/* The `count` eigenpairs nearest to `target`, >= 1 and <= max_count; all there are when the
 * subspace has fewer dimensions. */
TW_API tw_status tw_spectrum_nearest(const tw_linop *A, double target, size_t count,
                                     const tw_interior_options *options,
                                     tw_interior_result *result);

TW_API void tw_interior_result_clear(tw_interior_result *result); /* idempotent, NULL-safe */

/* At least the plan and a product a pair, at most the budget; max_count pairs are reckoned with. */
TW_API void tw_interior_cost(size_t n, const tw_interior_options *options, tw_cost *cost);

#endif
