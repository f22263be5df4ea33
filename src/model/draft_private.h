/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hessian product of a linear model at the nearest point whose factors have low rank
 * (docs/mathematics.md, section 2.1).
 *
 * With W_l = U_l V_l^T and H = U_0 V_0^T of ranks r_l, the activations are A_l = U_l B_l and the
 * signals D_l = V_{l+1} M_l with B_l, M_l of r_l and r_{l+1} rows, where V_{L+1} = I and
 * r_{L+1} = K.
 * In a direction (Q_1 .. Q_L, R_0) the layers are not formed either:
 *     R_l  = J_l N_l,  J_l = [U_l, Q_l U_{l-1}],  N_l = [T_l; B_{l-1}],  T_l = V_l^T R_{l-1}
 *     RD_l = E_l S_l,  E_l = [V_{l+1}, Q_{l+1}^T V_{l+2}],  S_l = [F_l; M_{l+1}],
 *     F_{l-1} = U_l^T RD_l
 * and with RD_L = (loss Hessian) R_L
 *     out_l = (RD_l B_{l-1}^T) U_{l-1}^T + V_{l+1} (R_{l-1} M_l^T)^T + lambda_l Q_l
 *     out_0 = E_0 S_0 + lambda_H R_0.
 * Only R_0 and out_0 have both d_0 and N entries: O(P) traffic, and 8 d_0 N r +
 * O(sum d_l d_{l-1} r) flops instead of 12 N sum d_l d_{l-1}. */
#ifndef TW_DRAFT_PRIVATE_H
#define TW_DRAFT_PRIVATE_H

#include <thalweg/model/dufm.h>
#include <thalweg/model/loss.h>
#include <thalweg/model/objective.h>

#include "dense/low_rank_private.h"
#include "dense/matrix_private.h"

/* Everything is column-major. Arrays are indexed by layer, 0 .. L + 1 at most. */
typedef struct tw_draft {
    const tw_dufm *model; /* borrowed */
    bool usable;          /* the ranks are low enough to pay; the rest holds then */
    tw_low_rank *factors; /* [0 .. L + 1]: H, W_1 .. W_L, and the identity in V of the last */
    double **J;           /* [1 .. L] d_l x (r_l + r_{l-1}); U_l stands in it */
    double **N;           /* [1 .. L] (r_l + r_{l-1}) x N; B_{l-1} stands in it */
    double **E;           /* [0 .. L-1] d_l x (r_{l+1} + r_{l+2}); V_{l+1} stands in it */
    double **S;           /* [0 .. L-1] (r_{l+1} + r_{l+2}) x N; M_{l+1} stands in it */
    double *left, *right; /* out_l = left right^T: r_{l-1} + r_{l+1} columns */
    double *pulled;       /* d_0 x r_2: R_0 M_1^T */
    double *top;          /* K x N: R_L, then RD_L */
    double *small;        /* between two thin matrices */
} tw_draft;

/* `count` rows from `first` on of an array X with that many and no others below them. */
static inline tw_matrix tw_draft_rows(double *X, size_t first, size_t count, size_t cols) {
    return (tw_matrix){X + first, count, cols, first + count};
}

/* B_l, l = 0 .. L-1, and M_l, l = 1 .. L. */
tw_factor tw_draft_activations(const tw_draft *draft, size_t l);
tw_factor tw_draft_signals(const tw_draft *draft, size_t l);

/* Is a product of so many flops in thin matrices cheaper than one of the six products' flops? */
bool tw_draft_pays(double flops, double six);

/* Can a low rank pay at all for a model of these sizes? */
bool tw_draft_may_pay(const tw_dufm *model);

/* Find the factors beside a point where the logits have the gradient D_L (K x N). Not usable is an
 * answer. Replaces what the draft held. */
tw_status tw_draft_make(const tw_dufm *model, const tw_beside *at, const double *D_L,
                        tw_draft *draft);
void tw_draft_clear(tw_draft *draft); /* idempotent */

/* y = H v for one direction, at the draft's point; logits: those of theta, for the loss. */
void tw_draft_product(tw_draft *draft, const tw_logits *logits, const double *v, double *y);

/* Bytes that a draft holds at the largest ranks that it accepts. */
double tw_draft_bytes(const tw_dufm *model);

#endif
