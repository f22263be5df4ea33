/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <thalweg/record/claims_record.h>

#include "subject.h"

static void print_checks(const tw_selftest_result *r) {
    for (size_t i = 0; i < r->count; i++) {
        const tw_check *row = &r->checks[i];
        printf("  %-60s  %8.1e <= %-8.0e  %s\n", row->name, row->figure, row->bound,
               tw_check_holds(row) ? "ok" : "FAILED");
    }
    printf("\n%zu passed, %zu failed\n", r->count - r->failed, r->failed);
}

static int run_selftest(const cli_invocation *run) {
    tw_status status = TW_OK;
    static tw_selftest_result result;
    TW_TRY(tw_selftest(run->common->seed, &result));
    if (wants_table(run)) print_checks(&result);
    TW_TRY(write_result(run, tw_json_object(), &tw_selftest_fields, &result));
cleanup:
    if (status != TW_OK) return report_failure(status);
    return result.failed > 0 ? EXIT_NEGATIVE : EXIT_DONE;
}

static const cli_option options[] = {
    TABLE(common_options, 0),
    {0},
};

const cli_command selftest_command = {
    "selftest",
    "",
    "check this installation against exact results",
    "Closed-form optima by formula, sectors, dense matrix, both Krylov engines and deflated "
    "counts; planted spectra that make eigensolvers drop copies. Each line is a figure and its "
    "bound. Exit code 1 when one does not hold.",
    0,
    0,
    options,
    sizeof(cli_common),
    run_selftest};
