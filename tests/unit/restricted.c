/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A principal submatrix by products against its entries. */
#include "support/test.h"

#include <thalweg/operator/restricted.h>

enum { N = 9, COLUMNS = 37 }; /* more columns than one block of the operator */

static double entry(size_t i, size_t j) {
    return 1.0 / (1.0 + (double)(i + j)) + (i == j ? (double)i : 0.0);
}

static tw_status apply(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy) {
    (void)self;
    for (size_t c = 0; c < k; c++)
        for (size_t i = 0; i < N; i++) {
            Y[i + c * ldy] = 0.0;
            for (size_t j = 0; j < N; j++) Y[i + c * ldy] += entry(i, j) * X[j + c * ldx];
        }
    return TW_OK;
}

static const tw_linop whole = {.n = N, .apply = apply};

static void products_are_those_of_the_submatrix(void **state) {
    (void)state;
    const tw_slice slices[] = {{1, 2}, {5, 1}, {7, 2}};
    const size_t indices[] = {1, 2, 5, 7, 8};
    tw_restricted restricted;
    assert_ok(tw_restricted_init(&restricted, &whole, 3, slices));
    tw_linop part = tw_restricted_linop(&restricted);
    assert_int_equal(part.n, 5);
    double X[6 * COLUMNS] = {0}, Y[7 * COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < 5; i++) X[i + 6 * c] = sin((double)(1 + i + 5 * c));
    assert_ok(tw_linop_apply(&part, COLUMNS, X, 6, Y, 7));
    for (size_t c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < 5; i++) {
            double expected = 0.0;
            for (size_t j = 0; j < 5; j++) expected += entry(indices[i], indices[j]) * X[j + 6 * c];
            assert_near(Y[i + 7 * c], expected, 50 * DBL_EPSILON);
        }
    tw_restricted_clear(&restricted);
    tw_restricted_clear(&restricted);
}

static void bad_slices_are_refused(void **state) {
    (void)state;
    const tw_slice overlap[] = {{1, 3}, {3, 1}}, outside[] = {{7, 3}}, empty[] = {{2, 0}};
    tw_restricted restricted;
    assert_int_equal(tw_restricted_init(&restricted, &whole, 2, overlap), TW_ERR_ARGUMENT);
    assert_int_equal(tw_restricted_init(&restricted, &whole, 1, outside), TW_ERR_ARGUMENT);
    assert_int_equal(tw_restricted_init(&restricted, &whole, 1, empty), TW_ERR_ARGUMENT);
    assert_int_equal(tw_restricted_init(&restricted, &whole, 0, empty), TW_ERR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_those_of_the_submatrix),
        cmocka_unit_test(bad_slices_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
