/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balanced points of the linear model (theory section 3) with given logits, in a random gauge. */
#ifndef ORACLE_BALANCED_H
#define ORACLE_BALANCED_H

#include <stddef.h>
#include <stdint.h>

#include "dufm_oracle.h"

/* Z (K x N, out): column i is column labels[i] of the K x K class logits. */
void oracle_spread(const oracle_model *model, const double *class_logits, double *Z);

/* theta (P, out) with W_L ... W_1 H = Z (K x N) and lambda_l |F_l|^2 equal direction by direction:
 * for Z = sum_i sigma_i u_i v_i^T factor l has the singular values s_{l,i} = c_i/sqrt(lambda_l),
 * c_i = (sigma_i prod_l sqrt(lambda_l))^{1/(L+1)}, and every hidden space its own random frame.
 * Singular values below 1e-10 of the largest count as zero. The bias is left zero. Returns the
 * rank, or SIZE_MAX when it does not fit into a hidden space. */
size_t oracle_balanced_point(const oracle_model *model, const double *Z, uint64_t seed,
                             double *theta);

#endif
