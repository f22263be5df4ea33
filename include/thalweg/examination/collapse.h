/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What features, logits and weights of a point look like: rank, neural collapse, balance. */
#ifndef THALWEG_COLLAPSE_H
#define THALWEG_COLLAPSE_H

#include <thalweg/base/monitor.h>
#include <thalweg/model/evaluator.h>

/* Neural-collapse measures of hidden space l: its activations A_l (A_0 = H) and the map
 * W = W_L ... W_{l+1} from there to the logits. With m_k the mean of class k, m the mean of the
 * m_k, M = [m_1 - m, ..., m_K - m], S = (I - 11^T/K)/sqrt(K - 1),
 *     Sigma_W = (1/N) sum (a_i - m_{y_i})(a_i - m_{y_i})^T,   Sigma_B = M M^T/K,
 * (Papyan, Han, Donoho, PNAS 117 (2020); Zhu et al., NeurIPS 2021)
 *     NC1 = tr(Sigma_W Sigma_B^+)/K,
 *     NC2 = || WW^T/||WW^T||_F - S ||_F,
 *     NC3 = || WM/||WM||_F - S ||_F;
 * NAN where a norm in a denominator is zero. */
typedef struct tw_collapse {
    size_t space; /* l */
    double nc1, nc2, nc3;
} tw_collapse;

/* Class logits are kept up to this many classes: their square is what a record holds. */
#define TW_CLASS_LOGITS_MAX 64

typedef struct tw_shape {
    size_t logit_count;            /* min(K, N); 0 where they were not found in time */
    double *logit_singular_values; /* of Z, descending; owned */
    size_t logit_rank;             /* those above rank_tolerance times the largest */
    double *class_logits;  /* K x K, column k: mean logits of class k; owned; NULL for more than
                              TW_CLASS_LOGITS_MAX classes */
    size_t class_count;    /* K */
    size_t space_count;    /* L */
    tw_collapse *collapse; /* one a hidden space, l = 0 .. L - 1; owned */
    double balance_defect; /* max over l of || lambda_{l+1} W_{l+1}^T W_{l+1} - lambda_l F_l F_l^T
                              ||_F over the larger of the two terms' norms, F_0 = H; 0 at every
                              critical point of a linear model; NAN for other activations */
} tw_shape;

/* `monitor` (may be NULL) is asked where classes and widths of hundreds make it long. When it says
 * yes, what was not measured is missing: no singular values and no class logits, NAN. */
TW_API tw_status tw_shape_measure(tw_evaluator *evaluator, const double *theta,
                                  double rank_tolerance, const tw_monitor *monitor,
                                  tw_shape *shape);
TW_API void tw_shape_clear(tw_shape *shape); /* idempotent, NULL-safe */

#endif
