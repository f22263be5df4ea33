/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions to descend on, and descents that are watched. */
#ifndef TEST_SUPPORT_DESCENTS_H
#define TEST_SUPPORT_DESCENTS_H

#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/training/descent.h>

#include "support/test.h"
#include "support/valley.h"

enum { SLOPE_MAX = 128 };

/* The mean of `samples` bowls over one lowest point m_i = i + 1:
 *     f = (1/N) sum_s sum_i c_si (x_i - m_i)^2/2,   c_si between 0.5 and 2. */
typedef struct bowls {
    size_t n, samples;
} bowls;

static inline double bowls_curvature(size_t s, size_t i) {
    return 0.5 + (double)((7 * s + 3 * i) % 16) / 10.0;
}

static inline tw_status bowls_gradient(void *self, const double *x, size_t count,
                                       const size_t *chosen, double *gradient) {
    const bowls *b = self;
    for (size_t i = 0; i < b->n; i++) gradient[i] = 0.0;
    for (size_t s = 0; s < count; s++)
        for (size_t i = 0; i < b->n; i++)
            gradient[i] += bowls_curvature(chosen[s], i) * (x[i] - (double)(i + 1)) / (double)count;
    return TW_OK;
}

static inline tw_status bowls_eval(void *self, const double *x, double *value, double *gradient) {
    const bowls *b = self;
    *value = 0.0;
    for (size_t i = 0; i < b->n; i++) {
        double c = 0.0, away = x[i] - (double)(i + 1);
        for (size_t s = 0; s < b->samples; s++) c += bowls_curvature(s, i) / (double)b->samples;
        *value += 0.5 * c * away * away;
        if (gradient) gradient[i] = c * away;
    }
    return isfinite(*value) ? TW_OK : tw_fail(TW_ERR_NUMERIC, "f is not finite");
}

static inline tw_status bowls_hessian(void *self, const double *x, size_t k, const double *V,
                                      size_t ldv, double *Y, size_t ldy) {
    const bowls *b = self;
    (void)x;
    for (size_t i = 0; i < b->n; i++) {
        double c = 0.0;
        for (size_t s = 0; s < b->samples; s++) c += bowls_curvature(s, i) / (double)b->samples;
        for (size_t j = 0; j < k; j++) Y[i + j * ldy] = c * V[i + j * ldv];
    }
    return TW_OK;
}

/* A small model with one ridge. */
typedef struct small_model {
    tw_dufm model;
    tw_evaluator *evaluator;
    tw_objective objective;
} small_model;

typedef struct small_shape {
    size_t layers, width, classes, samples_per_class;
    double lambda;
    const char *loss; /* NULL: cross entropy */
} small_shape;

static inline void small_model_init(small_model *m, small_shape shape) {
    size_t samples = shape.classes * shape.samples_per_class;
    assert_ok(tw_dufm_init(&m->model, shape.layers, samples));
    for (size_t l = 0; l < shape.layers; l++) {
        m->model.widths[l] = shape.width;
        m->model.lambda_W[l] = shape.lambda;
    }
    m->model.widths[shape.layers] = shape.classes;
    m->model.lambda_H = shape.lambda;
    for (size_t i = 0; i < samples; i++) m->model.labels[i] = (int)(i % shape.classes);
    m->model.loss = tw_loss_find(shape.loss ? shape.loss : "ce");
    m->model.activation = tw_activation_find("linear");
    assert_ok(tw_evaluator_create(&m->model, &m->evaluator));
    m->objective = tw_evaluator_objective(m->evaluator);
}

static inline void small_model_clear(small_model *m) {
    tw_evaluator_destroy(m->evaluator);
    tw_dufm_clear(&m->model);
}

static inline void random_start(size_t n, uint64_t index, double *x) {
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_POINT, index);
    tw_random_fill_normal(&stream, n, x);
}

/* One descent, from a start to its result. */
typedef struct descent {
    tw_descent_state state;
    tw_descent_result result;
    double x[SLOPE_MAX];
} descent;

static inline tw_status descend_from(const tw_descent_method *method,
                                     const tw_descent_problem *problem,
                                     const tw_descent_options *options, const double *start,
                                     descent *d) {
    size_t n = problem->objective->n;
    assert_true(n <= SLOPE_MAX);
    *d = (descent){0};
    assert_ok(tw_descent_state_init(&d->state, method, n, start));
    return tw_descend(method, problem, options, &d->state, d->x, &d->result);
}

/* Two descents ended in the same bits, counts included. */
static inline void assert_same_end(const descent *a, const descent *b) {
    size_t n = a->state.n;
    assert_int_equal(n, b->state.n);
    assert_memory_equal(a->x, b->x, n * sizeof *a->x);
    assert_memory_equal(a->state.x, b->state.x, n * sizeof *a->x);
    assert_memory_equal(a->state.memory, b->state.memory, n * a->state.vectors * sizeof *a->x);
    assert_memory_equal(&a->state.time, &b->state.time, sizeof a->state.time);
    assert_memory_equal(&a->state.scale, &b->state.scale, sizeof a->state.scale);
    assert_memory_equal(&a->result.value, &b->result.value, sizeof a->result.value);
    assert_memory_equal(&a->result.gradient_norm, &b->result.gradient_norm, sizeof(double));
    assert_int_equal(a->state.step, b->state.step);
    assert_int_equal(a->state.batches, b->state.batches);
    assert_int_equal(a->state.evaluations, b->state.evaluations);
    assert_int_equal(a->state.products, b->state.products);
    assert_string_equal(tw_descent_reason_name(a->result.reason),
                        tw_descent_reason_name(b->result.reason));
}

/* ---- The table ---- */

enum { BOWLS = 6, SAMPLES = 20 };

static bowls bowl = {BOWLS, SAMPLES};
static const tw_objective bowl_objective = {
    .n = BOWLS, .eval = bowls_eval, .hessian = bowls_hessian, .self = &bowl};
static const tw_minibatch bowl_minibatch = {SAMPLES, bowls_gradient, &bowl};
static const tw_descent_problem bowl_problem = {&bowl_objective, &bowl_minibatch};
static const double bowl_start[BOWLS] = {4.0, -3.0, 0.0, 10.0, 5.0, -2.0};

static const tw_objective valley = {.n = 2, .eval = valley_eval, .hessian = valley_hessian};
static const tw_descent_problem valley_problem = {&valley, NULL};
static const double valley_start[2] = {-1.2, 1.0};

static const small_shape tiny_shape = {2, 3, 3, 2, 1e-2, NULL};

/* Rates that suit the three functions; for methods without one they do not matter. */
typedef struct tuning {
    const char *method;
    double bowl, valley, model;
    double runaway; /* far too large for the bowl; 0: there is no such thing */
    bool curved;    /* goes down to the rounding of the gradient wherever it starts */
} tuning;

static const tuning tunings[] = {
    {"gd", 0.5, 1e-3, 0.5, 1e3, false},  {"momentum", 0.1, 1e-4, 0.1, 1e3, false},
    {"sgd", 0.1, 1e-4, 0.1, 1e3, false}, {"adam", 0.1, 1e-2, 1e-2, 1e300, false},
    {"lbfgs", 0.1, 0.1, 0.1, 0.0, true}, {"newton", 0.1, 0.1, 0.1, 0.0, true},
    {"flow", 0.1, 0.1, 0.1, 0.0, true},
};

static inline const tuning *tuning_of(const tw_descent_method *method) {
    for (size_t i = 0; i < sizeof tunings / sizeof *tunings; i++)
        if (strcmp(tunings[i].method, tw_descent_method_name(method)) == 0) return &tunings[i];
    fail_msg("no tuning for %s", tw_descent_method_name(method));
    return NULL;
}

/* Runs `body` with every row. */
static inline void with_each(void (*body)(const tw_descent_method *method, const tuning *t)) {
    const tw_descent_method *method = NULL;
    for (size_t i = 0; (method = tw_descent_method_at(i)) != NULL; i++)
        body(method, tuning_of(method));
}

static inline void free_descent(descent *d) {
    tw_descent_state_clear(&d->state);
}

#endif
