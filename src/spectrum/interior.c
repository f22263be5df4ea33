/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenpairs inside a spectrum: the plan, the choice of a route, and what is told of the answer.
 *
 * The plan is one Krylov space of A from a random vector. Its nodes tell the norm, the range, about
 * how many eigenvalues lie where, and whether the spectrum has few distinct values (the space
 * closes). Three routes follow, the cheapest that fits:
 *
 *   end      few pairs lie below the wanted ones, or few above: tw_spectrum_search from there;
 *   krylov   few distinct values: rounds of closed Krylov spaces with locking;
 *   filter   anything else: a polynomial filter, then Rayleigh-Ritz.
 *
 * Which one runs decides about the cost alone. Each lists pairs verified by fresh products with A,
 * and ends with its own evidence that none is missing: fresh random starts in the complement of
 * what was found. Up to `inertia_limit` the count is compared with the inertia of A at both ends of
 * a window about the list, which shares nothing with the routes.
 *
 * An eigenvalue is known to slack = tolerance ||A||. The interval is closed in that sense: a value
 * within slack of a bound is in. Everything within 4 slack is looked for, so that a cluster that
 * a bound cuts is seen and told. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/interior_private.h"

#define WINDOW 4.0 /* slacks beyond a bound that have to be known */
#define CAUTION 0.6
#define SURE 3.0                /* standard errors */
#define SAME 2.0                /* slacks between values that cannot be told apart */
#define SLICE ((size_t)1 << 20) /* entries of the columns between two questions */

enum {
    FULL_ORDER = 1000, /* up to it a Krylov space may fill the whole one */
    MIN_ROOM = 40,
    MIN_DEGREE = 8,
    MAX_ROOM = 200,
    CHEAP_ENTRIES = 40000000,
    PAIR_COST = 2 /* products at least: to find it, to verify it */
};

const char *tw_interior_reason_name(tw_interior_reason reason) {
    static const char *const names[] = {"complete", "count",     "products",
                                        "stalled",  "disagrees", "cancelled"};
    return (size_t)reason < sizeof names / sizeof names[0] ? names[reason] : "unknown";
}

/* ---- What the routes share ---- */

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
    if (in->wanted == 0) return WINDOW * slack;
    if (count < in->wanted) return INFINITY;
    return distance_at(in, count, values, in->wanted - 1) - SAME * slack;
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

/* ---- The plan ---- */

size_t tw_interior_room(size_t n, const tw_interior_options *options) {
    size_t whole = tw_space_dimension(options->within.space, n);
    size_t room = CHEAP_ENTRIES / (whole > 0 ? whole : 1);
    size_t dimension = tw_subspace_rank(&options->within, n);
    room = room < MIN_ROOM ? MIN_ROOM : room > MAX_ROOM ? MAX_ROOM : room;
    if (whole <= FULL_ORDER) room = whole;
    if (options->max_steps > 0 && room > options->max_steps) room = options->max_steps;
    return room < dimension ? room : dimension;
}

static tw_status explore(tw_interior *in) {
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

static tw_status run(tw_interior *in) {
    tw_status status = TW_OK;
    in->method = "krylov";
    in->reason = TW_INTERIOR_COMPLETE;
    if (in->dimension == 0) return TW_OK;
    TW_TRY(explore(in));
    if (!in->done && in->wanted == 0 && !in->krylov.closed) tw_interior_crowded(in, 0.0, PAIR_COST);
    if (!in->done) TW_TRY(tw_interior_from_end(in));
    if (!in->done && in->krylov.closed) TW_TRY(tw_interior_by_krylov(in));
    if (!in->done) TW_TRY(tw_interior_by_filter(in));
cleanup:
    if (status == TW_STOPPED) tw_interior_end(in, TW_INTERIOR_CANCELLED); /* what is in the pool */
    for (size_t i = 0; i < in->pool.count; i++) in->norm = fmax(in->norm, fabs(in->pool.values[i]));
    return status == TW_STOPPED ? TW_OK : status;
}

/* ---- The answer ---- */

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
            members.first > 0 && values[members.first - 1] >= in->low - WINDOW * slack;
        result->high_cut = end < in->pool.count && values[end] <= in->high + WINDOW * slack;
        return;
    }
    if (members.count == 0) return;
    farthest = fmax(tw_interior_distance(in, values[members.first]),
                    tw_interior_distance(in, values[end - 1]));
    result->cluster_cut = in->cut || (!isnan(in->next) && tw_interior_distance(in, in->next) <=
                                                              farthest + SAME * slack);
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

static void report(tw_interior *in, tw_interior_result *result) {
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

static tw_status check(const tw_linop *A, const tw_interior_options *options) {
    tw_status status = tw_subspace_check(&options->within, A->n);
    if (status != TW_OK) return status;
    if (A->n > INT_MAX) return tw_fail(TW_ERR_UNSUPPORTED, "order %zu exceeds BLAS's int", A->n);
    if (options->max_count == 0) return tw_fail(TW_ERR_ARGUMENT, "0 eigenpairs are allowed");
    if (!(options->tolerance > 0.0) || !isfinite(options->tolerance))
        return tw_fail(TW_ERR_ARGUMENT, "tolerance %g is not positive", options->tolerance);
    if (options->confirmations == 0)
        return tw_fail(TW_ERR_ARGUMENT, "a search needs at least 1 confirmation");
    if (options->max_degree < MIN_DEGREE)
        return tw_fail(TW_ERR_ARGUMENT, "a filter of degree %zu", options->max_degree);
    return tw_budget_check(&options->budget);
}

static tw_status solve(tw_interior *in, tw_interior_result *result) {
    tw_status status = TW_OK;
    tw_interior_result answer = {.inertia_margin = (double)NAN};
    *result = (tw_interior_result){0};
    TW_TRY(check(in->A, in->options));
    in->n = in->A->n;
    in->whole = tw_space_dimension(in->options->within.space, in->n);
    in->dimension = tw_subspace_rank(&in->options->within, in->n);
    if (in->wanted > in->dimension) in->wanted = in->dimension;
    in->gate.user = &in->options->budget;
    in->gate.space = in->options->within.space;
    in->gate.limit = SIZE_MAX;
    in->gate.monitor = (tw_monitor){gate_report, &in->gate};
    in->next = in->expected = in->expected_error = in->expected_reach = (double)NAN;
    TW_TRY(run(in));
    TW_TRY(tw_interior_check(in, &answer));
    report(in, &answer);
    *result = answer;
cleanup:
    tw_krylov_clear(&in->krylov);
    tw_eigenpairs_clear(&in->pool);
    return status;
}

tw_status tw_spectrum_interval(const tw_linop *A, double low, double high,
                               const tw_interior_options *options, tw_interior_result *result) {
    tw_interior_options defaults = TW_INTERIOR_DEFAULTS;
    tw_interior in = {.A = A, .options = options ? options : &defaults, .low = low, .high = high};
    *result = (tw_interior_result){0};
    if (!(low <= high)) return tw_fail(TW_ERR_ARGUMENT, "interval from %g to %g", low, high);
    in.centre = 0.5 * low + 0.5 * high;
    in.reach = 0.5 * high - 0.5 * low;
    return solve(&in, result);
}

tw_status tw_spectrum_nearest(const tw_linop *A, double target, size_t count,
                              const tw_interior_options *options, tw_interior_result *result) {
    tw_interior_options defaults = TW_INTERIOR_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_interior in = {.A = A,
                      .options = options,
                      .wanted = count,
                      .low = target,
                      .high = target,
                      .centre = target};
    *result = (tw_interior_result){0};
    if (!isfinite(target)) return tw_fail(TW_ERR_ARGUMENT, "target %g", target);
    if (count == 0 || count > options->max_count)
        return tw_fail(TW_ERR_ARGUMENT, "%zu pairs are wanted of 1 to %zu", count,
                       options->max_count);
    return solve(&in, result);
}

void tw_interior_result_clear(tw_interior_result *result) {
    if (result == NULL) return;
    tw_eigenpairs_clear(&result->pairs);
    *result = (tw_interior_result){0};
}
