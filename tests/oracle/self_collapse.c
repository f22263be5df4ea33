/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The collapse oracle on data whose measures follow by hand. */
#include "check.h"
#include "collapse_oracle.h"

#define ROUNDING (64 * DBL_EPSILON)

static oracle_collapse measure(size_t d, size_t N, size_t K, const double *H, const int *labels,
                               const double *W) {
    oracle_collapse result = {-1, -1, -1, 0};
    assert_int_equal(oracle_nc(&(oracle_features){d, N, K, H, labels}, W, &result), 0);
    return result;
}

/* d = 1, classes at 1 and -1. Balanced, each sample off its mean by e: Sigma_W = e^2, Sigma_B = 1.
 * Three samples 1-e, 1, 1+e against one at -1: Sigma_W = 2 e^2/4; the mean of the class means stays
 * 0, so Sigma_B = 1 (with the mean over samples, 1/2, it would be 5/4 or, weighted, 3/4). */
static void within_and_between_weigh_samples_and_classes(void **state) {
    (void)state;
    double e = 0.1, W[] = {1, -1};
    double even[] = {1 - e, 1 + e, -1 - e, -1 + e}, uneven[] = {1 - e, 1, 1 + e, -1};
    oracle_collapse c = measure(1, 4, 2, even, (int[]){0, 0, 1, 1}, W);
    CHECK_CLOSE(c.nc1, e * e / 2, ROUNDING);
    c = measure(1, 4, 2, uneven, (int[]){0, 0, 0, 1}, W);
    CHECK_CLOSE(c.nc1, e * e / 4, ROUNDING);
    CHECK_BELOW(c.nc2, ROUNDING); /* W = (1, -1)^T is the simplex of two classes */
    CHECK_BELOW(c.nc3, ROUNDING);
}

/* Sigma_B = diag(1, 0): scatter along the second axis, where the means do not differ, is invisible
 * to the pseudo-inverse. */
static void scatter_outside_the_means_does_not_count(void **state) {
    (void)state;
    double H[] = {1, 3, 1, -3, -1.5, 1, -0.5, -1}, W[] = {1, -1, 0, 0};
    oracle_collapse c = measure(2, 4, 2, H, (int[]){0, 0, 1, 1}, W);
    /* Sigma_W along the first axis: (0 + 0 + 1/4 + 1/4)/4 */
    CHECK_CLOSE(c.nc1, 0.125 / 2, ROUNDING);
    assert_int_equal(c.between_rank, 1);
}

/* K = 2, W = I: W W^T/|.| = I/sqrt 2 against [.5 -.5; -.5 .5]: diagonal off by 1/sqrt 2 - 1/2,
 * the rest by 1/2. Means e_1, e_2: M = [.5 -.5; -.5 .5], already the simplex. */
static void distances_to_the_simplex_follow_by_hand(void **state) {
    (void)state;
    double H[] = {1, 0, 0, 1}, W[] = {1, 0, 0, 1}, miss = 1 / sqrt(2) - 0.5;
    oracle_collapse c = measure(2, 2, 2, H, (int[]){0, 1}, W);
    CHECK_CLOSE(c.nc1, 0, 0);
    CHECK_CLOSE(c.nc2, sqrt(2 * miss * miss + 0.5), ROUNDING);
    CHECK_CLOSE(c.nc3, 0, ROUNDING);
    double skewed[] = {1, 0, 1, 1}; /* W = [1 1; 0 1]: W M = [0 0; -.5 .5] */
    c = measure(2, 2, 2, H, (int[]){0, 1}, skewed);
    CHECK_CLOSE(c.nc3, sqrt(0.25 + 0.25 + 2 * miss * miss), ROUNDING);
}

/* The simplex in a random frame of R^7, n = 3, off centre: collapsed, all three measures vanish;
 * with scatter s in every one of the r = K-1 signal directions, NC1 = tr(...)/K known. */
static void collapsed_features_measure_zero_in_every_frame(void **state) {
    (void)state;
    enum { K = 5, D = 7, SAMPLES = 15 };
    double Q[D * K], H[D * SAMPLES], W[K * D];
    int labels[SAMPLES];
    oracle_random_frame(3, D, K, Q);
    for (int i = 0; i < SAMPLES; i++) labels[i] = i % K;
    for (int j = 0; j < D; j++) {
        double mean = 0;
        for (int k = 0; k < K; k++) mean += Q[j + D * k] / K;
        for (int i = 0; i < SAMPLES; i++) H[j + D * i] = 3 * (Q[j + D * labels[i]] - mean) + 2;
        for (int k = 0; k < K; k++) W[k + K * j] = 0.7 * (Q[j + D * k] - mean);
    }
    oracle_collapse c = measure(D, SAMPLES, K, H, labels, W);
    CHECK_BELOW(c.nc1, ROUNDING);
    CHECK_BELOW(c.nc2, ROUNDING);
    CHECK_BELOW(c.nc3, ROUNDING);
    assert_int_equal(c.between_rank, K - 1);
    /* samples of class k at +-s q_0 and 0 about their mean: Sigma_W = (2/3) s^2 q_0 q_0^T, and
     * Sigma_B^+ = K/9 on the simplex space, where q_0 has squared length 1 - 1/K */
    double s = 0.1;
    for (int i = 0; i < SAMPLES; i++)
        for (int j = 0; j < D; j++) H[j + D * i] += (i / K - 1) * s * Q[j];
    c = measure(D, SAMPLES, K, H, labels, W);
    CHECK_CLOSE(c.nc1, 2.0 / 3 * s * s * (1 - 1.0 / K) / 9, ROUNDING);
}

/* Rotating features and columns of W together changes nothing. */
static void measures_do_not_depend_on_the_gauge(void **state) {
    (void)state;
    enum { K = 3, D = 4, SAMPLES = 9 };
    double Q[D * D], H[D * SAMPLES], W[K * D], turned_H[D * SAMPLES], turned_W[K * D] = {0};
    int labels[] = {0, 0, 0, 0, 1, 1, 1, 2, 2};
    oracle_random_frame(3, D, D, Q);
    oracle_random_normal(4, D * SAMPLES, 1, H);
    oracle_random_normal(5, K * D, 1, W);
    for (size_t i = 0; i < SAMPLES; i++) oracle_multiply(D, D, Q, H + D * i, turned_H + D * i);
    for (int k = 0; k < K; k++)
        for (int j = 0; j < D; j++)
            for (int t = 0; t < D; t++) turned_W[k + K * j] += W[k + K * t] * Q[j + D * t];
    oracle_collapse a = measure(D, SAMPLES, K, H, labels, W);
    oracle_collapse b = measure(D, SAMPLES, K, turned_H, labels, turned_W);
    CHECK_CLOSE(b.nc1, a.nc1, ROUNDING * (1 + a.nc1));
    CHECK_CLOSE(b.nc2, a.nc2, ROUNDING);
    CHECK_CLOSE(b.nc3, a.nc3, ROUNDING);
    assert_true(a.nc1 > 0.1 && a.nc2 > 0.1 && a.nc3 > 0.1);
}

static void empty_class_is_refused(void **state) {
    (void)state;
    oracle_collapse result;
    double H[] = {1, 2}, W[] = {1, 1, 1};
    oracle_features features = {1, 2, 3, H, (int[]){0, 1}};
    assert_int_equal(oracle_nc(&features, W, &result), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(within_and_between_weigh_samples_and_classes),
        cmocka_unit_test(scatter_outside_the_means_does_not_count),
        cmocka_unit_test(distances_to_the_simplex_follow_by_hand),
        cmocka_unit_test(collapsed_features_measure_zero_in_every_frame),
        cmocka_unit_test(measures_do_not_depend_on_the_gauge),
        cmocka_unit_test(empty_class_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
