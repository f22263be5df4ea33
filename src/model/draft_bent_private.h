/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drafts of models that bend: the six products of a layer with the factors, the activations and the
 * signals as products of thin ones.
 *
 * Where phi is not linear the layers R_l have to be formed. But at critical points with ridges the
 * weights have low rank, and where the classes have collapsed A_l and D_l have as many columns as
 * there are classes. With W = U V^T, A = P B^T, D = O M^T
 *     W R = U (V^T R),   Q A = (Q P) B^T,   RD A^T = (RD B) P^T,   D R^T = O (M^T R^T), ..
 * each costs O(N d r) or O(d^2 r) flops instead of O(N d^2). */
#ifndef TW_DRAFT_BENT_PRIVATE_H
#define TW_DRAFT_BENT_PRIVATE_H

#include <thalweg/model/evaluator.h>

#include "dense/low_rank_private.h"

typedef struct tw_bent_draft {
    size_t layers;  /* 0: holds nothing */
    bool usable;    /* all ranks are low enough to pay; the rest holds then */
    tw_low_rank *W; /* [1 .. L] */
    tw_low_rank *A; /* [0 .. L-1]; A_0 = H */
    tw_low_rank *D; /* [1 .. L]; of D_L the first factor is the identity */
    double *work;   /* between two thin matrices */
} tw_bent_draft;

/* Can a low rank pay at all for a model of these sizes? */
bool tw_bent_draft_may_pay(const tw_dufm *model);

/* Find the factors of the linearisation that the evaluator has; each may drop `distance` times its
 * norm. Not usable is an answer. Replaces what the draft held. */
tw_status tw_bent_draft_make(const tw_evaluator *evaluator, double distance, tw_bent_draft *draft);
void tw_bent_draft_clear(tw_bent_draft *draft); /* idempotent */

/* y = H v for one direction, in the evaluator's arrays of products. */
void tw_bent_draft_product(tw_evaluator *evaluator, const double *v, double *y);

/* Bytes that a draft holds at the largest ranks that it accepts. */
double tw_bent_draft_bytes(const tw_dufm *model);

#endif
