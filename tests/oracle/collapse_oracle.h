/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The neural-collapse measures from their definitions.
 *
 * With m_k the mean of class k over its n_k samples, m = (1/K) sum_k m_k (the mean of the class
 * means, not of the samples: balanced or not, every class counts once) and N = sum n_k:
 *
 *     Sigma_W = (1/N) sum_i (h_i - m_{y_i})(h_i - m_{y_i})^T       (every sample counts once)
 *     Sigma_B = (1/K) sum_k (m_k - m)(m_k - m)^T
 *     NC1     = tr(Sigma_W Sigma_B^+) / K
 *     NC2     = | W W^T / |W W^T|_F - S |_F,   S = (I - 11^T/K) / sqrt(K-1)
 *     NC3     = | W M / |W M|_F - S |_F,       M = [m_1 - m, ..., m_K - m]
 *
 * The pseudo-inverse inverts the eigenvalues of Sigma_B above ORACLE_NC_CUTOFF times the largest.
 */
#ifndef ORACLE_COLLAPSE_H
#define ORACLE_COLLAPSE_H

#include <stddef.h>

#define ORACLE_NC_CUTOFF 1e-12

typedef struct oracle_collapse {
    double nc1, nc2, nc3;
    size_t between_rank; /* eigenvalues of Sigma_B that were inverted */
} oracle_collapse;

typedef struct oracle_features {
    size_t dimension, samples, classes; /* d, N, K >= 2 */
    const double *H;                    /* d x N, column-major */
    const int *labels;                  /* N of 0..K-1 */
} oracle_features;

/* W: K x d, column-major. Returns 0, or -1 when a class has no sample (no mean). */
int oracle_nc(const oracle_features *features, const double *W, oracle_collapse *result);

#endif
