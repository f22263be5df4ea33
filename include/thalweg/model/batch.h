/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient of a DUFM from some of its samples. */
#ifndef THALWEG_BATCH_H
#define THALWEG_BATCH_H

#include <thalweg/model/dufm.h>

typedef struct tw_batch tw_batch; /* opaque: a model with workspace for minibatches */

/* Copies the model. Room for minibatches of 1 .. max_count samples (more than N: N) is taken here;
 * a minibatch need not hold every class. */
TW_API tw_status tw_batch_create(const tw_dufm *model, size_t max_count, tw_batch **batch);
TW_API void tw_batch_destroy(tw_batch *batch); /* NULL-safe */

/* gradient (P, out) at theta of (1/count) sum over i in `chosen` of loss(z_i, y_i), plus all
 * ridges. For a minibatch drawn uniformly it is an unbiased estimate of the gradient of f; columns
 * of H outside the minibatch get their ridge alone. A sample chosen twice counts twice. self: a
 * tw_batch; the signature is that of the slot `gradient` of a tw_minibatch (descent.h). Errors: a
 * count or a sample out of range, and TW_ERR_NUMERIC when the loss is not finite. */
TW_API tw_status tw_batch_gradient(void *self, const double *theta, size_t count,
                                   const size_t *chosen, double *gradient);

#endif
