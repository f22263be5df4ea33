/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <thalweg/spectrum/density.h>

#include "estimation.h"
#include "progress.h"

typedef struct density_settings {
    cli_common common;
    cli_estimating estimating;
} density_settings;

enum { SKETCH_ROWS = 16, SKETCH_COLUMNS = 48 };

/* The share of row `row` of the sketch: the curve's mass between two grid points. */
static double row_mass(const tw_curve *c, size_t row, double *low, double *high) {
    size_t first = row * (c->count - 1) / SKETCH_ROWS;
    size_t last = (row + 1) * (c->count - 1) / SKETCH_ROWS;
    *low = c->grid[first];
    *high = c->grid[last];
    return c->cumulative[last] - c->cumulative[first];
}

/* One bar a row; the longest is the row with the most mass. */
static void print_curve(const tw_curve *c) {
    double low, high, most = 0.0;
    if (c->count <= SKETCH_ROWS) return; /* no curve: everything is in atoms */
    for (size_t row = 0; row < SKETCH_ROWS; row++) most = fmax(most, row_mass(c, row, &low, &high));
    if (!(most > 0.0)) return;
    printf("\nthe curve, in %d parts (every value widened by %.3g)\n\n", SKETCH_ROWS, c->width);
    for (size_t row = 0; row < SKETCH_ROWS; row++) {
        double mass = row_mass(c, row, &low, &high);
        int length = (int)lround(SKETCH_COLUMNS * mass / most);
        printf("  %12.5g .. %-12.5g  %9.6f  ", low, high, mass);
        for (int i = 0; i < length; i++) putchar('#');
        putchar('\n');
    }
}

static tw_status record_density(const cli_invocation *run, const cli_estimation *e,
                                const tw_density_result *r) {
    tw_orbit_record orbit;
    const tw_density_record made = {estimation_record(e, r->method, r->norm, r->reason, &orbit), r};
    return show_result(run, subject_input(&e->subject), &tw_density_fields, &made);
}

static int run_density(const cli_invocation *run) {
    tw_status status = TW_OK;
    const cli_estimating *how = &((const density_settings *)run->settings)->estimating;
    cli_estimation e = {0};
    tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_density_result result = {0};
    int code = EXIT_DONE;
    tw_cost work = {0};
    TW_TRY(estimation_open(run, how, false, &e));
    options.probes = how->probing.probes;
    options.steps = how->probing.steps;
    options.budget = progress_budget(run->common, &how->budget);
    if (e.at.route != TW_ROUTE_DENSE) options.budget.dense_limit = 0;
    if (e.at.route != TW_ROUTE_SECTORS) tw_density_cost(e.at.H.n, &options, &work);
    if (how->budget.plan) {
        status = estimation_plan(run, &e, &work);
        goto cleanup;
    }
    TW_TRY(estimation_claim(run, &e, &work));
    TW_TRY(tw_estimation_density(&e.at, &options, &result));
    progress_clear();
    estimation_warn(&e);
    code = estimation_code(&e, result.reason);
    TW_TRY(record_density(run, &e, &result));
    if (wants_table(run)) print_curve(&result.curve);
cleanup:
    progress_clear();
    tw_density_result_clear(&result);
    estimation_close(&e);
    return status == TW_OK ? code : report_failure(status);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(estimating_options, density_settings, estimating),
    EMBED(seconds_options, density_settings, common),
    EMBED(memory_options, density_settings, common),
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
    {options, sizeof(density_settings)},
    run_density};
