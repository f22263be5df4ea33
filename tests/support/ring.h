/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function that is not a DUFM, with everything about it known:
 *     f(x) = s [ (|y|^2 - 1)^2/4 + sum_i c_i z_i^2/2 ],   y = (x_0, x_1),  z = (x_2, x_3, ...)
 * Rotations of y leave it alone. On the circle |y| = 1, z = 0 the Hessian has the eigenvalues 2 s
 * (radial), 0 (along the circle) and s c_i; at y = 0 it has -s twice. */
#ifndef TEST_SUPPORT_RING_H
#define TEST_SUPPORT_RING_H

#include <math.h>
#include <string.h>
#include <thalweg/model/objective.h>
#include <thalweg/operator/tangent.h>

typedef struct ring {
    size_t n; /* >= 2 */
    double scale;
    const double *c; /* n - 2 */
    const double *x; /* where its tangent is taken */
    size_t products;
} ring;

static inline tw_status ring_eval(void *self, const double *x, double *value, double *gradient) {
    const ring *r = self;
    double excess = x[0] * x[0] + x[1] * x[1] - 1.0, sum = 0.25 * excess * excess;
    for (size_t i = 2; i < r->n; i++) sum += 0.5 * r->c[i - 2] * x[i] * x[i];
    *value = r->scale * sum;
    if (!isfinite(*value)) return tw_fail(TW_ERR_NUMERIC, "f is not finite");
    for (size_t i = 0; gradient && i < r->n; i++)
        gradient[i] = r->scale * (i < 2 ? excess * x[i] : r->c[i - 2] * x[i]);
    return TW_OK;
}

static inline tw_status ring_hessian(void *self, const double *x, size_t k, const double *V,
                                     size_t ldv, double *Y, size_t ldy) {
    ring *r = self;
    double excess = x[0] * x[0] + x[1] * x[1] - 1.0;
    r->products += k;
    for (size_t j = 0; j < k; j++) {
        const double *v = V + j * ldv;
        double *out = Y + j * ldy, along = x[0] * v[0] + x[1] * v[1];
        for (size_t i = 0; i < r->n; i++)
            out[i] = r->scale * (i < 2 ? excess * v[i] + 2.0 * x[i] * along : r->c[i - 2] * v[i]);
    }
    return TW_OK;
}

static inline tw_objective ring_objective(ring *r) {
    return (tw_objective){.n = r->n, .eval = ring_eval, .hessian = ring_hessian, .self = r};
}

static inline tw_status ring_complement(void *self, size_t k, const double *X, size_t ldx,
                                        double *Y, size_t ldy) {
    const ring *r = self;
    double size = hypot(r->x[0], r->x[1]), t0 = -r->x[1] / size, t1 = r->x[0] / size;
    for (size_t j = 0; j < k; j++) {
        double along = t0 * X[j * ldx] + t1 * X[j * ldx + 1];
        memcpy(Y + j * ldy, X + j * ldx, r->n * sizeof *Y);
        Y[j * ldy] -= along * t0;
        Y[j * ldy + 1] -= along * t1;
    }
    return TW_OK;
}

static inline tw_status ring_sample(void *self, tw_random *stream, double *v) {
    const ring *r = self;
    double size = hypot(r->x[0], r->x[1]), sign = tw_random_uniform(stream) < 0.5 ? -1.0 : 1.0;
    memset(v, 0, r->n * sizeof *v);
    v[0] = -sign * r->x[1] / size;
    v[1] = sign * r->x[0] / size;
    return TW_OK;
}

static inline tw_tangent ring_tangent(ring *r, const double *x) {
    r->x = x;
    return (tw_tangent){.dimension = 1,
                        .complement = {.n = r->n, .apply = ring_complement, .self = r},
                        .sample = ring_sample,
                        .self = r};
}

#endif
