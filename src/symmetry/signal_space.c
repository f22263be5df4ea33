/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signal spaces of a point, with bases aligned along the chain.
 *
 * The signal space of space l is the range of M_l = F_l F_l^T + F_{l+1}^T F_{l+1}. Equal singular
 * values leave its eigenvectors free up to a rotation, so the basis of space l is turned
 * (Procrustes) to follow W_l from the space below: at a balanced point every core is then diagonal
 * up to rounding, which is what makes the signal-signal equations nearly decouple. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "symmetry/symmetry_private.h"

static tw_factor factor_view(const tw_chain_factor *factor, const double *theta) {
    return tw_plain(theta + factor->offset, factor->rows, factor->cols);
}

static tw_factor flipped(tw_factor factor) {
    factor.transposed = !factor.transposed;
    return factor;
}

/* Rank from the ascending eigenvalues of M; fills what the space reports of it. */
static void decide_rank(tw_hidden_space *space, const double *values, double tolerance) {
    size_t d = space->width, rank = 0;
    double largest = sqrt(fmax(values[d - 1], 0.0));
    while (rank < d && largest > 0.0 &&
           sqrt(fmax(values[d - 1 - rank], 0.0)) > fmax(tolerance * largest, TW_RANK_FLOOR))
        rank++;
    space->rank = rank;
    space->modes = rank * d - rank * (rank + 1) / 2;
    space->kept = rank ? sqrt(values[d - rank]) / largest : 1.0;
    space->dropped =
        rank < d && largest > 0.0 ? sqrt(fmax(values[d - 1 - rank], 0.0)) / largest : 0.0;
}

/* Rank and some orthonormal basis, largest singular value first. */
static tw_status find_basis(tw_symmetry *symmetry, const double *theta, size_t l,
                            double tolerance) {
    tw_status status = TW_OK;
    tw_signal_space *space = &symmetry->spaces[l];
    size_t d = symmetry->factors[l].rows;
    double *M = NULL, *values = NULL;
    space->described.index = l;
    space->described.width = d;
    TW_TRY(TW_NEW(M, d * d));
    TW_TRY(TW_NEW(values, d));
    tw_factor above = factor_view(&symmetry->factors[l + 1], theta);
    tw_factor below = factor_view(&symmetry->factors[l], theta);
    tw_multiply(1.0, below, flipped(below), 0.0, tw_mat(M, d, d));
    tw_multiply(1.0, flipped(above), above, 1.0, tw_mat(M, d, d));
    TW_TRY(tw_symmetric_eigen(d, M, values));
    decide_rank(&space->described, values, tolerance);
    size_t rank = space->described.rank;
    TW_TRY(TW_NEW(space->U, d * rank));
    for (size_t j = 0; j < rank; j++) tw_copy(d, M + d * (d - 1 - j), space->U + d * j);
cleanup:
    free(M);
    free(values);
    return status;
}

/* U_l Q with the orthogonal Q nearest to U_l^T W_l U_{l-1}. */
static tw_status align_basis(tw_symmetry *symmetry, const double *theta, size_t l) {
    tw_status status = TW_OK;
    tw_signal_space *space = &symmetry->spaces[l], *below = &symmetry->spaces[l - 1];
    const tw_chain_factor *W = &symmetry->factors[l];
    size_t r = space->described.rank, d = W->rows;
    double *image = NULL, *core = NULL, *left = NULL, *right = NULL, *values = NULL;
    if (r == 0 || below->described.rank != r) return TW_OK;
    TW_TRY(TW_NEW(image, d * r));
    TW_TRY(TW_NEW(core, r * r));
    TW_TRY(TW_NEW(left, r * r));
    TW_TRY(TW_NEW(right, r * r));
    TW_TRY(TW_NEW(values, r));
    tw_multiply(1.0, factor_view(W, theta), tw_plain(below->U, W->cols, r), 0.0,
                tw_mat(image, d, r));
    tw_multiply(1.0, tw_transposed(space->U, d, r), tw_plain(image, d, r), 0.0, tw_mat(core, r, r));
    TW_TRY(tw_singular_values(r, r, core, values, left, right));
    tw_multiply(1.0, tw_plain(left, r, r), tw_plain(right, r, r), 0.0, tw_mat(core, r, r));
    tw_multiply(1.0, tw_plain(space->U, d, r), tw_plain(core, r, r), 0.0, tw_mat(image, d, r));
    tw_copy(d * r, image, space->U);
cleanup:
    free(image);
    free(core);
    free(left);
    free(right);
    free(values);
    return status;
}

/* X = F basis (or F itself beside a space that is not rotated). */
static void times_basis(tw_factor F, const double *basis, size_t rank, double *X) {
    size_t rows = F.transposed ? F.cols : F.rows, inner = F.transposed ? F.rows : F.cols;
    if (basis) {
        tw_multiply(1.0, F, tw_plain(basis, inner, rank), 0.0, tw_mat(X, rows, rank));
        return;
    }
    for (size_t j = 0; j < inner; j++)
        for (size_t i = 0; i < rows; i++)
            X[i + rows * j] = F.transposed ? F.data[j + F.ld * i] : F.data[i + F.ld * j];
}

/* core, left and right of factor l. */
static tw_status compress_factor(tw_symmetry *symmetry, const double *theta, size_t l) {
    tw_status status = TW_OK;
    tw_chain_factor *F = &symmetry->factors[l];
    const double *U = l < symmetry->space_count ? symmetry->spaces[l].U : NULL;
    const double *U_below =
        l > 0 && l - 1 < symmetry->space_count ? symmetry->spaces[l - 1].U : NULL;
    double *image = NULL;
    F->left_rank = U ? symmetry->spaces[l].described.rank : F->rows;
    F->right_rank = U_below ? symmetry->spaces[l - 1].described.rank : F->cols;
    TW_TRY(TW_NEW(F->core, F->left_rank * F->right_rank));
    TW_TRY(TW_NEW(F->left, F->rows * F->right_rank));
    TW_TRY(TW_NEW(F->right, F->cols * F->left_rank));
    TW_TRY(TW_NEW(image, F->rows * F->right_rank));
    times_basis(factor_view(F, theta), U_below, F->right_rank, image);
    times_basis(flipped(tw_plain(image, F->rows, F->right_rank)), U, F->left_rank, F->right);
    /* right holds C^T so far (right_rank x left_rank) */
    for (size_t i = 0; i < F->left_rank; i++)
        for (size_t j = 0; j < F->right_rank; j++)
            F->core[i + F->left_rank * j] = F->right[j + F->right_rank * i];
    if (U)
        tw_multiply(1.0, tw_plain(U, F->rows, F->left_rank),
                    tw_plain(F->core, F->left_rank, F->right_rank), 0.0,
                    tw_mat(F->left, F->rows, F->right_rank));
    else
        tw_copy(F->rows * F->right_rank, F->core, F->left);
    if (U_below)
        tw_multiply(1.0, tw_plain(U_below, F->cols, F->right_rank),
                    tw_transposed(F->core, F->left_rank, F->right_rank), 0.0,
                    tw_mat(F->right, F->cols, F->left_rank));
cleanup:
    free(image);
    return status;
}

/* Cholesky factor of K_l = C_l C_l^T + C_{l+1}^T C_{l+1}, and room for generators. */
static tw_status prepare_space(tw_symmetry *symmetry, size_t l) {
    tw_status status = TW_OK;
    tw_signal_space *space = &symmetry->spaces[l];
    const tw_chain_factor *below = &symmetry->factors[l], *above = &symmetry->factors[l + 1];
    size_t r = space->described.rank, d = space->described.width;
    tw_factor C = tw_plain(below->core, r, below->right_rank);
    tw_factor C_above = tw_plain(above->core, above->left_rank, r);
    TW_TRY(TW_NEW(space->null_gram, r * r));
    TW_TRY(TW_NEW(space->T, d * r));
    TW_TRY(TW_NEW(space->G, d * r));
    tw_multiply(1.0, C, flipped(C), 0.0, tw_mat(space->null_gram, r, r));
    tw_multiply(1.0, flipped(C_above), C_above, 1.0, tw_mat(space->null_gram, r, r));
    for (size_t i = 0; i < r; i++)
        symmetry->scale = fmax(symmetry->scale, sqrt(space->null_gram[i + r * i]));
    TW_TRY(tw_cholesky(r, space->null_gram));
cleanup:
    return status;
}

tw_status tw_signal_spaces_find(tw_symmetry *symmetry, const tw_dufm *model, const double *theta,
                                double rank_tolerance) {
    tw_status status = TW_OK;
    symmetry->n = tw_dufm_parameters(model);
    symmetry->factor_count = model->layers + 1;
    TW_TRY(TW_NEW(symmetry->factors, symmetry->factor_count));
    for (size_t l = 0; l <= model->layers; l++) {
        tw_block block = tw_dufm_factor(model, l);
        symmetry->factors[l].offset = block.offset;
        symmetry->factors[l].rows = block.rows;
        symmetry->factors[l].cols = block.cols;
    }
    symmetry->space_count = model->activation->linear ? model->layers : 1;
    TW_TRY(TW_NEW(symmetry->spaces, symmetry->space_count));
    for (size_t l = 0; l < symmetry->space_count; l++) {
        TW_TRY(find_basis(symmetry, theta, l, rank_tolerance));
        if (l > 0) TW_TRY(align_basis(symmetry, theta, l));
        symmetry->dimension += symmetry->spaces[l].described.modes;
    }
    if (model->bias && model->loss->shift_invariant && model->lambda_b == 0.0) {
        symmetry->shift_start = tw_dufm_block(model, model->layers + 1).offset;
        symmetry->shift_count = tw_dufm_classes(model);
        symmetry->dimension++;
    }
    for (size_t l = 0; l <= model->layers; l++) TW_TRY(compress_factor(symmetry, theta, l));
    for (size_t l = 0; l < symmetry->space_count; l++) TW_TRY(prepare_space(symmetry, l));
cleanup:
    return status;
}
