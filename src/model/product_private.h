/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call of the Hessian product, for the ways to compute it. */
#ifndef TW_PRODUCT_PRIVATE_H
#define TW_PRODUCT_PRIVATE_H

#include "model/evaluator_private.h"

typedef struct tw_product_call {
    tw_evaluator *evaluator;
    const double *theta;
    size_t k;
    const double *V;
    size_t ldv;
    double *Y;
    size_t ldy;
    /* Which terms of the formulas belong to the part: */
    bool curved_loss; /* RD_L, else 0 */
    bool residual;    /* everything with D_l in it */
    bool ridge;       /* lambda_l Q_l */
} tw_product_call;

static inline double tw_ridge_of(const tw_product_call *call, tw_block block) {
    return call->ridge ? block.lambda : 0.0;
}

/* Eight directions at a time, for models whose matrices are too small for BLAS. */
void tw_product_by_lanes(const tw_product_call *call);
/* Whether that is the faster way for a block of k. */
bool tw_product_lanes_pay(const tw_evaluator *evaluator, size_t k);

#endif
