/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The signal sector: a linear model with K columns, whose loss of column k is
 * (n_k/N) loss(s_k/sqrt(n_k)): gradient by s_k sqrt(n_k) g_k with g_k = loss'(z_k)/N, Hessian
 * loss''(z_k)/N. Small and obvious: one direction at a time, straight from docs/mathematics.md,
 * section 2. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "optima/sectors_private.h"

/* Rows of A_l: r, and K at the end. */
static size_t rows_of(const tw_reduced *x, size_t l) {
    return l == x->layers ? x->classes : x->rank;
}

size_t tw_reduced_length(const tw_reduced *x, size_t l) {
    return l == 0 ? x->rank * x->classes : rows_of(x, l) * x->rank;
}

tw_status tw_reduced_init(tw_reduced *reduced, size_t layers, size_t classes, size_t rank) {
    tw_status status = TW_OK;
    tw_reduced x = {.layers = layers, .classes = classes, .rank = rank};
    TW_TRY(TW_NEW(x.sizes, classes));
    TW_TRY(TW_NEW(x.labels, classes));
    TW_TRY(TW_NEW(x.Z, classes * classes));
    TW_TRY(TW_NEW(x.P, classes * classes));
    TW_TRY(TW_NEW(x.core, layers + 1));
    TW_TRY(TW_NEW(x.A, layers + 1));
    TW_TRY(TW_NEW(x.D, layers + 1));
    for (size_t l = 0; l <= layers; l++) {
        TW_TRY(TW_NEW(x.core[l], tw_reduced_length(&x, l)));
        TW_TRY(TW_NEW(x.A[l], rows_of(&x, l) * classes));
        TW_TRY(TW_NEW(x.D[l], rows_of(&x, l) * classes));
    }
    for (size_t k = 0; k < classes; k++) x.labels[k] = (int)k;
    *reduced = x;
    return TW_OK;
cleanup:
    tw_reduced_clear(&x);
    return status;
}

void tw_reduced_clear(tw_reduced *reduced) {
    double **layers[] = {reduced->core, reduced->A, reduced->D};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        for (size_t l = 0; layers[i] && l <= reduced->layers; l++) free(layers[i][l]);
        free(layers[i]);
    }
    free(reduced->sizes);
    free(reduced->labels);
    free(reduced->Z);
    free(reduced->P);
    *reduced = (tw_reduced){0};
}

static tw_logits logits_of(const tw_reduced *x) {
    return (tw_logits){
        .classes = x->classes, .samples = x->classes, .labels = x->labels, .Z = x->Z, .P = x->P};
}

/* What the loss divides by K samples is divided by N here. */
static double loss_scale(const tw_reduced *x) {
    return (double)x->classes / x->total;
}

static tw_factor core(const tw_reduced *x, size_t l) {
    return tw_plain(x->core[l], rows_of(x, l), x->rank);
}

void tw_reduced_evaluate(tw_reduced *x) {
    size_t K = x->classes, L = x->layers;
    tw_copy(tw_reduced_length(x, 0), x->core[0], x->A[0]);
    for (size_t l = 1; l <= L; l++)
        tw_multiply(1.0, core(x, l), tw_plain(x->A[l - 1], x->rank, K), 0.0,
                    tw_mat(x->A[l], rows_of(x, l), K));
    for (size_t k = 0; k < K; k++)
        for (size_t i = 0; i < K; i++) x->Z[i + K * k] = x->A[L][i + K * k] / sqrt(x->sizes[k]);
    tw_logits logits = logits_of(x);
    x->loss->eval(&logits, x->D[L]);
    for (size_t k = 0; k < K; k++) tw_scale(K, loss_scale(x) * sqrt(x->sizes[k]), x->D[L] + K * k);
    for (size_t l = L; l >= 1; l--)
        tw_multiply(1.0, tw_flipped(core(x, l)), tw_plain(x->D[l], rows_of(x, l), K), 0.0,
                    tw_mat(x->D[l - 1], x->rank, K));
}

/* Where block l of the signal sector begins: C_1 .. C_L, then U. */
size_t tw_reduced_start(const tw_reduced *x, size_t l) {
    size_t start = 0;
    size_t last = l == 0 ? x->layers : l - 1;
    for (size_t i = 1; i <= last; i++) start += tw_reduced_length(x, i);
    return start;
}

size_t tw_reduced_parameters(const tw_reduced *reduced) {
    return tw_reduced_start(reduced, 0) + tw_reduced_length(reduced, 0);
}

static double ridge(const tw_reduced *x, size_t l) {
    return l == 0 ? x->lambda_H : x->lambda_W[l - 1];
}

void tw_reduced_gradient(const tw_reduced *x, double *out) {
    size_t K = x->classes, r = x->rank;
    for (size_t l = 0; l <= x->layers; l++) {
        double *g = out + tw_reduced_start(x, l);
        if (l == 0)
            tw_copy(r * K, x->D[0], g);
        else
            tw_multiply(1.0, tw_plain(x->D[l], rows_of(x, l), K), tw_transposed(x->A[l - 1], r, K),
                        0.0, tw_mat(g, rows_of(x, l), r));
        tw_axpy(tw_reduced_length(x, l), ridge(x, l), x->core[l], g);
    }
}

/* Work arrays of one Hessian column: R_l and RD_l. */
typedef struct directions {
    double **R, **RD;
} directions;

/* RS_l = Q_l A_{l-1} + C_l R_{l-1}; R_0 is the direction's own U part. */
static void forward(const tw_reduced *x, const double *v, const directions *w) {
    size_t K = x->classes, r = x->rank;
    tw_copy(r * K, v + tw_reduced_start(x, 0), w->R[0]);
    for (size_t l = 1; l <= x->layers; l++) {
        tw_matrix R = tw_mat(w->R[l], rows_of(x, l), K);
        tw_multiply(1.0, tw_plain(v + tw_reduced_start(x, l), R.rows, r),
                    tw_plain(x->A[l - 1], r, K), 0.0, R);
        tw_multiply(1.0, core(x, l), tw_plain(w->R[l - 1], r, K), 1.0, R);
    }
}

static void backward(const tw_reduced *x, const double *v, const directions *w, double *out) {
    size_t K = x->classes, r = x->rank;
    for (size_t l = x->layers; l >= 1; l--) {
        size_t rows = rows_of(x, l), start = tw_reduced_start(x, l);
        tw_factor RD = tw_plain(w->RD[l], rows, K), D = tw_plain(x->D[l], rows, K);
        tw_matrix Y = tw_mat(out + start, rows, r), below = tw_mat(w->RD[l - 1], r, K);
        tw_multiply(1.0, RD, tw_transposed(x->A[l - 1], r, K), 0.0, Y);
        tw_multiply(1.0, D, tw_transposed(w->R[l - 1], r, K), 1.0, Y);
        tw_axpy(rows * r, ridge(x, l), v + start, Y.data);
        tw_multiply(1.0, tw_flipped(core(x, l)), RD, 0.0, below);
        tw_multiply(1.0, tw_transposed(v + start, rows, r), D, 1.0, below);
    }
    tw_copy(r * K, w->RD[0], out + tw_reduced_start(x, 0));
    tw_axpy(r * K, x->lambda_H, v + tw_reduced_start(x, 0), out + tw_reduced_start(x, 0));
}

static tw_status directions_init(const tw_reduced *x, directions *w) {
    tw_status status = TW_OK;
    TW_TRY(TW_NEW(w->R, x->layers + 1));
    TW_TRY(TW_NEW(w->RD, x->layers + 1));
    for (size_t l = 0; l <= x->layers; l++) {
        TW_TRY(TW_NEW(w->R[l], rows_of(x, l) * x->classes));
        TW_TRY(TW_NEW(w->RD[l], rows_of(x, l) * x->classes));
    }
cleanup:
    return status;
}

static void directions_clear(const tw_reduced *x, directions *w) {
    for (size_t l = 0; l <= x->layers; l++) {
        if (w->R) free(w->R[l]);
        if (w->RD) free(w->RD[l]);
    }
    free(w->R);
    free(w->RD);
}

enum { ASKED = 64 }; /* columns between two questions */

tw_status tw_reduced_hessian(const tw_reduced *x, const tw_monitor *monitor, double *H) {
    tw_status status = TW_OK;
    size_t p = tw_reduced_parameters(x), K = x->classes;
    directions w = {0};
    double *v = NULL;
    tw_logits logits = logits_of(x);
    TW_TRY(directions_init(x, &w));
    TW_TRY(TW_NEW(v, p));
    for (size_t j = 0; j < p; j++) {
        if (j % ASKED == 0 && tw_monitor_report(monitor, "signal sector", (double)j, (double)p))
            TW_TRY(
                tw_fail(TW_STOPPED, "ended after %zu of %zu columns of the signal sector", j, p));
        v[j] = 1.0;
        forward(x, v, &w);
        x->loss->product(&logits, 1, w.R[x->layers], w.RD[x->layers]);
        tw_scale(K * K, loss_scale(x), w.RD[x->layers]);
        backward(x, v, &w, H + p * j);
        v[j] = 0.0;
    }
cleanup:
    directions_clear(x, &w);
    free(v);
    return status;
}

void tw_reduced_loss_hessian(const tw_reduced *x, size_t k, double *H_k) {
    size_t K = x->classes;
    const tw_logits logits = {
        .classes = K, .samples = 1, .labels = x->labels + k, .Z = x->Z + K * k, .P = x->P + K * k};
    /* the identity's K columns as K directions of one sample */
    memset(H_k, 0, K * K * sizeof *H_k);
    for (size_t i = 0; i < K; i++) H_k[i + K * i] = 1.0;
    x->loss->product(&logits, K, H_k, H_k);
    tw_scale(K * K, 1.0 / x->total, H_k);
}
