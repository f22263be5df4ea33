/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/examination/free_energy.h>
#include <thalweg/record/energy_record.h>
#include <thalweg/report/texts.h>

#include "new_model.h"
#include "plan.h"
#include "progress.h"
#include "subject.h"

typedef struct free_energy_settings {
    cli_common common;
    cli_examining examining;
    cli_probing probing;
    cli_closed closed;
    cli_numbers betas;
} free_energy_settings;

/* ---- Files ---- */

/* model (in/out): that of the first file, none yet at first. */
static tw_status compare_model(const cli_subject *subject, const cli_invocation *run,
                               tw_dufm *model) {
    if (model->layers == 0) return tw_dufm_copy(model, &subject->point.model);
    const char *what = tw_dufm_difference(model, &subject->point.model);
    if (what == NULL) return TW_OK;
    return tw_fail(TW_ERR_DATA,
                   "%s: another model than %s, it differs in %s: their weights do not "
                   "compare",
                   subject->path, run->operands[0], what);
}

static tw_status weigh_file(const cli_invocation *run, const char *path, tw_dufm *model,
                            tw_laplace *row, tw_json *inputs) {
    tw_status status = TW_OK;
    cli_subject subject = {0};
    tw_examination examination = {0};
    const free_energy_settings *settings = run->settings;
    tw_examination_options how;
    tw_free_energy_options options = TW_FREE_ENERGY_DEFAULTS;
    tw_cost work, probes;
    options.rank_tolerance = settings->examining.reading.rank_tolerance;
    options.trace.probes = settings->probing.probes;
    options.trace.steps = settings->probing.steps;
    options.trace.budget = progress_budget(run->common, &settings->examining.budget);
    TW_TRY(subject_open(&subject, path, &settings->examining.reading, run->common));
    TW_TRY(compare_model(&subject, run, model));
    TW_TRY(tw_json_append(inputs, subject_input(&subject)));
    how = examination_options(run->common, &settings->examining, &subject.point.model);
    tw_examination_cost(&subject.point.model, subject.point.theta, &how, &work);
    tw_trace_cost(tw_dufm_parameters(&subject.point.model), &options.trace, &probes);
    tw_cost_then(&work, &probes);
    TW_TRY(memory_claim(run->common, memory_of(&subject.point.model, &work), path));
    TW_TRY(tw_point_examine(subject.evaluator, &how, subject.point.theta, &examination));
    TW_TRY(tw_free_energy_of_point(subject.evaluator, subject.point.theta, &examination, &options,
                                   row));
cleanup:
    tw_examination_clear(&examination);
    subject_close(&subject);
    return status;
}

static tw_status weigh_files(const cli_invocation *run, tw_json *inputs, tw_weights *w) {
    tw_status status = TW_OK;
    tw_dufm model = {0};
    const cli_numbers *betas = &((const free_energy_settings *)run->settings)->betas;
    if (run->operand_count == 0)
        return tw_fail(TW_ERR_ARGUMENT, "free-energy needs files, or --closed-form");
    TW_TRY(tw_weights_init(run->operand_count, 1, betas->count, betas->values, w));
    for (size_t i = 0; i < w->count; i++) {
        tw_weighed *optimum = &w->scales[0].optima[i];
        optimum->name = run->operands[i];
        TW_TRY(weigh_file(run, run->operands[i], &model, &optimum->laplace, inputs));
    }
cleanup:
    tw_dufm_clear(&model);
    return status;
}

static tw_status weigh_forms(const cli_invocation *run, tw_json *inputs, tw_weights *w) {
    tw_status status = TW_OK;
    const free_energy_settings *settings = run->settings;
    const cli_closed *closed = &settings->closed;
    static const char *const needed[] = {"classes", "samples", "depth", "lambda", "widths", NULL};
    tw_closed_case given = {0};
    size_t *widths = NULL;
    if (run->operand_count > 0)
        return tw_fail(TW_ERR_ARGUMENT, "--closed-form stands in place of files");
    TW_TRY(closed_case_read(run, closed, settings->examining.reading.model.loss, needed, &given));
    const tw_closed_input input = {closed->name, &given};
    TW_TRY(tw_json_append(inputs, tw_fields_json(&tw_closed_input_fields, &input)));
    widths = calloc(closed->widths.count, sizeof *widths);
    TW_TRY(widths ? TW_OK
                  : tw_fail(TW_ERR_MEMORY, "no memory for %zu widths", closed->widths.count));
    for (size_t i = 0; i < closed->widths.count; i++) widths[i] = (size_t)closed->widths.values[i];
    TW_TRY(tw_weights_of_forms(&given, closed->name, closed->widths.count, widths,
                               settings->betas.count, settings->betas.values, w));
cleanup:
    free(widths);
    return status;
}

static tw_status run_free_energy(const cli_invocation *run) {
    tw_status status = TW_OK;
    const free_energy_settings *settings = run->settings;
    tw_weights w = {0};
    char *text = NULL;
    tw_json *inputs = tw_json_array();
    TW_TRY(inputs ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(closed_form_refuse(
        run, settings->closed.name != NULL,
        settings->closed.name ? " means nothing with --closed-form" : " means nothing with files"));
    TW_TRY((settings->closed.name ? weigh_forms : weigh_files)(run, inputs, &w));
    tw_weights_compare(&w);
    if (!tw_weights_defined(&w)) *run->code = EXIT_NEGATIVE;
    status =
        show_result(run, inputs, settings->closed.name ? &tw_sweep_fields : &tw_weights_fields, &w);
    inputs = NULL;
    TW_TRY(status);
    TW_TRY(tw_weights_text(&w, &text));
    if (wants_table(run)) fputs(text, stdout);
cleanup:
    free(text);
    tw_json_destroy(inputs);
    tw_weights_clear(&w);
    return status;
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(examining_options, free_energy_settings, examining),
    EMBED(limit_options, free_energy_settings, common),
    EMBED(probe_options, free_energy_settings, probing),
    RANGED(OPTION_NUMBERS, free_energy_settings, betas, "beta", "B[,..]", 0, 1e300,
           "1e1,1e2,1e3,1e4,1e5,1e6", "inverse temperatures at which F is listed"),
    PLAIN(OPTION_TEXT, free_energy_settings, closed.name, "closed-form", "NAME/..",
          "in place of files, optima known in closed form with / between them: zero, dnc, "
          "cross-polytope, blocks:K1,K2,.. or projector:R; needs --classes, --samples, --depth, "
          "--lambda and --widths, and --loss (default ce)"),
    EMBED(closed_options, free_energy_settings, closed),
    RANGED(OPTION_COUNTS, free_energy_settings, closed.widths, "widths", "D[,..]", 1, 1e9, NULL,
           "widths of every hidden space, for closed forms: one crossing each"),
    {0},
};

const cli_command free_energy_command = {
    "free-energy",
    "[FILE...]",
    "when a degenerate optimum outweighs a better one",
    "The Laplace weight exp(-F) of each optimum at inverse temperature beta: loss, volume of the "
    "symmetry orbit, copies under exchange of classes, log-determinant over the modes that are not "
    "zero; F at some beta, and beta* where two optima weigh the same, with its error. Points are "
    "polished first. With --closed-form no file is needed, and every width costs the same. Exit "
    "code 1 when an optimum is none that F is defined for.",
    {0, 64},
    {options, sizeof(free_energy_settings)},
    run_free_energy};
