/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/claims_record.h>

#include "results.h"

static tw_status run_selftest(const cli_invocation *run) {
    tw_status status = TW_OK;
    static tw_selftest_result result;
    TW_TRY(tw_selftest(run->common->seed, &result));
    TW_TRY(show_result(run, tw_json_object(), &tw_selftest_fields, &result));
    if (result.failed > 0) *run->code = EXIT_NEGATIVE;
cleanup:
    return status;
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
    {0, 0},
    {options, sizeof(cli_common)},
    run_selftest};
