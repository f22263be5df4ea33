/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/examination/free_energy.h>
#include <thalweg/record/energy_record.h>

#include "free_energy.h"
#include "plan.h"
#include "progress.h"
#include "spectrum.h"

typedef struct free_energy_settings {
    cli_common common;
    cli_examining examining;
    cli_probing probing;
    cli_closed closed;
    const char *betas;
} free_energy_settings;

/* The weights with their names, where those are cut out of one text. */
typedef struct weighing {
    tw_weights all;
    char *text;
    const char **names;
} weighing;

static void weighing_clear(weighing *w) {
    tw_weights_clear(&w->all);
    free(w->text);
    free(w->names);
}

/* Optima named `names` at every scale. */
static tw_status weighing_init(const free_energy_settings *settings, size_t count, size_t scales,
                               const char *const *names, weighing *w) {
    tw_status status = TW_OK;
    size_t listed = 0;
    double *betas = NULL;
    TW_TRY(number_list_read(settings->betas, &listed, &betas));
    TW_TRY(tw_weights_init(count, scales, listed, betas, &w->all));
    for (size_t s = 0; s < scales; s++)
        for (size_t i = 0; i < count; i++) w->all.scales[s].optima[i].name = names[i];
cleanup:
    free(betas);
    return status;
}

/* ---- Options ---- */

/* What only files, or only closed forms, could obey. Limits mean something everywhere. */
static tw_status check_options(const cli_invocation *run) {
    const free_energy_settings *settings = run->settings;
    enum { FILES = 1, FORMS = 2 };
    static const cli_meaning rows[] = {
        {"activation", FILES, ": closed forms are linear"},
        {"lambda-W", FILES, ": its ridge is --lambda"},
        {"lambda-H", FILES, ": its ridge is --lambda"},
        {"lambda-b", FILES, ": it has no bias"},
        {"rank-tolerance", FILES, ": its rank is known"},
        {"tolerance", FILES, ": it needs no polishing"},
        {"max-iterations", FILES, ": it needs no polishing"},
        {"no-polish", FILES, ": it needs no polishing"},
        {"classes", FORMS, ": it belongs to --closed-form"},
        {"samples", FORMS, ": it belongs to --closed-form"},
        {"depth", FORMS, ": it belongs to --closed-form"},
        {"lambda", FORMS, ": ridges in place of the file's are --lambda-W and --lambda-H"},
        {"widths", FORMS, ": it belongs to --closed-form"},
        {0}};
    return settings->closed.name
               ? refuse_meanings(run, rows, FORMS, " means nothing with --closed-form")
               : refuse_meanings(run, rows, FILES, " means nothing with files");
}

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
    tw_examination_options how = examination_options(run->common, &settings->examining);
    tw_free_energy_options options = TW_FREE_ENERGY_DEFAULTS;
    tw_cost work, probes;
    options.rank_tolerance = settings->examining.reading.rank_tolerance;
    options.trace.probes = settings->probing.probes;
    options.trace.steps = settings->probing.steps;
    options.trace.budget = progress_budget(run->common, &settings->examining.budget);
    TW_TRY(subject_open(&subject, path, &settings->examining.reading, run->common));
    TW_TRY(compare_model(&subject, run, model));
    TW_TRY(tw_json_append(inputs, subject_input(&subject)));
    tw_examination_cost(&subject.point.model, &how, &work);
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

static tw_status weigh_files(const cli_invocation *run, weighing *w, tw_json *inputs) {
    tw_status status = TW_OK;
    tw_dufm model = {0};
    if (run->operand_count == 0)
        return tw_fail(TW_ERR_ARGUMENT, "free-energy needs files, or --closed-form");
    TW_TRY(
        weighing_init(run->settings, run->operand_count, 1, (const char *const *)run->operands, w));
    for (size_t i = 0; i < w->all.count; i++)
        TW_TRY(
            weigh_file(run, run->operands[i], &model, &w->all.scales[0].optima[i].laplace, inputs));
cleanup:
    tw_dufm_clear(&model);
    return status;
}

/* ---- Closed forms ---- */

/* "dnc/blocks:4,2" cut at each /. */
static tw_status cut_names(const char *list, weighing *w, size_t *count) {
    size_t bytes = strlen(list) + 1;
    *count = 1;
    for (const char *at = list; *at; at++) *count += *at == '/';
    w->text = malloc(bytes);
    w->names = calloc(*count, sizeof *w->names);
    if (w->text == NULL || w->names == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for names");
    memcpy(w->text, list, bytes);
    char *at = w->text;
    for (size_t i = 0; i < *count; i++) {
        char *end = strchr(at, '/');
        w->names[i] = at;
        if (end == NULL) break;
        *end = '\0';
        at = end + 1;
    }
    return TW_OK;
}

static tw_status weigh_form(const tw_closed_case *given, const char *name, tw_laplace *row) {
    tw_status status = TW_OK;
    tw_closed_form form = {0};
    TW_TRY(tw_closed_form_solve(given, name, &form));
    TW_TRY(tw_free_energy_of_form(&form, row));
cleanup:
    tw_closed_form_clear(&form);
    return status;
}

static tw_status weigh_forms(const cli_invocation *run, weighing *w, tw_json *inputs) {
    tw_status status = TW_OK;
    const free_energy_settings *settings = run->settings;
    static const char *const needed[] = {"classes", "samples", "depth", "lambda", "widths", NULL};
    tw_closed_case given = {0};
    size_t count = 0, scales = 0, width = 0;
    if (run->operand_count > 0)
        return tw_fail(TW_ERR_ARGUMENT, "--closed-form stands in place of files");
    TW_TRY(closed_case_read(run, &settings->closed, settings->examining.reading.model.loss, needed,
                            &given));
    const tw_closed_input input = {settings->closed.name, &given};
    TW_TRY(tw_json_append(inputs, tw_fields_json(&tw_closed_input_fields, &input)));
    TW_TRY(cut_names(settings->closed.name, w, &count));
    for (const char *at = settings->closed.widths; at && count_list_next(&at, &width);) scales++;
    TW_TRY(weighing_init(settings, count, scales, w->names, w));
    const char *at = settings->closed.widths;
    for (size_t s = 0; s < scales; s++) {
        count_list_next(&at, &given.width);
        w->all.scales[s].width = given.width;
        for (size_t i = 0; i < count; i++)
            TW_TRY(weigh_form(&given, w->names[i], &w->all.scales[s].optima[i].laplace));
    }
cleanup:
    return status;
}

static int run_free_energy(const cli_invocation *run) {
    tw_status status = TW_OK;
    const free_energy_settings *settings = run->settings;
    weighing w = {0};
    int code = EXIT_DONE;
    tw_json *inputs = tw_json_array();
    TW_TRY(inputs ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(check_options(run));
    TW_TRY(settings->closed.name ? weigh_forms(run, &w, inputs) : weigh_files(run, &w, inputs));
    progress_clear();
    tw_weights_compare(&w.all);
    if (!tw_weights_defined(&w.all)) code = EXIT_NEGATIVE;
    if (wants_table(run)) TW_TRY(weights_print(&w.all));
    status = write_result(run, inputs, &tw_weights_fields, &w.all);
    inputs = NULL;
cleanup:
    progress_clear();
    tw_json_destroy(inputs);
    weighing_clear(&w);
    return status == TW_OK ? code : report_failure(status);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(examining_options, free_energy_settings, examining),
    EMBED(seconds_options, free_energy_settings, common),
    EMBED(memory_options, free_energy_settings, common),
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
    0,
    64,
    options,
    sizeof(free_energy_settings),
    run_free_energy};
