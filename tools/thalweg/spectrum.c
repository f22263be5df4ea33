/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spectrum.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "progress.h"

static tw_search_options end_options(const spectrum_settings *settings) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.engine = strcmp(settings->method, "auto") == 0 ? "lanczos" : settings->method;
    options.budget = progress_budget(&settings->common, &settings->budget);
    return options;
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

static void print_zero_rule(const tw_listing *s) {
    if (!s->counted) return;
    printf("\nzero means |t| <= %.2g (%s): %" PRIu64 " negative, %" PRIu64 " zero, %" PRIu64
           " positive\n",
           s->zero.threshold, tw_zero_origin_name(s->zero.origin), s->zero.negative, s->zero.zero,
           s->zero.positive);
}

int spectrum_code(const char *subject, const tw_listing *s) {
    char doubt[240] = "";
    if (s->counted) tw_zero_rule_explain(&s->zero, doubt, sizeof doubt);
    warn_of_counts(subject, doubt);
    return s->converged && doubt[0] == '\0' ? EXIT_DONE : EXIT_NOT_CONVERGED;
}

void spectrum_print(const tw_listing *s) {
    printf("%s route, %zu Hessian products, order %" PRIu64 ", norm %.6g\n\n", s->method,
           s->products, s->parameters, s->norm);
    printf("  %24s  %12s  %-14s  %s\n", "eigenvalue", "multiplicity", "residual/norm",
           "what moves");
    for (size_t i = 0; i < s->levels.count; i++) {
        const tw_level *entry = &s->levels.rows[i];
        char copies[32], evidence[32] = "exact";
        snprintf(copies, sizeof copies, "%s%" PRIu64, entry->cut ? ">= " : "", entry->copies);
        if (!entry->exact)
            snprintf(evidence, sizeof evidence, "%.1e",
                     s->norm > 0.0 ? entry->residual / s->norm : 0.0);
        if (s->gap > 0 && i == s->gap) printf("  %24s\n", "...");
        printf("  %24.15g  %12s  %-14s  %s\n", entry->value, copies, evidence,
               entry->label ? entry->label : "");
    }
    for (size_t i = 0; i < s->levels.count && s->converged; i++)
        if (s->levels.rows[i].cut)
            printf("\ncluster cut: %.10g has more copies than were asked for.\n",
                   s->levels.rows[i].value);
    print_zero_rule(s);
    if (!s->converged)
        printf("\nunconverged: %s. The list may have gaps, and values more copies than it shows.\n",
               s->reason);
}
