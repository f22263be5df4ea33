/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optima of the linear model with known logits, loss and Hessian spectrum (theory sections 4, 5):
 * K classes of n samples, L matrices, all hidden widths d, one lambda, no bias. */
#ifndef ORACLE_CLOSED_FORM_H
#define ORACLE_CLOSED_FORM_H

#include <stddef.h>

typedef struct oracle_case {
    size_t classes;   /* K >= 3: for K = 2 one multiplicity of the table, K(K-3)/2, is -1 */
    size_t per_class; /* n */
    size_t width;     /* d, at least the rank */
    size_t layers;    /* L */
    double lambda;
} oracle_case;

typedef struct oracle_level {
    double value;
    size_t multiplicity;
} oracle_level;

#define ORACLE_MAX_LEVELS 12

/* Cross-entropy, Z = blockdiag(a_1 S_{k_1}, ..., a_m S_{k_m}), S_k = I - 11^T/k, blocks k_j >= 2
 * that sum to K; the blocks do not interact, and a_j is the larger root of
 *     lambda n^{1/(L+1)} = a^{(L-1)/(L+1)} (1 - p_t + p_o)/K,
 * p_t, p_o the probabilities of the true class and of another one of the same block (for one block
 * K p_o = 1 - p_t + p_o, the equation of deep neural collapse). class_logits: K x K, out.
 * Returns 0, or -1 when a block has no root. */
int oracle_ce_partition(const oracle_case *c, size_t count, const size_t *blocks,
                        double *class_logits, double *loss);

/* Deep neural collapse: scale a, loss and the complete spectrum, at most ORACLE_MAX_LEVELS levels.
 * oracle_ce_collapse returns 0, or -1 when there is none; the second the number of levels. */
int oracle_ce_collapse(const oracle_case *c, double *a, double *loss);
size_t oracle_ce_spectrum(const oracle_case *c, double a, oracle_level *levels);

/* Squared error, Z = q Pi (x) 1^T, Pi a projector of rank r: (1-q) q^{(L-1)/(L+1)} =
 * lambda K n^{1/(L+1)}, larger root; -1 when there is none. */
int oracle_mse_collapse(const oracle_case *c, double *q);
double oracle_mse_loss(const oracle_case *c, double q, size_t r);
/* Rotations of the hidden spaces plus the r (K - r) directions that move Pi, at every L. */
size_t oracle_mse_nullity(const oracle_case *c, size_t r);
size_t oracle_mse_spectrum(const oracle_case *c, double q, oracle_level *levels); /* r = K */

/* The levels written out one by one, ascending; returns how many, room for P. */
size_t oracle_expand(size_t count, const oracle_level *levels, double *values);

#endif
