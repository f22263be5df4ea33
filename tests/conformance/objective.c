/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every activation x loss x depth against hyper-dual numbers, which share no formula with the
 * library: value, gradient, every entry of the Hessian, its symmetry, block = single products. */
#include "support/test.h"

#include <stdbool.h>
#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>

#include "conformance/dufm_cases.h"
#include "oracle/dufm_oracle.h"

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
    assert_ok(objective.eval(objective.self, f->theta, &f->value, f->gradient));
    hessian = tw_hessian_at(&objective, f->theta);
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
    size_t K = f->model.widths[f->model.layers], count = K * CASE_SAMPLES;
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
static void check_parts_of(fixture *f, size_t columns) {
    size_t n = f->n, K = f->model.widths[f->model.layers];
    double *V = calloc(n * columns, sizeof *V), *parts[4],
           *Jv = calloc(K * CASE_SAMPLES, sizeof *Jv);
    tw_random stream;
    tw_random_init(&stream, 3, TW_PURPOSE_TEST, n);
    tw_random_fill_normal(&stream, n * columns, V);
    for (int part = 0; part < 4; part++) {
        tw_part_product of = {f->evaluator, f->theta, (tw_hessian_part)part};
        parts[part] = calloc(n * columns, sizeof *V);
        assert_ok(tw_evaluator_part_apply(&of, columns, V, n, parts[part], n));
    }
    double scale = fmax(1.0, test_largest(n * columns, parts[TW_PART_ALL]));
    for (size_t b = 0; b < tw_dufm_block_count(&f->model); b++) {
        tw_block block = tw_dufm_block(&f->model, b);
        for (size_t j = 0; j < columns; j++)
            for (size_t i = block.offset; i < block.offset + block.rows * block.cols; i++) {
                size_t at = i + j * n;
                double data = parts[TW_PART_GAUSS_NEWTON][at] + parts[TW_PART_RESIDUAL][at];
                assert_near(parts[TW_PART_DATA][at], data, scale * f->tolerance);
                assert_near(parts[TW_PART_ALL][at], data + block.lambda * V[at],
                            scale * f->tolerance);
            }
    }
    const tw_logits logits = {.classes = K,
                              .samples = CASE_SAMPLES,
                              .labels = f->model.labels,
                              .Z = tw_evaluator_logits(f->evaluator),
                              .P = calloc(K * CASE_SAMPLES, sizeof(double))};
    double *curved = calloc(K * CASE_SAMPLES, sizeof *curved);
    f->model.loss->eval(&logits, NULL);
    logit_direction(f, V, Jv);
    f->model.loss->product(&logits, 1, Jv, curved);
    double form = dot(n, V, parts[TW_PART_GAUSS_NEWTON]);
    assert_true(form >= -scale * f->tolerance);
    assert_near(form, dot(K * CASE_SAMPLES, Jv, curved), 1e-6 * fmax(1.0, form));
    for (int part = 0; part < 4; part++) free(parts[part]);
    free(logits.P);
    free(curved);
    free(V);
    free(Jv);
}

/* Few and many directions are multiplied in different ways. */
static void check_parts(fixture *f) {
    check_parts_of(f, 3);
    check_parts_of(f, 11);
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
    for (size_t s = 0; s < CASE_SAMPLES; s++) {
        tw_evaluator_pull_back(f->evaluator, f->model.layers, s, D + K * s, part);
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
    assert_int_equal(kinks.total, (5 + 2) * CASE_SAMPLES);
    assert_int_equal(kinks.on_kink, CASE_SAMPLES);
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
