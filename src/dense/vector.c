/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/vector_private.h"

#include <cblas.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "dense/every_processor_private.h"
#include "dense/matrix_private.h"
#include "dense/threads_private.h"

/* Between them a sum of squares has lost nothing that counts to the ends of the range. */
#define SMALLEST_SQUARE 1e-280
#define LARGEST_SQUARE 1e300

const tw_space *tw_space_serial(void) {
    static const tw_space serial = {0};
    return &serial;
}

static void add_up(const tw_space *space, size_t count, double *partial) {
    if (space && space->sum) space->sum(space->self, count, partial);
}

bool tw_space_is_spread(const tw_space *space) {
    return space && space->sum;
}

size_t tw_space_dimension(const tw_space *space, size_t n) {
    return tw_space_is_spread(space) && space->global > 0 ? space->global : n;
}

/* Lengths are exact in double. */
tw_status tw_space_check(const tw_space *space, size_t n) {
    if (!tw_space_is_spread(space)) return TW_OK;
    size_t whole = tw_space_dimension(space, n);
    bool bad = n > whole || space->offset > whole - n || n > INT_MAX;
    double sums[2] = {(double)n, bad};
    add_up(space, 2, sums);
    if (sums[1] > 0.0 || sums[0] != (double)whole)
        return tw_fail(TW_ERR_SHAPE,
                       "slices of vectors of %zu entries have %.0f together, and %.0f of them do "
                       "not fit (here: %zu from %zu on)",
                       whole, sums[0], sums[1], n, space->offset);
    return TW_OK;
}

void tw_space_any(const tw_space *space, size_t count, bool *flags) {
    double sums[2] = {0.0, 0.0};
    if (!tw_space_is_spread(space)) return;
    for (size_t i = 0; i < count; i++) sums[i] = flags[i];
    add_up(space, count, sums);
    for (size_t i = 0; i < count; i++) flags[i] = sums[i] > 0.0;
}

bool tw_space_any_of(const tw_space *space, bool flag) {
    tw_space_any(space, 1, &flag);
    return flag;
}

bool tw_space_told_to_end(const tw_space *space, const tw_budget *budget, const char *stage,
                          double done, double total) {
    return tw_space_any_of(space, tw_budget_report(budget, stage, done, total));
}

void tw_space_fill_normal(const tw_space *space, tw_random *stream, size_t n, double *x) {
    size_t offset = tw_space_is_spread(space) ? space->offset : 0;
    tw_random_fill_normal_part(stream, tw_space_dimension(space, n), offset, n, x);
}

double tw_dot(const tw_space *space, size_t n, const double *x, const double *y) {
    tw_blas_turn turn = tw_blas_begin(2.0 * (double)n);
    double sum = cblas_ddot((int)n, x, 1, y, 1);
    tw_blas_end(turn);
    add_up(space, 1, &sum);
    return sum;
}

/* The root of the sum of squares, as long as that is a number of full accuracy: BLAS's dnrm2 scales
 * on its way and takes four times as long. */
double tw_norm(const tw_space *space, size_t n, const double *x) {
    tw_blas_turn turn = tw_blas_begin(2.0 * (double)n);
    double square = cblas_ddot((int)n, x, 1, x, 1);
    double norm = square > SMALLEST_SQUARE && square < LARGEST_SQUARE ? sqrt(square)
                                                                      : cblas_dnrm2((int)n, x, 1);
    tw_blas_end(turn);
    if (space == NULL || space->sum == NULL) return norm;
    square = norm * norm;
    add_up(space, 1, &square);
    return sqrt(square);
}

void tw_gram(const tw_space *space, size_t n, tw_columns X, tw_columns Y, double *G) {
    if (X.count == 0 || Y.count == 0) return;
    tw_multiply(1.0, (tw_factor){X.data, n, X.count, X.ld, true},
                (tw_factor){Y.data, n, Y.count, Y.ld, false}, 0.0, tw_mat(G, X.count, Y.count));
    add_up(space, X.count * Y.count, G);
}

void tw_project_out(const tw_space *space, size_t n, tw_columns Q, size_t k, double *X, size_t ldx,
                    double *coefficients) {
    if (Q.count == 0 || k == 0) return;
    tw_gram(space, n, Q, (tw_columns){X, ldx, k}, coefficients);
    tw_multiply(-1.0, (tw_factor){Q.data, n, Q.count, Q.ld, false},
                tw_plain(coefficients, Q.count, k), 1.0, (tw_matrix){X, n, k, ldx});
}

double tw_make_orthogonal(const tw_space *space, size_t n, tw_columns Q, double *x,
                          double *coefficients) {
    enum { MAX_PASSES = 4 };
    double first = 0.0;
    for (int pass = 0; pass < MAX_PASSES; pass++) {
        tw_project_out(space, n, Q, 1, x, n, coefficients);
        double left = tw_norm(space, n, x);
        if (pass == 0) first = left;
        if (!(left > 0.0)) return 0.0;
        tw_scale(n, 1.0 / left, x);
        if (left > TW_ENOUGH) break;
    }
    return first;
}

void tw_axpy(size_t n, double alpha, const double *x, double *y) {
    tw_blas_turn turn = tw_blas_begin(2.0 * (double)n);
    cblas_daxpy((int)n, alpha, x, 1, y, 1);
    tw_blas_end(turn);
}

void tw_scale(size_t n, double alpha, double *x) {
    tw_blas_turn turn = tw_blas_begin(2.0 * (double)n);
    cblas_dscal((int)n, alpha, x, 1);
    tw_blas_end(turn);
}

void tw_copy(size_t n, const double *x, double *y) {
    if (n > 0) memcpy(y, x, n * sizeof *x);
}

TW_FOR_EVERY_PROCESSOR
static void combine(size_t n, double a, const double *x, double b, const double *y, double *z) {
    TW_ENTRY_BY_ENTRY
    for (size_t i = 0; i < n; i++) z[i] = a * x[i] + b * y[i];
}

void tw_combine(size_t n, double a, const double *x, double b, const double *y, double *z) {
    combine(n, a, x, b, y, z);
}

enum { BLOCK = 512, LANES = 16 };

/* 0 x is 0 or no number. Sums of their own, which the compiler takes several at a time. */
TW_FOR_EVERY_PROCESSOR
static double zero_times_block(const double *x) {
    double lanes[LANES] = {0.0}, sum = 0.0;
    for (size_t i = 0; i < BLOCK; i += LANES)
        for (size_t j = 0; j < LANES; j++) lanes[j] += 0.0 * x[i + j];
    for (size_t j = 0; j < LANES; j++) sum += lanes[j];
    return sum;
}

/* In blocks without a way out. */
bool tw_all_finite(size_t n, const double *x) {
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        if (zero_times_block(x + i) != 0.0) return false;
    for (; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}
