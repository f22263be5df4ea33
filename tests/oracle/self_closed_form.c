/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closed-form optima (theory sections 4, 5) against dense Hessians of the model oracle, and the
 * closed-form losses against published numbers. */
#include "balanced_oracle.h"
#include "check.h"
#include "closed_form_oracle.h"

/* The model of a case and the balanced point with these class logits; rank returned. */
static size_t place(const oracle_case *c, int loss, const double *class_logits, small_model *small,
                    double **theta) {
    size_t hidden[8], K = c->classes;
    for (size_t l = 0; l < c->layers; l++) hidden[l] = c->width;
    small_model_fill(small, K, c->per_class, c->layers, hidden, c->lambda);
    small->model.loss = loss;
    *theta = oracle_alloc(oracle_parameters(&small->model), sizeof **theta);
    double *Z = oracle_alloc(K * K * c->per_class, sizeof *Z);
    oracle_spread(&small->model, class_logits, Z);
    size_t rank = oracle_balanced_point(&small->model, Z, 9, *theta);
    free(Z);
    return rank;
}

/* Gradient zero, loss as said; values (P, out) the eigenvalues. */
static void check_critical(const oracle_model *model, const double *theta, double loss,
                           double *values) {
    size_t P = oracle_parameters(model);
    double *H = oracle_alloc(P * P, sizeof *H);
    oracle_hessian(model, theta, H);
    oracle_eigenvalues(P, H, values);
    oracle_gradient(model, theta, H);
    CHECK_CLOSE(oracle_value(model, theta), loss, (double)P * DBL_EPSILON);
    CHECK_BELOW(oracle_norm(P, H), 10 * (double)P * DBL_EPSILON * values[P - 1]);
    free(H);
}

static void check_spectrum(size_t P, const double *values, size_t count,
                           const oracle_level *levels) {
    double *want = oracle_alloc(P + 1, sizeof *want);
    assert_int_equal(oracle_expand(count, levels, want), P);
    CHECK_BELOW(largest_difference(P, values, want), 10 * (double)P * DBL_EPSILON * values[P - 1]);
    free(want);
}

/* Loss and complete spectrum, for K = 3 (where two rows of the table are empty), n = 1, d = r and
 * every L. */
static void cross_entropy_collapse_has_its_spectrum(void **state) {
    (void)state;
    static const oracle_case cases[] = {
        {4, 2, 6, 2, 0.004}, {5, 2, 8, 1, 0.01}, {3, 3, 4, 3, 0.01}, {4, 1, 3, 2, 0.01},
        {5, 2, 4, 3, 0.001}, {4, 2, 5, 4, 1e-3}, {6, 1, 7, 2, 0.012}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const oracle_case *c = &cases[i];
        double a, loss, same, class_logits[36], *theta;
        small_model small;
        assert_int_equal(oracle_ce_collapse(c, &a, &loss), 0);
        assert_int_equal(oracle_ce_partition(c, 1, &c->classes, class_logits, &same), 0);
        CHECK_CLOSE(same, loss, 16 * DBL_EPSILON);
        assert_int_equal(place(c, ORACLE_CE, class_logits, &small, &theta), c->classes - 1);
        size_t P = oracle_parameters(&small.model);
        double *values = oracle_alloc(P, sizeof *values);
        check_critical(&small.model, theta, loss, values);
        oracle_level levels[ORACLE_MAX_LEVELS];
        check_spectrum(P, values, oracle_ce_spectrum(c, a, levels), levels);
        free(values);
        free(theta);
    }
}

/* L = 1 in closed form: a = log(1/(lambda sqrt n) - K + 1), none from lambda sqrt n = 1/K on. */
static void one_layer_has_the_explicit_scale(void **state) {
    (void)state;
    double a, loss;
    oracle_case c = {5, 4, 5, 1, 0.01};
    assert_int_equal(oracle_ce_collapse(&c, &a, &loss), 0);
    CHECK_CLOSE(a, log(1 / 0.02 - 4), 64 * DBL_EPSILON);
    c.lambda = 0.1001;
    assert_int_equal(oracle_ce_collapse(&c, &a, &loss), -1);
}

/* K = 10, L = 2: losses at n = 5, lambda = 2^-10 (theory section 4, eight decimals). */
static void partitions_have_their_losses(void **state) {
    (void)state;
    static const struct {
        size_t count, blocks[5];
        double loss;
    } rows[] = {
        {1, {10}, .09066218},         {2, {8, 2}, .08843342},          {3, {6, 2, 2}, .08608160},
        {4, {4, 2, 2, 2}, .08345981}, {5, {2, 2, 2, 2, 2}, .08001266}, {2, {7, 3}, .08918839},
        {2, {5, 5}, .08962967},       {3, {5, 3, 2}, .08673088},       {3, {4, 4, 2}, .08690696},
        {4, {3, 3, 2, 2}, .08383209},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double class_logits[100], loss;
        oracle_case c = {10, 5, 10, 2, 0x1p-10};
        assert_int_equal(
            oracle_ce_partition(&c, rows[i].count, rows[i].blocks, class_logits, &loss), 0);
        CHECK_CLOSE(loss, rows[i].loss, 5.1e-9); /* half a unit of the last printed digit */
    }
}

/* Their negative eigenvalues at n = 1, d = 10 and the same lambda n^{1/3}: one stable partition,
 * two that are not. */
static void partitions_have_their_index(void **state) {
    (void)state;
    static const struct {
        size_t count, blocks[5], negative;
    } rows[] = {{3, {6, 2, 2}, 0}, {2, {7, 3}, 2}, {4, {4, 2, 2, 2}, 5}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double class_logits[100], loss, *theta;
        oracle_case c = {10, 1, 10, 2, 0x1p-10 * cbrt(5)};
        small_model small;
        assert_int_equal(
            oracle_ce_partition(&c, rows[i].count, rows[i].blocks, class_logits, &loss), 0);
        assert_int_equal(place(&c, ORACLE_CE, class_logits, &small, &theta), 10 - rows[i].count);
        size_t P = oracle_parameters(&small.model), negative = 0;
        double *values = oracle_alloc(P, sizeof *values);
        check_critical(&small.model, theta, loss, values);
        for (size_t p = 0; p < P; p++) negative += values[p] < -1e-12 * values[P - 1];
        assert_int_equal(negative, rows[i].negative);
        free(values);
        free(theta);
    }
}

/* K = 10, n = 5, L = 2: collapse ceases to exist, to beat zero and to be stable at these lambdas
 * (printed to six digits; the fold is a square-root singularity, so one unit on either side). */
static void thresholds_of_collapse(void **state) {
    (void)state;
    double a, loss;
    oracle_case c = {10, 5, 10, 2, .050445};
    assert_int_equal(oracle_ce_collapse(&c, &a, &loss), 0);
    c.lambda = .050447;
    assert_int_equal(oracle_ce_collapse(&c, &a, &loss), -1);
    c.lambda = .041260;
    assert_int_equal(oracle_ce_collapse(&c, &a, &loss), 0);
    assert_true(loss < log(10));
    c.lambda = .041262;
    assert_int_equal(oracle_ce_collapse(&c, &a, &loss), 0);
    assert_true(loss > log(10));
    c.lambda = .023589;
    assert_int_equal(oracle_ce_collapse(&c, &a, &loss), 0);
    assert_true(a > 10.0 / 3);
    c.lambda = .023591;
    assert_int_equal(oracle_ce_collapse(&c, &a, &loss), 0);
    assert_true(a < 10.0 / 3);
}

static void squared_error_collapse_has_its_spectrum(void **state) {
    (void)state;
    static const oracle_case cases[] = {
        {4, 2, 6, 2, 0.002}, {3, 3, 5, 1, 0.02}, {4, 1, 4, 3, 0.003}, {3, 2, 4, 4, 0.002}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const oracle_case *c = &cases[i];
        size_t K = c->classes;
        double q, class_logits[16] = {0}, *theta;
        small_model small;
        assert_int_equal(oracle_mse_collapse(c, &q), 0);
        for (size_t k = 0; k < K; k++) class_logits[k + K * k] = q;
        assert_int_equal(place(c, ORACLE_MSE, class_logits, &small, &theta), K);
        size_t P = oracle_parameters(&small.model), zeros = 0;
        double *values = oracle_alloc(P, sizeof *values);
        check_critical(&small.model, theta, oracle_mse_loss(c, q, K), values);
        oracle_level levels[ORACLE_MAX_LEVELS];
        check_spectrum(P, values, oracle_mse_spectrum(c, q, levels), levels);
        for (size_t p = 0; p < P; p++) zeros += fabs(values[p]) < 1e-12 * values[P - 1];
        assert_int_equal(zeros, oracle_mse_nullity(c, K));
        free(values);
        free(theta);
    }
}

/* Any projector of rank r < K is critical, moving it is flat, and for L = 1 alone the point is a
 * strict saddle. */
static void check_projector(size_t L, size_t r) {
    oracle_case c = {4, 2, 5, L, 0.002};
    double q, Q[16], class_logits[16] = {0}, *theta;
    small_model small;
    assert_int_equal(oracle_mse_collapse(&c, &q), 0);
    oracle_random_frame(2, 4, r, Q);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            for (size_t t = 0; t < r; t++)
                class_logits[i + 4 * j] += q * Q[i + 4 * t] * Q[j + 4 * t];
    assert_int_equal(place(&c, ORACLE_MSE, class_logits, &small, &theta), r);
    size_t P = oracle_parameters(&small.model), zeros = 0;
    double *values = oracle_alloc(P, sizeof *values);
    check_critical(&small.model, theta, oracle_mse_loss(&c, q, r), values);
    for (size_t p = 0; p < P; p++) zeros += fabs(values[p]) < 1e-12 * values[P - 1];
    assert_int_equal(zeros, oracle_mse_nullity(&c, r));
    assert_int_equal(values[0] < -1e-6, L == 1);
    free(values);
    free(theta);
}

static void squared_error_projectors_are_critical(void **state) {
    (void)state;
    for (size_t L = 1; L <= 3; L++)
        for (size_t r = 1; r < 4; r++) check_projector(L, r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cross_entropy_collapse_has_its_spectrum),
        cmocka_unit_test(one_layer_has_the_explicit_scale),
        cmocka_unit_test(partitions_have_their_losses),
        cmocka_unit_test(partitions_have_their_index),
        cmocka_unit_test(thresholds_of_collapse),
        cmocka_unit_test(squared_error_collapse_has_its_spectrum),
        cmocka_unit_test(squared_error_projectors_are_critical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
