/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/optima/construction.h>
#include <thalweg/record/point_record.h>

#include "new_model.h"
#include "plan.h"
#include "progress.h"
#include "subject.h"

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
    if (settings->output == NULL)
        return tw_fail(TW_ERR_ARGUMENT,
                       "'construct' needs -o FILE; see 'thalweg construct --help'");
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
                             settings->reading.rank_tolerance, progress_monitor(),
                             &m->description));
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
    const tw_construct_record made = record_of(run, m);
    const cli_origin origin = {subject_source(&m->narrow), "construct", &tw_construction_fields,
                               &made};
    tw_status status = tw_point_to_bundle(&m->made.point, &m->made.bundle);
    return status == TW_OK ? write_bundle(run, m->made.path, &m->made.bundle, &origin) : status;
}

/* The case: of the file that is padded, or of the model asked for. */
static tw_json *case_json(const cli_making *m) {
    const tw_input input = {NULL, "", &m->model};
    return m->narrow.path ? subject_input(&m->narrow) : tw_fields_json(&tw_input_fields, &input);
}

static tw_status show(const cli_invocation *run, const cli_making *m) {
    const tw_construct_record made = record_of(run, m);
    if (!m->result.exists && wants_table(run))
        printf(
            "%s: no such point. The geometric mean of the lambdas is %.8g, its fold is at %.8g; "
            "nothing was written.\n",
            run->operands[0], m->result.lambda, m->result.fold_lambda);
    return (m->result.exists ? show_result : write_result)(run, case_json(m), &tw_construct_fields,
                                                           &made);
}

static tw_status run_construct(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_making m = {0};
    TW_TRY(make(run, &m));
    if (m.result.exists) TW_TRY(write_point(run, &m));
    TW_TRY(show(run, &m));
    if (!m.result.exists) *run->code = EXIT_NEGATIVE;
cleanup:
    making_clear(&m);
    return status;
}

static const cli_option options[] = {
    TABLE(common_options, 0),
    EMBED(naming_options, construct_settings, reading),
    EMBED(rank_options, construct_settings, reading.rank_tolerance),
    EMBED(limit_options, construct_settings, common),
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
    {1, 1},
    {options, sizeof(construct_settings)},
    run_construct};
