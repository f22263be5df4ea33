/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors in units of what rounding allows (Higham, "Accuracy and Stability of Numerical
 * Algorithms", 2nd ed., sections 3.5 and 8.1): a sum of k products is off by at most k u sum |a b|
 * in any order, a substitution solves a triangle that is off by as much. The plain loop beside it
 * has the same error, hence the factor 2. Eigenpairs: p(n) u ||A|| with a modest p, here 8 n. */
#include "dense/blas_check_private.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/threads_private.h"

/* One, the widths of registers and one beside them, more than a block: the largest product is past
 * what OpenBLAS does without packing. */
static const size_t sizes[] = {1, 2, 3, 5, 8, 17, 33, 64, 131};
enum { SIZES = sizeof sizes / sizeof *sizes, LARGEST = 131 };

#define UNIT (0.5 * DBL_EPSILON)

typedef struct check {
    const tw_blas_routines *routines;
    double *A, *B, *C; /* LARGEST x LARGEST each */
    double values[LARGEST];
    tw_blas_figures *figures;
} check;

/* Numbers of no pattern in (-1, 1) with all their bits, so that products round; the same
 * everywhere. */
static void fill(size_t count, uint64_t seed, double *x) {
    uint64_t state = seed;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
        x[i] = ((double)(state >> 11) + 0.5) * 0x1p-52 - 1.0;
    }
}

static void raise(double *figure, double error, double bound) {
    double ratio = error == 0.0 ? 0.0 : isfinite(error) ? fabs(error) / bound : (double)INFINITY;
    *figure = fmax(*figure, ratio);
}

/* ---- Products ---- */

static void check_gemm(check *c, tw_blas_shape s) {
    fill(s.m * s.k, 1, c->A);
    fill(s.k * s.n, 2, c->B);
    c->routines->gemm(s, c->A, c->B, c->C);
    for (size_t j = 0; j < s.n; j++)
        for (size_t i = 0; i < s.m; i++) {
            double sum = 0.0, size = 0.0;
            for (size_t l = 0; l < s.k; l++) {
                double a = s.ta ? c->A[l + i * s.k] : c->A[i + l * s.m];
                double b = s.tb ? c->B[j + l * s.n] : c->B[l + j * s.k];
                sum += a * b;
                size += fabs(a * b);
            }
            raise(&c->figures->gemm, c->C[i + j * s.m] - sum, 2.0 * (double)s.k * UNIT * size);
        }
}

/* (A B) x against A (B x): what a plain loop would take a hundred times as long for. An error of
 * one entry shows where it exceeds what all entries of its row may be off by. */
static void check_large_gemm(check *c, bool ta) {
    enum { N = LARGEST };
    double x[N], t[N], size[N];
    fill(N * N, 7, c->A);
    fill(N * N, 8, c->B);
    fill(N, 9, x);
    c->routines->gemm((tw_blas_shape){ta, false, N, N, N}, c->A, c->B, c->C);
    for (size_t i = 0; i < N; i++) {
        t[i] = size[i] = 0.0;
        for (size_t j = 0; j < N; j++) {
            t[i] += c->B[i + j * N] * x[j];
            size[i] += fabs(c->B[i + j * N] * x[j]);
        }
    }
    for (size_t i = 0; i < N; i++) {
        double error = 0.0, most = 0.0;
        for (size_t j = 0; j < N; j++) {
            double a = ta ? c->A[j + i * N] : c->A[i + j * N];
            error += c->C[i + j * N] * x[j] - a * t[j];
            most += fabs(a) * size[j];
        }
        raise(&c->figures->gemm, error, 4.0 * N * UNIT * most);
    }
}

static void check_syrk(check *c, size_t n, size_t k) {
    fill(n * k, 3, c->A);
    c->routines->syrk(n, k, c->A, c->C);
    for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) {
            double sum = 0.0, size = 0.0;
            for (size_t l = 0; l < k; l++) {
                double term = c->A[i + l * n] * c->A[j + l * n];
                sum += term;
                size += fabs(term);
            }
            raise(&c->figures->syrk, c->C[i + j * n] - sum, 2.0 * (double)k * UNIT * size);
        }
}

/* ---- Triangles: the residual of what was solved ---- */

static void check_trsm(check *c, size_t m, size_t n) {
    fill(m * m, 4, c->A);
    fill(m * n, 5, c->B);
    for (size_t j = 0; j < m; j++) c->A[j + j * m] += c->A[j + j * m] > 0.0 ? 2.0 : -2.0;
    for (size_t i = 0; i < m * n; i++) c->C[i] = c->B[i];
    c->routines->trsm(m, n, c->A, c->C);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) {
            double sum = 0.0, size = fabs(c->B[i + j * m]);
            for (size_t l = 0; l <= i; l++) {
                double term = c->A[i + l * m] * c->C[l + j * m];
                sum += term;
                size += fabs(term);
            }
            raise(&c->figures->trsm, c->B[i + j * m] - sum, 4.0 * (double)(m + 1) * UNIT * size);
        }
}

/* ---- Eigenpairs ---- */

static tw_status check_syevd(check *c, size_t n) {
    double norm = 0.0;
    fill(n * n, 6, c->A);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < j; i++) c->A[i + j * n] = c->A[j + i * n];
    for (size_t i = 0; i < n * n; i++) c->B[i] = c->A[i];
    tw_status status = c->routines->syevd(n, c->B, c->values);
    if (status != TW_OK) return status;
    for (size_t i = 0; i < n * n; i++) norm = hypot(norm, c->A[i]);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            double residual = -c->values[j] * c->B[i + j * n], product = i == j ? -1.0 : 0.0;
            for (size_t l = 0; l < n; l++) {
                residual += c->A[i + l * n] * c->B[l + j * n];
                product += c->B[l + i * n] * c->B[l + j * n];
            }
            raise(&c->figures->syevd, residual, 8.0 * (double)n * UNIT * norm);
            raise(&c->figures->syevd, product, 8.0 * (double)n * UNIT);
        }
    return TW_OK;
}

tw_status tw_blas_check_routines(const tw_blas_routines *routines, tw_blas_figures *figures) {
    tw_status status = TW_OK;
    check c = {.routines = routines, .figures = figures};
    *figures = (tw_blas_figures){0};
    TW_TRY(TW_NEW(c.A, LARGEST * LARGEST));
    TW_TRY(TW_NEW(c.B, LARGEST * LARGEST));
    TW_TRY(TW_NEW(c.C, LARGEST * LARGEST));
    for (size_t s = 0; s < SIZES; s++) {
        size_t m = sizes[s], n = sizes[(s + 3) % SIZES], k = sizes[(s + 7) % SIZES];
        for (int form = 0; form < 4; form++)
            check_gemm(&c, (tw_blas_shape){form & 1, form & 2, m, n, k});
        check_syrk(&c, m, k);
        check_trsm(&c, m, n);
        if (m < LARGEST) TW_TRY(check_syevd(&c, m));
    }
    check_large_gemm(&c, false);
    check_large_gemm(&c, true);
cleanup:
    free(c.A);
    free(c.B);
    free(c.C);
    return status;
}

/* ---- The library's own, with one thread ---- */

static void gemm(tw_blas_shape s, const double *A, const double *B, double *C) {
    tw_blas_turn turn = tw_lapack_begin(0.0);
    cblas_dgemm(CblasColMajor, s.ta ? CblasTrans : CblasNoTrans, s.tb ? CblasTrans : CblasNoTrans,
                (int)s.m, (int)s.n, (int)s.k, 1.0, A, (int)(s.ta ? s.k : s.m), B,
                (int)(s.tb ? s.n : s.k), 0.0, C, (int)s.m);
    tw_blas_end(turn);
}

static void syrk(size_t n, size_t k, const double *A, double *C) {
    tw_blas_turn turn = tw_lapack_begin(0.0);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (int)n, (int)k, 1.0, A, (int)n, 0.0, C,
                (int)n);
    tw_blas_end(turn);
}

static void trsm(size_t m, size_t n, const double *T, double *B) {
    tw_blas_turn turn = tw_lapack_begin(0.0);
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (int)m, (int)n,
                1.0, T, (int)m, B, (int)m);
    tw_blas_end(turn);
}

tw_status tw_blas_check(tw_blas_figures *figures) {
    static const tw_blas_routines own = {gemm, syrk, trsm, tw_symmetric_eigen};
    return tw_blas_check_routines(&own, figures);
}
