/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hyper-dual numbers a + b e1 + c e2 + d e1 e2 with e1^2 = e2^2 = 0 (Fike and Alonso, "The
 * development of hyper-dual numbers for exact second-derivative calculations", AIAA 2011-886).
 *
 * Feeding x + u e1 + v e2 into f gives f, u.grad f, v.grad f and u^T Hess(f) v in the four parts,
 * with rounding errors only: there is no step to choose and nothing is truncated. Every elementary
 * function is its own value and first two derivatives; everything else is composed from them, so
 * that no derivative of a model is ever written down by hand. */
#ifndef ORACLE_HYPERDUAL_H
#define ORACLE_HYPERDUAL_H

#include <math.h>

typedef struct oracle_hyper {
    double a, b, c, d;
} oracle_hyper;

static inline oracle_hyper oracle_hyper_real(double a) {
    return (oracle_hyper){a, 0, 0, 0};
}

static inline oracle_hyper oracle_hyper_add(oracle_hyper x, oracle_hyper y) {
    return (oracle_hyper){x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d};
}

static inline oracle_hyper oracle_hyper_sub(oracle_hyper x, oracle_hyper y) {
    return (oracle_hyper){x.a - y.a, x.b - y.b, x.c - y.c, x.d - y.d};
}

static inline oracle_hyper oracle_hyper_scale(double s, oracle_hyper x) {
    return (oracle_hyper){s * x.a, s * x.b, s * x.c, s * x.d};
}

static inline oracle_hyper oracle_hyper_mul(oracle_hyper x, oracle_hyper y) {
    return (oracle_hyper){x.a * y.a, x.a * y.b + x.b * y.a, x.a * y.c + x.c * y.a,
                          x.a * y.d + x.b * y.c + x.c * y.b + x.d * y.a};
}

/* g(x) from g, g' and g'' at x.a: the chain rule to second order. */
static inline oracle_hyper oracle_hyper_chain(oracle_hyper x, double g, double g1, double g2) {
    return (oracle_hyper){g, g1 * x.b, g1 * x.c, g1 * x.d + g2 * x.b * x.c};
}

static inline oracle_hyper oracle_hyper_exp(oracle_hyper x) {
    double e = exp(x.a);
    return oracle_hyper_chain(x, e, e, e);
}

static inline oracle_hyper oracle_hyper_log(oracle_hyper x) {
    return oracle_hyper_chain(x, log(x.a), 1 / x.a, -1 / (x.a * x.a));
}

static inline oracle_hyper oracle_hyper_log1p(oracle_hyper x) {
    double y = 1 + x.a;
    return oracle_hyper_chain(x, log1p(x.a), 1 / y, -1 / (y * y));
}

static inline oracle_hyper oracle_hyper_tanh(oracle_hyper x) {
    double t = tanh(x.a), sech = 1 / cosh(x.a), slope = sech * sech;
    return oracle_hyper_chain(x, t, slope, -2 * t * slope);
}

/* erfc' = -2/sqrt(pi) exp(-x^2). */
static inline oracle_hyper oracle_hyper_erfc(oracle_hyper x) {
    double slope = -2 / sqrt(acos(-1.0)) * exp(-x.a * x.a);
    return oracle_hyper_chain(x, erfc(x.a), slope, -2 * x.a * slope);
}

#endif
