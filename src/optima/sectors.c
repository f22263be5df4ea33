/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a point, or from class logits, to the reduced model whose sectors are the whole spectrum.
 *
 * The signal spaces come from the thin end: the r right singular vectors of W_L span that of space
 * L - 1, and the rows of W_l reached from there span the next one down. That is exact at a balanced
 * point and costs O(d^2 r); whether the point is balanced is measured afterwards: what the factors
 * hold outside these spaces, and the balance of the cores. The features are read once: each class
 * is summed relative to its first sample, so that neither mean nor deviation cancels. */
#include <thalweg/optima/sectors.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/symmetry/symmetry.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "optima/sectors_private.h"

enum { PANEL = 64 }; /* columns */

void tw_sectors_clear(tw_sectors *sectors) {
    if (sectors == NULL) return;
    tw_levels_clear(&sectors->levels);
    for (size_t l = 0; l < sectors->block_count; l++) tw_levels_clear(&sectors->blocks[l]);
    free(sectors->blocks);
    sectors->blocks = NULL;
    sectors->block_count = 0;
}

static double frobenius(const double *x, size_t count) {
    return tw_norm(NULL, count, x);
}

/* ---- From a point ---- */

typedef struct chain {
    const tw_dufm *model;
    const double *theta;
    double *means;  /* d_0 x K, columns times sqrt(n_k) */
    double **basis; /* [0 .. L-1]: d_l x r */
    size_t rank;
} chain;

static void chain_clear(chain *c) {
    for (size_t l = 0; c->basis && l < c->model->layers; l++) free(c->basis[l]);
    free(c->basis);
    free(c->means);
}

static tw_factor factor_of(const chain *c, size_t l) {
    tw_block block = tw_dufm_factor(c->model, l);
    return tw_plain(c->theta + block.offset, block.rows, block.cols);
}

/* Class means in unit coordinates, and the deviation from them, in one pass over the features. */
static tw_status class_means(chain *c, const size_t *sizes, double *collapsed) {
    tw_status status = TW_OK;
    const tw_dufm *model = c->model;
    tw_factor H = factor_of(c, 0);
    size_t d = H.rows, K = tw_dufm_classes(model);
    const double **first = NULL;
    double *shift = NULL, *apart = NULL, *difference = NULL, deviation = 0.0, size = 0.0;
    TW_TRY(TW_NEW(c->means, d * K));
    TW_TRY(TW_NEW(first, K));
    TW_TRY(TW_NEW(shift, d * K));
    TW_TRY(TW_NEW(apart, K));
    TW_TRY(TW_NEW(difference, d));
    for (size_t i = 0; i < model->samples; i++) {
        size_t k = (size_t)model->labels[i];
        const double *h = H.data + d * i;
        if (first[k] == NULL) first[k] = h;
        for (size_t j = 0; j < d; j++) difference[j] = h[j] - first[k][j];
        tw_axpy(d, 1.0, difference, shift + d * k);
        apart[k] += tw_dot(NULL, d, difference, difference);
    }
    for (size_t k = 0; k < K; k++) {
        double count = (double)sizes[k], drift = 0.0, norm = 0.0;
        for (size_t j = 0; j < d; j++) {
            double mean_shift = shift[j + d * k] / count, mean = first[k][j] + mean_shift;
            drift += mean_shift * mean_shift;
            norm += mean * mean;
            c->means[j + d * k] = sqrt(count) * mean;
        }
        deviation += fmax(0.0, apart[k] - count * drift);
        size += count * norm;
    }
    *collapsed = size + deviation > 0.0 ? sqrt(deviation / (size + deviation)) : 0.0;
cleanup:
    free(first);
    free(shift);
    free(apart);
    free(difference);
    return status;
}

/* Rank and basis of the signal space that W_L reads. */
static tw_status top_basis(chain *c, const tw_sector_options *options,
                           tw_sector_evidence *evidence) {
    tw_status status = TW_OK;
    size_t L = c->model->layers;
    tw_factor W = factor_of(c, L);
    size_t K = W.rows, d = W.cols, thin = K < d ? K : d;
    double *copy = NULL, *values = NULL, *left = NULL, *right = NULL;
    TW_TRY(TW_NEW(copy, K * d));
    TW_TRY(TW_NEW(values, thin));
    TW_TRY(TW_NEW(left, K * thin));
    TW_TRY(TW_NEW(right, thin * d));
    tw_copy(K * d, W.data, copy);
    const tw_monitor monitor = tw_budget_monitor(&options->budget);
    TW_TRY(tw_sliced_singular(K, d, copy, values, left, right, &monitor));
    while (c->rank < thin &&
           values[c->rank] > fmax(options->rank_tolerance * values[0], TW_RANK_FLOOR))
        c->rank++;
    evidence->kept = c->rank ? values[c->rank - 1] / values[0] : 1.0;
    evidence->dropped = c->rank > 0 && c->rank < thin ? values[c->rank] / values[0] : 0.0;
    TW_TRY(TW_NEW(c->basis[L - 1], d * c->rank));
    for (size_t j = 0; j < c->rank; j++)
        for (size_t i = 0; i < d; i++) c->basis[L - 1][i + d * j] = right[j + thin * i];
cleanup:
    free(copy);
    free(values);
    free(left);
    free(right);
    return status;
}

/* The other bases, from the top down: U_{l-1} spans W_l^T U_l. */
static tw_status lower_bases(chain *c, const tw_sector_options *options) {
    tw_status status = TW_OK;
    const tw_monitor monitor = tw_budget_monitor(&options->budget);
    for (size_t l = c->model->layers - 1; l >= 1; l--) {
        tw_factor W = factor_of(c, l);
        size_t below = W.cols;
        if (c->rank > below) c->rank = below; /* cannot be balanced; the defects will say so */
        TW_TRY(TW_NEW(c->basis[l - 1], below * c->rank));
        tw_multiply(1.0, tw_flipped(W), tw_plain(c->basis[l], W.rows, c->rank), 0.0,
                    tw_mat(c->basis[l - 1], below, c->rank));
        TW_TRY(tw_sliced_orthonormalise(below, c->rank, c->basis[l - 1], NULL, &monitor));
    }
cleanup:
    return status;
}

/* ||F - X right^T||_F (right NULL: identity), a panel of columns at a time: no second copy of F. */
static tw_status norm_outside(tw_factor F, const double *X, const double *right, size_t cols,
                              double *norm) {
    tw_status status = TW_OK;
    double *panel = NULL;
    TW_TRY(TW_NEW(panel, F.rows * PANEL));
    *norm = 0.0;
    for (size_t j = 0; j < F.cols; j += PANEL) {
        size_t width = F.cols - j < PANEL ? F.cols - j : PANEL;
        tw_copy(F.rows * width, F.data + F.rows * j, panel);
        if (right) {
            tw_factor rows = {right + j, width, cols, F.cols, true};
            tw_multiply(-1.0, tw_plain(X, F.rows, cols), rows, 1.0, tw_mat(panel, F.rows, width));
        } else {
            tw_axpy(F.rows * width, -1.0, X + F.rows * j, panel);
        }
        *norm = hypot(*norm, frobenius(panel, F.rows * width));
    }
cleanup:
    free(panel);
    return status;
}

/* core = left^T F right (either basis NULL: identity); *outside = ||F - left core right^T||/||F||.
 */
static tw_status reduce_factor(tw_factor F, const double *left, const double *right, size_t rank,
                               double *core, double *outside) {
    tw_status status = TW_OK;
    size_t rows = left ? rank : F.rows, cols = right ? rank : F.cols;
    double *image = NULL, rest = 0.0, size = frobenius(F.data, F.rows * F.cols);
    TW_TRY(TW_NEW(image, F.rows * cols));
    if (right)
        tw_multiply(1.0, F, tw_plain(right, F.cols, rank), 0.0, tw_mat(image, F.rows, cols));
    else
        tw_copy(F.rows * F.cols, F.data, image);
    if (left) {
        tw_multiply(1.0, tw_transposed(left, F.rows, rank), tw_plain(image, F.rows, cols), 0.0,
                    tw_mat(core, rows, cols));
        tw_multiply(1.0, tw_plain(left, F.rows, rank), tw_plain(core, rows, cols), 0.0,
                    tw_mat(image, F.rows, cols));
    } else {
        tw_copy(rows * cols, image, core);
    }
    TW_TRY(norm_outside(F, image, right, cols, &rest));
    *outside = fmax(*outside, size > 0.0 ? rest / size : 0.0);
cleanup:
    free(image);
    return status;
}

static tw_status reduce_chain(const chain *c, tw_reduced *x, double *outside) {
    tw_status status = TW_OK;
    size_t L = c->model->layers, d = c->model->widths[0];
    TW_TRY(reduce_factor(tw_plain(c->means, d, x->classes), c->basis[0], NULL, c->rank, x->core[0],
                         outside));
    for (size_t l = 1; l <= L; l++)
        TW_TRY(reduce_factor(factor_of(c, l), l < L ? c->basis[l] : NULL, c->basis[l - 1], c->rank,
                             x->core[l], outside));
cleanup:
    return status;
}

tw_status tw_sectors_of_point(const tw_dufm *model, const double *theta,
                              const tw_sector_options *options, tw_sectors *sectors) {
    tw_status status = TW_OK;
    const tw_sector_options defaults = TW_SECTOR_DEFAULTS;
    if (options == NULL) options = &defaults;
    chain c = {.model = model, .theta = theta};
    tw_reduced x = {0};
    size_t K = tw_dufm_classes(model), *sizes = NULL;
    *sectors = (tw_sectors){0};
    if (!model->activation->linear || model->bias) {
        snprintf(sectors->refusal, sizeof sectors->refusal,
                 "sectors need a linear model without bias");
        return TW_OK;
    }
    TW_TRY(TW_NEW(sizes, K));
    tw_dufm_class_sizes(model, sizes);
    TW_TRY(TW_NEW(c.basis, model->layers));
    TW_TRY(class_means(&c, sizes, &sectors->evidence.collapsed));
    TW_TRY(top_basis(&c, options, &sectors->evidence));
    TW_TRY(lower_bases(&c, options));
    TW_TRY(tw_reduced_init(&x, model->layers, K, c.rank));
    x.widths = model->widths;
    x.lambda_W = model->lambda_W;
    x.lambda_H = model->lambda_H;
    x.total = (double)model->samples;
    x.loss = model->loss;
    for (size_t k = 0; k < K; k++) x.sizes[k] = (double)sizes[k];
    TW_TRY(reduce_chain(&c, &x, &sectors->evidence.confined));
    TW_TRY(tw_sectors_finish(&x, options, sectors));
cleanup:
    if (status != TW_OK) tw_sectors_clear(sectors);
    if (status == TW_STOPPED) status = tw_sectors_refuse_ended(sectors);
    tw_reduced_clear(&x);
    chain_clear(&c);
    free(sizes);
    return status;
}

/* The Hessian of the signal sector: its values alone take half of the flops that vectors do, but
 * pass over the matrix as often. */
tw_cost tw_signal_cost(double order) {
    return (tw_cost){.bytes = 8.0 * order * (order + 10.0), .flops = 4.5 * order * order * order};
}

double tw_signal_order(size_t layers, size_t classes, size_t rank) {
    double r = (double)rank;
    return ((double)layers - 1.0) * r * r + 2.0 * (double)classes * r;
}

void tw_sectors_cost(const tw_dufm *model, tw_cost *cost) {
    size_t K = tw_dufm_classes(model), rank = K, widest = 0;
    for (size_t l = 0; l < model->layers; l++) {
        if (model->widths[l] < rank) rank = model->widths[l];
        if (model->widths[l] > widest) widest = model->widths[l];
    }
    *cost = tw_signal_cost(tw_signal_order(model->layers, K, rank));
    double thin = (double)widest * ((double)model->layers * (double)rank + 3.0 * (double)K + PANEL);
    cost->bytes += 8.0 * thin;
}
