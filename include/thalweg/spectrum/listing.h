/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distinct eigenvalues of an operator as a list: all of them, or those of both ends, by the dense
 * route, by products, or from levels that are known. */
#ifndef THALWEG_LISTING_H
#define THALWEG_LISTING_H

#include <thalweg/base/budget.h>
#include <thalweg/base/cost.h>
#include <thalweg/operator/linop.h>
#include <thalweg/spectrum/levels.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/zero_rule.h>

typedef struct tw_listing_options {
    size_t smallest, largest; /* pairs wanted of either end; default 0 and 0: the whole spectrum,
                                 which takes the dense route */
    double cluster_tolerance; /* values closer than this times ||A|| are one level; >= 0;
                                 default 1e-9 */
    bool dense;               /* by the dense route, as the whole spectrum always is;
                                 else by products; default false */
    const char *engine;       /* of the search by products; default NULL: that of the search */
    tw_zero_evidence zero;    /* of the point: what zero means; default: rounding of the route */
    double size;              /* ||x|| of the point; counts are made where it is stationary */
    tw_budget budget;         /* products are those of each search */
} tw_listing_options;

#define TW_LISTING_DEFAULTS                                                                        \
    ((tw_listing_options){.cluster_tolerance = 1e-9, .budget = TW_BUDGET_DEFAULTS})

/* Initialise with {0}. */
typedef struct tw_listing {
    tw_levels levels;    /* ascending */
    size_t gap;          /* values are missing before this level; 0: nowhere */
    uint64_t parameters; /* order of the operator */
    double norm;         /* ||A||_2; by products from below */
    double slack;        /* values closer than this are one level */
    size_t products;
    tw_zero_rule zero; /* what counts as zero: no level is joined across it */
    bool counted; /* it has counted the whole spectrum: all is listed, or from below past zero */
    const char *method, *reason; /* "dense" or the engine, "complete"; static */
    bool converged;
} tw_listing;

TW_API void tw_listing_clear(tw_listing *listing); /* idempotent, NULL-safe; leaves {0} */

/* options: NULL for the defaults. Errors: TW_ERR_UNSUPPORTED (the dense route above its limit), and
 * those of tw_spectrum_dense and tw_spectrum_search; the listing is clear on failure. */
TW_API tw_status tw_listing_find(const tw_linop *A, const tw_listing_options *options,
                                 tw_listing *listing);

/* What that takes. options: as there. */
TW_API void tw_listing_cost(size_t n, const tw_listing_options *options, tw_cost *cost);

/* Known levels, counted by `zero`: all, or `smallest` copies from below and `largest` from above,
 * none and none being all. The listing's method is left to the caller. */
TW_API tw_status tw_listing_take(const tw_levels *levels, const tw_zero_rule *zero,
                                 uint64_t smallest, uint64_t largest, tw_listing *listing);

/* Append the clusters of pairs [from, to) by the listing's slack and rule. */
TW_API tw_status tw_listing_add(tw_listing *listing, const tw_eigenpairs *pairs, size_t from,
                                size_t to);

/* Multiplicities of the levels from this one on are lower bounds. */
TW_API void tw_listing_doubt(tw_listing *listing, size_t from);

/* Give nameless levels the label of the known level with most copies that coincides with them and
 * has the same sign, each by its own rule for zero. */
TW_API void tw_listing_label(tw_listing *listing, const tw_levels *levels,
                             const tw_zero_rule *zero);

/* The rule, from the options and what these pairs show, and their counts. The listing has its order
 * and norm. */
TW_API void tw_listing_count(tw_listing *listing, const tw_listing_options *options,
                             const tw_eigenpairs *pairs);

#endif
