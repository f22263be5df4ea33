/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/spectrum/trace.h>

#include "estimation.h"
#include "progress.h"

static tw_status record_trace(const cli_invocation *run, const cli_estimation *e,
                              const tw_trace_result *r) {
    tw_orbit_record orbit;
    const tw_trace_record made = {estimation_record(e, r->method, r->norm, r->reason, &orbit), r};
    return show_result(run, subject_input(&e->subject), &tw_trace_fields, &made);
}

int run_trace(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_estimation e = {0};
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result result = {0};
    int code = EXIT_DONE;
    tw_cost work = {0};
    TW_TRY(estimation_open(run, &e));
    options.probes = run->settings.probes;
    options.steps = run->settings.steps;
    options.budget = progress_budget(&run->settings);
    if (e.at.route != TW_ROUTE_DENSE) options.budget.dense_limit = 0;
    if (e.at.route != TW_ROUTE_SECTORS) tw_trace_cost(e.at.H.n, &options, &work);
    if (run->settings.plan) {
        status = estimation_plan(run, &e, &work);
        goto cleanup;
    }
    TW_TRY(estimation_claim(run, &e, &work));
    TW_TRY(tw_estimation_trace(&e.at, &options, &result));
    progress_clear();
    estimation_warn(&e);
    code = estimation_code(&e, result.reason);
    TW_TRY(record_trace(run, &e, &result));
cleanup:
    progress_clear();
    estimation_close(&e);
    return status == TW_OK ? code : report_failure(status);
}
