/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spectrum.h"

#include <string.h>

#include "plan.h"
#include "progress.h"

static tw_search_options end_options(const spectrum_settings *settings) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.engine = strcmp(settings->method, "auto") == 0 ? "lanczos" : settings->method;
    options.budget = progress_budget(&settings->common, &settings->budget);
    return options;
}

bool spectrum_is_whole(const spectrum_settings *settings) {
    return settings->blocks == NULL && strcmp(settings->part, "all") == 0;
}

tw_status spectrum_open(const cli_invocation *run, cli_operator *of) {
    const spectrum_settings *settings = run->settings;
    const tw_estimation_options options = {
        .rank_tolerance = settings->reading.rank_tolerance,
        .budget = progress_budget(run->common, &settings->budget)};
    tw_status status = estimation_start(run, &settings->reading, &options, &of->e);
    if (status != TW_OK) return status;
    status = tw_point_operator_init(&of->operator, of->e.subject.evaluator, of->e.at.theta,
                                    settings->part, settings->blocks);
    return status == TW_ERR_ARGUMENT ? tw_fail_in(status, "--") : status;
}

void spectrum_close(cli_operator *of) {
    tw_point_operator_clear(&of->operator);
    estimation_close(&of->e);
}

tw_spectrum_record spectrum_record(const spectrum_settings *settings, const tw_listing *listing,
                                   const tw_estimation *at) {
    return (tw_spectrum_record){.listing = listing,
                                .part = settings->part,
                                .blocks = settings->blocks,
                                .cluster_tolerance = settings->cluster_tolerance,
                                .standing = {&at->kinks, at->doubt}};
}

void spectrum_cost(const spectrum_settings *settings, const tw_linop *A, tw_cost *cost) {
    tw_search_options options = end_options(settings);
    tw_cost end = {0};
    const size_t counts[] = {settings->smallest, settings->largest};
    *cost = (tw_cost){0};
    if (spectrum_is_dense(settings, A)) {
        tw_dense_cost(A->n, NULL, cost);
        return;
    }
    for (int i = 0; i < 2; i++) {
        options.count = counts[i];
        if (counts[i] == 0) continue;
        tw_search_cost(A->n, &options, &end);
        tw_cost_then(cost, &end);
    }
}

bool spectrum_is_dense(const spectrum_settings *settings, const tw_linop *A) {
    bool automatic = strcmp(settings->method, "auto") == 0;
    bool fits = A->n <= settings->budget.dense_limit && A->n <= settings->budget.max_products / 2;
    return strcmp(settings->method, "dense") == 0 || (automatic && fits);
}

static tw_status check_dense(const spectrum_settings *settings, const tw_linop *A) {
    tw_cost dense;
    tw_dense_cost(A->n, NULL, &dense);
    if (A->n > settings->budget.dense_limit)
        return tw_fail(TW_ERR_ARGUMENT,
                       "%zu parameters are above --dense-limit %zu; --dense-limit %zu takes "
                       "%.3g GB, or ask for --largest or --smallest eigenvalues without "
                       "--method dense",
                       A->n, settings->budget.dense_limit, A->n, 1e-9 * dense.bytes);
    if (A->n > settings->budget.max_products / 2)
        return tw_fail(TW_ERR_ARGUMENT,
                       "the dense route takes %zu products, more than --max-products %zu", 2 * A->n,
                       settings->budget.max_products);
    return TW_OK;
}

tw_status spectrum_check(const spectrum_settings *settings, const tw_linop *A) {
    if (spectrum_is_dense(settings, A)) return check_dense(settings, A);
    if (settings->largest + settings->smallest == 0)
        return tw_fail(TW_ERR_ARGUMENT,
                       "the whole spectrum of %zu parameters needs the dense route (--dense-limit "
                       "%zu, and %zu of --max-products %zu) or --method sectors; or say how many "
                       "eigenvalues with --largest or --smallest",
                       A->n, settings->budget.dense_limit, 2 * A->n, settings->budget.max_products);
    return TW_OK;
}

tw_status spectrum_find(const cli_invocation *run, const tw_linop *A,
                        const tw_listing_options *zero, tw_listing *listing) {
    tw_status status = TW_OK;
    const spectrum_settings *settings = run->settings;
    tw_listing_options options = *zero;
    TW_TRY(spectrum_check(settings, A));
    options.dense = spectrum_is_dense(settings, A);
    options.smallest = settings->smallest;
    options.largest = settings->largest;
    options.cluster_tolerance = settings->cluster_tolerance;
    if (strcmp(settings->method, "auto") != 0) options.engine = settings->method;
    options.budget = progress_budget(&settings->common, &settings->budget);
    TW_TRY(tw_listing_find(A, &options, listing));
cleanup:
    return status;
}

tw_status spectrum_from_levels(const spectrum_settings *settings, const tw_levels *levels,
                               const tw_zero_rule *zero, tw_listing *listing) {
    return tw_listing_take(levels, zero, settings->smallest, settings->largest, listing);
}

int spectrum_code(const char *subject, const char *doubt, const tw_listing *s) {
    warn_of_counts(subject, doubt);
    return s->converged && doubt[0] == '\0' ? EXIT_DONE : EXIT_NOT_CONVERGED;
}
