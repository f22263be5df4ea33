/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deep unconstrained feature model (docs/mathematics.md, section 1):
 *
 *     f(theta) = (1/N) sum_i loss(z_i, y_i) + sum_l (lambda_l/2) ||W_l||_F^2
 *                + (lambda_H/2) ||H||_F^2 (+ (lambda_b/2) ||b||^2)
 *     A_0 = H,  S_l = W_l A_{l-1},  A_l = phi(S_l) for l < L,  Z = S_L (+ b 1^T)
 *
 * theta is one vector of P doubles: the blocks W_1, ..., W_L, H (, b), each column-major. */
#ifndef THALWEG_DUFM_H
#define THALWEG_DUFM_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>
#include <thalweg/model/activation.h>
#include <thalweg/model/loss.h>

/* Filled in by the caller between init and check; owns its three arrays. */
typedef struct tw_dufm {
    size_t layers;    /* L >= 1 */
    size_t samples;   /* N >= 1 */
    size_t *widths;   /* L + 1: d_0 .. d_{L-1}, d_L = K; each >= 1 */
    int *labels;      /* N: 0 .. K-1, every class at least once */
    double *lambda_W; /* L: lambda_1 .. lambda_L, >= 0 */
    double lambda_H;  /* >= 0 */
    double lambda_b;  /* >= 0; used with bias only */
    bool bias;
    const tw_loss *loss;
    const tw_activation *activation;
} tw_dufm;

/* Allocate the arrays for L layers and N samples, all zero. */
TW_API tw_status tw_dufm_init(tw_dufm *model, size_t layers, size_t samples);
TW_API void tw_dufm_clear(tw_dufm *model); /* idempotent, NULL-safe */
TW_API tw_status tw_dufm_copy(tw_dufm *model, const tw_dufm *source);

/* Every range above, and P small enough for BLAS indices; TW_ERR_DATA or TW_ERR_ARGUMENT with the
 * numbers. All functions below expect a checked model. */
TW_API tw_status tw_dufm_check(const tw_dufm *model);

/* What a model of given sizes needs, before anything of these sizes is allocated; doubles, for the
 * products may be beyond any integer. */
typedef struct tw_dufm_size {
    double parameters; /* P */
    double units;      /* N (d_0 + ... + d_L): activations and logits */
} tw_dufm_size;

/* widths: d_0 .. d_L, all >= 1. TW_ERR_UNSUPPORTED, with the numbers, when P or N times a width
 * does not fit the 32-bit indices of BLAS; *size (out) is filled either way. Every class has a
 * sample, so K x K fits too. */
TW_API tw_status tw_dufm_size_check(size_t layers, const size_t *widths, size_t samples, bool bias,
                                    tw_dufm_size *size);

TW_API size_t tw_dufm_classes(const tw_dufm *model);    /* K = d_L */
TW_API size_t tw_dufm_parameters(const tw_dufm *model); /* P */

/* n_k for k = 0 .. K-1; counts (out): K. */
TW_API void tw_dufm_class_sizes(const tw_dufm *model, size_t *counts);

TW_API bool tw_dufm_has_ridge(const tw_dufm *model); /* any positive one that is used */

/* What makes b another model than a: "loss", "activation", "depth", "widths", "class sizes",
 * "bias", "ridges"; NULL when they are one. The order of the labels does not matter. Static. */
TW_API const char *tw_dufm_difference(const tw_dufm *a, const tw_dufm *b);

/* One block of theta. */
/* Do parameters of the one mean the same in the other: layers, widths, bias, the label of every
 * sample? Loss, activation and ridges may differ. */
TW_API bool tw_dufm_is_alike(const tw_dufm *a, const tw_dufm *b);

typedef struct tw_block {
    char name[24];     /* "W1" .. "WL", "H", "b" */
    size_t offset;     /* of its first entry in theta */
    size_t rows, cols; /* column-major, leading dimension rows */
    double lambda;     /* its ridge */
} tw_block;

/* Blocks in the order of theta: index l - 1 is W_l, index L is H, index L + 1 is b. */
TW_API size_t tw_dufm_block_count(const tw_dufm *model);
TW_API tw_block tw_dufm_block(const tw_dufm *model, size_t index);

/* Factor F_l of the chain: F_0 = H, F_l = W_l (l = 0 .. L). */
TW_API tw_block tw_dufm_factor(const tw_dufm *model, size_t l);

/* Entries of S_1 .. S_{L-1} that sit on the kink of phi, where the Hessian does not exist. */
typedef struct tw_kinks {
    size_t total;      /* hidden pre-activations: N (d_1 + ... + d_{L-1}); 0 unless phi is kinked */
    size_t on_kink;    /* of them with |S| <= tolerance times the root mean square of their S_l */
    double largest_on; /* largest such ratio on the kink; 0 when there is none */
    double smallest_off; /* smallest ratio off the kink: the gap that justifies the tolerance;
                            INFINITY when there is none */
} tw_kinks;

#define TW_KINK_TOLERANCE 1e-6

#endif
