/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every activation x loss x depth, with and without bias, each with what hyper-dual numbers say.
 *
 * Tolerances: a derivative is a sum of at most M = N (d_0 + ... + d_L) products, each with a few
 * roundings; sums of M terms carry M eps of their size at worst, and sizes here stay below 10. */
#ifndef TEST_CONFORMANCE_DUFM_CASES_H
#define TEST_CONFORMANCE_DUFM_CASES_H

#include <stdbool.h>
#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>

#include "oracle/dufm_oracle.h"
#include "support/test.h"

enum { CASE_SAMPLES = 7, CASE_CLASSES = 3, MAX_DEPTH = 4 };
static const size_t widths_of_depth[MAX_DEPTH][MAX_DEPTH + 1] = {
    {4, CASE_CLASSES}, {4, 5, CASE_CLASSES}, {3, 5, 2, CASE_CLASSES}, {2, 3, 4, 2, CASE_CLASSES}};
static const int labels[CASE_SAMPLES] = {0, 1, 2, 2, 2, 1, 2}; /* class sizes 1, 2, 4 */
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

static inline void make_model(tw_dufm *model, size_t depth, const tw_activation *activation,
                              const tw_loss *loss, bool bias) {
    assert_ok(tw_dufm_init(model, depth, CASE_SAMPLES));
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
static inline void make_oracle(fixture *f, int loss, int activation) {
    static const char *const names[] = {"linear", "relu", "leaky-relu", "tanh", "softplus", "gelu"};
    assert_true(activation < ORACLE_ACTIVATIONS);
    assert_string_equal(f->model.activation->name, names[activation]);
    assert_string_equal(f->model.loss->name, loss == ORACLE_CE ? "ce" : "mse");
    f->oracle = (oracle_model){.layers = f->model.layers,
                               .widths = f->model.widths,
                               .samples = CASE_SAMPLES,
                               .labels = f->model.labels,
                               .loss = loss,
                               .activation = activation,
                               .lambda_W = f->model.lambda_W,
                               .lambda_H = f->model.lambda_H,
                               .bias = f->model.bias,
                               .lambda_b = f->model.lambda_b};
}

static inline void fixture_init(fixture *f, size_t depth, size_t loss, size_t activation,
                                bool bias) {
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
    for (size_t l = 0; l <= depth; l++) terms += f->model.widths[l] * CASE_SAMPLES;
    f->tolerance = 10.0 * (double)terms * DBL_EPSILON;
    tw_objective objective = tw_evaluator_objective(f->evaluator);
    assert_ok(objective.eval(objective.self, f->theta, &f->value, f->gradient));
    oracle_hessian(&f->oracle, f->theta, f->H);
}

static inline void fixture_clear(fixture *f) {
    tw_evaluator_destroy(f->evaluator);
    tw_dufm_clear(&f->model);
    free(f->theta);
    free(f->gradient);
    free(f->H);
}

typedef void (*check_fn)(fixture *f);

static inline void for_every_case(check_fn check) {
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

#endif
