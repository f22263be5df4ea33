/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symmetry/thin_private.h"

#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

void tw_thin_pair_clear(tw_thin_pair *pair) {
    for (size_t l = 0; pair->B && l < pair->spaces; l++) free(pair->B[l]);
    free(pair->B);
    free(pair->target);
    free(pair->theta);
    tw_dufm_clear(&pair->model);
    *pair = (tw_thin_pair){0};
}

/* Columns of F_l and F_{l+1}^T of one point, d_l x (columns of F_l + rows of F_{l+1}). */
static void copy_span(const tw_dufm *model, const double *theta, size_t l, double *X) {
    tw_block below = tw_dufm_factor(model, l), above = tw_dufm_factor(model, l + 1);
    size_t d = below.rows;
    tw_copy(d * below.cols, theta + below.offset, X);
    X += d * below.cols;
    for (size_t j = 0; j < above.rows; j++)
        for (size_t i = 0; i < d; i++) X[i + d * j] = theta[above.offset + j + above.rows * i];
}

static tw_status shrink_space(tw_thin_pair *pair, const double *target, const double *theta,
                              size_t l) {
    tw_status status = TW_OK;
    const tw_dufm *model = pair->whole;
    size_t d = model->widths[l];
    size_t columns = tw_dufm_factor(model, l).cols + tw_dufm_factor(model, l + 1).rows;
    if (2 * columns >= d) return TW_OK;
    TW_TRY(TW_NEW(pair->B[l], d * 2 * columns));
    copy_span(model, target, l, pair->B[l]);
    copy_span(model, theta, l, pair->B[l] + d * columns);
    TW_TRY(tw_orthonormalise(d, 2 * columns, pair->B[l], NULL));
    pair->model.widths[l] = 2 * columns;
cleanup:
    return status;
}

static const double *basis_of(const tw_thin_pair *pair, size_t l) {
    return l < pair->spaces ? pair->B[l] : NULL;
}

/* out = left^T X right, or (back) left X right^T, for a factor of the whole or of the small model;
 * NULL is the identity. */
static tw_status change_factor(const tw_thin_pair *pair, size_t l, bool back, const double *X,
                               double *out) {
    tw_status status = TW_OK;
    tw_block whole = tw_dufm_factor(pair->whole, l), small = tw_dufm_factor(&pair->model, l);
    tw_block from = back ? small : whole, to = back ? whole : small;
    const double *left = basis_of(pair, l), *right = l > 0 ? basis_of(pair, l - 1) : NULL;
    double *half = NULL;
    TW_TRY(TW_NEW(half, to.rows * from.cols));
    tw_factor L = tw_plain(left, whole.rows, small.rows),
              R = tw_plain(right, whole.cols, small.cols);
    L.transposed = !back;
    R.transposed = back;
    if (left)
        tw_multiply(1.0, L, tw_plain(X, from.rows, from.cols), 0.0,
                    tw_mat(half, to.rows, from.cols));
    else
        tw_copy(to.rows * from.cols, X, half);
    if (right)
        tw_multiply(1.0, tw_plain(half, to.rows, from.cols), R, 0.0, tw_mat(out, to.rows, to.cols));
    else
        tw_copy(to.rows * to.cols, half, out);
cleanup:
    free(half);
    return status;
}

static tw_status change_point(const tw_thin_pair *pair, bool back, const double *from, double *to) {
    tw_status status = TW_OK;
    const tw_dufm *source = back ? &pair->model : pair->whole;
    const tw_dufm *made = back ? pair->whole : &pair->model;
    for (size_t l = 0; l <= made->layers; l++)
        TW_TRY(change_factor(pair, l, back, from + tw_dufm_factor(source, l).offset,
                             to + tw_dufm_factor(made, l).offset));
    if (made->bias)
        tw_copy(tw_dufm_classes(made), from + tw_dufm_block(source, made->layers + 1).offset,
                to + tw_dufm_block(made, made->layers + 1).offset);
cleanup:
    return status;
}

tw_status tw_thin_pair_init(tw_thin_pair *pair, const tw_dufm *model, const double *target,
                            const double *theta) {
    tw_status status = TW_OK;
    *pair = (tw_thin_pair){.whole = model, .spaces = model->activation->linear ? model->layers : 1};
    TW_TRY(tw_dufm_copy(&pair->model, model));
    TW_TRY(TW_NEW(pair->B, pair->spaces));
    for (size_t l = 0; l < pair->spaces; l++) TW_TRY(shrink_space(pair, target, theta, l));
    TW_TRY(TW_NEW(pair->target, tw_dufm_parameters(&pair->model)));
    TW_TRY(TW_NEW(pair->theta, tw_dufm_parameters(&pair->model)));
    TW_TRY(change_point(pair, false, target, pair->target));
    TW_TRY(change_point(pair, false, theta, pair->theta));
cleanup:
    if (status != TW_OK) tw_thin_pair_clear(pair);
    return status;
}

tw_status tw_thin_pair_lift(const tw_thin_pair *pair, double *theta) {
    return change_point(pair, true, pair->theta, theta);
}
