/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orthogonal bases and singular values, panel by panel, so that they can be ended.
 *
 * A matrix that is not square is reduced to its triangular factor first (dgeqrf and dgelqf by
 * panels); a square one to a bidiagonal matrix (dgebrd by dlabrd and dgemm). One step cannot be
 * divided: dbdsdc, for the singular vectors of the bidiagonal matrix. It has a tenth of the work
 * and takes a second at order 2000, more than the number of classes of any point so far. */
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/slices_private.h"
#include "dense/threads_private.h"
#include "dense/vector_private.h"

#define SHORT 3e7 /* multiply-adds of what goes in one piece: some hundredths of a second */
#define SLICE 2e8 /* those of a slice */

enum {
    WIDEST = 32,   /* columns of a panel */
    UNDIVIDED = 64 /* the last columns of a bidiagonal matrix */
};

/* Not among LAPACK's interfaces to C. */
void dlabrd_(const int *m, const int *n, const int *nb, double *A, const int *lda, double *d,
             double *e, double *tauq, double *taup, double *X, const int *ldx, double *Y,
             const int *ldy);

static tw_status ask(const tw_monitor *monitor, const char *stage, int done, int total) {
    if (!tw_monitor_report(monitor, stage, (double)done, (double)total)) return TW_OK;
    return tw_fail(TW_STOPPED, "ended while %s: %d of %d columns", stage, done, total);
}

static int at_most(double limit, int most) {
    return limit >= (double)most ? most : limit < 1.0 ? 1 : (int)limit;
}

/* A = Q R, or L Q by rows, with reflectors in place of the zeros. */
typedef struct reflectors {
    bool rows;
    int m, n, k, width; /* k = min(m, n), width: of a panel */
    double *A, *tau;    /* m x n; k */
    double T[WIDEST * WIDEST];
    const tw_monitor *monitor;
} reflectors;

static tw_status reflectors_init(reflectors *f, bool rows, size_t m, size_t n, double *A) {
    double length = (double)(rows ? n : m);
    f->rows = rows;
    f->m = (int)m;
    f->n = (int)n;
    f->k = (int)(m < n ? m : n);
    f->width = at_most(sqrt(SLICE / length), WIDEST); /* a panel passes over its columns often */
    f->A = A;
    return TW_NEW(f->tau, (size_t)f->k);
}

static double *corner_of(const reflectors *f, int at) {
    return f->A + at + (size_t)at * (size_t)f->m;
}

/* What stands beyond the panel at `at` takes its reflectors: all at once, in compact form. */
static void reflect_rest(reflectors *f, int at, int width, char how) {
    double *V = corner_of(f, at);
    int m = f->m - at, n = f->n - at, rest = (f->rows ? m : n) - width;
    if (rest <= 0) return;
    LAPACKE_dlarft(LAPACK_COL_MAJOR, 'F', f->rows ? 'R' : 'C', f->rows ? n : m, width, V, f->m,
                   f->tau + at, f->T, width);
    if (f->rows)
        LAPACKE_dlarfb(LAPACK_COL_MAJOR, 'R', how, 'F', 'R', rest, n, width, V, f->m, f->T, width,
                       V + width, f->m);
    else
        LAPACKE_dlarfb(LAPACK_COL_MAJOR, 'L', how, 'F', 'C', m, rest, width, V, f->m, f->T, width,
                       V + (size_t)width * (size_t)f->m, f->m);
}

static tw_status factor(reflectors *f) {
    tw_status status = TW_OK;
    for (int at = 0, width; at < f->k; at += width) {
        width = f->k - at < f->width ? f->k - at : f->width;
        TW_TRY(ask(f->monitor, "orthogonalising", at, f->k));
        tw_blas_turn turn = tw_lapack_begin((double)f->m * (double)f->n * width);
        double *corner = corner_of(f, at);
        int info =
            f->rows ? LAPACKE_dgelqf(LAPACK_COL_MAJOR, width, f->n - at, corner, f->m, f->tau + at)
                    : LAPACKE_dgeqrf(LAPACK_COL_MAJOR, f->m - at, width, corner, f->m, f->tau + at);
        if (info == 0) reflect_rest(f, at, width, f->rows ? 'N' : 'T');
        tw_blas_end(turn);
        TW_TRY(tw_lapack_check(info, f->rows ? "dgelqf" : "dgeqrf", (size_t)f->m, (size_t)f->n));
    }
cleanup:
    return status;
}

/* A = Q, from the last panel back to the first. */
static tw_status expand(reflectors *f) {
    tw_status status = TW_OK;
    for (int at = (f->k - 1) / f->width * f->width; at >= 0; at -= f->width) {
        int width = f->k - at < f->width ? f->k - at : f->width;
        TW_TRY(ask(f->monitor, "orthogonalising", f->k - at, f->k));
        tw_blas_turn turn = tw_lapack_begin((double)f->m * (double)f->n * width);
        reflect_rest(f, at, width, 'N');
        int info = LAPACKE_dorgqr(LAPACK_COL_MAJOR, f->m - at, width, width, corner_of(f, at), f->m,
                                  f->tau + at);
        tw_blas_end(turn);
        for (int j = at; j < at + width; j++)
            memset(f->A + (size_t)j * (size_t)f->m, 0, (size_t)at * sizeof *f->A);
        TW_TRY(tw_lapack_check(info, "dorgqr", (size_t)f->m, (size_t)f->n));
    }
cleanup:
    return status;
}

/* The triangle (k x k), the rest of it zero. */
static void take_triangle(const reflectors *f, double *R) {
    size_t m = (size_t)f->m, k = (size_t)f->k;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++)
            R[i + j * k] = (f->rows ? i >= j : i <= j) ? f->A[i + j * m] : 0.0;
}

/* X (m x k, its first k rows given, the others 0) = Q X; by rows X (k x n) = X Q. */
static tw_status turn_by(const reflectors *f, double *X) {
    tw_status status = TW_OK;
    int step = at_most(2.0 * SLICE / ((double)f->m * (double)f->n), f->k);
    for (int j = 0; j < f->k; j += step) {
        int count = f->k - j < step ? f->k - j : step;
        TW_TRY(ask(f->monitor, "turning singular vectors", j, f->k));
        tw_blas_turn turn = tw_lapack_begin((double)f->m * (double)f->n * count);
        int info = f->rows ? LAPACKE_dormlq(LAPACK_COL_MAJOR, 'R', 'N', count, f->n, f->k, f->A,
                                            f->m, f->tau, X + j, f->k)
                           : LAPACKE_dormqr(LAPACK_COL_MAJOR, 'L', 'N', f->m, count, f->k, f->A,
                                            f->m, f->tau, X + (size_t)j * (size_t)f->m, f->m);
        tw_blas_end(turn);
        TW_TRY(tw_lapack_check(info, "dormqr", (size_t)f->m, (size_t)f->n));
    }
cleanup:
    return status;
}

static bool in_one_piece(size_t m, size_t n, const double *A) {
    double flops = (double)m * (double)n * (double)(m < n ? m : n);
    return flops <= SHORT || !tw_sliced_in_range(m * n, A);
}

tw_status tw_sliced_orthonormalise(size_t m, size_t n, double *A, double *R,
                                   const tw_monitor *monitor) {
    tw_status status = TW_OK;
    reflectors f = {.monitor = monitor};
    if (in_one_piece(m, n, A)) return tw_orthonormalise(m, n, A, R);
    TW_TRY(reflectors_init(&f, false, m, n, A));
    TW_TRY(factor(&f));
    if (R) take_triangle(&f, R);
    TW_TRY(expand(&f));
cleanup:
    free(f.tau);
    return status;
}

static size_t copy_columns(tw_factor A, double *X) {
    size_t d = A.transposed ? A.cols : A.rows, c = A.transposed ? A.rows : A.cols;
    for (size_t j = 0; j < c; j++)
        for (size_t i = 0; i < d; i++)
            X[i + d * j] = A.transposed ? A.data[j + A.ld * i] : A.data[i + A.ld * j];
    return d * c;
}

tw_status tw_thin_coordinates(tw_factor A, tw_factor B, const tw_monitor *monitor, size_t *rows,
                              double **X) {
    tw_status status = TW_OK;
    size_t d = A.transposed ? A.cols : A.rows;
    size_t c = (A.transposed ? A.rows : A.cols) + (B.transposed ? B.rows : B.cols);
    double *both = NULL, *R = NULL;
    TW_TRY(TW_NEW(both, d * c));
    copy_columns(B, both + copy_columns(A, both));
    if (c < d) {
        TW_TRY(TW_NEW(R, c * c));
        TW_TRY(tw_sliced_orthonormalise(d, c, both, R, monitor));
    }
    *rows = c < d ? c : d;
    *X = c < d ? R : both;
    if (c >= d) both = NULL;
    R = NULL;
cleanup:
    free(both);
    free(R);
    return status;
}

/* ---- Singular values ---- */

/* A = Q B P^T under way, n x n, B upper bidiagonal. */
typedef struct bidiagonal {
    int n;
    double *A, *d, *e, *left, *right; /* n x n; n each: B, and the scalars of both reflectors */
    double *X, *Y;                    /* n x WIDEST */
    const tw_monitor *monitor;
} bidiagonal;

static tw_status bidiagonal_init(bidiagonal *b) {
    tw_status status = TW_OK;
    size_t n = (size_t)b->n;
    double **arrays[] = {&b->e, &b->left, &b->right};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) TW_TRY(TW_NEW(*arrays[i], n));
    TW_TRY(TW_NEW(b->X, n * WIDEST));
    TW_TRY(TW_NEW(b->Y, n * WIDEST));
cleanup:
    return status;
}

static void bidiagonal_clear(bidiagonal *b) {
    double *arrays[] = {b->e, b->left, b->right, b->X, b->Y};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
}

static void reduce_panel(bidiagonal *b, int at, int width) {
    int n = b->n, left = n - at, rest = left - width;
    double *A = b->A + at + (size_t)at * (size_t)n, *right = A + (size_t)width * (size_t)n;
    tw_blas_turn turn = tw_lapack_begin(4.0 * width * (double)left * (double)left);
    dlabrd_(&left, &left, &width, A, &n, b->d + at, b->e + at, b->left + at, b->right + at, b->X,
            &n, b->Y, &n);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, rest, rest, width, -1.0, A + width, n,
                b->Y + width, n, 1.0, right + width, n);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rest, rest, width, -1.0, b->X + width, n,
                right, n, 1.0, right + width, n);
    tw_blas_end(turn);
    for (size_t j = 0; j < (size_t)width; j++) {
        A[j + j * (size_t)n] = b->d[(size_t)at + j];
        A[j + (j + 1) * (size_t)n] = b->e[(size_t)at + j];
    }
}

static tw_status reduce(bidiagonal *b) {
    tw_status status = TW_OK;
    int at = 0, n = b->n, width = at_most(SLICE / ((double)n * (double)n), WIDEST);
    for (; n - at > UNDIVIDED + width; at += width) {
        TW_TRY(ask(b->monitor, "finding singular values", at, n));
        reduce_panel(b, at, width);
    }
    tw_blas_turn turn = tw_lapack_begin(0.0);
    int info = LAPACKE_dgebrd(LAPACK_COL_MAJOR, n - at, n - at, b->A + at + (size_t)at * (size_t)n,
                              n, b->d + at, b->e + at, b->left + at, b->right + at);
    tw_blas_end(turn);
    TW_TRY(tw_lapack_check(info, "dgebrd", (size_t)n, (size_t)n));
cleanup:
    return status;
}

/* U = Q U, a group of columns at a time, or Vt = Vt P^T, a group of rows. */
static tw_status turn_vectors(const bidiagonal *b, bool of_rows, double *X, int ldx) {
    tw_status status = TW_OK;
    int n = b->n, step = at_most(2.0 * SLICE / ((double)n * (double)n), n);
    for (int j = 0; j < n; j += step) {
        int count = n - j < step ? n - j : step;
        TW_TRY(ask(b->monitor, "turning singular vectors", j, n));
        tw_blas_turn turn = tw_lapack_begin((double)n * (double)n * count);
        int info = of_rows ? LAPACKE_dormbr(LAPACK_COL_MAJOR, 'P', 'R', 'T', count, n, n, b->A, n,
                                            b->right, X + j, ldx)
                           : LAPACKE_dormbr(LAPACK_COL_MAJOR, 'Q', 'L', 'N', n, count, n, b->A, n,
                                            b->left, X + (size_t)j * (size_t)ldx, ldx);
        tw_blas_end(turn);
        TW_TRY(tw_lapack_check(info, "dormbr", (size_t)n, (size_t)n));
    }
cleanup:
    return status;
}

/* A square matrix; U and Vt (or NULL) with leading dimensions of their own. */
static tw_status decompose(bidiagonal *b, double *U, int ldu, double *Vt, int ldvt) {
    tw_status status = TW_OK;
    int n = b->n;
    TW_TRY(bidiagonal_init(b));
    TW_TRY(reduce(b));
    TW_TRY(ask(b->monitor, "finding singular values", n, n));
    tw_blas_turn turn = tw_lapack_begin((double)n * (double)n * (double)n);
    int info = LAPACKE_dbdsdc(LAPACK_COL_MAJOR, 'U', U ? 'I' : 'N', n, b->d, b->e, U, ldu, Vt, ldvt,
                              NULL, NULL);
    tw_blas_end(turn);
    TW_TRY(tw_lapack_check(info, "dbdsdc", (size_t)n, (size_t)n));
    if (U) TW_TRY(turn_vectors(b, false, U, ldu));
    if (U) TW_TRY(turn_vectors(b, true, Vt, ldvt));
cleanup:
    bidiagonal_clear(b);
    return status;
}

tw_status tw_sliced_singular(size_t m, size_t n, double *A, double *values, double *U, double *Vt,
                             const tw_monitor *monitor) {
    tw_status status = TW_OK;
    size_t k = m < n ? m : n;
    reflectors f = {.monitor = monitor};
    bidiagonal b = {.n = (int)k, .A = A, .d = values, .monitor = monitor};
    double *R = NULL;
    if (in_one_piece(m, n, A)) return tw_singular_values(m, n, A, values, U, Vt);
    if (m != n) {
        TW_TRY(reflectors_init(&f, m < n, m, n, A));
        TW_TRY(factor(&f));
        TW_TRY(TW_NEW(R, k * k));
        take_triangle(&f, R);
        b.A = R;
    }
    if (U) memset(U, 0, m * k * sizeof *U);
    if (Vt) memset(Vt, 0, k * n * sizeof *Vt);
    TW_TRY(decompose(&b, U, (int)m, Vt, (int)k));
    if (U && m != n) TW_TRY(turn_by(&f, m < n ? Vt : U));
cleanup:
    free(f.tau);
    free(R);
    return status;
}
