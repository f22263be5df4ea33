/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <thalweg/examination/run_outcome.h>
#include <thalweg/record/descent_plan.h>
#include <thalweg/record/point_record.h>
#include <thalweg/record/training_record.h>

#include "new_model.h"
#include "plan.h"
#include "progress.h"
#include "subject.h"

typedef struct train_settings {
    cli_common common;
    cli_new new;
    cli_descent descent;
    cli_budget budget; /* plan alone */
    struct {
        size_t restart, checkpoint, every;
        const char *trajectory;
        bool lambda_min, polish, smooth;
    } run;
    double rank_tolerance;
    const char *output, *resume;
} train_settings;

/* The run and the point it led to. */
typedef struct trained {
    tw_run run;
    tw_description description;
    tw_run_outcome outcome;
} trained;

/* ---- What is asked for ---- */

/* The options that were given, as members of a run's settings. */
static tw_status run_members(const cli_invocation *run, tw_json *json) {
    tw_status status = TW_OK;
    const train_settings *s = run->settings;
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(given_members(run, &s->descent, sizeof s->descent, false, json));
    TW_TRY(given_members(run, &s->run, sizeof s->run, false, json));
    TW_TRY(given_members(run, &s->common.seed, sizeof s->common.seed, false, json));
cleanup:
    return status;
}

static tw_status refuse_model(const cli_invocation *run) {
    const train_settings *s = run->settings;
    char why[512];
    snprintf(why, sizeof why, ": %.400s says that, a run keeps its model", s->resume);
    return refuse_members(run, &s->new, sizeof s->new, why);
}

/* A run that is taken up again keeps the provenance of its beginning: interrupted or not, it ends
 * in the same file. */
static tw_status open_run(const cli_invocation *run, tw_run *t) {
    tw_status status = TW_OK;
    const train_settings *s = run->settings;
    tw_dufm model = {0};
    tw_json *given = tw_json_object();
    *t = (tw_run){.output = s->output ? s->output : s->resume,
                  .monitor = progress_monitor(),
                  .rank_tolerance = s->rank_tolerance};
    if (t->output == NULL) TW_TRY(tw_fail(TW_ERR_ARGUMENT, "--output FILE is missing"));
    TW_TRY(run_members(run, given));
    TW_TRY(s->resume ? refuse_model(run) : new_model_read(run, &s->new, NULL, &model));
    status = s->resume ? tw_run_take_up(t, s->resume, given) : tw_run_begin(t, &model, given);
    if (status != TW_OK) TW_TRY(name_option(run, status));
    if (tw_bundle_metadata(&t->bundle, "provenance") == NULL)
        TW_TRY(keep_provenance(run, &t->bundle, NULL));
cleanup:
    tw_json_destroy(given);
    return status;
}

/* ---- What it takes ---- */

static tw_status show_plan_of(const cli_invocation *run, const tw_run *t, const tw_cost *cost) {
    const train_settings *s = run->settings;
    const tw_dufm *model = &t->point.model;
    const tw_input input = {s->resume ? s->resume : "", t->digest, model};
    tw_descent_plan plan = {.method = tw_descent_method_name(t->method),
                            .parameters = tw_dufm_parameters(model)};
    tw_cost_seconds seconds;
    tw_status status = tw_run_time(t, cost, &seconds);
    if (status != TW_OK) return status;
    tw_descent_plan_fill(cost, &seconds, memory_of(model, cost), 1, 1, &plan);
    return show_result(run, tw_fields_json(&tw_input_fields, &input), &tw_descent_plan_fields,
                       &plan);
}

/* ---- What it led to ---- */

static void hint(const trained *t) {
    if (t->run.result.reason != TW_DESCENT_STATIONARY) return;
    if (!t->outcome.judged)
        progress_warn(
            "the start is stationary, no step was made; it sits on kinks, where curvature says "
            "nothing");
    else if (t->outcome.lowest.negative)
        progress_warn(
            "the start is a stationary point with the negative curvature %.4g: a saddle, where the "
            "gradient leads nowhere; start elsewhere (--init)",
            t->outcome.lowest.value);
    else
        progress_warn(
            "the start is stationary, no step was made; no negative curvature was found there "
            "(lowest: %.4g)",
            t->outcome.lowest.value);
}

static tw_status record(const cli_invocation *run, const trained *t) {
    const tw_run *training = &t->run;
    const tw_run_outcome *o = &t->outcome;
    const train_settings *s = run->settings;
    const char *path = s->resume ? s->resume : "";
    const tw_input input = {path, training->digest, &training->point.model};
    const tw_training_record made = {.description = &t->description,
                                     .method = tw_descent_method_name(training->method),
                                     .descent = &training->result,
                                     .polish = training->polished ? &training->polishing : NULL,
                                     .direction = o->has_direction ? &o->direction : NULL,
                                     .clarke = o->has_kinks ? &o->clarke : NULL,
                                     .smoothing = training->smoothed ? &training->smoothing : NULL,
                                     .start = o->judged ? &o->lowest : NULL};
    return show_result(run, tw_fields_json(&tw_input_fields, &input), &tw_training_fields, &made);
}

static tw_status run_train(const cli_invocation *run) {
    tw_status status = TW_OK;
    const train_settings *s = run->settings;
    trained t = {0};
    tw_cost cost;
    TW_TRY(open_run(run, &t.run));
    tw_run_cost(&t.run, &cost);
    if (s->budget.plan) {
        status = show_plan_of(run, &t.run, &cost);
        goto cleanup;
    }
    TW_TRY(memory_claim(run->common, memory_of(&t.run.point.model, &cost), "the run"));
    TW_TRY(tw_run_descend(&t.run));
    TW_TRY(tw_point_describe(t.run.evaluator, t.run.point.theta, s->rank_tolerance,
                             progress_monitor(), &t.description));
    progress_clear();
    TW_TRY(tw_run_write(&t.run));
    TW_TRY(tw_run_judge(&t.run, &t.outcome));
    TW_TRY(record(run, &t));
    hint(&t);
    if (!t.outcome.reached) *run->code = EXIT_NOT_CONVERGED;
cleanup:
    tw_description_clear(&t.description);
    tw_run_clear(&t.run);
    return status;
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(rank_options, train_settings, rank_tolerance),
    EMBED(limit_options, train_settings, common),
    EMBED(plan_options, train_settings, budget),
    EMBED(output_options, train_settings, output),
    EMBED(new_options, train_settings, new),
    EMBED(descent_options, train_settings, descent),
    RANGED(OPTION_COUNT, train_settings, run.restart, "restart", "I", 0, 1e9, "0",
           "number of the start among those of the seed"),
    RANGED(OPTION_COUNT, train_settings, run.checkpoint, "checkpoint", "N", 1, ANY_COUNT, NULL,
           "steps between states that --resume can take up; lbfgs, newton and flow begin their "
           "history anew there; without it: 1000"),
    PLAIN(OPTION_FILE, train_settings, run.trajectory, "trajectory", "FILE",
          "write loss, gradient norm, logit singular values and collapse measures along the way: "
          ".csv, or a format of arrays"),
    RANGED(OPTION_COUNT, train_settings, run.every, "every", "N", 1, ANY_COUNT, NULL,
           "steps between rows of the trajectory; without it: about 50 rows a decade of steps"),
    FLAG(train_settings, run.lambda_min, "lambda-min",
         "the Hessian's smallest eigenvalue in every row of the trajectory"),
    FLAG(train_settings, run.polish, "polish", "finish with Newton steps down to rounding"),
    FLAG(train_settings, run.smooth, "smooth",
         "relu: finish at a first-order optimal point, through softplus of rising sharpness, with "
         "pre-activations held on their kinks"),
    PLAIN(OPTION_FILE, train_settings, resume, "resume", "FILE",
          "go on with the unfinished run in FILE, which names model and method; the result "
          "replaces it unless --output says otherwise"),
    {0},
};

const cli_command train_command = {
    "train",
    "",
    "descend from a random start, or go on with a run",
    "Draws a start by a law that is kept in the file, descends by the method asked for, and writes "
    "the point reached with its model. The flow follows the gradient exactly (CVODE, implicit, "
    "with exact Hessian products), which defines the basin a start belongs to; the other methods "
    "hop between basins. While it runs, the file holds a point and what --resume needs; the same "
    "options give the same bits, interrupted or not. Exit code 4 when the gradient did not get "
    "down to the tolerance, or the start is a saddle already.",
    {0, 0},
    {options, sizeof(train_settings)},
    run_train};
