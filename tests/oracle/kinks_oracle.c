/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kinks_oracle.h"

#include <math.h>
#include <string.h>

enum { WIDEST = 16, DEEPEST = 6 };

static double low_slope(const oracle_model *model) {
    return model->activation == ORACLE_RELU ? 0 : model->activation == ORACLE_LEAKY_RELU ? 0.01 : 1;
}

/* One sample's way up. */
typedef struct way {
    double S[DEEPEST + 1][WIDEST], A[DEEPEST + 1][WIDEST];
} way;

static void go_up(const oracle_model *m, const double *theta, size_t sample, way *w) {
    const size_t *d = m->widths;
    const double *H = theta + oracle_offset(m, m->layers) + d[0] * sample;
    for (size_t i = 0; i < d[0]; i++) w->A[0][i] = H[i];
    for (size_t l = 1; l <= m->layers; l++)
        for (size_t i = 0; i < d[l]; i++) {
            double s = 0;
            for (size_t j = 0; j < d[l - 1]; j++)
                s += theta[oracle_offset(m, l - 1) + i + d[l] * j] * w->A[l - 1][j];
            w->S[l][i] = s;
            w->A[l][i] = l == m->layers || s > 0 ? s : low_slope(m) * s;
        }
}

void oracle_pre_activation(const oracle_model *model, const double *theta, size_t layer,
                           size_t sample, double *S) {
    way w;
    go_up(model, theta, sample, &w);
    memcpy(S, w.S[layer], model->widths[layer] * sizeof *S);
}

static void loss_gradient(const oracle_model *m, size_t sample, const double *z, double *D) {
    size_t K = m->widths[m->layers], y = (size_t)m->labels[sample];
    double sum = 0;
    for (size_t k = 0; k < K; k++) sum += exp(z[k] - z[y]);
    for (size_t k = 0; k < K; k++) {
        double target = k == y ? 1 : 0;
        D[k] = (m->loss == ORACLE_CE ? exp(z[k] - z[y]) / sum - target : z[k] - target) /
               (double)m->samples;
    }
}

static double slope_at(const oracle_model *m, const way *w, size_t count,
                       const oracle_slope *slopes, const size_t *at) {
    for (size_t e = 0; e < count; e++)
        if (slopes[e].layer == at[0] && slopes[e].unit == at[1] && slopes[e].sample == at[2])
            return slopes[e].slope;
    return w->S[at[0]][at[1]] > 0 ? 1 : low_slope(m);
}

void oracle_gradient_with_slopes(const oracle_model *m, const double *theta, size_t count,
                                 const oracle_slope *slopes, double *g) {
    const size_t *d = m->widths;
    for (size_t l = 0; l <= m->layers; l++) {
        double ridge = l < m->layers ? m->lambda_W[l] : m->lambda_H;
        for (size_t i = oracle_offset(m, l); i < oracle_offset(m, l + 1); i++)
            g[i] = ridge * theta[i];
    }
    for (size_t sample = 0; sample < m->samples; sample++) {
        way w;
        double D[WIDEST], below[WIDEST];
        go_up(m, theta, sample, &w);
        loss_gradient(m, sample, w.A[m->layers], D);
        for (size_t l = m->layers; l >= 1; l--) {
            size_t W = oracle_offset(m, l - 1);
            for (size_t j = 0; j < d[l - 1]; j++) {
                const size_t at[3] = {l - 1, j, sample};
                below[j] = 0;
                for (size_t i = 0; i < d[l]; i++) {
                    g[W + i + d[l] * j] += D[i] * w.A[l - 1][j];
                    below[j] += theta[W + i + d[l] * j] * D[i];
                }
                if (l > 1) below[j] *= slope_at(m, &w, count, slopes, at);
            }
            memcpy(D, below, d[l - 1] * sizeof *D);
        }
        for (size_t j = 0; j < d[0]; j++)
            g[oracle_offset(m, m->layers) + d[0] * sample + j] += D[j];
    }
}
