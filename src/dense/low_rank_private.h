/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrices of low numerical rank as products of two thin ones. */
#ifndef TW_LOW_RANK_PRIVATE_H
#define TW_LOW_RANK_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

/* A = U V^T + E. Initialise as {0}; release with tw_low_rank_clear. */
typedef struct tw_low_rank {
    size_t rows, cols, rank;
    double *U;      /* rows x rank, orthonormal columns */
    double *V;      /* cols x rank: A^T U, orthogonal columns in falling order of length */
    double norm;    /* ||A||_F */
    double dropped; /* ||E||_F, measured entry by entry */
} tw_low_rank;

/* Factors of the smallest rank that the sketch shows to leave ||E||_F <= tolerance ||A||_F; *found
 * = false, and nothing held, when none of at most `most` does. The range comes from a fixed random
 * sketch (Halko, Martinsson, Tropp, SIAM Review 53, 2011), the verdict from E itself. A: rows x
 * cols without gaps. About (6 m + 2 r) rows cols flops with m the columns of the sketch. */
tw_status tw_low_rank_find(size_t rows, size_t cols, const double *A, size_t most, double tolerance,
                           bool *found, tw_low_rank *factors);
void tw_low_rank_clear(tw_low_rank *factors); /* idempotent */

#endif
