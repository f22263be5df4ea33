/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/optima/construction.h>
#include <thalweg/record/point_record.h>

#include "new_model.h"
#include "plan.h"
#include "rows.h"

typedef struct construct_settings {
    cli_common common;
    cli_reading reading; /* of what is padded */
    cli_new new;
    size_t gauge_seed;
    const char *output;
} construct_settings;

/* One construction under way. */
typedef struct cli_making {
    const tw_construction *construction;
    const char *argument;
    cli_subject narrow; /* what is padded; path NULL when nothing is */
    tw_dufm model;      /* of the point asked for */
    tw_construct_result result;
    cli_subject made; /* the point; its path is that of the output */
    tw_description description;
} cli_making;

static void making_clear(cli_making *m) {
    subject_close(&m->narrow);
    subject_close(&m->made);
    tw_dufm_clear(&m->model);
    tw_construct_result_clear(&m->result);
    tw_description_clear(&m->description);
}

static tw_status check_output(const char *output) {
    if (output == NULL)
        return tw_fail(TW_ERR_ARGUMENT,
                       "'construct' needs -o FILE; see 'thalweg construct --help'");
    return check_output_format(output);
}

/* Loss and activation follow the construction where the command line leaves them open. */
static tw_status read_model(const cli_invocation *run, cli_making *m) {
    const tw_construction *c = m->construction;
    const construct_settings *s = run->settings;
    const cli_model fallback = {.loss = c->losses[0], .activation = c->activation};
    if (!(c->needs & TW_CONSTRUCTION_NARROW))
        return new_model_read(run, &s->new, &fallback, &m->model);
    if (m->argument[0] == '\0')
        return tw_fail(TW_ERR_ARGUMENT, "padded needs an argument: padded:FILE");
    cli_reading reading = s->reading;
    reading.model = s->new.model;
    if (reading.model.loss == NULL) reading.model.loss = c->losses[0];
    tw_status status = subject_open(&m->narrow, m->argument, &reading, run->common);
    if (status != TW_OK) return status;
    return new_model_widen(run, &s->new, &m->narrow.point.model, &m->model);
}

static tw_status make(const cli_invocation *run, cli_making *m) {
    tw_status status = TW_OK;
    const construct_settings *settings = run->settings;
    tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
    TW_TRY(check_output(settings->output));
    TW_TRY(tw_construction_read(run->operands[0], &m->construction, &m->argument));
    TW_TRY(read_model(run, m));
    TW_TRY(memory_claim(run->common, memory_of(&m->model, NULL), "the point"));
    options.seed = run->common->seed;
    options.gauge_seed = settings->gauge_seed;
    if (m->narrow.path) options.narrow = &m->narrow.point;
    TW_TRY(tw_construct(&m->model, run->operands[0], &options, &m->result, &m->made.point));
    if (!m->result.exists) return TW_OK;
    m->made.path = settings->output;
    TW_TRY(tw_evaluator_create(&m->made.point.model, &m->made.evaluator));
    TW_TRY(tw_point_describe(m->made.evaluator, m->made.point.theta,
                             settings->reading.rank_tolerance, &m->description));
cleanup:
    return status;
}

static tw_construct_record record_of(const cli_invocation *run, const cli_making *m) {
    const construct_settings *s = run->settings;
    bool exists = m->result.exists;
    return (tw_construct_record){.construction = run->operands[0],
                                 .gauge_seed = s->gauge_seed,
                                 .result = &m->result,
                                 .description = exists ? &m->description : NULL,
                                 .file = exists ? s->output : NULL};
}

static tw_status write_point(const cli_invocation *run, cli_making *m) {
    tw_status status = TW_OK;
    const tw_construct_record made = record_of(run, m);
    tw_json *json = run_provenance(run);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    if (m->narrow.path) TW_TRY(tw_json_set(json, "input", subject_input(&m->narrow)));
    TW_TRY(tw_json_set(json, "construct", tw_fields_json(&tw_construction_fields, &made)));
    TW_TRY(tw_point_to_bundle(&m->made.point, &m->made.bundle));
    status = keep_provenance(&m->made.bundle, json);
    json = NULL;
    TW_TRY(status);
    TW_TRY(tw_bundle_write(m->made.path, &m->made.bundle));
cleanup:
    tw_json_destroy(json);
    return status;
}

/* The case: of the file that is padded, or of the model asked for. */
static tw_json *case_json(const cli_making *m) {
    const tw_input input = {NULL, "", &m->model};
    return m->narrow.path ? subject_input(&m->narrow) : tw_fields_json(&tw_input_fields, &input);
}

static tw_status record_making(const cli_invocation *run, const cli_making *m) {
    const tw_construct_record made = record_of(run, m);
    return write_result(run, case_json(m), &tw_construct_fields, &made);
}

static const tw_description *description_of(const void *self, size_t column) {
    (void)column;
    return &((const cli_making *)self)->description;
}

static void rows_of_scales(cli_table *table, const tw_construct_result *result) {
    for (size_t i = 0; i < result->scale_count; i++) {
        table_row(table, i == 0 ? "scales" : "");
        table_cell(table, "%s = %.15g", result->symbol, result->scales[i]);
    }
    if (!isnan(result->fold_lambda) && !isinf(result->fold_lambda)) {
        table_row(table, "exists up to lambda");
        table_cell(table, "%.8g", result->fold_lambda);
    }
}

static tw_status print_making(const cli_invocation *run, const cli_making *m) {
    cli_table *table = NULL;
    if (!m->result.exists) {
        printf(
            "%s: no such point. The geometric mean of the lambdas is %.8g, its fold is at %.8g; "
            "nothing was written.\n",
            run->operands[0], m->result.lambda, m->result.fold_lambda);
        return TW_OK;
    }
    tw_status status = table_create(1, &table);
    if (status != TW_OK) return status;
    rows_of_inputs(table, &m->made, 1);
    rows_of_descriptions(table, description_of, m, 1);
    table_section(table, run->operands[0]);
    rows_of_scales(table, &m->result);
    table_print(table, stdout);
    table_destroy(table);
    return TW_OK;
}

static int run_construct(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_making m = {0};
    TW_TRY(make(run, &m));
    if (m.result.exists) TW_TRY(write_point(run, &m));
    if (wants_table(run)) TW_TRY(print_making(run, &m));
    TW_TRY(record_making(run, &m));
    int code = m.result.exists ? EXIT_DONE : EXIT_NEGATIVE;
    making_clear(&m);
    return code;
cleanup:
    making_clear(&m);
    return report_failure(status);
}

static const cli_option options[] = {
    TABLE(common_options, 0),
    EMBED(naming_options, construct_settings, reading),
    EMBED(rank_options, construct_settings, reading.rank_tolerance),
    EMBED(memory_options, construct_settings, common),
    EMBED(output_options, construct_settings, output),
    EMBED(new_options, construct_settings, new),
    RANGED(OPTION_COUNT, construct_settings, gauge_seed, "gauge-seed", "S", 0, ANY_COUNT, "1",
           "seed of the random rotation of every hidden space"),
    {0},
};

const cli_command construct_command = {
    "construct",
    "NAME",
    "make a point that is known without training",
    "NAME is zero, dnc, cross-polytope, blocks:K1,K2,.. or projector:R (critical points of the "
    "linear model in closed form), srg:R (relu, classes as edges of the complete graph on R "
    "vertices), padded:FILE (a narrower point with zeros) or random[:LAW] (entries by a law of "
    "'train --init'; without one normal-fanin:1). Every hidden space is turned at random. The "
    "record describes the point that was written. Exit code 1, and no file, when there is no such "
    "point at that lambda.",
    1,
    1,
    options,
    sizeof(construct_settings),
    run_construct};
