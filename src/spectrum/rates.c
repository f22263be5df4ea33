/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a product, a flop and a double take here, by short runs of each. */
#include <thalweg/spectrum/rates.h>

#include <math.h>
#include <stdlib.h>
#include <thalweg/base/monitor.h>
#include <thalweg/base/random.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/spectrum.h>

#include "base/alloc_private.h"

enum { REPEATS = 3 }; /* the fastest counts */

#define SAMPLE 500             /* order of the matrix that dense work is timed with */
#define PASS ((size_t)1 << 21) /* doubles that vector work is timed with: no cache holds them */

static tw_status time_products(const tw_linop *A, double *seconds) {
    tw_status status = TW_OK;
    tw_random stream;
    double *x = calloc(A->n, sizeof *x), *y = calloc(A->n, sizeof *y);
    TW_TRY(x && y ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for two vectors of %zu", A->n));
    tw_random_init(&stream, 1, TW_PURPOSE_START, 0);
    tw_random_fill_normal(&stream, A->n, x);
    *seconds = INFINITY;
    for (int i = 0; i < REPEATS; i++) {
        double start = tw_clock_seconds();
        TW_TRY(tw_linop_draft(A, 1, x, A->n, y, A->n));
        *seconds = fmin(*seconds, tw_clock_seconds() - start);
    }
cleanup:
    free(x);
    free(y);
    return status;
}

/* y = (D + 1 1^T/n) x, D of distinct values: copies would spare divide and conquer its work. */
static tw_status sample_apply(void *self, size_t k, const double *X, size_t ldx, double *Y,
                              size_t ldy) {
    size_t n = *(const size_t *)self;
    for (size_t j = 0; j < k; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) sum += X[i + j * ldx];
        for (size_t i = 0; i < n; i++)
            Y[i + j * ldy] = (double)i / (double)n * X[i + j * ldx] + sum / (double)n;
    }
    return TW_OK;
}

/* Seconds a flop of dense work. */
static tw_status time_dense(double *rate) {
    size_t n = SAMPLE;
    tw_linop sample = {.n = n, .apply = sample_apply, .self = &n};
    tw_dense_result result = {0};
    tw_cost cost;
    double seconds = INFINITY;
    tw_dense_cost(n, NULL, &cost);
    for (int i = 0; i < REPEATS; i++) {
        double start = tw_clock_seconds();
        tw_status status = tw_spectrum_dense(&sample, NULL, &result);
        if (status != TW_OK) return status;
        seconds = fmin(seconds, tw_clock_seconds() - start);
        tw_dense_result_clear(&result);
    }
    *rate = seconds / cost.flops;
    return TW_OK;
}

/* Seconds a double that vector work passes over. */
static tw_status time_pass(double *rate) {
    double *x = calloc(PASS, sizeof *x), seconds = INFINITY, sum = 0.0;
    if (x == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu doubles", PASS);
    for (int i = 0; i < REPEATS; i++) {
        double start = tw_clock_seconds();
        for (size_t j = 0; j < PASS; j++) x[j] += 0.5 * (double)i;
        sum += x[PASS / 2];
        seconds = fmin(seconds, tw_clock_seconds() - start);
    }
    free(x);
    *rate = sum >= 0.0 ? seconds / (double)PASS : 0.0;
    return TW_OK;
}

/* `product`: seconds of one, without the vector work that goes with it. */
static tw_status time_cost(double product, const tw_cost *cost, tw_cost_seconds *seconds) {
    tw_status status = TW_OK;
    double flop = 0.0, pass = 0.0;
    if (cost->flops > 0.0) TW_TRY(time_dense(&flop));
    if (cost->traffic > 0.0) TW_TRY(time_pass(&pass));
    seconds->product = product + pass * cost->traffic;
    seconds->least = cost->products * seconds->product + flop * cost->flops;
    seconds->most = cost->products_most * seconds->product + flop * cost->flops;
cleanup:
    return status;
}

tw_status tw_cost_time(const tw_linop *A, const tw_cost *cost, tw_cost_seconds *seconds) {
    double product = 0.0;
    tw_status status = TW_OK;
    *seconds = (tw_cost_seconds){0};
    if (A && cost->products_most > 0.0) status = time_products(A, &product);
    return status == TW_OK ? time_cost(product, cost, seconds) : status;
}

/* ---- Descents ---- */

typedef struct call {
    const tw_objective *f;
    const double *x;
} call;

/* The vectors asked for are those of an operator; a gradient depends on none. */
static tw_status gradient_apply(void *self, size_t k, const double *X, size_t ldx, double *Y,
                                size_t ldy) {
    const call *c = self;
    double value;
    (void)X;
    (void)ldx;
    for (size_t j = 0; j < k; j++) {
        tw_status status = c->f->eval(c->f->self, c->x, &value, Y + j * ldy);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

tw_status tw_cost_time_descent(const tw_objective *f, const double *x, bool products,
                               const tw_cost *cost, tw_cost_seconds *seconds) {
    tw_status status = TW_OK;
    call at = {f, x};
    tw_hessian hessian = tw_hessian_at(f, x);
    const tw_linop gradient = {.n = f->n, .apply = gradient_apply, .self = &at},
                   H = tw_hessian_linop(&hessian);
    double one, other = 0.0;
    *seconds = (tw_cost_seconds){0};
    TW_TRY(time_products(&gradient, &one));
    if (products) TW_TRY(time_products(&H, &other));
    status = time_cost(fmax(one, other), cost, seconds);
cleanup:
    return status;
}
