/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A symmetric operator restricted to some of its coordinates: the principal submatrix. */
#ifndef THALWEG_RESTRICTED_H
#define THALWEG_RESTRICTED_H

#include <thalweg/operator/linop.h>

/* Coordinates start .. start + length - 1. */
typedef struct tw_slice {
    size_t start, length;
} tw_slice;

enum { TW_RESTRICTED_BLOCK = 16 }; /* columns at a time, for which it holds room */

typedef struct tw_restricted {
    const tw_linop *whole;  /* borrowed */
    const tw_slice *slices; /* borrowed */
    size_t slice_count, n;  /* n: sum of the lengths */
    double *X, *Y;          /* whole vectors of one block of columns; owned */
} tw_restricted;

/* Slices are in ascending order, do not overlap, and lie within the operator; TW_ERR_ARGUMENT. */
TW_API tw_status tw_restricted_init(tw_restricted *restricted, const tw_linop *whole,
                                    size_t slice_count, const tw_slice *slices);
TW_API void tw_restricted_clear(tw_restricted *restricted); /* idempotent */
TW_API tw_linop tw_restricted_linop(tw_restricted *restricted);

#endif
