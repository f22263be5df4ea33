/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One permutation of rows and columns together that takes a matrix to another one. */
#ifndef TW_PERMUTATION_PRIVATE_H
#define TW_PERMUTATION_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

/* Everything is borrowed. */
typedef struct tw_permutation {
    size_t n;
    const double *A, *B;   /* n x n */
    const size_t *colours; /* n: only rows of the same colour may be exchanged */
    double slack;          /* |A(pi i, pi j) - B(i, j)| that still counts as equal */
    size_t fixed;          /* chosen[0 .. fixed - 1] are given and fit each other */
    size_t *chosen;        /* n: pi, in/out */
    bool *used;            /* n: scratch */
} tw_permutation;

typedef enum tw_permutation_answer {
    TW_PERMUTATION_NONE,
    TW_PERMUTATION_FOUND,
    TW_PERMUTATION_GAVE_UP /* too many tries */
} tw_permutation_answer;

/* Row by row, each new one against all chosen before: nearly always done at the first descent when
 * the matrices are as symmetric as those of optima. */
tw_permutation_answer tw_permutation_find(tw_permutation *p);

#endif
