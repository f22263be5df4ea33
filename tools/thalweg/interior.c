/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spectrum --near-zero, --below, --interval: eigenvalues inside the spectrum, with the symmetry
 * orbit set aside where the point is stationary enough for it to be flat. */
#include <thalweg/spectrum/inside.h>

#include <math.h>
#include <stdio.h>

#include "plan.h"
#include "progress.h"
#include "spectrum.h"

/* The operator that the options describe: the Hessian, with what is known of it, or a part. */
typedef struct inside {
    cli_operator of;
    const tw_linop *A; /* the one or the other */
    tw_inside_options options;
} inside;

/* Trying the orbit, where the whole Hessian is searched. */
static void add_orbit(const spectrum_settings *settings, const cli_subject *subject,
                      tw_cost *cost) {
    if (spectrum_is_whole(settings))
        tw_estimation_add_orbit(&subject->point.model, subject->point.theta, cost);
}

/* As many pairs as fit beside the orbit. */
static tw_interior_options interior_options(const spectrum_settings *settings,
                                            const cli_subject *subject, size_t order) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    size_t needed = settings->max_count > 0 ? settings->max_count : settings->near_zero;
    tw_cost orbit = {0};
    add_orbit(settings, subject, &orbit);
    double taken = memory_of(&subject->point.model, NULL) + orbit.bytes;
    options.budget = progress_budget(&settings->common, &settings->budget);
    if (settings->max_count > 0) options.max_count = needed;
    options.max_count =
        tw_interior_fit(order, &options, memory_limit(&settings->common) - taken, needed);
    return options;
}

/* The search with as many pairs as were asked for, else as it may find. */
static void inside_cost(const spectrum_settings *settings, const inside *in, tw_cost *cost) {
    tw_interior_options options = in->options.search;
    if (settings->near_zero > 0) options.max_count = settings->near_zero;
    tw_interior_cost(in->A->n, &options, cost);
    add_orbit(settings, &in->of.e.subject, cost);
}

static tw_status open_operator(const cli_invocation *run, inside *in) {
    tw_status status = TW_OK;
    const spectrum_settings *settings = run->settings;
    tw_cost cost;
    cli_estimation *e = &in->of.e;
    TW_TRY(spectrum_open(run, &in->of));
    in->A = spectrum_is_whole(settings) ? &e->at.H : &in->of.operator.A;
    in->options.search = interior_options(settings, &e->subject, in->A->n);
    inside_cost(settings, in, &cost);
    TW_TRY(subject_price(run, &settings->budget, &e->subject, in->A, "inside", &cost));
cleanup:
    return status;
}

static tw_status search(const spectrum_settings *settings, inside *in, tw_interior_result *result,
                        tw_listing *listing) {
    tw_inside_options *options = &in->options;
    bool below = !isnan(settings->below);
    options->nearest = settings->near_zero;
    options->low = below ? -INFINITY : settings->interval.ends[0];
    options->high = below ? settings->below : settings->interval.ends[1];
    options->cluster_tolerance = settings->cluster_tolerance;
    options->zero = in->of.e.at.zero;
    options->null_residual = in->of.e.at.tangent_residual;
    options->null_label = "symmetry orbit";
    options->search.within = in->of.e.at.within;
    return tw_listing_inside(in->A, options, result, listing);
}

static tw_status record(const cli_invocation *run, const inside *in,
                        const tw_interior_result *interior, const tw_listing *s) {
    const cli_estimation *e = &in->of.e;
    const spectrum_settings *settings = run->settings;
    const tw_orbit_record orbit = estimation_orbit(e);
    const tw_inside_record made = {.list = spectrum_record(settings, s, &e->at),
                                   .gradient_norm = e->at.gradient_norm,
                                   .deflated = e->at.within.keep != NULL,
                                   .orbit = e->at.tried ? &orbit : NULL,
                                   .search = interior,
                                   .max_count = in->options.search.max_count};
    return show_result(run, subject_input(&e->subject), &tw_inside_fields, &made);
}

/* How many there are where they are too many. */
static void print_expected(const spectrum_settings *settings, const inside *in,
                           const tw_interior_result *result) {
    printf("At least %.0f +- %.0f lie ", result->expected, result->expected_error);
    if (settings->near_zero > 0)
        printf("within %.1e of zero, too close to be told apart: ", result->expected_reach);
    else
        printf("there: ");
    if (result->reason == TW_INTERIOR_PRODUCTS)
        printf("--max-products %zu cannot find them.\n", settings->budget.max_products);
    else if (settings->near_zero > 0)
        printf("more than %zu.\n", in->options.search.max_count);
    else
        printf("more than %zu; --max-count raises that limit.\n", in->options.search.max_count);
}

static void print_limits(const spectrum_settings *settings, const inside *in,
                         const tw_interior_result *result) {
    if (!isnan(result->expected))
        print_expected(settings, in, result);
    else if (result->reason == TW_INTERIOR_PRODUCTS)
        printf("--max-products %zu are used up.\n", settings->budget.max_products);
    else if (result->reason == TW_INTERIOR_COUNT)
        printf("There are more than %zu%s.\n", in->options.search.max_count,
               settings->near_zero > 0 ? "" : "; --max-count raises that limit");
}

tw_status run_interior(const cli_invocation *run) {
    tw_status status = TW_OK;
    const spectrum_settings *settings = run->settings;
    inside in = {.options = TW_INSIDE_DEFAULTS};
    tw_interior_result result = {0};
    tw_listing s = {0};
    TW_TRY(open_operator(run, &in));
    if (settings->budget.plan) goto cleanup;
    /* The orbit is flat for the whole Hessian only. */
    if (in.A == &in.of.e.at.H) TW_TRY(tw_estimation_try_orbit(&in.of.e.at));
    TW_TRY(search(settings, &in, &result, &s));
    TW_TRY(spectrum_name(run, &in.of.e.subject, &s));
    tw_estimation_judge(&in.of.e.at, &s);
    spectrum_judge(run, in.of.e.subject.path, in.of.e.at.doubt, &s);
    TW_TRY(record(run, &in, &result, &s));
    if (wants_table(run)) print_limits(settings, &in, &result);
cleanup:
    tw_interior_result_clear(&result);
    tw_listing_clear(&s);
    spectrum_close(&in.of);
    return status;
}
