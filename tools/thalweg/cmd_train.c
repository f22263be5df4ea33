/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <thalweg/curvature/lowest.h>
#include <thalweg/examination/run.h>
#include <thalweg/record/point_record.h>
#include <thalweg/record/training_record.h>

#include "new_model.h"
#include "progress.h"
#include "rows.h"

typedef struct train_settings {
    cli_common common;
    cli_new new;
    cli_descent descent;
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
    tw_limit_direction direction; /* of models without any ridge */
    tw_clarke clarke;             /* of activations with kinks */
    bool judged; /* a stationary start off the kinks; then the next says what it is */
    tw_lowest lowest;
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
        TW_TRY(keep_provenance(&t->bundle, run_provenance(run)));
cleanup:
    tw_json_destroy(given);
    return status;
}

/* ---- What it led to ---- */

static const tw_description *only(const void *self, size_t column) {
    (void)column;
    return &((const trained *)self)->description;
}

static bool has_kinks(const trained *t) {
    return t->run.point.model.activation->kinked;
}

/* The number that says whether a kinked point is first-order optimal: its gradient does not. */
static tw_status measure_clarke(trained *t) {
    tw_status status = TW_OK;
    if (!has_kinks(t)) return TW_OK;
    TW_TRY(tw_clarke_measure(t->run.evaluator, t->run.point.theta, TW_KINK_TOLERANCE, NULL,
                             &t->clarke));
cleanup:
    return status;
}

/* Nobody asked for a critical point: is it one that descent could have come to? */
static tw_status judge_start(trained *t) {
    tw_status status = TW_OK;
    tw_symmetry *symmetry = NULL;
    tw_budget budget = TW_LOWEST_BUDGET;
    if (t->run.result.reason != TW_DESCENT_STATIONARY || t->clarke.on_kink > 0) return TW_OK;
    budget.seed = t->run.options.seed;
    budget.monitor = progress_monitor();
    const double *theta = t->run.point.theta;
    TW_TRY(tw_symmetry_create(&t->run.point.model, theta, TW_RANK_TOLERANCE, &symmetry));
    const tw_tangent tangent = tw_symmetry_tangent(symmetry);
    tw_symmetry_watch(symmetry, budget.monitor);
    TW_TRY(tw_lowest_curvature(&t->run.objective, theta, &tangent, &budget, NULL, &t->lowest));
    t->judged = true;
cleanup:
    progress_clear();
    tw_symmetry_destroy(symmetry);
    return status;
}

static void hint(const trained *t) {
    if (t->run.result.reason != TW_DESCENT_STATIONARY) return;
    if (!t->judged)
        fprintf(stderr,
                "thalweg: the start is stationary, no step was made; it sits on kinks, "
                "where curvature says nothing\n");
    else if (t->lowest.negative)
        fprintf(stderr,
                "thalweg: the start is a stationary point with the negative curvature %.4g: a "
                "saddle, where the gradient leads nowhere; start elsewhere (--init)\n",
                t->lowest.value);
    else
        fprintf(stderr,
                "thalweg: the start is stationary, no step was made; no negative curvature was "
                "found there (lowest: %.4g)\n",
                t->lowest.value);
}

static void rows_of_start(cli_table *table, const trained *t) {
    if (!t->judged) return;
    table_row(table, "lowest curvature at the start");
    table_cell(table, "%.6g%s", t->lowest.value, t->lowest.negative ? " (a saddle)" : "");
}

static void rows_of_clarke(cli_table *table, const trained *t) {
    if (!has_kinks(t)) return;
    table_section(table, "first-order optimality");
    table_row(table, "pre-activations on a kink");
    table_cell(table, "%zu of %zu", t->clarke.on_kink, t->clarke.total);
    table_row(table, "smallest generalised gradient");
    table_cell(table, "%.3g (%s)", t->clarke.smallest, tw_clarke_reason_name(t->clarke.reason));
    if (!t->run.smoothed) return;
    table_row(table, "smoothing ended by");
    table_cell(table, "%s", tw_smoothing_reason_name(t->run.smoothing.reason));
}

/* Without a ridge the gradient says nothing about where the run is going. */
static tw_status measure_direction(trained *t) {
    const tw_run *run = &t->run;
    if (tw_dufm_has_ridge(&run->point.model)) return TW_OK;
    return tw_limit_direction_measure(run->evaluator, run->point.theta, run->trajectory,
                                      run->result.time > 0.0, &t->direction);
}

static void rows_of_direction(cli_table *table, const trained *t) {
    const tw_separation *s = &t->direction.separation;
    const tw_log_fit *fit = &t->direction.fit;
    if (tw_dufm_has_ridge(&t->run.point.model)) return;
    table_section(table, "direction (no ridge)");
    if (s->reason != TW_SEPARATION_MEASURED) {
        table_row(table, "not measured whole");
        table_cell(table, "%s", tw_separation_reason_text(s->reason));
    }
    table_row(table, "normalised margin");
    table_cell(table, "%.8g", s->normalised);
    table_row(table, "of the simplex frame; bound");
    table_cell(table, "%.8g; %.8g", s->simplex, s->bound);
    table_row(table, "spread of the margins");
    table_cell(table, "%.3g (deviation %.3g)", s->spread, s->deviation);
    table_row(table, "distance to a KKT point");
    table_cell(table, "%.3g", s->kkt_distance);
    table_row(table, "margin for t to infinity");
    table_cell(table, "%.8g +- %.1g%s", fit->limit, fit->limit_error,
               fit->limit > s->bound ? ", above the bound: not on the line yet" : "");
    table_row(table, "rate: margin = limit + rate/log t");
    table_cell(table, "%.4g, %zu rows of t >= %.3g", fit->rate, fit->points, fit->from);
}

static void rows_of_outcome(cli_table *table, const tw_run *training) {
    if (!training->polished) return;
    table_row(table, "polishing");
    table_cell(table, "%s", tw_polish_outcome_name(training->polishing.outcome));
}

static tw_status print_trained(const trained *t) {
    const tw_descent_result *r = &t->run.result;
    cli_table *table = NULL;
    tw_status status = table_create(1, &table);
    if (status != TW_OK) return status;
    table_section(table, "descent");
    table_row(table, "method");
    table_cell(table, "%s", tw_descent_method_name(t->run.method));
    table_row(table, "ended by");
    table_cell(table, "%s", tw_descent_reason_name(r->reason));
    rows_of_start(table, t);
    table_row(table, "steps");
    table_cell(table, "%zu", r->step);
    table_row(table, "time of the flow");
    table_cell(table, "%.6g", r->time);
    table_row(table, "gradients, minibatches, products");
    table_cell(table, "%zu, %zu, %zu", r->evaluations, r->batches, r->products);
    table_row(table, "loss at the start");
    table_cell(table, "%.12g", r->value_before);
    rows_of_outcome(table, &t->run);
    rows_of_descriptions(table, only, t, 1);
    rows_of_direction(table, t);
    rows_of_clarke(table, t);
    table_print(table, stdout);
    table_destroy(table);
    return TW_OK;
}

static tw_status record(const cli_invocation *run, const trained *t) {
    const tw_run *training = &t->run;
    const train_settings *s = run->settings;
    const char *path = s->resume ? s->resume : "";
    const tw_input input = {path, training->digest, &training->point.model};
    const tw_training_record made = {
        .description = &t->description,
        .method = tw_descent_method_name(training->method),
        .descent = &training->result,
        .polish = training->polished ? &training->polishing : NULL,
        .direction = tw_dufm_has_ridge(&training->point.model) ? NULL : &t->direction,
        .clarke = has_kinks(t) ? &t->clarke : NULL,
        .smoothing = has_kinks(t) && training->smoothed ? &training->smoothing : NULL,
        .start = t->judged ? &t->lowest : NULL};
    return write_result(run, tw_fields_json(&tw_input_fields, &input), &tw_training_fields, &made);
}

/* Reaching the time that was asked for is what was asked for. So is a gradient within the tolerance
 * when polishing made it so small. A saddle that the run began on is not. */
static int exit_code(const trained *t) {
    const tw_descent_result *r = &t->run.result;
    if (t->run.smoothed)
        return t->run.smoothing.reason == TW_SMOOTHING_CONVERGED ? EXIT_DONE : EXIT_NOT_CONVERGED;
    if (t->judged && t->lowest.negative) return EXIT_NOT_CONVERGED;
    bool polished = t->run.polished && r->gradient_norm <= t->run.options.tolerance;
    return polished || tw_descent_is_converged(r->reason) || r->reason == TW_DESCENT_TIME
               ? EXIT_DONE
               : EXIT_NOT_CONVERGED;
}

static int run_train(const cli_invocation *run) {
    tw_status status = TW_OK;
    const train_settings *s = run->settings;
    trained t = {0};
    int code = EXIT_DONE;
    TW_TRY(open_run(run, &t.run));
    status = tw_run_descend(&t.run);
    progress_clear();
    TW_TRY(status);
    TW_TRY(
        tw_point_describe(t.run.evaluator, t.run.point.theta, s->rank_tolerance, &t.description));
    TW_TRY(tw_run_write(&t.run));
    TW_TRY(measure_direction(&t));
    TW_TRY(measure_clarke(&t));
    TW_TRY(judge_start(&t));
    if (wants_table(run)) TW_TRY(print_trained(&t));
    TW_TRY(record(run, &t));
    hint(&t);
    code = exit_code(&t);
cleanup:
    tw_description_clear(&t.description);
    tw_run_clear(&t.run);
    return status == TW_OK ? code : report_failure(status);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(rank_options, train_settings, rank_tolerance),
    EMBED(seconds_options, train_settings, common),
    EMBED(memory_options, train_settings, common),
    EMBED(output_options, train_settings, output),
    EMBED(new_options, train_settings, new),
    EMBED(descent_options, train_settings, descent),
    RANGED(OPTION_COUNT, train_settings, run.restart, "restart", "I", 0, 1e9, "0",
           "number of the start among those of the seed"),
    RANGED(OPTION_COUNT, train_settings, run.checkpoint, "checkpoint", "N", 1, ANY_COUNT, NULL,
           "steps between states that --resume can take up; lbfgs, newton and flow begin their "
           "history anew there; without it: 1000"),
    PLAIN(OPTION_POINT, train_settings, run.trajectory, "trajectory", "FILE",
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
    PLAIN(OPTION_POINT, train_settings, resume, "resume", "FILE",
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
    0,
    0,
    options,
    sizeof(train_settings),
    run_train};
