/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/claims_record.h>

#include "subject.h"

int run_selftest(const cli_invocation *run) {
    tw_status status = TW_OK;
    static tw_selftest_result result;
    TW_TRY(tw_selftest(run->settings.seed, &result));
    TW_TRY(show_result(run, tw_json_object(), &tw_selftest_fields, &result));
cleanup:
    if (status != TW_OK) return report_failure(status);
    return result.failed > 0 ? EXIT_NEGATIVE : EXIT_DONE;
}
