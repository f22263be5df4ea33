/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orbit's dimension and projector against a tangent space written out generator by generator.
 *
 * Tolerance: the projector solves its normal equations to eps relative to ||J|| ||V||; dividing by
 * the smallest singular value of J costs its condition number, bounded by 1e3 for these points. */
#include "support/test.h"

#include <stdio.h>
#include <thalweg/symmetry/symmetry.h>

#include "oracle/balanced_oracle.h"
#include "oracle/dense_oracle.h"
#include "oracle/symmetry_oracle.h"

#define TOLERANCE (1e4 * DBL_EPSILON)
#define PROBES 5

typedef struct fixture {
    tw_dufm model;
    oracle_model oracle;
    size_t n;
    double *theta;
    tw_symmetry *symmetry;
    oracle_orbit orbit;
} fixture;

typedef struct shape {
    size_t layers;
    size_t widths[5];
    size_t samples;
    const char *activation;
    double lambda_W[4];
} shape;

static void fixture_init(fixture *f, const shape *s) {
    *f = (fixture){0};
    assert_ok(tw_dufm_init(&f->model, s->layers, s->samples));
    for (size_t l = 0; l <= s->layers; l++) f->model.widths[l] = s->widths[l];
    for (size_t l = 0; l < s->layers; l++) f->model.lambda_W[l] = s->lambda_W[l];
    for (size_t i = 0; i < s->samples; i++) f->model.labels[i] = (int)(i % s->widths[s->layers]);
    f->model.lambda_H = 0.02;
    f->model.loss = tw_loss_find("ce");
    f->model.activation = tw_activation_find(s->activation);
    assert_ok(tw_dufm_check(&f->model));
    f->n = tw_dufm_parameters(&f->model);
    f->theta = calloc(f->n, sizeof(double));
    f->oracle =
        (oracle_model){.layers = s->layers,
                       .widths = f->model.widths,
                       .samples = s->samples,
                       .labels = f->model.labels,
                       .activation = f->model.activation->linear ? ORACLE_LINEAR : ORACLE_TANH,
                       .lambda_W = f->model.lambda_W,
                       .lambda_H = 0.02};
}

static void compare(fixture *f) {
    assert_ok(tw_symmetry_create(&f->model, f->theta, TW_RANK_TOLERANCE, NULL, &f->symmetry));
    oracle_orbit_build(&f->oracle, f->theta, 1e-9, &f->orbit);
    tw_tangent tangent = tw_symmetry_tangent(f->symmetry);
    assert_int_equal(tangent.dimension, f->orbit.rank);
    size_t n = f->n, shares = 0;
    for (size_t l = 0; l < tw_symmetry_space_count(f->symmetry); l++)
        shares += tw_symmetry_space(f->symmetry, l).modes;
    assert_int_equal(shares - tw_symmetry_stabilisers(f->symmetry).count, tangent.dimension);
    double *v = calloc(n, sizeof *v), *Pv = calloc(n, sizeof *v), *PPv = calloc(n, sizeof *v);
    for (unsigned probe = 0; probe < PROBES; probe++) {
        oracle_random_normal(probe, n, 1.0, v);
        double size = oracle_norm(n, v), inside = oracle_orbit_component(&f->orbit, v);
        assert_ok(tw_linop_apply(&tangent.complement, 1, v, n, Pv, n));
        assert_near(oracle_orbit_component(&f->orbit, Pv), 0.0, TOLERANCE * size);
        assert_ok(tw_linop_apply(&tangent.complement, 1, Pv, n, PPv, n));
        assert_near(test_distance(n, Pv, PPv), 0.0, TOLERANCE * size);
        for (size_t i = 0; i < n; i++) v[i] -= Pv[i];
        assert_near(oracle_orbit_component(&f->orbit, v), oracle_norm(n, v), TOLERANCE * size);
        assert_near(oracle_norm(n, v), inside, TOLERANCE * size);
        tw_random stream;
        tw_random_init(&stream, probe, TW_PURPOSE_TANGENT, 0);
        assert_ok(tangent.sample(tangent.self, &stream, v));
        double expected = tangent.dimension > 0 ? 1.0 : 0.0;
        assert_near(oracle_norm(n, v), expected, TOLERANCE);
        assert_near(oracle_orbit_component(&f->orbit, v), expected, TOLERANCE);
    }
    free(v);
    free(Pv);
    free(PPv);
}

static void fixture_clear(fixture *f) {
    oracle_orbit_clear(&f->orbit);
    tw_symmetry_destroy(f->symmetry);
    tw_dufm_clear(&f->model);
    free(f->theta);
}

static const shape shapes[] = {
    {1, {5, 3}, 6, "linear", {0.02}},
    {2, {5, 6, 4}, 8, "linear", {0.01, 0.05}},
    {3, {4, 6, 5, 4}, 8, "linear", {0.02, 0.07, 0.01}},
    {4, {6, 5, 6, 7, 3}, 6, "linear", {0.02, 0.02, 0.02, 0.02}},
    {3, {6, 4, 5, 3}, 9, "tanh", {0.02, 0.02, 0.02}},
    {2, {3, 4, 5}, 10, "relu", {0.02, 0.03}},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

/* Away from balance: everything is signal, the preconditioner is only a guess. */
static void generic_points(void **state) {
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        fixture f;
        fixture_init(&f, &shapes[i]);
        oracle_random_normal(31 + i, f.n, 1.0, f.theta);
        compare(&f);
        fixture_clear(&f);
    }
}

/* Class logits of rank r with all nonzero singular values equal, or all different. */
static void logits_of_rank(size_t K, size_t r, int equal, double *class_logits) {
    double *U = oracle_alloc(K * r, sizeof *U);
    oracle_random_frame(5, K, r, U);
    memset(class_logits, 0, K * K * sizeof *class_logits);
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++)
            for (size_t m = 0; m < r; m++)
                class_logits[i + K * j] +=
                    (equal ? 3.0 : 2.0 + (double)m) * U[i + K * m] * U[j + K * m];
    free(U);
}

static void balanced_points_of_every_rank(void **state) {
    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int equal = 0; equal < 2; equal++)
            for (size_t r = 1; r <= 3; r++) {
                fixture f;
                fixture_init(&f, &shapes[i]);
                size_t K = tw_dufm_classes(&f.model);
                double *class_logits = oracle_alloc(K * K, sizeof(double));
                double *Z = oracle_alloc(K * f.model.samples, sizeof(double));
                logits_of_rank(K, r, equal, class_logits);
                oracle_spread(&f.oracle, class_logits, Z);
                assert_int_equal(oracle_balanced_point(&f.oracle, Z, 17 + r, f.theta), r);
                compare(&f);
                size_t predicted = 0;
                for (size_t l = 0; l < f.model.layers; l++)
                    predicted += r * f.model.widths[l] - r * (r + 1) / 2;
                assert_int_equal(tw_symmetry_tangent(f.symmetry).dimension, predicted);
                assert_int_equal(tw_symmetry_stabilisers(f.symmetry).count, 0);
                assert_true(tw_symmetry_stabilisers(f.symmetry).kept > 0.03);
                assert_string_equal(tw_symmetry_doubt(f.symmetry), "");
                tw_hidden_space space = tw_symmetry_space(f.symmetry, 0);
                assert_true(space.rank == r && space.kept > 0.1 && space.dropped < 1e-6);
                free(class_logits);
                free(Z);
                fixture_clear(&f);
            }
}

static void the_origin_has_no_orbit(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, &shapes[1]);
    assert_ok(tw_symmetry_create(&f.model, f.theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
    tw_tangent tangent = tw_symmetry_tangent(f.symmetry);
    assert_int_equal(tangent.dimension, 0);
    double *v = calloc(f.n, sizeof *v), *Pv = calloc(f.n, sizeof *v);
    oracle_random_normal(1, f.n, 1.0, v);
    assert_ok(tw_linop_apply(&tangent.complement, 1, v, f.n, Pv, f.n));
    assert_near(test_distance(f.n, v, Pv), 0.0, 0.0);
    free(v);
    free(Pv);
    fixture_clear(&f);
}

/* A vector already orthogonal to the orbit must come back as it is, to rounding: an inner solve
 * that stopped relative to its own right-hand side would return noise of any size here. */
static void noise_is_not_amplified(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, &shapes[3]);
    size_t K = 3;
    double class_logits[9], *Z = oracle_alloc(K * f.model.samples, sizeof(double));
    logits_of_rank(K, 2, 1, class_logits);
    oracle_spread(&f.oracle, class_logits, Z);
    oracle_balanced_point(&f.oracle, Z, 3, f.theta);
    assert_ok(tw_symmetry_create(&f.model, f.theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
    tw_tangent tangent = tw_symmetry_tangent(f.symmetry);
    double *v = calloc(f.n, sizeof *v), *w = calloc(f.n, sizeof *w);
    oracle_random_normal(9, f.n, 1.0, v);
    for (int round = 0; round < 20; round++) {
        assert_ok(tw_linop_apply(&tangent.complement, 1, v, f.n, w, f.n));
        if (round > 0)
            assert_near(test_distance(f.n, v, w), 0.0, 100 * DBL_EPSILON * oracle_norm(f.n, v));
        memcpy(v, w, f.n * sizeof *v);
    }
    free(v);
    free(w);
    free(Z);
    fixture_clear(&f);
}

/* With a bias that nothing holds, ce has one flat direction more: b + c 1. It comes and goes with
 * lambda_b and with the loss. */
static void an_unridged_bias_adds_its_shift(void **state) {
    (void)state;
    const char *const losses[] = {"ce", "mse"};
    for (int i = 0; i < 4; i++) {
        fixture f;
        fixture_init(&f, &shapes[1]);
        f.model.bias = true;
        f.model.lambda_b = i / 2 == 0 ? 0.0 : 0.1;
        f.model.loss = tw_loss_find(losses[i % 2]);
        size_t n = tw_dufm_parameters(&f.model), K = tw_dufm_classes(&f.model);
        double *theta = calloc(n, sizeof *theta), *v = calloc(n, sizeof *v),
               *Pv = calloc(n, sizeof *v);
        oracle_random_normal(5, n, 1.0, theta);
        assert_ok(tw_symmetry_create(&f.model, theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
        tw_tangent tangent = tw_symmetry_tangent(f.symmetry);
        bool shift = i == 0;
        size_t rotations = 5 * 4 / 2 + 6 * 5 / 2; /* full rank in both hidden spaces */
        assert_int_equal(tangent.dimension, rotations + (shift ? 1 : 0));
        assert_int_equal(tw_symmetry_shift_modes(f.symmetry), shift ? 1 : 0);
        for (size_t k = 0; k < K; k++) v[n - K + k] = 1.0;
        assert_ok(tw_linop_apply(&tangent.complement, 1, v, n, Pv, n));
        assert_near(oracle_norm(n, Pv), shift ? 0.0 : sqrt((double)K), TOLERANCE);
        free(theta);
        free(v);
        free(Pv);
        fixture_clear(&f);
    }
}

static void rank_tolerance_is_checked(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, &shapes[0]);
    assert_int_equal(tw_symmetry_create(&f.model, f.theta, 0.0, NULL, &f.symmetry),
                     TW_ERR_ARGUMENT);
    assert_int_equal(tw_symmetry_create(&f.model, f.theta, 1.0, NULL, &f.symmetry),
                     TW_ERR_ARGUMENT);
    fixture_clear(&f);
}

static bool always(void *self, const char *stage, double done, double total) {
    (void)stage;
    (void)done;
    (void)total;
    ++*(int *)self;
    return true;
}

/* Signal spaces so large that a projection iterates. */
static void a_monitor_ends_a_projection(void **state) {
    (void)state;
    fixture f;
    tw_random stream;
    int asked = 0;
    const tw_monitor monitor = {always, &asked};
    fixture_init(&f, &(shape){3, {40, 40, 40, 40}, 40, "linear", {1e-3, 1e-3, 1e-3}});
    double *v = calloc(2 * f.n, sizeof *v);
    tw_random_init(&stream, 3, TW_PURPOSE_START, 0);
    tw_random_fill_normal(&stream, f.n, f.theta);
    tw_random_fill_normal(&stream, f.n, v);
    assert_ok(tw_symmetry_create(&f.model, f.theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
    tw_tangent tangent = tw_symmetry_tangent(f.symmetry);
    tw_symmetry_watch(f.symmetry, &monitor);
    assert_int_equal(tw_linop_apply(&tangent.complement, 1, v, f.n, v + f.n, f.n), TW_STOPPED);
    assert_int_equal(tangent.sample(tangent.self, &stream, v + f.n), TW_STOPPED);
    assert_int_equal(asked, 2);
    tw_symmetry_watch(f.symmetry, NULL);
    assert_ok(tw_linop_apply(&tangent.complement, 1, v, f.n, v + f.n, f.n));
    assert_int_equal(asked, 2);
    free(v);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generic_points),
        cmocka_unit_test(balanced_points_of_every_rank),
        cmocka_unit_test(the_origin_has_no_orbit),
        cmocka_unit_test(noise_is_not_amplified),
        cmocka_unit_test(an_unridged_bias_adds_its_shift),
        cmocka_unit_test(rank_tolerance_is_checked),
        cmocka_unit_test(a_monitor_ends_a_projection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
