/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an evaluator keeps between an evaluation and the products at that point. */
#ifndef TW_EVALUATOR_PRIVATE_H
#define TW_EVALUATOR_PRIVATE_H

#include <thalweg/model/evaluator.h>

#include "model/draft_private.h"

/* A draft of a model that bends (draft_bent.c). */
typedef struct tw_bent_draft {
    size_t layers;  /* 0: holds nothing */
    bool usable;    /* all ranks are low enough to pay; the rest holds then */
    tw_low_rank *W; /* [1 .. L] */
    tw_low_rank *A; /* [0 .. L-1]; A_0 = H */
    tw_low_rank *D; /* [1 .. L]; of D_L the first factor is the identity */
    double *work;   /* between two thin matrices */
} tw_bent_draft;

/* Arrays indexed by layer l = 1 .. L have index l; index 0 is unused or H's. */
struct tw_evaluator {
    tw_dufm model;
    double fit, penalty; /* of the last evaluation */

    /* The linearisation: all that products read. */
    double *point;      /* P: where it was made */
    bool linearised;    /* the rest is that of point, as products need it */
    double **A;         /* [1 .. L-1] activations, d_l x N; [L] the logits, K x N */
    double **first;     /* [1 .. L-1] phi'(S_l); NULL for linear phi */
    double **curvature; /* [1 .. L-1] phi''(S_l), after the gradient times W_{l+1}^T D_{l+1};
                           NULL for linear phi */
    double **D;         /* [1 .. L] backward signals, d_l x N */
    double *P;          /* K x N, the loss's own */

    tw_draft draft;        /* of the linearisation, once it was asked for; of linear models */
    tw_bent_draft bent;    /* the same of others */
    double draft_distance; /* at which it was looked for; 0: it was not */

    tw_held *held; /* borrowed */
    size_t held_count;
    double held_weight;

    /* Block products: up to `chunk` directions at once; an array X of d x N entries a direction is
     * kept as X[i + d (j + k s)] (row i, direction j, sample s). That layout is at once the
     * d x (k N) matrix that W_l multiplies and the (d k) x N matrix that A_{l-1} multiplies, so
     * that each of the six products of a layer is one matrix product for all k directions. */
    size_t chunk;
    double **R;       /* [0 .. L] R_l of all directions (R[L]: RS_L); [0] only when chunk > 1 */
    double **RS;      /* [1 .. L-1] RS_l; the same arrays as R for linear phi */
    double *RD[2];    /* RD_l and RD_{l-1} */
    double *Q_rows;   /* directions of one W_l stacked on each other: (d_l k) x d_{l-1} */
    double *Q_cols;   /* the same side by side: d_l x (d_{l-1} k) */
    double *out_rows; /* products in either layout, before they are handed out */
    double *out_cols;
};

/* Room for the two passes alone (forward with TW_PASS_KEEP), not for the objective. The model need
 * not have a sample of every class; its `samples` and `labels` may be changed between passes, up to
 * the number of samples here. */
tw_status tw_evaluator_create_passes(const tw_dufm *model, tw_evaluator **evaluator);

/* Where a forward pass leaves its arrays: in A, first, curvature, P and D_L, for a backward pass,
 * or in arrays that are free between products, so that the linearisation stays. */
typedef enum tw_pass { TW_PASS_KEEP, TW_PASS_VALUE } tw_pass;

typedef struct tw_terms {
    double fit, penalty;
} tw_terms;

tw_terms tw_evaluator_forward(tw_evaluator *evaluator, const double *theta, tw_pass pass);
/* Backward pass after a forward pass that kept; D and curvature are set, gradient is written unless
 * NULL. */
void tw_evaluator_backward(tw_evaluator *evaluator, const double *theta, double *gradient);

/* Product of a part of the Hessian for k <= chunk directions; of->theta is the point of the
 * linearisation. */
void tw_evaluator_product(const tw_part_product *of, size_t k, const double *V, size_t ldv,
                          double *Y, size_t ldy);

/* Those of the linearisation. */
static inline tw_logits tw_evaluator_kept_logits(const tw_evaluator *evaluator) {
    const tw_dufm *model = &evaluator->model;
    return (tw_logits){.classes = tw_dufm_classes(model),
                       .samples = model->samples,
                       .labels = model->labels,
                       .Z = evaluator->A[model->layers],
                       .P = evaluator->P};
}

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

/* A_{l-1}, l = 1 .. L: the features for l = 1. */
static inline const double *tw_evaluator_input(const tw_evaluator *evaluator, const double *theta,
                                               size_t l) {
    return l == 1 ? theta + tw_dufm_factor(&evaluator->model, 0).offset : evaluator->A[l - 1];
}

#endif
