/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route from an end of the spectrum: tw_spectrum_search as far as the wanted pairs reach. The
 * plan only says that few pairs lie outside; whether the answer is right does not hang on it, since
 * the search lists everything from the end on. */
#include <math.h>

#include "spectrum/interior_private.h"

enum {
    FEW = 32,        /* pairs outside that are worth finding too */
    MANY = 4 * FEW,  /* so many, and the plan was wrong */
    MAX_ATTEMPTS = 3 /* at the number of pairs beyond the target */
};

#define NONE 0.5 /* fewer pairs than this, by the plan */

/* Pairs below (sign +1) or above (sign -1) a value, by the weights of the plan. */
static double outside(const tw_interior *in, double sign, double value) {
    const tw_krylov *kr = &in->krylov;
    double share = 0.0, margin = 4.0 * tw_interior_slack(in);
    for (size_t i = 0; i < kr->count; i++)
        if (sign * (value - kr->node[i]) > margin) share += kr->weight[i];
    return share * (double)in->dimension;
}

static tw_status search(tw_interior *in, const tw_search_options *options,
                        tw_search_result *result) {
    tw_status status = tw_spectrum_search(in->A, options, result);
    if (status != TW_OK) return status;
    in->products += result->products;
    in->rounds += result->rounds;
    in->norm = fmax(in->norm, result->norm);
    return TW_OK;
}

static void take(tw_interior *in, tw_search_result *result) {
    in->pool = result->pairs;
    result->pairs = (tw_eigenpairs){0};
    tw_interior_note_next(in, result->next);
}

static size_t inside(const tw_interior *in, const tw_eigenpairs *pairs) {
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++)
        count += tw_interior_distance(in, pairs->values[i]) <= tw_interior_slack(in);
    return count;
}

static tw_status interval_from(tw_interior *in, tw_end end) {
    tw_search_options options = tw_interior_search_options(in);
    tw_search_result result = {0};
    double margin = 4.0 * tw_interior_slack(in);
    options.end = end;
    options.count = tw_interior_expect(in, margin);
    options.beyond = end == TW_END_SMALLEST ? in->high + margin : in->low - margin;
    in->gate.limit = in->options->max_count + MANY;
    tw_status status = search(in, &options, &result);
    if (status != TW_OK) return status;
    if (!in->gate.limited)
        tw_interior_judge(in, result.reason);
    else if (inside(in, &result.pairs) > in->options->max_count)
        tw_interior_end(in, TW_INTERIOR_COUNT);
    if (in->done) take(in, &result);
    tw_search_result_clear(&result);
    return TW_OK;
}

/* The list reaches as far beyond the target as its wanted-th nearest pair is away. */
static bool reaches(const tw_interior *in, const tw_eigenpairs *pairs, tw_end end) {
    if (pairs->count < in->wanted) return false;
    double inner = pairs->values[end == TW_END_SMALLEST ? pairs->count - 1 : 0];
    double beyond = end == TW_END_SMALLEST ? inner - in->centre : in->centre - inner;
    size_t nearer = 0;
    for (size_t i = 0; i < pairs->count; i++)
        nearer += fabs(pairs->values[i] - in->centre) <= beyond;
    return beyond >= 0.0 && nearer >= in->wanted;
}

/* Pairs on the near side of the target. */
static size_t before(const tw_interior *in, const tw_eigenpairs *pairs, tw_end end) {
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++)
        count +=
            end == TW_END_SMALLEST ? pairs->values[i] < in->centre : pairs->values[i] > in->centre;
    return count;
}

static tw_status nearest_from(tw_interior *in, tw_end end, double extra) {
    tw_search_options options = tw_interior_search_options(in);
    options.end = end;
    options.count = in->wanted + (size_t)ceil(1.5 * extra);
    options.beyond = in->centre;
    in->gate.limit = in->wanted + MANY;
    for (int attempt = 0; attempt < MAX_ATTEMPTS && !in->done && !in->gate.limited; attempt++) {
        tw_search_result result = {0};
        options.budget.products = tw_interior_left(in);
        tw_status status = search(in, &options, &result);
        if (status != TW_OK) return status;
        bool sound = result.reason == TW_SEARCH_COMPLETE;
        if (in->gate.limited || (sound && !reaches(in, &result.pairs, end)))
            options.count = before(in, &result.pairs, end) + in->wanted;
        else {
            tw_interior_judge(in, result.reason);
            take(in, &result);
        }
        tw_search_result_clear(&result);
    }
    return TW_OK;
}

tw_status tw_interior_from_end(tw_interior *in) {
    double below = outside(in, 1.0, in->low), above = outside(in, -1.0, in->high);
    double few = in->krylov.full ? -1.0 : in->krylov.closed ? NONE : FEW;
    tw_end end = below <= above ? TW_END_SMALLEST : TW_END_LARGEST;
    if (isinf(in->low)) end = TW_END_SMALLEST;
    if (isinf(in->high)) end = isinf(in->low) ? end : TW_END_LARGEST;
    bool unbounded = isinf(in->low) || isinf(in->high);
    if (!unbounded && fmin(below, above) > few) return TW_OK;
    in->method = "end";
    in->gate.limited = false;
    tw_status status =
        in->wanted ? nearest_from(in, end, fmin(below, above)) : interval_from(in, end);
    if (status == TW_OK && in->gate.limited && unbounded && !in->done)
        tw_interior_end(in, TW_INTERIOR_COUNT);
    in->gate.limited = false;
    in->gate.limit = SIZE_MAX;
    return status;
}
