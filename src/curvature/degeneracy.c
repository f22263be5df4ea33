/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting modes, by one rule for zero (tw_zero_rule).
 *
 * Up to the dense limit all eigenvalues are computed, and the inertia of the Hessian less a shift
 * on either side of zero, from products of its own, has to give the same counts. Above it the
 * tangent space is projected out: its dimension counts as found when random vectors of it pass as
 * flat, and a search at the lower end of the complement returns every other mode up to the first
 * that lies above the largest threshold that its pairs may ask for. The residuals that they really
 * have then make the rule.
 *
 * A sum of few squares has too many zero modes to be found one by one. There the negative and the
 * positive ones are: each end of the spectrum is searched up to the first value on the other side
 * of the threshold, and all between these two are zero. */
#include <thalweg/curvature/degeneracy.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/operator/hessian.h>

#include "base/alloc_private.h"
#include "curvature/degeneracy_private.h"
#include "dense/vector_private.h"
#include "spectrum/engine_private.h"

#define SAME_VALUE 1e-9 /* of ||H||: values closer than this are copies */

/* One analysis under way. */
typedef struct analysis {
    tw_hessian hessian;
    tw_linop H;
    size_t whole; /* parameters over all owners */
    const tw_degeneracy_options *options;
    tw_degeneracy_result *result;
    double x_norm;
} analysis;

void tw_degeneracy_result_clear(tw_degeneracy_result *result) {
    if (result == NULL) return;
    tw_eigenpairs_clear(&result->low);
    tw_eigenpairs_clear(&result->high);
    tw_eigenpairs_clear(&result->all);
}

/* The rule of this route, from what its own rounding may be. */
static void set_rule(analysis *a, double rounding) {
    tw_degeneracy_result *r = a->result;
    const tw_zero_evidence evidence = {.rounding = rounding,
                                       .gradient = r->gradient_norm,
                                       .tangent = r->tangent_residual,
                                       .explained = r->symmetry_modes};
    r->zero = tw_zero_rule_make(&evidence, a->options->gap);
}

/* Where the inertia resolves the counts best: in the middle of the gap above the threshold. */
static double shift_of_inertia(const tw_zero_rule *rule) {
    double above = fabs(rule->smallest_nonzero);
    return rule->threshold > 0.0 && above > 0.0 ? sqrt(rule->threshold * above) : rule->threshold;
}

/* The same counts by the inertia of H -+ shift, from products of its own. */
static tw_status check_by_inertia(analysis *a) {
    tw_status status = TW_OK;
    tw_degeneracy_result *r = a->result;
    tw_inertia inertia = {0};
    const tw_monitor monitor = tw_budget_monitor(&a->options->budget);
    TW_TRY(tw_inertia_init(&inertia, &a->H, &monitor));
    status = inertia.cancelled
                 ? TW_STOPPED
                 : tw_inertia_count(&inertia, shift_of_inertia(&r->zero), &r->inertia);
    r->cancelled = status == TW_STOPPED;
    if (r->cancelled) status = TW_OK;
    if (r->cancelled || status != TW_OK) goto cleanup;
    r->inertia_checked = true;
    r->inertia_agrees = r->inertia.negative == r->zero.negative && r->inertia.zero == r->zero.zero;
cleanup:
    tw_inertia_clear(&inertia);
    return status;
}

static tw_status analyse_dense(analysis *a) {
    tw_status status = TW_OK;
    tw_degeneracy_result *r = a->result;
    tw_dense_options options = TW_DENSE_DEFAULTS;
    tw_dense_result dense = {0};
    const tw_monitor monitor = tw_budget_monitor(&a->options->budget);
    options.monitor = &monitor;
    r->method = "dense";
    TW_TRY(tw_spectrum_dense(&a->H, &options, &dense));
    r->low_reason = r->high_reason = dense.cancelled ? TW_SEARCH_CANCELLED : TW_SEARCH_ALL;
    if (dense.cancelled) goto cleanup;
    r->counted = true;
    r->norm = dense.norm;
    set_rule(a, tw_zero_rounding(a->H.n, dense.norm, dense.pairs.count, dense.pairs.values,
                                 dense.pairs.residuals));
    for (size_t i = 0; i < dense.pairs.count; i++)
        tw_zero_rule_count(&r->zero, dense.pairs.values[i], 1);
    r->smallest = dense.pairs.values[0];
    r->all = dense.pairs;
    dense.pairs = (tw_eigenpairs){0};
    if (isfinite(r->zero.threshold)) TW_TRY(check_by_inertia(a));
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

/* The route's 2 n products and n of the inertia. */
static bool dense_fits(size_t n, const tw_degeneracy_options *options, size_t used) {
    const tw_budget *budget = &options->budget;
    bool spread = tw_space_is_spread(options->space);
    return n <= budget->dense_limit && !spread && n <= tw_budget_left(budget, used) / 3;
}

static tw_search_options search_options(const analysis *a, tw_end end, size_t count) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.end = end;
    options.count = count;
    options.budget = tw_budget_after(a->options->budget, a->hessian.products);
    options.engine = a->options->engine;
    /* The top of the spectrum needs no deflation; and away from a critical point the orbit is no
     * invariant subspace. */
    const tw_tangent *flat = end == TW_END_SMALLEST ? a->options->tangent : NULL;
    options.within = tw_subspace_outside(flat, a->options->space);
    return options;
}

/* One end of the spectrum outside the tangent; the pairs move to *pairs. */
static tw_status search_end(analysis *a, const tw_search_options *options, tw_eigenpairs *pairs,
                            tw_search_reason *reason, bool *cut) {
    tw_status status = TW_OK;
    tw_search_result search = {0};
    *reason = TW_SEARCH_PRODUCTS;
    if (options->budget.products == 0) return TW_OK;
    TW_TRY(tw_spectrum_search(&a->H, options, &search));
    *reason = search.reason;
    *cut = search.cluster_cut;
    if (search.pairs.count > 0) a->result->norm = fmax(a->result->norm, search.norm);
    *pairs = search.pairs;
    search.pairs = (tw_eigenpairs){0};
cleanup:
    tw_search_result_clear(&search);
    return status;
}

static bool is_stationary(const analysis *a) {
    const tw_degeneracy_result *r = a->result;
    return r->gradient_norm <= a->options->stationary * r->norm * fmax(1.0, a->x_norm);
}

/* A search that did not end by its own evidence. */
static bool incomplete(tw_search_reason reason) {
    return reason != TW_SEARCH_COMPLETE && reason != TW_SEARCH_ALL;
}

/* The tangent, whose probes stand for its modes, and what the search found beside it. */
static void count_deflated(analysis *a) {
    tw_degeneracy_result *r = a->result;
    set_rule(a, tw_zero_rounding(a->whole, r->norm, r->low.count, r->low.values, r->low.residuals));
    tw_zero_rule_count(&r->zero, r->tangent_residual, r->symmetry_modes);
    r->zero.unresolved = 0; /* those are explained */
    for (size_t i = 0; i < r->low.count; i++) tw_zero_rule_count(&r->zero, r->low.values[i], 1);
    r->zero.positive = a->whole - r->zero.negative - r->zero.zero;
}

enum { FEW = 8 }; /* in that many parameters one dimension of the rank */

/* May the ends be cheaper than the zeros? */
static bool is_low_rank(const analysis *a) {
    size_t zeros = a->whole - a->result->symmetry_modes, rank = a->options->rank;
    return rank > 0 && rank <= zeros / FEW && !tw_space_is_spread(a->options->space);
}

/* The ends' pairs on the zero side of the threshold bound all zeros between them. */
static void count_between(analysis *a, const tw_eigenpairs *top) {
    tw_degeneracy_result *r = a->result;
    const tw_eigenpairs *ends[] = {&r->low, top};
    double rounding = tw_zero_rounding(a->whole, r->norm, top->count, top->values, top->residuals);
    rounding = fmax(rounding, tw_zero_rounding(a->whole, r->norm, r->low.count, r->low.values,
                                               r->low.residuals));
    set_rule(a, rounding);
    double size = r->tangent_residual;
    size_t counted = 0;
    for (int end = 0; end < 2; end++)
        for (size_t i = 0; i < ends[end]->count; i++) {
            double value = ends[end]->values[i];
            int sign = tw_zero_rule_sign(&r->zero, value);
            if (sign == 0) size = fmax(size, fabs(value));
            if (sign != (end == 0 ? -1 : 1)) continue;
            tw_zero_rule_count(&r->zero, value, 1);
            counted++;
        }
    tw_zero_rule_count(&r->zero, size, a->whole - counted);
}

/* *done (out): both ends came to the other side of the threshold. */
static tw_status analyse_ends(analysis *a, bool *done) {
    tw_status status = TW_OK;
    tw_degeneracy_result *r = a->result;
    tw_eigenpairs top = {0};
    tw_search_reason reason = TW_SEARCH_PRODUCTS;
    bool cut = false;
    double threshold = r->zero.threshold;
    tw_search_options high = search_options(a, TW_END_LARGEST, 1);
    high.beyond = threshold;
    high.budget.products = tw_budget_left(&high.budget, 0) / 2;
    TW_TRY(search_end(a, &high, &top, &reason, &cut));
    tw_search_options low = search_options(a, TW_END_SMALLEST, 1);
    low.within = tw_subspace_outside(NULL, a->options->space);
    low.beyond = -threshold;
    if (!incomplete(reason)) TW_TRY(search_end(a, &low, &r->low, &r->low_reason, &r->low_cut));
    *done = !incomplete(reason) && !incomplete(r->low_reason);
    if (*done) count_between(a, &top);
cleanup:
    tw_eigenpairs_clear(&top);
    return status;
}

static tw_status analyse_deflated(analysis *a) {
    tw_status status = TW_OK;
    tw_degeneracy_result *r = a->result;
    tw_search_options high = search_options(a, TW_END_LARGEST, a->options->largest);
    const tw_engine *engine;
    TW_TRY(tw_engine_find(a->options->engine, &engine));
    r->method = engine->deflated;
    TW_TRY(search_end(a, &high, &r->high, &r->high_reason, &r->high_cut));
    free(r->high.vectors); /* evidence enough in the residuals */
    r->high.vectors = NULL;
    set_rule(a, high.tolerance * r->norm);
    if (incomplete(r->high_reason) || !is_stationary(a)) goto cleanup;
    bool done = false;
    if (is_low_rank(a)) TW_TRY(analyse_ends(a, &done));
    if (done) {
        r->method = "both ends";
        r->counted = true;
    } else {
        tw_eigenpairs_clear(&r->low);
        tw_search_options low = search_options(a, TW_END_SMALLEST, 1);
        low.beyond = r->zero.threshold;
        TW_TRY(search_end(a, &low, &r->low, &r->low_reason, &r->low_cut));
        r->counted = !incomplete(r->low_reason);
        count_deflated(a);
    }
    if (!r->counted) goto cleanup;
    r->smallest = r->low.count ? r->low.values[0] : NAN;
    if (r->symmetry_modes > 0) r->smallest = fmin(0.0, r->smallest);
cleanup:
    return status;
}

/* A threshold so large that counting under it says nothing: the tangent is not flat. */
static bool is_blurred(const tw_degeneracy_result *r) {
    return !(r->zero.threshold <= TW_ZERO_BLUR * r->norm);
}

static tw_doubt find_doubt(const analysis *a) {
    const tw_degeneracy_result *r = a->result;
    if (incomplete(r->high_reason)) return TW_DOUBT_SEARCH;
    if (!is_stationary(a)) return TW_DOUBT_GRADIENT;
    if (incomplete(r->low_reason)) return TW_DOUBT_SEARCH;
    if (is_blurred(r)) return TW_DOUBT_BLURRED;
    if (r->inertia_checked && !r->inertia_agrees) return TW_DOUBT_INERTIA;
    if (r->unexplained < 0) return TW_DOUBT_LOST;
    return tw_zero_rule_doubt(&r->zero) == TW_ZERO_CLEAR ? TW_DOUBT_NONE : TW_DOUBT_THRESHOLD;
}

static tw_status check_options(const tw_degeneracy_options *options) {
    if (options->largest == 0) return tw_fail(TW_ERR_ARGUMENT, "0 largest eigenvalues asked for");
    if (!(options->stationary > 0.0 && options->gap > 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "stationary %g must be positive and gap %g above 1",
                       options->stationary, options->gap);
    const tw_engine *engine;
    tw_status status = tw_engine_find(options->engine, &engine);
    return status == TW_OK ? tw_budget_check(&options->budget) : status;
}

/* The `count` largest of the whole spectrum, so that both routes report the same things. */
static tw_status copy_largest(tw_degeneracy_result *r, size_t count) {
    tw_status status = TW_OK;
    if (r->all.count == 0) return TW_OK;
    size_t take = count < r->all.count ? count : r->all.count, from = r->all.count - take;
    TW_TRY(TW_NEW(r->high.values, take));
    TW_TRY(TW_NEW(r->high.residuals, take));
    tw_copy(take, r->all.values + from, r->high.values);
    tw_copy(take, r->all.residuals + from, r->high.residuals);
    r->high.n = r->all.n;
    r->high.count = take;
    r->high_cut = from > 0 && r->all.values[from] - r->all.values[from - 1] <= SAME_VALUE * r->norm;
cleanup:
    return status;
}

static tw_status analyse(analysis *a) {
    tw_degeneracy_result *r = a->result;
    const tw_degeneracy_options *options = a->options;
    tw_status status =
        tw_zero_probe_tangent(&a->H, options->tangent, options->probes, &options->budget,
                              options->space, &r->tangent_residual);
    if (status == TW_STOPPED) {
        r->low_reason = r->high_reason = TW_SEARCH_CANCELLED;
        return TW_OK;
    }
    if (status != TW_OK) return status;
    return dense_fits(a->H.n, a->options, a->hessian.products) ? analyse_dense(a)
                                                               : analyse_deflated(a);
}

tw_status tw_degeneracy_analyse(const tw_objective *objective, const double *x,
                                const tw_degeneracy_options *options,
                                tw_degeneracy_result *result) {
    tw_status status = TW_OK;
    double *gradient = NULL;
    tw_degeneracy_options defaults = TW_DEGENERACY_DEFAULTS;
    if (options == NULL) options = &defaults;
    analysis a = {.whole = tw_space_dimension(options->space, objective->n),
                  .options = options,
                  .result = result};
    *result = (tw_degeneracy_result){
        .parameters = a.whole, .norm = NAN, .smallest = NAN, .smallest_nonzero = NAN};
    TW_TRY(check_options(options));
    TW_TRY(tw_space_check(options->space, objective->n));
    TW_TRY(TW_NEW(gradient, objective->n));
    TW_TRY(objective->eval(objective->self, x, &result->value, gradient));
    a.hessian = tw_hessian_at(objective, x);
    a.H = tw_hessian_linop(&a.hessian);
    a.x_norm = tw_norm(options->space, objective->n, x);
    result->gradient_norm = tw_norm(options->space, objective->n, gradient);
    free(gradient); /* its length was all, and the search needs the room */
    gradient = NULL;
    if (options->tangent) result->symmetry_modes = options->tangent->dimension;
    TW_TRY(analyse(&a));
    TW_TRY(copy_largest(result, options->largest));
    result->products = a.hessian.products;
    result->cancelled = result->cancelled || result->low_reason == TW_SEARCH_CANCELLED ||
                        result->high_reason == TW_SEARCH_CANCELLED;
    result->route = result->zero;
    tw_degeneracy_take_counts(result);
    tw_doubt doubt = find_doubt(&a);
    if (doubt == TW_DOUBT_GRADIENT) result->counted = false;
    tw_degeneracy_conclude(doubt, result);
cleanup:
    free(gradient);
    if (status != TW_OK) tw_degeneracy_result_clear(result);
    return status;
}

void tw_degeneracy_cost(size_t n, const tw_degeneracy_options *options, tw_cost *cost) {
    const tw_degeneracy_options defaults = TW_DEGENERACY_DEFAULTS;
    if (options == NULL) options = &defaults;
    bool known = options->tangent && options->tangent->dimension > 0;
    double probes = known ? (double)options->probes : 0.0;
    tw_cost part = {0};
    *cost = (tw_cost){.products = probes, .products_most = probes};
    if (dense_fits(n, options, (size_t)probes)) {
        tw_dense_cost(n, NULL, &part);
        tw_cost_then(cost, &part);
        tw_inertia_cost(n, 2, &part);
        tw_cost_then(cost, &part);
    } else {
        tw_search_options search = TW_SEARCH_DEFAULTS;
        search.count = options->largest;
        search.budget = options->budget;
        tw_search_cost(n, &search, &part);
        tw_cost_then(cost, &part);
        search.count = 1;
        tw_search_cost(n, &search, &part);
        tw_cost_then(cost, &part);
        tw_cost_set_products(cost, cost->products, (double)options->budget.products);
    }
}
