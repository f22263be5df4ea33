/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The union of the sectors (docs/mathematics.md, section 3):
 *   signal        the reduced model's own Hessian, once
 *   null space b  d_b - r copies: column of W_{b+1} and row of W_b (of H for b = 0), coupled by
 * C_b; each singular value c gives both eigenvalues of [[lambda_{b+1}, c], [c, lambda_b]] null-null
 * lambda_l, (d_l - r)(d_{l-1} - r) times, l = 1 .. L-1 within class  n_k - 1 copies of lambda_H I +
 * A^T (loss Hessian at z_k) A/N, A = C_L .. C_1, and lambda_H for the d_0 - r null coordinates */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "optima/sectors_private.h"

#define FLAT                                                                                       \
    1e-8 /* a root this small beside its partner is a zero with the point's defects on it */

static tw_status add_values(tw_levels *levels, size_t count, const double *values, uint64_t copies,
                            const char *label) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < count; i++) TW_TRY(tw_levels_add(levels, values[i], copies, label));
cleanup:
    return status;
}

static tw_status signal_sector(const tw_reduced *x, tw_levels *levels) {
    tw_status status = TW_OK;
    size_t p = tw_reduced_parameters(x);
    double *H = NULL, *values = NULL;
    TW_TRY(TW_NEW(H, p * p));
    TW_TRY(TW_NEW(values, p));
    TW_TRY(tw_reduced_hessian(x, H));
    TW_TRY(tw_symmetric_values(p, H, values));
    TW_TRY(add_values(levels, p, values, 1, "class mean"));
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

static tw_status null_space(const tw_reduced *x, size_t b, tw_levels *levels) {
    tw_status status = TW_OK;
    double *C = NULL, *values = NULL;
    size_t rows = 0, cols = 0;
    uint64_t copies = x->widths[b] - x->rank;
    double above = x->lambda_W[b], below = b == 0 ? x->lambda_H : x->lambda_W[b - 1];
    if (copies == 0) return TW_OK;
    TW_TRY(coupling(x, b, &C, &rows, &cols));
    size_t pairs = rows < cols ? rows : cols;
    TW_TRY(TW_NEW(values, pairs));
    TW_TRY(tw_singular_values(rows, cols, C, values, NULL, NULL));
    for (size_t i = 0; i < pairs; i++) {
        double mean = 0.5 * (above + below), half = hypot(0.5 * (above - below), values[i]);
        double high = mean + half;
        /* low = mean - half = (above below - c^2)/high without cancellation */
        double root = sqrt(above * below);
        double low = high > 0.0 ? (root - values[i]) * (root + values[i]) / high : mean - half;
        bool flat = fabs(low) <= FLAT * high; /* c^2 = product of the ridges: a rotation */
        TW_TRY(tw_levels_add(levels, high, copies, flat ? "imbalance" : "null space"));
        TW_TRY(tw_levels_add(levels, flat ? 0.0 : low, copies, flat ? "gauge" : "null space"));
    }
    TW_TRY(tw_levels_add(levels, above, copies * (rows - pairs), "ridge"));
    TW_TRY(tw_levels_add(levels, below, copies * (cols - pairs), "ridge"));
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

static tw_status within_class(const tw_reduced *x, tw_levels *levels) {
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

tw_status tw_sectors_assemble(const tw_reduced *x, tw_levels *levels) {
    tw_status status = TW_OK;
    TW_TRY(signal_sector(x, levels));
    for (size_t b = 0; b < x->layers; b++) TW_TRY(null_space(x, b, levels));
    for (size_t l = 1; l < x->layers; l++)
        TW_TRY(tw_levels_add(levels, x->lambda_W[l - 1],
                             (uint64_t)(x->widths[l] - x->rank) * (x->widths[l - 1] - x->rank),
                             "ridge"));
    TW_TRY(within_class(x, levels));
cleanup:
    return status;
}
