/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many eigenvalues of a symmetric operator lie below and above a number, without computing any:
 * by Sylvester's law, from the pivots of a symmetric factorisation. A second route to every count
 * that eigenvalues gave. */
#ifndef THALWEG_INERTIA_H
#define THALWEG_INERTIA_H

#include <stdbool.h>
#include <thalweg/base/cost.h>
#include <thalweg/base/monitor.h>
#include <thalweg/operator/linop.h>

/* An operator assembled once, for any number of shifts. */
typedef struct tw_inertia {
    size_t n;
    double *matrix;            /* n x n, symmetrised; owned */
    double *factor;            /* n x n workspace */
    double *vectors;           /* 3 n */
    int *pivots;               /* n */
    double norm;               /* ||A||_2, estimated from below */
    double asymmetry;          /* max |A_ij - A_ji| before symmetrising */
    size_t products;           /* single-vector products used: n */
    bool cancelled;            /* the monitor ended the assembly: no counts */
    const tw_monitor *monitor; /* asked during factorisations; borrowed, may be NULL */
} tw_inertia;

/* Eigenvalues on either side of a shift. */
typedef struct tw_inertia_split {
    size_t below, at, above; /* at: exactly zero pivots */
    double nearest;          /* about how far the nearest eigenvalue is from the shift, >= 0 */
    double margin;           /* nearest, relative to the rounding of the factorisation */
    bool uncertain;          /* margin below 1: an eigenvalue may be counted on the wrong side */
} tw_inertia_split;

/* Eigenvalues below -threshold, within the threshold, above it. */
typedef struct tw_inertia_counts {
    size_t negative, zero, positive;
    double margin;  /* the smaller of both shifts */
    bool uncertain; /* of either shift */
} tw_inertia_counts;

/* Memory: 2 n^2 doubles. monitor (may be NULL) is borrowed until the
 * end of `inertia`. Errors: TW_ERR_UNSUPPORTED (n above 32000),
 * TW_ERR_MEMORY, TW_ERR_NUMERIC (NaN or Inf in a product), errors of A; cleared on failure. */
TW_API tw_status tw_inertia_init(tw_inertia *inertia, const tw_linop *A, const tw_monitor *monitor);
TW_API void tw_inertia_clear(tw_inertia *inertia); /* idempotent, NULL-safe */

/* n^3/3 flops. TW_ERR_ARGUMENT when the shift is not finite or the assembly was cancelled;
 * TW_STOPPED when the monitor ended the factorisation, after which others may be asked for. */
TW_API tw_status tw_inertia_at(tw_inertia *inertia, double shift, tw_inertia_split *split);

/* threshold >= 0. */
TW_API tw_status tw_inertia_count(tw_inertia *inertia, double threshold, tw_inertia_counts *counts);

/* The assembly and `shifts` factorisations. */
TW_API void tw_inertia_cost(size_t n, size_t shifts, tw_cost *cost);

#endif
