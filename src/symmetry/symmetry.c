/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orthogonal projector onto the tangent space of the symmetry orbit.
 *
 * The part of V in the tangent space is J T with J^T J T = J^T V. In signal coordinates the normal
 * equations split exactly (symmetry_private.h): the part of T_l outside the signal space solves
 * T_l K_l = (I - U_l U_l^T) G_l with the small K_l = C_l C_l^T + C_{l+1}^T C_{l+1}, and the part
 * inside is signal_system.c's. No basis of the tangent space is ever formed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "symmetry/symmetry_private.h"

#define ROUNDING 1e-12  /* relative: a singular value above is not that of an exact zero */
#define GAP 30.0        /* between the last one kept and the first one dropped */
#define INACCURATE 1e-6 /* what a projector may leave of a tangent vector */

void tw_symmetry_destroy(tw_symmetry *symmetry) {
    if (symmetry == NULL) return;
    for (size_t l = 0; symmetry->factors && l < symmetry->factor_count; l++) {
        free(symmetry->factors[l].core);
        free(symmetry->factors[l].left);
        free(symmetry->factors[l].right);
    }
    for (size_t l = 0; symmetry->spaces && l < symmetry->space_count; l++) {
        free(symmetry->spaces[l].U);
        free(symmetry->spaces[l].null_sizes);
        free(symmetry->spaces[l].null_factor);
        free(symmetry->spaces[l].T);
        free(symmetry->spaces[l].G);
        free(symmetry->spaces[l].rest);
    }
    free(symmetry->scratch);
    free(symmetry->factors);
    free(symmetry->spaces);
    tw_signal_system_destroy(symmetry->system);
    free(symmetry);
}

void tw_symmetry_watch(tw_symmetry *symmetry, const tw_monitor *monitor) {
    symmetry->monitor = monitor;
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

tw_stabilisers tw_symmetry_stabilisers(const tw_symmetry *symmetry) {
    return tw_signal_system_stabilisers(symmetry->system);
}

const char *tw_symmetry_doubt(const tw_symmetry *symmetry) {
    return symmetry->doubt;
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

/* G -= U part (r x r), and once more what rounding left: K^-1 would enlarge it. */
static void leave_signal(const tw_signal_space *space, double *G, const double *part) {
    size_t r = space->described.rank, d = space->described.width;
    tw_multiply(-1.0, tw_plain(space->U, d, r), tw_plain(part, r, r), 1.0, tw_mat(G, d, r));
    tw_multiply(1.0, tw_transposed(space->U, d, r), tw_plain(G, d, r), 0.0,
                tw_mat(space->rest, r, r));
    tw_multiply(-1.0, tw_plain(space->U, d, r), tw_plain(space->rest, r, r), 1.0, tw_mat(G, d, r));
}

/* Signal part of G to the system, null part of T; G is used up. */
static void split_generator(const tw_symmetry *symmetry, size_t l) {
    const tw_signal_space *space = &symmetry->spaces[l];
    size_t r = space->described.rank, d = space->described.width;
    double *signal = tw_signal_system_rhs(symmetry->system, l);
    tw_multiply(1.0, tw_transposed(space->U, d, r), tw_plain(space->G, d, r), 0.0,
                tw_mat(signal, r, r));
    leave_signal(space, space->G, signal);
    /* T = (G N) N^T */
    tw_multiply(1.0, tw_plain(space->G, d, r), tw_plain(space->null_factor, r, space->null_rank),
                0.0, tw_mat(space->T, d, space->null_rank));
    tw_copy(d * space->null_rank, space->T, space->G);
    tw_multiply(1.0, tw_plain(space->G, d, space->null_rank),
                tw_transposed(space->null_factor, r, space->null_rank), 0.0,
                tw_mat(space->T, d, r));
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

static tw_status remove_tangent_part(tw_symmetry *symmetry, double *v) {
    remove_shift(symmetry, v);
    double size = tw_norm(NULL, symmetry->n, v);
    for (size_t l = 0; l < symmetry->space_count; l++) {
        adjoint(symmetry, v, l);
        split_generator(symmetry, l);
    }
    tw_status status = tw_signal_system_solve(symmetry->system, size);
    if (status != TW_OK) return status;
    for (size_t l = 0; l < symmetry->space_count; l++) add_signal_part(symmetry, l);
    add_tangent(symmetry, -1.0, v);
    return TW_OK;
}

static tw_status complement(void *self, size_t k, const double *X, size_t ldx, double *Y,
                            size_t ldy) {
    tw_status status = TW_OK;
    tw_symmetry *symmetry = self;
    for (size_t j = 0; j < k && status == TW_OK; j++) {
        tw_copy(symmetry->n, X + j * ldx, Y + j * ldy);
        if (symmetry->dimension > 0) status = remove_tangent_part(symmetry, Y + j * ldy);
    }
    return status;
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

/* The image of a random generator: rich in what moves most. */
static void random_image(tw_symmetry *symmetry, tw_random *stream, double *v) {
    memset(v, 0, symmetry->n * sizeof *v);
    for (size_t l = 0; l < symmetry->space_count; l++) random_generator(symmetry, stream, l);
    add_tangent(symmetry, 1.0, v);
}

/* v = its part in the tangent space. */
static tw_status keep_tangent_part(tw_symmetry *symmetry, double *v) {
    tw_copy(symmetry->n, v, symmetry->scratch);
    tw_status status = remove_tangent_part(symmetry, symmetry->scratch);
    tw_axpy(symmetry->n, -1.0, symmetry->scratch, v);
    return status;
}

/* The projection of a normal vector has no preferred direction: a generator that hardly moves the
 * point gets the same share as the others. The second time removes what rounding left outside,
 * which is not small beside the tangent part of a random vector. */
static tw_status sample(void *self, tw_random *stream, double *v) {
    tw_symmetry *symmetry = self;
    memset(v, 0, symmetry->n * sizeof *v);
    if (symmetry->dimension == 0) return TW_OK;
    tw_random_fill_normal(stream, symmetry->n, v);
    for (int twice = 0; twice < 2; twice++) {
        tw_status status = keep_tangent_part(symmetry, v);
        if (status != TW_OK) return status;
    }
    tw_scale(symmetry->n, 1.0 / tw_norm(NULL, symmetry->n, v), v);
    return TW_OK;
}

/* ---- The count and its evidence ---- */

static void add_up(tw_symmetry *symmetry) {
    symmetry->dimension = symmetry->shift_count > 0;
    for (size_t l = 0; l < symmetry->space_count; l++)
        symmetry->dimension += symmetry->spaces[l].described.modes;
    symmetry->dimension -= tw_symmetry_stabilisers(symmetry).count;
}

static void doubt_ranks(tw_symmetry *symmetry) {
    for (size_t l = 0; l < symmetry->space_count; l++) {
        const tw_hidden_space *s = &symmetry->spaces[l].described;
        if (s->kept >= GAP * s->dropped && symmetry->spaces[l].null_rank == s->rank) continue;
        snprintf(symmetry->doubt, sizeof symmetry->doubt,
                 "the rank %zu of hidden space %zu has no gap: relative singular values %.3g kept, "
                 "%.3g dropped",
                 s->rank, l, s->kept, s->dropped);
        return;
    }
}

static void doubt_stabilisers(tw_symmetry *symmetry) {
    tw_stabilisers s = tw_symmetry_stabilisers(symmetry);
    if (isnan(s.kept))
        snprintf(symmetry->doubt, sizeof symmetry->doubt,
                 "%zu rotations within the signal spaces are too many to tell which of them move "
                 "the point",
                 s.pairs);
    else if (s.dropped > ROUNDING || s.kept < GAP * s.dropped)
        snprintf(symmetry->doubt, sizeof symmetry->doubt,
                 "%zu rotations count as moving nothing without a gap: relative singular values "
                 "%.3g kept, %.3g dropped",
                 s.count, s.kept, s.dropped);
}

/* What the projector leaves of a tangent vector. */
static tw_status doubt_projector(tw_symmetry *symmetry) {
    double *v = symmetry->scratch;
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_TANGENT, 0);
    random_image(symmetry, &stream, v);
    double size = tw_norm(NULL, symmetry->n, v);
    tw_status status = remove_tangent_part(symmetry, v);
    if (status != TW_OK) return status;
    double left = tw_norm(NULL, symmetry->n, v);
    if (left > INACCURATE * size)
        snprintf(symmetry->doubt, sizeof symmetry->doubt,
                 "the projector onto the symmetry orbit's tangent space leaves %.2g of a tangent "
                 "vector",
                 left / size);
    return TW_OK;
}

static tw_status check_evidence(tw_symmetry *symmetry) {
    doubt_ranks(symmetry);
    if (symmetry->doubt[0] == '\0') doubt_stabilisers(symmetry);
    return symmetry->doubt[0] == '\0' ? doubt_projector(symmetry) : TW_OK;
}

/* ---- Creation ---- */

tw_status tw_symmetry_create(const tw_dufm *model, const double *theta, double rank_tolerance,
                             const tw_monitor *monitor, tw_symmetry **symmetry) {
    tw_status status = TW_OK;
    tw_symmetry *created = NULL;
    if (!(rank_tolerance > 0.0 && rank_tolerance < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "rank tolerance %g is outside (0, 1)", rank_tolerance);
    TW_TRY(TW_NEW(created, 1));
    created->monitor = monitor;
    TW_TRY(tw_signal_spaces_find(created, model, theta, rank_tolerance));
    TW_TRY(tw_signal_system_create(created, &created->system));
    add_up(created);
    TW_TRY(TW_NEW(created->scratch, created->n));
    TW_TRY(check_evidence(created));
    *symmetry = created;
    created = NULL;
cleanup:
    tw_symmetry_destroy(created);
    return status;
}

tw_tangent tw_symmetry_tangent(tw_symmetry *symmetry) {
    return (tw_tangent){
        .dimension = symmetry->dimension,
        .complement = {.n = symmetry->n, .apply = complement, .self = symmetry},
        .sample = sample,
        .self = symmetry,
    };
}
