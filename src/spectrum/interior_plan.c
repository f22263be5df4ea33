/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of an interior search: a Krylov space from one random vector, and what its nodes tell
 * about the counts. */
#include <math.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/interior_private.h"

#define CAUTION 0.6
#define SURE 3.0 /* standard errors */

enum {
    FULL_ORDER = 1000, /* up to it a Krylov space may fill the whole one */
    MIN_ROOM = 40,
    MAX_ROOM = 200,
    CHEAP_ENTRIES = 40000000
};

size_t tw_interior_room(size_t n, const tw_interior_options *options) {
    size_t whole = tw_space_dimension(options->within.space, n);
    size_t room = CHEAP_ENTRIES / (whole > 0 ? whole : 1);
    size_t dimension = tw_subspace_rank(&options->within, n);
    room = room < MIN_ROOM ? MIN_ROOM : room > MAX_ROOM ? MAX_ROOM : room;
    if (whole <= FULL_ORDER) room = whole;
    if (options->max_steps > 0 && room > options->max_steps) room = options->max_steps;
    return room < dimension ? room : dimension;
}

tw_status tw_interior_explore(tw_interior *in) {
    tw_status status = TW_OK;
    tw_locked none = {0};
    tw_complement complement = {0};
    tw_search_options options = tw_interior_search_options(in);
    TW_TRY(tw_krylov_init(&in->krylov, in->n, tw_interior_room(in->n, in->options),
                          in->options->tolerance));
    TW_TRY(tw_locked_init(&none, in->n, TW_END_SMALLEST, options.within.space));
    TW_TRY(tw_complement_init(&complement, in->A, &options, &none));
    complement.sign = -1.0;
    tw_random_init(&complement.stream, options.budget.seed, TW_PURPOSE_START, 0);
    TW_TRY(tw_krylov_run(&in->krylov, &complement, in->dimension));
    in->products += complement.products;
    in->rounds++;
    if (complement.cancelled)
        tw_interior_end(in, TW_INTERIOR_CANCELLED);
    else if (complement.refused)
        tw_interior_end(in, TW_INTERIOR_PRODUCTS);
    if (in->krylov.count == 0) goto cleanup;
    in->bottom = in->krylov.node[0] - in->krylov.rest;
    in->top = in->krylov.node[in->krylov.count - 1] + in->krylov.rest;
    in->norm = fmax(fabs(in->krylov.node[0]), fabs(in->krylov.node[in->krylov.count - 1]));
cleanup:
    tw_complement_clear(&complement);
    tw_locked_clear(&none);
    return status;
}

size_t tw_interior_expect(const tw_interior *in, double distance) {
    double share = 0.0;
    for (size_t i = 0; i < in->krylov.count; i++)
        if (tw_interior_distance(in, in->krylov.node[i]) <= distance) share += in->krylov.weight[i];
    double count = CAUTION * share * (double)in->dimension;
    if (count > (double)in->options->max_count) return in->options->max_count;
    return count < 1.0 ? 1 : (size_t)count;
}

/* The nodes and weights of the plan are a Gauss quadrature of the start vector's spectral measure,
 * which is at least the weight of the nodes between two of them (Chebyshev, Markov, Stieltjes): the
 * outermost nodes inside are left out. For a random start, m values of r have a share of the
 * measure with mean m/r and standard deviation sqrt(2 m)/r, if m is much smaller than r. */
static double crowd(const tw_interior *in, double distance) {
    const tw_krylov *kr = &in->krylov;
    double share = 0.0;
    for (size_t i = 1; i + 1 < kr->count; i++)
        if (fmax(tw_interior_distance(in, kr->node[i - 1]),
                 tw_interior_distance(in, kr->node[i + 1])) <= distance)
            share += kr->weight[i];
    return share * (double)in->dimension;
}

bool tw_interior_crowded(tw_interior *in, double distance, double cost) {
    double count = crowd(in, distance), error = sqrt(2.0 * count), least = count - SURE * error;
    bool many = least > (double)in->options->max_count;
    bool costly = cost * least > (double)tw_interior_left(in);
    if (!many && !costly) return false;
    in->expected = count;
    in->expected_error = error;
    in->expected_reach = distance;
    tw_interior_end(in, many ? TW_INTERIOR_COUNT : TW_INTERIOR_PRODUCTS);
    return true;
}
