/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/spectrum/trace.h>

#include "estimation.h"
#include "progress.h"

typedef struct trace_settings {
    cli_common common;
    cli_estimating estimating;
} trace_settings;

static tw_status record_trace(const cli_invocation *run, const cli_estimation *e,
                              const tw_trace_result *r) {
    tw_orbit_record orbit;
    const tw_trace_record made = {estimation_record(e, r->method, r->norm, r->reason, &orbit), r};
    return show_result(run, subject_input(&e->subject), &tw_trace_fields, &made);
}

static int run_trace(const cli_invocation *run) {
    tw_status status = TW_OK;
    const cli_estimating *how = &((const trace_settings *)run->settings)->estimating;
    cli_estimation e = {0};
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result result = {0};
    int code = EXIT_DONE;
    tw_cost work = {0};
    TW_TRY(estimation_open(run, how, false, &e));
    options.probes = how->probing.probes;
    options.steps = how->probing.steps;
    options.budget = progress_budget(run->common, &how->budget);
    if (e.at.route != TW_ROUTE_DENSE) options.budget.dense_limit = 0;
    if (e.at.route != TW_ROUTE_SECTORS) tw_trace_cost(e.at.H.n, &options, &work);
    if (how->budget.plan) {
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

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(estimating_options, trace_settings, estimating),
    EMBED(seconds_options, trace_settings, common),
    EMBED(memory_options, trace_settings, common),
    {0},
};

const cli_command trace_command = {
    "trace",
    "FILE",
    "trace, Frobenius norm and log-determinant of the Hessian",
    "The log-determinant is over the modes that are not zero. Up to --dense-limit exact, from all "
    "eigenvalues; above it from sectors where they apply, exactly, and else by Hutch++ and "
    "stochastic Lanczos quadrature, with standard errors and 95 % intervals. Zero modes of the "
    "symmetry orbit are left out where the point is stationary. The point is taken as the file has "
    "it.",
    {1, 1},
    {options, sizeof(trace_settings)},
    run_trace};
