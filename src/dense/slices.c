/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factorisations of large matrices, panel by panel, so that they can be ended.
 *
 * LAPACK's drivers return when they are done, a minute later at order 6000. Here the loops over
 * panels of its own blocked algorithms stand outside of it (dsytrd by dlatrd and dsyr2k, dsytrf by
 * dlasyf, dpotrf by dtrsm and dsyrk), and the monitor is asked between two panels. Work, workspace
 * and rounding are those of the drivers. */
#include "dense/slices_private.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/threads_private.h"
#include "dense/vector_private.h"

#define RANGE 1e-140

enum {
    SLICED = 320,      /* below, a factorisation takes some hundredths of a second */
    PANEL = 64,        /* columns of a panel of Cholesky and Bunch-Kaufman */
    TALL = 4000,       /* from this order on a panel of dsytrd is the narrow one */
    WIDE_PANEL = 32,   /* a panel of dsytrd multiplies by the matrix once a column */
    NARROW_PANEL = 16, /* about 0.3 s at order 6000 */
    UNBLOCKED = 32,    /* the last columns of dsytrd */
    BACK = 128         /* eigenvectors that are turned back at once */
};

/* Not among LAPACK's interfaces to C. */
void dlatrd_(const char *uplo, const int *n, const int *nb, double *A, const int *lda, double *e,
             double *tau, double *W, const int *ldw, size_t length);
void dsytd2_(const char *uplo, const int *n, double *A, const int *lda, double *d, double *e,
             double *tau, int *info, size_t length);
void dlasyf_(const char *uplo, const int *n, const int *nb, int *kb, double *A, const int *lda,
             int *pivots, double *W, const int *ldw, int *info, size_t length);
void dsytf2_(const char *uplo, const int *n, double *A, const int *lda, int *pivots, int *info,
             size_t length);

static tw_status ask(const tw_monitor *monitor, const char *stage, size_t done, size_t total) {
    if (!tw_monitor_report(monitor, stage, (double)done, (double)total)) return TW_OK;
    return tw_fail(TW_STOPPED, "ended while %s: %zu of %zu columns", stage, done, total);
}

/* ---- Eigenvalues ---- */

/* A = Q T Q^T under way. */
typedef struct tridiagonal {
    int n;
    double *A;           /* n x n, lower triangle; later the reflectors of Q */
    double *d, *e, *tau; /* n, n, n */
    double *W;           /* n x WIDE_PANEL */
} tridiagonal;

static void reduce_panel(tridiagonal *t, int at, int width) {
    int left = t->n - at, rest = left - width;
    double *A = t->A + at + (size_t)at * (size_t)t->n;
    double *corner = A + width + (size_t)width * (size_t)t->n;
    tw_blas_turn turn = tw_lapack_begin(2.0 * width * (double)left * (double)left);
    dlatrd_("L", &left, &width, A, &t->n, t->e + at, t->tau + at, t->W, &t->n, 1);
    cblas_dsyr2k(CblasColMajor, CblasLower, CblasNoTrans, rest, width, -1.0, A + width, t->n,
                 t->W + width, t->n, 1.0, corner, t->n);
    tw_blas_end(turn);
    for (int j = 0; j < width; j++) {
        double *diagonal = A + j + (size_t)j * (size_t)t->n;
        diagonal[1] = t->e[at + j];
        t->d[at + j] = *diagonal;
    }
}

static tw_status reduce(tridiagonal *t, const tw_monitor *monitor) {
    int width = t->n >= TALL ? NARROW_PANEL : WIDE_PANEL, at = 0, info;
    for (; t->n - at > UNBLOCKED + width; at += width) {
        tw_status status = ask(monitor, "diagonalising", (size_t)at, (size_t)t->n);
        if (status != TW_OK) return status;
        reduce_panel(t, at, width);
    }
    int left = t->n - at;
    tw_blas_turn turn = tw_lapack_begin(0.0);
    dsytd2_("L", &left, t->A + at + (size_t)at * (size_t)t->n, &t->n, t->d + at, t->e + at,
            t->tau + at, &info, 1);
    tw_blas_end(turn);
    return TW_OK;
}

static tw_status tridiagonal_init(tridiagonal *t, size_t n, double *A, double *values) {
    tw_status status = TW_OK;
    *t = (tridiagonal){.n = (int)n, .A = A, .d = values};
    TW_TRY(TW_NEW(t->e, n));
    TW_TRY(TW_NEW(t->tau, n));
    TW_TRY(TW_NEW(t->W, n * WIDE_PANEL));
cleanup:
    return status;
}

static void tridiagonal_clear(tridiagonal *t) {
    free(t->e);
    free(t->tau);
    free(t->W);
}

/* Z = Q Z. */
static tw_status turn_back(tridiagonal *t, double *Z, const tw_monitor *monitor) {
    tw_status status = TW_OK;
    for (int j = 0; j < t->n; j += BACK) {
        int count = t->n - j < BACK ? t->n - j : BACK;
        TW_TRY(ask(monitor, "turning eigenvectors back", (size_t)j, (size_t)t->n));
        tw_blas_turn turn = tw_lapack_begin(2.0 * count * (double)t->n * t->n);
        int info = LAPACKE_dormtr(LAPACK_COL_MAJOR, 'L', 'L', 'N', t->n, count, t->A, t->n, t->tau,
                                  Z + (size_t)j * (size_t)t->n, t->n);
        tw_blas_end(turn);
        TW_TRY(tw_lapack_check(info, "dormtr", (size_t)t->n, (size_t)count));
    }
cleanup:
    return status;
}

bool tw_sliced_in_range(size_t count, const double *A) {
    double largest = 0.0;
    if (!tw_all_finite(count, A)) return false;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(A[i]));
    return largest > RANGE && largest < 1.0 / RANGE;
}

static bool in_one_piece(size_t n, const double *A) {
    return n < SLICED || !tw_sliced_in_range(n * n, A);
}

tw_status tw_sliced_eigen(size_t n, double *A, double *values, const tw_monitor *monitor) {
    tw_status status = TW_OK;
    tridiagonal t = {0};
    double *Z = NULL;
    TW_TRY(ask(monitor, "diagonalising", 0, n));
    if (in_one_piece(n, A)) return tw_symmetric_eigen(n, A, values);
    TW_TRY(tridiagonal_init(&t, n, A, values));
    TW_TRY(TW_NEW(Z, n * n));
    TW_TRY(reduce(&t, monitor));
    TW_TRY(tw_sliced_tridiagonal(n, values, t.e, Z, monitor));
    TW_TRY(turn_back(&t, Z, monitor));
    memcpy(A, Z, n * n * sizeof *A);
cleanup:
    tridiagonal_clear(&t);
    free(Z);
    return status;
}

tw_status tw_sliced_values(size_t n, double *A, double *values, const tw_monitor *monitor) {
    tw_status status = TW_OK;
    tridiagonal t = {0};
    TW_TRY(ask(monitor, "diagonalising", 0, n));
    if (in_one_piece(n, A)) return tw_symmetric_values(n, A, values);
    TW_TRY(tridiagonal_init(&t, n, A, values));
    TW_TRY(reduce(&t, monitor));
    tw_blas_turn turn = tw_lapack_begin(0.0);
    int info = LAPACKE_dsterf(t.n, values, t.e);
    tw_blas_end(turn);
    TW_TRY(tw_lapack_check(info, "dsterf", n, n));
cleanup:
    tridiagonal_clear(&t);
    return status;
}

/* ---- Bunch-Kaufman ---- */

tw_status tw_sliced_factor(size_t order, double *A, int *pivots, bool *singular,
                           const tw_monitor *monitor) {
    tw_status status = TW_OK;
    int n = (int)order, panel = PANEL;
    double *W = NULL;
    if (order < SLICED) return tw_symmetric_factor(order, A, pivots, singular);
    *singular = false;
    TW_TRY(TW_NEW(W, order * PANEL));
    for (int at = 0, done; at < n; at += done) {
        int left = n - at, info = 0;
        double *corner = A + at + (size_t)at * order;
        TW_TRY(ask(monitor, "factorising", (size_t)at, order));
        tw_blas_turn turn = tw_lapack_begin((double)PANEL * left * left);
        done = left;
        if (left > PANEL)
            dlasyf_("L", &left, &panel, &done, corner, &n, pivots + at, W, &n, &info, 1);
        else
            dsytf2_("L", &left, corner, &n, pivots + at, &info, 1);
        tw_blas_end(turn);
        *singular = *singular || info > 0;
        for (int j = at; j < at + done; j++) pivots[j] += pivots[j] > 0 ? at : -at;
    }
cleanup:
    free(W);
    return status;
}

/* ---- Cholesky ---- */

tw_status tw_sliced_cholesky(size_t order, double *A, const tw_monitor *monitor) {
    tw_status status = TW_OK;
    int n = (int)order;
    if (order < SLICED) return tw_cholesky(order, A);
    for (int at = 0, width; at < n; at += width) {
        width = n - at < PANEL ? n - at : PANEL;
        int rest = n - at - width;
        double *corner = A + at + (size_t)at * order, *right = corner + (size_t)width * order;
        TW_TRY(ask(monitor, "factorising", (size_t)at, order));
        tw_blas_turn turn = tw_lapack_begin((double)width * rest * rest);
        int info = LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', width, corner, n);
        if (rest > 0)
            cblas_dtrsm(CblasColMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, width, rest,
                        1.0, corner, n, right, n);
        if (rest > 0)
            cblas_dsyrk(CblasColMajor, CblasUpper, CblasTrans, rest, width, -1.0, right, n, 1.0,
                        right + width, n);
        tw_blas_end(turn);
        TW_TRY(tw_lapack_check(info, "dpotrf", order, order));
    }
cleanup:
    return status;
}

tw_status tw_sliced_cholesky_solve(size_t n, const double *R, size_t k, double *X,
                                   const tw_monitor *monitor) {
    tw_status status = TW_OK;
    for (size_t j = 0; j < k; j += BACK) {
        if (n >= SLICED) TW_TRY(ask(monitor, "solving", j, k));
        tw_cholesky_solve(n, R, k - j < BACK ? k - j : BACK, X + j * n);
    }
cleanup:
    return status;
}
