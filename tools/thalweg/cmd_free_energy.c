/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "free_energy.h"
#include "plan.h"
#include "progress.h"
#include "spectrum.h"

/* ---- Options ---- */

/* What only files, or only closed forms, could obey. Limits mean something everywhere. */
static tw_status check_options(const cli_settings *settings) {
    static const struct {
        const char *name, *hint;
        bool of_files;
    } rows[] = {{"activation", ": closed forms are linear", true},
                {"lambda-W", ": its ridge is --lambda", true},
                {"lambda-H", ": its ridge is --lambda", true},
                {"lambda-b", ": it has no bias", true},
                {"rank-tolerance", ": its rank is known", true},
                {"tolerance", ": it needs no polishing", true},
                {"max-iterations", ": it needs no polishing", true},
                {"no-polish", ": it needs no polishing", true},
                {"classes", ": it belongs to --closed-form", false},
                {"samples", ": it belongs to --closed-form", false},
                {"depth", ": it belongs to --closed-form", false},
                {"lambda", ": ridges in place of the file's are --lambda-W and --lambda-H", false},
                {"widths", ": it belongs to --closed-form", false}};
    bool files = settings->closed_form == NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].of_files != files && settings_given(settings, rows[i].name))
            return tw_fail(TW_ERR_ARGUMENT, "--%s means nothing with %s%s", rows[i].name,
                           files ? "files" : "--closed-form", rows[i].hint);
    return TW_OK;
}

/* ---- Files ---- */

static bool same_sizes(const tw_dufm *a, const tw_dufm *b) {
    size_t K = tw_dufm_classes(a), *sizes = calloc(2 * K, sizeof *sizes);
    if (sizes == NULL) return true; /* the next allocation says so */
    tw_dufm_class_sizes(a, sizes);
    tw_dufm_class_sizes(b, sizes + K);
    bool same = memcmp(sizes, sizes + K, K * sizeof *sizes) == 0;
    free(sizes);
    return same;
}

/* What makes b another model than a; NULL when they are one. Weights exp(-F) are integrals over the
 * parameters of one model: of two they do not compare. */
static const char *difference(const tw_dufm *a, const tw_dufm *b) {
    size_t L = a->layers;
    if (a->loss != b->loss) return "loss";
    if (a->activation != b->activation) return "activation";
    if (L != b->layers) return "depth";
    if (memcmp(a->widths, b->widths, (L + 1) * sizeof *a->widths) != 0) return "widths";
    if (a->samples != b->samples || !same_sizes(a, b)) return "class sizes";
    if (a->bias != b->bias) return "bias";
    if (memcmp(a->lambda_W, b->lambda_W, L * sizeof *a->lambda_W) != 0 ||
        a->lambda_H != b->lambda_H || (a->bias && a->lambda_b != b->lambda_b))
        return "ridges";
    return NULL;
}

/* model (in/out): that of the first file, none yet at first. */
static tw_status compare_model(const cli_subject *subject, const cli_invocation *run,
                               tw_dufm *model) {
    if (model->layers == 0) return tw_dufm_copy(model, &subject->point.model);
    const char *what = difference(model, &subject->point.model);
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
    tw_examination_options how = examination_options(&run->settings);
    tw_free_energy_options options = TW_FREE_ENERGY_DEFAULTS;
    tw_cost work, probes;
    options.rank_tolerance = run->settings.rank_tolerance;
    options.trace.probes = run->settings.probes;
    options.trace.steps = run->settings.steps;
    options.trace.budget = progress_budget(&run->settings);
    TW_TRY(subject_open(&subject, path, &run->settings));
    TW_TRY(compare_model(&subject, run, model));
    TW_TRY(tw_json_append(inputs, subject_input(&subject)));
    tw_examination_cost(&subject.point.model, &how, &work);
    tw_trace_cost(tw_dufm_parameters(&subject.point.model), &options.trace, &probes);
    tw_cost_then(&work, &probes);
    TW_TRY(memory_claim(&run->settings, memory_of(&subject.point.model, &work), path));
    TW_TRY(tw_point_examine(subject.evaluator, &how, subject.point.theta, &examination));
    TW_TRY(tw_free_energy_of_point(subject.evaluator, subject.point.theta, &examination, &options,
                                   row));
cleanup:
    tw_examination_clear(&examination);
    subject_close(&subject);
    return status;
}

static tw_status weigh_files(const cli_invocation *run, cli_weights *w, tw_json *inputs) {
    tw_status status = TW_OK;
    tw_dufm model = {0};
    if (run->operand_count == 0)
        return tw_fail(TW_ERR_ARGUMENT, "free-energy needs files, or --closed-form");
    TW_TRY(weights_init(&run->settings, run->operand_count, 1, w));
    for (size_t i = 0; i < w->count; i++) {
        w->names[i] = run->operands[i];
        TW_TRY(weigh_file(run, run->operands[i], &model, &w->scales[0].rows[i], inputs));
    }
cleanup:
    tw_dufm_clear(&model);
    return status;
}

/* ---- Closed forms ---- */

/* "dnc/blocks:4,2" cut at each /. */
static tw_status cut_names(const char *list, cli_weights *w, size_t *count) {
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

static tw_status record_case(const tw_closed_case *given, const char *names, tw_json *inputs) {
    tw_status status = TW_OK;
    tw_json *input = tw_json_object();
    TW_TRY(tw_json_append(inputs, input));
    TW_TRY(tw_json_set(input, "closed_form", tw_json_string(names)));
    TW_TRY(closed_case_to_json(given, input));
cleanup:
    return status;
}

static tw_status weigh_forms(const cli_invocation *run, cli_weights *w, tw_json *inputs) {
    tw_status status = TW_OK;
    const cli_settings *settings = &run->settings;
    static const char *const needed[] = {"classes", "samples", "depth", "lambda", "widths", NULL};
    tw_closed_case given = {0};
    size_t count = 0, scales = 0, width = 0;
    if (run->operand_count > 0)
        return tw_fail(TW_ERR_ARGUMENT, "--closed-form stands in place of files");
    TW_TRY(closed_case_read(settings, needed, &given));
    TW_TRY(record_case(&given, settings->closed_form, inputs));
    TW_TRY(cut_names(settings->closed_form, w, &count));
    for (const char *at = settings->widths; at && count_list_next(&at, &width);) scales++;
    TW_TRY(weights_init(settings, count, scales, w));
    const char *at = settings->widths;
    for (size_t s = 0; s < scales; s++) {
        count_list_next(&at, &given.width);
        w->scales[s].width = given.width;
        for (size_t i = 0; i < count; i++)
            TW_TRY(weigh_form(&given, w->names[i], &w->scales[s].rows[i]));
    }
cleanup:
    return status;
}

int run_free_energy(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_weights w = {0};
    int code = EXIT_DONE;
    tw_json *inputs = tw_json_array(), *result = NULL;
    progress_start(run->settings.max_seconds);
    TW_TRY(inputs ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(check_options(&run->settings));
    if (run->settings.closed_form)
        TW_TRY(weigh_forms(run, &w, inputs));
    else
        TW_TRY(weigh_files(run, &w, inputs));
    progress_clear();
    weights_cross(&w);
    if (!weights_defined(&w)) code = EXIT_NEGATIVE;
    if (wants_table(run)) TW_TRY(weights_print(&w));
    result = weights_json(&w);
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    status = write_record(run, inputs, result);
    inputs = result = NULL;
cleanup:
    progress_clear();
    tw_json_destroy(inputs);
    tw_json_destroy(result);
    weights_clear(&w);
    return status == TW_OK ? code : report_failure(status);
}
