/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the self tests share: comparisons that print their numbers, and small models. */
#ifndef ORACLE_CHECK_H
#define ORACLE_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "dense_oracle.h"
#include "dufm_oracle.h"

#define CHECK_CLOSE(got, want, tolerance)                                                          \
    do {                                                                                           \
        double check_got = (got), check_want = (want), check_tolerance = (tolerance);              \
        if (!(fabs(check_got - check_want) <= check_tolerance))                                    \
            fail_msg("%s = %.17g, not %.17g: off by %.2e, allowed %.2e", #got, check_got,          \
                     check_want, check_got - check_want, check_tolerance);                         \
    } while (0)

#define CHECK_BELOW(got, limit)                                                                    \
    do {                                                                                           \
        double check_got = (got), check_limit = (limit);                                           \
        if (!(check_got <= check_limit))                                                           \
            fail_msg("%s = %.3e, allowed %.3e", #got, check_got, check_limit);                     \
    } while (0)

/* Largest entry of |x - y|. */
static inline double largest_difference(size_t n, const double *x, const double *y) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i] - y[i]));
    return most;
}

/* A model that owns its arrays: K classes of n samples, hidden widths d_0..d_{L-1} as given, the
 * same lambda everywhere, no bias. Change fields of `model` at will. */
typedef struct small_model {
    oracle_model model;
    size_t widths[8];
    double lambda_W[8];
    int labels[64];
} small_model;

static inline void small_model_fill(small_model *small, size_t K, size_t n, size_t layers,
                                    const size_t *hidden, double lambda) {
    *small = (small_model){.model = {.layers = layers, .samples = K * n, .lambda_H = lambda}};
    for (size_t l = 0; l < layers; l++) small->widths[l] = hidden[l];
    for (size_t l = 0; l < layers; l++) small->lambda_W[l] = lambda;
    for (size_t i = 0; i < K * n; i++) small->labels[i] = (int)(i / n);
    small->widths[layers] = K;
    small->model.widths = small->widths;
    small->model.lambda_W = small->lambda_W;
    small->model.labels = small->labels;
}

#endif
