/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense_oracle.h"

#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(const char *what) {
    fprintf(stderr, "oracle: %s\n", what);
    abort();
}

void *oracle_alloc(size_t count, size_t size) {
    void *block = calloc(count ? count : 1, size);
    if (!block) stop("out of memory");
    return block;
}

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static double uniform(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) * 0x1p-53; /* never 0, so the logarithm is safe */
}

void oracle_random_normal(uint64_t seed, size_t n, double scale, double *x) {
    uint64_t state = seed;
    for (size_t i = 0; i < n; i++) {
        double radius = sqrt(-2 * log(uniform(&state)));
        x[i] = scale * radius * cos(2 * acos(-1.0) * uniform(&state));
    }
}

/* Gram-Schmidt twice a column: the second pass removes what rounding left. */
void oracle_random_frame(uint64_t seed, size_t rows, size_t columns, double *Q) {
    if (columns > rows) stop("a frame has at most as many columns as rows");
    oracle_random_normal(seed, rows * columns, 1, Q);
    for (size_t j = 0; j < columns; j++) {
        double *q = Q + j * rows;
        for (size_t step = 0; step < 2 * j; step++) {
            const double *other = Q + (step % j) * rows;
            double overlap = oracle_dot(rows, other, q);
            for (size_t i = 0; i < rows; i++) q[i] -= overlap * other[i];
        }
        double length = oracle_norm(rows, q);
        for (size_t i = 0; i < rows; i++) q[i] /= length;
    }
}

static double *copy(size_t n, const double *x) {
    double *y = oracle_alloc(n, sizeof *y);
    memcpy(y, x, n * sizeof *y);
    return y;
}

void oracle_eigenvalues(size_t n, const double *A, double *values) {
    double *work = copy(n * n, A);
    lapack_int order = (lapack_int)n;
    if (LAPACKE_dsyev(LAPACK_COL_MAJOR, 'N', 'L', order, work, order, values)) stop("dsyev failed");
    free(work);
}

void oracle_eigenpairs(size_t n, const double *A, double *values, double *V) {
    lapack_int order = (lapack_int)n;
    memcpy(V, A, n * n * sizeof *V);
    if (LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'L', order, V, order, values)) stop("dsyev failed");
}

void oracle_svd(size_t m, size_t n, const double *A, double *s, double *U, double *VT) {
    double *work = copy(m * n, A);
    lapack_int rows = (lapack_int)m, columns = (lapack_int)n;
    lapack_int thin = rows < columns ? rows : columns;
    if (LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', rows, columns, work, rows, s, U, rows, VT, thin))
        stop("dgesdd failed");
    free(work);
}

double oracle_max_abs(size_t n, const double *x) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
    return most;
}

double oracle_norm(size_t n, const double *x) {
    return sqrt(oracle_dot(n, x, x));
}

double oracle_dot(size_t n, const double *x, const double *y) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

void oracle_multiply(size_t m, size_t n, const double *A, const double *x, double *y) {
    for (size_t i = 0; i < m; i++) y[i] = 0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) y[i] += A[i + m * j] * x[j];
}
