/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The union of the sectors (docs/mathematics.md, section 3):
 *   signal        the reduced model's own Hessian, once
 *   null space b  d_b - r copies: column of W_{b+1} and row of W_b (of H for b = 0), coupled by
 * C_b; each singular value c gives both eigenvalues of [[lambda_{b+1}, c], [c, lambda_b]] null-null
 * lambda_l, (d_l - r)(d_{l-1} - r) times, l = 1 .. L-1 within class  n_k - 1 copies of lambda_H I +
 * A^T (loss Hessian at z_k) A/N, A = C_L .. C_1, and lambda_H for the d_0 - r null coordinates */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "optima/sectors_private.h"

#define ROTATION 1e-8 /* of ||H||: values that rotations of this many dimensions may show */
#define NEAR 1e-9     /* of ||H||: values that are worth a second computation */

static tw_status add_values(tw_levels *levels, size_t count, const double *values, uint64_t copies,
                            const char *label) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < count; i++) TW_TRY(tw_levels_add(levels, values[i], copies, label));
cleanup:
    return status;
}

static double largest(size_t count, const double *values) {
    double size = 0.0;
    for (size_t i = 0; i < count; i++) size = fmax(size, fabs(values[i]));
    return size;
}

/* The values from first to end, all near zero, by Rayleigh's quotient in the space of their
 * eigenvectors: of the rounding of the diagonalisation, which grows with the order, only the square
 * is left. */
static tw_status refine(const tw_reduced *x, const tw_monitor *monitor, size_t first, size_t end,
                        double *values) {
    tw_status status = TW_OK;
    size_t p = tw_reduced_parameters(x), m = end - first;
    double *H = NULL, *V = NULL, *HV = NULL, *small = NULL;
    TW_TRY(TW_NEW(H, p * p));
    TW_TRY(TW_NEW(V, p * p));
    TW_TRY(TW_NEW(HV, p * m));
    TW_TRY(TW_NEW(small, m * m));
    TW_TRY(tw_reduced_hessian(x, monitor, H));
    tw_copy(p * p, H, V);
    TW_TRY(tw_sliced_eigen(p, V, values, monitor));
    const double *near = V + p * first;
    tw_multiply(1.0, tw_plain(H, p, p), tw_plain(near, p, m), 0.0, tw_mat(HV, p, m));
    tw_multiply(1.0, tw_transposed(near, p, m), tw_plain(HV, p, m), 0.0, tw_mat(small, m, m));
    TW_TRY(tw_sliced_values(m, small, values + first, monitor));
cleanup:
    free(H);
    free(V);
    free(HV);
    free(small);
    return status;
}

/* Of values in ascending order the `count` smallest |values| lie side by side: where do they begin?
 */
static size_t smallest_run(size_t n, const double *values, size_t count) {
    size_t first = 0;
    while (first + count < n && fabs(values[first + count]) < fabs(values[first])) first++;
    return first;
}

/* L r (r - 1)/2 rotations within the signal spaces are exact zeros: the smallest values are theirs,
 * and show how well the others are known. */
static tw_status signal_sector(const tw_reduced *x, const tw_monitor *monitor, tw_levels *levels,
                               double *noise) {
    tw_status status = TW_OK;
    size_t p = tw_reduced_parameters(x), first = 0, end = p, r = x->rank;
    size_t rotations = x->layers * r * (r > 0 ? r - 1 : 0) / 2;
    double *H = NULL, *values = NULL;
    TW_TRY(TW_NEW(H, p * p));
    TW_TRY(TW_NEW(values, p));
    TW_TRY(tw_reduced_hessian(x, monitor, H));
    TW_TRY(tw_sliced_values(p, H, values, monitor));
    double norm = largest(p, values);
    while (first < p && values[first] < -NEAR * norm) first++;
    while (end > first && values[end - 1] > NEAR * norm) end--;
    if (end - first > rotations && norm > 0.0) TW_TRY(refine(x, monitor, first, end, values));
    size_t gauge = smallest_run(p, values, rotations);
    for (size_t i = 0; i < p; i++) {
        bool rotation = i >= gauge && i < gauge + rotations && fabs(values[i]) <= ROTATION * norm;
        if (rotation) *noise = fmax(*noise, fabs(values[i]));
        TW_TRY(tw_levels_add(levels, rotation ? 0.0 : values[i], 1,
                             rotation ? "gauge" : "class mean"));
    }
cleanup:
    free(H);
    free(values);
    return status;
}

/* X (rows x K) = D_{b+1} of the reduced model without the factors below: (C_L .. C_{b+2})^T applied
 * to the columns n_k g_k (b >= 1) or sqrt(n_k) g_k (b = 0). D_{b+1} is that with sqrt(n_k) already.
 */
static tw_status coupling(const tw_reduced *x, size_t b, double **C, size_t *rows, size_t *cols) {
    tw_status status = TW_OK;
    size_t K = x->classes, r = x->rank;
    *rows = b + 1 == x->layers ? K : r;
    *cols = b == 0 ? K : r;
    TW_TRY(TW_NEW(*C, *rows * *cols));
    if (b == 0) {
        tw_copy(*rows * K, x->D[1], *C);
        goto cleanup;
    }
    /* n_k g_k hbar_k^T = (sqrt(n_k) g_k) u_k^T: D_{b+1} A_{b-1}^T in unit coordinates */
    tw_multiply(1.0, tw_plain(x->D[b + 1], *rows, K), tw_transposed(x->A[b - 1], r, K), 0.0,
                tw_mat(*C, *rows, r));
cleanup:
    return status;
}

/* Both eigenvalues of [[above, c], [c, below]]; the lower one without cancellation:
 * mean - half = (above below - c^2)/high. */
static void pair_of(double above, double below, double c, double *low, double *high) {
    double mean = 0.5 * (above + below), half = hypot(0.5 * (above - below), c);
    double root = sqrt(above * below);
    *high = mean + half;
    *low = *high > 0.0 ? (root - c) * (root + c) / *high : mean - half;
}

/* r of the singular values of C_b have the square of the product of the ridges: rotations between
 * the signal and this null coordinate. They are those that come nearest to it. */
static tw_status add_pairs(const tw_reduced *x, size_t b, size_t pairs, const double *values,
                           tw_levels *levels, double *noise) {
    tw_status status = TW_OK;
    uint64_t copies = x->widths[b] - x->rank;
    double above = x->lambda_W[b], below = b == 0 ? x->lambda_H : x->lambda_W[b - 1];
    double root = sqrt(above * below);
    size_t rotations = x->rank < pairs ? x->rank : pairs, first = 0;
    while (first + rotations < pairs &&
           fabs(values[first + rotations] - root) < fabs(values[first] - root))
        first++; /* descending values: the nearest lie side by side */
    for (size_t i = 0; i < pairs; i++) {
        double low, high;
        pair_of(above, below, values[i], &low, &high);
        bool rotation = i >= first && i < first + rotations && fabs(low) <= ROTATION * high;
        if (rotation) *noise = fmax(*noise, fabs(low));
        TW_TRY(tw_levels_add(levels, high, copies, rotation ? "imbalance" : "null space"));
        TW_TRY(
            tw_levels_add(levels, rotation ? 0.0 : low, copies, rotation ? "gauge" : "null space"));
    }
cleanup:
    return status;
}

static tw_status null_space(const tw_reduced *x, size_t b, tw_levels *levels, double *noise) {
    tw_status status = TW_OK;
    double *C = NULL, *values = NULL;
    size_t rows = 0, cols = 0;
    uint64_t copies = x->widths[b] - x->rank;
    if (copies == 0) return TW_OK;
    TW_TRY(coupling(x, b, &C, &rows, &cols));
    size_t pairs = rows < cols ? rows : cols;
    TW_TRY(TW_NEW(values, pairs));
    TW_TRY(tw_singular_values(rows, cols, C, values, NULL, NULL));
    TW_TRY(add_pairs(x, b, pairs, values, levels, noise));
    TW_TRY(tw_levels_add(levels, x->lambda_W[b], copies * (rows - pairs), "ridge"));
    TW_TRY(tw_levels_add(levels, b == 0 ? x->lambda_H : x->lambda_W[b - 1], copies * (cols - pairs),
                         "ridge"));
cleanup:
    free(C);
    free(values);
    return status;
}

/* map (K x r) = C_L .. C_1. */
static tw_status feature_map(const tw_reduced *x, double **map) {
    tw_status status = TW_OK;
    size_t K = x->classes, r = x->rank;
    double *next = NULL;
    TW_TRY(TW_NEW(*map, K * r));
    TW_TRY(TW_NEW(next, K * r));
    tw_copy(K * r, x->core[x->layers], *map);
    for (size_t l = x->layers - 1; l >= 1; l--) {
        tw_multiply(1.0, tw_plain(*map, K, r), tw_plain(x->core[l], r, r), 0.0, tw_mat(next, K, r));
        tw_copy(K * r, next, *map);
    }
cleanup:
    free(next);
    return status;
}

tw_status tw_sectors_within_class(const tw_reduced *x, tw_levels *levels) {
    tw_status status = TW_OK;
    size_t K = x->classes, r = x->rank;
    double *map = NULL, *H_k = NULL, *half = NULL, *G = NULL, *values = NULL;
    TW_TRY(feature_map(x, &map));
    TW_TRY(TW_NEW(H_k, K * K));
    TW_TRY(TW_NEW(half, K * r));
    TW_TRY(TW_NEW(G, r * r));
    TW_TRY(TW_NEW(values, r));
    for (size_t k = 0; k < K; k++) {
        uint64_t copies = (uint64_t)x->sizes[k] - 1;
        if (copies == 0) continue;
        tw_reduced_loss_hessian(x, k, H_k);
        tw_multiply(1.0, tw_plain(H_k, K, K), tw_plain(map, K, r), 0.0, tw_mat(half, K, r));
        tw_multiply(1.0, tw_transposed(map, K, r), tw_plain(half, K, r), 0.0, tw_mat(G, r, r));
        TW_TRY(tw_symmetric_values(r, G, values));
        for (size_t i = 0; i < r; i++) values[i] += x->lambda_H;
        TW_TRY(add_values(levels, r, values, copies, "within class"));
        TW_TRY(tw_levels_add(levels, x->lambda_H, copies * (x->widths[0] - r), "ridge"));
    }
cleanup:
    free(map);
    free(H_k);
    free(half);
    free(G);
    free(values);
    return status;
}

tw_status tw_sectors_assemble(const tw_reduced *x, const tw_monitor *monitor, tw_levels *levels,
                              double *noise) {
    tw_status status = TW_OK;
    *noise = 0.0;
    TW_TRY(signal_sector(x, monitor, levels, noise));
    for (size_t b = 0; b < x->layers; b++) TW_TRY(null_space(x, b, levels, noise));
    for (size_t l = 1; l < x->layers; l++)
        TW_TRY(tw_levels_add(levels, x->lambda_W[l - 1],
                             (uint64_t)(x->widths[l] - x->rank) * (x->widths[l - 1] - x->rank),
                             "ridge"));
    TW_TRY(tw_sectors_within_class(x, levels));
cleanup:
    return status;
}
