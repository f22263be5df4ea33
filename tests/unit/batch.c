/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Minibatch gradients: weighted by their sizes, those of one epoch add up to the whole gradient,
 * for every activation, loss and depth; one minibatch has the gradient of a model of its samples.
 *
 * Tolerances: as in tests/conformance/objective.c, a derivative is a sum of at most M = N (d_0 +
 * ... + d_L) products of numbers below 10. */
#include <thalweg/model/batch.h>

#include "support/oom.h"
#include "support/test.h"

#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>

enum { SAMPLES = 12, CLASSES = 3, MAX_DEPTH = 3 };

typedef struct fixture {
    tw_dufm model;
    tw_evaluator *evaluator;
    tw_objective f;
    double *theta, *gradient, *mean, *part;
    size_t order[SAMPLES];
    double tolerance;
} fixture;

static void make_model(tw_dufm *model, size_t depth, size_t loss, size_t activation) {
    static const size_t widths[MAX_DEPTH][MAX_DEPTH + 1] = {
        {4, CLASSES}, {4, 5, CLASSES}, {3, 5, 2, CLASSES}};
    assert_ok(tw_dufm_init(model, depth, SAMPLES));
    memcpy(model->widths, widths[depth - 1], (depth + 1) * sizeof **widths);
    for (size_t i = 0; i < SAMPLES; i++) model->labels[i] = i < 7 ? 0 : i < 10 ? 1 : 2;
    for (size_t l = 0; l < depth; l++) model->lambda_W[l] = 0.03 + 0.02 * (double)l;
    model->lambda_H = 0.04;
    model->lambda_b = 0.01;
    model->bias = depth > 1;
    model->loss = tw_loss_at(loss);
    model->activation = tw_activation_at(activation);
}

static void fixture_init(fixture *f, size_t depth, size_t loss, size_t activation) {
    *f = (fixture){0};
    make_model(&f->model, depth, loss, activation);
    assert_ok(tw_evaluator_create(&f->model, &f->evaluator));
    f->f = tw_evaluator_objective(f->evaluator);
    double **arrays[] = {&f->theta, &f->gradient, &f->mean, &f->part};
    for (size_t i = 0; i < 4; i++) *arrays[i] = calloc(f->f.n, sizeof(double));
    tw_random stream;
    tw_random_init(&stream, 5, TW_PURPOSE_TEST, depth * 100 + loss * 10 + activation);
    tw_random_fill_normal(&stream, f->f.n, f->theta);
    for (size_t i = 0; i < f->f.n; i++) f->theta[i] *= 0.7;
    for (size_t i = 0; i < SAMPLES; i++) f->order[i] = 5 * i % SAMPLES; /* 5 and 12 are coprime */
    size_t terms = 0;
    for (size_t l = 0; l <= depth; l++) terms += f->model.widths[l] * SAMPLES;
    f->tolerance = 10.0 * (double)terms * DBL_EPSILON;
}

static void fixture_clear(fixture *f) {
    tw_evaluator_destroy(f->evaluator);
    tw_dufm_clear(&f->model);
    free(f->theta);
    free(f->gradient);
    free(f->mean);
    free(f->part);
}

/* Every minibatch of an epoch in its turn, the last one smaller when the size does not divide N. */
static void check_epoch(fixture *f, size_t size) {
    tw_batch *batch = NULL;
    double value;
    assert_ok(tw_batch_create(&f->model, size, &batch));
    memset(f->mean, 0, f->f.n * sizeof *f->mean);
    oom_mark();
    for (size_t first = 0; first < SAMPLES; first += size) {
        size_t count = SAMPLES - first < size ? SAMPLES - first : size;
        assert_ok(tw_batch_gradient(batch, f->theta, count, f->order + first, f->part));
        for (size_t i = 0; i < f->f.n; i++)
            f->mean[i] += f->part[i] * (double)count / (double)SAMPLES;
    }
    assert_int_equal(oom_since_mark(), 0);
    assert_ok(f->f.eval(f->f.self, f->theta, &value, f->gradient));
    assert_near(test_distance(f->f.n, f->mean, f->gradient), 0.0, f->tolerance);
    tw_batch_destroy(batch);
}

static void an_epoch_adds_up_to_the_gradient(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 3, 4, 5, 12, 40};
    for (size_t a = 0; tw_activation_at(a); a++)
        for (size_t l = 0; tw_loss_at(l); l++)
            for (size_t depth = 1; depth <= MAX_DEPTH; depth++) {
                fixture f;
                fixture_init(&f, depth, l, a);
                for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) check_epoch(&f, sizes[i]);
                fixture_clear(&f);
            }
}

/* The gradient of one minibatch is that of a model that has only these samples: here one of every
 * class, the second class twice, so that such a model may be built. */
static void one_minibatch_is_a_model_of_its_samples(void **state) {
    (void)state;
    enum { COUNT = 4 };
    static const size_t chosen[COUNT] = {8, 2, 11, 8};
    fixture f;
    tw_batch *batch = NULL;
    tw_dufm small;
    tw_evaluator *evaluator = NULL;
    fixture_init(&f, 3, 0, 3);
    assert_ok(tw_dufm_copy(&small, &f.model));
    small.samples = COUNT;
    for (size_t i = 0; i < COUNT; i++) small.labels[i] = f.model.labels[chosen[i]];
    assert_ok(tw_evaluator_create(&small, &evaluator));
    tw_objective g = tw_evaluator_objective(evaluator);
    double *x = calloc(f.f.n, sizeof *x), *expected = calloc(f.f.n, sizeof *expected), value;
    tw_block H = tw_dufm_factor(&f.model, 0);
    size_t weights = H.offset, d = H.rows, b = tw_dufm_block(&f.model, 4).offset;
    memcpy(x, f.theta, weights * sizeof *x);
    memcpy(x + weights + d * COUNT, f.theta + b, CLASSES * sizeof *x);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(x + weights + d * i, f.theta + weights + d * chosen[i], d * sizeof *x);
    assert_ok(g.eval(g.self, x, &value, f.mean));
    assert_ok(tw_batch_create(&f.model, COUNT, &batch));
    assert_ok(tw_batch_gradient(batch, f.theta, COUNT, chosen, f.part));
    memcpy(expected, f.mean, weights * sizeof *x);
    memcpy(expected + b, f.mean + weights + d * COUNT, CLASSES * sizeof *x);
    for (size_t i = 0; i < d * SAMPLES; i++)
        expected[weights + i] = f.model.lambda_H * f.theta[weights + i];
    for (size_t i = 0; i < COUNT; i++) /* the fit's part: what is there without the ridge */
        for (size_t j = 0; j < d; j++)
            expected[weights + d * chosen[i] + j] +=
                f.mean[weights + d * i + j] - f.model.lambda_H * x[weights + d * i + j];
    assert_near(test_distance(f.f.n, f.part, expected), 0.0, f.tolerance);
    tw_batch_destroy(batch);
    tw_evaluator_destroy(evaluator);
    tw_dufm_clear(&small);
    free(x);
    free(expected);
    fixture_clear(&f);
}

static tw_status make_batch(void *self) {
    tw_batch *batch = NULL;
    tw_status status = tw_batch_create(self, 5, &batch);
    tw_batch_destroy(batch);
    return status;
}

static void wrong_minibatches_are_refused(void **state) {
    (void)state;
    fixture f;
    tw_batch *batch = NULL;
    static const size_t outside[] = {0, SAMPLES}, none[] = {0};
    fixture_init(&f, 2, 0, 1);
    assert_int_equal(tw_batch_create(&f.model, 0, &batch), TW_ERR_ARGUMENT);
    assert_null(batch);
    assert_ok(tw_batch_create(&f.model, 2, &batch));
    assert_int_equal(tw_batch_gradient(batch, f.theta, 0, none, f.part), TW_ERR_ARGUMENT);
    assert_int_equal(tw_batch_gradient(batch, f.theta, 3, f.order, f.part), TW_ERR_ARGUMENT);
    assert_int_equal(tw_batch_gradient(batch, f.theta, 2, outside, f.part), TW_ERR_ARGUMENT);
    f.theta[0] = 1e300;
    assert_int_equal(tw_batch_gradient(batch, f.theta, 2, f.order, f.part), TW_ERR_NUMERIC);
    tw_batch_destroy(batch);
    assert_true(oom_check(make_batch, &f.model) > 10);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_epoch_adds_up_to_the_gradient),
        cmocka_unit_test(one_minibatch_is_a_model_of_its_samples),
        cmocka_unit_test(wrong_minibatches_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
