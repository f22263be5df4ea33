/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetric operators whose spectrum is known by construction: A = U D U with D diagonal and
 * U = I - 2 u u^T / (u^T u) a reflection, so that A is dense and has exactly the planted values
 * (products are exact to a few eps ||A||). The product costs O(n). */
#ifndef TEST_PLANTED_H
#define TEST_PLANTED_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/operator/linop.h>

typedef struct planted {
    size_t n;
    double *values;   /* n, ascending: the answer */
    double *u;        /* n, unit */
    size_t products;  /* counted here, to check the library's own count */
    size_t nan_from;  /* from this product on, entries are NaN; 0: never */
    size_t fail_from; /* from this product on, the product fails; 0: never */
} planted;

static inline void planted_reflect(const planted *plan, double *x) {
    double dot = 0.0;
    for (size_t i = 0; i < plan->n; i++) dot += plan->u[i] * x[i];
    for (size_t i = 0; i < plan->n; i++) x[i] -= 2.0 * dot * plan->u[i];
}

static inline tw_status planted_apply(void *self, size_t k, const double *X, size_t ldx, double *Y,
                                      size_t ldy) {
    planted *plan = self;
    for (size_t j = 0; j < k; j++) {
        double *y = Y + j * ldy;
        plan->products++;
        if (plan->fail_from && plan->products >= plan->fail_from)
            return tw_fail(TW_ERR_DATA, "product %zu was told to fail", plan->products);
        memcpy(y, X + j * ldx, plan->n * sizeof *y);
        planted_reflect(plan, y);
        for (size_t i = 0; i < plan->n; i++) y[i] *= plan->values[i];
        planted_reflect(plan, y);
        if (plan->nan_from && plan->products >= plan->nan_from) y[0] = (double)NAN;
    }
    return TW_OK;
}

static inline int planted_order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* values: n, in any order. */
static inline planted planted_make(size_t n, const double *values, uint64_t seed) {
    planted plan = {.n = n, .values = calloc(n, sizeof(double)), .u = calloc(n, sizeof(double))};
    tw_random stream;
    tw_random_init(&stream, seed, TW_PURPOSE_TEST, n);
    tw_random_fill_normal(&stream, n, plan.u);
    double square = 0.0;
    for (size_t i = 0; i < n; i++) square += plan.u[i] * plan.u[i];
    for (size_t i = 0; i < n; i++) plan.u[i] /= sqrt(square);
    memcpy(plan.values, values, n * sizeof *values);
    qsort(plan.values, n, sizeof *plan.values, planted_order);
    return plan;
}

/* `rows` pairs (value, copies). */
static inline planted planted_copies(size_t rows, const double (*row)[2], uint64_t seed) {
    size_t n = 0;
    for (size_t r = 0; r < rows; r++) n += (size_t)row[r][1];
    double *values = calloc(n ? n : 1, sizeof *values);
    for (size_t r = 0, i = 0; r < rows; r++)
        for (size_t c = 0; c < (size_t)row[r][1]; c++) values[i++] = row[r][0];
    planted plan = planted_make(n, values, seed);
    free(values);
    return plan;
}

static inline void planted_free(planted *plan) {
    free(plan->values);
    free(plan->u);
}

static inline tw_linop planted_operator(planted *plan) {
    return (tw_linop){.n = plan->n, .apply = planted_apply, .self = plan};
}

static inline double planted_norm(const planted *plan) {
    return fmax(fabs(plan->values[0]), fabs(plan->values[plan->n - 1]));
}

#endif
