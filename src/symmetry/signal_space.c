/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signal spaces of a point, with bases aligned along the chain.
 *
 * The signal space of space l is the range of the thin matrix X_l = [F_l/||F_l||,
 * F_{l+1}^T/||F_{l+1}||]: each factor counts by its own size, so that a direction that only a small
 * factor sees is not lost beside a large one. Singular values of X_l itself, not of X_l X_l^T,
 * decide the rank: nothing is squared, and no matrix is larger than the two factors.
 *
 * The basis is turned to diagonalise K_l = C_l C_l^T + C_{l+1}^T C_{l+1}, and then, where two
 * neighbouring spaces have the same rank, to follow W_l from the space below (Procrustes): at a
 * balanced point every core is then diagonal up to rounding, which is what makes the signal-signal
 * equations nearly decouple. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "symmetry/symmetry_private.h"

#define DIAGONAL 1e-3 /* relative: what K_l may have beside its diagonal in aligned bases */
#define NULL_CUT (64.0 * DBL_EPSILON) /* of the largest singular value of [C_l^T; C_{l+1}] */

static tw_factor factor_view(const tw_chain_factor *factor, const double *theta) {
    return tw_plain(theta + factor->offset, factor->rows, factor->cols);
}

/* What counts as signal: values above `tolerance` times the largest and above `floor`. */
typedef struct rank_cut {
    double tolerance, floor;
} rank_cut;

/* Of space l. A factor without a ridge keeps every direction that it has: what is above rounding is
 * there to stay. */
static rank_cut cut_of(const tw_dufm *model, size_t l, double tolerance) {
    double below = l == 0 ? model->lambda_H : model->lambda_W[l - 1], above = model->lambda_W[l];
    if (below > 0.0 && above > 0.0) return (rank_cut){tolerance, TW_RANK_FLOOR};
    return (rank_cut){fmin(tolerance, TW_RANK_UNRIDGED), 0.0};
}

/* Rank from the `count` descending singular values of X_l; `size` is the larger factor's norm.
 * Fills what the space reports of it. */
static void decide_rank(tw_hidden_space *space, size_t count, const double *values, double size,
                        rank_cut cut) {
    size_t d = space->width, rank = 0;
    double largest = count ? values[0] : 0.0;
    while (rank < count && largest > 0.0 &&
           values[rank] > fmax(cut.tolerance * largest, cut.floor / size))
        rank++;
    space->rank = rank;
    space->modes = rank * d - rank * (rank + 1) / 2;
    space->kept = rank ? values[rank - 1] / largest : 1.0;
    space->dropped = rank < count && largest > 0.0 ? values[rank] / largest : 0.0;
}

/* X += one factor's columns (rows, when flipped), divided by its norm; a factor below the rank
 * floor is the zero that it stands for. */
static void add_scaled(tw_factor F, double *X, double *size) {
    size_t entries = F.rows * F.cols, d = F.transposed ? F.cols : F.rows;
    double norm = tw_norm(NULL, entries, F.data), scale = norm > TW_RANK_FLOOR ? 1.0 / norm : 0.0;
    *size = fmax(*size, norm);
    if (!F.transposed) {
        tw_axpy(entries, scale, F.data, X);
        return;
    }
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < F.rows; i++) X[j + d * i] = scale * F.data[i + F.rows * j];
}

/* Rank and some orthonormal basis, largest singular value first. */
static tw_status find_basis(tw_symmetry *symmetry, const double *theta, size_t l, rank_cut cut) {
    tw_status status = TW_OK;
    tw_signal_space *space = &symmetry->spaces[l];
    tw_factor below = factor_view(&symmetry->factors[l], theta);
    tw_factor above = factor_view(&symmetry->factors[l + 1], theta);
    size_t d = below.rows, columns = below.cols + above.rows, thin = d < columns ? d : columns;
    double *X = NULL, *values = NULL, *left = NULL, *right = NULL, size = 0.0;
    space->described.index = l;
    space->described.width = d;
    TW_TRY(TW_NEW(X, d * columns));
    TW_TRY(TW_NEW(values, thin));
    TW_TRY(TW_NEW(left, d * thin));
    TW_TRY(TW_NEW(right, thin * columns));
    add_scaled(below, X, &size);
    add_scaled(tw_flipped(above), X + d * below.cols, &size);
    TW_TRY(tw_sliced_singular(d, columns, X, values, left, right, symmetry->monitor));
    decide_rank(&space->described, thin, values, size, cut);
    size_t rank = space->described.rank;
    TW_TRY(TW_NEW(space->U, d * rank));
    tw_copy(d * rank, left, space->U);
cleanup:
    free(X);
    free(values);
    free(left);
    free(right);
    return status;
}

/* U (d x r) = U Q for the r x r matrix Q. */
static tw_status turn_basis(size_t d, size_t r, tw_factor Q, double *U) {
    tw_status status = TW_OK;
    double *turned = NULL;
    TW_TRY(TW_NEW(turned, d * r));
    tw_multiply(1.0, tw_plain(U, d, r), Q, 0.0, tw_mat(turned, d, r));
    tw_copy(d * r, turned, U);
cleanup:
    free(turned);
    return status;
}

/* K = U_l^T (F_l F_l^T + F_{l+1}^T F_{l+1}) U_l, r x r. */
static tw_status signal_gram(const tw_symmetry *symmetry, const double *theta, size_t l,
                             double *K) {
    tw_status status = TW_OK;
    const tw_signal_space *space = &symmetry->spaces[l];
    tw_factor below = factor_view(&symmetry->factors[l], theta);
    tw_factor above = factor_view(&symmetry->factors[l + 1], theta);
    size_t r = space->described.rank, d = below.rows;
    size_t inner = below.cols > above.rows ? below.cols : above.rows;
    double *image = NULL;
    TW_TRY(TW_NEW(image, r * inner));
    tw_multiply(1.0, tw_transposed(space->U, d, r), below, 0.0, tw_mat(image, r, below.cols));
    tw_multiply(1.0, tw_plain(image, r, below.cols), tw_transposed(image, r, below.cols), 0.0,
                tw_mat(K, r, r));
    tw_multiply(1.0, tw_transposed(space->U, d, r), tw_flipped(above), 0.0,
                tw_mat(image, r, above.rows));
    tw_multiply(1.0, tw_plain(image, r, above.rows), tw_transposed(image, r, above.rows), 1.0,
                tw_mat(K, r, r));
cleanup:
    free(image);
    return status;
}

/* Turn U_l into the eigenvectors of that matrix, largest eigenvalue first. */
static tw_status diagonalise_basis(tw_symmetry *symmetry, const double *theta, size_t l) {
    tw_status status = TW_OK;
    tw_signal_space *space = &symmetry->spaces[l];
    size_t r = space->described.rank, d = space->described.width;
    double *K = NULL, *values = NULL;
    if (r == 0) return TW_OK;
    TW_TRY(TW_NEW(K, r * r));
    TW_TRY(TW_NEW(values, r));
    TW_TRY(signal_gram(symmetry, theta, l, K));
    tw_scale(r * r, -1.0, K);
    TW_TRY(tw_sliced_eigen(r, K, values, symmetry->monitor));
    TW_TRY(turn_basis(d, r, tw_plain(K, r, r), space->U));
cleanup:
    free(K);
    free(values);
    return status;
}

/* No entry beside the diagonal that its two diagonal entries would notice. */
static bool is_diagonal(size_t r, const double *K) {
    for (size_t j = 0; j < r; j++)
        for (size_t i = 0; i < j; i++)
            if (fabs(K[i + r * j]) > DIAGONAL * sqrt(K[i + r * i] * K[j + r * j])) return false;
    return true;
}

/* Q: r x r, the orthogonal matrix nearest to U_l^T W_l U_{l-1}. */
static tw_status follow_below(const tw_symmetry *symmetry, const double *theta, size_t l,
                              double *Q) {
    tw_status status = TW_OK;
    const tw_signal_space *space = &symmetry->spaces[l], *below = &symmetry->spaces[l - 1];
    const tw_chain_factor *W = &symmetry->factors[l];
    size_t r = space->described.rank, d = W->rows;
    double *image = NULL, *left = NULL, *right = NULL, *values = NULL;
    TW_TRY(TW_NEW(image, d * r));
    TW_TRY(TW_NEW(left, r * r));
    TW_TRY(TW_NEW(right, r * r));
    TW_TRY(TW_NEW(values, r));
    tw_multiply(1.0, factor_view(W, theta), tw_plain(below->U, W->cols, r), 0.0,
                tw_mat(image, d, r));
    tw_multiply(1.0, tw_transposed(space->U, d, r), tw_plain(image, d, r), 0.0, tw_mat(Q, r, r));
    TW_TRY(tw_sliced_singular(r, r, Q, values, left, right, symmetry->monitor));
    tw_multiply(1.0, tw_plain(left, r, r), tw_plain(right, r, r), 0.0, tw_mat(Q, r, r));
cleanup:
    free(image);
    free(left);
    free(right);
    free(values);
    return status;
}

/* Turn U_l after W_l U_{l-1} where that leaves K_l diagonal; elsewhere nothing would decouple, and
 * directions of different sizes would be mixed. */
static tw_status align_basis(tw_symmetry *symmetry, const double *theta, size_t l) {
    tw_status status = TW_OK;
    tw_signal_space *space = &symmetry->spaces[l];
    size_t r = space->described.rank, d = space->described.width;
    double *Q = NULL, *K = NULL;
    if (r == 0 || symmetry->spaces[l - 1].described.rank != r) return TW_OK;
    TW_TRY(TW_NEW(Q, r * r));
    TW_TRY(TW_NEW(K, r * r));
    TW_TRY(follow_below(symmetry, theta, l, Q));
    TW_TRY(turn_basis(d, r, tw_plain(Q, r, r), space->U));
    TW_TRY(signal_gram(symmetry, theta, l, K));
    if (!is_diagonal(r, K)) TW_TRY(turn_basis(d, r, tw_transposed(Q, r, r), space->U));
cleanup:
    free(Q);
    free(K);
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
    times_basis(tw_flipped(tw_plain(image, F->rows, F->right_rank)), U, F->left_rank, F->right);
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

/* N_l = V S^-1 from the singular value decomposition [C_l^T; C_{l+1}] = O S V^T, so that K_l^-1 =
 * N_l N_l^T without K_l, whose condition is the square. */
static tw_status factor_null_part(tw_symmetry *symmetry, size_t l) {
    tw_status status = TW_OK;
    tw_signal_space *space = &symmetry->spaces[l];
    const tw_chain_factor *below = &symmetry->factors[l], *above = &symmetry->factors[l + 1];
    size_t r = space->described.rank, rows = below->right_rank + above->left_rank;
    size_t thin = r < rows ? r : rows;
    double *stack = NULL, *left = NULL, *right = NULL;
    TW_TRY(TW_NEW(stack, rows * r));
    TW_TRY(TW_NEW(left, rows * thin));
    TW_TRY(TW_NEW(right, thin * r));
    TW_TRY(TW_NEW(space->null_sizes, thin));
    TW_TRY(TW_NEW(space->null_factor, r * thin));
    for (size_t j = 0; j < r; j++) {
        for (size_t m = 0; m < below->right_rank; m++) stack[m + rows * j] = below->core[j + r * m];
        tw_copy(above->left_rank, above->core + above->left_rank * j,
                stack + below->right_rank + rows * j);
    }
    TW_TRY(tw_sliced_singular(rows, r, stack, space->null_sizes, left, right, symmetry->monitor));
    while (space->null_rank < thin &&
           space->null_sizes[space->null_rank] > NULL_CUT * space->null_sizes[0])
        space->null_rank++;
    for (size_t i = 0; i < space->null_rank; i++)
        for (size_t j = 0; j < r; j++)
            space->null_factor[j + r * i] = right[i + thin * j] / space->null_sizes[i];
    if (space->null_rank > 0) symmetry->scale = fmax(symmetry->scale, space->null_sizes[0]);
cleanup:
    free(stack);
    free(left);
    free(right);
    return status;
}

static tw_status prepare_space(tw_symmetry *symmetry, size_t l) {
    tw_status status = TW_OK;
    tw_signal_space *space = &symmetry->spaces[l];
    size_t r = space->described.rank, d = space->described.width;
    TW_TRY(TW_NEW(space->T, d * r));
    TW_TRY(TW_NEW(space->G, d * r));
    TW_TRY(TW_NEW(space->rest, r * r));
    TW_TRY(factor_null_part(symmetry, l));
    space->described.modes = space->null_rank * (d - r) + r * (r - (r > 0)) / 2;
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
        TW_TRY(find_basis(symmetry, theta, l, cut_of(model, l, rank_tolerance)));
        TW_TRY(diagonalise_basis(symmetry, theta, l));
        if (l > 0) TW_TRY(align_basis(symmetry, theta, l));
    }
    if (model->bias && model->loss->shift_invariant && model->lambda_b == 0.0) {
        symmetry->shift_start = tw_dufm_block(model, model->layers + 1).offset;
        symmetry->shift_count = tw_dufm_classes(model);
    }
    for (size_t l = 0; l <= model->layers; l++) TW_TRY(compress_factor(symmetry, theta, l));
    for (size_t l = 0; l < symmetry->space_count; l++) TW_TRY(prepare_space(symmetry, l));
cleanup:
    return status;
}
