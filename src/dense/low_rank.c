/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/low_rank_private.h"

#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"

enum { OVERSAMPLING = 8, PANEL = 64 };

void tw_low_rank_clear(tw_low_rank *factors) {
    free(factors->U);
    free(factors->V);
    *factors = (tw_low_rank){0};
}

/* Orthonormal columns Q (rows x width, out) whose span holds the range of A when its rank is less;
 * draws: room for cols x width. */
static tw_status find_range(size_t width, tw_factor A, double *draws, double *Q) {
    tw_random stream;
    tw_random_init(&stream, 0, TW_PURPOSE_SKETCH, A.cols);
    tw_random_fill_normal(&stream, A.cols * width, draws);
    tw_multiply(1.0, A, tw_plain(draws, A.cols, width), 0.0, tw_mat(Q, A.rows, width));
    return tw_orthonormalise(A.rows, width, Q, NULL);
}

/* Values that must stay so that the others together have at most the length `room`. */
static size_t count_kept(size_t count, const double *values, double room) {
    double square = 0.0;
    while (count > 0) {
        square += values[count - 1] * values[count - 1];
        if (sqrt(square) > room) break;
        count--;
    }
    return count;
}

/* ||A - U V^T||_F by panels of columns; work: rows x PANEL. */
static double measure_rest(tw_factor A, const tw_low_rank *f, double *work) {
    double square = 0.0;
    for (size_t j = 0; j < A.cols; j += PANEL) {
        size_t count = A.cols - j < PANEL ? A.cols - j : PANEL;
        tw_copy(A.rows * count, A.data + A.rows * j, work);
        tw_multiply(-1.0, tw_plain(f->U, A.rows, f->rank),
                    (tw_factor){f->V + j, count, f->rank, A.cols, true}, 1.0,
                    tw_mat(work, A.rows, count));
        double length = tw_norm(NULL, A.rows * count, work);
        square += length * length;
    }
    return sqrt(square);
}

/* With B = A^T Q = P R and R^T = X S Z^T: U = Q X and V = B X, cut where S falls to `room`. */
static tw_status cut_factors(size_t width, const double *Q, const double *B, double room,
                             tw_low_rank *f) {
    tw_status status = TW_OK;
    double *P = NULL, *R = NULL, *values = NULL, *X = NULL, *Zt = NULL;
    TW_TRY(TW_NEW(P, f->cols * width));
    TW_TRY(TW_NEW(R, width * width));
    TW_TRY(TW_NEW(values, width));
    TW_TRY(TW_NEW(X, width * width));
    TW_TRY(TW_NEW(Zt, width * width));
    tw_copy(f->cols * width, B, P);
    TW_TRY(tw_orthonormalise(f->cols, width, P, R));
    /* R = Z S X^T: the rows of what LAPACK calls Vt are the columns of X. */
    TW_TRY(tw_singular_values(width, width, R, values, Zt, X));
    f->rank = count_kept(width, values, room);
    TW_TRY(TW_NEW(f->U, f->rows * f->rank));
    TW_TRY(TW_NEW(f->V, f->cols * f->rank));
    const tw_factor chosen = {X, f->rank, width, width, true};
    tw_multiply(1.0, tw_plain(Q, f->rows, width), chosen, 0.0, tw_mat(f->U, f->rows, f->rank));
    tw_multiply(1.0, tw_plain(B, f->cols, width), chosen, 0.0, tw_mat(f->V, f->cols, f->rank));
cleanup:
    free(P);
    free(R);
    free(values);
    free(X);
    free(Zt);
    return status;
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

tw_status tw_low_rank_find(size_t rows, size_t cols, const double *A, size_t most, double tolerance,
                           bool *found, tw_low_rank *factors) {
    tw_status status = TW_OK;
    tw_low_rank f = {.rows = rows, .cols = cols, .norm = tw_norm(NULL, rows * cols, A)};
    const tw_factor whole = tw_plain(A, rows, cols);
    size_t width = smaller(most + OVERSAMPLING, smaller(rows, cols));
    double *draws = NULL, *Q = NULL, *work = NULL;
    *found = false;
    TW_TRY(TW_NEW(draws, cols * width));
    TW_TRY(TW_NEW(Q, rows * width));
    TW_TRY(TW_NEW(work, rows * PANEL));
    TW_TRY(find_range(width, whole, draws, Q));
    tw_multiply(1.0, tw_transposed(A, rows, cols), tw_plain(Q, rows, width), 0.0,
                tw_mat(draws, cols, width));
    TW_TRY(cut_factors(width, Q, draws, 0.5 * tolerance * f.norm, &f));
    f.dropped = measure_rest(whole, &f, work);
    *found = f.rank <= most && f.dropped <= tolerance * f.norm;
    if (*found) {
        *factors = f;
        f = (tw_low_rank){0};
    }
cleanup:
    free(draws);
    free(Q);
    free(work);
    tw_low_rank_clear(&f);
    return status;
}
