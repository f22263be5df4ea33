/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every activation x loss x depth against hyper-dual numbers, which share no formula with the
 * library: value, gradient, every entry of the Hessian, its symmetry, block = single products.
 *
 * Tolerances: a derivative is a sum of at most M = N (d_0 + ... + d_L) products, each with a few
 * roundings; sums of M terms carry M eps of their size at worst, and sizes here stay below 10. */
#include "support/test.h"

#include <stdbool.h>
#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>

#include "oracle/dufm_oracle.h"

enum { SAMPLES = 7, CLASSES = 3, MAX_DEPTH = 4 };
static const size_t widths_of_depth[MAX_DEPTH][MAX_DEPTH + 1] = {
    {4, CLASSES}, {4, 5, CLASSES}, {3, 5, 2, CLASSES}, {2, 3, 4, 2, CLASSES}};
static const int labels[SAMPLES] = {0, 1, 2, 2, 2, 1, 2}; /* class sizes 1, 2, 4 */
static const double lambda_W[MAX_DEPTH] = {0.03, 0.07, 0.02, 0.05};

/* One case with everything both sides computed. */
typedef struct fixture {
    tw_dufm model;
    tw_evaluator *evaluator;
    oracle_model oracle;
    size_t n;
    double *theta, *gradient, *H; /* H: oracle's Hessian */
    double value, tolerance;
} fixture;

static void make_model(tw_dufm *model, size_t depth, const tw_activation *activation,
                       const tw_loss *loss, bool bias) {
    assert_ok(tw_dufm_init(model, depth, SAMPLES));
    memcpy(model->widths, widths_of_depth[depth - 1], (depth + 1) * sizeof *model->widths);
    memcpy(model->labels, labels, sizeof labels);
    memcpy(model->lambda_W, lambda_W, depth * sizeof *lambda_W);
    model->lambda_H = 0.04;
    model->lambda_b = 0.01;
    model->bias = bias;
    model->loss = loss;
    model->activation = activation;
}

/* The oracle numbers losses and activations in the order of the library's tables; the names are
 * compared here so that a new row cannot slip by. */
static void make_oracle(fixture *f, int loss, int activation) {
    static const char *const names[] = {"linear", "relu", "leaky-relu", "tanh", "softplus", "gelu"};
    assert_true(activation < ORACLE_ACTIVATIONS);
    assert_string_equal(f->model.activation->name, names[activation]);
    assert_string_equal(f->model.loss->name, loss == ORACLE_CE ? "ce" : "mse");
    f->oracle = (oracle_model){.layers = f->model.layers,
                               .widths = f->model.widths,
                               .samples = SAMPLES,
                               .labels = f->model.labels,
                               .loss = loss,
                               .activation = activation,
                               .lambda_W = f->model.lambda_W,
                               .lambda_H = f->model.lambda_H,
                               .bias = f->model.bias,
                               .lambda_b = f->model.lambda_b};
}

static void fixture_init(fixture *f, size_t depth, size_t loss, size_t activation, bool bias) {
    *f = (fixture){0};
    make_model(&f->model, depth, tw_activation_at(activation), tw_loss_at(loss), bias);
    make_oracle(f, (int)loss, (int)activation);
    assert_ok(tw_evaluator_create(&f->model, &f->evaluator));
    f->n = tw_dufm_parameters(&f->model);
    assert_int_equal(f->n, oracle_parameters(&f->oracle));
    f->theta = calloc(f->n, sizeof(double));
    f->gradient = calloc(f->n, sizeof(double));
    f->H = calloc(f->n * f->n, sizeof(double));
    tw_random stream;
    tw_random_init(&stream, 11, TW_PURPOSE_TEST, depth * 100 + loss * 10 + activation);
    tw_random_fill_normal(&stream, f->n, f->theta);
    for (size_t i = 0; i < f->n; i++) f->theta[i] *= 0.7;
    size_t terms = 0;
    for (size_t l = 0; l <= depth; l++) terms += f->model.widths[l] * SAMPLES;
    f->tolerance = 10.0 * (double)terms * DBL_EPSILON;
    tw_objective objective = tw_evaluator_objective(f->evaluator);
    assert_ok(objective.eval(objective.self, f->theta, &f->value, f->gradient));
    oracle_hessian(&f->oracle, f->theta, f->H);
}

static void fixture_clear(fixture *f) {
    tw_evaluator_destroy(f->evaluator);
    tw_dufm_clear(&f->model);
    free(f->theta);
    free(f->gradient);
    free(f->H);
}

typedef void (*check_fn)(fixture *f);

static void for_every_case(check_fn check) {
    size_t cases = 0;
    for (size_t a = 0; tw_activation_at(a); a++)
        for (size_t l = 0; tw_loss_at(l); l++)
            for (size_t depth = 1; depth <= MAX_DEPTH; depth++)
                for (int bias = 0; bias < 2; bias++, cases++) {
                    fixture f;
                    fixture_init(&f, depth, l, a, bias == 1);
                    check(&f);
                    fixture_clear(&f);
                }
    assert_true(cases >= 6 * 2 * MAX_DEPTH * 2);
}

static void check_value_and_gradient(fixture *f) {
    double *expected = calloc(f->n, sizeof(double));
    oracle_gradient(&f->oracle, f->theta, expected);
    assert_near(f->value, oracle_value(&f->oracle, f->theta), f->tolerance);
    assert_near(test_distance(f->n, f->gradient, expected), 0.0, f->tolerance);
    assert_near(tw_evaluator_fit(f->evaluator) + tw_evaluator_penalty(f->evaluator), f->value,
                f->tolerance);
    free(expected);
}

static void value_and_gradient(void **state) {
    (void)state;
    for_every_case(check_value_and_gradient);
}

/* H I in one block product against the oracle's entries; then column by column. The leading
 * dimensions are larger than n, and what lies between the columns must stay untouched. */
static void check_hessian(fixture *f) {
    size_t n = f->n, ldx = n + 3, ldy = n + 5;
    double *X = calloc(n * ldx, sizeof(double)), *Y = calloc(n * ldy, sizeof(double));
    double *single = calloc(n, sizeof(double));
    tw_hessian hessian;
    tw_objective objective = tw_evaluator_objective(f->evaluator);
    assert_ok(tw_hessian_init(&hessian, &objective, f->theta, &f->value, f->gradient));
    tw_linop H = tw_hessian_linop(&hessian);
    for (size_t j = 0; j < n; j++) X[j + j * ldx] = 1.0;
    for (size_t i = 0; i < n * ldy; i++) Y[i] = 77.0;
    assert_ok(tw_linop_apply(&H, n, X, ldx, Y, ldy));
    assert_int_equal(hessian.products, n);
    double scale = fmax(1.0, test_largest(n * n, f->H));
    for (size_t j = 0; j < n; j++) {
        assert_near(test_distance(n, Y + j * ldy, f->H + j * n), 0.0, scale * f->tolerance);
        for (size_t i = n; i < ldy; i++) assert_true(Y[i + j * ldy] == 77.0);
        for (size_t i = 0; i < j; i++)
            assert_near(Y[i + j * ldy], Y[j + i * ldy], scale * f->tolerance);
        assert_ok(tw_linop_apply(&H, 1, X + j * ldx, ldx, single, n));
        assert_near(test_distance(n, Y + j * ldy, single), 0.0, scale * f->tolerance);
    }
    free(X);
    free(Y);
    free(single);
}

static void hessian_entries_symmetry_and_blocks(void **state) {
    (void)state;
    for_every_case(check_hessian);
}

/* J v by central differences of the oracle's logits: error h^2 times third derivatives of size 10.
 */
static void logit_direction(fixture *f, const double *v, double *Jv) {
    const double h = 1e-5;
    size_t K = f->model.widths[f->model.layers], count = K * SAMPLES;
    double *x = calloc(f->n, sizeof *x), *below = calloc(count, sizeof *below);
    for (size_t i = 0; i < f->n; i++) x[i] = f->theta[i] + h * v[i];
    oracle_logits(&f->oracle, x, Jv);
    for (size_t i = 0; i < f->n; i++) x[i] = f->theta[i] - h * v[i];
    oracle_logits(&f->oracle, x, below);
    for (size_t i = 0; i < count; i++) Jv[i] = (Jv[i] - below[i]) / (2.0 * h);
    free(x);
    free(below);
}

static double dot(size_t n, const double *x, const double *y) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

/* Gauss-Newton + residual + ridge is the Hessian; v.GN v is the loss Hessian's form in J v. */
static void check_parts(fixture *f) {
    enum { COLUMNS = 3 };
    size_t n = f->n, K = f->model.widths[f->model.layers];
    double *V = calloc(n * COLUMNS, sizeof *V), *parts[4], *Jv = calloc(K * SAMPLES, sizeof *Jv);
    tw_random stream;
    tw_random_init(&stream, 3, TW_PURPOSE_TEST, n);
    tw_random_fill_normal(&stream, n * COLUMNS, V);
    for (int part = 0; part < 4; part++) {
        tw_part_product of = {f->evaluator, f->theta, (tw_hessian_part)part};
        parts[part] = calloc(n * COLUMNS, sizeof *V);
        assert_ok(tw_evaluator_part_apply(&of, COLUMNS, V, n, parts[part], n));
    }
    double scale = fmax(1.0, test_largest(n * COLUMNS, parts[TW_PART_ALL]));
    for (size_t b = 0; b < tw_dufm_block_count(&f->model); b++) {
        tw_block block = tw_dufm_block(&f->model, b);
        for (size_t j = 0; j < COLUMNS; j++)
            for (size_t i = block.offset; i < block.offset + block.rows * block.cols; i++) {
                size_t at = i + j * n;
                double data = parts[TW_PART_GAUSS_NEWTON][at] + parts[TW_PART_RESIDUAL][at];
                assert_near(parts[TW_PART_DATA][at], data, scale * f->tolerance);
                assert_near(parts[TW_PART_ALL][at], data + block.lambda * V[at],
                            scale * f->tolerance);
            }
    }
    const tw_logits logits = {.classes = K,
                              .samples = SAMPLES,
                              .labels = f->model.labels,
                              .Z = tw_evaluator_logits(f->evaluator),
                              .P = calloc(K * SAMPLES, sizeof(double))};
    double *curved = calloc(K * SAMPLES, sizeof *curved);
    f->model.loss->eval(&logits, NULL);
    logit_direction(f, V, Jv);
    f->model.loss->product(&logits, 1, Jv, curved);
    double form = dot(n, V, parts[TW_PART_GAUSS_NEWTON]);
    assert_true(form >= -scale * f->tolerance);
    assert_near(form, dot(K * SAMPLES, Jv, curved), 1e-6 * fmax(1.0, form));
    for (int part = 0; part < 4; part++) free(parts[part]);
    free(logits.P);
    free(curved);
    free(V);
    free(Jv);
}

static void parts_add_up(void **state) {
    (void)state;
    for_every_case(check_parts);
}

/* The gradient of the fit is what all samples' logit gradients pull back. */
static void check_pull_back(fixture *f) {
    size_t K = f->model.widths[f->model.layers];
    double *sum = calloc(f->n, sizeof *sum), *part = calloc(f->n, sizeof *part), value;
    const double *D = tw_evaluator_logit_gradient(f->evaluator);
    tw_objective objective = tw_evaluator_objective(f->evaluator);
    for (size_t s = 0; s < SAMPLES; s++) {
        tw_evaluator_pull_back(f->evaluator, f->theta, f->model.layers, s, D + K * s, part);
        for (size_t i = 0; i < f->n; i++) sum[i] += part[i];
    }
    for (size_t b = 0; b < tw_dufm_block_count(&f->model); b++) {
        tw_block block = tw_dufm_block(&f->model, b);
        for (size_t i = block.offset; i < block.offset + block.rows * block.cols; i++)
            sum[i] += block.lambda * f->theta[i];
    }
    assert_near(test_distance(f->n, sum, f->gradient), 0.0, f->tolerance);
    assert_ok(objective.eval(objective.self, f->theta, &value, part)); /* nothing was spoilt */
    assert_memory_equal(part, f->gradient, f->n * sizeof *part);
    free(sum);
    free(part);
}

static void samples_pull_back_the_gradient(void **state) {
    (void)state;
    for_every_case(check_pull_back);
}

/* log sum exp z - z_y and its derivatives at logits of +-1e4: z_y on top, then at the bottom. */
static void cross_entropy_survives_huge_logits(void **state) {
    (void)state;
    const double Z[6] = {1e4, -1e4, 0.0, -1e4, 1e4, 1e4 - 1.0};
    const int both[2] = {0, 0};
    double P[6], D[6], R[6] = {1, 2, 3, 1, 2, 3}, RD[6];
    tw_logits logits = {.classes = 3, .samples = 2, .labels = both, .Z = Z, .P = P};
    const tw_loss *ce = tw_loss_find("ce");
    double value = ce->eval(&logits, D);
    assert_near(value, 0.5 * (2e4 + log1p(exp(-1.0))), 1e4 * DBL_EPSILON);
    assert_near(D[3], -0.5, DBL_EPSILON);
    ce->product(&logits, 1, R, RD);
    for (int i = 0; i < 6; i++) assert_true(isfinite(D[i]) && isfinite(RD[i]));
    /* Sample 2 is the two-class case with p = 1/(1 + e^-1): RD = p (1 - p)/2 times (r_1 - r_2). */
    double p = 1.0 / (1.0 + exp(-1.0));
    assert_near(RD[4], -0.5 * p * (1.0 - p), 4 * DBL_EPSILON);
}

/* At p_y -> 1 the fit is log1p of a tiny sum: full relative accuracy, not 1e-16 absolute. */
static void cross_entropy_keeps_relative_accuracy(void **state) {
    (void)state;
    const double Z[2] = {60.0, 0.0};
    const int label = 0;
    double P[2], D[2];
    tw_logits logits = {.classes = 2, .samples = 1, .labels = &label, .Z = Z, .P = P};
    double value = tw_loss_find("ce")->eval(&logits, D);
    assert_near(value / exp(-60.0), 1.0, 8 * DBL_EPSILON);
    assert_near(D[0] / -exp(-60.0), 1.0, 8 * DBL_EPSILON);
}

static void kinks_are_counted_with_their_gap(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, 3, 0, 1, false); /* relu: S_1 is 5 x 7, S_2 is 2 x 7 */
    tw_block W2 = tw_dufm_factor(&f.model, 2);
    tw_objective objective = tw_evaluator_objective(f.evaluator);
    for (size_t j = 0; j < W2.cols; j++) f.theta[W2.offset + j * W2.rows] = 0.0; /* a zero row */
    assert_ok(objective.eval(objective.self, f.theta, &f.value, f.gradient));
    tw_kinks kinks = tw_evaluator_kinks(f.evaluator, f.theta, TW_KINK_TOLERANCE);
    assert_int_equal(kinks.total, (5 + 2) * SAMPLES);
    assert_int_equal(kinks.on_kink, SAMPLES);
    assert_true(kinks.largest_on == 0.0 && kinks.smallest_off > TW_KINK_TOLERANCE);
    fixture_clear(&f);
    fixture_init(&f, 3, 0, 3, false);
    assert_int_equal(tw_evaluator_kinks(f.evaluator, f.theta, 1e-3).total, 0);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_and_gradient),
        cmocka_unit_test(hessian_entries_symmetry_and_blocks),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(samples_pull_back_the_gradient),
        cmocka_unit_test(cross_entropy_survives_huge_logits),
        cmocka_unit_test(cross_entropy_keeps_relative_accuracy),
        cmocka_unit_test(kinks_are_counted_with_their_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
