/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <thalweg/record/file_record.h>

#include "progress.h"
#include "results.h"

static tw_status record(const cli_invocation *run, tw_json *const *records) {
    tw_page_source *files = calloc(run->operand_count, sizeof *files);
    tw_status status = files ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for the list of records");
    for (size_t i = 0; files && i < run->operand_count; i++) {
        const char *schema = tw_json_as_string(tw_json_get(records[i], "schema"));
        files[i] = (tw_page_source){run->operands[i], schema ? schema : ""};
    }
    const tw_page_record made = {run->operand_count, files};
    if (status == TW_OK) {
        tw_json *json = make_record(run, tw_json_null(), tw_fields_json(&tw_page_fields, &made));
        status = json ? store_record(run, json) : TW_ERR_MEMORY;
        tw_json_destroy(json);
    }
    free(files);
    return status;
}

static tw_status read_and_write(const cli_invocation *run, tw_json **records) {
    tw_status status = TW_OK;
    if (!reports_wanted(run))
        return tw_fail(TW_ERR_ARGUMENT,
                       "'report' needs at least one of --output, --figures, --markdown, --latex");
    for (size_t i = 0; i < run->operand_count; i++)
        TW_TRY(tw_json_read(run->operands[i], &records[i]));
    TW_TRY(reports_write(run, progress_monitor(), run->operand_count,
                         (const tw_json *const *)records));
    if (run->common->json) TW_TRY(record(run, records));
cleanup:
    return status;
}

static tw_status run_report(const cli_invocation *run) {
    tw_json **records = calloc(run->operand_count, sizeof *records);
    tw_status status = records ? read_and_write(run, records)
                               : tw_fail(TW_ERR_MEMORY, "no memory for the list of records");
    for (size_t i = 0; records && i < run->operand_count; i++) tw_json_destroy(records[i]);
    free(records);
    return status;
}

static const cli_option options[] = {
    TABLE(common_options, 0),
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_RESULT,
     .offset = offsetof(cli_common, report),
     .metavar = "FILE",
     .help = "write the page there"},
    TABLE(figure_options, 0),
    TABLE(paste_options, 0),
    {0},
};

const cli_command report_command = {
    "report",
    "RESULT...",
    "one page with figures from results of other subcommands",
    "Reads records that --json wrote and makes one HTML page of them that needs no network, no "
    "other file and no script. Points of all records stand side by side; parts without data are "
    "left out. Numbers have the records' digits. Figures are drawn by gnuplot; without it the page "
    "says that they are missing.",
    {1, 64},
    {options, sizeof(cli_common)},
    run_report};
