/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A minibatch is a model of its own: the weights of the whole one, the chosen labels, the chosen
 * columns of H. One evaluator with room for the largest minibatch serves all sizes, for its arrays
 * have one column a sample. It has no ridge on H: what the fit gives a column is added to the ridge
 * of the whole H. */
#include <thalweg/model/batch.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "model/evaluator_private.h"

struct tw_batch {
    tw_dufm model;      /* the whole one */
    size_t capacity;    /* samples of the largest minibatch */
    tw_evaluator *part; /* of the minibatch */
    double *theta;      /* its parameters */
    double *gradient;   /* by them */
};

tw_status tw_batch_create(const tw_dufm *model, size_t max_count, tw_batch **batch) {
    tw_status status = TW_OK;
    tw_batch *created = NULL;
    TW_TRY(tw_dufm_check(model));
    if (max_count == 0) return tw_fail(TW_ERR_ARGUMENT, "minibatches of no samples");
    TW_TRY(TW_NEW(created, 1));
    created->capacity = max_count < model->samples ? max_count : model->samples;
    TW_TRY(tw_dufm_copy(&created->model, model));
    tw_dufm part = *model;
    part.samples = created->capacity;
    part.lambda_H = 0.0;
    TW_TRY(tw_evaluator_create_passes(&part, &created->part));
    TW_TRY(TW_NEW(created->theta, tw_dufm_parameters(&part)));
    TW_TRY(TW_NEW(created->gradient, tw_dufm_parameters(&part)));
    *batch = created;
    created = NULL;
cleanup:
    tw_batch_destroy(created);
    return status;
}

void tw_batch_destroy(tw_batch *batch) {
    if (batch == NULL) return;
    tw_evaluator_destroy(batch->part);
    tw_dufm_clear(&batch->model);
    free(batch->theta);
    free(batch->gradient);
    free(batch);
}

static tw_status check(const tw_batch *batch, size_t count, const size_t *chosen) {
    if (count == 0 || count > batch->capacity)
        return tw_fail(TW_ERR_ARGUMENT, "a minibatch of %zu samples, where 1 to %zu fit", count,
                       batch->capacity);
    for (size_t i = 0; i < count; i++)
        if (chosen[i] >= batch->model.samples)
            return tw_fail(TW_ERR_ARGUMENT, "sample %zu of a minibatch is outside 0..%zu",
                           chosen[i], batch->model.samples - 1);
    return TW_OK;
}

/* A vector's weights (and bias) from one model's layout to the other's; H is left alone. */
static void copy_weights(const tw_dufm *from, const double *x, const tw_dufm *to, double *y) {
    tw_copy(tw_dufm_factor(from, 0).offset, x, y); /* H follows the weights */
    if (!from->bias) return;
    tw_copy(tw_dufm_classes(from), x + tw_dufm_block(from, from->layers + 1).offset,
            y + tw_dufm_block(to, to->layers + 1).offset);
}

static void gather(tw_batch *batch, const double *theta, size_t count, const size_t *chosen) {
    tw_dufm *part = &batch->part->model;
    tw_block H = tw_dufm_factor(&batch->model, 0);
    part->samples = count;
    copy_weights(&batch->model, theta, part, batch->theta);
    for (size_t i = 0; i < count; i++) {
        part->labels[i] = batch->model.labels[chosen[i]];
        tw_copy(H.rows, theta + H.offset + H.rows * chosen[i],
                batch->theta + H.offset + H.rows * i);
    }
}

static void scatter(const tw_batch *batch, const double *theta, size_t count, const size_t *chosen,
                    double *gradient) {
    tw_block H = tw_dufm_factor(&batch->model, 0);
    copy_weights(&batch->part->model, batch->gradient, &batch->model, gradient);
    for (size_t i = 0; i < H.rows * H.cols; i++)
        gradient[H.offset + i] = H.lambda * theta[H.offset + i];
    for (size_t i = 0; i < count; i++)
        tw_axpy(H.rows, 1.0, batch->gradient + H.offset + H.rows * i,
                gradient + H.offset + H.rows * chosen[i]);
}

tw_status tw_batch_gradient(void *self, const double *theta, size_t count, const size_t *chosen,
                            double *gradient) {
    tw_batch *batch = self;
    tw_status status = check(batch, count, chosen);
    if (status != TW_OK) return status;
    gather(batch, theta, count, chosen);
    tw_terms terms = tw_evaluator_forward(batch->part, batch->theta, TW_PASS_KEEP);
    if (!isfinite(terms.fit + terms.penalty))
        return tw_fail(TW_ERR_NUMERIC, "the loss of a minibatch is not finite (fit %g, penalty %g)",
                       terms.fit, terms.penalty);
    tw_evaluator_backward(batch->part, batch->theta, batch->gradient);
    scatter(batch, theta, count, chosen, gradient);
    return TW_OK;
}
