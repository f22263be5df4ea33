/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route for spectra of few distinct values: rounds of a closed Krylov space.
 *
 * On d distinct values a Krylov space closes after d products and holds one vector of each
 * eigenspace. The wanted ones are verified and locked; the next space starts from a fresh random
 * vector in the complement of the locked pairs, until `confirmations` closed spaces in a row hold
 * nothing that is wanted. A copy costs d + 1 products: no filter can know better, for the Krylov
 * space finds its own perfect filter. A space that does not close ends the route: then a value may
 * be in the complement without showing up. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/interior_private.h"

enum { MAX_BARREN = 3 }; /* rounds in a row without a verified pair though candidates were there */

typedef struct rounds {
    tw_interior *in;
    tw_locked locked;
    tw_complement complement;
    size_t *order; /* room: nodes by distance */
    unsigned confirmed, barren;
} rounds;

static tw_status start(rounds *r) {
    tw_status status = TW_OK;
    tw_interior *in = r->in;
    tw_search_options options = tw_interior_search_options(in);
    options.end = TW_END_SMALLEST;
    TW_TRY(tw_locked_init(&r->locked, in->n, options.end, options.within.space));
    TW_TRY(tw_complement_init(&r->complement, in->A, &options, &r->locked));
    TW_TRY(TW_NEW(r->order, in->krylov.room));
    r->complement.sign = -1.0; /* without a shift: P A P */
    r->complement.reserve = 1;
    r->complement.wished = in->wanted ? in->wanted : in->options->max_count;
cleanup:
    return status;
}

/* Nodes by distance, nearest first. */
static void sort_nodes(rounds *r) {
    const tw_krylov *kr = &r->in->krylov;
    for (size_t i = 0; i < kr->count; i++) {
        size_t place = i;
        double distance = tw_interior_distance(r->in, kr->node[i]);
        for (; place > 0; place--) {
            size_t other = r->order[place - 1];
            if (tw_interior_distance(r->in, kr->node[other]) <= distance) break;
            r->order[place] = other;
        }
        r->order[place] = i;
    }
}

/* The Ritz pair of a node: locked when it passes. */
static tw_status try_node(rounds *r, size_t node, bool *passed) {
    tw_status status = TW_OK;
    tw_interior *in = r->in;
    tw_locked *locked = &r->locked;
    size_t n = in->n, place = locked->count;
    double *y = r->complement.input;
    TW_TRY(tw_locked_reserve(locked, place + 1));
    double *x = locked->vectors + place * n;
    tw_krylov_vector(&in->krylov, node, x);
    TW_TRY(tw_complement_project(&r->complement, 1, x));
    if (!tw_locked_orthonormalise(locked, place)) goto cleanup;
    TW_TRY(tw_complement_product(&r->complement, tw_linop_apply, 1, x, y));
    double value = tw_dot(locked->space, n, x, y);
    tw_axpy(n, -value, x, y);
    double residual = tw_norm(locked->space, n, y);
    *passed = residual <= tw_interior_slack(in);
    if (*passed) tw_locked_insert(locked, place, value, residual);
cleanup:
    return status;
}

static bool allow_one(rounds *r) {
    r->complement.reserve = 0;
    bool allowed = tw_complement_allow(&r->complement, 1);
    r->complement.reserve = 1;
    return allowed;
}

/* Lock what is wanted of a closed space. */
static tw_status harvest(rounds *r, size_t *candidates, size_t *passed) {
    tw_interior *in = r->in;
    double bound = tw_interior_bound(in, r->locked.count, r->locked.values);
    sort_nodes(r);
    for (size_t i = 0; i < in->krylov.count; i++) {
        double value = in->krylov.node[r->order[i]];
        bool missing = in->wanted == 0 || r->locked.count < in->wanted || isfinite(bound);
        if (!missing || tw_interior_distance(in, value) > bound) {
            tw_interior_note_next(in, value);
            return TW_OK;
        }
        if (!allow_one(r)) return TW_OK;
        bool good = false;
        tw_status status = try_node(r, r->order[i], &good);
        if (status != TW_OK) return status;
        ++*candidates;
        *passed += good;
    }
    return TW_OK;
}

static bool too_many(const rounds *r) {
    const tw_interior *in = r->in;
    size_t inside = 0;
    for (size_t i = 0; in->wanted == 0 && i < r->locked.count; i++)
        inside += tw_interior_distance(in, r->locked.values[i]) <= tw_interior_slack(in);
    return inside > in->options->max_count;
}

/* *go_on: another round. */
static tw_status next_round(rounds *r, bool *go_on) {
    tw_interior *in = r->in;
    size_t candidates = 0, passed = 0;
    tw_random_init(&r->complement.stream, in->options->budget.seed, TW_PURPOSE_START, ++in->rounds);
    in->next = (double)NAN;
    tw_status status = tw_krylov_run(&in->krylov, &r->complement, in->dimension - r->locked.count);
    if (status == TW_OK && in->krylov.closed) status = harvest(r, &candidates, &passed);
    if (status != TW_OK) return status;
    r->confirmed =
        candidates ? 0 : r->confirmed + (in->krylov.full ? in->options->confirmations : 1);
    r->barren = candidates && !passed ? r->barren + 1 : 0;
    *go_on = false;
    if (r->complement.cancelled)
        tw_interior_end(in, TW_INTERIOR_CANCELLED);
    else if (r->complement.refused)
        tw_interior_end(in, TW_INTERIOR_PRODUCTS);
    else if (!in->krylov.closed)
        return TW_OK; /* another route */
    else if (too_many(r))
        tw_interior_end(in, TW_INTERIOR_COUNT);
    else if (r->locked.count == in->dimension || r->confirmed >= in->options->confirmations)
        tw_interior_end(in, TW_INTERIOR_COMPLETE);
    else if (r->barren >= MAX_BARREN)
        tw_interior_end(in, TW_INTERIOR_STALLED);
    else
        *go_on = true;
    return TW_OK;
}

tw_status tw_interior_by_krylov(tw_interior *in) {
    tw_status status = TW_OK;
    rounds r = {.in = in};
    in->method = "krylov";
    TW_TRY(start(&r));
    for (bool go_on = true; go_on;) TW_TRY(next_round(&r, &go_on));
    in->products += r.complement.products;
    if (in->done) tw_locked_take(&r.locked, r.locked.count, &in->pool);
cleanup:
    free(r.order);
    tw_complement_clear(&r.complement);
    tw_locked_clear(&r.locked);
    return status;
}
