/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inertia against planted and computed eigenvalues. */
#include "support/test.h"

#include <thalweg/curvature/degeneracy.h>
#include <thalweg/spectrum/inertia.h>
#include <thalweg/spectrum/spectrum.h>

#include "conformance/planted.h"

static size_t count_below(const planted *plan, double shift) {
    size_t below = 0;
    for (size_t i = 0; i < plan->n; i++) below += plan->values[i] < shift;
    return below;
}

static double distance_to(const planted *plan, double shift) {
    double nearest = INFINITY;
    for (size_t i = 0; i < plan->n; i++) nearest = fmin(nearest, fabs(plan->values[i] - shift));
    return nearest;
}

/* Every shift is certain and right, or an eigenvalue is near it and that is told. */
static void check_shift(tw_inertia *inertia, const planted *plan, double shift) {
    tw_inertia_split split;
    double rounding = ((double)plan->n + 10.0) * DBL_EPSILON * (planted_norm(plan) + fabs(shift));
    double distance = distance_to(plan, shift);
    assert_ok(tw_inertia_at(inertia, shift, &split));
    assert_int_equal(split.below + split.at + split.above, plan->n);
    if (distance > 20.0 * rounding) {
        assert_false(split.uncertain);
        assert_int_equal(split.below, count_below(plan, shift));
        assert_int_equal(split.at, 0);
        assert_true(split.nearest >= distance - rounding);
        assert_true(split.nearest <= 30.0 * distance + rounding);
    } else if (!split.uncertain)
        assert_int_equal(split.below, count_below(plan, shift));
    if (distance == 0.0) assert_true(split.uncertain);
}

static void check_shifts(planted *plan) {
    tw_inertia inertia;
    tw_linop A = planted_operator(plan);
    plan->products = 0;
    assert_ok(tw_inertia_init(&inertia, &A, NULL));
    assert_int_equal(plan->products, plan->n);
    assert_int_equal(inertia.products, plan->n);
    assert_true(inertia.norm <= planted_norm(plan) * (1.0 + 1e-12));
    assert_true(inertia.norm >= 0.5 * planted_norm(plan));
    for (size_t i = 0; i < plan->n; i += 1 + plan->n / 40) {
        double value = plan->values[i], next = plan->values[(i + 1) % plan->n];
        check_shift(&inertia, plan, value);
        check_shift(&inertia, plan, 0.5 * (value + next));
        for (double step = 1e-16; step < 1.0; step *= 10.0) {
            check_shift(&inertia, plan, value + step * planted_norm(plan));
            check_shift(&inertia, plan, value - step * planted_norm(plan));
        }
    }
    tw_inertia_clear(&inertia);
    tw_inertia_clear(&inertia);
}

static void random_indefinite_operators_count_right(void **state) {
    (void)state;
    const size_t orders[] = {1, 2, 3, 10, 40, 90};
    for (size_t o = 0; o < 6; o++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            size_t n = orders[o];
            double *values = calloc(n, sizeof *values);
            tw_random stream;
            tw_random_init(&stream, seed, TW_PURPOSE_TEST, 77);
            tw_random_fill_normal(&stream, n, values);
            planted plan = planted_make(n, values, seed);
            check_shifts(&plan);
            planted_free(&plan);
            free(values);
        }
}

static const double six[][2] = {{0, 66},     {.005, 96},  {.01, 78},
                                {.1646, 64}, {.6285, 10}, {.6585, 6}};

static void copies_and_scales_count_right(void **state) {
    (void)state;
    const double scales[] = {1.0, 1e-3, 1e6};
    for (size_t s = 0; s < 3; s++) {
        double rows[6][2];
        for (size_t r = 0; r < 6; r++) {
            rows[r][0] = six[r][0] * scales[s];
            rows[r][1] = six[r][1];
        }
        planted plan = planted_copies(6, rows, 2);
        tw_linop A = planted_operator(&plan);
        tw_inertia inertia;
        tw_inertia_counts counts;
        assert_ok(tw_inertia_init(&inertia, &A, NULL));
        assert_ok(tw_inertia_count(&inertia, 1e-11 * scales[s], &counts));
        assert_int_equal(counts.negative, 0);
        assert_int_equal(counts.zero, 66);
        assert_int_equal(counts.positive, 254);
        assert_false(counts.uncertain);
        assert_true(counts.margin > 10.0);
        assert_ok(tw_inertia_count(&inertia, 0.1 * scales[s], &counts));
        assert_int_equal(counts.zero, 240);
        tw_inertia_clear(&inertia);
        planted_free(&plan);
    }
}

/* The threshold at which the dense route counts zero modes, 10 n eps ||A||, is a certain one. */
static void the_threshold_of_the_dense_route_is_certain(void **state) {
    (void)state;
    const double rows[][2] = {{-1, 5}, {-1e-3, 20}, {0, 200}, {1e-3, 40}, {.4, 3}};
    planted plan = planted_copies(5, rows, 9);
    tw_linop A = planted_operator(&plan);
    tw_inertia inertia;
    tw_inertia_counts counts;
    assert_ok(tw_inertia_init(&inertia, &A, NULL));
    assert_ok(tw_inertia_count(&inertia, 10.0 * 268.0 * DBL_EPSILON, &counts));
    assert_int_equal(counts.negative, 25);
    assert_int_equal(counts.zero, 200);
    assert_int_equal(counts.positive, 43);
    assert_false(counts.uncertain);
    assert_true(counts.margin > 3.0);
    tw_inertia_clear(&inertia);
    planted_free(&plan);
}

/* [[0, B], [B^T, 0]]: no diagonal to pivot on; the values are +- singular values of B. */
typedef struct zero_diagonal {
    size_t half;
} zero_diagonal;

static tw_status zero_diagonal_apply(void *self, size_t k, const double *X, size_t ldx, double *Y,
                                     size_t ldy) {
    size_t m = ((const zero_diagonal *)self)->half;
    for (size_t c = 0; c < k; c++)
        for (size_t i = 0; i < m; i++) {
            double upper = 0.0, lower = 0.0;
            for (size_t j = 0; j < m; j++) {
                upper += cos((double)(3 * i + 7 * j)) * X[m + j + c * ldx];
                lower += cos((double)(3 * j + 7 * i)) * X[j + c * ldx];
            }
            Y[i + c * ldy] = upper + X[m + i + c * ldx];
            Y[m + i + c * ldy] = lower + X[i + c * ldx];
        }
    return TW_OK;
}

static void zero_diagonals_take_pivots_of_order_two(void **state) {
    (void)state;
    for (size_t half = 1; half <= 20; half++) {
        zero_diagonal z = {half};
        tw_linop A = {.n = 2 * half, .apply = zero_diagonal_apply, .self = &z};
        tw_dense_result dense;
        tw_inertia inertia;
        assert_ok(tw_spectrum_dense(&A, NULL, &dense));
        assert_ok(tw_inertia_init(&inertia, &A, NULL));
        const double shifts[] = {0.0, 0.3, -0.7, 1.0};
        for (size_t s = 0; s < 4; s++) {
            tw_inertia_split split;
            size_t below = 0;
            assert_ok(tw_inertia_at(&inertia, shifts[s], &split));
            for (size_t i = 0; i < 2 * half; i++) below += dense.pairs.values[i] < shifts[s];
            if (!split.uncertain) assert_int_equal(split.below, below);
            if (s < 3) assert_false(split.uncertain);
            if (s == 0) assert_int_equal(split.below, half);
        }
        tw_inertia_clear(&inertia);
        tw_dense_result_clear(&dense);
    }
}

static void zero_and_identity_are_counted(void **state) {
    (void)state;
    for (size_t n = 0; n <= 4; n++)
        for (size_t one = 0; one < 2; one++) {
            const double row[][2] = {{(double)one, (double)n}};
            planted plan = planted_copies(1, row, 3);
            tw_linop A = planted_operator(&plan);
            tw_inertia inertia;
            tw_inertia_split split;
            tw_inertia_counts counts;
            assert_ok(tw_inertia_init(&inertia, &A, NULL));
            assert_ok(tw_inertia_count(&inertia, 0.0, &counts));
            assert_int_equal(counts.zero, one ? 0 : n);
            assert_int_equal(counts.positive, one ? n : 0);
            assert_ok(tw_inertia_at(&inertia, 0.5, &split));
            assert_int_equal(split.below, one ? 0 : n);
            assert_false(split.uncertain);
            assert_ok(tw_inertia_at(&inertia, (double)one, &split));
            if (n > 0) assert_true(split.uncertain);
            tw_inertia_clear(&inertia);
            planted_free(&plan);
        }
}

static bool stop(void *self, const char *stage, double done, double total) {
    (void)self, (void)stage, (void)done, (void)total;
    return true;
}

static void bad_products_shifts_and_cancellation_are_told(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    tw_inertia inertia;
    tw_inertia_split split;
    tw_inertia_counts counts;
    plan.nan_from = 300;
    assert_int_equal(tw_inertia_init(&inertia, &A, NULL), TW_ERR_NUMERIC);
    assert_null(inertia.matrix);
    plan.nan_from = plan.products = 0;
    plan.fail_from = 300;
    assert_int_equal(tw_inertia_init(&inertia, &A, NULL), TW_ERR_DATA);
    plan.fail_from = 0;
    assert_ok(tw_inertia_init(&inertia, &A, NULL));
    assert_int_equal(tw_inertia_at(&inertia, (double)NAN, &split), TW_ERR_ARGUMENT);
    assert_int_equal(tw_inertia_at(&inertia, (double)INFINITY, &split), TW_ERR_ARGUMENT);
    assert_int_equal(tw_inertia_count(&inertia, -1.0, &counts), TW_ERR_ARGUMENT);
    tw_inertia_clear(&inertia);
    tw_monitor monitor = {stop, NULL};
    assert_ok(tw_inertia_init(&inertia, &A, &monitor));
    assert_true(inertia.cancelled);
    assert_int_equal(tw_inertia_at(&inertia, 0.1, &split), TW_ERR_ARGUMENT);
    tw_inertia_clear(&inertia);
    A.n = 40000;
    assert_int_equal(tw_inertia_init(&inertia, &A, NULL), TW_ERR_UNSUPPORTED);
    planted_free(&plan);
}

/* f = -x_0^2/20 + sum of x_i^2/2; from the second assembly on, x_0 curves upwards. */
enum { FICKLE = 12 };

static tw_status fickle_eval(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    *value = 0.0;
    for (size_t i = 0; i < FICKLE; i++) {
        double curvature = i == 0 ? -0.1 : 1.0;
        *value += 0.5 * curvature * x[i] * x[i];
        if (gradient) gradient[i] = curvature * x[i];
    }
    return TW_OK;
}

static tw_status fickle_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                                double *Y, size_t ldy) {
    size_t *products = self;
    (void)x;
    for (size_t c = 0; c < k; c++) {
        bool late = (*products)++ >= 2 * FICKLE;
        for (size_t i = 0; i < FICKLE; i++)
            Y[i + c * ldy] = (i > 0 ? 1.0 : late ? 0.1 : -0.1) * V[i + c * ldv];
    }
    return TW_OK;
}

static void disagreeing_routes_make_a_verdict_ambiguous(void **state) {
    (void)state;
    const double x[FICKLE] = {0};
    for (size_t start = 0; start < 2; start++) {
        size_t products = start * 2 * FICKLE; /* 1: fickle no more */
        tw_objective objective = {
            .n = FICKLE, .eval = fickle_eval, .hessian = fickle_hessian, .self = &products};
        tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
        tw_degeneracy_result result;
        assert_ok(tw_degeneracy_analyse(&objective, x, &options, &result));
        assert_true(result.inertia_checked);
        assert_int_equal(result.inertia_agrees, start == 1);
        assert_int_equal(result.inertia.negative, 0);
        assert_int_equal(result.inertia.positive, FICKLE);
        assert_true(result.inertia.margin > 1.0);
        assert_int_equal(result.negative_modes, start == 0);
        assert_int_equal(result.verdict, start ? TW_VERDICT_MINIMUM : TW_VERDICT_AMBIGUOUS);
        if (start == 0) assert_non_null(strstr(result.doubt, "two routes disagree"));
        tw_degeneracy_result_clear(&result);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_indefinite_operators_count_right),
        cmocka_unit_test(copies_and_scales_count_right),
        cmocka_unit_test(the_threshold_of_the_dense_route_is_certain),
        cmocka_unit_test(zero_diagonals_take_pivots_of_order_two),
        cmocka_unit_test(zero_and_identity_are_counted),
        cmocka_unit_test(disagreeing_routes_make_a_verdict_ambiguous),
        cmocka_unit_test(bad_products_shifts_and_cancellation_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
