/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a symmetry takes. Everything follows from the ranks of the signal spaces: at most the number
 * of classes at a critical point with ridges, but all that a width allows elsewhere, where the
 * compressed factors are as large as the factors. Decompositions would tell the ranks; a sketch by
 * one vector more than there are classes tells which of the two it is, for the price of a product.
 */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "symmetry/symmetry_private.h"

#define OUTSIDE 1e-6 /* of a vector of the range: more stands outside a narrow space */

enum { WORK_PANEL = 64 }; /* columns of LAPACK's blocks */

static double smaller(double a, double b) {
    return a < b ? a : b;
}

/* Y (d x k) = [F_l, F_{l+1}^T] times random columns. */
static tw_status sketch(const tw_dufm *model, const double *theta, size_t l, size_t k, double *Y) {
    tw_status status = TW_OK;
    tw_block below = tw_dufm_factor(model, l), above = tw_dufm_factor(model, l + 1);
    double *X = NULL;
    tw_random stream;
    TW_TRY(TW_NEW_MATRIX(X, below.cols + above.rows, k));
    tw_random_init(&stream, 1, TW_PURPOSE_TANGENT, 1 + l);
    tw_random_fill_normal(&stream, (below.cols + above.rows) * k, X);
    tw_multiply(1.0, tw_plain(theta + below.offset, below.rows, below.cols),
                tw_plain(X, below.cols, k), 0.0, tw_mat(Y, below.rows, k));
    tw_multiply(1.0, tw_transposed(theta + above.offset, above.rows, above.cols),
                tw_plain(X + below.cols * k, above.rows, k), 1.0, tw_mat(Y, below.rows, k));
cleanup:
    free(X);
    return status;
}

/* Does the signal space of space l have at most `rank` (< d) dimensions? Without memory: no. */
static bool is_narrow(const tw_dufm *model, const double *theta, size_t l, size_t rank) {
    tw_status status = TW_OK;
    size_t d = model->widths[l];
    double *Y = NULL, *coefficients = NULL, before = 0.0, after = INFINITY;
    TW_TRY(TW_NEW_MATRIX(Y, d, rank + 1));
    TW_TRY(TW_NEW(coefficients, rank));
    TW_TRY(sketch(model, theta, l, rank + 1, Y));
    before = tw_norm(NULL, d, Y + d * rank);
    TW_TRY(tw_orthonormalise(d, rank, Y, NULL));
    for (int twice = 0; twice < 2; twice++)
        tw_project_out(NULL, d, (tw_columns){Y, d, rank}, 1, Y + d * rank, d, coefficients);
    after = tw_norm(NULL, d, Y + d * rank);
cleanup:
    free(Y);
    free(coefficients);
    return status == TW_OK && after <= OUTSIDE * before;
}

static double rank_of(const tw_dufm *model, const double *theta, size_t l) {
    size_t K = tw_dufm_classes(model), d = model->widths[l];
    size_t columns = tw_dufm_factor(model, l).cols + tw_dufm_factor(model, l + 1).rows;
    if (d <= K || theta == NULL || is_narrow(model, theta, l, K)) return (double)(d < K ? d : K);
    return (double)(d < columns ? d : columns);
}

/* A decomposition m x n with both sides: the matrix, its sides, and the work of dgesdd. */
static tw_cost decomposition(double m, double n) {
    double thin = smaller(m, n), wide = fmax(m, n);
    return (tw_cost){
        .bytes = 8.0 * (m * n + (m + n) * thin + 4.0 * thin * thin + WORK_PANEL * wide),
        .flops = 6.0 * wide * thin * thin + 20.0 * thin * thin * thin};
}

/* Its sums over the chain, of doubles. */
typedef struct account {
    double bases;   /* of the spaces */
    double spaces;  /* what else a space keeps */
    double factors; /* the compressed ones */
    double cores;   /* of them */
    double chain;   /* the cores with their outer sides shrunk to the inner ones */
    double entries, pairs, widest;
    tw_cost making;
} account;

/* Spaces are found one by one; each keeps its basis. */
static void add_space(const tw_dufm *model, size_t l, double r, account *a) {
    double d = (double)model->widths[l];
    double columns =
        (double)tw_dufm_factor(model, l).cols + (double)tw_dufm_factor(model, l + 1).rows;
    tw_cost found = decomposition(d, columns);
    found.bytes += 8.0 * a->bases;
    tw_cost_then(&a->making, &found);
    a->bases += d * r;
    a->spaces += 2.0 * d * r + 2.0 * r * r;
    a->entries += r * r;
    a->pairs += 0.5 * r * (r - 1.0);
    a->widest = fmax(a->widest, r);
}

static void add_factor(tw_block F, double left_rank, double right_rank, account *a) {
    a->cores += left_rank * right_rank;
    a->chain += left_rank * smaller(right_rank, left_rank);
    a->factors += left_rank * right_rank + (double)F.rows * right_rank + (double)F.cols * left_rank;
}

/* The equations within the signal. Their map is written out where that is affordable; else the part
 * of the chain that can have a kernel is looked for. */
static double add_system(account *a) {
    double held = 8.0 * (a->bases + a->spaces + a->factors), inverse = a->pairs * a->pairs;
    double system = 8.0 * (8.0 * a->entries + a->cores);
    bool written = a->chain * a->pairs <= TW_SIGNAL_EFFORT;
    tw_cost part =
        written ? decomposition(a->chain, a->pairs) : decomposition(a->widest, 2.0 * a->widest);
    part.bytes += held + system + 8.0 * (written ? inverse : 2.0 * a->entries);
    tw_cost_then(&a->making, &part);
    return held + system + (written ? 8.0 * inverse : 0.0);
}

void tw_symmetry_cost(const tw_dufm *model, const double *theta, double *kept, tw_cost *cost) {
    account a = {0};
    size_t spaces = model->activation->linear ? model->layers : 1;
    double below = 0.0;
    for (size_t l = 0; l <= model->layers; l++) {
        tw_block F = tw_dufm_factor(model, l);
        double r = l < spaces ? rank_of(model, theta, l) : (double)F.rows;
        if (l < spaces) add_space(model, l, r, &a);
        add_factor(F, r, l > 0 ? below : (double)F.cols, &a);
        below = r;
    }
    *kept = add_system(&a) + 8.0 * (double)tw_dufm_parameters(model);
    *cost = a.making;
    cost->bytes = fmax(cost->bytes, *kept);
}
