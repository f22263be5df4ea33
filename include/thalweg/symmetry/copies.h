/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many different optima the exchange of classes makes of one (docs/mathematics.md, section
 * 7.2). */
#ifndef THALWEG_COPIES_H
#define THALWEG_COPIES_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

typedef struct tw_copies {
    double log_copies; /* log of the number of different matrices among all exchanges */
    double log_group;  /* log of the number of exchanges that leave Z as it is */
    bool certain;      /* false: values of Z run into each other, so that the tolerance decides
                          nothing */
} tw_copies;

/* Z: classes x classes, column k the logits of class k; an exchange permutes rows and columns
 * together, among classes of equal size. Entries within tolerance * max |Z| are the same; 0 <
 * tolerance < 1. The group is that of a coloured graph (src/symmetry/exchange.c). Errors:
 * TW_ERR_ARGUMENT, TW_ERR_MEMORY, TW_ERR_UNSUPPORTED. */
TW_API tw_status tw_copies_count(size_t classes, const size_t *class_sizes, const double *Z,
                                 double tolerance, tw_copies *copies);

#endif
