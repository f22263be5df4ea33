/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optima weighed against each other by their free energies: of one model, or of the same optima at
 * several widths. */
#ifndef THALWEG_WEIGHTS_H
#define THALWEG_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/curvature/laplace.h>

/* One optimum. */
typedef struct tw_weighed {
    const char *name; /* of a file, of a closed form; borrowed */
    tw_laplace laplace;
} tw_weighed;

/* The same optima at one width. */
typedef struct tw_weight_scale {
    size_t width; /* 0: not one of several */
    size_t count;
    tw_weighed *optima;   /* owned; in the order that was asked for */
    tw_crossing crossing; /* of the first two; does not exist for one */
} tw_weight_scale;

/* Where two optima of the first scale weigh the same. */
typedef struct tw_weight_pair {
    size_t first, second;
    tw_crossing crossing;
} tw_weight_pair;

/* Initialise with {0}. */
typedef struct tw_weights {
    size_t count;            /* optima */
    size_t scale_count;      /* >= 1 */
    tw_weight_scale *scales; /* owned */
    size_t pair_count;       /* count (count - 1)/2 */
    tw_weight_pair *pairs;   /* owned */
    size_t listed;           /* inverse temperatures */
    double *betas;           /* owned */
    char *names;             /* what the optima's names borrow from, or NULL; owned */
    double *energy; /* count x listed, row i: F(beta) of optimum i at the first scale; owned */
} tw_weights;

/* count, scales >= 1. betas are copied. */
TW_API tw_status tw_weights_init(size_t count, size_t scales, size_t listed, const double *betas,
                                 tw_weights *weights);
TW_API void tw_weights_clear(tw_weights *weights); /* idempotent, NULL-safe; leaves {0} */

/* Crossings and energies, once every optimum is set. */
TW_API void tw_weights_compare(tw_weights *weights);

TW_API bool tw_weights_defined(const tw_weights *weights); /* all of them */

#endif
