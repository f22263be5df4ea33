/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Global optimality at L = 1, and the direction that refutes it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/certificate/certification.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

#define OUTSIDE 1e-6 /* ||W a||/||W|| and ||a^T H||/||H||: a is outside both */

/* Largest singular value of G (K x N) with its vectors u (K) and v (N). */
static tw_status top_pair(size_t K, size_t N, const double *G, double *u, double *v, double *top) {
    tw_status status = TW_OK;
    size_t least = K < N ? K : N;
    double *copy = NULL, *values = NULL, *U = NULL, *Vt = NULL;
    TW_TRY(TW_NEW(copy, K * N));
    TW_TRY(TW_NEW(values, least));
    TW_TRY(TW_NEW(U, K * least));
    TW_TRY(TW_NEW(Vt, least * N));
    tw_copy(K * N, G, copy);
    TW_TRY(tw_singular_values(K, N, copy, values, U, Vt));
    *top = values[0];
    tw_copy(K, U, u);
    for (size_t j = 0; j < N; j++) v[j] = Vt[j * least];
cleanup:
    free(copy);
    free(values);
    free(U);
    free(Vt);
    return status;
}

/* ||X^T a||/||X|| or ||X a||/||X||; out: as many entries as the product has. */
static double share(tw_factor X, size_t size, const double *a, double *out) {
    size_t rows = X.transposed ? X.cols : X.rows, inner = X.transposed ? X.rows : X.cols;
    double norm = tw_norm(NULL, size, X.data);
    if (norm == 0.0) return 0.0;
    tw_multiply(1.0, X, tw_plain(a, inner, 1), 0.0, tw_mat(out, rows, 1));
    return tw_norm(NULL, rows, out) / norm;
}

static double over_norm(size_t size, const double *x) {
    double norm = tw_norm(NULL, size, x);
    return norm > 0.0 ? 1.0 / norm : 0.0;
}

/* The unit vector a (d) that W and H^T make smallest: the last left singular vector of
 * [W^T/||W||, H/||H||], with a column of zeros more where that has fewer columns than rows. */
static tw_status outside(const tw_dufm *model, const double *W, const double *H, double *a,
                         bool *room) {
    tw_status status = TW_OK;
    size_t d = model->widths[0], K = model->widths[1], N = model->samples;
    size_t columns = K + N + (K + N < d), thin = d < columns ? d : columns;
    double *X = NULL, *values = NULL, *U = NULL, *Vt = NULL, *product = NULL;
    TW_TRY(TW_NEW(X, d * columns));
    TW_TRY(TW_NEW(values, thin));
    TW_TRY(TW_NEW(U, d * thin));
    TW_TRY(TW_NEW(Vt, thin * columns));
    TW_TRY(TW_NEW(product, K > N ? K : N));
    double scale = over_norm(K * d, W);
    for (size_t k = 0; k < K; k++)
        for (size_t i = 0; i < d; i++) X[i + d * k] = scale * W[k + K * i];
    tw_axpy(d * N, over_norm(d * N, H), H, X + d * K);
    TW_TRY(tw_singular_values(d, columns, X, values, U, Vt));
    tw_copy(d, U + d * (thin - 1), a);
    *room = share(tw_plain(W, K, d), K * d, a, product) <= OUTSIDE &&
            share(tw_transposed(H, d, N), d * N, a, product) <= OUTSIDE;
cleanup:
    free(X);
    free(values);
    free(U);
    free(Vt);
    free(product);
    return status;
}

/* dW = s u a^T, dH = -a v^T/s with s = (lambda_H/lambda_W)^{1/4}, made of length 1. */
static void fill_direction(const tw_dufm *model, double s, const double *u, const double *a,
                           const double *v, double *direction) {
    tw_block W = tw_dufm_factor(model, 1), H = tw_dufm_factor(model, 0);
    double length = hypot(s, 1.0 / s);
    for (size_t j = 0; j < W.cols; j++)
        for (size_t i = 0; i < W.rows; i++)
            direction[W.offset + i + j * W.rows] = s / length * u[i] * a[j];
    for (size_t j = 0; j < H.cols; j++)
        for (size_t i = 0; i < H.rows; i++)
            direction[H.offset + i + j * H.rows] = -a[i] * v[j] / (s * length);
}

tw_status tw_point_global_test(tw_evaluator *evaluator, const double *theta, double *direction,
                               tw_global_test *test) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    tw_global_test t = {0};
    double *room = NULL;
    if (direction) memset(direction, 0, tw_dufm_parameters(model) * sizeof *direction);
    *test = t;
    if (model->layers != 1 || !(model->lambda_W[0] > 0.0 && model->lambda_H > 0.0)) return TW_OK;
    size_t d = model->widths[0], K = model->widths[1], N = model->samples;
    const double *W = theta + tw_dufm_factor(model, 1).offset,
                 *H = theta + tw_dufm_factor(model, 0).offset;
    TW_TRY(tw_evaluator_linearise(evaluator, theta));
    TW_TRY(TW_NEW(room, d + K + N));
    double *a = room, *u = room + d, *v = room + d + K;
    double s = pow(model->lambda_H / model->lambda_W[0], 0.25);
    t.applicable = true;
    t.bound = sqrt(model->lambda_W[0]) * sqrt(model->lambda_H);
    TW_TRY(top_pair(K, N, tw_evaluator_logit_gradient(evaluator), u, v, &t.slope));
    TW_TRY(outside(model, W, H, a, &t.room));
    t.curvature = -2.0 * (t.slope - t.bound) / (s * s + 1.0 / (s * s));
    if (direction && t.room) fill_direction(model, s, u, a, v, direction);
    *test = t;
cleanup:
    free(room);
    return status;
}
