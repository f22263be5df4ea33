/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest generalised gradient: against every active set for the kinks of one layer, against a
 * grid over the upper slopes for two layers, at points without kinks, at the zero point. Norms
 * agree to P eps of the gradient, whose entries are sums of fewer terms than that. */
#include <thalweg/stratum/kinks.h>

#include "support/oom.h"
#include "support/test.h"

#include <thalweg/base/random.h>

#include "oracle/bounded_oracle.h"
#include "oracle/kinks_oracle.h"

enum { K = 3, N = 4, WIDTH = 12, MOST = 6 };

typedef struct fixture {
    tw_dufm model;
    oracle_model oracle;
    tw_evaluator *evaluator;
    size_t n; /* P */
    double *theta, *gradient;
    size_t kinks;
    oracle_slope slopes[MOST];
} fixture;

static void fixture_init(fixture *f, size_t layers, const char *loss, const char *activation,
                         uint64_t seed) {
    tw_random stream;
    *f = (fixture){0};
    assert_ok(tw_dufm_init(&f->model, layers, N));
    for (size_t l = 0; l <= layers; l++) f->model.widths[l] = l < layers ? WIDTH : K;
    for (size_t i = 0; i < N; i++) f->model.labels[i] = (int)(i % K);
    for (size_t l = 0; l < layers; l++) f->model.lambda_W[l] = 0.01;
    f->model.lambda_H = 0.02;
    f->model.loss = tw_loss_find(loss);
    f->model.activation = tw_activation_find(activation);
    f->oracle = (oracle_model){
        .layers = layers,
        .widths = f->model.widths,
        .samples = N,
        .labels = f->model.labels,
        .loss = loss[0] == 'c' ? ORACLE_CE : ORACLE_MSE,
        .activation = activation[0] == 'r' ? ORACLE_RELU : ORACLE_LEAKY_RELU,
        .lambda_W = f->model.lambda_W,
        .lambda_H = f->model.lambda_H,
    };
    assert_ok(tw_evaluator_create(&f->model, &f->evaluator));
    f->n = tw_dufm_parameters(&f->model);
    f->theta = calloc(f->n, sizeof *f->theta);
    f->gradient = calloc(f->n, sizeof *f->gradient);
    tw_random_init(&stream, seed, TW_PURPOSE_TEST, layers);
    tw_random_fill_normal(&stream, f->n, f->theta);
    for (size_t i = 0; i < f->n; i++) f->theta[i] *= 0.8;
}

static void fixture_clear(fixture *f) {
    tw_evaluator_destroy(f->evaluator);
    tw_dufm_clear(&f->model);
    free(f->theta);
    free(f->gradient);
}

static double length(size_t n, const double *x) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

/* Turns row `unit` of W_layer until its pre-activation of one sample vanishes. Lower layers first.
 */
static void plant(fixture *f, size_t layer, size_t unit, size_t sample) {
    double S[WIDTH], below[WIDTH], square = 0.0;
    tw_block W = tw_dufm_factor(&f->model, layer), H = tw_dufm_factor(&f->model, 0);
    if (layer == 1)
        memcpy(below, f->theta + H.offset + H.rows * sample, sizeof below);
    else
        oracle_pre_activation(&f->oracle, f->theta, layer - 1, sample, below);
    double low = f->oracle.activation == ORACLE_RELU ? 0.0 : 0.01;
    for (size_t j = 0; j < WIDTH; j++) {
        if (layer > 1 && below[j] <= 0.0) below[j] *= low;
        square += below[j] * below[j];
    }
    for (int twice = 0; twice < 2; twice++) {
        oracle_pre_activation(&f->oracle, f->theta, layer, sample, S);
        for (size_t j = 0; j < WIDTH; j++)
            f->theta[W.offset + unit + W.rows * j] -= S[unit] * below[j] / square;
    }
    f->slopes[f->kinks++] = (oracle_slope){layer, unit, sample, 0.0};
}

static tw_clarke measure(fixture *f, double *element) {
    tw_clarke clarke;
    double value;
    tw_objective objective = tw_evaluator_objective(f->evaluator);
    assert_ok(objective.eval(objective.self, f->theta, &value, f->gradient));
    assert_ok(tw_clarke_measure(f->evaluator, f->theta, 1e-9, NULL, element, &clarke));
    return clarke;
}

/* Smallest norm over the slopes of the kinks first .. , the others as they are: the gradient is
 * affine in those of one layer. */
static double smallest_over(fixture *f, size_t first) {
    size_t n = f->n, count = f->kinks - first;
    double low[MOST], high[MOST], best[MOST];
    double *A = calloc(n * MOST, sizeof *A), *b = calloc(n, sizeof *b);
    for (size_t e = first; e < f->kinks; e++) f->slopes[e].slope = 0.0;
    oracle_gradient_with_slopes(&f->oracle, f->theta, f->kinks, f->slopes, b);
    for (size_t e = 0; e < count; e++) {
        low[e] = f->oracle.activation == ORACLE_RELU ? 0.0 : 0.01;
        high[e] = 1.0;
        f->slopes[first + e].slope = 1.0;
        oracle_gradient_with_slopes(&f->oracle, f->theta, f->kinks, f->slopes, A + n * e);
        f->slopes[first + e].slope = 0.0;
        for (size_t i = 0; i < n; i++) A[i + n * e] -= b[i];
    }
    for (size_t i = 0; i < n; i++) b[i] = -b[i];
    double norm = oracle_bounded(n, count, A, b, low, high, best);
    for (size_t e = 0; e < count; e++) f->slopes[first + e].slope = best[e];
    free(A);
    free(b);
    return norm;
}

static void kinks_of_one_layer_are_solved_exactly(void **state) {
    (void)state;
    static const char *const losses[] = {"ce", "mse"}, *const phis[] = {"relu", "leaky-relu"};
    for (size_t c = 0; c < 4; c++)
        for (size_t layers = 2; layers <= 3; layers++)
            for (uint64_t seed = 0; seed < 8; seed++) {
                fixture f;
                fixture_init(&f, layers, losses[c % 2], phis[c / 2], seed);
                for (size_t e = 0; e < 5; e++) plant(&f, layers - 1, e, e % N);
                double *element = calloc(f.n, sizeof *element);
                tw_clarke clarke = measure(&f, element);
                double expected = smallest_over(&f, 0);
                double eps = (double)f.n * DBL_EPSILON * clarke.one_sided;
                assert_int_equal(clarke.reason, TW_CLARKE_CONVERGED);
                assert_int_equal(clarke.on_kink, 5);
                assert_int_equal(clarke.total, (layers - 1) * N * WIDTH);
                assert_near(clarke.smallest, expected, eps);
                assert_near(length(f.n, element), clarke.smallest, eps);
                assert_true(clarke.smallest <= clarke.one_sided + eps);
                for (size_t e = 0; e < 5; e++)
                    f.slopes[e].slope = f.oracle.activation == ORACLE_RELU ? 0.0 : 0.01;
                oracle_gradient_with_slopes(&f.oracle, f.theta, 5, f.slopes, element);
                assert_near(clarke.one_sided, length(f.n, element), eps);
                free(element);
                fixture_clear(&f);
            }
}

/* Two kinks above, whose slopes run over a grid, three below. */
static void kinks_of_two_layers_beat_a_grid(void **state) {
    (void)state;
    enum { STEPS = 20 };
    for (uint64_t seed = 0; seed < 10; seed++) {
        fixture f;
        double best = INFINITY;
        fixture_init(&f, 3, "ce", "relu", seed);
        for (size_t e = 0; e < 3; e++) plant(&f, 1, e, e);
        for (size_t e = 0; e < 2; e++) plant(&f, 2, e, e);
        for (size_t e = 0; e < 3; e++) { /* the upper ones first in the list */
            oracle_slope kept = f.slopes[e];
            f.slopes[e] = f.slopes[f.kinks - 1 - e];
            f.slopes[f.kinks - 1 - e] = kept;
            if (e == 1) break;
        }
        tw_clarke clarke = measure(&f, NULL);
        assert_int_equal(clarke.on_kink, 5);
        for (size_t i = 0; i <= STEPS; i++)
            for (size_t j = 0; j <= STEPS; j++) {
                f.slopes[0].slope = (double)i / STEPS;
                f.slopes[1].slope = (double)j / STEPS;
                best = fmin(best, smallest_over(&f, 2));
            }
        assert_true(clarke.smallest <= best * (1.0 + 1e-12));
        assert_true(clarke.smallest >= 0.9 * best); /* a grid this fine comes near */
        fixture_clear(&f);
    }
}

static void without_kinks_it_is_the_gradient(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, 3, "ce", "relu", 1);
    tw_clarke clarke = measure(&f, NULL);
    assert_int_equal(clarke.on_kink, 0);
    assert_true(clarke.smallest == clarke.one_sided);
    assert_near(clarke.smallest / length(f.n, f.gradient), 1.0, (double)f.n * DBL_EPSILON);
    fixture_clear(&f);
    fixture_init(&f, 3, "ce", "relu", 1);
    f.model.activation = tw_activation_find("tanh");
    tw_evaluator_destroy(f.evaluator);
    assert_ok(tw_evaluator_create(&f.model, &f.evaluator));
    clarke = measure(&f, NULL);
    assert_int_equal(clarke.total, 0);
    assert_near(clarke.smallest / length(f.n, f.gradient), 1.0, (double)f.n * DBL_EPSILON);
    fixture_clear(&f);
}

/* At theta = 0 everything is on the kink and nothing moves: 0 is an element. */
static void the_zero_point_is_stationary(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, 3, "ce", "relu", 1);
    memset(f.theta, 0, f.n * sizeof *f.theta);
    tw_clarke clarke = measure(&f, NULL);
    assert_int_equal(clarke.on_kink, clarke.total);
    assert_true(clarke.smallest == 0.0 && clarke.reason == TW_CLARKE_CONVERGED);
    fixture_clear(&f);
}

static void too_many_kinks_say_so(void **state) {
    (void)state;
    enum { MANY = 1200 };
    fixture f = {0};
    assert_ok(tw_dufm_init(&f.model, 2, MANY));
    for (size_t l = 0; l <= 2; l++) f.model.widths[l] = 4;
    for (size_t i = 0; i < MANY; i++) f.model.labels[i] = (int)(i % 4);
    f.model.loss = tw_loss_find("ce");
    f.model.activation = tw_activation_find("relu");
    assert_ok(tw_evaluator_create(&f.model, &f.evaluator));
    f.n = tw_dufm_parameters(&f.model);
    f.theta = calloc(f.n, sizeof *f.theta);
    f.gradient = calloc(f.n, sizeof *f.gradient);
    tw_clarke clarke = measure(&f, NULL);
    assert_int_equal(clarke.reason, TW_CLARKE_LARGE);
    assert_true(isnan(clarke.smallest) && clarke.one_sided == 0.0);
    assert_string_equal(tw_clarke_reason_name(clarke.reason), "too large");
    fixture_clear(&f);
}

/* Ends at the ask that brings *self to 0. */
static bool count_down(void *self, const char *stage, double done, double total) {
    size_t *left = self;
    (void)stage;
    (void)done;
    (void)total;
    return *left == 0 || --*left == 0;
}

/* Two hidden layers of which some units are on the kink for every sample: 200 entries. */
static void many_kinks(fixture *f) {
    enum { ALL = 40, UNITS = 3, WIDE = 40 };
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_TEST, 0);
    *f = (fixture){0};
    assert_ok(tw_dufm_init(&f->model, 3, ALL));
    for (size_t l = 0; l < 3; l++) f->model.widths[l] = WIDE;
    f->model.widths[3] = 4;
    for (size_t i = 0; i < ALL; i++) f->model.labels[i] = (int)(i % 4);
    f->model.loss = tw_loss_find("ce");
    f->model.activation = tw_activation_find("relu");
    assert_ok(tw_evaluator_create(&f->model, &f->evaluator));
    f->n = tw_dufm_parameters(&f->model);
    f->theta = calloc(f->n, sizeof *f->theta);
    f->gradient = calloc(f->n, sizeof *f->gradient);
    tw_random_fill_normal(&stream, f->n, f->theta);
    for (size_t l = 1; l <= 2; l++)
        for (size_t unit = 0; unit < UNITS; unit++)
            for (size_t j = 0; j < WIDE; j++)
                f->theta[tw_dufm_factor(&f->model, l).offset + unit + WIDE * j] = 0.0;
}

/* However early: an element that is there, no larger than those met before, nor than the one-sided
 * gradient. */
static void a_search_that_is_ended_has_what_it_met(void **state) {
    (void)state;
    fixture f;
    many_kinks(&f);
    tw_clarke whole = measure(&f, NULL), clarke = {.reason = TW_CLARKE_CANCELLED};
    double *element = calloc(f.n, sizeof *element), before = whole.one_sided;
    size_t asks = 1;
    for (; clarke.reason == TW_CLARKE_CANCELLED; asks *= 4) {
        size_t left = asks;
        const tw_monitor monitor = {count_down, &left};
        assert_ok(tw_clarke_measure(f.evaluator, f.theta, 1e-9, &monitor, element, &clarke));
        assert_true(clarke.smallest <= before && clarke.smallest >= whole.smallest);
        assert_near(length(f.n, element), clarke.smallest, (double)f.n * DBL_EPSILON * before);
        assert_true(asks > 1 || clarke.smallest == clarke.one_sided);
        before = clarke.smallest;
    }
    assert_true(asks > 60 && clarke.smallest == whole.smallest);
    assert_string_equal(tw_clarke_reason_name(TW_CLARKE_CANCELLED), "cancelled");
    free(element);
    fixture_clear(&f);
}

static tw_status measure_again(void *self) {
    fixture *f = self;
    tw_clarke clarke;
    return tw_clarke_measure(f->evaluator, f->theta, 1e-9, NULL, NULL, &clarke);
}

static void failing_allocations_are_survived(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, 3, "ce", "relu", 2);
    plant(&f, 1, 0, 0);
    plant(&f, 2, 1, 1);
    measure(&f, NULL);
    assert_true(oom_check(measure_again, &f) > 40);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinks_of_one_layer_are_solved_exactly),
        cmocka_unit_test(kinks_of_two_layers_beat_a_grid),
        cmocka_unit_test(without_kinks_it_is_the_gradient),
        cmocka_unit_test(the_zero_point_is_stationary),
        cmocka_unit_test(too_many_kinks_say_so),
        cmocka_unit_test(a_search_that_is_ended_has_what_it_met),
        cmocka_unit_test(failing_allocations_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
