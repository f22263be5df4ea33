/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closed forms at any widths and ridges.
 *
 * For given logits the ridges cost at least (L+1)/2 (prod_l lambda_l)^{1/(L+1)} sum_i
 * sigma_i^{2/(L+1)}, reached by balanced factors: only the geometric mean of the ridges is felt,
 * and the logits are those of the model that has this one ridge everywhere. */
#include <math.h>
#include <stdlib.h>
#include <thalweg/optima/balanced.h>
#include <thalweg/optima/closed_form.h>

#include "base/alloc_private.h"
#include "optima/construction_private.h"

static tw_status place(const tw_dufm *model, const tw_closed_form *form, uint64_t gauge_seed,
                       tw_point *point) {
    tw_status status = TW_OK;
    size_t K = tw_dufm_classes(model);
    double *Z = NULL, *sizes = NULL;
    TW_TRY(TW_NEW(Z, K * K));
    TW_TRY(TW_NEW(sizes, K));
    TW_TRY(tw_closed_form_class_logits(form, Z));
    for (size_t k = 0; k < K; k++) sizes[k] = (double)form->given.samples;
    const tw_class_logits logits = {.Z = Z,
                                    .class_sizes = sizes,
                                    .layers = model->layers,
                                    .widths = model->widths,
                                    .lambda_W = model->lambda_W,
                                    .lambda_H = model->lambda_H,
                                    .loss = model->loss};
    TW_TRY(tw_balanced_point(&logits, gauge_seed, point));
cleanup:
    free(Z);
    free(sizes);
    return status;
}

tw_status tw_construct_closed(const tw_construct_task *task, tw_construct_result *result,
                              tw_point *point) {
    tw_status status = TW_OK;
    const tw_dufm *model = task->model;
    tw_closed_form form = {0};
    tw_closed_case given = {.classes = tw_dufm_classes(model),
                            .samples = model->samples / tw_dufm_classes(model),
                            .width = model->widths[0],
                            .layers = model->layers,
                            .lambda = tw_construct_lambda(model),
                            .loss = model->loss};
    for (size_t l = 1; l < model->layers; l++)
        if (model->widths[l] < given.width) given.width = model->widths[l];
    TW_TRY(tw_closed_form_solve(&given, task->text, &form));
    TW_TRY(tw_construct_scales(result, form.symbol, form.part_count));
    result->exists = form.exists;
    result->lambda = given.lambda;
    result->fold_lambda = form.fold_lambda;
    for (size_t i = 0; i < form.part_count; i++) result->scales[i] = form.parts[i].scale;
    if (form.exists) TW_TRY(place(model, &form, task->options->gauge_seed, point));
cleanup:
    tw_closed_form_clear(&form);
    return status;
}
