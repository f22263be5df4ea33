/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of a search mean: their ranges, the room of its engine, what it takes. */
#include <limits.h>
#include <math.h>

#include "dense/vector_private.h"
#include "operator/subspace_private.h"
#include "spectrum/search_private.h"

enum {
    ROUND_STEPS = 8, /* of the shortest rounds that converge */
    MIN_ROOM = 40,
    MAX_ROOM = 100,         /* of a basis in general */
    LEAST_ROOM = 8,         /* however little memory there is */
    CHEAP_ENTRIES = 1000000 /* a basis with fewer entries may have as much room as is useful */
};

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

tw_status tw_search_check(const tw_linop *A, const tw_search_options *options) {
    tw_status status = TW_OK;
    const tw_engine *engine;
    bool spread = tw_subspace_is_spread(&options->within);
    TW_TRY(tw_subspace_check(&options->within, A->n));
    if (A->n > INT_MAX) return tw_fail(TW_ERR_UNSUPPORTED, "order %zu exceeds BLAS's int", A->n);
    if (options->count == 0) return tw_fail(TW_ERR_ARGUMENT, "0 eigenpairs are wanted");
    if (!(options->tolerance > 0.0) || !isfinite(options->tolerance))
        return tw_fail(TW_ERR_ARGUMENT, "tolerance %g is not positive", options->tolerance);
    if (options->confirmations == 0)
        return tw_fail(TW_ERR_ARGUMENT, "a search needs at least 1 confirmation");
    TW_TRY(tw_engine_find(options->engine, &engine));
    if (spread && engine == &tw_engine_arpack)
        return tw_fail(TW_ERR_UNSUPPORTED, "arpack needs whole vectors; use lanczos");
    TW_TRY(tw_budget_check(&options->budget));
cleanup:
    return status;
}

/* Vectors that a search holds beside the pairs: the basis and the product of a step, a block of
 * products, and those that a round proposes, which may all be copies. */
static size_t vectors_beside(size_t whole, tw_search_room room, size_t pairs) {
    return room.basis + 1 + tw_search_block(whole) + smaller(room.candidates, pairs);
}

/* It grows with the pairs wanted, is generous while a basis is cheap, and small where memory is: a
 * restart keeps what matters. */
tw_search_room tw_search_room_of(size_t n, const tw_search_options *options) {
    size_t whole = tw_space_dimension(options->within.space, n);
    size_t dimension = tw_subspace_rank(&options->within, n);
    size_t most = 20 + 2 * smaller(options->count, MAX_ROOM);
    most = most < MIN_ROOM ? MIN_ROOM : smaller(most, MAX_ROOM);
    size_t cheap = CHEAP_ENTRIES / (whole > 0 ? whole : 1);
    if (cheap > most) most = cheap;
    most = smaller(smaller(most, tw_engine_lanczos.room), dimension);
    tw_search_room room = {most, most / 2 + 1};
    if (options->budget.bytes == 0.0) return room;
    size_t pairs = smaller(options->count, dimension);
    double vectors = options->budget.bytes / (8.0 * (double)(n > 0 ? n : 1)) - (double)pairs;
    while (room.basis > LEAST_ROOM && (double)vectors_beside(whole, room, pairs) > vectors) {
        room.basis--;
        room.candidates = room.basis / 4 + 1;
    }
    return room;
}

/* A round of a spectrum of few distinct values takes about ROUND_STEPS; every pair is multiplied
 * once more. */
void tw_search_cost(size_t n, const tw_search_options *options, tw_cost *cost) {
    const tw_search_options defaults = TW_SEARCH_DEFAULTS;
    if (options == NULL) options = &defaults;
    size_t whole = tw_space_dimension(options->within.space, n);
    size_t dimension = tw_subspace_rank(&options->within, n);
    tw_search_room room = tw_search_room_of(n, options);
    size_t found = smaller(options->count, dimension);
    double order = (double)n, pairs = (double)found, rounds = 1.0 + (double)options->confirmations;
    double steps = fmin(ROUND_STEPS, (double)dimension);
    *cost = (tw_cost){.bytes = 8.0 * order * (pairs + (double)vectors_beside(whole, room, found)),
                      .traffic = order * (4.0 * (double)room.basis + 2.0 * pairs)};
    tw_cost_set_products(cost, TW_SEARCH_RANGE_STEPS + rounds * (steps + 1.0) + pairs,
                         (double)options->budget.products);
}
