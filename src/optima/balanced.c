/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reduced model of the logits, put into random frames: W_l = Q_l C_l Q_{l-1}^T, W_L = C_L
 * Q_{L-1}^T, and feature k of class k Q_0 u_k/sqrt(n_k). */
#include <thalweg/optima/balanced.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/frames_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "optima/sectors_private.h"

/* Singular values of the logits below this times the largest are rounding: their (L+1)-th roots
 * would be seen in the factors. */
#define NOISE 1e-12

static tw_status make_model(const tw_class_logits *logits, tw_dufm *model) {
    tw_status status = TW_OK;
    size_t K = logits->widths[logits->layers], samples = 0, at = 0;
    for (size_t k = 0; k < K; k++) samples += (size_t)logits->class_sizes[k];
    TW_TRY(tw_dufm_init(model, logits->layers, samples));
    for (size_t l = 0; l <= logits->layers; l++) model->widths[l] = logits->widths[l];
    for (size_t l = 0; l < logits->layers; l++) model->lambda_W[l] = logits->lambda_W[l];
    for (size_t k = 0; k < K; k++)
        for (size_t i = 0; i < (size_t)logits->class_sizes[k]; i++) model->labels[at++] = (int)k;
    model->lambda_H = logits->lambda_H;
    model->loss = logits->loss;
    model->activation = tw_activation_find("linear");
    TW_TRY(tw_dufm_check(model));
cleanup:
    return status;
}

/* F = left core right^T; left NULL for the identity. */
static tw_status set_weight(const tw_reduced *x, size_t l, const double *left, const double *right,
                            tw_matrix F) {
    tw_status status = TW_OK;
    size_t r = x->rank, rows = left ? r : x->classes;
    double *image = NULL;
    TW_TRY(TW_NEW(image, F.rows * r));
    if (left)
        tw_multiply(1.0, tw_plain(left, F.rows, r), tw_plain(x->core[l], rows, r), 0.0,
                    tw_mat(image, F.rows, r));
    else
        tw_copy(rows * r, x->core[l], image);
    tw_multiply(1.0, tw_plain(image, F.rows, r), tw_transposed(right, F.cols, r), 0.0, F);
cleanup:
    free(image);
    return status;
}

static void set_features(const tw_reduced *x, const tw_dufm *model, const double *frame,
                         double *H) {
    size_t d = model->widths[0], r = x->rank;
    for (size_t i = 0; i < model->samples; i++) {
        size_t k = (size_t)model->labels[i];
        tw_multiply(1.0 / sqrt(x->sizes[k]), tw_plain(frame, d, r),
                    tw_plain(x->core[0] + r * k, r, 1), 0.0, tw_mat(H + d * i, d, 1));
    }
}

static tw_status set_factors(const tw_reduced *x, uint64_t seed, tw_point *point) {
    tw_status status = TW_OK;
    const tw_dufm *model = &point->model;
    size_t L = model->layers;
    double *below = NULL, *frame = NULL;
    TW_TRY(tw_random_frame(seed, 0, model->widths[0], x->rank, &below));
    set_features(x, model, below, point->theta + tw_dufm_factor(model, 0).offset);
    for (size_t l = 1; l <= L; l++) {
        tw_block block = tw_dufm_factor(model, l);
        if (l < L) TW_TRY(tw_random_frame(seed, l, model->widths[l], x->rank, &frame));
        TW_TRY(set_weight(x, l, frame, below,
                          tw_mat(point->theta + block.offset, block.rows, block.cols)));
        free(below);
        below = frame;
        frame = NULL;
    }
cleanup:
    free(below);
    free(frame);
    return status;
}

tw_status tw_balanced_point(const tw_class_logits *logits, uint64_t gauge_seed, tw_point *point) {
    tw_status status = TW_OK;
    tw_point made = {0};
    tw_reduced x = {0};
    tw_sector_evidence evidence;
    TW_TRY(tw_reduced_from_logits(logits, NOISE, &x, &evidence));
    TW_TRY(make_model(logits, &made.model));
    TW_TRY(TW_NEW(made.theta, tw_dufm_parameters(&made.model)));
    TW_TRY(set_factors(&x, gauge_seed, &made));
    *point = made;
    made = (tw_point){0};
cleanup:
    tw_reduced_clear(&x);
    tw_point_clear(&made);
    return status;
}
