/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factorisations in slices are those of LAPACK in one piece, and end at every question. */
#include "support/test.h"

#include <thalweg/base/random.h>
#include <thalweg/dense/threads.h>

#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"

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

enum { LONG = 1301 }; /* halves of halves are joined */

/* Tridiagonal matrices that leave much, little and nothing to solve when halves are joined:
 * random; glued pieces of Wilkinson's, with pairs and copies; no coupling at all; a coupling at one
 * place; zero. */
static void fill_tridiagonal(size_t kind, double *d, double *e) {
    tw_random stream;
    tw_random_init(&stream, 7, TW_PURPOSE_PROBE, kind);
    tw_random_fill_normal(&stream, LONG, d);
    tw_random_fill_normal(&stream, LONG, e);
    for (size_t i = 0; i < LONG; i++) {
        if (kind == 1) d[i] = fabs((double)(i % 21) - 10.0);
        if (kind == 1) e[i] = i % 21 == 20 ? -1e-9 : 1.0;
        if (kind == 2 || (kind == 3 && i != LONG / 2 - 1)) e[i] = 0.0;
        if (kind == 3) d[i] = 1.0;
        if (kind == 4) d[i] = e[i] = 0.0;
    }
}

static void joined_eigenpairs_are_those_of_one_piece(void **state) {
    (void)state;
    double *Q = calloc((size_t)LONG * LONG, sizeof *Q);
    double d[LONG], e[LONG], values[LONG], off[LONG], other[LONG];
    for (size_t kind = 0; kind < 5; kind++) {
        double defect = 0.0, skew = 0.0, norm = 0.0;
        fill_tridiagonal(kind, d, e);
        memcpy(values, d, sizeof d);
        memcpy(other, d, sizeof d);
        memcpy(off, e, sizeof e);
        assert_ok(tw_sliced_tridiagonal(LONG, values, off, Q, NULL));
        memcpy(off, e, sizeof e);
        assert_ok(tw_tridiagonal_eigen(LONG, other, off, NULL));
        norm = fmax(largest_of(other, LONG), 1e-300);
        for (size_t j = 0; j < LONG; j++) {
            const double *v = Q + j * LONG;
            assert_true(fabs(values[j] - other[j]) <= 1e-14 * norm);
            for (size_t i = 0; i < LONG; i++) {
                double sum = d[i] * v[i] - values[j] * v[i];
                if (i > 0) sum += e[i - 1] * v[i - 1];
                if (i + 1 < LONG) sum += e[i] * v[i + 1];
                defect = fmax(defect, fabs(sum));
            }
            for (size_t k = 0; k <= j; k += j % 19 + 1) {
                double dot = 0.0;
                for (size_t i = 0; i < LONG; i++) dot += v[i] * Q[i + k * LONG];
                skew = fmax(skew, fabs(dot - (k == j)));
            }
            assert_true(fabs(tw_norm(NULL, LONG, v) - 1.0) <= 1e-14);
        }
        assert_true(defect <= 1e-14 * norm);
        assert_true(skew <= 1e-13);
    }
    free(Q);
}

/* Square, tall, wide; of full rank, and with half of it. */
static const struct shape {
    size_t m, n, rank;
} shapes[] = {{631, 631, 631},  {631, 631, 300},  {1201, 605, 605},  {1201, 605, 200},
              {605, 1201, 605}, {605, 1201, 200}, {20011, 113, 113}, {113, 20011, 113}};

enum { SHAPES = sizeof shapes / sizeof *shapes };

/* A product of two random factors. */
static double *rectangle(const struct shape *s) {
    double *A = calloc(s->m * s->n, sizeof *A), *left = calloc(s->m * s->rank, sizeof *left);
    double *right = calloc(s->rank * s->n, sizeof *right);
    tw_random stream;
    tw_random_init(&stream, 3, TW_PURPOSE_PROBE, s->rank);
    tw_random_fill_normal(&stream, s->m * s->rank, left);
    tw_random_fill_normal(&stream, s->rank * s->n, right);
    tw_multiply(1.0, tw_plain(left, s->m, s->rank), tw_plain(right, s->rank, s->n), 0.0,
                tw_mat(A, s->m, s->n));
    free(left);
    free(right);
    return A;
}

static double *copy_of(size_t count, const double *x) {
    double *copy = calloc(count, sizeof *copy);
    memcpy(copy, x, count * sizeof *copy);
    return copy;
}

/* The largest entry of X^T X - I for the k columns of X (n x k), or X X^T - I for k rows. */
static double skewness(size_t n, size_t k, const double *X, bool rows) {
    double *gram = calloc(k * k, sizeof *gram), skew = 0.0;
    tw_multiply(1.0, rows ? tw_plain(X, k, n) : tw_transposed(X, n, k),
                rows ? tw_transposed(X, k, n) : tw_plain(X, n, k), 0.0, tw_mat(gram, k, k));
    for (size_t i = 0; i < k * k; i++)
        skew = fmax(skew, fabs(gram[i] - (double)(i % (k + 1) == 0)));
    free(gram);
    return skew;
}

static void singular_vectors_are_those_of_one_piece(void **state) {
    (void)state;
    for (const struct shape *s = shapes; s < shapes + SHAPES; s++) {
        size_t k = s->m < s->n ? s->m : s->n;
        double *A = rectangle(s), *copy = copy_of(s->m * s->n, A), *rest = copy_of(s->m * s->n, A);
        double *U = calloc(s->m * k, sizeof *U), *Vt = calloc(k * s->n, sizeof *Vt);
        double *values = calloc(k, sizeof *values), *other = calloc(k, sizeof *other);
        assert_ok(tw_sliced_singular(s->m, s->n, A, values, U, Vt, NULL));
        assert_true(skewness(s->m, k, U, false) <= 1e-13);
        assert_true(skewness(s->n, k, Vt, true) <= 1e-13);
        for (size_t i = 0; i < k; i++) tw_scale(s->m, values[i], U + s->m * i);
        tw_multiply(-1.0, tw_plain(U, s->m, k), tw_plain(Vt, k, s->n), 1.0,
                    tw_mat(rest, s->m, s->n));
        assert_true(tw_norm(NULL, s->m * s->n, rest) <= 1e-13 * tw_norm(NULL, s->m * s->n, copy));
        memcpy(A, copy, s->m * s->n * sizeof *A);
        assert_ok(tw_singular_values(s->m, s->n, A, other, NULL, NULL));
        for (size_t i = 0; i < k; i++) assert_true(fabs(values[i] - other[i]) <= 1e-13 * other[0]);
        memcpy(A, copy, s->m * s->n * sizeof *A);
        assert_ok(tw_sliced_singular(s->m, s->n, A, values, NULL, NULL, NULL));
        for (size_t i = 0; i < k; i++) assert_true(fabs(values[i] - other[i]) <= 1e-13 * other[0]);
        double *arrays[] = {A, copy, rest, U, Vt, values, other};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    }
}

static void orthonormal_columns_are_those_of_one_piece(void **state) {
    (void)state;
    for (const struct shape *s = shapes; s < shapes + SHAPES; s++) {
        if (s->m < s->n || s->rank < s->n) continue;
        double *A = rectangle(s), *other = copy_of(s->m * s->n, A);
        double *R = calloc(s->n * s->n, sizeof *R), *S = calloc(s->n * s->n, sizeof *S);
        assert_ok(tw_sliced_orthonormalise(s->m, s->n, A, R, NULL));
        assert_ok(tw_orthonormalise(s->m, s->n, other, S));
        assert_true(skewness(s->m, s->n, A, false) <= 1e-13);
        tw_axpy(s->m * s->n, -1.0, other, A);
        assert_true(tw_norm(NULL, s->m * s->n, A) <= 1e-9);
        double size = tw_norm(NULL, s->n * s->n, S);
        tw_axpy(s->n * s->n, -1.0, S, R);
        assert_true(tw_norm(NULL, s->n * s->n, R) <= 1e-13 * size);
        double *arrays[] = {A, other, R, S};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
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

static tw_status singular(matrices *m, const tw_monitor *monitor) {
    double *U = calloc((size_t)N * N, sizeof *U), *Vt = calloc((size_t)N * N, sizeof *Vt);
    tw_status status = tw_sliced_singular(N, N, m->A, m->values, U, Vt, monitor);
    free(U);
    free(Vt);
    return status;
}

static tw_status singular_of_tall(matrices *m, const tw_monitor *monitor) {
    enum { HALF = 602 };
    double *U = calloc((size_t)N * HALF, sizeof *U), *Vt = calloc((size_t)HALF * HALF, sizeof *Vt);
    tw_status status = tw_sliced_singular(N, HALF, m->A, m->values, U, Vt, monitor);
    free(U);
    free(Vt);
    return status;
}

static tw_status orthonormalise(matrices *m, const tw_monitor *monitor) {
    return tw_sliced_orthonormalise(N, N, m->A, NULL, monitor);
}

static void every_question_can_end_them(void **state) {
    (void)state;
    const sliced kinds[] = {eigen,    values,           factor,        cholesky,
                            singular, singular_of_tall, orthonormalise};
    const size_t least[] = {20, 17, 9, 9,
                            18, 35, 38}; /* questions: a panel has at most 64 columns */
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
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
    tw_threads_set(1); /* what is compared are two ways, not two machines */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenpairs_are_those_of_one_piece),
        cmocka_unit_test(joined_eigenpairs_are_those_of_one_piece),
        cmocka_unit_test(singular_vectors_are_those_of_one_piece),
        cmocka_unit_test(orthonormal_columns_are_those_of_one_piece),
        cmocka_unit_test(bunch_kaufman_is_that_of_one_piece),
        cmocka_unit_test(cholesky_is_that_of_one_piece),
        cmocka_unit_test(every_question_can_end_them),
        cmocka_unit_test(what_is_no_number_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
