/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orthogonal projector onto the tangent space of the symmetry orbit.
 *
 * The part of V in the tangent space is J T with J^T J T = J^T V. In signal coordinates the normal
 * equations split exactly (symmetry_private.h): the part of T_l outside the signal space solves
 * T_l K_l = (I - U_l U_l^T) G_l with the small K_l = C_l C_l^T + C_{l+1}^T C_{l+1}, and the part
 * inside is signal_system.c's. No basis of the tangent space is ever formed. */
#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "symmetry/symmetry_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

tw_status tw_symmetry_create(const tw_dufm *model, const double *theta, double rank_tolerance,
                             tw_symmetry **symmetry) {
    tw_status status = TW_OK;
    tw_symmetry *created = NULL;
    if (!(rank_tolerance > 0.0 && rank_tolerance < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "rank tolerance %g is outside (0, 1)", rank_tolerance);
    TW_TRY(TW_NEW(created, 1));
    TW_TRY(tw_signal_spaces_find(created, model, theta, rank_tolerance));
    TW_TRY(tw_signal_system_create(created, &created->system));
    *symmetry = created;
    created = NULL;
cleanup:
    tw_symmetry_destroy(created);
    return status;
}

void tw_symmetry_destroy(tw_symmetry *symmetry) {
    if (symmetry == NULL) return;
    for (size_t l = 0; symmetry->factors && l < symmetry->factor_count; l++) {
        free(symmetry->factors[l].core);
        free(symmetry->factors[l].left);
        free(symmetry->factors[l].right);
    }
    for (size_t l = 0; symmetry->spaces && l < symmetry->space_count; l++) {
        free(symmetry->spaces[l].U);
        free(symmetry->spaces[l].null_gram);
        free(symmetry->spaces[l].T);
        free(symmetry->spaces[l].G);
    }
    free(symmetry->factors);
    free(symmetry->spaces);
    tw_signal_system_destroy(symmetry->system);
    free(symmetry);
}

size_t tw_symmetry_space_count(const tw_symmetry *symmetry) {
    return symmetry->space_count;
}

tw_hidden_space tw_symmetry_space(const tw_symmetry *symmetry, size_t index) {
    return symmetry->spaces[index].described;
}

size_t tw_symmetry_shift_modes(const tw_symmetry *symmetry) {
    return symmetry->shift_count > 0 ? 1 : 0;
}

double tw_symmetry_independence(const tw_symmetry *symmetry) {
    return tw_signal_system_independence(symmetry->system);
}

/* G_l = V_l right_l + V_{l+1}^T left_{l+1}. */
static void adjoint(const tw_symmetry *symmetry, const double *v, size_t l) {
    const tw_chain_factor *below = &symmetry->factors[l], *above = below + 1;
    const tw_signal_space *space = &symmetry->spaces[l];
    size_t r = space->described.rank, d = space->described.width;
    tw_matrix G = tw_mat(space->G, d, r);
    tw_multiply(1.0, tw_plain(v + below->offset, d, below->cols),
                tw_plain(below->right, below->cols, r), 0.0, G);
    tw_multiply(1.0, tw_transposed(v + above->offset, above->rows, d),
                tw_plain(above->left, above->rows, r), 1.0, G);
}

/* X (d x r) = X A^-1 for the symmetric A with Cholesky factor R: solved on the transpose, which is
 * laid out in scratch (r x d). */
static void divide_right(size_t d, size_t r, const double *R, double *X, double *scratch) {
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < r; j++) scratch[j + r * i] = X[i + d * j];
    tw_cholesky_solve(r, R, d, scratch);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < r; j++) X[i + d * j] = scratch[j + r * i];
}

/* Signal part of G to the system, null part of T; G is used up. */
static void split_generator(const tw_symmetry *symmetry, size_t l) {
    const tw_signal_space *space = &symmetry->spaces[l];
    size_t r = space->described.rank, d = space->described.width;
    double *signal = tw_signal_system_rhs(symmetry->system, l);
    tw_multiply(1.0, tw_transposed(space->U, d, r), tw_plain(space->G, d, r), 0.0,
                tw_mat(signal, r, r));
    tw_multiply(-1.0, tw_plain(space->U, d, r), tw_plain(signal, r, r), 1.0,
                tw_mat(space->G, d, r));
    tw_copy(d * r, space->G, space->T);
    divide_right(d, r, space->null_gram, space->T, space->G);
}

/* T_l += U_l S_l. */
static void add_signal_part(const tw_symmetry *symmetry, size_t l) {
    const tw_signal_space *space = &symmetry->spaces[l];
    size_t r = space->described.rank, d = space->described.width;
    tw_multiply(1.0, tw_plain(space->U, d, r),
                tw_plain(tw_signal_system_solution(symmetry->system, l), r, r), 1.0,
                tw_mat(space->T, d, r));
}

/* out += alpha (T_l right_l^T + left_l T_{l-1}^T) for every factor. */
static void add_tangent(const tw_symmetry *symmetry, double alpha, double *out) {
    for (size_t l = 0; l < symmetry->factor_count; l++) {
        const tw_chain_factor *F = &symmetry->factors[l];
        tw_matrix block = tw_mat(out + F->offset, F->rows, F->cols);
        if (l < symmetry->space_count)
            tw_multiply(alpha, tw_plain(symmetry->spaces[l].T, F->rows, F->left_rank),
                        tw_transposed(F->right, F->cols, F->left_rank), 1.0, block);
        if (l > 0 && l - 1 < symmetry->space_count)
            tw_multiply(alpha, tw_plain(F->left, F->rows, F->right_rank),
                        tw_transposed(symmetry->spaces[l - 1].T, F->cols, F->right_rank), 1.0,
                        block);
    }
}

/* The shift is orthogonal to every rotation: they leave the bias alone. */
static void remove_shift(const tw_symmetry *symmetry, double *v) {
    double *b = v + symmetry->shift_start, mean = 0.0;
    for (size_t k = 0; k < symmetry->shift_count; k++) mean += b[k] / (double)symmetry->shift_count;
    for (size_t k = 0; k < symmetry->shift_count; k++) b[k] -= mean;
}

static void remove_tangent_part(tw_symmetry *symmetry, double *v) {
    remove_shift(symmetry, v);
    double size = tw_norm(NULL, symmetry->n, v);
    for (size_t l = 0; l < symmetry->space_count; l++) {
        adjoint(symmetry, v, l);
        split_generator(symmetry, l);
    }
    tw_signal_system_solve(symmetry->system, size);
    for (size_t l = 0; l < symmetry->space_count; l++) add_signal_part(symmetry, l);
    add_tangent(symmetry, -1.0, v);
}

static tw_status complement(void *self, size_t k, const double *X, size_t ldx, double *Y,
                            size_t ldy) {
    tw_symmetry *symmetry = self;
    for (size_t j = 0; j < k; j++) {
        tw_copy(symmetry->n, X + j * ldx, Y + j * ldy);
        if (symmetry->dimension > 0) remove_tangent_part(symmetry, Y + j * ldy);
    }
    return TW_OK;
}

/* T_l with independent normal entries, its signal part skew. */
static void random_generator(const tw_symmetry *symmetry, tw_random *stream, size_t l) {
    const tw_signal_space *space = &symmetry->spaces[l];
    size_t r = space->described.rank, d = space->described.width;
    double *signal = tw_signal_system_rhs(symmetry->system, l);
    tw_random_fill_normal(stream, d * r, space->T);
    tw_multiply(1.0, tw_transposed(space->U, d, r), tw_plain(space->T, d, r), 0.0,
                tw_mat(signal, r, r));
    for (size_t j = 0; j < r; j++) /* signal = its symmetric part */
        for (size_t i = 0; i <= j; i++)
            signal[i + r * j] = signal[j + r * i] = 0.5 * (signal[i + r * j] + signal[j + r * i]);
    tw_multiply(-1.0, tw_plain(space->U, d, r), tw_plain(signal, r, r), 1.0,
                tw_mat(space->T, d, r));
}

static tw_status sample(void *self, tw_random *stream, double *v) {
    tw_symmetry *symmetry = self;
    memset(v, 0, symmetry->n * sizeof *v);
    if (symmetry->dimension == 0) return TW_OK;
    for (size_t l = 0; l < symmetry->space_count; l++) random_generator(symmetry, stream, l);
    add_tangent(symmetry, 1.0, v);
    double shift = symmetry->shift_count > 0 ? tw_random_normal(stream) : 0.0;
    for (size_t k = 0; k < symmetry->shift_count; k++) v[symmetry->shift_start + k] = shift;
    tw_scale(symmetry->n, 1.0 / tw_norm(NULL, symmetry->n, v), v);
    return TW_OK;
}

tw_tangent tw_symmetry_tangent(tw_symmetry *symmetry) {
    return (tw_tangent){
        .dimension = symmetry->dimension,
        .complement = {.n = symmetry->n, .apply = complement, .self = symmetry},
        .sample = sample,
        .self = symmetry,
    };
}

/* Three d x r arrays a space, two thin sides of every factor and an image while it is made. */
void tw_symmetry_cost(const tw_dufm *model, tw_cost *cost) {
    double entries = 0.0, largest = 0.0, rank = (double)tw_dufm_classes(model);
    for (size_t l = 0; l < model->layers; l++) {
        rank = fmin(rank, (double)model->widths[l]);
        entries += 3.0 * (double)model->widths[l];
    }
    for (size_t l = 0; l <= model->layers; l++) {
        tw_block F = tw_dufm_factor(model, l);
        entries += (double)F.rows + (double)F.cols;
        largest = fmax(largest, (double)F.rows);
    }
    *cost = (tw_cost){.bytes = 8.0 * rank * (entries + largest)};
}
