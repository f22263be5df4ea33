/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training.h"

#include <stdlib.h>
#include <string.h>
#include <thalweg/model/initialisation.h>

#include "new_model.h"
#include "plan.h"
#include "progress.h"

/* ---- Opening ---- */

static tw_status draw_start(cli_training *t) {
    tw_status status = TW_OK;
    tw_initialisation init = {0};
    TW_TRY(tw_initialisation_parse(&t->point.model, t->law, &init));
    TW_TRY(tw_initialise(&t->point.model, &init, t->options.seed, t->restart, t->point.theta));
cleanup:
    tw_initialisation_clear(&init);
    return status;
}

static tw_status open_fresh(cli_training *t) {
    tw_status status = TW_OK;
    const cli_settings *s = &t->run->settings;
    TW_TRY(new_model_read(s, &t->point.model));
    t->point.theta = calloc(tw_dufm_parameters(&t->point.model), sizeof(double));
    t->settings = tw_json_object();
    TW_TRY(t->point.theta && t->settings ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory to train"));
    TW_TRY(training_settle_start(t));
    TW_TRY(draw_start(t));
cleanup:
    return status;
}

static tw_status open_taken_up(cli_training *t) {
    tw_status status = TW_OK;
    TW_TRY(training_read(t));
    TW_TRY(training_settle_start(t));
cleanup:
    return status;
}

static tw_status open_tools(cli_training *t) {
    tw_status status = TW_OK;
    const tw_dufm *model = &t->point.model;
    TW_TRY(tw_evaluator_create(model, &t->evaluator));
    t->objective = tw_evaluator_objective(t->evaluator);
    t->gradient = calloc(t->objective.n, sizeof *t->gradient);
    if (t->gradient == NULL) return tw_fail(TW_ERR_MEMORY, "no memory to train");
    if (t->options.batch >= model->samples) return TW_OK;
    TW_TRY(tw_batch_create(model, t->options.batch, &t->batch));
    t->minibatch = (tw_minibatch){model->samples, tw_batch_gradient, t->batch};
cleanup:
    return status;
}

static tw_status open_trajectory(cli_training *t, const tw_trajectory_options *options) {
    tw_status status = TW_OK;
    if (t->rows == NULL && tw_dufm_has_ridge(&t->point.model)) return TW_OK;
    TW_TRY(tw_trajectory_create(&t->point.model, options, &t->trajectory));
    TW_TRY(training_read_rows(t));
cleanup:
    return status;
}

/* The descent with its observer's evaluator, at the point with its own. */
static tw_status claim_descent(const cli_training *t) {
    tw_cost work, evaluator;
    tw_descent_cost(t->method, t->objective.n, &t->options, &work);
    tw_evaluator_cost(&t->point.model, &evaluator);
    work.bytes += evaluator.bytes;
    return memory_claim(&t->run->settings, memory_of(&t->point.model, &work), "training");
}

tw_status training_open(cli_training *t, const cli_invocation *run) {
    tw_status status = TW_OK;
    const cli_settings *s = &run->settings;
    tw_trajectory_options rows = TW_TRAJECTORY_DEFAULTS;
    *t = (cli_training){.run = run, .options = TW_DESCENT_DEFAULTS};
    t->output = s->output ? s->output : s->resume;
    TW_TRY(training_check_output(t));
    TW_TRY(s->resume ? open_taken_up(t) : open_fresh(t));
    TW_TRY(training_settle(t, &rows));
    TW_TRY(training_check_rows(t));
    TW_TRY(claim_descent(t));
    TW_TRY(open_tools(t));
    if (s->resume)
        TW_TRY(training_read_state(t));
    else
        TW_TRY(tw_descent_state_init(&t->state, t->method, t->objective.n, t->point.theta));
    TW_TRY(open_trajectory(t, &rows));
    t->last_kept = tw_clock_seconds();
cleanup:
    return status;
}

void training_close(cli_training *t) {
    tw_trajectory_destroy(t->trajectory);
    tw_batch_destroy(t->batch);
    tw_evaluator_destroy(t->evaluator);
    free(t->gradient);
    tw_descent_state_clear(&t->state);
    tw_json_destroy(t->settings);
    tw_bundle_clear(&t->bundle);
    tw_point_clear(&t->point);
    *t = (cli_training){0};
}

/* ---- Running ---- */

static tw_status see(void *self, const tw_descent_view *view) {
    cli_training *t = self;
    return t->trajectory ? tw_trajectory_see(t->trajectory, view) : TW_OK;
}

static tw_status polish(cli_training *t) {
    tw_status status = TW_OK;
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    const tw_newton_result *newton = &t->polishing.newton;
    options.budget.monitor = progress_monitor();
    options.curvature_cap = 1.0;
    TW_TRY(tw_point_polish(t->evaluator, &options, t->point.theta, &t->polishing));
    t->polished = true;
    if (t->polishing.outcome == TW_POLISH_KINKED) return TW_OK;
    t->result.value = newton->value;
    t->result.gradient_norm = newton->gradient_norm;
    t->result.evaluations += newton->evaluations;
    t->result.products += newton->products;
cleanup:
    return status;
}

/* --smooth: from where the descent ended to a first-order optimal point beside it, kinks or none.
 */
static tw_status smooth(cli_training *t) {
    tw_smoothing_options options = TW_SMOOTHING_DEFAULTS;
    options.monitor = progress_monitor();
    tw_status status =
        tw_smoothing_descend(&t->point.model, &options, t->point.theta, &t->smoothing);
    t->smoothed = status == TW_OK;
    t->result.evaluations += t->smoothing.evaluations;
    t->result.products += t->smoothing.products;
    t->result.seconds += t->smoothing.seconds;
    return status;
}

tw_status training_run(cli_training *t) {
    tw_status status = TW_OK;
    const tw_descent_problem problem = {&t->objective, t->batch ? &t->minibatch : NULL};
    const tw_observer observer = {see, training_keep, t};
    t->options.monitor = progress_monitor();
    t->options.observer = &observer;
    TW_TRY(tw_descend(t->method, &problem, &t->options, &t->state, t->point.theta, &t->result));
    if (t->smooth && t->result.reason != TW_DESCENT_CANCELLED)
        TW_TRY(smooth(t));
    else if (t->polish && t->result.reason != TW_DESCENT_CANCELLED)
        TW_TRY(polish(t));
cleanup:
    progress_clear();
    t->options.observer = NULL;
    return status;
}
