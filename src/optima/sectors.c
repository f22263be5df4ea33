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
#include "dense/vector_private.h"
#include "optima/sectors_private.h"

enum { PANEL = 64 }; /* columns */

#define JOIN_TOLERANCE 1e-13 /* of ||H||: values closer than rounding are one level */

void tw_sectors_clear(tw_sectors *sectors) {
    if (sectors) tw_levels_clear(&sectors->levels);
}

/* ---- Preconditions ---- */

static double frobenius(const double *x, size_t count) {
    return tw_norm(NULL, count, x);
}

/* || lambda_{l+1} C_{l+1}^T C_{l+1} - lambda_l C_l C_l^T || over the larger term, the worst l. */
static tw_status measure_balance(const tw_reduced *x, double *defect) {
    tw_status status = TW_OK;
    size_t r = x->rank;
    double *above = NULL, *below = NULL;
    *defect = 0.0;
    TW_TRY(TW_NEW(above, r * r));
    TW_TRY(TW_NEW(below, r * r));
    for (size_t l = 0; l < x->layers; l++) {
        size_t rows = l + 1 == x->layers ? x->classes : r, cols = l == 0 ? x->classes : r;
        double lambda = l == 0 ? x->lambda_H : x->lambda_W[l - 1];
        tw_multiply(x->lambda_W[l], tw_transposed(x->core[l + 1], rows, r),
                    tw_plain(x->core[l + 1], rows, r), 0.0, tw_mat(above, r, r));
        tw_multiply(lambda, tw_plain(x->core[l], r, cols), tw_transposed(x->core[l], r, cols), 0.0,
                    tw_mat(below, r, r));
        double scale = fmax(frobenius(above, r * r), frobenius(below, r * r));
        tw_axpy(r * r, -1.0, above, below);
        if (scale > 0.0) *defect = fmax(*defect, frobenius(below, r * r) / scale);
    }
cleanup:
    free(above);
    free(below);
    return status;
}

static double levels_norm(const tw_levels *levels) {
    double norm = 0.0;
    for (size_t i = 0; i < levels->count; i++) norm = fmax(norm, fabs(levels->rows[i].value));
    return norm;
}

/* Product of the norms of all cores but two, which may be the same one. */
static double rest_of_product(const tw_reduced *x, size_t one, size_t other) {
    double product = 1.0;
    for (size_t l = 0; l <= x->layers; l++) {
        size_t rows = l == x->layers ? x->classes : x->rank, cols = l == 0 ? x->classes : x->rank;
        if (l != one && l != other) product *= frobenius(x->core[l], rows * cols);
    }
    return product;
}

static tw_status measure_stationarity(const tw_reduced *x, double norm, double *defect) {
    tw_status status = TW_OK;
    size_t p = tw_reduced_parameters(x);
    double *gradient = NULL, size = 0.0;
    TW_TRY(TW_NEW(gradient, p));
    tw_reduced_gradient(x, gradient);
    for (size_t l = 0; l <= x->layers; l++) {
        size_t rows = l == x->layers ? x->classes : x->rank, cols = l == 0 ? x->classes : x->rank;
        size = hypot(size, frobenius(x->core[l], rows * cols));
    }
    *defect = norm > 0.0 ? frobenius(gradient, p) / (norm * fmax(1.0, size)) : 0.0;
cleanup:
    free(gradient);
    return status;
}

/* ||H||_2 of the whole model from above, by norms of the cores alone: (Jacobian)^2 times the
 * curvature of the loss, second derivatives of the product against the loss's gradient, ridges. */
static tw_status bound_norm(const tw_reduced *x, double *bound) {
    tw_status status = TW_OK;
    size_t K = x->classes, L = x->layers;
    double *loss = NULL, curvature = 0.0, ridge = x->lambda_H, first = 0.0, second = 0.0;
    TW_TRY(TW_NEW(loss, K * K));
    for (size_t k = 0; k < K; k++) {
        tw_reduced_loss_hessian(x, k, loss);
        curvature = fmax(curvature, frobenius(loss, K * K));
    }
    double gradient = frobenius(x->D[L], K * K);
    for (size_t l = 0; l <= L; l++) {
        double others = rest_of_product(x, l, l);
        first += others * others;
        if (l > 0) ridge = fmax(ridge, x->lambda_W[l - 1]);
        for (size_t m = 0; m < l; m++) second = hypot(second, gradient * rest_of_product(x, l, m));
    }
    *bound = ridge + curvature * first + sqrt(2.0) * second;
cleanup:
    free(loss);
    return status;
}

/* How far a level may be off for what the point is not, in units of ||H||. */
static double largest_defect(const tw_sector_evidence *e) {
    double worst = fmax(fmax(e->stationary, e->balanced), fmax(e->collapsed, e->confined));
    return fmin(worst, 1.0);
}

/* bound: the relative gradient is known from below alone. */
static void decide(const tw_sector_options *options, bool bound, tw_sectors *sectors) {
    const tw_sector_evidence *e = &sectors->evidence;
    const struct {
        double defect;
        const char *text;
    } conditions[] = {
        {e->stationary, bound ? "not stationary: relative gradient at least"
                              : "not stationary: relative gradient"},
        {e->balanced, "not balanced: relative defect"},
        {e->collapsed, "features not collapsed to class means: relative deviation"},
        {e->confined, "factors reach outside the signal spaces: relative part"},
        {e->dropped, "no rank gap: largest dropped singular value, relative"},
    };
    sectors->applicable = true;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        if (conditions[i].defect <= options->tolerance) continue; /* NAN does not pass */
        snprintf(sectors->refusal, sizeof sectors->refusal, "%s %.3g, allowed %.1g",
                 conditions[i].text, conditions[i].defect, options->tolerance);
        sectors->applicable = false;
        break;
    }
    if (!sectors->applicable) tw_levels_clear(&sectors->levels);
}

/* ---- Labels ---- */

/* Zeros of the signal sector: L r (r - 1)/2 are rotations, so exact, and more than that no symmetry
 * explains. */
static void name_zeros(const tw_reduced *x, double tolerance, tw_levels *levels) {
    size_t rotations = x->layers * x->rank * (x->rank > 0 ? x->rank - 1 : 0) / 2;
    for (size_t i = 0; i < levels->count; i++) {
        tw_level *row = &levels->rows[i];
        if (fabs(row->value) > tolerance || strcmp(row->label, "class mean") != 0) continue;
        row->label = rotations > 0 ? "gauge" : "flat";
        if (rotations == 0) continue;
        row->value = 0.0;
        rotations--;
    }
}

static tw_status check_options(const tw_sector_options *options) {
    if (!(options->tolerance > 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "sector tolerance %g is not positive", options->tolerance);
    if (!(options->rank_tolerance > 0.0 && options->rank_tolerance < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "rank tolerance %g is outside (0, 1)",
                       options->rank_tolerance);
    return TW_OK;
}

/* What can be refused without the spectrum of the signal sector, or must be for its size. */
static tw_status refuse_early(const tw_reduced *x, const tw_sector_options *options,
                              tw_sectors *sectors) {
    tw_status status = TW_OK;
    double bound = 0.0;
    size_t p = tw_reduced_parameters(x), room = sizeof sectors->refusal;
    TW_TRY(measure_balance(x, &sectors->evidence.balanced));
    TW_TRY(bound_norm(x, &bound));
    TW_TRY(measure_stationarity(x, bound, &sectors->evidence.stationary));
    decide(options, true, sectors);
    if (!sectors->applicable) goto cleanup;
    sectors->applicable = false;
    if (p > options->budget.dense_limit)
        snprintf(sectors->refusal, room,
                 "the signal sector has %zu coordinates, above the dense limit %zu", p,
                 options->budget.dense_limit);
    else if (tw_budget_report(&options->budget, "signal sector", 0.0, 0.0))
        snprintf(sectors->refusal, room, "ended before the signal sector of %zu coordinates", p);
cleanup:
    return status;
}

/* Everything after the cores are set. */
tw_status tw_sectors_finish(tw_reduced *x, const tw_sector_options *options, tw_sectors *sectors) {
    tw_status status = TW_OK;
    TW_TRY(check_options(options));
    TW_TRY(tw_budget_check(&options->budget));
    tw_reduced_evaluate(x);
    sectors->rank = x->rank;
    TW_TRY(refuse_early(x, options, sectors));
    if (sectors->refusal[0]) goto cleanup;
    TW_TRY(tw_sectors_assemble(x, &sectors->levels));
    sectors->norm = levels_norm(&sectors->levels);
    TW_TRY(measure_stationarity(x, sectors->norm, &sectors->evidence.stationary));
    double defect = largest_defect(&sectors->evidence);
    name_zeros(x, (JOIN_TOLERANCE + defect) * sectors->norm, &sectors->levels);
    tw_levels_join(&sectors->levels, JOIN_TOLERANCE * sectors->norm);
    decide(options, false, sectors);
cleanup:
    return status;
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

static tw_factor flipped(tw_factor factor) {
    factor.transposed = !factor.transposed;
    return factor;
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
static tw_status top_basis(chain *c, double tolerance, tw_sector_evidence *evidence) {
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
    TW_TRY(tw_singular_values(K, d, copy, values, left, right));
    while (c->rank < thin && values[c->rank] > fmax(tolerance * values[0], TW_RANK_FLOOR))
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
static tw_status lower_bases(chain *c) {
    tw_status status = TW_OK;
    for (size_t l = c->model->layers - 1; l >= 1; l--) {
        tw_factor W = factor_of(c, l);
        size_t below = W.cols;
        if (c->rank > below) c->rank = below; /* cannot be balanced; the defects will say so */
        TW_TRY(TW_NEW(c->basis[l - 1], below * c->rank));
        tw_multiply(1.0, flipped(W), tw_plain(c->basis[l], W.rows, c->rank), 0.0,
                    tw_mat(c->basis[l - 1], below, c->rank));
        TW_TRY(tw_orthonormalise(below, c->rank, c->basis[l - 1], NULL));
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
    TW_TRY(top_basis(&c, options->rank_tolerance, &sectors->evidence));
    TW_TRY(lower_bases(&c));
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
    tw_reduced_clear(&x);
    chain_clear(&c);
    free(sizes);
    return status;
}
