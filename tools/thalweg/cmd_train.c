/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <thalweg/record/point_record.h>

#include "direction.h"
#include "progress.h"
#include "rows.h"
#include "training.h"

/* The run and the point it led to. */
typedef struct trained {
    cli_training training;
    tw_description description;
    cli_direction direction;
    tw_clarke clarke; /* of activations with kinks */
} trained;

static const tw_description *only(const void *self, size_t column) {
    (void)column;
    return &((const trained *)self)->description;
}

static bool has_kinks(const trained *t) {
    return t->training.point.model.activation->kinked;
}

/* The number that says whether a kinked point is first-order optimal: its gradient does not. */
static tw_status measure_clarke(trained *t) {
    double loss;
    tw_status status = TW_OK;
    if (!has_kinks(t)) return TW_OK;
    TW_TRY(t->training.objective.eval(t->training.objective.self, t->training.point.theta, &loss,
                                      t->training.gradient));
    TW_TRY(tw_clarke_measure(t->training.evaluator, t->training.point.theta, TW_KINK_TOLERANCE,
                             NULL, &t->clarke));
cleanup:
    return status;
}

static void rows_of_clarke(cli_table *table, const trained *t) {
    if (!has_kinks(t)) return;
    table_section(table, "first-order optimality");
    table_row(table, "pre-activations on a kink");
    table_cell(table, "%zu of %zu", t->clarke.on_kink, t->clarke.total);
    table_row(table, "smallest generalised gradient");
    table_cell(table, "%.3g (%s)", t->clarke.smallest, tw_clarke_reason_name(t->clarke.reason));
    if (!t->training.smoothed) return;
    table_row(table, "smoothing ended by");
    table_cell(table, "%s", tw_smoothing_reason_name(t->training.smoothing.reason));
}

static tw_status set_clarke(const trained *t, tw_json *object) {
    tw_status status = TW_OK;
    if (!has_kinks(t)) return TW_OK;
    TW_TRY(tw_json_set(object, "clarke_norm", tw_json_number(t->clarke.smallest)));
    TW_TRY(tw_json_set(object, "clarke_reason",
                       tw_json_string(tw_clarke_reason_name(t->clarke.reason))));
    if (t->training.smoothed)
        TW_TRY(tw_json_set(object, "smoothing",
                           tw_json_string(tw_smoothing_reason_name(t->training.smoothing.reason))));
cleanup:
    return status;
}

static void rows_of_outcome(cli_table *table, const cli_training *training) {
    if (!training->polished) return;
    table_row(table, "polishing");
    table_cell(table, "%s", tw_polish_outcome_name(training->outcome));
}

static tw_status print_trained(const trained *t) {
    const tw_descent_result *r = &t->training.result;
    cli_table *table = NULL;
    tw_status status = table_create(1, &table);
    if (status != TW_OK) return status;
    table_section(table, "descent");
    table_row(table, "method");
    table_cell(table, "%s", tw_descent_method_name(t->training.method));
    table_row(table, "ended by");
    table_cell(table, "%s", tw_descent_reason_name(r->reason));
    table_row(table, "steps");
    table_cell(table, "%zu", r->step);
    table_row(table, "time of the flow");
    table_cell(table, "%.6g", r->time);
    table_row(table, "gradients, minibatches, products");
    table_cell(table, "%zu, %zu, %zu", r->evaluations, r->batches, r->products);
    table_row(table, "loss at the start");
    table_cell(table, "%.12g", r->value_before);
    rows_of_outcome(table, &t->training);
    rows_of_descriptions(table, only, t, 1);
    rows_of_direction(table, &t->direction);
    rows_of_clarke(table, t);
    table_print(table, stdout);
    table_destroy(table);
    return TW_OK;
}

static tw_status set_run(const trained *t, tw_json *object) {
    tw_status status = TW_OK;
    const tw_descent_result *r = &t->training.result;
    const struct {
        const char *key;
        size_t count;
    } counts[] = {{"steps", r->step},
                  {"evaluations", r->evaluations},
                  {"batches", r->batches},
                  {"products", r->products}};
    TW_TRY(
        tw_json_set(object, "method", tw_json_string(tw_descent_method_name(t->training.method))));
    TW_TRY(tw_json_set(object, "reason", tw_json_string(tw_descent_reason_name(r->reason))));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        TW_TRY(tw_json_set(object, counts[i].key, tw_json_integer((long long)counts[i].count)));
    TW_TRY(tw_json_set(object, "t", tw_json_number(r->time)));
    TW_TRY(tw_json_set(object, "seconds", tw_json_number(r->seconds)));
    TW_TRY(tw_json_set(object, "loss_before", tw_json_number(r->value_before)));
    TW_TRY(tw_json_set(object, "gradient_norm_before", tw_json_number(r->gradient_norm_before)));
cleanup:
    return status;
}

static tw_status set_polish(const cli_training *training, tw_json *object) {
    if (!training->polished) return TW_OK;
    tw_json *polish = tw_json_object();
    tw_status status = polish ? TW_OK : TW_ERR_MEMORY;
    if (status == TW_OK) status = tw_polish_to_json(&training->newton, training->outcome, polish);
    if (status == TW_OK) return tw_json_set(object, "polish", polish);
    tw_json_destroy(polish);
    return status;
}

static tw_status record(const cli_invocation *run, const trained *t) {
    tw_status status = TW_OK;
    const char *path = run->settings.resume ? run->settings.resume : "";
    const tw_input input = {path, t->training.digest, &t->training.point.model};
    tw_json *result = tw_json_object();
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_description_to_json(&t->description, result));
    TW_TRY(set_run(t, result));
    TW_TRY(set_polish(&t->training, result));
    TW_TRY(direction_to_json(&t->direction, result));
    TW_TRY(set_clarke(t, result));
    status = write_record(run, tw_input_json(&input), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    return status;
}

/* Reaching the time that was asked for is what was asked for. So is a gradient within the tolerance
 * when polishing made it so small. */
static int exit_code(const trained *t) {
    const tw_descent_result *r = &t->training.result;
    if (t->training.smoothed)
        return t->training.smoothing.reason == TW_SMOOTHING_CONVERGED ? EXIT_DONE
                                                                      : EXIT_NOT_CONVERGED;
    bool polished = t->training.polished && r->gradient_norm <= t->training.options.tolerance;
    return polished || r->reason == TW_DESCENT_CONVERGED || r->reason == TW_DESCENT_TIME
               ? EXIT_DONE
               : EXIT_NOT_CONVERGED;
}

int run_train(const cli_invocation *run) {
    tw_status status = TW_OK;
    trained t = {0};
    int code = EXIT_DONE;
    TW_TRY(training_open(&t.training, run));
    TW_TRY(training_run(&t.training));
    TW_TRY(tw_point_describe(t.training.evaluator, t.training.point.theta,
                             run->settings.rank_tolerance, &t.description));
    TW_TRY(training_store(&t.training));
    TW_TRY(direction_measure(&t.training, &t.direction));
    TW_TRY(measure_clarke(&t));
    if (wants_table(run)) TW_TRY(print_trained(&t));
    TW_TRY(record(run, &t));
    code = exit_code(&t);
cleanup:
    tw_description_clear(&t.description);
    training_close(&t.training);
    return status == TW_OK ? code : report_failure(status);
}
