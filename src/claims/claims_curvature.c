/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The direction (3.13) at L = 1: its curvature by a Hessian product, and its certificate. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdlib.h>
#include <thalweg/certificate/certificate.h>
#include <thalweg/operator/hessian.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"

/* v (P, out): d W = c u a^T, d H = -a b^T / c with u, b the top singular pair of G and a a unit
 * vector that W and H^T send to zero. */
static tw_status direction(const tw_point *point, tw_evaluator *evaluator, double *v) {
    tw_status status = TW_OK;
    const tw_dufm *model = &point->model;
    size_t K = tw_dufm_classes(model), N = model->samples, d = model->widths[0], m = K + N;
    double c = model->lambda_W[0] > 0.0 ? pow(model->lambda_H / model->lambda_W[0], 0.25) : 1.0;
    double *stacked = NULL, *values = NULL, *Vt = NULL, *U = NULL, *G = NULL;
    TW_TRY(TW_NEW(stacked, m * d));
    TW_TRY(TW_NEW(values, m + d));
    TW_TRY(TW_NEW(U, m * (d + K)));
    TW_TRY(TW_NEW(Vt, d * d + K * N));
    TW_TRY(TW_NEW(G, K * N));
    const double *W = point->theta, *H = point->theta + K * d;
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < K; i++) stacked[i + m * j] = W[i + K * j];
        for (size_t i = 0; i < N; i++) stacked[K + i + m * j] = H[j + d * i];
    }
    TW_TRY(tw_singular_values(m, d, stacked, values, U, Vt));
    for (size_t j = 0; j < d; j++) values[m + j] = Vt[d - 1 + d * j]; /* a */
    tw_copy(K * N, tw_evaluator_logit_gradient(evaluator), G);
    TW_TRY(tw_singular_values(K, N, G, values, U, Vt));
    size_t least = K < N ? K : N;
    for (size_t j = 0; j < d; j++) {
        double a = values[m + j];
        for (size_t i = 0; i < K; i++) v[i + K * j] = c * U[i] * a;
        for (size_t i = 0; i < N; i++) v[K * d + j + d * i] = -a * Vt[least * i] / c;
    }
cleanup:
    free(stacked);
    free(values);
    free(U);
    free(Vt);
    free(G);
    return status;
}

tw_status tw_claim_curvature(const tw_point *point, double *along, bool *proved) {
    tw_status status = TW_OK;
    tw_evaluator *evaluator = NULL;
    tw_certificate certificate;
    size_t n = tw_dufm_parameters(&point->model);
    double *v = NULL;
    TW_TRY(TW_NEW(v, 2 * n));
    TW_TRY(tw_evaluator_create(&point->model, &evaluator));
    const tw_objective objective = tw_evaluator_objective(evaluator);
    tw_hessian hessian = tw_hessian_at(&objective, point->theta);
    TW_TRY(tw_evaluator_linearise(evaluator, point->theta));
    const tw_linop H = tw_hessian_linop(&hessian);
    TW_TRY(direction(point, evaluator, v));
    TW_TRY(tw_linop_apply(&H, 1, v, n, v + n, n));
    *along = tw_dot(NULL, n, v, v + n);
    if (proved) {
        TW_TRY(tw_certificate_prove(point, v, NULL, &certificate));
        *proved = certificate.proved;
    }
cleanup:
    tw_evaluator_destroy(evaluator);
    free(v);
    return status;
}
