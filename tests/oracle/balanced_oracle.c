/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "balanced_oracle.h"

#include <math.h>
#include <stdlib.h>

#include "dense_oracle.h"

void oracle_spread(const oracle_model *model, const double *class_logits, double *Z) {
    size_t K = model->widths[model->layers];
    for (size_t i = 0; i < model->samples; i++)
        for (size_t k = 0; k < K; k++)
            Z[k + K * i] = class_logits[k + K * (size_t)model->labels[i]];
}

/* One factor: F = Left diag(s) Right^T with `rank` columns in Left (m rows) and Right (n rows). */
typedef struct sides {
    size_t rank, m, n;
    const double *left, *right;
} sides;

static void compose(const sides *f, const double *s, double lambda, double *F) {
    for (size_t i = 0; i < f->m; i++) {
        for (size_t j = 0; j < f->n; j++) {
            double sum = 0;
            for (size_t t = 0; t < f->rank; t++)
                sum += f->left[i + f->m * t] * s[t] / sqrt(lambda) * f->right[j + f->n * t];
            F[i + f->m * j] = sum;
        }
    }
}

/* s (in: singular values of the logits, out: c_i); returns the rank. */
static size_t common_scales(const oracle_model *model, size_t count, double *s) {
    double product = sqrt(model->lambda_H), most = s[0];
    size_t rank = 0;
    for (size_t l = 0; l < model->layers; l++) product *= sqrt(model->lambda_W[l]);
    for (size_t i = 0; i < count; i++) {
        rank += s[i] > 1e-10 * most;
        s[i] = pow(s[i] * product, 1 / (double)(model->layers + 1));
    }
    return rank;
}

static void compose_chain(const oracle_model *model, uint64_t seed, const double *s,
                          const sides *logits, double *theta) {
    size_t L = model->layers, r = logits->rank;
    const size_t *d = model->widths;
    double *inner = NULL;
    for (size_t l = 0; l <= L; l++) { /* factor F_l maps the frame of space l-1 to that of l */
        double *outer = oracle_alloc(d[l] * r, sizeof *outer);
        if (l < L) oracle_random_frame(seed + l, d[l], r, outer);
        sides f = {r, d[l], l ? d[l - 1] : logits->n, l < L ? outer : logits->left,
                   l ? inner : logits->right};
        compose(&f, s, l ? model->lambda_W[l - 1] : model->lambda_H,
                theta + oracle_offset(model, l ? l - 1 : L));
        free(inner);
        inner = outer;
    }
    free(inner);
}

size_t oracle_balanced_point(const oracle_model *model, const double *Z, uint64_t seed,
                             double *theta) {
    size_t K = model->widths[model->layers], N = model->samples, thin = K < N ? K : N;
    double *s = oracle_alloc(thin, sizeof *s), *U = oracle_alloc(K * thin, sizeof *U);
    double *VT = oracle_alloc(thin * N, sizeof *VT), *V = oracle_alloc(N * thin, sizeof *V);
    oracle_svd(K, N, Z, s, U, VT);
    for (size_t i = 0; i < N; i++)
        for (size_t t = 0; t < thin; t++) V[i + N * t] = VT[t + thin * i];
    size_t rank = common_scales(model, thin, s);
    for (size_t l = 0; l < model->layers; l++)
        if (rank > model->widths[l]) rank = SIZE_MAX;
    for (size_t p = 0; p < oracle_parameters(model); p++) theta[p] = 0;
    if (rank != SIZE_MAX) compose_chain(model, seed, s, &(sides){rank, K, N, U, V}, theta);
    free(s);
    free(U);
    free(VT);
    free(V);
    return rank;
}
