/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/hessian.h>
#include <thalweg/restricted.h>
#include <thalweg/sectors.h>

#include "plan.h"
#include "progress.h"
#include "spectrum.h"

/* The operator that the options describe, and everything it borrows. */
typedef struct cli_operator {
    cli_subject subject;
    tw_part_product part;
    tw_linop whole;
    tw_slice *slices;
    size_t slice_count;
    tw_restricted restricted;
    tw_linop A;
} cli_operator;

static void operator_clear(cli_operator *o) {
    tw_restricted_clear(&o->restricted);
    free(o->slices);
    subject_close(&o->subject);
}

static tw_hessian_part part_named(const char *name) {
    size_t index = 0;
    while (tw_hessian_part_name(index) && strcmp(tw_hessian_part_name(index), name) != 0) index++;
    return (tw_hessian_part)index;
}

/* Is `name` one of the words of "W1,W2"? */
static bool listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

static size_t count_words(const char *list) {
    size_t words = 1;
    for (const char *at = list; *at; at++) words += *at == ',';
    return words;
}

static tw_status choose_blocks(const char *list, cli_operator *o) {
    const tw_dufm *model = &o->subject.point.model;
    size_t blocks = tw_dufm_block_count(model);
    o->slices = calloc(blocks, sizeof *o->slices);
    if (o->slices == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu blocks", blocks);
    for (size_t i = 0; i < blocks; i++) {
        tw_block block = tw_dufm_block(model, i);
        if (listed(list, block.name))
            o->slices[o->slice_count++] = (tw_slice){block.offset, block.rows * block.cols};
    }
    if (o->slice_count != count_words(list))
        return tw_fail(TW_ERR_ARGUMENT,
                       "--blocks %s: the blocks of this point are W1 to W%zu, H%s, each named once",
                       list, model->layers, model->bias ? ", b" : "");
    return TW_OK;
}

static tw_status build_operator(const cli_invocation *run, cli_operator *o, double *gradient) {
    tw_status status = TW_OK;
    const char *blocks = run->settings.blocks;
    tw_objective objective = tw_evaluator_objective(o->subject.evaluator);
    double value = 0.0;
    TW_TRY(objective.eval(objective.self, o->subject.point.theta, &value, gradient));
    o->part = (tw_part_product){o->subject.evaluator, o->subject.point.theta,
                                part_named(run->settings.part)};
    o->whole = (tw_linop){objective.n, tw_evaluator_part_apply, &o->part};
    o->A = o->whole;
    if (blocks == NULL) goto cleanup;
    TW_TRY(choose_blocks(blocks, o));
    TW_TRY(tw_restricted_init(&o->restricted, &o->whole, o->slice_count, o->slices));
    o->A = tw_restricted_linop(&o->restricted);
cleanup:
    return status;
}

/* Is it the Hessian itself, whose spectrum the sectors know? */
static bool is_whole(const cli_invocation *run) {
    return run->settings.blocks == NULL && strcmp(run->settings.part, "all") == 0;
}

/* By sectors alone, or by another route with names from the sectors where they apply. */
static tw_status find(const cli_invocation *run, const cli_operator *o, cli_spectrum *s) {
    tw_status status = TW_OK;
    tw_sectors sectors = {0};
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    bool asked = strcmp(run->settings.method, "sectors") == 0;
    options.rank_tolerance = run->settings.rank_tolerance;
    if (asked && !is_whole(run))
        return tw_fail(TW_ERR_ARGUMENT, "sectors know the whole Hessian, not --blocks or --part");
    if (is_whole(run))
        TW_TRY(tw_sectors_of_point(&o->subject.point.model, o->subject.point.theta, &options,
                                   &sectors));
    if (asked && !sectors.applicable) {
        status =
            tw_fail(TW_ERR_DATA, "%s: sectors do not apply: %s", o->subject.path, sectors.refusal);
        goto cleanup;
    }
    if (asked) {
        s->method = "sectors";
        TW_TRY(spectrum_from_levels(&run->settings, &sectors.levels, s));
        goto cleanup;
    }
    TW_TRY(spectrum_find(run, &o->A, s));
    spectrum_label(&sectors.levels, s);
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}

static size_t warn_of_kinks(const cli_subject *subject) {
    tw_kinks kinks =
        tw_evaluator_kinks(subject->evaluator, subject->point.theta, TW_KINK_TOLERANCE);
    if (kinks.on_kink > 0)
        fprintf(
            stderr,
            "thalweg: %s: %zu of %zu hidden pre-activations sit on a kink, where the Hessian does "
            "not exist; these are eigenvalues of its left branch\n",
            subject->path, kinks.on_kink, kinks.total);
    return kinks.on_kink;
}

static tw_status record_spectrum(const cli_invocation *run, const cli_operator *o,
                                 const cli_spectrum *s, size_t kinks) {
    tw_status status = TW_OK;
    tw_json *result = tw_json_object();
    const char *blocks = run->settings.blocks;
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(spectrum_to_json(s, result));
    TW_TRY(tw_json_set(result, "part", tw_json_string(run->settings.part)));
    TW_TRY(tw_json_set(result, "blocks", blocks ? tw_json_string(blocks) : tw_json_null()));
    TW_TRY(
        tw_json_set(result, "cluster_tolerance", tw_json_number(run->settings.cluster_tolerance)));
    TW_TRY(tw_json_set(result, "kinks", tw_json_integer((long long)kinks)));
    status = write_record(run, subject_input(&o->subject), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    return status;
}

/* --plan: say what it would cost. */
static tw_status show_plan(const cli_invocation *run, const cli_operator *o) {
    tw_status status = TW_OK;
    const cli_settings *settings = &run->settings;
    cli_plan plan;
    tw_json *result = NULL;
    bool dense = spectrum_is_dense(settings, &o->A);
    int ends = (settings->smallest > 0) + (settings->largest > 0);
    double pairs = (double)(settings->smallest + settings->largest);
    if (!dense) TW_TRY(spectrum_check_ends(settings, &o->A));
    TW_TRY(plan_make(&o->A, dense, pairs, ends, &plan));
    if (wants_table(run)) plan_print(&plan, o->subject.path);
    result = plan_json(&plan);
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    status = write_record(run, subject_input(&o->subject), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    return status;
}

static int run_on_file(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_operator o = {0};
    cli_spectrum s = {0};
    double *gradient = NULL;
    progress_start(run->settings.max_seconds);
    TW_TRY(subject_open(&o.subject, run->operands[0], &run->settings));
    gradient = calloc(tw_dufm_parameters(&o.subject.point.model), sizeof *gradient);
    TW_TRY(gradient ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for the gradient"));
    TW_TRY(build_operator(run, &o, gradient));
    if (run->settings.plan) {
        s.converged = true;
        TW_TRY(show_plan(run, &o));
        goto cleanup;
    }
    status = find(run, &o, &s);
    progress_clear();
    TW_TRY(status);
    size_t kinks = warn_of_kinks(&o.subject);
    if (wants_table(run)) {
        printf("%s\n", o.subject.path);
        spectrum_print(&s);
    }
    if (run->settings.json) TW_TRY(record_spectrum(run, &o, &s, kinks));
cleanup:
    free(gradient);
    operator_clear(&o);
    int code = s.converged ? EXIT_DONE : EXIT_NOT_CONVERGED;
    spectrum_clear(&s);
    return status == TW_OK ? code : report_failure(status);
}

int run_spectrum(const cli_invocation *run) {
    bool closed = run->settings.closed_form != NULL;
    if (closed == (run->operand_count == 1)) {
        tw_fail(TW_ERR_ARGUMENT, "'spectrum' needs either FILE or --closed-form NAME");
        return report_failure(TW_ERR_ARGUMENT);
    }
    if (closed) return run_closed_form(run);
    return wants_interior(&run->settings) ? run_interior(run) : run_on_file(run);
}
