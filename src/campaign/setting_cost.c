/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/campaign/setting.h>

#include <math.h>
#include <stdlib.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/examination/run.h>
#include <thalweg/optima/sectors.h>

#include "base/alloc_private.h"

/* Modes are counted at minima alone, by sectors where they apply. */
static void add_counting(const tw_setting *s, tw_cost *cost) {
    size_t n = tw_dufm_parameters(&s->model);
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    tw_cost part;
    if (s->count_limit == 0) return;
    if (s->model.activation->linear && !s->model.bias) {
        tw_sectors_cost(&s->model, &part);
        tw_cost_then(cost, &part);
    }
    if (n > s->count_limit) return;
    options.budget.dense_limit = n;
    tw_degeneracy_cost(n, &options, &part);
    tw_cost_then(cost, &part);
}

void tw_setting_cost(const tw_setting *setting, tw_cost *cost) {
    const tw_dufm *model = &setting->model;
    double least, classes = (double)tw_dufm_classes(model), kept = 0.0;
    tw_cost part;
    tw_model_descent_cost(model, setting->method, &setting->descent, cost);
    least = cost->products;
    tw_description_cost(model, &part);
    if (setting->polish) tw_polish_cost(model, NULL, &part);
    tw_cost_then(cost, &part);
    add_counting(setting, cost);
    if (setting->centre) tw_symmetry_cost(model, setting->centre, &kept, &part);
    cost->bytes += kept + 8.0 * ((double)tw_dufm_parameters(model) + classes * classes);
    cost->products = least; /* a restart may end in none of what follows the descent */
}

tw_status tw_setting_time(const tw_setting *setting, const tw_cost *cost,
                          tw_cost_seconds *seconds) {
    tw_status status = TW_OK;
    tw_evaluator *evaluator = NULL;
    double *theta = NULL;
    const double *start = setting->centre;
    bool products = setting->polish || setting->count_limit > 0 || isinf(cost->products_most);
    TW_TRY(tw_evaluator_create(&setting->model, &evaluator));
    if (start == NULL) {
        TW_TRY(TW_NEW(theta, tw_dufm_parameters(&setting->model)));
        TW_TRY(tw_initialise(&setting->model, &setting->init, setting->descent.seed, 0, theta));
        start = theta;
    }
    const tw_objective f = tw_evaluator_objective(evaluator);
    status = tw_cost_time_descent(&f, start, products, cost, seconds);
    seconds->least = cost->products * seconds->product;
cleanup:
    tw_evaluator_destroy(evaluator);
    free(theta);
    return status;
}
