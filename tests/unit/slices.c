/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factorisations in slices are those of LAPACK in one piece, and end at every question. */
#include "support/test.h"

#include <thalweg/base/random.h>

#include "dense/factor_private.h"
#include "dense/slices_private.h"

enum { N = 613 }; /* above the order of one piece, no multiple of a panel */

typedef struct matrices {
    double *A, *copy, *values, *other;
    int *pivots;
} matrices;

/* Random, symmetric, with a cluster at 0 and one at 2: A = 2 Q Q^T + small (rank about N/2). */
static void fill(double *A, double scale) {
    tw_random stream;
    double *column = calloc(N, sizeof *column);
    tw_random_init(&stream, 5, TW_PURPOSE_PROBE, 0);
    memset(A, 0, sizeof *A * N * N);
    for (size_t k = 0; k < N / 2; k++) {
        double square = 0.0;
        tw_random_fill_normal(&stream, N, column);
        for (size_t i = 0; i < N; i++) square += column[i] * column[i];
        double size = scale * (k % 3 ? 2.0 : -1.0) / square;
        for (size_t j = 0; j < N; j++)
            for (size_t i = 0; i < N; i++) A[i + j * N] += size * column[i] * column[j];
    }
    free(column);
}

static void set_up(matrices *m, double scale) {
    m->A = calloc((size_t)N * N, sizeof *m->A);
    m->copy = calloc((size_t)N * N, sizeof *m->copy);
    m->values = calloc(N, sizeof *m->values);
    m->other = calloc(N, sizeof *m->other);
    m->pivots = calloc(N, sizeof *m->pivots);
    fill(m->A, scale);
    memcpy(m->copy, m->A, sizeof *m->A * N * N);
}

static void tear_down(matrices *m) {
    free(m->A);
    free(m->copy);
    free(m->values);
    free(m->other);
    free(m->pivots);
}

static double largest_of(const double *x, size_t count) {
    double size = 0.0;
    for (size_t i = 0; i < count; i++) size = fmax(size, fabs(x[i]));
    return size;
}

/* The largest entry of A V - V diag(values) and of V^T V - I, A being m->copy. */
static void check_pairs(const matrices *m, const double *V, double norm) {
    double defect = 0.0, skew = 0.0;
    for (size_t j = 0; j < N; j += 7)
        for (size_t i = 0; i < N; i++) {
            double sum = 0.0, dot = 0.0;
            for (size_t k = 0; k < N; k++) {
                sum += m->copy[i + k * N] * V[k + j * N];
                dot += V[k + i * N] * V[k + j * N];
            }
            defect = fmax(defect, fabs(sum - m->values[j] * V[i + j * N]));
            skew = fmax(skew, fabs(dot - (i == j)));
        }
    assert_true(defect <= 4.0 * N * DBL_EPSILON * norm);
    assert_true(skew <= 4.0 * N * DBL_EPSILON);
}

static void eigenpairs_are_those_of_one_piece(void **state) {
    (void)state;
    const double scales[] = {1.0, 1e-200, 1e100};
    for (size_t s = 0; s < 3; s++) {
        matrices m;
        set_up(&m, scales[s]);
        assert_ok(tw_sliced_eigen(N, m.A, m.values, NULL));
        double norm = fmax(fabs(m.values[0]), fabs(m.values[N - 1]));
        assert_true(norm > scales[s]);
        check_pairs(&m, m.A, norm);
        memcpy(m.A, m.copy, sizeof *m.A * N * N);
        assert_ok(tw_symmetric_eigen(N, m.A, m.other));
        for (size_t i = 0; i < N; i++)
            assert_true(fabs(m.values[i] - m.other[i]) <= N * DBL_EPSILON * norm);
        memcpy(m.A, m.copy, sizeof *m.A * N * N);
        assert_ok(tw_sliced_values(N, m.A, m.values, NULL));
        for (size_t i = 0; i < N; i++)
            assert_true(fabs(m.values[i] - m.other[i]) <= N * DBL_EPSILON * norm);
        tear_down(&m);
    }
}

static void bunch_kaufman_is_that_of_one_piece(void **state) {
    (void)state;
    matrices m;
    bool singular = true;
    int *pivots = calloc(N, sizeof *pivots);
    set_up(&m, 1.0);
    for (size_t i = 0; i < N; i++) m.A[i + i * N] -= 0.01; /* no eigenvalue is near */
    memcpy(m.copy, m.A, sizeof *m.A * N * N);
    assert_ok(tw_sliced_factor(N, m.A, m.pivots, &singular, NULL));
    assert_false(singular);
    for (size_t i = 0; i < N; i++) m.values[i] = m.other[i] = (double)(i % 5) - 2.0;
    assert_ok(tw_symmetric_solve(N, m.A, m.pivots, m.values));
    assert_ok(tw_symmetric_factor(N, m.copy, pivots, &singular));
    assert_ok(tw_symmetric_solve(N, m.copy, pivots, m.other));
    for (size_t i = 0; i < N; i++)
        assert_true(fabs(m.values[i] - m.other[i]) <= 1e-9 * largest_of(m.other, N));
    free(pivots);
    tear_down(&m);
}

static void cholesky_is_that_of_one_piece(void **state) {
    (void)state;
    matrices m;
    set_up(&m, 1.0);
    for (size_t i = 0; i < N; i++) m.A[i + i * N] += 10.0;
    memcpy(m.copy, m.A, sizeof *m.A * N * N);
    assert_ok(tw_sliced_cholesky(N, m.A, NULL));
    assert_ok(tw_cholesky(N, m.copy));
    for (size_t j = 0; j < N; j++)
        for (size_t i = 0; i <= j; i++)
            assert_true(fabs(m.A[i + j * N] - m.copy[i + j * N]) <= 100.0 * N * DBL_EPSILON);
    for (size_t i = 0; i < N; i++) m.values[i] = m.other[i] = 1.0 / (double)(i + 1);
    assert_ok(tw_sliced_cholesky_solve(N, m.A, 1, m.values, NULL));
    tw_cholesky_solve(N, m.copy, 1, m.other);
    for (size_t i = 0; i < N; i++) assert_true(fabs(m.values[i] - m.other[i]) <= 1e-12);
    m.A[0] = -1.0;
    assert_int_equal(tw_sliced_cholesky(N, m.A, NULL), TW_ERR_NUMERIC);
    tear_down(&m);
}

/* Says yes to the question number *self and to all after it; counts down. */
static bool yes_after(void *self, const char *stage, double done, double total) {
    size_t *left = self;
    (void)stage;
    (void)done;
    (void)total;
    if (*left > 0) (*left)--;
    return *left == 0;
}

typedef tw_status (*sliced)(matrices *m, const tw_monitor *monitor);

static tw_status eigen(matrices *m, const tw_monitor *monitor) {
    return tw_sliced_eigen(N, m->A, m->values, monitor);
}

static tw_status values(matrices *m, const tw_monitor *monitor) {
    return tw_sliced_values(N, m->A, m->values, monitor);
}

static tw_status factor(matrices *m, const tw_monitor *monitor) {
    bool singular;
    return tw_sliced_factor(N, m->A, m->pivots, &singular, monitor);
}

static tw_status cholesky(matrices *m, const tw_monitor *monitor) {
    for (size_t i = 0; i < N; i++) m->A[i + i * N] += 10.0;
    return tw_sliced_cholesky(N, m->A, monitor);
}

static void every_question_can_end_them(void **state) {
    (void)state;
    const sliced kinds[] = {eigen, values, factor, cholesky};
    const size_t least[] = {20, 17, 9, 9}; /* questions: a panel has at most 64 columns */
    for (size_t k = 0; k < 4; k++) {
        matrices m;
        size_t asked = SIZE_MAX, stop = 1;
        const tw_monitor counting = {yes_after, &asked};
        set_up(&m, 1.0);
        assert_ok(kinds[k](&m, &counting));
        asked = SIZE_MAX - asked;
        assert_true(asked >= least[k]);
        for (stop = 1; stop <= asked; stop += 4) {
            size_t left = stop;
            const tw_monitor ending = {yes_after, &left};
            memcpy(m.A, m.copy, sizeof *m.A * N * N);
            assert_int_equal(kinds[k](&m, &ending), TW_STOPPED);
            assert_non_null(strstr(tw_last_error(), "ended while"));
        }
        tear_down(&m);
    }
}

static void what_is_no_number_is_an_error(void **state) {
    (void)state;
    matrices m;
    set_up(&m, 1.0);
    m.A[5] = (double)NAN;
    assert_int_equal(tw_sliced_eigen(N, m.A, m.values, NULL), TW_ERR_NUMERIC);
    tear_down(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenpairs_are_those_of_one_piece),
        cmocka_unit_test(bunch_kaufman_is_that_of_one_piece),
        cmocka_unit_test(cholesky_is_that_of_one_piece),
        cmocka_unit_test(every_question_can_end_them),
        cmocka_unit_test(what_is_no_number_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
