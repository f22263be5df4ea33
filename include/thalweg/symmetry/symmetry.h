/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The continuous symmetry of a DUFM and the tangent space of its orbit at a point.
 *
 * f is invariant under rotations of every hidden space (linear phi) or of space 0 alone (any other
 * phi). With the chain F_0 = H, F_l = W_l, skew generators A_l move it by
 *     dF_l = A_l F_l - F_l A_{l-1}
 * (docs/mathematics.md, section 3). In space l only generators that touch the signal space, spanned
 * by the columns of F_l and the rows of F_{l+1}, move anything, and of those within the signal
 * spaces some combinations may move nothing either: the stabilisers. One more symmetry where it
 * holds: a loss that does not see a common shift of the logits (ce), a bias, and lambda_b = 0: b +
 * c 1. */
#ifndef THALWEG_SYMMETRY_H
#define THALWEG_SYMMETRY_H

#include <thalweg/base/cost.h>
#include <thalweg/base/monitor.h>
#include <thalweg/model/dufm.h>
#include <thalweg/operator/tangent.h>

/* One rotated hidden space. */
typedef struct tw_hidden_space {
    size_t index;   /* l */
    size_t width;   /* d_l */
    size_t rank;    /* r_l: dimension of the signal space */
    size_t modes;   /* r d - r (r + 1)/2: its generators; what of them moves nothing is counted by
                       tw_symmetry_stabilisers */
    double kept;    /* smallest singular value of [F_l/||F_l||, F_{l+1}^T/||F_{l+1}||] counted as
                       signal, over the largest; 1 when rank is 0 */
    double dropped; /* largest one counted as null, over the largest; 0 when there is none */
} tw_hidden_space;

typedef struct tw_symmetry tw_symmetry; /* opaque */

#define TW_RANK_TOLERANCE 1e-3

/* Used instead of a larger rank tolerance in a space beside a factor without a ridge: nothing makes
 * its singular values decay, and whatever is above rounding is there to stay. */
#define TW_RANK_UNRIDGED 1e-10

/* A generator moves the point when its singular value exceeds this share of the largest. */
#define TW_STABILISER_CUT 1e-10

/* Rotations within the signal spaces that move nothing: the kernel of their map to the factors. */
typedef struct tw_stabilisers {
    size_t pairs;   /* rotations within the signal spaces: sum of r (r - 1)/2 */
    size_t count;   /* dimension of the kernel */
    double kept;    /* smallest singular value of the map that counts as moving, over the largest;
                       1 when there is none */
    double dropped; /* largest that counts as not moving, over the largest; 0 without any */
    const char *method; /* "decoupled": at a balanced point, by one small system a pair; "singular
                           values": of the map written out; "staircase": of the part of it that
                           neither features nor logits reach. Static */
} tw_stabilisers;

/* And never when it is smaller than this: it moves the logits by less than rounding, and the point
 * is the one without it (beside theta = 0 everything would be signal otherwise). */
#define TW_RANK_FLOOR 1e-8

/* theta: P doubles, read only during the call. A singular value counts as signal when it exceeds
 * rank_tolerance (0 < . < 1) times the largest of its space. `monitor` (may be NULL) is asked where
 * hundreds of signal dimensions make it long, and then within projections until
 * tw_symmetry_watch; TW_STOPPED when it says yes. */
TW_API tw_status tw_symmetry_create(const tw_dufm *model, const double *theta,
                                    double rank_tolerance, const tw_monitor *monitor,
                                    tw_symmetry **symmetry);
TW_API void tw_symmetry_destroy(tw_symmetry *symmetry); /* NULL-safe */

/* From now on `monitor` (borrowed until another replaces it; NULL: none) is asked
 * within projections, of which one may take a second where a hundred signal dimensions do not
 * decouple. When it says yes, the operator and the sampler of the tangent are TW_STOPPED. */
TW_API void tw_symmetry_watch(tw_symmetry *symmetry, const tw_monitor *monitor);

TW_API size_t tw_symmetry_space_count(const tw_symmetry *symmetry);
TW_API tw_hidden_space tw_symmetry_space(const tw_symmetry *symmetry, size_t index);

/* 1 when the bias shift is a symmetry, 0 otherwise. */
TW_API size_t tw_symmetry_shift_modes(const tw_symmetry *symmetry);

TW_API tw_stabilisers tw_symmetry_stabilisers(const tw_symmetry *symmetry);

/* Why the dimension is not certain (a rank without a gap, generators that hardly move anything, a
 * projector that is not accurate), as one sentence; "" when it is. Owned by the symmetry. */
TW_API const char *tw_symmetry_doubt(const tw_symmetry *symmetry);

/* The view for counting zero modes; borrows the symmetry. */
TW_API tw_tangent tw_symmetry_tangent(tw_symmetry *symmetry);

/* What making a symmetry at theta takes, and the bytes that it keeps (*kept, out): little where the
 * signal spaces are as narrow as at a critical point with ridges (theta NULL: taken for granted),
 * a multiple of the point elsewhere. */
TW_API void tw_symmetry_cost(const tw_dufm *model, const double *theta, double *kept,
                             tw_cost *cost);

#endif
