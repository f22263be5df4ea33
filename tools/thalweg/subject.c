/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <thalweg/model/names.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/record/point_record.h>
#include <thalweg/record/record.h>
#include <thalweg/record/text.h>

#include "plan.h"
#include "progress.h"
#include "reports.h"

/* In place of what the file says. */
static tw_status override_model(tw_bundle *bundle, const cli_model *model) {
    const struct {
        const char *key, *text;
    } given[] = {{"loss", model->loss},
                 {"activation", model->activation},
                 {"lambda_W", model->lambda_W},
                 {"lambda_H", model->lambda_H},
                 {"lambda_b", model->lambda_b}};
    tw_status status = TW_OK;
    for (size_t i = 0; status == TW_OK && i < sizeof given / sizeof *given; i++)
        if (given[i].text) status = tw_bundle_override(bundle, given[i].key, given[i].text);
    return status;
}

/* What the file has and the point does without. */
static void print_omissions(const cli_subject *subject) {
    for (size_t i = 0; i < subject->bundle.omission_count; i++)
        progress_warn("note: %s: left out: %s", subject->path, subject->bundle.omissions[i].reason);
}

tw_status fail_in_file(tw_status status, const char *path) {
    char prefix[512];
    if (status == TW_OK || status == TW_ERR_MEMORY) return status;
    snprintf(prefix, sizeof prefix, "%.500s: ", path);
    return tw_fail_in(status, prefix);
}

tw_status subject_open(cli_subject *subject, const char *path, const cli_reading *reading,
                       const cli_common *common) {
    tw_status status = TW_OK;
    memset(subject, 0, sizeof *subject);
    subject->path = path;
    TW_TRY(tw_bundle_read(path, &subject->bundle));
    TW_TRY(tw_file_digest(path, subject->digest));
    TW_TRY(
        fail_in_file(tw_names_apply_words(&subject->bundle, reading->map.count, reading->map.words,
                                          reading->ignore.count, reading->ignore.words),
                     path));
    TW_TRY(override_model(&subject->bundle, &reading->model));
    TW_TRY(fail_in_file(tw_point_from_bundle(&subject->bundle, &subject->point), path));
    TW_TRY(memory_claim(common, memory_of(&subject->point.model, NULL), path));
    TW_TRY(fail_in_file(tw_evaluator_create(&subject->point.model, &subject->evaluator), path));
    print_omissions(subject);
cleanup:
    if (status != TW_OK) subject_close(subject);
    return status;
}

void subject_close(cli_subject *subject) {
    tw_evaluator_destroy(subject->evaluator);
    tw_point_clear(&subject->point);
    tw_bundle_clear(&subject->bundle);
    memset(subject, 0, sizeof *subject);
}

tw_json *subject_input(const cli_subject *subject) {
    const tw_input input = {subject->path, subject->digest, &subject->point.model};
    return tw_fields_json(&tw_input_fields, &input);
}

tw_status subject_plan(const cli_subject *subject, const tw_linop *A, const char *route,
                       const tw_cost *work, tw_plan_record *plan) {
    const tw_dufm *model = &subject->point.model;
    const tw_objective f = tw_evaluator_objective(subject->evaluator);
    tw_hessian hessian = tw_hessian_at(&f, subject->point.theta);
    const tw_linop H = tw_hessian_linop(&hessian);
    return plan_make(A ? A : &H, route, work, memory_of(model, work), plan);
}

tw_status subject_price(const cli_invocation *run, const cli_budget *budget,
                        const cli_subject *subject, const tw_linop *A, const char *route,
                        const tw_cost *work) {
    tw_plan_record plan;
    if (!budget->plan)
        return memory_claim(run->common, memory_of(&subject->point.model, work), subject->path);
    tw_status status = subject_plan(subject, A, route, work, &plan);
    if (status != TW_OK) return status;
    return show_plan(run, subject->path, subject_input(subject), &plan);
}

tw_status show_plan(const cli_invocation *run, const char *name, tw_json *input,
                    const tw_plan_record *plan) {
    if (wants_table(run)) plan_print(plan, name);
    return write_result(run, input, &tw_plan_fields, plan);
}

tw_examination_options examination_options(const cli_common *common, const cli_examining *e) {
    tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    options.rank_tolerance = e->reading.rank_tolerance;
    options.polish = !e->polish.no_polish;
    options.newton.tolerance = e->polish.tolerance;
    options.newton.curvature_cap = 1.0;
    options.newton.max_iterations = e->polish.max_iterations;
    options.newton.budget = options.degeneracy.budget = progress_budget(common, &e->budget);
    /* Sectors are no dense route for the point: their matrix has a limit of its own. */
    options.sectors.budget.deadline = options.newton.budget.deadline;
    options.sectors.budget.monitor = options.newton.budget.monitor;
    return options;
}

bool is_one_file(const char *a, const char *b) {
    struct stat left, right;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

tw_status check_not_input(const cli_invocation *run, const char *path) {
    if (path == NULL) return TW_OK;
    for (size_t i = 0; i < run->operand_count; i++) {
        char *file = NULL;
        const char *inside;
        tw_status status = tw_path_split(run->operands[i], &file, &inside);
        bool same = status == TW_OK && is_one_file(file, path);
        free(file);
        if (status != TW_OK) return status;
        if (same)
            return tw_fail(TW_ERR_ARGUMENT, "%s is the input %s: it would be overwritten", path,
                           run->operands[i]);
    }
    return TW_OK;
}

static tw_provenance provenance_of(const cli_invocation *run) {
    return (tw_provenance){.command = run->command->name,
                           .argc = run->argc,
                           .argv = run->argv,
                           .seed = run->common->seed};
}

tw_status keep_provenance(const cli_invocation *run, tw_bundle *bundle, const cli_origin *origin) {
    tw_status status = TW_OK;
    const tw_provenance provenance = provenance_of(run);
    char *text = NULL;
    tw_json *json = tw_provenance_json(&provenance);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    if (origin && origin->subject)
        TW_TRY(tw_json_set(json, "input", subject_input(origin->subject)));
    if (origin && origin->key)
        TW_TRY(tw_json_set(json, origin->key, tw_fields_json(origin->fields, origin->made)));
    else if (origin && origin->fields)
        TW_TRY(tw_fields_write(origin->fields, origin->made, json));
    text = tw_json_text(json, 0);
    TW_TRY(text ? tw_bundle_set_metadata(bundle, "provenance", text) : TW_ERR_MEMORY);
cleanup:
    free(text);
    tw_json_destroy(json);
    return status;
}

tw_status write_bundle(const cli_invocation *run, const char *path, tw_bundle *bundle,
                       const cli_origin *origin) {
    progress_clear();
    tw_status status = keep_provenance(run, bundle, origin);
    return status == TW_OK ? tw_bundle_write(path, bundle) : status;
}

static tw_status print_json(const tw_json *value) {
    char *text = tw_json_text(value, 2);
    bool printed = text && puts(text) >= 0 && fflush(stdout) == 0;
    tw_status status = text ? TW_OK : TW_ERR_MEMORY;
    if (text && !printed) status = tw_fail(TW_ERR_IO, "standard output: cannot be written");
    free(text);
    return status;
}

tw_status store_record(const cli_invocation *run, const tw_json *record) {
    const char *path = run->common->json;
    if (path == NULL) return TW_OK;
    return strcmp(path, "-") == 0 ? print_json(record) : tw_json_write(record, path);
}

tw_json *make_record(const cli_invocation *run, tw_json *input, tw_json *result) {
    const tw_provenance provenance = provenance_of(run);
    return tw_record(&provenance, input, result);
}

tw_status write_record(const cli_invocation *run, tw_json *input, tw_json *result) {
    tw_status status = TW_OK;
    if (!wants_record(run)) {
        tw_json_destroy(input);
        tw_json_destroy(result);
        return TW_OK;
    }
    tw_json *record = make_record(run, input, result);
    const tw_json *const records[] = {record};
    TW_TRY(record ? TW_OK : TW_ERR_MEMORY);
    progress_clear();
    TW_TRY(store_record(run, record));
    TW_TRY(reports_write(run, NULL, 1, records));
cleanup:
    tw_json_destroy(record);
    return status;
}

tw_status write_result(const cli_invocation *run, tw_json *input, const tw_fields *fields,
                       const void *result) {
    return write_record(run, input, wants_record(run) ? tw_fields_json(fields, result) : NULL);
}

tw_status show_result(const cli_invocation *run, tw_json *input, const tw_fields *fields,
                      const void *result) {
    char *text = NULL;
    tw_json *json = tw_fields_json(fields, result);
    tw_status status = input && json ? TW_OK : TW_ERR_MEMORY;
    progress_clear();
    if (status == TW_OK && wants_table(run)) status = tw_record_text(fields, input, json, &text);
    if (text) fputs(text, stdout);
    free(text);
    if (status == TW_OK) return write_record(run, input, json);
    tw_json_destroy(input);
    tw_json_destroy(json);
    return status;
}

bool wants_record(const cli_invocation *run) {
    return run->common->json || reports_wanted(run);
}

static bool is_standard_output(const char *path) {
    return path && strcmp(path, "-") == 0;
}

bool wants_table(const cli_invocation *run) {
    return !is_standard_output(run->common->json) && !is_standard_output(run->common->csv);
}

tw_status write_csv(const cli_invocation *run, const tw_csv_table *table) {
    const char *path = run->common->csv;
    char *text = NULL;
    if (path == NULL) return TW_OK;
    progress_clear();
    if (!is_standard_output(path)) return tw_csv_write(path, table);
    tw_status status = tw_csv_print(table, &text);
    if (status == TW_OK) fputs(text, stdout);
    free(text);
    return status;
}

void warn_of_kinks(const cli_subject *subject, const tw_kinks *kinks, const char *figures) {
    if (kinks->on_kink == 0) return;
    progress_warn(
        "%s: %zu of %zu hidden pre-activations sit on a kink, where the Hessian does not exist; "
        "these are %s of its left branch",
        subject->path, kinks->on_kink, kinks->total, figures);
}

void warn_of_counts(const char *subject, const char *doubt) {
    if (doubt[0]) progress_warn("%s: the counts do not stand: %s", subject, doubt);
}

#define FAR_MOVE 1e-2 /* of ||theta||: beyond what float32 training leaves undone */

static void print_far_move(const char *path, const tw_examination *e) {
    const tw_newton_result *newton = &e->polish.newton;
    double move = newton->size > 0.0 ? newton->moved / newton->size : 0.0;
    if (move > FAR_MOVE)
        printf(
            "\n%s: polishing moved the point by %.2g of its norm (loss %.6g to %.6g): what is "
            "described is the point it led to, not the file's.\n",
            path, move, e->before.loss, e->after.loss);
}

void print_doubts(const cli_subject *subjects, const tw_examination *examinations, size_t count) {
    for (size_t i = 0; i < count; i++) {
        print_far_move(subjects[i].path, &examinations[i]);
        if (examinations[i].degeneracy.doubt[0])
            printf("\n%s: %s: %s.\n", subjects[i].path,
                   tw_verdict_name(examinations[i].degeneracy.verdict),
                   examinations[i].degeneracy.doubt);
    }
}
