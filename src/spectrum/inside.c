/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/spectrum/inside.h>

#include <math.h>
#include <stdlib.h>

size_t tw_interior_fit(size_t n, const tw_interior_options *options, double bytes, size_t needed) {
    tw_interior_options trial = options ? *options : TW_INTERIOR_DEFAULTS;
    tw_cost cost;
    for (; trial.max_count > needed + 1; trial.max_count--) {
        tw_interior_cost(n, &trial, &cost);
        if (cost.bytes <= bytes) break;
    }
    return trial.max_count > needed ? trial.max_count : needed;
}

static tw_status search(const tw_linop *A, const tw_inside_options *o, tw_interior_result *result) {
    if (o->nearest > 0) return tw_spectrum_nearest(A, 0.0, o->nearest, &o->search, result);
    return tw_spectrum_interval(A, o->low, o->high, &o->search, result);
}

static bool spans_zero(const tw_inside_options *o) {
    return o->nearest > 0 || (o->low <= 0.0 && o->high >= 0.0);
}

static int ascending(const void *a, const void *b) {
    const tw_level *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* Whose copies may be more than those listed? */
static void mark_cuts(const tw_inside_options *o, const tw_interior_result *result, tw_listing *s) {
    if (s->levels.count == 0) return;
    tw_level *first = &s->levels.rows[0], *last = &s->levels.rows[s->levels.count - 1];
    tw_level *far = fabs(first->value) > fabs(last->value) ? first : last;
    if (!s->converged) tw_listing_doubt(s, 0);
    first->cut |= result->low_cut;
    last->cut |= result->high_cut;
    if (o->nearest > 0) far->cut |= result->cluster_cut;
}

static tw_status add_null_space(const tw_inside_options *o, tw_listing *s) {
    const tw_subspace *within = &o->search.within;
    if (within->keep == NULL || !spans_zero(o)) return TW_OK;
    tw_status status = tw_levels_add(&s->levels, 0.0, within->removed, o->null_label);
    if (status != TW_OK) return status;
    tw_level *null = &s->levels.rows[s->levels.count - 1];
    null->exact = false;
    null->residual = o->null_residual * s->norm;
    return TW_OK;
}

static tw_status collect(const tw_linop *A, const tw_inside_options *o,
                         const tw_interior_result *result, tw_listing *s) {
    tw_status status = TW_OK;
    tw_listing_options zero = TW_LISTING_DEFAULTS;
    s->parameters = A->n;
    s->norm = result->norm;
    s->slack = o->cluster_tolerance * result->norm;
    s->products = result->products;
    s->method = result->method;
    s->reason = tw_interior_reason_name(result->reason);
    s->converged = result->reason == TW_INTERIOR_COMPLETE;
    zero.zero = o->zero;
    zero.size = INFINITY; /* the evidence is of a stationary point, or none */
    tw_listing_count(s, &zero, &result->pairs);
    s->counted = false;
    TW_TRY(tw_listing_add(s, &result->pairs, 0, result->pairs.count));
    mark_cuts(o, result, s);
    TW_TRY(add_null_space(o, s));
    if (s->levels.count > 0)
        qsort(s->levels.rows, s->levels.count, sizeof *s->levels.rows, ascending);
cleanup:
    return status;
}

tw_status tw_listing_inside(const tw_linop *A, const tw_inside_options *options,
                            tw_interior_result *result, tw_listing *listing) {
    tw_status status = TW_OK;
    const tw_inside_options chosen = options ? *options : TW_INSIDE_DEFAULTS;
    TW_TRY(search(A, &chosen, result));
    TW_TRY(collect(A, &chosen, result, listing));
cleanup:
    if (status != TW_OK) {
        tw_interior_result_clear(result);
        tw_listing_clear(listing);
    }
    return status;
}
