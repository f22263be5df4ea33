/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tangent space of the symmetry orbit by brute force (theory section 3).
 *
 * f does not change under rotations of a hidden space l (W_l -> R W_l, W_{l+1} -> W_{l+1} R^T;
 * space 0: H -> R H): of every space l = 0..L-1 for a linear activation, of space 0 alone otherwise
 * (relu and leaky-relu included: their other symmetries are permutations). Each generator
 * A = E_ij - E_ji, i < j, is written out as a tangent vector of length P,
 *
 *     dF_l = A_l F_l - F_l A_{l-1},    F_0 = H, F_l = W_l,
 *
 * and the rank of all of them is the dimension of the orbit. The shift of the bias by a constant,
 * under which cross-entropy with lambda_b = 0 is invariant too, is no rotation and not in here. */
#ifndef ORACLE_SYMMETRY_H
#define ORACLE_SYMMETRY_H

#include <stddef.h>

#include "dufm_oracle.h"

typedef struct oracle_orbit {
    size_t parameters;       /* P */
    size_t generators;       /* M = sum over the spaces of d_l (d_l - 1)/2 */
    size_t rank;             /* scaled singular values above threshold * the largest */
    double kept, dropped;    /* the scaled singular values next to the threshold, over the largest:
                                the rank's gap; 1 and 0 where there is none */
    double *tangents;        /* P x M, one generator a column, spaces in order */
    double *basis;           /* P x min(P, M); the first `rank` columns span the tangent space */
    double *singular_values; /* min(P, M), descending, of the tangents as they are */
} oracle_orbit;

/* threshold: relative to the largest singular value of the tangents scaled to length 1 (those of
 * length 0 stay), e.g. 1e-10: factors of very different sizes make tangents of very different
 * lengths, which say nothing about their rank. */
void oracle_orbit_build(const oracle_model *model, const double *theta, double threshold,
                        oracle_orbit *orbit);
void oracle_orbit_clear(oracle_orbit *orbit); /* idempotent */

/* Norm of the part of v inside the tangent space. */
double oracle_orbit_component(const oracle_orbit *orbit, const double *v);

/* log of the orbit's volume (theory section 7) at a rank-r point of a linear model: the product of
 * the nonzero singular values of the generators times the volumes of the Stiefel manifolds
 * V_r(R^{d_l}). The generators are an orthonormal basis of so(d) up to a common factor, so neither
 * number depends on the gauge. */
double oracle_log_orbit_volume(const oracle_model *model, const oracle_orbit *orbit, size_t r);

#endif
