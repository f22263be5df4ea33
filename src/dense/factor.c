/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/factor_private.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/threads_private.h"

/* LAPACKE reports argument and convergence failures as info, its own allocation failures as codes
 * below -1000. */
tw_status tw_lapack_check(int info, const char *routine, size_t m, size_t n) {
    if (info == 0) return TW_OK;
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return tw_fail(TW_ERR_MEMORY, "no memory for the workspace of %s on a %zu x %zu matrix",
                       routine, m, n);
    return tw_fail(TW_ERR_NUMERIC, "%s on a %zu x %zu matrix failed with info = %d", routine, m, n,
                   info);
}

static tw_blas_turn begin_cube(size_t m, size_t n) {
    return tw_lapack_begin((double)m * (double)n * (double)(m < n ? m : n));
}

/* One call of LAPACK that takes its turn; `call` is its info. */
#define IN_TURN(info, turn_of_call, call)                                                          \
    do {                                                                                           \
        tw_blas_turn turn = (turn_of_call);                                                        \
        (info) = (call);                                                                           \
        tw_blas_end(turn);                                                                         \
    } while (0)

tw_status tw_symmetric_eigen(size_t n, double *A, double *values) {
    if (n == 0) return TW_OK;
    int info;
    IN_TURN(info, begin_cube(n, n),
            LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', (int)n, A, (int)n, values));
    return tw_lapack_check(info, "dsyevd", n, n);
}

tw_status tw_symmetric_values(size_t n, double *A, double *values) {
    if (n == 0) return TW_OK;
    int info;
    IN_TURN(info, begin_cube(n, n),
            LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'N', 'L', (int)n, A, (int)n, values));
    return tw_lapack_check(info, "dsyevd", n, n);
}

tw_status tw_tridiagonal_eigen(size_t n, double *diagonal, double *off, double *Z) {
    if (n == 0) return TW_OK;
    int info;
    IN_TURN(info, begin_cube(n, Z ? n : 1),
            Z ? LAPACKE_dstevd(LAPACK_COL_MAJOR, 'V', (int)n, diagonal, off, Z, (int)n)
              : LAPACKE_dsterf((int)n, diagonal, off));
    return tw_lapack_check(info, Z ? "dstevd" : "dsterf", n, n);
}

tw_status tw_singular_values(size_t m, size_t n, double *A, double *values, double *U, double *Vt) {
    size_t rank = m < n ? m : n;
    if (rank == 0) return TW_OK;
    int info;
    IN_TURN(info, begin_cube(m, n),
            LAPACKE_dgesdd(LAPACK_COL_MAJOR, U ? 'S' : 'N', (int)m, (int)n, A, (int)m, values, U,
                           (int)m, Vt, (int)rank));
    return tw_lapack_check(info, "dgesdd", m, n);
}

tw_status tw_orthonormalise(size_t m, size_t n, double *A, double *R) {
    tw_status status = TW_OK;
    double *tau = NULL;
    if (n == 0) return TW_OK;
    int info;
    TW_TRY(TW_NEW(tau, n));
    IN_TURN(info, begin_cube(m, n),
            LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (int)m, (int)n, A, (int)m, tau));
    TW_TRY(tw_lapack_check(info, "dgeqrf", m, n));
    for (size_t j = 0; R && j < n; j++)
        for (size_t i = 0; i < n; i++) R[i + j * n] = i <= j ? A[i + j * m] : 0.0;
    IN_TURN(info, begin_cube(m, n),
            LAPACKE_dorgqr(LAPACK_COL_MAJOR, (int)m, (int)n, (int)n, A, (int)m, tau));
    TW_TRY(tw_lapack_check(info, "dorgqr", m, n));
cleanup:
    free(tau);
    return status;
}

tw_status tw_least_squares(size_t m, size_t n, double *A, double cut, double *x) {
    tw_status status = TW_OK;
    int *pivots = NULL, rank = 0;
    if (m == 0) memset(x, 0, n * sizeof *x);
    if (m == 0 || n == 0) return TW_OK;
    int info;
    TW_TRY(TW_NEW(pivots, n));
    IN_TURN(info, begin_cube(m, n),
            LAPACKE_dgelsy(LAPACK_COL_MAJOR, (int)m, (int)n, 1, A, (int)m, x, (int)(m > n ? m : n),
                           pivots, cut, &rank));
    TW_TRY(tw_lapack_check(info, "dgelsy", m, n));
cleanup:
    free(pivots);
    return status;
}

tw_status tw_cholesky(size_t n, double *A) {
    if (n == 0) return TW_OK;
    int info;
    IN_TURN(info, begin_cube(n, n), LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (int)n, A, (int)n));
    return tw_lapack_check(info, "dpotrf", n, n);
}

void tw_cholesky_solve(size_t n, const double *R, size_t k, double *X) {
    if (n == 0 || k == 0) return;
    tw_blas_turn turn = tw_lapack_begin(2.0 * (double)n * (double)n * (double)k);
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, (int)n, (int)k, 1.0,
                R, (int)n, X, (int)n);
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, (int)n, (int)k,
                1.0, R, (int)n, X, (int)n);
    tw_blas_end(turn);
}

tw_status tw_symmetric_factor(size_t n, double *A, int *pivots, bool *singular) {
    *singular = false;
    if (n == 0) return TW_OK;
    int info;
    IN_TURN(info, begin_cube(n, n),
            LAPACKE_dsytrf(LAPACK_COL_MAJOR, 'L', (int)n, A, (int)n, pivots));
    *singular = info > 0;
    return tw_lapack_check(info > 0 ? 0 : info, "dsytrf", n, n);
}

/* Two equal negative entries of `pivots` mark a block [[a, b], [b, c]]. */
void tw_symmetric_pivots(size_t n, const double *A, const int *pivots, double *values) {
    for (size_t j = 0; j < n; j++) {
        values[j] = A[j + j * n];
        if (pivots[j] > 0 || j + 1 == n) continue;
        double b = A[j + 1 + j * n], c = A[j + 1 + (j + 1) * n];
        double middle = 0.5 * (values[j] + c), reach = hypot(0.5 * (values[j] - c), b);
        values[j] = middle - reach;
        values[++j] = middle + reach;
    }
}

tw_status tw_symmetric_solve(size_t n, const double *A, const int *pivots, double *x) {
    if (n == 0) return TW_OK;
    int info;
    IN_TURN(info, tw_lapack_begin(2.0 * (double)n * (double)n),
            LAPACKE_dsytrs(LAPACK_COL_MAJOR, 'L', (int)n, 1, A, (int)n, pivots, x, (int)n));
    return tw_lapack_check(info, "dsytrs", n, n);
}
