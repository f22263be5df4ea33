/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model once more, in complex arithmetic: an independent value and gradient. */
#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "dense_oracle.h"
#include "dufm_oracle.h"

typedef double complex number;

/* erf(z) = 2/sqrt(pi) e^{-z^2} sum_m 2^m z^{2m+1} / (1 3 5 ... (2m+1)) (DLMF 7.6.2), entire in z
 * and free of cancellation near the real axis. Beyond |Re z| = 6 erf is +-1 to 2e-17 and flat. */
static number complex_erf(number z) {
    if (fabs(creal(z)) > 6) return creal(z) > 0 ? 1 : -1;
    number term = z, sum = z;
    for (int m = 1; m < 300; m++) {
        term *= 2 * z * z / (2 * m + 1);
        sum += term;
    }
    return 2 / sqrt(acos(-1.0)) * cexp(-z * z) * sum;
}

/* Piecewise linear functions are analytic off their kink: the real part picks the branch. */
static number activate(int activation, number x) {
    switch (activation) {
    case ORACLE_RELU:
        return creal(x) > 0 ? x : 0;
    case ORACLE_LEAKY_RELU:
        return creal(x) > 0 ? x : 0.01 * x;
    case ORACLE_TANH:
        return ctanh(x);
    case ORACLE_SOFTPLUS:
        return creal(x) > 0 ? x + clog(1 + cexp(-x)) : clog(1 + cexp(x));
    case ORACLE_GELU:
        return x * (1 + complex_erf(x / sqrt(2))) / 2;
    default:
        return x;
    }
}

/* All columns of a layer: Y = phi(W X), phi left out at the last layer. */
static number *layer(const oracle_model *model, size_t l, const number *W, const number *X) {
    size_t rows = model->widths[l], columns = model->widths[l - 1];
    number *Y = oracle_alloc(rows * model->samples, sizeof *Y);
    for (size_t i = 0; i < model->samples; i++) {
        for (size_t r = 0; r < rows; r++) {
            number s = 0;
            for (size_t c = 0; c < columns; c++) s += W[r + rows * c] * X[c + columns * i];
            Y[r + rows * i] = l < model->layers ? activate(model->activation, s) : s;
        }
    }
    return Y;
}

/* Loss of one column of logits. */
static number sample_loss(const oracle_model *model, const number *z, size_t label) {
    size_t K = model->widths[model->layers];
    number sum = 0;
    double most = creal(z[0]);
    for (size_t k = 1; k < K; k++) most = fmax(most, creal(z[k]));
    for (size_t k = 0; k < K; k++) {
        if (model->loss == ORACLE_MSE) {
            number miss = k == label ? z[k] - 1 : z[k];
            sum += miss * miss / 2;
        } else {
            sum += cexp(z[k] - most);
        }
    }
    return model->loss == ORACLE_MSE ? sum : clog(sum) + most - z[label];
}

static number square(size_t n, const number *x) {
    number sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sum;
}

static number evaluate(const oracle_model *model, const number *theta) {
    size_t L = model->layers, N = model->samples, K = model->widths[L], d = model->widths[0];
    const number *W = theta;
    number penalty = 0, total = 0;
    number *X = oracle_alloc(d * N, sizeof *X);
    for (size_t p = 0; p < d * N; p++) X[p] = theta[oracle_offset(model, L) + p];
    penalty += model->lambda_H / 2 * square(d * N, X);
    for (size_t l = 1; l <= L; l++) {
        size_t entries = model->widths[l] * model->widths[l - 1];
        number *Y = layer(model, l, W, X);
        penalty += model->lambda_W[l - 1] / 2 * square(entries, W);
        W += entries;
        free(X);
        X = Y;
    }
    const number *b = model->bias ? W + d * N : NULL;
    if (b) penalty += model->lambda_b / 2 * square(K, b);
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; b && k < K; k++) X[k + K * i] += b[k];
        total += sample_loss(model, X + K * i, (size_t)model->labels[i]);
    }
    free(X);
    return total / (double)N + penalty;
}

static number *lift(const oracle_model *model, const double *theta) {
    size_t P = oracle_parameters(model);
    number *point = oracle_alloc(P, sizeof *point);
    for (size_t p = 0; p < P; p++) point[p] = theta[p];
    return point;
}

double oracle_value_complex(const oracle_model *model, const double *theta) {
    number *point = lift(model, theta);
    double value = creal(evaluate(model, point));
    free(point);
    return value;
}

void oracle_gradient_complex(const oracle_model *model, const double *theta, double *g) {
    const double step = 1e-100; /* its square vanishes beside 1, its product with g does not */
    number *point = lift(model, theta);
    for (size_t p = 0; p < oracle_parameters(model); p++) {
        point[p] = theta[p] + step * I;
        g[p] = cimag(evaluate(model, point)) / step;
        point[p] = theta[p];
    }
    free(point);
}
