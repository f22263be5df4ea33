/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chebyshev series of a number and of an operator, and the bump. */
#include "support/test.h"

#include <thalweg/operator/polynomial.h>

#include "conformance/planted.h"

enum { COLUMNS = 19 }; /* more than one block of the operator */

/* sum_j c_j cos(j arccos x) */
static double by_cosines(const tw_chebyshev *series, double t) {
    double angle = acos((t - series->centre) / series->half_width), sum = 0.0;
    for (size_t j = 0; j <= series->degree; j++)
        sum += series->coefficients[j] * cos((double)j * angle);
    return sum;
}

static void a_series_is_a_sum_of_cosines(void **state) {
    (void)state;
    const double coefficients[] = {0.5, -1.0, 0.25, 3.0, 0.0, -0.125};
    for (size_t degree = 0; degree < 6; degree++) {
        tw_chebyshev series = {2.0, 3.0, degree, coefficients};
        for (double t = -1.0; t <= 5.0; t += 0.125)
            assert_near(tw_chebyshev_eval(&series, t), by_cosines(&series, t), 200 * DBL_EPSILON);
    }
}

/* p(A) = U p(D) U, applied to columns with gaps between them. */
static void check_products(planted *plan, tw_chebyshev series) {
    size_t n = plan->n, ldx = n + 2, ldy = n + 1;
    tw_linop A = planted_operator(plan);
    tw_polynomial polynomial;
    planted image = *plan;
    double *X = calloc(ldx * COLUMNS, sizeof *X), *Y = calloc(ldy * COLUMNS, sizeof *Y);
    double *expected = calloc(n * COLUMNS, sizeof *expected), size = 0.0;
    image.values = calloc(n, sizeof(double));
    for (size_t i = 0; i < n; i++) image.values[i] = tw_chebyshev_eval(&series, plan->values[i]);
    for (size_t j = 0; j <= series.degree; j++) size += fabs(series.coefficients[j]);
    for (size_t i = 0; i < ldx * COLUMNS; i++) X[i] = sin((double)(3 * i + 1));
    planted_apply(&image, COLUMNS, X, ldx, expected, n);
    plan->products = 0;
    assert_ok(tw_polynomial_init(&polynomial, &A, series));
    tw_linop p = tw_polynomial_linop(&polynomial);
    assert_int_equal(p.n, n);
    assert_ok(tw_linop_apply(&p, COLUMNS, X, ldx, Y, ldy));
    assert_int_equal(polynomial.products, series.degree * COLUMNS);
    assert_int_equal(plan->products, series.degree * COLUMNS);
    double tolerance = 10.0 * ((double)series.degree + 2.0) * ((double)n + 10.0) * DBL_EPSILON;
    for (size_t c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < n; i++)
            assert_near(Y[i + c * ldy], expected[i + c * n], tolerance * size);
    for (size_t c = 0; c + 1 < COLUMNS; c++) assert_true(Y[n + c * ldy] == 0.0);
    tw_polynomial_clear(&polynomial);
    tw_polynomial_clear(&polynomial);
    free(X);
    free(Y);
    free(expected);
    free(image.values);
}

static void products_agree_with_the_eigenvalues(void **state) {
    (void)state;
    double values[30], coefficients[41];
    for (size_t i = 0; i < 30; i++) values[i] = 1.0 + 2.0 * cos((double)(i * i));
    planted plan = planted_make(30, values, 5);
    for (size_t j = 0; j <= 40; j++) coefficients[j] = cos((double)(j + 1)) / (1.0 + (double)j);
    for (size_t degree = 0; degree <= 40; degree += degree < 4 ? 1 : 9)
        check_products(&plan, (tw_chebyshev){1.0, 2.0, degree, coefficients});
    tw_chebyshev_bump(40, coefficients);
    check_products(&plan, (tw_chebyshev){0.5, 2.5, 40, coefficients});
    planted_free(&plan);
}

static void the_bump_is_even_positive_and_falls(void **state) {
    (void)state;
    const size_t degrees[] = {2, 8, 30, 100, 1000};
    for (size_t d = 0; d < 5; d++) {
        size_t degree = degrees[d];
        double *coefficients = calloc(degree + 1, sizeof(double));
        tw_chebyshev_bump(degree, coefficients);
        tw_chebyshev series = {0.0, 1.0, degree, coefficients};
        double rounding = 10.0 * (double)degree * DBL_EPSILON,
               width = acos(-1.0) / (double)(degree + 1);
        double before = 1.0;
        assert_near(tw_chebyshev_eval(&series, 0.0), 1.0, rounding);
        for (double x = 0.0; x <= 1.0; x += 0.05 * width) {
            double p = tw_chebyshev_eval(&series, x);
            assert_near(p, tw_chebyshev_eval(&series, -x), rounding);
            assert_true(p >= -rounding && p <= 1.0 + rounding);
            if (before > 0.05) assert_true(p <= before + rounding);
            if (x > 4.0 * width) assert_true(p < 0.05);
            if (degree >= 30 && x < 2.0 * width)
                assert_near(p, exp(-0.5 * x * x / (width * width)), 0.05);
            before = p;
        }
        free(coefficients);
    }
}

static void bad_ranges_and_products_are_errors(void **state) {
    (void)state;
    const double values[] = {1, 2, 3}, coefficients[] = {0, 0, 1}, X[3] = {1, 1, 1};
    const double widths[] = {0.0, -1.0, (double)NAN, (double)INFINITY};
    planted plan = planted_make(3, values, 1);
    tw_linop A = planted_operator(&plan);
    tw_polynomial polynomial;
    double Y[3];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            tw_polynomial_init(&polynomial, &A, (tw_chebyshev){2.0, widths[i], 2, coefficients}),
            TW_ERR_ARGUMENT);
    assert_ok(tw_polynomial_init(&polynomial, &A, (tw_chebyshev){2.0, 1.0, 2, coefficients}));
    tw_linop p = tw_polynomial_linop(&polynomial);
    plan.fail_from = 2;
    assert_int_equal(tw_linop_apply(&p, 1, X, 3, Y, 3), TW_ERR_DATA);
    tw_polynomial_clear(&polynomial);
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_is_a_sum_of_cosines),
        cmocka_unit_test(products_agree_with_the_eigenvalues),
        cmocka_unit_test(the_bump_is_even_positive_and_falls),
        cmocka_unit_test(bad_ranges_and_products_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
