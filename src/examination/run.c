/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "examination/run_private.h"

#include <math.h>
#include <stdlib.h>
#include <thalweg/model/initialisation.h>

#include "base/alloc_private.h"
#include "files/text_private.h"

/* ---- Opening ---- */

static tw_status draw_start(tw_run *run) {
    tw_status status = TW_OK;
    tw_initialisation init = {0};
    status = tw_initialisation_parse(&run->point.model, run->law, &init);
    if (status != TW_OK) TW_TRY(tw_fail_in(status, "init: "));
    TW_TRY(
        tw_initialise(&run->point.model, &init, run->options.seed, run->restart, run->point.theta));
cleanup:
    tw_initialisation_clear(&init);
    return status;
}

static tw_status open_tools(tw_run *run) {
    tw_status status = TW_OK;
    const tw_dufm *model = &run->point.model;
    TW_TRY(tw_evaluator_create(model, &run->evaluator));
    run->objective = tw_evaluator_objective(run->evaluator);
    if (run->options.batch >= model->samples) return TW_OK;
    TW_TRY(tw_batch_create(model, run->options.batch, &run->batch));
    run->minibatch = (tw_minibatch){model->samples, tw_batch_gradient, run->batch};
cleanup:
    return status;
}

static tw_status open_trajectory(tw_run *run, const tw_trajectory_options *options) {
    tw_status status = TW_OK;
    if (run->rows == NULL && tw_dufm_has_ridge(&run->point.model)) return TW_OK;
    TW_TRY(tw_trajectory_create(&run->point.model, options, &run->trajectory));
    TW_TRY(tw_run_read_rows(run));
cleanup:
    return status;
}

/* Model, start and settings are known but for what `given` says of the descent. */
static tw_status open_rest(tw_run *run, const tw_json *given) {
    tw_status status = TW_OK;
    tw_trajectory_options rows = TW_TRAJECTORY_DEFAULTS;
    TW_TRY(tw_run_settle(run, given, &rows));
    TW_TRY(tw_run_check_files(run));
    TW_TRY(open_tools(run));
    TW_TRY(tw_descent_state_init(&run->state, run->method, run->objective.n, run->point.theta));
    TW_TRY(tw_run_read_state(run));
    TW_TRY(open_trajectory(run, &rows));
    run->last_kept = tw_clock_seconds();
cleanup:
    return status;
}

tw_status tw_run_begin(tw_run *run, tw_dufm *model, const tw_json *given) {
    tw_status status = TW_OK;
    run->options = TW_DESCENT_DEFAULTS;
    run->point.model = *model;
    *model = (tw_dufm){0};
    TW_TRY(TW_NEW(run->point.theta, tw_dufm_parameters(&run->point.model)));
    run->settings = tw_json_object();
    TW_TRY(run->settings ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_run_settle_start(run, given));
    TW_TRY(draw_start(run));
    TW_TRY(open_rest(run, given));
cleanup:
    return status;
}

tw_status tw_run_take_up(tw_run *run, const char *path, const tw_json *given) {
    tw_status status = TW_OK;
    run->options = TW_DESCENT_DEFAULTS;
    TW_TRY(tw_run_read(run, path));
    TW_TRY(tw_run_settle_start(run, given));
    status = open_rest(run, given);
    if (status == TW_ERR_DATA) tw_fail_in_file(status, path);
cleanup:
    return status;
}

void tw_run_clear(tw_run *run) {
    if (run == NULL) return;
    tw_trajectory_destroy(run->trajectory);
    tw_batch_destroy(run->batch);
    tw_evaluator_destroy(run->evaluator);
    tw_descent_state_clear(&run->state);
    tw_json_destroy(run->settings);
    tw_bundle_clear(&run->bundle);
    tw_point_clear(&run->point);
    *run = (tw_run){0};
}

/* ---- Running ---- */

static tw_status see(void *self, const tw_descent_view *view) {
    tw_run *run = self;
    return run->trajectory ? tw_trajectory_see(run->trajectory, view) : TW_OK;
}

static tw_status polish(tw_run *run) {
    tw_status status = TW_OK;
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    const tw_newton_result *newton = &run->polishing.newton;
    options.budget.monitor = run->monitor;
    options.curvature_cap = 1.0;
    TW_TRY(tw_point_polish(run->evaluator, &options, run->point.theta, &run->polishing));
    run->polished = true;
    if (run->polishing.outcome == TW_POLISH_KINKED) return TW_OK;
    run->result.value = newton->value;
    run->result.gradient_norm = newton->gradient_norm;
    run->result.evaluations += newton->evaluations;
    run->result.products += newton->products;
cleanup:
    return status;
}

/* From where the descent ended to a first-order optimal point beside it, kinks or none. */
static tw_status smooth(tw_run *run) {
    tw_smoothing_options options = TW_SMOOTHING_DEFAULTS;
    options.monitor = run->monitor;
    tw_status status =
        tw_smoothing_descend(&run->point.model, &options, run->point.theta, &run->smoothing);
    run->smoothed = status == TW_OK;
    run->result.evaluations += run->smoothing.evaluations;
    run->result.products += run->smoothing.products;
    run->result.seconds += run->smoothing.seconds;
    return status;
}

tw_status tw_run_descend(tw_run *run) {
    tw_status status = TW_OK;
    const tw_descent_problem problem = {&run->objective, run->batch ? &run->minibatch : NULL};
    const tw_observer observer = {see, tw_run_keep, run};
    run->options.monitor = run->monitor;
    run->options.observer = &observer;
    TW_TRY(tw_descend(run->method, &problem, &run->options, &run->state, run->point.theta,
                      &run->result));
    if (run->result.reason == TW_DESCENT_CANCELLED) goto cleanup;
    if (run->smooth)
        TW_TRY(smooth(run));
    else if (run->polish)
        TW_TRY(polish(run));
cleanup:
    run->options.observer = NULL;
    return status;
}

/* ---- Cost ---- */

/* A minibatch is a model of its own with an evaluator, a point and a gradient. */
static double batch_bytes(const tw_dufm *model, size_t batch) {
    tw_dufm part = *model;
    tw_cost evaluator;
    if (batch >= model->samples) return 0.0;
    part.samples = batch;
    tw_evaluator_cost(&part, &evaluator);
    return evaluator.bytes + 16.0 * (double)tw_dufm_parameters(&part);
}

void tw_model_descent_cost(const tw_dufm *model, const tw_descent_method *method,
                           const tw_descent_options *options, tw_cost *cost) {
    const tw_descent_options defaults = TW_DESCENT_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_descent_cost(method, tw_dufm_parameters(model), options, cost);
    cost->bytes += batch_bytes(model, options->batch);
}

/* Between two segments, when the method has given up what it holds for one, the file is written:
 * the point once more with the state, and four times the largest array while HDF5 compresses it. */
static double writing_bytes(const tw_run *run) {
    double vectors = (double)run->state.vectors, held = 5.0 + vectors, written = 2.0 + vectors;
    return 8.0 * (held + written + 4.0 * fmax(1.0, vectors)) * (double)run->objective.n;
}

static bool has_lambda_min(const tw_run *run) {
    bool asked = false;
    return run->rows && tw_json_as_boolean(tw_json_get(run->settings, "lambda_min"), &asked) &&
           asked;
}

void tw_run_cost(const tw_run *run, tw_cost *cost) {
    const tw_dufm *model = &run->point.model;
    tw_cost finish;
    tw_model_descent_cost(model, run->method, &run->options, cost);
    cost->bytes = fmax(cost->bytes, writing_bytes(run));
    tw_description_cost(model, &finish);
    if (run->polish) tw_polish_cost(model, NULL, &finish);
    finish.products = 0.0; /* a run may end in none of it */
    if (run->smooth || has_lambda_min(run)) finish.products_most = (double)INFINITY;
    tw_cost_then(cost, &finish);
}

tw_status tw_run_time(const tw_run *run, const tw_cost *cost, tw_cost_seconds *seconds) {
    bool products = run->polish || isinf(cost->products_most);
    return tw_cost_time_descent(&run->objective, run->point.theta, products, cost, seconds);
}
