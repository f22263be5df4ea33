/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spectrum --near-zero, --below, --interval: eigenvalues inside the spectrum, with the symmetry
 * orbit set aside where the point is stationary enough for it to be flat. */
#include <thalweg/spectrum/interior.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "estimation.h"
#include "plan.h"
#include "progress.h"
#include "spectrum.h"

/* The operator that the options describe: the Hessian, with what is known of it, or a part. */
typedef struct inside {
    cli_estimation e;
    tw_point_operator operator;
    const tw_linop *A; /* the one or the other */
    size_t max_count;  /* pairs that are searched for at most */
} inside;

void interior_cost(const spectrum_settings *settings, size_t order, size_t max_count,
                   tw_cost *cost) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    options.budget = progress_budget(&settings->common, &settings->budget);
    options.max_count = settings->near_zero > 0 ? settings->near_zero : max_count;
    tw_interior_cost(order, &options, cost);
}

void interior_add_orbit(const spectrum_settings *settings, const cli_subject *subject,
                        tw_cost *cost) {
    if (spectrum_is_whole(settings))
        tw_estimation_add_orbit(&subject->point.model, subject->point.theta, cost);
}

/* Down to what was asked for, or what fits beside the orbit. */
size_t interior_pairs(const spectrum_settings *settings, const cli_subject *subject, size_t order) {
    const tw_dufm *model = &subject->point.model;
    tw_cost cost, orbit = {0};
    interior_add_orbit(settings, subject, &orbit);
    size_t pairs = TW_INTERIOR_DEFAULTS.max_count, needed = settings->near_zero;
    if (settings->max_count > 0) pairs = needed = settings->max_count;
    for (; pairs > needed + 1; pairs--) {
        interior_cost(settings, order, pairs, &cost);
        if (memory_of(model, &cost) + orbit.bytes <= memory_limit(&settings->common)) break;
    }
    return pairs > needed ? pairs : needed;
}

/* The orbit is flat for the whole Hessian only. */
static tw_status open_operator(const cli_invocation *run, inside *in) {
    tw_status status = TW_OK;
    const spectrum_settings *settings = run->settings;
    const tw_estimation_options options = {
        .rank_tolerance = settings->reading.rank_tolerance,
        .budget = progress_budget(run->common, &settings->budget)};
    tw_cost cost;
    TW_TRY(estimation_start(run, &settings->reading, &options, &in->e));
    in->A = &in->e.at.H;
    if (!spectrum_is_whole(settings)) {
        TW_TRY(spectrum_operator(settings, &in->e.subject, &in->operator));
        in->A = &in->operator.A;
    }
    const tw_dufm *model = &in->e.subject.point.model;
    in->max_count = interior_pairs(settings, &in->e.subject, in->A->n);
    interior_cost(settings, in->A->n, in->max_count, &cost);
    interior_add_orbit(settings, &in->e.subject, &cost);
    TW_TRY(memory_claim(run->common, memory_of(model, &cost), in->e.subject.path));
    if (in->A == &in->e.at.H) TW_TRY(tw_estimation_try_orbit(&in->e.at));
cleanup:
    return status;
}

static void close_operator(inside *in) {
    tw_point_operator_clear(&in->operator);
    estimation_close(&in->e);
}

static tw_status search(const spectrum_settings *settings, const inside *in,
                        tw_interior_result *result) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    bool below = !isnan(settings->below);
    options.within = in->e.at.within;
    options.budget = progress_budget(&settings->common, &settings->budget);
    options.max_count = in->max_count;
    if (settings->near_zero > 0)
        return tw_spectrum_nearest(in->A, 0.0, settings->near_zero, &options, result);
    return tw_spectrum_interval(in->A, below ? -INFINITY : settings->interval.ends[0],
                                below ? settings->below : settings->interval.ends[1], &options,
                                result);
}

/* Does the range that was asked for hold the orbit's zeros? */
static bool spans_zero(const spectrum_settings *settings) {
    if (settings->near_zero > 0) return true;
    if (!isnan(settings->below)) return settings->below >= 0.0;
    return settings->interval.ends[0] <= 0.0 && settings->interval.ends[1] >= 0.0;
}

static int ascending(const void *a, const void *b) {
    const tw_level *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Whose copies may be more than those listed? */
static void mark_cuts(const spectrum_settings *settings, const tw_interior_result *result,
                      tw_listing *s) {
    if (s->levels.count == 0) return;
    tw_level *first = &s->levels.rows[0], *last = &s->levels.rows[s->levels.count - 1];
    tw_level *far = fabs(first->value) > fabs(last->value) ? first : last;
    if (!s->converged) tw_listing_doubt(s, 0);
    first->cut |= result->low_cut;
    last->cut |= result->high_cut;
    if (settings->near_zero > 0) far->cut |= result->cluster_cut;
}

static tw_status collect(const spectrum_settings *settings, const inside *in,
                         const tw_interior_result *result, tw_listing *s) {
    tw_status status = TW_OK;
    const cli_estimation *e = &in->e;
    s->parameters = in->A->n;
    s->norm = result->norm;
    s->slack = settings->cluster_tolerance * result->norm;
    s->products = result->products;
    s->method = result->method;
    s->reason = tw_interior_reason_name(result->reason);
    s->converged = result->reason == TW_INTERIOR_COMPLETE;
    tw_listing_options zero = TW_LISTING_DEFAULTS;
    zero.zero = e->at.zero;
    zero.size = INFINITY; /* the evidence is of a stationary point, or none */
    tw_listing_count(s, &zero, &result->pairs);
    s->counted = false;
    TW_TRY(tw_listing_add(s, &result->pairs, 0, result->pairs.count));
    mark_cuts(settings, result, s);
    if (e->at.within.keep && spans_zero(settings)) {
        TW_TRY(tw_levels_add(&s->levels, 0.0, e->at.within.removed, "symmetry orbit"));
        tw_level *orbit = &s->levels.rows[s->levels.count - 1];
        orbit->exact = false;
        orbit->residual = e->at.tangent_residual * result->norm;
    }
    if (s->levels.count > 0)
        qsort(s->levels.rows, s->levels.count, sizeof *s->levels.rows, ascending);
cleanup:
    return status;
}

static tw_status record(const cli_invocation *run, const inside *in,
                        const tw_interior_result *interior, const tw_listing *s) {
    const cli_estimation *e = &in->e;
    const spectrum_settings *settings = run->settings;
    const tw_orbit_record orbit = estimation_orbit(e);
    const tw_inside_record made = {.list = spectrum_record(settings, s, e->at.kinks.on_kink),
                                   .gradient_norm = e->at.gradient_norm,
                                   .deflated = e->at.within.keep != NULL,
                                   .orbit = e->at.symmetry ? &orbit : NULL,
                                   .search = interior,
                                   .max_count = in->max_count};
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
        printf("more than %zu.\n", in->max_count);
    else
        printf("more than %zu; --max-count raises that limit.\n", in->max_count);
}

static void print_limits(const spectrum_settings *settings, const inside *in,
                         const tw_interior_result *result) {
    if (!isnan(result->expected))
        print_expected(settings, in, result);
    else if (result->reason == TW_INTERIOR_PRODUCTS)
        printf("--max-products %zu are used up.\n", settings->budget.max_products);
    else if (result->reason == TW_INTERIOR_COUNT)
        printf("There are more than %zu%s.\n", in->max_count,
               settings->near_zero > 0 ? "" : "; --max-count raises that limit");
}

int run_interior(const cli_invocation *run) {
    tw_status status = TW_OK;
    const spectrum_settings *settings = run->settings;
    inside in = {0};
    tw_interior_result result = {0};
    tw_listing s = {0};
    int code = EXIT_DONE;
    TW_TRY(open_operator(run, &in));
    status = search(settings, &in, &result);
    progress_clear();
    TW_TRY(status);
    TW_TRY(collect(settings, &in, &result, &s));
    TW_TRY(spectrum_name(run, &in.e.subject, &s));
    estimation_warn(&in.e);
    TW_TRY(record(run, &in, &result, &s));
    if (wants_table(run)) print_limits(settings, &in, &result);
    if (!s.converged) code = EXIT_NOT_CONVERGED;
cleanup:
    tw_interior_result_clear(&result);
    tw_listing_clear(&s);
    close_operator(&in);
    return status == TW_OK ? code : report_failure(status);
}
