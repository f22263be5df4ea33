/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenpairs inside a spectrum: the choice of a route between the plan and the answer.
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

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/interior_private.h"

enum {
    MIN_DEGREE = 8,
    PAIR_COST = 2 /* products at least: to find it, to verify it */
};

const char *tw_interior_reason_name(tw_interior_reason reason) {
    static const char *const names[] = {"complete", "count",     "products",
                                        "stalled",  "disagrees", "cancelled"};
    return (size_t)reason < sizeof names / sizeof names[0] ? names[reason] : "unknown";
}

static tw_status run(tw_interior *in) {
    tw_status status = TW_OK;
    in->method = "krylov";
    in->reason = TW_INTERIOR_COMPLETE;
    if (in->dimension == 0) return TW_OK;
    TW_TRY(tw_interior_explore(in));
    if (!in->done && in->wanted == 0 && !in->krylov.closed) tw_interior_crowded(in, 0.0, PAIR_COST);
    if (!in->done) TW_TRY(tw_interior_from_end(in));
    if (!in->done && in->krylov.closed) TW_TRY(tw_interior_by_krylov(in));
    if (!in->done) TW_TRY(tw_interior_by_filter(in));
cleanup:
    if (status == TW_STOPPED) tw_interior_end(in, TW_INTERIOR_CANCELLED); /* what is in the pool */
    for (size_t i = 0; i < in->pool.count; i++) in->norm = fmax(in->norm, fabs(in->pool.values[i]));
    return status == TW_STOPPED ? TW_OK : status;
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
    tw_interior_open_gate(in);
    in->next = in->expected = in->expected_error = in->expected_reach = (double)NAN;
    TW_TRY(run(in));
    TW_TRY(tw_interior_check(in, &answer));
    tw_interior_answer(in, &answer);
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
