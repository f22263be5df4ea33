/* SPDX-License-Identifier: GPL-3.0-or-later */
/* density and trace: one run, two figures. */
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/report/texts.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/trace.h>

#include "estimation.h"

typedef struct estimate_settings {
    cli_common common;
    cli_estimating estimating;
} estimate_settings;

static tw_status density(cli_estimate *x) {
    tw_status status = TW_OK;
    tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_density_result r = {0};
    tw_orbit_record orbit;
    char *text = NULL;
    options.probes = x->how->probing.probes;
    options.steps = x->how->probing.steps;
    options.budget = x->budget;
    if (x->cost) {
        tw_estimation_density_cost(&x->e.at, &options, x->cost);
        return TW_OK;
    }
    TW_TRY(tw_estimation_density(&x->e.at, &options, &r));
    x->reason = r.reason;
    const tw_density_record made = {estimation_record(&x->e, r.method, r.norm, r.reason, &orbit),
                                    &r};
    TW_TRY(show_result(x->run, subject_input(&x->e.subject), &tw_density_fields, &made));
    TW_TRY(tw_curve_text(&r.curve, &text));
    if (wants_table(x->run)) fputs(text, stdout);
cleanup:
    free(text);
    tw_density_result_clear(&r);
    return status;
}

static tw_status trace(cli_estimate *x) {
    tw_status status = TW_OK;
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result r = {0};
    tw_orbit_record orbit;
    options.probes = x->how->probing.probes;
    options.steps = x->how->probing.steps;
    options.budget = x->budget;
    if (x->cost) {
        tw_estimation_trace_cost(&x->e.at, &options, x->cost);
        return TW_OK;
    }
    TW_TRY(tw_estimation_trace(&x->e.at, &options, &r));
    x->reason = r.reason;
    const tw_trace_record made = {estimation_record(&x->e, r.method, r.norm, r.reason, &orbit), &r};
    TW_TRY(show_result(x->run, subject_input(&x->e.subject), &tw_trace_fields, &made));
cleanup:
    return status;
}

static const cli_estimating *estimating(const cli_invocation *run) {
    return &((const estimate_settings *)run->settings)->estimating;
}

static tw_status run_density(const cli_invocation *run) {
    return estimation_run(run, estimating(run), false, density);
}

static tw_status run_trace(const cli_invocation *run) {
    return estimation_run(run, estimating(run), false, trace);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(estimating_options, estimate_settings, estimating),
    EMBED(limit_options, estimate_settings, common),
    {0},
};

const cli_command density_command = {
    "density",
    "FILE",
    "the distribution of all eigenvalues of the Hessian",
    "Lists the values that many eigenvalues share with the fraction of the spectrum they hold, and "
    "draws the rest as a curve. Up to --dense-limit from all eigenvalues; above it from sectors "
    "where they apply, exactly, and else by stochastic Lanczos quadrature, each mass with its "
    "standard error. Zero modes of the symmetry orbit are counted exactly where the point is "
    "stationary. The point is taken as the file has it.",
    {1, 1},
    {options, sizeof(estimate_settings)},
    run_density};

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
    {options, sizeof(estimate_settings)},
    run_trace};
