/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spectrum.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "progress.h"

void spectrum_clear(cli_spectrum *spectrum) {
    free(spectrum->entries);
    *spectrum = (cli_spectrum){0};
}

static tw_status make_room(cli_spectrum *s, size_t more) {
    tw_entry *moved = realloc(s->entries, (s->count + more + 1) * sizeof *moved);
    if (moved == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu eigenvalues", more);
    s->entries = moved;
    return TW_OK;
}

tw_status spectrum_add_pairs(cli_spectrum *s, const tw_eigenpairs *pairs, size_t from, size_t to) {
    tw_status status = TW_OK;
    size_t found = 0;
    tw_cluster *clusters = calloc(to - from + 1, sizeof *clusters);
    TW_TRY(clusters ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for %zu clusters", to - from));
    if (to > from)
        tw_clusters_find(to - from, pairs->values + from, pairs->residuals + from, s->slack,
                         clusters, &found);
    TW_TRY(make_room(s, found));
    for (size_t i = 0; i < found; i++)
        s->entries[s->count++] = (tw_entry){.value = clusters[i].value,
                                            .multiplicity = clusters[i].multiplicity,
                                            .residual = clusters[i].residual};
cleanup:
    free(clusters);
    return status;
}

void spectrum_doubt(cli_spectrum *s, size_t from) {
    for (size_t i = from; i < s->count; i++) s->entries[i].cut = true;
}

/* The ends that were asked for, of a whole spectrum. */
static tw_status add_ends(const cli_settings *settings, const tw_eigenpairs *all, cli_spectrum *s) {
    tw_status status = TW_OK;
    size_t n = all->count, low = settings->smallest, high = settings->largest;
    if (low + high == 0 || low + high >= n) return spectrum_add_pairs(s, all, 0, n);
    TW_TRY(spectrum_add_pairs(s, all, 0, low));
    if (low > 0) s->entries[s->count - 1].cut = all->values[low] - all->values[low - 1] <= s->slack;
    size_t first = s->count;
    TW_TRY(spectrum_add_pairs(s, all, n - high, n));
    if (high > 0)
        s->entries[first].cut = all->values[n - high] - all->values[n - high - 1] <= s->slack;
    s->gap = first;
cleanup:
    return status;
}

static tw_status find_dense(const cli_settings *settings, const tw_linop *A, cli_spectrum *s) {
    tw_status status = TW_OK;
    tw_dense_options options = TW_DENSE_DEFAULTS;
    tw_dense_result dense = {0};
    options.monitor = progress_monitor();
    s->method = "dense";
    TW_TRY(tw_spectrum_dense(A, &options, &dense));
    s->converged = !dense.cancelled;
    s->reason = tw_search_reason_name(dense.cancelled ? TW_SEARCH_CANCELLED : TW_SEARCH_ALL);
    s->norm = dense.norm;
    s->slack = settings->cluster_tolerance * dense.norm;
    s->products = dense.products;
    if (s->converged) TW_TRY(add_ends(settings, &dense.pairs, s));
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

static tw_status search_end(const cli_settings *settings, const tw_linop *A,
                            const tw_search_options *options, cli_spectrum *s) {
    tw_status status = TW_OK;
    tw_search_result search = {0};
    bool low = options->end == TW_END_SMALLEST;
    TW_TRY(tw_spectrum_search(A, options, &search));
    bool complete = search.reason == TW_SEARCH_COMPLETE || search.reason == TW_SEARCH_ALL;
    if (!complete || s->reason == NULL) s->reason = tw_search_reason_name(search.reason);
    s->converged = s->converged && complete;
    s->norm = fmax(s->norm, search.norm);
    s->slack = settings->cluster_tolerance * s->norm;
    s->products += search.products;
    size_t first = s->count, count = search.pairs.count;
    TW_TRY(spectrum_add_pairs(s, &search.pairs, 0, count));
    if (count == 0) goto cleanup;
    if (!complete) spectrum_doubt(s, first);
    double inner = search.pairs.values[low ? count - 1 : 0];
    s->entries[low ? s->count - 1 : first].cut |=
        search.cluster_cut || fabs(search.next - inner) <= s->slack;
    if (!low) s->gap = first;
cleanup:
    tw_search_result_clear(&search);
    return status;
}

static tw_search_options end_options(const cli_settings *settings) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.engine = strcmp(settings->method, "auto") == 0 ? "lanczos" : settings->method;
    options.budget = progress_budget(settings);
    return options;
}

void spectrum_cost(const cli_settings *settings, const tw_linop *A, tw_cost *cost) {
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

static tw_status find_by_products(const cli_settings *settings, const tw_linop *A,
                                  cli_spectrum *s) {
    tw_status status = TW_OK;
    tw_search_options options = end_options(settings);
    /* Both ends together are the whole spectrum: one search must list it, not two that overlap. */
    bool whole = settings->smallest + settings->largest >= A->n;
    s->method = options.engine;
    s->converged = true;
    options.count = whole ? A->n : settings->smallest;
    if (options.count > 0) TW_TRY(search_end(settings, A, &options, s));
    options.end = TW_END_LARGEST;
    options.count = whole ? 0 : settings->largest;
    if (options.count > 0) TW_TRY(search_end(settings, A, &options, s));
cleanup:
    return status;
}

bool spectrum_is_dense(const cli_settings *settings, const tw_linop *A) {
    bool automatic = strcmp(settings->method, "auto") == 0;
    bool fits = A->n <= settings->dense_limit && A->n <= settings->max_products / 2;
    return strcmp(settings->method, "dense") == 0 || (automatic && fits);
}

static tw_status check_dense(const cli_settings *settings, const tw_linop *A) {
    tw_cost dense;
    tw_dense_cost(A->n, NULL, &dense);
    if (A->n > settings->dense_limit)
        return tw_fail(TW_ERR_ARGUMENT,
                       "%zu parameters are above --dense-limit %zu; --dense-limit %zu takes "
                       "%.3g GB, or ask for --largest or --smallest eigenvalues without "
                       "--method dense",
                       A->n, settings->dense_limit, A->n, 1e-9 * dense.bytes);
    if (A->n > settings->max_products / 2)
        return tw_fail(TW_ERR_ARGUMENT,
                       "the dense route takes %zu products, more than --max-products %zu", 2 * A->n,
                       settings->max_products);
    return TW_OK;
}

tw_status spectrum_check(const cli_settings *settings, const tw_linop *A) {
    if (spectrum_is_dense(settings, A)) return check_dense(settings, A);
    if (settings->largest + settings->smallest == 0)
        return tw_fail(TW_ERR_ARGUMENT,
                       "the whole spectrum of %zu parameters needs the dense route (--dense-limit "
                       "%zu, and %zu of --max-products %zu) or --method sectors; or say how many "
                       "eigenvalues with --largest or --smallest",
                       A->n, settings->dense_limit, 2 * A->n, settings->max_products);
    return TW_OK;
}

tw_status spectrum_find(const cli_invocation *run, const tw_linop *A, cli_spectrum *s) {
    const cli_settings *settings = &run->settings;
    s->parameters = A->n;
    tw_status status = spectrum_check(settings, A);
    if (status != TW_OK) return status;
    return spectrum_is_dense(settings, A) ? find_dense(settings, A, s)
                                          : find_by_products(settings, A, s);
}

/* Keep what the counts ask for: `low` copies from below, `high` from above. */
static void trim_levels(uint64_t low, uint64_t high, cli_spectrum *s) {
    size_t kept = 0, count = s->count;
    uint64_t total = 0, before = 0;
    for (size_t i = 0; i < count; i++) total += s->entries[i].multiplicity;
    if (low + high == 0 || low + high >= total) return;
    for (size_t i = 0; i < count; i++) {
        tw_entry entry = s->entries[i];
        uint64_t copies = entry.multiplicity, after = total - before - copies;
        uint64_t from_low = before < low ? (low - before < copies ? low - before : copies) : 0;
        uint64_t from_high = after < high ? (high - after < copies ? high - after : copies) : 0;
        before += copies;
        entry.multiplicity = from_low + from_high;
        entry.cut = entry.multiplicity < copies;
        if (entry.multiplicity == 0) continue;
        if (s->gap == 0 && from_high > 0 && kept > 0) s->gap = kept;
        s->entries[kept++] = entry;
    }
    s->count = kept;
}

tw_status spectrum_from_levels(const cli_settings *settings, const tw_levels *levels,
                               const tw_zero_rule *zero, cli_spectrum *s) {
    tw_status status = make_room(s, levels->count);
    if (status != TW_OK) return status;
    s->parameters = tw_levels_total(levels);
    s->converged = s->whole = true;
    s->zero = *zero;
    s->reason = tw_search_reason_name(TW_SEARCH_ALL);
    for (size_t i = 0; i < levels->count; i++) {
        const tw_level *level = &levels->rows[i];
        s->norm = fmax(s->norm, fabs(level->value));
        s->entries[s->count++] = (tw_entry){.value = level->value,
                                            .multiplicity = level->copies,
                                            .exact = true,
                                            .label = level->label};
    }
    trim_levels(settings->smallest, settings->largest, s);
    return TW_OK;
}

/* The label of the level with most copies among those that coincide with a value. */
void spectrum_label(const tw_levels *levels, cli_spectrum *s) {
    double slack = fmax(s->slack, 1e-9 * s->norm);
    for (size_t i = 0; i < s->count; i++) {
        uint64_t most = 0;
        if (s->entries[i].label) continue;
        for (size_t j = 0; j < levels->count; j++) {
            const tw_level *level = &levels->rows[j];
            if (fabs(level->value - s->entries[i].value) > slack || level->copies <= most) continue;
            most = level->copies;
            s->entries[i].label = level->label;
        }
    }
}

void spectrum_print(const cli_spectrum *s) {
    printf("%s route, %zu Hessian products, order %" PRIu64 ", norm %.6g\n\n", s->method,
           s->products, s->parameters, s->norm);
    printf("  %24s  %12s  %-14s  %s\n", "eigenvalue", "multiplicity", "residual/norm",
           "what moves");
    for (size_t i = 0; i < s->count; i++) {
        const tw_entry *entry = &s->entries[i];
        char copies[32], evidence[32] = "exact";
        snprintf(copies, sizeof copies, "%s%" PRIu64, entry->cut ? ">= " : "", entry->multiplicity);
        if (!entry->exact)
            snprintf(evidence, sizeof evidence, "%.1e",
                     s->norm > 0.0 ? entry->residual / s->norm : 0.0);
        if (s->gap > 0 && i == s->gap) printf("  %24s\n", "...");
        printf("  %24.15g  %12s  %-14s  %s\n", entry->value, copies, evidence,
               entry->label ? entry->label : "");
    }
    for (size_t i = 0; i < s->count && s->converged; i++)
        if (s->entries[i].cut)
            printf("\ncluster cut: %.10g has more copies than were asked for.\n",
                   s->entries[i].value);
    if (!s->converged)
        printf("\nunconverged: %s. The list may have gaps, and values more copies than it shows.\n",
               s->reason);
}

tw_status spectrum_to_json(const cli_spectrum *s, tw_json *result) {
    tw_status status = TW_OK;
    TW_TRY(tw_json_set(result, "parameters", tw_json_integer((long long)s->parameters)));
    TW_TRY(tw_json_set(result, "method", tw_json_string(s->method)));
    TW_TRY(tw_json_set(result, "hessian_norm", tw_json_number(s->norm)));
    TW_TRY(tw_json_set(result, "products", tw_json_integer((long long)s->products)));
    TW_TRY(tw_json_set(result, "converged", tw_json_boolean(s->converged)));
    TW_TRY(tw_json_set(result, "reason", tw_json_string(s->reason)));
    TW_TRY(tw_json_set(result, "zero_rule", tw_zero_rule_json(&s->zero, s->whole)));
    TW_TRY(tw_json_set(result, "eigenvalues", tw_entries_json(s->count, s->entries, s->norm)));
cleanup:
    return status;
}
