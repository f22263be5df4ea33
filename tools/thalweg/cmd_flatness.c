/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "estimation.h"

typedef struct flatness_settings {
    cli_common common;
    cli_estimating estimating;
    cli_numbers radii, sigmas;
    size_t pairs, ascents;
} flatness_settings;

static tw_flatness_options options_of(const cli_estimate *x) {
    const flatness_settings *s = x->run->settings;
    tw_flatness_options options = TW_FLATNESS_DEFAULTS;
    options.trace.probes = s->estimating.probing.probes;
    options.trace.steps = s->estimating.probing.steps;
    options.sharpness.radius_count = s->radii.count;
    options.sharpness.radii = s->radii.values;
    options.sharpness.starts = s->ascents;
    options.rise.deviation_count = s->sigmas.count;
    options.rise.deviations = s->sigmas.values;
    options.rise.pairs = s->pairs;
    options.budget = x->budget;
    return options;
}

static void print_notes(void) {
    const tw_flat_figure *figure;
    printf(
        "\nThe worst rise was reached by an ascent: it is a lower bound of the worst case. In "
        "parentheses:\nepsilon ||g|| + (epsilon^2/2) largest eigenvalue.\n");
    printf("\nWhat a figure is invariant to (all: %s):\n", tw_flat_common_invariance());
    for (size_t k = 0; (figure = tw_flat_figure_at(k)); k++)
        printf("  %-26s  %s\n", figure->title, figure->invariance);
}

static tw_status show(const cli_estimate *x, const tw_flatness *r) {
    tw_orbit_record orbit;
    const tw_flatness_record made = {
        x->e.subject.path, estimation_record(&x->e, r->whole.method, r->norm, r->reason, &orbit),
        r};
    return show_result(x->run, subject_input(&x->e.subject), &tw_flatness_fields, &made);
}

static tw_status flatness(cli_estimate *x) {
    tw_status status = TW_OK;
    const tw_flatness_options options = options_of(x);
    tw_flatness result = {0};
    if (x->cost) return tw_estimation_flatness_cost(&x->e.at, &options, x->cost);
    TW_TRY(tw_estimation_flatness(&x->e.at, &options, &result));
    x->reason = result.reason;
    TW_TRY(show(x, &result));
    if (wants_table(x->run)) print_notes();
cleanup:
    tw_flatness_clear(&result);
    return status;
}

static tw_status run_flatness(const cli_invocation *run) {
    const flatness_settings *s = run->settings;
    return estimation_run(run, &s->estimating, true, flatness);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(estimating_options, flatness_settings, estimating),
    EMBED(limit_options, flatness_settings, common),
    RANGED(OPTION_NUMBERS, flatness_settings, radii, "epsilon", "E[,..]", 0, 1e300, "0.01,0.1,1",
           "radii of the balls in which the worst case is sought"),
    RANGED(OPTION_NUMBERS, flatness_settings, sigmas, "sigma", "S[,..]", 0, 1e300, "0.001,0.01,0.1",
           "standard deviations of the noise, of every parameter"),
    RANGED(OPTION_COUNT, flatness_settings, pairs, "pairs", "N", 2, ANY_COUNT, "128",
           "pairs of opposite random points for the mean rise; errors fall with the square root"),
    RANGED(OPTION_COUNT, flatness_settings, ascents, "ascents", "N", 0, ANY_COUNT, "4",
           "random starts of the worst case, beside the top eigenvectors"),
    {0},
};

const cli_command flatness_command = {
    "flatness",
    "FILE",
    "how flat a point is, and what that means",
    "Largest and smallest non-zero eigenvalue, condition, trace, Frobenius norm and "
    "log-determinant of the Hessian; the worst rise of the loss in a ball, sought by ascents, so a "
    "lower bound of it; the mean rise under Gaussian noise with a 95 % interval. Each for the "
    "whole space, off the symmetry orbit, and block by block, with what it is invariant to. The "
    "point is taken as the file has it.",
    {1, 1},
    {options, sizeof(flatness_settings)},
    run_flatness};
