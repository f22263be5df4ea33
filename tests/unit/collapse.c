/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a point looks like, against the definitions written out, closed forms and invariances.
 *
 * Tolerances: sums of at most 100 products of numbers of size 1. NC1 divides by the squared
 * singular values of the class means; the oracle forms their squares, so that the condition number
 * (below 100 for these points) enters squared. */
#include "support/test.h"

#include <stdbool.h>
#include <thalweg/examination/examination.h>

#include "oracle/balanced_oracle.h"
#include "oracle/collapse_oracle.h"
#include "oracle/dense_oracle.h"

#define ROUNDING (1e3 * DBL_EPSILON)
#define NC1_ROUNDING (1e5 * DBL_EPSILON)
#define SAME_CUTOFF 1e-6 /* of singular values: ORACLE_NC_CUTOFF of their squares */

enum { MAX_LAYERS = 4, MAX_WIDTH = 8 };

typedef struct recipe {
    size_t layers, widths[MAX_LAYERS + 1];
    size_t class_sizes[MAX_WIDTH];
    const char *activation;
    bool bias;
    double lambda_W[MAX_LAYERS];
} recipe;

typedef struct fixture {
    tw_dufm model;
    oracle_model oracle;
    tw_evaluator *evaluator;
    size_t n;
    double *theta;
    tw_description described;
} fixture;

/* Samples of all classes in turn, until each has its number. */
static void fill_labels(const recipe *r, tw_dufm *model) {
    size_t filled = 0;
    for (size_t round = 0; filled < model->samples; round++)
        for (size_t k = 0; k < r->widths[r->layers]; k++)
            if (round < r->class_sizes[k]) model->labels[filled++] = (int)k;
}

/* The oracle's numbers follow the library's table (tests/conformance/objective.c checks that). */
static int activation_number(const char *name) {
    int number = 0;
    while (tw_activation_at((size_t)number) != tw_activation_find(name)) number++;
    return number;
}

static void fixture_init(fixture *f, const recipe *r) {
    size_t samples = 0;
    *f = (fixture){0};
    for (size_t k = 0; k < r->widths[r->layers]; k++) samples += r->class_sizes[k];
    assert_ok(tw_dufm_init(&f->model, r->layers, samples));
    memcpy(f->model.widths, r->widths, (r->layers + 1) * sizeof *r->widths);
    memcpy(f->model.lambda_W, r->lambda_W, r->layers * sizeof *r->lambda_W);
    fill_labels(r, &f->model);
    f->model.lambda_H = 0.03;
    f->model.bias = r->bias;
    f->model.loss = tw_loss_find("ce");
    f->model.activation = tw_activation_find(r->activation);
    f->oracle = (oracle_model){.layers = r->layers,
                               .widths = f->model.widths,
                               .samples = samples,
                               .labels = f->model.labels,
                               .activation = activation_number(r->activation),
                               .lambda_W = f->model.lambda_W,
                               .lambda_H = f->model.lambda_H,
                               .bias = r->bias};
    f->n = tw_dufm_parameters(&f->model);
    f->theta = oracle_alloc(f->n, sizeof(double));
}

static void describe(fixture *f, double rank_tolerance) {
    tw_description_clear(&f->described);
    if (f->evaluator == NULL) assert_ok(tw_evaluator_create(&f->model, &f->evaluator));
    assert_ok(tw_point_describe(f->evaluator, f->theta, rank_tolerance, NULL, &f->described));
    assert_int_equal(f->described.shape.space_count, f->model.layers);
    for (size_t l = f->model.layers; l-- > 0;)
        assert_int_equal(f->described.shape.collapse[l].space, l);
}

static void fixture_clear(fixture *f) {
    tw_description_clear(&f->described);
    tw_description_clear(&f->described);
    tw_evaluator_destroy(f->evaluator);
    tw_dufm_clear(&f->model);
    free(f->theta);
}

static const recipe recipes[] = {
    {1, {5, 3}, {3, 1, 4}, "linear", false, {0.02}},
    {2, {7, 4, 5}, {2, 2, 2, 2, 2}, "linear", true, {0.02, 0.05}},
    {3, {3, 6, 2, 4}, {1, 5, 2, 2}, "linear", false, {0.02, 0.01, 0.07}},
    {4, {6, 3, 8, 5, 3}, {4, 3, 2}, "linear", false, {0.02, 0.02, 0.02, 0.02}},
    {3, {6, 5, 7, 4}, {3, 1, 2, 4}, "tanh", true, {0.02, 0.01, 0.07}},
    {3, {5, 8, 7, 3}, {2, 6, 3}, "relu", false, {0.02, 0.01, 0.07}},
};

/* Each recipe at a random point, described. */
static void for_every_recipe(void (*check)(fixture *f, const recipe *r)) {
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        fixture f;
        fixture_init(&f, &recipes[i]);
        oracle_random_normal(70 + i, f.n, 1.0, f.theta);
        describe(&f, SAME_CUTOFF);
        check(&f, &recipes[i]);
        fixture_clear(&f);
    }
}

/* C = A B, all column-major: A m x n, B n x p. */
static void multiply(size_t m, size_t n, size_t p, const double *A, const double *B, double *C) {
    for (size_t j = 0; j < p; j++) oracle_multiply(m, n, A, B + n * j, C + m * j);
}

static double phi(int activation, double s) {
    return activation == ORACLE_TANH ? tanh(s) : activation == ORACLE_RELU ? fmax(s, 0.0) : s;
}

/* A (d_l x N, out) and W = W_L ... W_{l+1} (K x d_l, out), step by step. */
static void space_of(const fixture *f, size_t l, double *A, double *W) {
    const size_t *d = f->model.widths, L = f->model.layers, N = f->model.samples;
    double *next = oracle_alloc(MAX_WIDTH * (N + MAX_WIDTH), sizeof *next);
    memcpy(A, f->theta + oracle_offset(&f->oracle, L), d[0] * N * sizeof *A);
    for (size_t j = 1; j <= l; j++) {
        multiply(d[j], d[j - 1], N, f->theta + oracle_offset(&f->oracle, j - 1), A, next);
        for (size_t i = 0; i < d[j] * N; i++) A[i] = phi(f->oracle.activation, next[i]);
    }
    memcpy(W, f->theta + oracle_offset(&f->oracle, L - 1), d[L] * d[L - 1] * sizeof *W);
    for (size_t j = L - 1; j > l; j--) {
        multiply(d[L], d[j], d[j - 1], W, f->theta + oracle_offset(&f->oracle, j - 1), next);
        memcpy(W, next, d[L] * d[j - 1] * sizeof *W);
    }
    free(next);
}

static void check_spaces(fixture *f, const recipe *r) {
    size_t K = r->widths[r->layers], N = f->model.samples;
    double *A = oracle_alloc(MAX_WIDTH * N, sizeof *A), W[MAX_WIDTH * MAX_WIDTH];
    for (size_t l = 0; l < r->layers; l++) {
        const tw_collapse *got = &f->described.shape.collapse[l];
        oracle_collapse want;
        space_of(f, l, A, W);
        oracle_features features = {r->widths[l], N, K, A, f->model.labels};
        assert_int_equal(oracle_nc(&features, W, &want), 0);
        assert_near(got->nc1, want.nc1, NC1_ROUNDING * (1.0 + want.nc1));
        assert_near(got->nc2, want.nc2, ROUNDING);
        assert_near(got->nc3, want.nc3, ROUNDING);
        assert_true(want.nc1 > 0.01 && want.nc2 > 0.1 && want.nc3 > 0.1);
    }
    free(A);
}

static void check_numbers(fixture *f, const recipe *r) {
    const tw_description *d = &f->described;
    size_t K = r->widths[r->layers], N = f->model.samples, rank = 0;
    double *g = oracle_alloc(f->n, sizeof *g), *Z = oracle_alloc(K * N, sizeof *Z);
    double *VT = oracle_alloc(K * N, sizeof *VT), U[MAX_WIDTH * MAX_WIDTH], s[MAX_WIDTH];
    oracle_gradient(&f->oracle, f->theta, g);
    oracle_logits(&f->oracle, f->theta, Z);
    oracle_svd(K, N, Z, s, U, VT); /* every class has a sample: K <= N */
    assert_int_equal(d->parameters, f->n);
    assert_near(d->loss, oracle_value(&f->oracle, f->theta), ROUNDING * d->loss);
    assert_near(d->fit + d->penalty, d->loss, ROUNDING * d->loss);
    assert_near(d->gradient_norm, oracle_norm(f->n, g), ROUNDING * d->gradient_norm);
    assert_int_equal(d->shape.logit_count, K);
    assert_near(test_distance(K, d->shape.logit_singular_values, s), 0.0, ROUNDING * s[0]);
    while (rank < K && s[rank] > SAME_CUTOFF * s[0]) rank++;
    assert_int_equal(d->shape.logit_rank, rank);
    free(g), free(Z), free(VT);
}

static void measures_and_numbers_are_the_oracles(void **state) {
    (void)state;
    for_every_recipe(check_spaces);
    for_every_recipe(check_numbers);
}

/* A balanced point whose logits have column k of these for every sample of class k. */
static void balance_at(fixture *f, const double *class_logits, size_t rank) {
    double *Z = oracle_alloc(tw_dufm_classes(&f->model) * f->model.samples, sizeof *Z);
    oracle_spread(&f->oracle, class_logits, Z);
    assert_int_equal(oracle_balanced_point(&f->oracle, Z, 42, f->theta), rank);
    describe(f, TW_RANK_TOLERANCE);
    assert_int_equal(f->described.shape.logit_rank, rank);
    assert_near(f->described.shape.balance_defect, 0.0, ROUNDING);
    free(Z);
}

static void the_simplex_has_collapsed(void **state) {
    (void)state;
    static const recipe cases[] = {
        {1, {6, 4}, {3, 3, 3, 3}, "linear", false, {0.02}},
        {2, {4, 7, 5}, {1, 1, 1, 1, 1}, "linear", false, {0.02, 0.06}},
        {3, {6, 2, 5, 3}, {4, 4, 4}, "linear", true, {0.01, 0.02, 0.09}},
    };
    for (size_t i = 0; i < 3; i++) {
        fixture f;
        fixture_init(&f, &cases[i]);
        size_t K = tw_dufm_classes(&f.model);
        double simplex[MAX_WIDTH * MAX_WIDTH];
        for (size_t j = 0; j < K * K; j++)
            simplex[j] = 5.0 * ((j % K == j / K ? 1.0 : 0.0) - 1.0 / (double)K);
        balance_at(&f, simplex, K - 1);
        for (size_t l = 0; l < f.model.layers; l++) {
            const tw_collapse *c = &f.described.shape.collapse[l];
            assert_near(c->nc1, 0.0, ROUNDING * ROUNDING);
            assert_near(c->nc2, 0.0, ROUNDING);
            assert_near(c->nc3, 0.0, ROUNDING);
        }
        fixture_clear(&f);
    }
}

/* K = 2, d = 1, features 1 +- e and -1 +- e: Sigma_W = e^2, Sigma_B = 1; W = (1, -1)^T is the
 * simplex. With W = (1, 0)^T: W W^T = E_11 and W M/|W M| = (1, -1)/sqrt 2 in the first row, against
 * [.5, -.5; -.5, .5]. */
static void two_classes_follow_by_hand(void **state) {
    (void)state;
    static const recipe two = {1, {1, 2}, {2, 2}, "linear", false, {0.02}};
    const double e = 0.125, miss = 1.0 / sqrt(2.0) - 0.5;
    fixture f;
    fixture_init(&f, &two);
    memcpy(f.theta, (double[]){1, -1, 1 - e, -1 - e, 1 + e, -1 + e}, 6 * sizeof(double));
    describe(&f, TW_RANK_TOLERANCE);
    const tw_collapse *c = f.described.shape.collapse;
    assert_near(c->nc1, e * e / 2.0, 8 * DBL_EPSILON);
    assert_near(c->nc2, 0.0, 8 * DBL_EPSILON);
    assert_near(c->nc3, 0.0, 8 * DBL_EPSILON);
    f.theta[1] = 0.0;
    describe(&f, TW_RANK_TOLERANCE);
    c = f.described.shape.collapse;
    assert_near(c->nc2, 1.0, 8 * DBL_EPSILON); /* E_11: (1/2)^2, four times */
    assert_near(c->nc3, sqrt(2.0 * miss * miss + 0.5), 8 * DBL_EPSILON);
    fixture_clear(&f);
}

static void expect_same(const tw_shape *a, const tw_shape *b) {
    assert_int_equal(a->logit_rank, b->logit_rank);
    assert_int_equal(a->logit_count, b->logit_count);
    assert_near(test_distance(a->logit_count, a->logit_singular_values, b->logit_singular_values),
                0.0, ROUNDING * a->logit_singular_values[0]);
    if (isnan(a->balance_defect))
        assert_true(isnan(b->balance_defect));
    else
        assert_near(a->balance_defect, b->balance_defect, ROUNDING);
    for (size_t l = 0; l < a->space_count; l++) {
        double nc1 = a->collapse[l].nc1;
        assert_near(b->collapse[l].nc1, nc1, NC1_ROUNDING * (1.0 + nc1));
        assert_near(b->collapse[l].nc2, a->collapse[l].nc2, ROUNDING);
        assert_near(b->collapse[l].nc3, a->collapse[l].nc3, ROUNDING);
    }
}

/* F_l -> R F_l, F_{l+1} -> F_{l+1} R^T. */
static void rotate(const fixture *f, size_t l, uint64_t seed, double *theta) {
    tw_block below = tw_dufm_factor(&f->model, l), above = tw_dufm_factor(&f->model, l + 1);
    size_t d = below.rows;
    double R[MAX_WIDTH * MAX_WIDTH], Rt[MAX_WIDTH * MAX_WIDTH];
    double *turned = oracle_alloc(d * (below.cols + above.rows), sizeof *turned);
    oracle_random_frame(seed, d, d, R);
    for (size_t i = 0; i < d * d; i++) Rt[i] = R[i / d + d * (i % d)];
    multiply(d, d, below.cols, R, theta + below.offset, turned);
    memcpy(theta + below.offset, turned, d * below.cols * sizeof *turned);
    multiply(above.rows, d, d, theta + above.offset, Rt, turned);
    memcpy(theta + above.offset, turned, above.rows * d * sizeof *turned);
    free(turned);
}

static void check_rotated(fixture *f, const recipe *r) {
    fixture turned;
    fixture_init(&turned, r);
    memcpy(turned.theta, f->theta, f->n * sizeof *f->theta);
    size_t spaces = f->model.activation->linear ? r->layers : 1;
    for (size_t l = 0; l < spaces; l++) rotate(&turned, l, 900 + l, turned.theta);
    assert_true(test_distance(f->n, f->theta, turned.theta) > 0.1);
    describe(&turned, SAME_CUTOFF);
    expect_same(&f->described.shape, &turned.described.shape);
    fixture_clear(&turned);
}

/* Class k becomes K - 1 - k: labels and rows of W_L (and b) change places. */
static void check_renamed(fixture *f, const recipe *r) {
    fixture renamed;
    fixture_init(&renamed, r);
    size_t K = r->widths[r->layers];
    for (size_t s = 0; s < f->model.samples; s++)
        renamed.model.labels[s] = (int)K - 1 - f->model.labels[s];
    memcpy(renamed.theta, f->theta, f->n * sizeof *f->theta);
    for (size_t i = r->layers - 1; i < tw_dufm_block_count(&f->model); i += 2) { /* W_L, b */
        tw_block block = tw_dufm_block(&f->model, i);
        for (size_t j = 0; j < block.rows * block.cols; j++)
            renamed.theta[block.offset + j] = f->theta[block.offset + j + K - 1 - 2 * (j % K)];
    }
    describe(&renamed, SAME_CUTOFF);
    expect_same(&f->described.shape, &renamed.described.shape);
    assert_near(f->described.loss, renamed.described.loss, ROUNDING * f->described.loss);
    fixture_clear(&renamed);
}

/* Measures, logits and balance see no frame: of space 0 for any phi, of all for a linear one. */
static void rotations_and_new_names_change_nothing(void **state) {
    (void)state;
    for_every_recipe(check_rotated);
    for_every_recipe(check_renamed);
}

/* Class logits of rank r in a random frame. Stretching H by 1 + t leaves lambda_1 W_1^T W_1 smaller
 * than lambda_H H H^T by (1 + t)^2. */
static void check_balance(fixture *f, const recipe *r) {
    const tw_shape *shape = &f->described.shape;
    tw_block H = tw_dufm_factor(&f->model, 0);
    size_t K = r->widths[r->layers];
    double U[MAX_WIDTH * MAX_WIDTH], class_logits[MAX_WIDTH * MAX_WIDTH] = {0};
    oracle_random_frame(41, K, K, U);
    assert_true(r->activation[0] == 'l' ? shape->balance_defect > 0.1
                                        : isnan(shape->balance_defect));
    for (size_t m = 0; r->activation[0] == 'l' && m < 2; m++) {
        for (size_t i = 0; i < K * K; i++)
            class_logits[i] += (double)(4 - m) * U[i % K + K * m] * U[i / K + K * m];
        balance_at(f, class_logits, m + 1);
        for (size_t j = 0; j < H.rows * H.cols; j++) f->theta[H.offset + j] *= 1.25;
        describe(f, TW_RANK_TOLERANCE);
        assert_near(shape->balance_defect, 1.0 - 1.0 / (1.25 * 1.25), ROUNDING);
    }
}

static void balance_is_measured_in_linear_models(void **state) {
    (void)state;
    for_every_recipe(check_balance);
}

/* At theta = 0 there is no direction to speak of; with W alone at 0 the features still are. */
static void check_zeros(fixture *f, const recipe *r) {
    const tw_shape *shape = &f->described.shape;
    tw_block H = tw_dufm_factor(&f->model, 0);
    memset(f->theta, 0, f->n * sizeof *f->theta);
    for (int features = 0; features < 2; features++) {
        if (features) oracle_random_normal(8, H.rows * H.cols, 1.0, f->theta + H.offset);
        describe(f, TW_RANK_TOLERANCE);
        assert_near(f->described.fit, log((double)r->widths[r->layers]), ROUNDING);
        assert_int_equal(shape->logit_rank, 0);
        assert_true(shape->logit_singular_values[0] == 0.0);
        for (size_t l = 0; l < r->layers; l++) {
            assert_int_equal(isnan(shape->collapse[l].nc1), !(features && l == 0));
            assert_true(isnan(shape->collapse[l].nc2) && isnan(shape->collapse[l].nc3));
        }
        if (r->activation[0] == 'l') assert_true(shape->balance_defect == features);
    }
}

static void zero_points_measure_nothing(void **state) {
    (void)state;
    for_every_recipe(check_zeros);
}

/* Means (-3, t), (-1, -t), (1, -t), (3, t) in the first two of three axes, two samples of a class
 * e (1, 1, 1) to either side: Sigma_B = diag(5, t^2, 0), Sigma_W = e^2 11^T. The second axis counts
 * when 2 t exceeds the tolerance times sqrt 20, the third never. */
static void the_tolerance_cuts_the_pseudo_inverse(void **state) {
    (void)state;
    static const recipe plane = {1, {3, 4}, {2, 2, 2, 2}, "linear", false, {0.02}};
    static const double along[4] = {-3, -1, 1, 3}, across[4] = {1, -1, -1, 1};
    const double e = 0.25;
    for (double t = 0.0; t < 0.01; t += 1.0 / 512.0) {
        fixture f;
        fixture_init(&f, &plane);
        for (size_t i = 0; i < 8; i++) {
            double side = i < 4 ? e : -e, *h = f.theta + 12 + 3 * i;
            h[0] = along[i % 4] + side;
            h[1] = t * across[i % 4] + side;
            h[2] = 7.0 + side;
        }
        for (double tolerance = 1e-2; tolerance > 1e-5; tolerance *= 0.1) {
            double second = 2.0 * t > tolerance * sqrt(20.0) ? e * e / (t * t) : 0.0;
            describe(&f, tolerance);
            double nc1 = f.described.shape.collapse[0].nc1;
            assert_near(nc1, (e * e / 5.0 + second) / 4.0, NC1_ROUNDING * (1.0 + nc1));
        }
        fixture_clear(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_and_numbers_are_the_oracles),
        cmocka_unit_test(the_simplex_has_collapsed),
        cmocka_unit_test(two_classes_follow_by_hand),
        cmocka_unit_test(rotations_and_new_names_change_nothing),
        cmocka_unit_test(balance_is_measured_in_linear_models),
        cmocka_unit_test(zero_points_measure_nothing),
        cmocka_unit_test(the_tolerance_cuts_the_pseudo_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
