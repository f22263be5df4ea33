/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/spectrum/listing.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"

void tw_listing_clear(tw_listing *listing) {
    if (listing == NULL) return;
    tw_levels_clear(&listing->levels);
    *listing = (tw_listing){0};
}

static tw_status make_room(tw_levels *levels, size_t more) {
    size_t room = levels->count + more;
    if (room <= levels->room) return TW_OK;
    tw_level *moved = tw_resize(levels->rows, room, sizeof *moved);
    if (moved == NULL) return TW_ERR_MEMORY;
    levels->rows = moved;
    levels->room = room;
    return TW_OK;
}

tw_status tw_listing_add(tw_listing *s, const tw_eigenpairs *pairs, size_t from, size_t to) {
    size_t found = 0;
    if (from >= to) return TW_OK;
    if (make_room(&s->levels, to - from) != TW_OK) return TW_ERR_MEMORY;
    tw_clusters_find(to - from, pairs->values + from, pairs->residuals + from, s->slack, &s->zero,
                     s->levels.rows + s->levels.count, &found);
    s->levels.count += found;
    return TW_OK;
}

void tw_listing_doubt(tw_listing *s, size_t from) {
    for (size_t i = from; i < s->levels.count; i++) s->levels.rows[i].cut = true;
}

static bool is_stationary(const tw_listing *s, const tw_listing_options *options) {
    return tw_zero_is_flat(&options->zero, s->norm, options->size);
}

void tw_listing_count(tw_listing *s, const tw_listing_options *options,
                      const tw_eigenpairs *pairs) {
    const tw_listing_options usual = TW_LISTING_DEFAULTS;
    if (options == NULL) options = &usual;
    bool stationary = is_stationary(s, options);
    tw_zero_evidence zero = stationary ? options->zero : (tw_zero_evidence){0};
    zero.rounding =
        tw_zero_rounding(s->parameters, s->norm, pairs->count, pairs->values, pairs->residuals);
    s->zero = tw_zero_rule_make(&zero, TW_ZERO_GAP);
    for (size_t i = 0; i < pairs->count; i++) tw_zero_rule_count(&s->zero, pairs->values[i], 1);
    s->counted = stationary && pairs->count == s->parameters;
}

/* A complete list from below that reaches past zero has counted all: the rest is positive. */
static void count_rest(tw_listing *s, const tw_listing_options *options,
                       const tw_eigenpairs *pairs) {
    double last = pairs->count ? pairs->values[pairs->count - 1] : -INFINITY;
    s->counted |= tw_zero_rule_sign(&s->zero, last) > 0 && is_stationary(s, options);
    if (s->counted) s->zero.positive = s->parameters - s->zero.negative - s->zero.zero;
}

/* ---- The dense route ---- */

/* The ends that were asked for, of a whole spectrum. */
static tw_status add_ends(const tw_listing_options *options, const tw_eigenpairs *all,
                          tw_listing *s) {
    tw_status status = TW_OK;
    const double *values = all->values;
    size_t n = all->count, low = options->smallest, high = options->largest;
    if (low + high == 0 || low + high >= n) return tw_listing_add(s, all, 0, n);
    TW_TRY(tw_listing_add(s, all, 0, low));
    size_t first = s->levels.count;
    if (low > 0) s->levels.rows[first - 1].cut = values[low] - values[low - 1] <= s->slack;
    TW_TRY(tw_listing_add(s, all, n - high, n));
    if (high > 0) s->levels.rows[first].cut = values[n - high] - values[n - high - 1] <= s->slack;
    s->gap = first;
cleanup:
    return status;
}

static tw_status find_dense(const tw_linop *A, const tw_listing_options *options, tw_listing *s) {
    tw_status status = TW_OK;
    tw_dense_options how = TW_DENSE_DEFAULTS;
    tw_dense_result dense = {0};
    const tw_monitor monitor = tw_budget_monitor(&options->budget);
    how.monitor = &monitor;
    s->method = "dense";
    TW_TRY(tw_spectrum_dense(A, &how, &dense));
    s->converged = !dense.cancelled;
    s->reason = tw_search_reason_name(dense.cancelled ? TW_SEARCH_CANCELLED : TW_SEARCH_ALL);
    s->norm = dense.norm;
    s->slack = options->cluster_tolerance * dense.norm;
    s->products = dense.products;
    if (!s->converged) goto cleanup;
    tw_listing_count(s, options, &dense.pairs);
    TW_TRY(add_ends(options, &dense.pairs, s));
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

/* ---- By products ---- */

static tw_status search_end(const tw_linop *A, const tw_search_options *how,
                            const tw_listing_options *options, tw_listing *s) {
    tw_status status = TW_OK;
    tw_search_result search = {0};
    bool low = how->end == TW_END_SMALLEST;
    TW_TRY(tw_spectrum_search(A, how, &search));
    bool complete = search.reason == TW_SEARCH_COMPLETE || search.reason == TW_SEARCH_ALL;
    if (!complete || s->reason == NULL) s->reason = tw_search_reason_name(search.reason);
    s->converged = s->converged && complete;
    s->norm = fmax(s->norm, search.norm);
    s->slack = options->cluster_tolerance * s->norm;
    s->products += search.products;
    size_t first = s->levels.count, count = search.pairs.count;
    if (low) tw_listing_count(s, options, &search.pairs);
    if (low && complete) count_rest(s, options, &search.pairs);
    TW_TRY(tw_listing_add(s, &search.pairs, 0, count));
    if (count == 0) goto cleanup;
    if (!complete) tw_listing_doubt(s, first);
    double inner = search.pairs.values[low ? count - 1 : 0];
    s->levels.rows[low ? s->levels.count - 1 : first].cut |=
        search.cluster_cut || fabs(search.next - inner) <= s->slack;
    if (!low) s->gap = first;
cleanup:
    tw_search_result_clear(&search);
    return status;
}

/* The searches of both ends, none where nothing is wanted. Ends that are the whole spectrum
 * together: one search must list it, not two that overlap. */
static void plan_searches(size_t n, const tw_listing_options *options, tw_search_options how[2]) {
    bool whole = options->smallest + options->largest >= n;
    how[0] = TW_SEARCH_DEFAULTS;
    how[0].engine = options->engine ? options->engine : tw_engine_at(0);
    how[0].budget = options->budget;
    how[0].count = whole ? n : options->smallest;
    how[1] = how[0];
    how[1].end = TW_END_LARGEST;
    how[1].count = whole ? 0 : options->largest;
}

static tw_status find_by_products(const tw_linop *A, const tw_listing_options *options,
                                  tw_listing *s) {
    tw_status status = TW_OK;
    tw_search_options how[2];
    plan_searches(A->n, options, how);
    s->method = how[0].engine;
    s->converged = true;
    for (int i = 0; i < 2; i++)
        if (how[i].count > 0) TW_TRY(search_end(A, &how[i], options, s));
cleanup:
    return status;
}

static bool goes_dense(const tw_listing_options *options) {
    return options->dense || options->smallest + options->largest == 0;
}

void tw_listing_cost(size_t n, const tw_listing_options *options, tw_cost *cost) {
    const tw_listing_options usual = TW_LISTING_DEFAULTS;
    tw_search_options how[2];
    tw_cost end;
    if (options == NULL) options = &usual;
    *cost = (tw_cost){0};
    if (goes_dense(options)) {
        tw_dense_cost(n, NULL, cost);
        return;
    }
    plan_searches(n, options, how);
    for (int i = 0; i < 2; i++) {
        if (how[i].count == 0) continue;
        tw_search_cost(n, &how[i], &end);
        tw_cost_then(cost, &end);
    }
}

tw_status tw_listing_find(const tw_linop *A, const tw_listing_options *options,
                          tw_listing *listing) {
    tw_listing_options how = options ? *options : TW_LISTING_DEFAULTS;
    tw_listing s = {.parameters = A->n};
    bool dense = goes_dense(&how);
    if (dense && A->n > how.budget.dense_limit)
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "order %zu is above the limit %zu of the dense route; by products a number "
                       "of eigenvalues of either end has to be asked for",
                       A->n, how.budget.dense_limit);
    tw_status status = dense ? find_dense(A, &how, &s) : find_by_products(A, &how, &s);
    if (status == TW_OK)
        *listing = s;
    else
        tw_listing_clear(&s);
    return status;
}

/* ---- From known levels ---- */

/* Of `copies` copies with `before` others below them: those among the first `wanted`. */
static uint64_t share(uint64_t wanted, uint64_t before, uint64_t copies) {
    if (before >= wanted) return 0;
    return wanted - before < copies ? wanted - before : copies;
}

/* Keep `low` copies from below, `high` from above. */
static void trim(uint64_t low, uint64_t high, tw_listing *s) {
    tw_level *rows = s->levels.rows;
    size_t kept = 0, count = s->levels.count;
    uint64_t total = tw_levels_total(&s->levels), before = 0;
    if (low + high == 0 || low + high >= total) return;
    for (size_t i = 0; i < count; i++) {
        tw_level level = rows[i];
        uint64_t copies = level.copies, from_low = share(low, before, copies);
        uint64_t from_high = share(high, total - before - copies, copies);
        before += copies;
        level.copies = from_low + from_high;
        level.cut = level.copies < copies;
        if (level.copies == 0) continue;
        if (s->gap == 0 && from_high > 0 && kept > 0) s->gap = kept;
        rows[kept++] = level;
    }
    s->levels.count = kept;
}

tw_status tw_listing_take(const tw_levels *levels, const tw_zero_rule *zero, uint64_t smallest,
                          uint64_t largest, tw_listing *s) {
    tw_status status = make_room(&s->levels, levels->count);
    if (status != TW_OK) return status;
    s->parameters = tw_levels_total(levels);
    s->converged = s->counted = true;
    s->zero = *zero;
    s->reason = tw_search_reason_name(TW_SEARCH_ALL);
    for (size_t i = 0; i < levels->count; i++) {
        s->norm = fmax(s->norm, fabs(levels->rows[i].value));
        s->levels.rows[s->levels.count++] = levels->rows[i];
    }
    trim(smallest, largest, s);
    return TW_OK;
}

#define SAME_VALUE 1e-9 /* of ||A||: a value this close to a level has its label */

void tw_listing_label(tw_listing *s, const tw_levels *levels, const tw_zero_rule *zero) {
    double slack = fmax(s->slack, SAME_VALUE * s->norm);
    for (size_t i = 0; i < s->levels.count; i++) {
        tw_level *row = &s->levels.rows[i];
        uint64_t most = 0;
        if (row->label) continue;
        for (size_t j = 0; j < levels->count; j++) {
            const tw_level *level = &levels->rows[j];
            int sign = tw_zero_rule_sign(zero, level->value);
            if (sign != tw_zero_rule_sign(&s->zero, row->value)) continue;
            if (fabs(level->value - row->value) > slack || level->copies <= most) continue;
            most = level->copies;
            row->label = level->label;
        }
    }
}
