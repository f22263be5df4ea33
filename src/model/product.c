/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hessian product for a block of k directions (docs/mathematics.md, section 2).
 *
 * Direction j is (Q_1 .. Q_L, R_0 (, q_b)), laid out as theta. With the cached A_l, D_l, phi' and
 * (W^T D) * phi'':
 *     RS_l = Q_l A_{l-1} + W_l R_{l-1}                R_l = RS_l * phi'(S_l)
 *     RD_L = (loss Hessian) RS_L
 *     out_l = RD_l A_{l-1}^T + D_l R_{l-1}^T + lambda_l Q_l
 *     RD_{l-1} = (W_l^T RD_l + Q_l^T D_l) * phi'(S_{l-1}) + (W_l^T D_l) * phi''(S_{l-1}) * RS_{l-1}
 * and out_0 = W_1^T RD_1 + Q_1^T D_1 + lambda_H R_0: six matrix products a layer.
 *
 * For one direction the blocks of V and Y are used where they stand. For more they are copied into
 * the two layouts described in evaluator_private.h; the copies cost 4 d_l d_{l-1} k entries against
 * 12 N d_l d_{l-1} k flops, and turn 6 k small products into 6 larger ones. */
#include <string.h>

#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "model/product_private.h"

/* Directions of W_l in both layouts. */
typedef struct stacked {
    const double *rows; /* (d_l k) x d_{l-1} */
    const double *cols; /* d_l x (d_{l-1} k) */
} stacked;

static stacked stack_directions(const tw_product_call *call, tw_block W) {
    tw_evaluator *evaluator = call->evaluator;
    size_t k = call->k, entries = W.rows * W.cols;
    if (k == 1) return (stacked){call->V + W.offset, call->V + W.offset};
    for (size_t j = 0; j < k; j++) {
        const double *Q = call->V + j * call->ldv + W.offset;
        memcpy(evaluator->Q_cols + j * entries, Q, entries * sizeof *Q);
        for (size_t c = 0; c < W.cols; c++)
            memcpy(evaluator->Q_rows + W.rows * (j + k * c), Q + W.rows * c, W.rows * sizeof *Q);
    }
    return (stacked){evaluator->Q_rows, evaluator->Q_cols};
}

/* R_0 of all directions in the common layout. */
static const double *stack_features(const tw_product_call *call, tw_block H) {
    size_t k = call->k;
    double *R = call->evaluator->R[0];
    if (k == 1) return call->V + H.offset;
    for (size_t j = 0; j < k; j++) {
        const double *R_0 = call->V + j * call->ldv + H.offset;
        for (size_t s = 0; s < H.cols; s++)
            memcpy(R + H.rows * (j + k * s), R_0 + H.rows * s, H.rows * sizeof *R);
    }
    return R;
}

/* X *= cached, the cached d x N array being the same for every direction. */
static void scale_entries(const tw_product_call *call, size_t d, const double *cached,
                          const double *X, double *out) {
    for (size_t s = 0; s < call->evaluator->model.samples; s++)
        for (size_t j = 0; j < call->k; j++) {
            size_t start = d * (j + call->k * s);
            for (size_t i = 0; i < d; i++) out[start + i] = X[start + i] * cached[d * s + i];
        }
}

/* X = X * first + RS * curvature. */
static void through_activation(const tw_product_call *call, size_t l, double *X) {
    const tw_evaluator *evaluator = call->evaluator;
    size_t d = evaluator->model.widths[l];
    const double *first = evaluator->first[l], *curvature = evaluator->curvature[l];
    const double *RS = evaluator->RS[l];
    double bent = call->residual ? 1.0 : 0.0;
    for (size_t s = 0; s < evaluator->model.samples; s++)
        for (size_t j = 0; j < call->k; j++) {
            size_t start = d * (j + call->k * s);
            for (size_t i = 0; i < d; i++)
                X[start + i] =
                    X[start + i] * first[d * s + i] + bent * RS[start + i] * curvature[d * s + i];
        }
}

static void add_bias_direction(const tw_product_call *call, double *RS) {
    const tw_dufm *model = &call->evaluator->model;
    tw_block bias = tw_dufm_block(model, model->layers + 1);
    for (size_t s = 0; s < model->samples; s++)
        for (size_t j = 0; j < call->k; j++)
            tw_axpy(bias.rows, 1.0, call->V + j * call->ldv + bias.offset,
                    RS + bias.rows * (j + call->k * s));
}

static void bias_product(const tw_product_call *call, const double *RD) {
    const tw_dufm *model = &call->evaluator->model;
    tw_block bias = tw_dufm_block(model, model->layers + 1);
    for (size_t j = 0; j < call->k; j++) {
        const double *q = call->V + j * call->ldv + bias.offset;
        double *out = call->Y + j * call->ldy + bias.offset;
        for (size_t i = 0; i < bias.rows; i++) out[i] = tw_ridge_of(call, bias) * q[i];
        for (size_t s = 0; s < model->samples; s++)
            tw_axpy(bias.rows, 1.0, RD + bias.rows * (j + call->k * s), out);
    }
}

/* RS_l of all directions, then R_l. */
static void forward_layer(const tw_product_call *call, size_t l, const double *R_below) {
    tw_evaluator *evaluator = call->evaluator;
    const tw_dufm *model = &evaluator->model;
    size_t k = call->k, samples = model->samples;
    tw_block W = tw_dufm_factor(model, l);
    bool last = l == model->layers;
    double *RS = last ? evaluator->R[l] : evaluator->RS[l];
    tw_multiply(1.0, tw_plain(call->theta + W.offset, W.rows, W.cols),
                tw_plain(R_below, W.cols, k * samples), 0.0, tw_mat(RS, W.rows, k * samples));
    tw_multiply(1.0, tw_plain(stack_directions(call, W).rows, W.rows * k, W.cols),
                tw_plain(tw_evaluator_input(evaluator, call->theta, l), W.cols, samples), 1.0,
                tw_mat(RS, W.rows * k, samples));
    if (last && model->bias) add_bias_direction(call, RS);
    if (!last && !model->activation->linear)
        scale_entries(call, W.rows, evaluator->first[l], RS, evaluator->R[l]);
}

/* out_l: both products, handed out to the columns of Y. */
static void weight_product(const tw_product_call *call, size_t l, const double *RD,
                           const double *R_below) {
    tw_evaluator *evaluator = call->evaluator;
    size_t k = call->k, samples = evaluator->model.samples;
    tw_block W = tw_dufm_factor(&evaluator->model, l);
    size_t entries = W.rows * W.cols;
    double *rows = k == 1 ? call->Y + W.offset : evaluator->out_rows;
    double *cols = k == 1 ? call->Y + W.offset : evaluator->out_cols;
    tw_multiply(1.0, tw_plain(RD, W.rows * k, samples),
                tw_transposed(tw_evaluator_input(evaluator, call->theta, l), W.cols, samples), 0.0,
                tw_mat(rows, W.rows * k, W.cols));
    if (call->residual)
        tw_multiply(1.0, tw_plain(evaluator->D[l], W.rows, samples),
                    tw_transposed(R_below, W.cols * k, samples), k == 1 ? 1.0 : 0.0,
                    tw_mat(cols, W.rows, W.cols * k));
    else if (k > 1)
        memset(cols, 0, entries * k * sizeof *cols);
    for (size_t j = 0; j < k; j++) {
        const double *Q = call->V + j * call->ldv + W.offset;
        double *out = call->Y + j * call->ldy + W.offset;
        if (k > 1) {
            tw_copy(entries, cols + j * entries, out);
            for (size_t c = 0; c < W.cols; c++)
                for (size_t i = 0; i < W.rows; i++)
                    out[i + W.rows * c] += rows[i + W.rows * (j + k * c)];
        }
        tw_axpy(entries, tw_ridge_of(call, W), Q, out);
    }
}

/* W_l^T RD_l + Q_l^T D_l of all directions into `below`. */
static void signal_product(const tw_product_call *call, size_t l, const double *RD, double *below) {
    tw_evaluator *evaluator = call->evaluator;
    size_t k = call->k, samples = evaluator->model.samples;
    tw_block W = tw_dufm_factor(&evaluator->model, l);
    tw_multiply(1.0, tw_transposed(call->theta + W.offset, W.rows, W.cols),
                tw_plain(RD, W.rows, k * samples), 0.0, tw_mat(below, W.cols, k * samples));
    if (!call->residual) return;
    tw_multiply(1.0, tw_transposed(stack_directions(call, W).cols, W.rows, W.cols * k),
                tw_plain(evaluator->D[l], W.rows, samples), 1.0,
                tw_mat(below, W.cols * k, samples));
}

static void hand_out_features(const tw_product_call *call, tw_block H, const double *below) {
    size_t k = call->k;
    for (size_t j = 0; j < k; j++) {
        double *out = call->Y + j * call->ldy + H.offset;
        if (k > 1)
            for (size_t s = 0; s < H.cols; s++)
                memcpy(out + H.rows * s, below + H.rows * (j + k * s), H.rows * sizeof *out);
        tw_axpy(H.rows * H.cols, tw_ridge_of(call, H), call->V + j * call->ldv + H.offset, out);
    }
}

/* RD_L of all directions. */
static void logit_product(const tw_product_call *call, double *RD) {
    tw_evaluator *evaluator = call->evaluator;
    const tw_dufm *model = &evaluator->model;
    const tw_logits logits = tw_evaluator_kept_logits(evaluator);
    if (call->curved_loss)
        model->loss->product(&logits, call->k, evaluator->R[model->layers], RD);
    else
        memset(RD, 0, logits.classes * logits.samples * call->k * sizeof *RD);
}

void tw_evaluator_product(const tw_part_product *of, size_t k, const double *V, size_t ldv,
                          double *Y, size_t ldy) {
    tw_evaluator *evaluator = of->evaluator;
    const tw_product_call call = {.evaluator = evaluator,
                                  .theta = of->theta,
                                  .k = k,
                                  .V = V,
                                  .ldv = ldv,
                                  .Y = Y,
                                  .ldy = ldy,
                                  .curved_loss = of->part != TW_PART_RESIDUAL,
                                  .residual = of->part != TW_PART_GAUSS_NEWTON,
                                  .ridge = of->part == TW_PART_ALL};
    if (tw_product_lanes_pay(evaluator, k)) {
        tw_product_by_lanes(&call);
        return;
    }
    const tw_dufm *model = &evaluator->model;
    size_t layers = model->layers;
    tw_block H = tw_dufm_factor(model, 0);
    const double *R_0 = stack_features(&call, H);
    for (size_t l = 1; l <= layers; l++)
        forward_layer(&call, l, l == 1 ? R_0 : evaluator->R[l - 1]);

    double *RD = evaluator->RD[0], *below = evaluator->RD[1];
    logit_product(&call, RD);
    if (model->bias) bias_product(&call, RD);
    for (size_t l = layers; l >= 1; l--) {
        weight_product(&call, l, RD, l == 1 ? R_0 : evaluator->R[l - 1]);
        double *target = l == 1 && k == 1 ? Y + H.offset : below;
        signal_product(&call, l, RD, target);
        if (l > 1 && !model->activation->linear) through_activation(&call, l - 1, target);
        below = RD;
        RD = target;
    }
    hand_out_features(&call, H, RD);
}
