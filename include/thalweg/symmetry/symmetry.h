/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The continuous symmetry of a DUFM and the tangent space of its orbit at a point.
 *
 * f is invariant under rotations of every hidden space (linear phi) or of space 0 alone (any other
 * phi). With the chain F_0 = H, F_l = W_l, skew generators A_l move it by
 *     dF_l = A_l F_l - F_l A_{l-1}
 * (docs/mathematics.md, section 3). In space l only generators that touch the signal space, spanned
 * by the columns of F_l and the rows of F_{l+1}, move anything. One more symmetry where it holds: a
 * loss that does not see a common shift of the logits (ce), a bias, and lambda_b = 0: b + c 1. */
#ifndef THALWEG_SYMMETRY_H
#define THALWEG_SYMMETRY_H

#include <thalweg/base/cost.h>
#include <thalweg/model/dufm.h>
#include <thalweg/operator/tangent.h>

/* One rotated hidden space. */
typedef struct tw_hidden_space {
    size_t index;   /* l */
    size_t width;   /* d_l */
    size_t rank;    /* r_l: dimension of the signal space */
    size_t modes;   /* r d - r (r + 1)/2: its share of the orbit's dimension */
    double kept;    /* smallest singular value of [F_l, F_{l+1}^T] counted as signal, over the
                       largest; 1 when rank is 0 */
    double dropped; /* largest one counted as null, over the largest; 0 when there is none */
} tw_hidden_space;

typedef struct tw_symmetry tw_symmetry; /* opaque */

#define TW_RANK_TOLERANCE 1e-3

/* And never when it is smaller than this: it moves the logits by less than rounding, and the point
 * is the one without it (beside theta = 0 everything would be signal otherwise). */
#define TW_RANK_FLOOR 1e-8

/* theta: P doubles, read only during the call. A singular value counts as signal when it exceeds
 * rank_tolerance (0 < . < 1) times the largest of its space. */
TW_API tw_status tw_symmetry_create(const tw_dufm *model, const double *theta,
                                    double rank_tolerance, tw_symmetry **symmetry);
TW_API void tw_symmetry_destroy(tw_symmetry *symmetry); /* NULL-safe */

TW_API size_t tw_symmetry_space_count(const tw_symmetry *symmetry);
TW_API tw_hidden_space tw_symmetry_space(const tw_symmetry *symmetry, size_t index);

/* 1 when the bias shift is a symmetry, 0 otherwise. */
TW_API size_t tw_symmetry_shift_modes(const tw_symmetry *symmetry);

/* Smallest eigenvalue, over the largest, of the Gram matrix of the signal-signal generators in the
 * coordinates where it is nearly diagonal: positive means that all generators counted in the
 * dimension are independent. 1 when there is none. */
TW_API double tw_symmetry_independence(const tw_symmetry *symmetry);

/* The view for counting zero modes; borrows the symmetry. */
TW_API tw_tangent tw_symmetry_tangent(tw_symmetry *symmetry);

/* Memory of a symmetry: the signal spaces and the compressed factors, by the largest rank that the
 * widths allow. */
TW_API void tw_symmetry_cost(const tw_dufm *model, tw_cost *cost);

#endif
