/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points for tests, from a model of K classes with n samples each, one width and one ridge, and
 * the name of a construction. */
#ifndef TEST_BUILT_H
#define TEST_BUILT_H

#include <thalweg/examination/examination.h>
#include <thalweg/optima/construction.h>

#include "support/test.h"

typedef struct test_case {
    const char *loss, *activation;
    size_t classes, samples, width, layers;
    double lambda;
} test_case;

static inline tw_dufm test_model(const test_case *c) {
    tw_dufm model;
    assert_ok(tw_dufm_init(&model, c->layers, c->classes * c->samples));
    for (size_t l = 0; l < c->layers; l++) {
        model.widths[l] = c->width;
        model.lambda_W[l] = c->lambda;
    }
    model.widths[c->layers] = c->classes;
    for (size_t i = 0; i < model.samples; i++) model.labels[i] = (int)(i / c->samples);
    model.lambda_H = c->lambda;
    model.loss = tw_loss_find(c->loss);
    model.activation = tw_activation_find(c->activation);
    assert_ok(tw_dufm_check(&model));
    return model;
}

/* A point with its evaluation. */
typedef struct built {
    tw_point point;
    tw_construct_result result;
    tw_evaluator *evaluator;
    tw_description seen;
} built;

static inline built build_with(const tw_dufm *model, const char *text,
                               const tw_construct_options *options) {
    built b = {0};
    assert_ok(tw_construct(model, text, options, &b.result, &b.point));
    if (!b.result.exists) return b;
    assert_ok(tw_evaluator_create(&b.point.model, &b.evaluator));
    assert_ok(tw_point_describe(b.evaluator, b.point.theta, 1e-3, NULL, &b.seen));
    return b;
}

static inline built build(const test_case *c, const char *text, uint64_t gauge_seed) {
    tw_dufm model = test_model(c);
    tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
    options.gauge_seed = gauge_seed;
    built b = build_with(&model, text, &options);
    tw_dufm_clear(&model);
    return b;
}

static inline void built_clear(built *b) {
    tw_description_clear(&b->seen);
    tw_evaluator_destroy(b->evaluator);
    tw_construct_result_clear(&b->result);
    tw_point_clear(&b->point);
}

static inline double loss_at(built *b) {
    tw_objective objective = tw_evaluator_objective(b->evaluator);
    double value = 0.0;
    assert_ok(objective.eval(objective.self, b->point.theta, &value, NULL));
    return value;
}

static inline double *block_of(built *b, size_t l, size_t *length) {
    tw_block block = tw_dufm_factor(&b->point.model, l);
    *length = block.rows * block.cols;
    return b->point.theta + block.offset;
}

#endif
