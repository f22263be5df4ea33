/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <thalweg/record/record.h>

#include "reports.h"
#include "subject.h"

/* {files: [{file, schema}]} */
static tw_json *files_json(const cli_invocation *run, tw_json *const *records) {
    tw_status status = TW_OK;
    tw_json *result = tw_json_object(), *files = tw_json_array();
    TW_TRY(tw_json_set(result, "files", files));
    for (size_t i = 0; i < run->operand_count; i++) {
        const char *schema = tw_json_as_string(tw_json_get(records[i], "schema"));
        tw_json *row = tw_json_object();
        TW_TRY(tw_json_append(files, row));
        TW_TRY(tw_json_set(row, "file", tw_json_string(run->operands[i])));
        TW_TRY(tw_json_set(row, "schema", tw_json_string(schema ? schema : "")));
    }
    return result;
cleanup:
    tw_json_destroy(result);
    return NULL;
}

static tw_status record(const cli_invocation *run, tw_json *const *records) {
    const tw_provenance provenance = {"report", run->argc, run->argv, run->settings.seed};
    if (run->settings.json == NULL) return TW_OK;
    tw_json *result = files_json(run, records);
    tw_json *made = result ? tw_record(&provenance, tw_json_null(), result) : NULL;
    tw_status status = made ? store_record(run, made) : TW_ERR_MEMORY;
    tw_json_destroy(made);
    return status;
}

static tw_status read_and_write(const cli_invocation *run, tw_json **records) {
    tw_status status = TW_OK;
    if (!reports_wanted(run))
        return tw_fail(TW_ERR_ARGUMENT,
                       "'report' needs at least one of --output, --figures, --markdown, --latex");
    for (size_t i = 0; i < run->operand_count; i++)
        TW_TRY(tw_json_read(run->operands[i], &records[i]));
    TW_TRY(reports_write(run, run->operand_count, (const tw_json *const *)records));
    TW_TRY(record(run, records));
cleanup:
    return status;
}

int run_report(const cli_invocation *run) {
    tw_json **records = calloc(run->operand_count, sizeof *records);
    tw_status status = records ? read_and_write(run, records)
                               : tw_fail(TW_ERR_MEMORY, "no memory for the list of records");
    for (size_t i = 0; records && i < run->operand_count; i++) tw_json_destroy(records[i]);
    free(records);
    return status == TW_OK ? EXIT_DONE : report_failure(status);
}
