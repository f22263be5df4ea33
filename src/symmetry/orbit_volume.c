/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half the log-determinant of the generators' Gram matrix.
 *
 * In signal coordinates it splits (symmetry_private.h): a generator outside the signal space of
 * space l has the form T_l K_l T_l^T, which is d_l - r_l copies of det K_l. Inside, skew S_l couple
 * neighbouring spaces: with E = E_ij - E_ji, E' = E_pq - E_qp and K = K_l, C = C_l
 *     <E, E'>_{l,l}   = K_jq [i=p] - K_jp [i=q] - K_iq [j=p] + K_ip [j=q]
 *     <E, E'>_{l,l-1} = 2 (C_iq C_jp - C_jq C_ip)
 * a block tridiagonal matrix, whose determinant is the product of those of its Schur complements
 * D_l = A_l - B_l D_{l-1}^-1 B_l^T. Diagonal cores make it one tridiagonal matrix a pair. */
#include <math.h>
#include <stdlib.h>
#include <thalweg/symmetry/orbit_volume.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "symmetry/symmetry_private.h"

enum {
    MOST_SIGNAL = 100, /* 4950 pairs: 600 MB */
    PANEL = 128        /* columns between two questions to the monitor */
};

double tw_log_stiefel_volume(double width, size_t rank) {
    double sum = 0.0, log_pi = log(acos(-1.0));
    for (size_t i = 0; i < rank; i++) {
        double half = 0.5 * (width - (double)i);
        sum += log(2.0) + half * log_pi - lgamma(half);
    }
    return sum;
}

/* ---- At any point ---- */

static double log_det_of_factor(size_t n, const double *R) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += 2.0 * log(R[i + n * i]);
    return sum;
}

/* K_l = C_l C_l^T + C_{l+1}^T C_{l+1} (r x r). */
static void fill_K(const tw_symmetry *symmetry, size_t l, double *K) {
    const tw_chain_factor *below = &symmetry->factors[l], *above = below + 1;
    size_t r = symmetry->spaces[l].described.rank;
    tw_multiply(1.0, tw_plain(below->core, r, below->right_rank),
                tw_transposed(below->core, r, below->right_rank), 0.0, tw_mat(K, r, r));
    tw_multiply(1.0, tw_transposed(above->core, above->left_rank, r),
                tw_plain(above->core, above->left_rank, r), 1.0, tw_mat(K, r, r));
}

static double diagonal_entry(size_t r, const double *K, const size_t e[2], const size_t f[2]) {
    double sum = 0.0;
    if (e[0] == f[0]) sum += K[e[1] + r * f[1]];
    if (e[0] == f[1]) sum -= K[e[1] + r * f[0]];
    if (e[1] == f[0]) sum -= K[e[0] + r * f[1]];
    if (e[1] == f[1]) sum += K[e[0] + r * f[0]];
    return sum;
}

static double coupling_entry(size_t r, const double *C, const size_t e[2], const size_t f[2]) {
    return 2.0 *
           (C[e[0] + r * f[1]] * C[e[1] + r * f[0]] - C[e[1] + r * f[1]] * C[e[0] + r * f[0]]);
}

/* The next pair i < j of r numbers. */
static void step(size_t pair[2]) {
    if (++pair[0] == pair[1]) {
        pair[0] = 0;
        pair[1]++;
    }
}

/* A_l (p x p). */
static void fill_diagonal(size_t r, const double *K, double *A) {
    size_t p = r * (r - 1) / 2, e[2] = {0, 1};
    for (size_t i = 0; i < p; i++, step(e)) {
        size_t f[2] = {0, 1};
        for (size_t j = 0; j < p; j++, step(f)) A[i + p * j] = diagonal_entry(r, K, e, f);
    }
}

/* B_l^T (q x p): pairs of space l - 1 down, of space l across. */
static void fill_coupling(size_t r, size_t below, const double *C, double *Bt) {
    size_t p = r * (r - 1) / 2, q = below * (below - 1) / 2, e[2] = {0, 1};
    for (size_t i = 0; i < p; i++, step(e)) {
        size_t f[2] = {0, 1};
        for (size_t j = 0; j < q; j++, step(f)) Bt[j + q * i] = coupling_entry(r, C, e, f);
    }
}

/* A (p x p) -= B X for B^T (q x p), X (q x p). */
static tw_status subtract_product(size_t p, size_t q, const double *Bt, const double *X,
                                  const tw_monitor *monitor, double *A) {
    for (size_t j = 0; j < p; j += PANEL) {
        size_t width = p - j < PANEL ? p - j : PANEL;
        if (tw_monitor_report(monitor, "volume of the orbit", (double)j, (double)p))
            return tw_fail(TW_STOPPED, "the volume of the orbit was not finished");
        tw_multiply(-1.0, tw_transposed(Bt, q, p), tw_plain(X + q * j, q, width), 1.0,
                    tw_mat(A + p * j, p, width));
    }
    return TW_OK;
}

/* The Schur complement of space l and its log-determinant; *D (in/out, owned) of the space below
 * becomes that of this one. */
static tw_status eliminate(const tw_symmetry *symmetry, size_t l, const tw_monitor *monitor,
                           double **D, double *log_det) {
    tw_status status = TW_OK;
    size_t r = symmetry->spaces[l].described.rank, p = r * (r - (r > 0)) / 2;
    size_t below = l > 0 ? symmetry->spaces[l - 1].described.rank : 0;
    size_t q = below * (below - (below > 0)) / 2;
    double *K = NULL, *A = NULL, *Bt = NULL, *X = NULL;
    TW_TRY(TW_NEW(K, r * r));
    TW_TRY(TW_NEW(A, p * p));
    fill_K(symmetry, l, K);
    if (p > 0) fill_diagonal(r, K, A);
    if (p > 0 && q > 0) {
        TW_TRY(TW_NEW(Bt, p * q));
        TW_TRY(TW_NEW(X, p * q));
        fill_coupling(r, below, symmetry->factors[l].core, Bt);
        for (size_t i = 0; i < p * q; i++) X[i] = Bt[i];
        TW_TRY(tw_sliced_cholesky_solve(q, *D, p, X, monitor));
        TW_TRY(subtract_product(p, q, Bt, X, monitor, A));
    }
    if (p > 0) TW_TRY(tw_sliced_cholesky(p, A, monitor));
    *log_det += log_det_of_factor(p, A);
    free(*D);
    *D = A;
    A = NULL;
cleanup:
    free(K);
    free(A);
    free(Bt);
    free(X);
    return status;
}

tw_status tw_orbit_volume_of_symmetry(const tw_symmetry *symmetry, const tw_monitor *monitor,
                                      tw_orbit_volume *volume) {
    tw_status status = TW_OK;
    double *D = NULL, log_det = 0.0, stiefel = 0.0;
    size_t fixed = tw_symmetry_stabilisers(symmetry).count;
    if (fixed > 0)
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "%zu rotations within the signal spaces move nothing: orbit volumes are for "
                       "points without such stabilisers",
                       fixed);
    for (size_t l = 0; l < symmetry->space_count; l++)
        if (symmetry->spaces[l].described.rank > MOST_SIGNAL)
            return tw_fail(TW_ERR_UNSUPPORTED,
                           "space %zu has %zu signal dimensions: orbit volumes go up to %d", l,
                           symmetry->spaces[l].described.rank, MOST_SIGNAL);
    for (size_t l = 0; l < symmetry->space_count; l++) {
        const tw_signal_space *space = &symmetry->spaces[l];
        size_t r = space->described.rank, d = space->described.width;
        TW_TRY(eliminate(symmetry, l, monitor, &D, &log_det));
        for (size_t i = 0; i < r; i++) log_det += 2.0 * (double)(d - r) * log(space->null_sizes[i]);
        stiefel += tw_log_stiefel_volume((double)d, r);
    }
    *volume = (tw_orbit_volume){0.5 * log_det + stiefel, 0.5 * log_det, stiefel};
    if (symmetry->shift_count > 0) volume->log_volume = (double)INFINITY;
cleanup:
    free(D);
    return status;
}

/* ---- At a balanced point ---- */

static double square_sum(const double *factors, size_t rank, size_t l, size_t i) {
    double a = factors[i + rank * l], b = factors[i + rank * (l + 1)];
    return a * a + b * b;
}

/* The tridiagonal matrix (3.10) of the pair (i, j), by its pivots. */
static double pair_log_det(size_t layers, size_t rank, const double *factors, size_t i, size_t j) {
    double sum = 0.0, pivot = 1.0;
    for (size_t l = 0; l < layers; l++) {
        double diagonal = square_sum(factors, rank, l, i) + square_sum(factors, rank, l, j);
        double off = l > 0 ? 2.0 * factors[i + rank * l] * factors[j + rank * l] : 0.0;
        pivot = diagonal - off * off / pivot;
        sum += log(pivot);
    }
    return sum;
}

tw_status tw_orbit_volume_of_balanced(size_t layers, const size_t *widths, size_t rank,
                                      const double *factors, tw_orbit_volume *volume) {
    double log_det = 0.0, stiefel = 0.0;
    for (size_t l = 0; l < layers; l++) {
        if (widths[l] < rank)
            return tw_fail(TW_ERR_ARGUMENT, "rank %zu does not fit width d_%zu = %zu", rank, l,
                           widths[l]);
        stiefel += tw_log_stiefel_volume((double)widths[l], rank);
        for (size_t i = 0; i < rank; i++)
            log_det += (double)(widths[l] - rank) * log(square_sum(factors, rank, l, i));
    }
    for (size_t j = 1; j < rank; j++)
        for (size_t i = 0; i < j; i++) log_det += pair_log_det(layers, rank, factors, i, j);
    *volume = (tw_orbit_volume){0.5 * log_det + stiefel, 0.5 * log_det, stiefel};
    return isfinite(volume->log_volume)
               ? TW_OK
               : tw_fail(TW_ERR_NUMERIC, "singular values of the factors must be positive");
}
