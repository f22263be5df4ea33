/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvectors of a tridiagonal matrix by divide and conquer (Cuppen), in slices.
 *
 * dstedc returns when it is done, seconds later at order 6000. Here its recursion stands outside of
 * it down to the order at which a call is short. Two halves are joined as dlaed1 does: dlaed2
 * removes what they share already, dlaed4 finds one root of the secular equation after the other,
 * and the products that make vectors of the whole from those of the halves go by columns. */
#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/slices_private.h"
#include "dense/threads_private.h"
#include "dense/vector_private.h"

enum {
    WHOLE = 512, /* up to here dstedc in one piece: a twentieth of a second */
    ROOTS = 64,  /* found between two questions */
    TURNED = 256 /* columns of one product: 0.2 s at order 6000 */
};

/* Not among LAPACK's interfaces to C. */
void dlaed2_(int *k, const int *n, const int *n1, double *d, double *Q, const int *ldq, int *indxq,
             double *rho, double *z, double *dlamda, double *w, double *Q2, int *indx, int *indxc,
             int *indxp, int *coltyp, int *info);
void dlaed4_(const int *n, const int *i, const double *d, const double *z, double *delta,
             const double *rho, double *dlam, int *info);
void dlamrg_(const int *n1, const int *n2, const double *A, const int *step1, const int *step2,
             int *index);

/* A tridiagonal matrix and the vectors found so far: those of blocks on the diagonal of Q. */
typedef struct conquest {
    int n;
    double *d, *e, *Q; /* n; n - 1; n x n */
    int *order;        /* n: what sorts the values of each block, from 1 */
    double *halves;    /* n x n: vectors of two halves that are turned, by type of column */
    double *panel;     /* n x TURNED */
    double *z, *poles, *weights; /* n each */
    int *index, *types;          /* 3 n; n */
    const tw_monitor *monitor;
} conquest;

/* Two solved halves under way to be one block, of order n. */
typedef struct merge {
    int n, cut, kept; /* cut: order of the first half; kept: values that are not known yet */
    double rho;       /* the coupling of the halves */
    double *d, *Q;    /* where the block's begin; its first columns hold the secular vectors */
} merge;

static tw_status conquest_init(conquest *c) {
    tw_status status = TW_OK;
    size_t n = (size_t)c->n;
    double **arrays[] = {&c->z, &c->poles, &c->weights};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) TW_TRY(TW_NEW(*arrays[i], n));
    TW_TRY(TW_NEW(c->halves, n * n));
    TW_TRY(TW_NEW(c->panel, n * TURNED));
    TW_TRY(TW_NEW(c->order, n));
    TW_TRY(TW_NEW(c->index, 3 * n));
    TW_TRY(TW_NEW(c->types, n));
cleanup:
    return status;
}

static void conquest_clear(conquest *c) {
    double *arrays[] = {c->z, c->poles, c->weights, c->halves, c->panel};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    free(c->order);
    free(c->index);
    free(c->types);
}

static tw_status ask(const conquest *c, int done, int total) {
    const char *stage = "finding eigenvectors";
    if (!tw_monitor_report(c->monitor, stage, (double)done, (double)total)) return TW_OK;
    return tw_fail(TW_STOPPED, "ended while %s of a matrix of order %d", stage, c->n);
}

static double *column_of(const conquest *c, const merge *m, int j) {
    return m->Q + (size_t)j * (size_t)c->n;
}

static tw_status find_roots(const conquest *c, merge *m) {
    tw_status status = TW_OK;
    int info = 0;
    for (int j = 0; j < m->kept; j += ROOTS) {
        int end = j + ROOTS < m->kept ? j + ROOTS : m->kept;
        TW_TRY(ask(c, j, m->kept));
        tw_blas_turn turn = tw_lapack_begin(0.0);
        for (int i = j + 1; i <= end && info == 0; i++)
            dlaed4_(&m->kept, &i, c->poles, c->weights, column_of(c, m, i - 1), &m->rho,
                    m->d + i - 1, &info);
        tw_blas_end(turn);
        TW_TRY(tw_lapack_check(info, "dlaed4", (size_t)m->n, (size_t)m->n));
    }
cleanup:
    return status;
}

/* Weights for which the roots found are exact (Gu, Eisenstat, SIAM J. Matrix Anal. Appl. 16
 * (1995)): with them the vectors are orthogonal however close two roots are. */
static void correct_weights(const conquest *c, const merge *m) {
    for (int i = 0; i < m->kept; i++) c->z[i] = column_of(c, m, i)[i];
    for (int j = 0; j < m->kept; j++) {
        const double *distance = column_of(c, m, j);
        for (int i = 0; i < m->kept; i++)
            if (i != j) c->z[i] *= distance[i] / (c->poles[i] - c->poles[j]);
    }
    for (int i = 0; i < m->kept; i++) c->weights[i] = copysign(sqrt(-c->z[i]), c->weights[i]);
}

/* The secular vectors, their rows in the order of the types of columns. */
static void write_vectors(const conquest *c, const merge *m) {
    const int *by_type = c->index + c->n;
    bool given = m->kept == 2; /* dlaed4 gives vectors then, and distances else */
    for (int j = 0; j < m->kept; j++) {
        double *column = column_of(c, m, j);
        for (int i = 0; i < m->kept; i++) c->z[i] = given ? column[i] : c->weights[i] / column[i];
        double length = tw_norm(NULL, (size_t)m->kept, c->z);
        for (int i = 0; i < m->kept; i++) column[i] = c->z[by_type[i] - 1] / length;
    }
}

/* out = left (rows x inner) times rows of the panel from `at` on, for `width` columns. */
static void turn_half(const conquest *c, const double *left, const int size[3], int at,
                      double *out) {
    int rows = size[0], inner = size[1], width = size[2];
    if (inner > 0)
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rows, width, inner, 1.0, left, rows,
                    c->panel + at, c->n, 0.0, out, c->n);
    for (int j = 0; inner == 0 && j < width; j++)
        memset(out + (size_t)j * (size_t)c->n, 0, (size_t)rows * sizeof *out);
}

/* Vectors of the whole from those of the halves and the secular ones. Columns of type 1 live in
 * the first half alone, of type 3 in the second, of type 2 in both. */
static tw_status turn_halves(const conquest *c, const merge *m) {
    tw_status status = TW_OK;
    int first = c->types[0] + c->types[1], second = c->types[1] + c->types[2];
    const double *lower = c->halves + (size_t)m->cut * (size_t)first;
    for (int j = 0; j < m->kept; j += TURNED) {
        int width = m->kept - j < TURNED ? m->kept - j : TURNED, rest = m->n - m->cut;
        double *out = column_of(c, m, j);
        TW_TRY(ask(c, j, m->kept));
        for (int i = 0; i < width; i++)
            tw_copy((size_t)m->kept, column_of(c, m, j + i), c->panel + (size_t)i * (size_t)c->n);
        tw_blas_turn turn = tw_blas_begin(2.0 * width * (double)m->kept * (double)m->n);
        turn_half(c, c->halves, (int[]){m->cut, first, width}, 0, out);
        turn_half(c, lower, (int[]){rest, second, width}, c->types[0], out + m->cut);
        tw_blas_end(turn);
    }
cleanup:
    return status;
}

static void number(int n, int *order) {
    for (int i = 0; i < n; i++) order[i] = i + 1;
}

static tw_status join(const conquest *c, merge *m, int *order) {
    tw_status status = TW_OK;
    int info = 0, up = 1, down = -1, *index = c->index, n = c->n;
    TW_TRY(ask(c, 0, 0));
    for (int j = 0; j < m->n; j++) c->z[j] = column_of(c, m, j)[j < m->cut ? m->cut - 1 : m->cut];
    tw_blas_turn turn = tw_lapack_begin(0.0);
    dlaed2_(&m->kept, &m->n, &m->cut, m->d, m->Q, &n, order, &m->rho, c->z, c->poles, c->weights,
            c->halves, index, index + n, index + 2 * (size_t)n, c->types, &info);
    tw_blas_end(turn);
    TW_TRY(tw_lapack_check(info, "dlaed2", (size_t)m->n, (size_t)m->n));
    number(m->n, order);
    if (m->kept == 0) return TW_OK;
    TW_TRY(find_roots(c, m));
    if (m->kept > 2) correct_weights(c, m);
    if (m->kept > 1) write_vectors(c, m);
    TW_TRY(turn_halves(c, m));
    int known = m->n - m->kept;
    dlamrg_(&m->kept, &known, m->d, &up, &down, order);
cleanup:
    return status;
}

/* The block of order n at `at`. */
static tw_status conquer(const conquest *c, int at, int n) {
    tw_status status = TW_OK;
    double *d = c->d + at, *Q = c->Q + at + (size_t)at * (size_t)c->n;
    int *order = c->order + at, info;
    if (n > WHOLE) {
        merge m = {.n = n, .cut = n / 2, .d = d, .Q = Q, .rho = c->e[at + n / 2 - 1]};
        d[m.cut - 1] -= fabs(m.rho);
        d[m.cut] -= fabs(m.rho);
        TW_TRY(conquer(c, at, m.cut));
        TW_TRY(conquer(c, at + m.cut, n - m.cut));
        return join(c, &m, order);
    }
    TW_TRY(ask(c, at, c->n));
    tw_blas_turn turn = tw_lapack_begin((double)n * (double)n * (double)n);
    info = LAPACKE_dstedc(LAPACK_COL_MAJOR, 'I', n, d, c->e + at, Q, c->n);
    tw_blas_end(turn);
    TW_TRY(tw_lapack_check(info, "dstedc", (size_t)n, (size_t)n));
    number(n, order);
cleanup:
    return status;
}

/* Values and vectors in ascending order. */
static void sort(const conquest *c) {
    size_t n = (size_t)c->n;
    for (size_t j = 0; j < n; j++) {
        size_t from = (size_t)c->order[j] - 1;
        c->z[j] = c->d[from];
        tw_copy(n, c->Q + n * from, c->halves + n * j);
    }
    tw_copy(n, c->z, c->d);
    tw_copy(n * n, c->halves, c->Q);
}

tw_status tw_sliced_tridiagonal(size_t n, double *d, double *e, double *Q,
                                const tw_monitor *monitor) {
    tw_status status = TW_OK;
    conquest c = {.n = (int)n, .d = d, .e = e, .Q = Q, .monitor = monitor};
    double size = 0.0;
    for (size_t i = 0; i < n; i++) size = fmax(size, fabs(d[i]));
    for (size_t i = 0; i + 1 < n; i++) size = fmax(size, fabs(e[i]));
    if (n == 0) return TW_OK;
    TW_TRY(conquest_init(&c));
    memset(Q, 0, n * n * sizeof *Q);
    if (size > 0.0) { /* what is negligible is so beside the unit vectors */
        tw_scale(n, 1.0 / size, d);
        tw_scale(n - 1, 1.0 / size, e);
    }
    TW_TRY(conquer(&c, 0, c.n));
    tw_scale(n, size, d);
    sort(&c);
cleanup:
    conquest_clear(&c);
    return status;
}
