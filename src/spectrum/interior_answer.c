/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the pool of an interior search to its answer: which pairs are told, and what they cut. */
#include <math.h>

#include "dense/vector_private.h"
#include "spectrum/interior_private.h"

/* Members of the pool: pairs first .. first + count - 1. */
typedef struct range {
    size_t first, count;
} range;

static range members_of_interval(const tw_interior *in) {
    const tw_eigenpairs *pool = &in->pool;
    double slack = tw_interior_slack(in);
    range members = {0};
    while (members.first < pool->count && pool->values[members.first] < in->low - slack)
        members.first++;
    while (members.first + members.count < pool->count &&
           pool->values[members.first + members.count] <= in->high + slack)
        members.count++;
    return members;
}

/* The nearest ones are neighbours in the ascending list. */
static range members_nearest(const tw_interior *in) {
    const tw_eigenpairs *pool = &in->pool;
    range members = {0, pool->count};
    while (members.count > in->wanted) {
        double first = tw_interior_distance(in, pool->values[members.first]);
        double last = tw_interior_distance(in, pool->values[members.first + members.count - 1]);
        if (first > last) members.first++;
        members.count--;
    }
    return members;
}

static void note_cuts(const tw_interior *in, range members, tw_interior_result *result) {
    const double *values = in->pool.values;
    double slack = tw_interior_slack(in), farthest = 0.0;
    size_t end = members.first + members.count;
    if (in->wanted == 0) {
        result->low_cut =
            members.first > 0 && values[members.first - 1] >= in->low - TW_INTERIOR_WINDOW * slack;
        result->high_cut =
            end < in->pool.count && values[end] <= in->high + TW_INTERIOR_WINDOW * slack;
        return;
    }
    if (members.count == 0) return;
    farthest = fmax(tw_interior_distance(in, values[members.first]),
                    tw_interior_distance(in, values[end - 1]));
    result->cluster_cut = in->cut || (!isnan(in->next) && tw_interior_distance(in, in->next) <=
                                                              farthest + TW_INTERIOR_SAME * slack);
}

static void trim(tw_eigenpairs *pool, range members) {
    size_t n = pool->n;
    for (size_t j = 0; members.first > 0 && j < members.count; j++) {
        pool->values[j] = pool->values[members.first + j];
        pool->residuals[j] = pool->residuals[members.first + j];
        tw_copy(n, pool->vectors + (members.first + j) * n, pool->vectors + j * n);
    }
    pool->count = members.count;
}

void tw_interior_answer(tw_interior *in, tw_interior_result *result) {
    range members = in->wanted ? members_nearest(in) : members_of_interval(in);
    for (size_t i = 0; i < in->pool.count; i++)
        if (i < members.first || i >= members.first + members.count)
            tw_interior_note_next(in, in->pool.values[i]);
    note_cuts(in, members, result);
    if (members.count > in->options->max_count) {
        members.count = in->options->max_count;
        if (in->reason == TW_INTERIOR_COMPLETE) in->reason = TW_INTERIOR_COUNT;
    }
    trim(&in->pool, members);
    in->pool.n = in->n;
    result->pairs = in->pool;
    in->pool = (tw_eigenpairs){0};
    result->next = in->next;
    result->norm = in->norm;
    result->products = in->products;
    result->rounds = in->rounds;
    result->degree = in->degree;
    result->expected = in->expected;
    result->expected_error = in->expected_error;
    result->expected_reach = in->expected_reach;
    result->method = in->method;
    result->reason = in->reason;
}
