/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model in hyper-dual arithmetic, one sample at a time. */
#include "dufm_oracle.h"

#include <stdlib.h>
#include <string.h>

#include "dense_oracle.h"
#include "hyperdual.h"

typedef oracle_hyper hyper;

size_t oracle_offset(const oracle_model *model, size_t block) {
    size_t L = model->layers, offset = 0;
    for (size_t l = 0; l < L && l < block; l++) offset += model->widths[l + 1] * model->widths[l];
    if (block > L) offset += model->widths[0] * model->samples;
    if (block > L + 1 && model->bias) offset += model->widths[L];
    return offset;
}

size_t oracle_parameters(const oracle_model *model) {
    return oracle_offset(model, model->layers + 2);
}

/* softplus(x) = log(1 + e^x), with the positive part outside so that nothing overflows;
 * gelu(x) = x Phi(x) = (x/2) erfc(-x/sqrt(2)), without the cancellation of 1 + erf. */
static hyper activate(int activation, hyper x) {
    switch (activation) {
    case ORACLE_RELU:
        return oracle_hyper_scale(x.a > 0 ? 1 : 0, x);
    case ORACLE_LEAKY_RELU:
        return oracle_hyper_scale(x.a > 0 ? 1 : 0.01, x);
    case ORACLE_TANH:
        return oracle_hyper_tanh(x);
    case ORACLE_SOFTPLUS:
        if (x.a <= 0) return oracle_hyper_log1p(oracle_hyper_exp(x));
        return oracle_hyper_add(x, oracle_hyper_log1p(oracle_hyper_exp(oracle_hyper_scale(-1, x))));
    case ORACLE_GELU:
        return oracle_hyper_mul(oracle_hyper_scale(0.5, x),
                                oracle_hyper_erfc(oracle_hyper_scale(-1 / sqrt(2), x)));
    default:
        return x;
    }
}

/* s = W a for a column-major rows x columns matrix. */
static void multiply(size_t rows, size_t columns, const hyper *W, const hyper *a, hyper *s) {
    for (size_t i = 0; i < rows; i++) {
        s[i] = oracle_hyper_real(0);
        for (size_t j = 0; j < columns; j++)
            s[i] = oracle_hyper_add(s[i], oracle_hyper_mul(W[i + rows * j], a[j]));
    }
}

/* z (room for the widest layer, as work) = the logits of one sample. */
static void forward(const oracle_model *model, const hyper *theta, size_t sample, hyper *z,
                    hyper *work) {
    size_t L = model->layers;
    const size_t *d = model->widths;
    for (size_t j = 0; j < d[0]; j++) work[j] = theta[oracle_offset(model, L) + sample * d[0] + j];
    for (size_t l = 1; l <= L; l++) {
        multiply(d[l], d[l - 1], theta + oracle_offset(model, l - 1), work, z);
        for (size_t i = 0; l < L && i < d[l]; i++) work[i] = activate(model->activation, z[i]);
    }
    for (size_t k = 0; model->bias && k < d[L]; k++)
        z[k] = oracle_hyper_add(z[k], theta[oracle_offset(model, L + 1) + k]);
}

/* log sum exp(z) - z_y, shifted by the largest logit, a constant that drops out of derivatives. */
static hyper cross_entropy(size_t K, const hyper *z, size_t label) {
    double most = z[0].a;
    for (size_t k = 1; k < K; k++) most = fmax(most, z[k].a);
    hyper shift = oracle_hyper_real(most), sum = oracle_hyper_real(0);
    for (size_t k = 0; k < K; k++)
        sum = oracle_hyper_add(sum, oracle_hyper_exp(oracle_hyper_sub(z[k], shift)));
    return oracle_hyper_sub(oracle_hyper_log(sum), oracle_hyper_sub(z[label], shift));
}

/* (1/2) |z - e_y|^2 */
static hyper squared_error(size_t K, const hyper *z, size_t label) {
    hyper sum = oracle_hyper_real(0);
    for (size_t k = 0; k < K; k++) {
        hyper miss = oracle_hyper_sub(z[k], oracle_hyper_real(k == label ? 1 : 0));
        sum = oracle_hyper_add(sum, oracle_hyper_scale(0.5, oracle_hyper_mul(miss, miss)));
    }
    return sum;
}

/* (lambda/2) |block|^2 of every block of theta. */
static hyper regulariser(const oracle_model *model, const hyper *theta) {
    size_t L = model->layers;
    hyper sum = oracle_hyper_real(0);
    for (size_t block = 0; block < L + 2; block++) {
        double lambda = block < L    ? model->lambda_W[block]
                        : block == L ? model->lambda_H
                                     : model->lambda_b;
        for (size_t p = oracle_offset(model, block); p < oracle_offset(model, block + 1); p++)
            sum = oracle_hyper_add(
                sum, oracle_hyper_scale(lambda / 2, oracle_hyper_mul(theta[p], theta[p])));
    }
    return sum;
}

static size_t widest(const oracle_model *model) {
    size_t most = 0;
    for (size_t l = 0; l <= model->layers; l++)
        if (model->widths[l] > most) most = model->widths[l];
    return most;
}

/* f(theta + u e1 + v e2); u and v may be NULL for zero. */
static hyper evaluate(const oracle_model *model, const double *theta, const double *u,
                      const double *v) {
    size_t P = oracle_parameters(model), K = model->widths[model->layers];
    hyper *point = oracle_alloc(P, sizeof *point);
    hyper *z = oracle_alloc(widest(model), sizeof *z);
    hyper *work = oracle_alloc(widest(model), sizeof *work);
    for (size_t p = 0; p < P; p++) point[p] = (hyper){theta[p], u ? u[p] : 0, v ? v[p] : 0, 0};
    hyper sum = oracle_hyper_real(0);
    for (size_t i = 0; i < model->samples; i++) {
        size_t label = (size_t)model->labels[i];
        forward(model, point, i, z, work);
        sum = oracle_hyper_add(sum, model->loss == ORACLE_MSE ? squared_error(K, z, label)
                                                              : cross_entropy(K, z, label));
    }
    sum = oracle_hyper_scale(1 / (double)model->samples, sum);
    sum = oracle_hyper_add(sum, regulariser(model, point));
    free(point);
    free(z);
    free(work);
    return sum;
}

double oracle_value(const oracle_model *model, const double *theta) {
    return evaluate(model, theta, NULL, NULL).a;
}

void oracle_gradient(const oracle_model *model, const double *theta, double *g) {
    size_t P = oracle_parameters(model);
    double *unit = oracle_alloc(P, sizeof *unit);
    for (size_t p = 0; p < P; p++) {
        unit[p] = 1;
        g[p] = evaluate(model, theta, unit, NULL).b;
        unit[p] = 0;
    }
    free(unit);
}

double oracle_curvature(const oracle_model *model, const double *theta, const double *u,
                        const double *v) {
    return evaluate(model, theta, u, v).d;
}

void oracle_hessian(const oracle_model *model, const double *theta, double *H) {
    size_t P = oracle_parameters(model);
    double *u = oracle_alloc(P, sizeof *u), *v = oracle_alloc(P, sizeof *v);
    for (size_t j = 0; j < P; j++) {
        v[j] = 1;
        for (size_t i = j; i < P; i++) {
            u[i] = 1;
            H[i + P * j] = H[j + P * i] = oracle_curvature(model, theta, u, v);
            u[i] = 0;
        }
        v[j] = 0;
    }
    free(u);
    free(v);
}

void oracle_hessian_product(const oracle_model *model, const double *theta, const double *v,
                            double *out) {
    size_t P = oracle_parameters(model);
    double *unit = oracle_alloc(P, sizeof *unit);
    for (size_t p = 0; p < P; p++) {
        unit[p] = 1;
        out[p] = oracle_curvature(model, theta, unit, v);
        unit[p] = 0;
    }
    free(unit);
}

void oracle_logits(const oracle_model *model, const double *theta, double *Z) {
    size_t P = oracle_parameters(model), K = model->widths[model->layers];
    hyper *point = oracle_alloc(P, sizeof *point);
    hyper *z = oracle_alloc(widest(model), sizeof *z);
    hyper *work = oracle_alloc(widest(model), sizeof *work);
    for (size_t p = 0; p < P; p++) point[p] = oracle_hyper_real(theta[p]);
    for (size_t i = 0; i < model->samples; i++) {
        forward(model, point, i, z, work);
        for (size_t k = 0; k < K; k++) Z[k + K * i] = z[k].a;
    }
    free(point);
    free(z);
    free(work);
}
