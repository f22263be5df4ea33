/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares with bounds: small problems against every possible active set, larger ones against
 * the conditions that characterise a minimiser, many variables in little time.
 *
 * Tolerances: the residual of a minimiser is insensitive to errors of x, so residuals agree to m n
 * eps times the size of b and A x; gradients carry the same times the columns' lengths. */
#include "dense/bounded_private.h"

#include "support/oom.h"
#include "support/test.h"

#include <stdbool.h>
#include <thalweg/base/monitor.h>
#include <thalweg/base/random.h>

#include "oracle/bounded_oracle.h"

typedef struct problem {
    size_t m, n;
    double *A, *b, *low, *high, *x;
} problem;

static void problem_init(problem *p, size_t m, size_t n, uint64_t seed) {
    tw_random stream;
    *p = (problem){.m = m, .n = n};
    p->A = calloc(m * n + 1, sizeof *p->A);
    p->b = calloc(m + 1, sizeof *p->b);
    p->low = calloc(n + 1, sizeof *p->low);
    p->high = calloc(n + 1, sizeof *p->high);
    p->x = calloc(n + 1, sizeof *p->x);
    tw_random_init(&stream, seed, TW_PURPOSE_TEST, m * 1000 + n);
    tw_random_fill_normal(&stream, m * n, p->A);
    tw_random_fill_normal(&stream, m, p->b);
    tw_random_fill_normal(&stream, n, p->x);
    for (size_t j = 0; j < n; j++) {
        double middle = 0.3 * tw_random_normal(&stream), reach = 0.3 * tw_random_uniform(&stream);
        p->low[j] = middle - reach;
        p->high[j] = middle + reach;
    }
}

static void problem_clear(problem *p) {
    free(p->A);
    free(p->b);
    free(p->low);
    free(p->high);
    free(p->x);
}

static tw_status solve_for(problem *p, double *residual) {
    const tw_bounded given = {p->m, p->n, p->A, p->b, p->low, p->high, NULL};
    return tw_bounded_least_squares(&given, p->x, residual);
}

static double dot(size_t n, const double *x, const double *y) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

/* A x - b, its norm returned. */
static double misfit(const problem *p, double *r) {
    for (size_t i = 0; i < p->m; i++) {
        r[i] = -p->b[i];
        for (size_t j = 0; j < p->n; j++) r[i] += p->A[i + j * p->m] * p->x[j];
    }
    return sqrt(dot(p->m, r, r));
}

/* Within the bounds; no gradient between them, none that pulls off them. Returns the residual. */
static double check_minimiser(problem *p) {
    double residual, *r = calloc(p->m + 1, sizeof *r), size = sqrt(dot(p->m, p->b, p->b));
    assert_ok(solve_for(p, &residual));
    double fresh = misfit(p, r);
    for (size_t j = 0; j < p->n; j++) {
        const double *a = p->A + j * p->m;
        size += sqrt(dot(p->m, a, a)) * fabs(p->x[j]);
    }
    double error = (double)(p->m + p->n) * DBL_EPSILON * size;
    assert_near(residual, fresh, error);
    for (size_t j = 0; j < p->n; j++) {
        const double *a = p->A + j * p->m;
        double g = dot(p->m, a, r), length = sqrt(dot(p->m, a, a));
        double allowed = 10.0 * sqrt((double)p->n) * length * error;
        assert_true(p->low[j] <= p->x[j] && p->x[j] <= p->high[j]);
        if (p->x[j] > p->low[j] && g > allowed) fail_msg("x[%zu] could sink: g = %g", j, g);
        if (p->x[j] < p->high[j] && g < -allowed) fail_msg("x[%zu] could rise: g = %g", j, g);
    }
    free(r);
    return residual;
}

static void check_against_oracle(problem *p) {
    double best[8], expected = oracle_bounded(p->m, p->n, p->A, p->b, p->low, p->high, best);
    double size = sqrt(dot(p->m, p->b, p->b)) + (double)(p->m * p->n) * test_largest(p->n, best);
    assert_near(check_minimiser(p), expected,
                1e2 * (double)(p->m * p->n) * DBL_EPSILON * fmax(1.0, size));
}

/* Independent columns, fewer rows than columns, repeated columns, one bound only, no room at all.
 */
static void small_problems_agree_with_all_active_sets(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++)
        for (size_t n = 1; n <= 6; n++)
            for (size_t m = 1; m <= 9; m += 2) {
                problem p;
                problem_init(&p, m, n, seed);
                if (seed % 3 == 1 && n > 2) /* rank deficient, and not only by shape */
                    for (size_t i = 0; i < m; i++) {
                        p.A[i + m] = -2.0 * p.A[i];
                        p.A[i + 2 * m] = p.A[i] + p.A[i + m * (n - 1)];
                    }
                if (seed % 3 == 2) {
                    for (size_t j = 0; j < n; j++) p.low[j] = 0.0;
                    for (size_t j = 0; j < n; j++) p.high[j] = INFINITY;
                }
                if (seed % 5 == 0) p.high[0] = p.low[0];
                check_against_oracle(&p);
                problem_clear(&p);
            }
}

static void units_of_columns_do_not_matter(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        problem p, q;
        double residual;
        problem_init(&p, 9, 6, seed);
        problem_init(&q, 9, 6, seed);
        for (size_t j = 0; j < p.n; j++) {
            double unit = ldexp(1.0, 20 * (int)j - 60);
            for (size_t i = 0; i < p.m; i++) q.A[i + j * p.m] *= unit;
            q.low[j] /= unit;
            q.high[j] /= unit;
            q.x[j] /= unit;
        }
        double expected = check_minimiser(&p);
        assert_ok(solve_for(&q, &residual));
        assert_near(residual, expected, 1e2 * DBL_EPSILON * expected);
        for (size_t j = 0; j < p.n; j++)
            assert_near(q.x[j] * ldexp(1.0, 20 * (int)j - 60), p.x[j], 1e-12);
        problem_clear(&p);
        problem_clear(&q);
    }
}

/* Columns that are zero, or too short to be made longer, leave their variables alone. */
static void vanishing_columns_are_left_out(void **state) {
    (void)state;
    problem p;
    problem_init(&p, 9, 6, 2);
    double start = p.low[1] + 0.25 * (p.high[1] - p.low[1]);
    for (size_t i = 0; i < p.m; i++) {
        p.A[i + p.m] = 0.0;
        p.A[i + 3 * p.m] = ldexp(p.A[i + 3 * p.m], -1070);
    }
    p.x[1] = start;
    check_against_oracle(&p);
    assert_true(p.x[1] == start);
    problem_clear(&p);
}

/* Without bounds it is plain least squares; a right-hand side in the range is met exactly. */
static void without_bounds_a_point_in_the_range_is_met(void **state) {
    (void)state;
    problem p;
    problem_init(&p, 20, 8, 3);
    memset(p.b, 0, p.m * sizeof *p.b);
    for (size_t j = 0; j < p.n; j++) {
        p.low[j] = -INFINITY;
        p.high[j] = INFINITY;
        for (size_t i = 0; i < p.m; i++) p.b[i] += p.A[i + j * p.m] * (double)j;
    }
    assert_near(check_minimiser(&p), 0.0, 1e-13);
    for (size_t j = 0; j < p.n; j++) assert_near(p.x[j], (double)j, 1e-12);
    problem_clear(&p);
}

/* Columns that nearly agree, half of them redundant, and a start in the wrong corner. */
static void hundreds_of_variables_take_seconds(void **state) {
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        problem p;
        problem_init(&p, 3000, 500, 1);
        for (size_t j = 0; j < p.n; j++) {
            if (kind == 1) p.low[j] = 0.0, p.high[j] = INFINITY;
            if (kind == 2 && j >= 250)
                memcpy(p.A + j * p.m, p.A + (j - 250) * p.m, p.m * sizeof *p.A);
            for (size_t i = 0; kind == 3 && i < p.m; i++)
                p.A[i + j * p.m] = exp(-1e-4 * pow((double)i / 3.0 - 2.0 * (double)j, 2.0));
            p.x[j] = kind % 2 ? p.low[j] : p.high[j];
        }
        double start = tw_clock_seconds();
        check_minimiser(&p);
        assert_true(tw_clock_seconds() - start < 60.0); /* far above what a loaded machine takes */
        problem_clear(&p);
    }
}

static void wrong_arguments_are_refused(void **state) {
    (void)state;
    problem p;
    double residual = 7.0;
    problem_init(&p, 3, 2, 1);
    p.low[1] = p.high[1] + 1.0;
    assert_int_equal(solve_for(&p, &residual), TW_ERR_ARGUMENT);
    p.low[1] = p.high[1];
    p.A[3] = NAN;
    assert_int_equal(solve_for(&p, &residual), TW_ERR_NUMERIC);
    assert_true(residual == 7.0);
    p.n = 0;
    assert_ok(solve_for(&p, &residual));
    assert_near(residual, sqrt(dot(3, p.b, p.b)), 1e-15);
    p.n = 2;
    p.m = 0;
    assert_ok(solve_for(&p, &residual));
    assert_true(residual == 0.0);
    problem_clear(&p);
}

/* Ends at the ask that brings *self to 0. */
static bool count_down(void *self, const char *stage, double done, double total) {
    size_t *left = self;
    (void)stage;
    (void)done;
    (void)total;
    return *left == 0 || --*left == 0;
}

/* Within the reduction and within both stages; x and the residual stay as they were. */
static void it_can_be_ended(void **state) {
    (void)state;
    problem p;
    problem_init(&p, 3000, 400, 1);
    double start = p.x[0], residual = 7.0;
    size_t asks = 0;
    for (tw_status status = TW_STOPPED; status != TW_OK; asks++) {
        size_t left = asks + 1;
        const tw_monitor monitor = {count_down, &left};
        const tw_bounded given = {p.m, p.n, p.A, p.b, p.low, p.high, &monitor};
        status = tw_bounded_least_squares(&given, p.x, &residual);
        if (status == TW_OK) break;
        assert_int_equal(status, TW_STOPPED);
        assert_true(residual == 7.0 && p.x[0] == start);
    }
    assert_true(asks > 2 * (400 / 32) + 2 && residual != 7.0);
    problem_clear(&p);
}

static tw_status solve(void *self) {
    problem *p = self;
    double residual;
    return solve_for(p, &residual);
}

static void failing_allocations_are_survived(void **state) {
    (void)state;
    problem p;
    problem_init(&p, 9, 6, 1);
    assert_true(oom_check(solve, &p) > 15);
    problem_clear(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_problems_agree_with_all_active_sets),
        cmocka_unit_test(units_of_columns_do_not_matter),
        cmocka_unit_test(vanishing_columns_are_left_out),
        cmocka_unit_test(without_bounds_a_point_in_the_range_is_met),
        cmocka_unit_test(hundreds_of_variables_take_seconds),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(it_can_be_ended),
        cmocka_unit_test(failing_allocations_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
