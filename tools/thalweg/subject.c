/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <thalweg/model/names.h>
#include <thalweg/record/point_record.h>
#include <thalweg/record/record.h>

#include "plan.h"
#include "progress.h"
#include "reports.h"

/* A metadata key and the option that takes its place. */
static tw_status override_metadata(tw_bundle *bundle, const char *key, const char *text) {
    return text ? tw_bundle_set_metadata(bundle, key, text) : TW_OK;
}

/* A ridge that was checked when it was parsed: metadata is JSON, which knows no ".01". It takes the
 * place of an array of that name as well. */
static tw_status override_ridge(tw_bundle *bundle, const char *key, const char *text) {
    bool list = false;
    size_t count = 0;
    double *values = NULL;
    if (text == NULL) return TW_OK;
    tw_bundle_remove(bundle, key);
    tw_status status = tw_json_parse_numbers(text, &list, &count, &values);
    if (status != TW_OK) return status;
    tw_json *json = list ? tw_json_numbers(count, values) : tw_json_number(values[0]);
    char *number = json ? tw_json_text(json, 0) : NULL;
    status = number ? tw_bundle_set_metadata(bundle, key, number) : TW_ERR_MEMORY;
    free(number);
    tw_json_destroy(json);
    free(values);
    return status;
}

static tw_status apply_overrides(tw_bundle *bundle, const cli_model *model) {
    tw_status status = TW_OK;
    TW_TRY(override_metadata(bundle, "loss", model->loss));
    TW_TRY(override_metadata(bundle, "activation", model->activation));
    TW_TRY(override_ridge(bundle, "lambda_W", model->lambda_W));
    TW_TRY(override_ridge(bundle, "lambda_H", model->lambda_H));
    TW_TRY(override_ridge(bundle, "lambda_b", model->lambda_b));
cleanup:
    return status;
}

/* One rename out of "FILE_NAME=MODEL_NAME"; names may hold "=", the model's do not. */
static tw_status read_map(const char *word, char **from, tw_rename *rename) {
    const char *equals = strrchr(word, '=');
    if (equals == NULL || equals == word || equals[1] == '\0')
        return tw_fail(TW_ERR_ARGUMENT, "--map: '%.80s' is not FILE_NAME=MODEL_NAME", word);
    *from = calloc((size_t)(equals - word) + 1, 1);
    if (*from == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for a name");
    memcpy(*from, word, (size_t)(equals - word));
    *rename = (tw_rename){*from, equals + 1};
    return TW_OK;
}

tw_status subject_names(tw_bundle *bundle, const cli_reading *reading) {
    tw_status status = TW_OK;
    const cli_words *map = &reading->map, *ignore = &reading->ignore;
    size_t count = 0;
    char **names = calloc(map->count + 1, sizeof *names);
    tw_rename *renames = calloc(map->count + ignore->count + 1, sizeof *renames);
    if (names == NULL || renames == NULL) {
        status = tw_fail(TW_ERR_MEMORY, "no memory for names");
        goto cleanup;
    }
    for (; count < map->count; count++)
        TW_TRY(read_map(map->words[count], &names[count], &renames[count]));
    for (size_t i = 0; i < ignore->count; i++)
        renames[count++] = (tw_rename){ignore->words[i], NULL};
    TW_TRY(tw_names_apply(bundle, count, renames));
cleanup:
    for (size_t i = 0; names && i < map->count; i++) free(names[i]);
    free(names);
    free(renames);
    return status;
}

/* What the file has and the point does without. */
static void print_omissions(const cli_subject *subject) {
    for (size_t i = 0; i < subject->bundle.omission_count; i++)
        fprintf(stderr, "thalweg: note: %s: left out: %s\n", subject->path,
                subject->bundle.omissions[i].reason);
}

/* The model's own sentences know arrays, not files. */
static tw_status in_file(tw_status status, const char *path) {
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
    TW_TRY(in_file(subject_names(&subject->bundle, reading), path));
    TW_TRY(apply_overrides(&subject->bundle, &reading->model));
    TW_TRY(in_file(tw_point_from_bundle(&subject->bundle, &subject->point), path));
    TW_TRY(memory_claim(common, memory_of(&subject->point.model, NULL), path));
    TW_TRY(in_file(tw_evaluator_create(&subject->point.model, &subject->evaluator), path));
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

tw_json *run_provenance(const cli_invocation *run) {
    const tw_provenance provenance = provenance_of(run);
    return tw_provenance_json(&provenance);
}

tw_status keep_provenance(tw_bundle *bundle, tw_json *provenance) {
    char *text = provenance ? tw_json_text(provenance, 0) : NULL;
    tw_status status = text ? tw_bundle_set_metadata(bundle, "provenance", text) : TW_ERR_MEMORY;
    free(text);
    tw_json_destroy(provenance);
    return status;
}

tw_status check_output_format(const char *output) {
    if (output == NULL || tw_format_for_path(output)) return TW_OK;
    return tw_fail(TW_ERR_ARGUMENT, "--output: no format has the extension of '%s'", output);
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
    if (!is_standard_output(path)) return tw_csv_write(path, table);
    tw_status status = tw_csv_print(table, &text);
    if (status == TW_OK) fputs(text, stdout);
    free(text);
    return status;
}

void warn_of_counts(const char *subject, const char *doubt) {
    if (doubt[0]) fprintf(stderr, "thalweg: %s: the counts do not stand: %s\n", subject, doubt);
}
