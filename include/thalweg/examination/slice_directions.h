/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directions in which a point of a DUFM is sliced: rows of a table.
 *
 *     random     normal entries, then each filter given the norm of the point's (Li, Xu, Taylor,
 *                Studer, Goldstein, NeurIPS 2018): a row of W_l, a column of H, the whole of b; the
 *                length is that of the point
 *     eigen:K    unit eigenvector of the K-th largest eigenvalue of the Hessian, K >= 1
 *     eigen:-K   ... of the K-th smallest
 *     gauge      a random unit vector of the symmetry orbit's tangent space
 *     to         from the point to a second one */
#ifndef THALWEG_SLICE_DIRECTIONS_H
#define THALWEG_SLICE_DIRECTIONS_H

#include <stdint.h>
#include <thalweg/base/budget.h>
#include <thalweg/model/evaluator.h>

/* One kind: a row of a constant table. */
typedef struct tw_direction_kind {
    const char *name;
    const char *argument; /* what follows the name and a colon; NULL: nothing does */
    const char *summary;  /* for help texts */
    bool drawn;           /* at random: another one for each index */
    bool leads;           /* to a second point */
} tw_direction_kind;

TW_API const tw_direction_kind *tw_direction_kind_at(size_t index); /* NULL past the last */

/* The row that a text like "eigen:-1" names; TW_ERR_ARGUMENT with the names that there are, or for
 * a wrong argument. */
TW_API tw_status tw_direction_read(const char *text, const tw_direction_kind **kind);

typedef struct tw_direction_options {
    uint64_t index;        /* of the direction among those of the seed; default 0 */
    const double *target;  /* P: where `to` leads; default NULL */
    double rank_tolerance; /* of the orbit; default 1e-3 */
    tw_budget budget;      /* eigenvectors from the whole spectrum up to dense_limit, default 1000;
                              seed: of random and gauge too */
} tw_direction_options;

#define TW_DIRECTION_DEFAULTS                                                                      \
    ((tw_direction_options){.rank_tolerance = 1e-3,                                                \
                            .budget = {.products = 200000, .dense_limit = 1000, .seed = 1}})

/* direction (P, out) at theta. TW_ERR_DATA where there is none: no orbit, a point whose filters are
 * all zero, fewer eigenvalues, an eigenvector that was not found within its products; `to` without
 * a target is TW_ERR_ARGUMENT. An eigenvector's largest entry is positive. */
TW_API tw_status tw_direction_make(tw_evaluator *evaluator, const double *theta, const char *text,
                                   const tw_direction_options *options, double *direction);

#endif
