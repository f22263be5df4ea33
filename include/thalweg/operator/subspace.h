/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an algorithm works: the whole space, or the range of a projector that leaves out directions
 * known to be null. All zeros: the whole space, held by one process. */
#ifndef THALWEG_SUBSPACE_H
#define THALWEG_SUBSPACE_H

#include <stdbool.h>
#include <thalweg/dense/space.h>
#include <thalweg/operator/linop.h>
#include <thalweg/operator/tangent.h>

typedef struct tw_subspace {
    const tw_linop *keep;  /* orthogonal projector onto it; borrowed; NULL: the whole space */
    size_t removed;        /* dimension of what keep removes; 0 without keep, or when keep's rank is
                              unknown: then nothing is counted as removed */
    const tw_space *space; /* inner product; borrowed; NULL: one process holds every vector whole */
} tw_subspace;

/* n: order of the operator, at each owner that of its slice. TW_ERR_SHAPE when keep has another
 * order or the slices do not make up whole vectors, TW_ERR_ARGUMENT when something is removed
 * without a projector, or more dimensions than there are. Owners meet here. */
TW_API tw_status tw_subspace_check(const tw_subspace *within, size_t n);

/* Dimension of a subspace that passed the check, over all owners; n: as there. */
TW_API size_t tw_subspace_rank(const tw_subspace *within, size_t n);

/* The complement of a tangent space, with what is known to be flat removed. tangent: borrowed; NULL
 * or of dimension 0: the whole space. */
TW_API tw_subspace tw_subspace_outside(const tw_tangent *tangent, const tw_space *space);

/* Are its vectors spread over several owners? Then no dense route can see them whole. */
TW_API bool tw_subspace_is_spread(const tw_subspace *within);

#endif
