/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts and blocks of the Hessian at a point, against the whole one column by column: the same
 * product of the same columns, so the same bits where a block is cut out, and sums of parts that
 * agree to rounding. */
#include <thalweg/examination/point_operator.h>

#include "support/built.h"

static const test_case odd = {"ce", "linear", 3, 2, 5, 2, 0.01};

/* H column by column (n x n). */
static double *matrix_of(const tw_linop *A) {
    double *unit = calloc(A->n, sizeof *unit), *H = calloc(A->n * A->n, sizeof *H);
    for (size_t j = 0; j < A->n; j++) {
        unit[j] = 1.0;
        assert_ok(tw_linop_apply(A, 1, unit, A->n, H + j * A->n, A->n));
        unit[j] = 0.0;
    }
    free(unit);
    return H;
}

static double *matrix_at(const built *b, const char *part, const char *blocks, size_t *n) {
    tw_point_operator at;
    assert_ok(tw_point_operator_init(&at, b->evaluator, b->point.theta, part, blocks));
    assert_int_equal(at.whole, blocks == NULL && strcmp(part, "all") == 0);
    double *H = matrix_of(&at.A);
    *n = at.A.n;
    tw_point_operator_clear(&at);
    tw_point_operator_clear(&at);
    return H;
}

static void blocks_are_rows_and_columns_of_the_whole(void **state) {
    (void)state;
    built b = build(&odd, "random", 1);
    size_t n, m;
    double *whole = matrix_at(&b, "all", NULL, &n);
    double *cut = matrix_at(&b, "all", "H,W1", &m);
    const tw_block first = tw_dufm_block(&b.point.model, 0),
                   last = tw_dufm_block(&b.point.model, 2);
    const size_t height = first.rows * first.cols;
    assert_int_equal(m, height + last.rows * last.cols);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++) {
            size_t row = i < height ? first.offset + i : last.offset + i - height;
            size_t column = j < height ? first.offset + j : last.offset + j - height;
            assert_true(cut[i + j * m] == whole[row + column * n]);
        }
    free(whole);
    free(cut);
    built_clear(&b);
}

static void parts_add_up(void **state) {
    (void)state;
    built b = build(&odd, "random", 1);
    size_t n;
    double *data = matrix_at(&b, "data", NULL, &n),
           *newton = matrix_at(&b, "gauss-newton", NULL, &n);
    double *rest = matrix_at(&b, "residual", NULL, &n), scale = 0.0, apart = 0.0;
    for (size_t i = 0; i < n * n; i++) {
        scale = fmax(scale, fabs(newton[i]) + fabs(rest[i]));
        apart = fmax(apart, fabs(newton[i] - data[i]));
    }
    assert_true(apart > 1e-3 * scale); /* or the sum would say nothing */
    for (size_t i = 0; i < n * n; i++)
        assert_near(newton[i] + rest[i], data[i], 100 * DBL_EPSILON * scale);
    free(data);
    free(newton);
    free(rest);
    built_clear(&b);
}

static void what_is_not_there_is_refused(void **state) {
    (void)state;
    built b = build(&odd, "random", 1);
    tw_point_operator at;
    const char *const lists[] = {"W3", "W1,W1", "", "W1,", "b", "h"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        assert_int_equal(tw_point_operator_init(&at, b.evaluator, b.point.theta, "all", lists[i]),
                         TW_ERR_ARGUMENT);
        assert_non_null(strstr(tw_last_error(), "W1 to W2, H, each named once"));
    }
    assert_int_equal(tw_point_operator_init(&at, b.evaluator, b.point.theta, "ridge", NULL),
                     TW_ERR_ARGUMENT);
    built_clear(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_rows_and_columns_of_the_whole),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(what_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
