/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second route to the count of an interior search: inertia at both ends of a window. Where too
 * many pairs lie in an interval to be listed, it is the only count. */
#include <math.h>
#include <thalweg/spectrum/inertia.h>

#include "spectrum/interior_private.h"

#define OUTSIDE 2.5 /* slacks from a bound to the window: in the middle of what is known */
#define INSIDE 3.0  /* slacks from the farthest of the nearest: those beyond need not be known */
#define SAME 2.0    /* slacks that tw_interior_bound stays below the farthest of the nearest */

/* The wanted ones as a whole when nothing else is known to be near the farthest of them, else what
 * is nearer than that one. */
static double reach_of_nearest(const tw_interior *in) {
    double slack = tw_interior_slack(in), next = INFINITY;
    double bound = tw_interior_bound(in, in->pool.count, in->pool.values);
    double farthest = bound + SAME * slack;
    if (in->pool.count < in->dimension)
        next = !isnan(in->next)              ? tw_interior_distance(in, in->next)
               : in->pool.count > in->wanted ? INFINITY /* the loop finds it */
                                             : 0.0;
    for (size_t i = 0, nearer = 0; i < in->pool.count; i++) {
        double distance = tw_interior_distance(in, in->pool.values[i]);
        bool among = distance <= farthest + slack;
        nearer += among;
        if (!among || nearer > in->wanted) next = fmin(next, distance);
    }
    bool cut = in->cut || next <= farthest + 2.0 * OUTSIDE * slack;
    return cut ? bound - (INSIDE - SAME) * slack : farthest + OUTSIDE * slack;
}

/* Where the pool is complete; false: nowhere that is worth counting. */
static bool choose_window(const tw_interior *in, double *low, double *high) {
    double slack = tw_interior_slack(in);
    *low = in->low - OUTSIDE * slack;
    *high = in->high + OUTSIDE * slack;
    if (in->wanted == 0) return true;
    double reach = reach_of_nearest(in);
    *low = in->centre - reach;
    *high = in->centre + reach;
    return reach > 0.0 && isfinite(reach);
}

static size_t count_listed(const tw_interior *in, double low, double high) {
    size_t count = low <= 0.0 && high >= 0.0 ? in->whole - in->dimension : 0;
    for (size_t i = 0; i < in->pool.count; i++)
        count += in->pool.values[i] >= low && in->pool.values[i] <= high;
    return count;
}

/* Eigenvalues below a number, which may be infinite. */
static tw_status count_below(tw_inertia *inertia, double shift, size_t *below, double *margin) {
    tw_inertia_split split;
    *below = shift > 0.0 ? inertia->n : 0;
    if (isinf(shift)) return TW_OK;
    tw_status status = tw_inertia_at(inertia, shift, &split);
    if (status != TW_OK) return status;
    *below = split.below;
    *margin = fmin(*margin, split.margin);
    return TW_OK;
}

tw_status tw_interior_check(tw_interior *in, tw_interior_result *result) {
    tw_status status = TW_OK;
    tw_inertia inertia = {0};
    double low, high, margin = INFINITY;
    size_t below = 0, up_to = 0;
    const tw_budget *budget = &in->options->budget;
    const tw_monitor monitor = tw_budget_monitor(budget);
    bool spread = tw_subspace_is_spread(&in->options->within);
    bool complete = in->reason == TW_INTERIOR_COMPLETE;
    if (!complete && !(in->reason == TW_INTERIOR_COUNT && in->wanted == 0)) return TW_OK;
    if (in->n > in->options->inertia_limit || in->n > budget->dense_limit ||
        in->n > tw_interior_left(in) || spread)
        return TW_OK;
    if (in->n == 0 || !choose_window(in, &low, &high)) return TW_OK;
    TW_TRY(tw_inertia_init(&inertia, in->A, &monitor));
    in->products += inertia.products;
    status = inertia.cancelled ? TW_STOPPED : count_below(&inertia, low, &below, &margin);
    if (status == TW_OK) status = count_below(&inertia, high, &up_to, &margin);
    if (status == TW_STOPPED) {
        tw_interior_end(in, TW_INTERIOR_CANCELLED);
        status = TW_OK;
        goto cleanup;
    }
    TW_TRY(status);
    result->inertia_margin = margin;
    result->inertia_checked = margin >= 1.0;
    if (!result->inertia_checked) goto cleanup;
    result->inertia_low = low;
    result->inertia_high = high;
    result->inertia_count = up_to - below;
    result->inertia_listed = count_listed(in, low, high);
    if (complete && result->inertia_count != result->inertia_listed)
        tw_interior_end(in, TW_INTERIOR_DISAGREES);
cleanup:
    tw_inertia_clear(&inertia);
    return status;
}

/* The plan's basis stays while the pairs are sought: by a search from an end, or by a filter, whose
 * space and its image are as wide as the pairs. */
void tw_interior_cost(size_t n, const tw_interior_options *options, tw_cost *cost) {
    const tw_interior_options defaults = TW_INTERIOR_DEFAULTS;
    if (options == NULL) options = &defaults;
    double order = (double)n, room = (double)tw_interior_room(n, options),
           pairs = (double)options->max_count;
    tw_search_options search = TW_SEARCH_DEFAULTS;
    tw_cost inertia = {0};
    search.count = options->max_count;
    search.within = options->within;
    search.budget = options->budget;
    tw_search_cost(n, &search, cost);
    cost->bytes += 8.0 * order * (room + 1.0 + pairs);
    tw_cost_set_products(cost, room + pairs, (double)options->budget.products);
    if (n > options->inertia_limit || n > options->budget.dense_limit) return;
    tw_inertia_cost(n, 2, &inertia);
    cost->flops += inertia.flops;
    cost->bytes = fmax(cost->bytes, inertia.bytes + 8.0 * order * (room + 1.0 + pairs));
}
