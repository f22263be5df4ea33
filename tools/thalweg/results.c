/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/record/record.h>
#include <thalweg/record/text.h>
#include <thalweg/report/report.h>

#include "progress.h"

/* ---- Files of arrays ---- */

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
    if (origin && origin->input.path)
        TW_TRY(tw_json_set(json, "input", tw_fields_json(&tw_input_fields, &origin->input)));
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

/* ---- Pages ---- */

bool reports_wanted(const cli_invocation *run) {
    const cli_common *c = run->common;
    return c->report || c->figures || c->markdown || c->latex;
}

static void warn(const char *path, const tw_report_result *result) {
    if (result->cancelled)
        progress_warn("%s: ended when %zu of %zu figures were drawn", path, result->drawn,
                      result->figures);
    else if (result->drawn < result->figures)
        progress_warn(
            "%s: %zu of %zu figures are not drawn: gnuplot was not found or failed; their data and "
            "scripts are there (Debian: apt install gnuplot-nox)",
            path, result->figures - result->drawn, result->figures);
}

tw_status reports_write(const cli_invocation *run, const tw_monitor *monitor, size_t count,
                        const tw_json *const *records) {
    tw_status status = TW_OK;
    const cli_common *c = run->common;
    tw_report_result result = {0};
    if (c->report) {
        TW_TRY(tw_report_write(count, records, c->report, monitor, &result));
        warn(c->report, &result);
    }
    if (c->figures) {
        TW_TRY(tw_figures_write(count, records, c->figures, monitor, &result));
        warn(c->figures, &result);
    }
    if (c->markdown) TW_TRY(tw_report_markdown(count, records, c->markdown));
    if (c->latex) TW_TRY(tw_report_latex(count, records, c->latex));
cleanup:
    return status;
}

/* ---- Records ---- */

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
    progress_clear();
    tw_json *json = tw_fields_json(fields, result);
    tw_status status = input && json ? TW_OK : TW_ERR_MEMORY;
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
