/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues inside the spectrum as a list: those nearest to zero, or of an interval, with what is
 * known to be null set aside and listed as one level. */
#ifndef THALWEG_INSIDE_H
#define THALWEG_INSIDE_H

#include <math.h>
#include <thalweg/spectrum/interior.h>
#include <thalweg/spectrum/listing.h>

typedef struct tw_inside_options {
    size_t nearest;           /* eigenvalues nearest to zero; default 0: those of the interval */
    double low, high;         /* may be infinite; default: the whole line */
    double cluster_tolerance; /* values closer than this times ||A|| are one level; default 1e-9 */
    tw_zero_evidence zero;    /* what zero means; default: rounding of the route */
    double null_residual;     /* ||A v||/||A|| of what `search.within` removes; default 0 */
    const char *null_label;   /* what that is, static; default "null space" */
    tw_interior_options search;
} tw_inside_options;

#define TW_INSIDE_DEFAULTS                                                                         \
    ((tw_inside_options){.low = -HUGE_VAL,                                                         \
                         .high = HUGE_VAL,                                                         \
                         .cluster_tolerance = 1e-9,                                                \
                         .null_label = "null space",                                               \
                         .search = TW_INTERIOR_DEFAULTS})

/* options: NULL for the defaults. listing (out): initialised with {0}, its levels those of the
 * search and, where zero belongs to the range, the removed null space; multiplicities that may be
 * larger are marked. result (out): as the search has it. Errors: those of tw_spectrum_interval and
 * tw_spectrum_nearest; both are clear then. */
TW_API tw_status tw_listing_inside(const tw_linop *A, const tw_inside_options *options,
                                   tw_interior_result *result, tw_listing *listing);

/* Pairs that a search may list within `bytes`: options->max_count, or fewer down to `needed`. NULL:
 * the defaults. */
TW_API size_t tw_interior_fit(size_t n, const tw_interior_options *options, double bytes,
                              size_t needed);

#endif
