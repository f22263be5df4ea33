/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deep unconstrained feature model (theory section 1), slow and obvious:
 *
 *     f = (1/N) sum_i loss(z_i, y_i) + sum_l (lambda_l/2) |W_l|^2 + (lambda_H/2) |H|^2
 *         + (lambda_b/2) |b|^2
 *     A_0 = H,  A_l = phi(W_l A_{l-1}) for l < L,  Z = W_L A_{L-1} (+ b 1^T)
 *
 * theta = W_1 (column-major d_1 x d_0), ..., W_L, H (column-major d_0 x N), b (K, with a bias).
 * Derivatives come from hyper-dual numbers, never from a formula of the model; the complex step is
 * a second opinion that shares no code with them. relu and leaky-relu have the derivative of their
 * left branch at 0 (0 and 0.01) and no second derivative anywhere. */
#ifndef ORACLE_DUFM_H
#define ORACLE_DUFM_H

#include <stddef.h>

enum { ORACLE_CE, ORACLE_MSE };
enum {
    ORACLE_LINEAR,
    ORACLE_RELU,
    ORACLE_LEAKY_RELU,
    ORACLE_TANH,
    ORACLE_SOFTPLUS,
    ORACLE_GELU,
    ORACLE_ACTIVATIONS /* how many there are */
};

typedef struct oracle_model {
    size_t layers;          /* L >= 1 */
    const size_t *widths;   /* d_0 .. d_L, d_L = K */
    size_t samples;         /* N */
    const int *labels;      /* N of 0..K-1 */
    int loss;               /* 0 cross-entropy, 1 half squared error */
    int activation;         /* 0 linear, 1 relu, 2 leaky-relu (.01), 3 tanh, 4 softplus, 5 gelu */
    const double *lambda_W; /* L */
    double lambda_H;
    int bias; /* 0 none, 1 one at the last layer */
    double lambda_b;
} oracle_model;

/* Where the blocks of theta begin: block 0..L-1 is W_1..W_L, L is H, L+1 is b, L+2 the end. */
size_t oracle_offset(const oracle_model *model, size_t block);
size_t oracle_parameters(const oracle_model *model); /* P */

double oracle_value(const oracle_model *model, const double *theta);
void oracle_gradient(const oracle_model *model, const double *theta, double *g /* P, out */);

/* u^T Hess(theta) v, exact up to rounding. */
double oracle_curvature(const oracle_model *model, const double *theta, const double *u,
                        const double *v);
/* H (out): P x P, mirrored from its lower triangle. P^2/2 evaluations of f. */
void oracle_hessian(const oracle_model *model, const double *theta, double *H);
/* out = Hess(theta) v without the Hessian: P evaluations of f. */
void oracle_hessian_product(const oracle_model *model, const double *theta, const double *v,
                            double *out);

/* K x N logits in the plain arithmetic of double. */
void oracle_logits(const oracle_model *model, const double *theta, double *Z);

/* Value and gradient once more, in complex arithmetic: g_p = Im f(theta + i h e_p) / h, h = 1e-100
 * (Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
 * Review 40, 1998). */
double oracle_value_complex(const oracle_model *model, const double *theta);
void oracle_gradient_complex(const oracle_model *model, const double *theta, double *g);

#endif
