/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plan and the routes of an interior search share: distances from what is wanted, counted
 * products, budgets, and how a search ends. */
#include <math.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/interior_private.h"

#define SLICE ((size_t)1 << 20) /* entries of the columns between two questions */

double tw_interior_distance(const tw_interior *in, double value) {
    return fmax(0.0, fmax(in->low - value, value - in->high));
}

/* The rank-th smallest distance of ascending values (rank < count): they leave the target in two
 * ascending runs, which are merged. */
static double distance_at(const tw_interior *in, size_t count, const double *values, size_t rank) {
    size_t right = 0;
    while (right < count && values[right] < in->centre) right++;
    size_t left = right; /* the next on the left is left - 1 */
    double distance = 0.0;
    for (size_t i = 0; i <= rank; i++) {
        double below = left > 0 ? in->centre - values[left - 1] : INFINITY;
        double above = right < count ? values[right] - in->centre : INFINITY;
        distance = fmin(below, above);
        if (below <= above)
            left--;
        else
            right++;
    }
    return distance;
}

double tw_interior_bound(const tw_interior *in, size_t count, const double *values) {
    double slack = tw_interior_slack(in);
    if (in->wanted == 0) return TW_INTERIOR_WINDOW * slack;
    if (count < in->wanted) return INFINITY;
    return distance_at(in, count, values, in->wanted - 1) - TW_INTERIOR_SAME * slack;
}

size_t tw_interior_left(const tw_interior *in) {
    return tw_budget_left(&in->options->budget, in->products);
}

bool tw_interior_told_to_end(void *self, const char *stage, double done, double total) {
    const tw_interior_options *options = ((const tw_interior *)self)->options;
    return tw_space_told_to_end(options->within.space, &options->budget, stage, done, total);
}

tw_status tw_interior_product(tw_interior *in, size_t k, const double *X, double *Y) {
    size_t n = in->n, most = in->whole < SLICE ? SLICE / in->whole : 1;
    const tw_space *space = in->options->within.space;
    for (size_t j = 0; j < k; j += most) {
        size_t width = k - j < most ? k - j : most;
        if (tw_interior_told_to_end(in, "verifying", (double)j, (double)k))
            return tw_fail(TW_STOPPED, "ended after %zu of %zu products", j, k);
        tw_status status = tw_linop_apply(in->A, width, X + j * n, n, Y + j * n, n);
        if (status != TW_OK) return status;
        in->products += width;
        if (tw_space_any_of(space, !tw_all_finite(width * n, Y + j * n)))
            return tw_fail(TW_ERR_NUMERIC, "a product of the operator of order %zu is not finite",
                           in->whole);
    }
    return TW_OK;
}

tw_search_options tw_interior_search_options(tw_interior *in) {
    const tw_interior_options *options = in->options;
    tw_search_options search = TW_SEARCH_DEFAULTS;
    search.tolerance = options->tolerance;
    search.confirmations = options->confirmations;
    search.within = options->within;
    search.budget = tw_budget_after(options->budget, in->products);
    search.budget.monitor = &in->gate.monitor;
    return search;
}

void tw_interior_end(tw_interior *in, tw_interior_reason reason) {
    in->done = true;
    in->reason = reason;
}

bool tw_interior_judge(tw_interior *in, tw_search_reason reason) {
    static const tw_interior_reason reasons[] = {TW_INTERIOR_COMPLETE, TW_INTERIOR_COMPLETE,
                                                 TW_INTERIOR_PRODUCTS, TW_INTERIOR_STALLED,
                                                 TW_INTERIOR_CANCELLED};
    tw_interior_end(in, reasons[reason]);
    return in->reason == TW_INTERIOR_COMPLETE;
}

void tw_interior_note_next(tw_interior *in, double value) {
    if (isnan(value)) return;
    if (isnan(in->next) || tw_interior_distance(in, value) < tw_interior_distance(in, in->next))
        in->next = value;
}

static bool gate_report(void *self, const char *stage, double done, double total) {
    tw_gate *gate = self;
    if (done > (double)gate->limit) gate->limited = true;
    gate->cancelled |= tw_space_told_to_end(gate->space, gate->user, stage, done, total);
    return gate->limited || gate->cancelled;
}

void tw_interior_open_gate(tw_interior *in) {
    in->gate.user = &in->options->budget;
    in->gate.space = in->options->within.space;
    in->gate.limit = SIZE_MAX;
    in->gate.monitor = (tw_monitor){gate_report, &in->gate};
}
