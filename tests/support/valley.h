/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rosenbrock's valley, f = (1 - x)^2 + 100 (y - x^2)^2: curved, steep across, nearly flat along,
 * the lowest point at (1, 1). */
#ifndef TEST_SUPPORT_VALLEY_H
#define TEST_SUPPORT_VALLEY_H

#include <thalweg/model/objective.h>

static inline tw_status valley_eval(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    double a = 1.0 - x[0], b = x[1] - x[0] * x[0];
    *value = a * a + 100.0 * b * b;
    if (gradient) {
        gradient[0] = -2.0 * a - 400.0 * x[0] * b;
        gradient[1] = 200.0 * b;
    }
    return TW_OK;
}

static inline tw_status valley_hessian(void *self, const double *x, size_t k, const double *V,
                                       size_t ldv, double *Y, size_t ldy) {
    (void)self;
    double h00 = 2.0 - 400.0 * (x[1] - 3.0 * x[0] * x[0]), h01 = -400.0 * x[0];
    for (size_t j = 0; j < k; j++) {
        Y[j * ldy] = h00 * V[j * ldv] + h01 * V[j * ldv + 1];
        Y[j * ldy + 1] = h01 * V[j * ldv] + 200.0 * V[j * ldv + 1];
    }
    return TW_OK;
}

#endif
