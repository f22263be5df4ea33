/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Margins and limit directions: simplex frames, where everything is known; small points against a
 * second way to the same distance (derivatives by differences, every active set); scales; the cases
 * that have no answer. */
#include <thalweg/examination/separation.h>

#include "support/oom.h"
#include "support/test.h"

#include <thalweg/base/random.h>
#include <thalweg/optima/balanced.h>

#include "oracle/bounded_oracle.h"
#include "oracle/dufm_oracle.h"

typedef struct fixture {
    tw_point point;
    tw_evaluator *evaluator;
    size_t n; /* P */
} fixture;

static void fixture_clear(fixture *f) {
    tw_evaluator_destroy(f->evaluator);
    tw_point_clear(&f->point);
    *f = (fixture){0};
}

/* Balanced factors of logits a (I - 11^T/K), all widths d, ridges taken away. */
static void simplex(fixture *f, size_t K, size_t n, size_t layers, size_t d) {
    double Z[36], sizes[6], lambda[4] = {1, 1, 1, 1};
    size_t widths[5];
    assert_true(K <= 6 && layers <= 4);
    *f = (fixture){0};
    for (size_t k = 0; k < K; k++) sizes[k] = (double)n;
    for (size_t i = 0; i < K * K; i++) Z[i] = 3.0 * ((i % (K + 1) == 0) - 1.0 / (double)K);
    for (size_t l = 0; l <= layers; l++) widths[l] = l < layers ? d : K;
    const tw_class_logits logits = {Z, sizes, layers, widths, lambda, 1.0, tw_loss_find("ce")};
    assert_ok(tw_balanced_point(&logits, 5, &f->point));
    for (size_t l = 0; l < layers; l++) f->point.model.lambda_W[l] = 0.0;
    f->point.model.lambda_H = 0.0;
    assert_ok(tw_evaluator_create(&f->point.model, &f->evaluator));
    f->n = tw_dufm_parameters(&f->point.model);
}

static tw_separation measure_at(fixture *f, const double *theta) {
    tw_separation s;
    double value, *gradient = calloc(f->n, sizeof *gradient);
    tw_objective objective = tw_evaluator_objective(f->evaluator);
    assert_ok(objective.eval(objective.self, theta, &value, gradient));
    assert_ok(tw_separation_measure(f->evaluator, theta, NULL, &s));
    free(gradient);
    return s;
}

/* theta + size * a fixed random direction of length 1. */
static tw_separation measure_near(fixture *f, double size) {
    double *x = calloc(f->n, sizeof *x), norm = 0.0;
    tw_random stream;
    tw_random_init(&stream, 8, TW_PURPOSE_TEST, f->n);
    tw_random_fill_normal(&stream, f->n, x);
    for (size_t i = 0; i < f->n; i++) norm += x[i] * x[i];
    for (size_t i = 0; i < f->n; i++) x[i] = f->point.theta[i] + size * x[i] / sqrt(norm);
    tw_separation s = measure_at(f, x);
    free(x);
    return s;
}

/* n eps times the condition of the multipliers' problem, which is of order 1 here. */
static void simplex_frames_are_stationary(void **state) {
    (void)state;
    static const struct {
        size_t K, n, d;
    } cases[] = {{2, 1, 1}, {2, 3, 4}, {3, 1, 2}, {4, 5, 10}, {6, 2, 5}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t layers = 1; layers <= 4; layers++) {
            fixture f;
            simplex(&f, cases[c].K, cases[c].n, layers, cases[c].d);
            tw_separation s = measure_at(&f, f.point.theta);
            double eps = 10.0 * (double)f.n * DBL_EPSILON;
            assert_int_equal(s.reason, TW_SEPARATION_MEASURED);
            assert_int_equal(s.margins, cases[c].K * cases[c].n * (cases[c].K - 1));
            assert_near(s.smallest, 3.0, eps);
            assert_near(s.spread, 0.0, eps);
            assert_near(s.deviation, 0.0, eps);
            assert_near(s.normalised / s.simplex, 1.0, eps);
            assert_near(s.kkt_distance, 0.0, eps);
            assert_true(s.multipliers > 0);
            assert_near(s.nc1, 0.0, eps);
            assert_near(s.nc2, 0.0, eps);
            assert_near(s.nc3, 0.0, eps);
            assert_true(s.simplex <= s.bound * (1.0 + eps));
            if (layers == 1 || cases[c].K == 2)
                assert_near(s.maximum / s.bound, 1.0, eps);
            else
                assert_true(isnan(s.maximum));
            fixture_clear(&f);
        }
}

static void the_known_maximum_is_the_published_one(void **state) {
    (void)state;
    fixture f;
    simplex(&f, 4, 5, 1, 10);
    tw_separation s = measure_at(&f, f.point.theta);
    assert_near(s.maximum, 0.0745356, 5e-8);
    assert_near(s.normalised, 1.0 / (6.0 * sqrt(5.0)), 1e-14);
    fixture_clear(&f);
}

/* No point beats the bound, nor the maximum; the distance grows as the perturbation does. */
static void perturbations_are_seen_in_proportion(void **state) {
    (void)state;
    for (size_t layers = 1; layers <= 3; layers++) {
        fixture f;
        simplex(&f, 4, 3, layers, 6);
        double before = measure_near(&f, 1e-7).kkt_distance;
        for (double size = 1e-6; size < 2e-2; size *= 10.0) {
            tw_separation s = measure_near(&f, size);
            assert_near(s.kkt_distance / before, 10.0, 0.5);
            assert_true(s.normalised < s.bound);
            assert_true(s.spread > 0.01 * size && s.nc2 > 0.01 * size && s.nc3 > 0.01 * size);
            if (layers == 1) assert_true(s.normalised < s.maximum);
            before = s.kkt_distance;
        }
        fixture_clear(&f);
    }
}

/* The cross-polytope has larger margins than the simplex where low rank pays: K >= 6 at L = 2. */
static void the_simplex_is_not_always_best(void **state) {
    (void)state;
    double K = 6.0, n = 2.0, L = 2.0;
    fixture f;
    simplex(&f, 6, 2, 2, 5);
    tw_separation s = measure_at(&f, f.point.theta);
    double square = (L + 1.0) * (K / 2.0) * pow(2.0 * sqrt(n), 2.0 / (L + 1.0));
    double polytope = pow(square, -0.5 * (L + 1.0));
    assert_true(polytope > s.simplex * 1.01 && polytope < s.bound);
    fixture_clear(&f);
}

/* ---- Against a second way ---- */

enum { K3 = 3, MARGINS = 6 };

/* One sample a class, logits near the unit matrix: every layer nearly the identity. */
static void near_identity(fixture *f, const char *activation, size_t layers, uint64_t seed) {
    tw_random stream;
    *f = (fixture){0};
    assert_ok(tw_dufm_init(&f->point.model, layers, K3));
    for (size_t l = 0; l <= layers; l++) f->point.model.widths[l] = K3;
    for (size_t i = 0; i < K3; i++) f->point.model.labels[i] = (int)((i + seed) % K3);
    f->point.model.loss = tw_loss_find("ce");
    f->point.model.activation = tw_activation_find(activation);
    f->n = tw_dufm_parameters(&f->point.model);
    f->point.theta = calloc(f->n, sizeof *f->point.theta);
    tw_random_init(&stream, seed, TW_PURPOSE_TEST, layers);
    tw_random_fill_normal(&stream, f->n, f->point.theta);
    for (size_t i = 0; i < f->n; i++) f->point.theta[i] *= 0.1;
    for (size_t l = 0; l <= layers; l++)
        for (size_t i = 0; i < K3; i++) {
            size_t row = l < layers ? i : (size_t)f->point.model.labels[i];
            f->point.theta[l * K3 * K3 + row + K3 * i] += 1.0;
        }
    assert_ok(tw_evaluator_create(&f->point.model, &f->evaluator));
}

static void oracle_margins(const oracle_model *model, const double *theta, double *margins) {
    double Z[K3 * K3];
    size_t count = 0;
    oracle_logits(model, theta, Z);
    for (size_t i = 0; i < K3; i++)
        for (size_t k = 0; k < K3; k++)
            if ((int)k != model->labels[i])
                margins[count++] = Z[(size_t)model->labels[i] + K3 * i] - Z[k + K3 * i];
}

static double oracle_deviation(const oracle_model *model, const double *theta) {
    double margins[MARGINS], sum = 0.0, squares = 0.0;
    oracle_margins(model, theta, margins);
    for (size_t j = 0; j < MARGINS; j++) sum += margins[j];
    for (size_t j = 0; j < MARGINS; j++) squares += margins[j] * margins[j];
    return sqrt(MARGINS * squares - sum * sum) / sum;
}

/* The same distance: differences of margins for J (error h^2), all active sets for mu. */
static double oracle_distance(const oracle_model *model, const double *theta, size_t n) {
    const double h = 1e-5;
    double margins[MARGINS], up[MARGINS], down[MARGINS], mu[MARGINS];
    const double low[MARGINS] = {0},
                 high[MARGINS] = {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY, INFINITY};
    size_t rows = n + MARGINS;
    double *A = calloc(rows * MARGINS, sizeof *A), *b = calloc(rows, sizeof *b), size = 0.0;
    oracle_margins(model, theta, margins);
    double smallest = margins[0];
    for (size_t j = 1; j < MARGINS; j++) smallest = fmin(smallest, margins[j]);
    double scale = pow(smallest, -1.0 / (double)(model->layers + 1));
    double *x = calloc(n, sizeof *x);
    for (size_t i = 0; i < n; i++) b[i] = x[i] = scale * theta[i];
    oracle_margins(model, x, margins);
    for (size_t j = 0; j < MARGINS; j++) A[n + j + j * rows] = margins[j] - 1.0;
    for (size_t i = 0; i < n; i++) {
        x[i] = b[i] + h;
        oracle_margins(model, x, up);
        x[i] = b[i] - h;
        oracle_margins(model, x, down);
        x[i] = b[i];
        for (size_t j = 0; j < MARGINS; j++) A[i + j * rows] = (up[j] - down[j]) / (2.0 * h);
        size += b[i] * b[i];
    }
    double distance = oracle_bounded(rows, MARGINS, A, b, low, high, mu) / sqrt(size);
    free(A);
    free(b);
    free(x);
    return distance;
}

static void distances_agree_with_a_second_way(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int number;
    } activations[] = {
        {"linear", ORACLE_LINEAR}, {"relu", ORACLE_RELU}, {"leaky-relu", ORACLE_LEAKY_RELU}};
    for (size_t a = 0; a < 3; a++)
        for (size_t layers = 1; layers <= 3; layers++)
            for (uint64_t seed = 0; seed < 5; seed++) {
                fixture f;
                near_identity(&f, activations[a].name, layers, seed);
                const tw_dufm *m = &f.point.model;
                const oracle_model oracle = {.layers = layers,
                                             .widths = m->widths,
                                             .samples = K3,
                                             .labels = m->labels,
                                             .activation = activations[a].number,
                                             .lambda_W = m->lambda_W};
                tw_separation s = measure_at(&f, f.point.theta);
                assert_int_equal(s.reason, TW_SEPARATION_MEASURED);
                assert_near(s.kkt_distance, oracle_distance(&oracle, f.point.theta, f.n), 1e-8);
                assert_true(s.kkt_distance > 1e-3);
                assert_near(s.deviation, oracle_deviation(&oracle, f.point.theta), 1e-13);
                assert_int_equal(isnan(s.simplex), a > 0 && layers > 1);
                fixture_clear(&f);
            }
}

static bool falls_at(const fixture *f, const double *theta) {
    bool falls = false;
    assert_ok(tw_evaluator_falls_forever(f->evaluator, theta, &falls));
    return falls;
}

/* However far out and flat, and only there: by the ridge of W_L, by the sign of the margins, and
 * by the loss. */
static void a_separated_point_falls_for_ever(void **state) {
    (void)state;
    fixture f;
    near_identity(&f, "relu", 2, 1);
    double *x = calloc(f.n, sizeof *x);
    for (double c = 1.0; c < 1e7; c *= 1e3) {
        for (size_t i = 0; i < f.n; i++) x[i] = c * f.point.theta[i];
        assert_true(falls_at(&f, x));
    }
    for (size_t i = 0; i < f.n; i++) x[i] = 1e-3 * f.point.theta[i];
    assert_false(falls_at(&f, x)); /* logits of 1e-9 may be zeros */
    tw_block last = tw_dufm_factor(&f.point.model, 2);
    for (size_t i = 0; i < f.n; i++) x[i] = f.point.theta[i];
    for (size_t i = 0; i < last.rows * last.cols; i++) x[last.offset + i] *= -1.0;
    assert_false(falls_at(&f, x));
    free(x);
    fixture_clear(&f);
}

/* Directions, not lengths. */
static void scale_plays_no_part(void **state) {
    (void)state;
    fixture f;
    near_identity(&f, "relu", 2, 1);
    tw_separation one = measure_at(&f, f.point.theta);
    double *x = calloc(f.n, sizeof *x);
    for (double c = 1e-6; c < 1e7; c *= 1e3) {
        for (size_t i = 0; i < f.n; i++) x[i] = c * f.point.theta[i];
        tw_separation s = measure_at(&f, x);
        assert_near(s.normalised / one.normalised, 1.0, 1e-13);
        assert_near(s.kkt_distance, one.kkt_distance, 1e-13);
        assert_near(s.smallest / one.smallest / pow(c, 3.0), 1.0, 1e-13);
    }
    free(x);
    fixture_clear(&f);
}

/* ---- No answer ---- */

static tw_separation with(size_t samples, const char *loss, const char *activation, bool bias) {
    fixture f = {0};
    tw_dufm *m = &f.point.model;
    assert_ok(tw_dufm_init(m, 2, samples));
    for (size_t l = 0; l <= 2; l++) m->widths[l] = 3;
    for (size_t i = 0; i < samples; i++) m->labels[i] = (int)(i % 3);
    m->bias = bias;
    m->loss = tw_loss_find(loss);
    m->activation = tw_activation_find(activation);
    f.n = tw_dufm_parameters(m);
    f.point.theta = calloc(f.n, sizeof *f.point.theta);
    for (size_t i = 0; i < 18; i++) f.point.theta[i] = i % 9 % 4 == 0;
    for (size_t i = 0; i < samples; i++) f.point.theta[18 + 3 * i + i % 3] = 1.0;
    assert_ok(tw_evaluator_create(m, &f.evaluator));
    tw_separation s = measure_at(&f, f.point.theta);
    fixture_clear(&f);
    return s;
}

static void cases_without_an_answer_say_so(void **state) {
    (void)state;
    assert_int_equal(with(6, "ce", "relu", false).reason, TW_SEPARATION_MEASURED);
    tw_separation s = with(6, "ce", "relu", true);
    assert_int_equal(s.reason, TW_SEPARATION_BIAS);
    assert_true(s.smallest == 1.0 && isnan(s.normalised) && isnan(s.kkt_distance));
    s = with(6, "ce", "gelu", false);
    assert_int_equal(s.reason, TW_SEPARATION_ACTIVATION);
    assert_true(isnan(s.normalised) && isnan(s.kkt_distance) && isnan(s.simplex));
    s = with(6, "mse", "linear", false);
    assert_int_equal(s.reason, TW_SEPARATION_LOSS);
    assert_true(isnan(s.kkt_distance) && s.normalised > 0.0);
    s = with(501, "ce", "linear", false);
    assert_int_equal(s.reason, TW_SEPARATION_LARGE);
    assert_true(isnan(s.kkt_distance) && s.margins == 1002 && s.normalised > 0.0);
    for (int reason = 0; reason <= TW_SEPARATION_LARGE; reason++)
        assert_true(strlen(tw_separation_reason_text((tw_separation_reason)reason)) > 20);
}

static void points_that_do_not_separate_say_so(void **state) {
    (void)state;
    fixture f;
    simplex(&f, 3, 2, 2, 4);
    double *x = calloc(f.n, sizeof *x);
    tw_separation s = measure_at(&f, x);
    assert_int_equal(s.reason, TW_SEPARATION_MISSED);
    assert_true(s.smallest == 0.0 && isnan(s.kkt_distance) && isnan(s.spread));
    for (size_t i = 0; i < f.n; i++) x[i] = -f.point.theta[i];
    s = measure_at(&f, x);
    assert_int_equal(s.reason, TW_SEPARATION_MISSED);
    assert_true(s.normalised < 0.0 && isnan(s.kkt_distance));
    free(x);
    fixture_clear(&f);
}

static tw_status measure_again(void *self) {
    fixture *f = self;
    tw_separation s;
    return tw_separation_measure(f->evaluator, f->point.theta, NULL, &s);
}

static void failing_allocations_are_survived(void **state) {
    (void)state;
    fixture f;
    near_identity(&f, "relu", 2, 1);
    measure_at(&f, f.point.theta);
    assert_true(oom_check(measure_again, &f) > 40);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simplex_frames_are_stationary),
        cmocka_unit_test(the_known_maximum_is_the_published_one),
        cmocka_unit_test(perturbations_are_seen_in_proportion),
        cmocka_unit_test(the_simplex_is_not_always_best),
        cmocka_unit_test(distances_agree_with_a_second_way),
        cmocka_unit_test(a_separated_point_falls_for_ever),
        cmocka_unit_test(scale_plays_no_part),
        cmocka_unit_test(cases_without_an_answer_say_so),
        cmocka_unit_test(points_that_do_not_separate_say_so),
        cmocka_unit_test(failing_allocations_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
