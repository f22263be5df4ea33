/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector kernels at the ends of the range, and where vectors are one. */
#include "support/test.h"

#include "dense/vector_private.h"

enum { N = 1031 };

/* The norm of N entries of size c is c sqrt(N), also where c^2 is no number or has lost digits. */
static void norms_reach_to_the_ends_of_the_range(void **state) {
    (void)state;
    const double sizes[] = {1.0,    1e-139, 1e-145, 1e-158, 1e-170,
                            1e-300, 1e148,  1e150,  1e200,  1e300};
    double x[N];
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        for (size_t i = 0; i < N; i++) x[i] = i % 2 ? sizes[k] : -sizes[k];
        double ratio = tw_norm(NULL, N, x) / sizes[k] / sqrt((double)N);
        assert_near(ratio, 1.0, N * DBL_EPSILON);
    }
    for (size_t i = 0; i < N; i++) x[i] = 0.0;
    assert_true(tw_norm(NULL, N, x) == 0.0);
    x[7] = (double)INFINITY;
    assert_true(isinf(tw_norm(NULL, N, x)));
    x[7] = (double)NAN;
    assert_true(isnan(tw_norm(NULL, N, x)));
}

static void sums_of_vectors_may_be_their_parts(void **state) {
    (void)state;
    double x[N], y[N], z[N], into_x[N], into_y[N], both[N];
    for (size_t i = 0; i < N; i++) {
        both[i] = into_x[i] = x[i] = (double)(i % 17) - 8.0;
        into_y[i] = y[i] = (double)(i % 5) + 0.5;
    }
    tw_combine(N, 2.0, x, -3.0, y, z);
    tw_combine(N, 2.0, into_x, -3.0, y, into_x);
    tw_combine(N, 2.0, x, -3.0, into_y, into_y);
    tw_combine(N, 2.0, both, -3.0, both, both);
    for (size_t i = 0; i < N; i++) {
        assert_true(z[i] == 2.0 * x[i] - 3.0 * y[i]); /* exact: small multiples of 1/2 */
        assert_true(into_x[i] == z[i] && into_y[i] == z[i] && both[i] == -x[i]);
    }
}

/* One entry that is no number, at every place. */
static void no_number_is_found_at_every_place(void **state) {
    (void)state;
    const double bad[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    double x[N];
    for (size_t i = 0; i < N; i++) x[i] = 1e300;
    assert_true(tw_all_finite(N, x));
    for (size_t i = 0; i < N; i++) {
        x[i] = bad[i % 3];
        assert_false(tw_all_finite(N, x));
        x[i] = 1e300;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(norms_reach_to_the_ends_of_the_range),
        cmocka_unit_test(sums_of_vectors_may_be_their_parts),
        cmocka_unit_test(no_number_is_found_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
