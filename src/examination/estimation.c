/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/estimation.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/examination/examination.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/zero_rule.h>
#include <thalweg/stratum/kinks.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "examination/estimation_private.h"
#include "spectrum/estimate_private.h"

enum { NORM_PRODUCTS = 100 };

static tw_status list_blocks(tw_estimation *e) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(e->evaluator);
    e->block_count = tw_dufm_block_count(model);
    TW_TRY(TW_NEW(e->described, e->block_count));
    TW_TRY(TW_NEW(e->blocks, e->block_count));
    for (size_t i = 0; i < e->block_count; i++) {
        const tw_block *block = &e->described[i];
        e->described[i] = tw_dufm_block(model, i);
        e->blocks[i] = (tw_flat_block){.name = block->name,
                                       .slice = {block->offset, block->rows * block->cols}};
    }
cleanup:
    return status;
}

tw_status tw_estimation_start(tw_evaluator *evaluator, const double *theta,
                              const tw_estimation_options *options, tw_estimation *e) {
    tw_status status = TW_OK;
    double value = 0.0;
    bool falls = false;
    *e = (tw_estimation){.options = options ? *options : TW_ESTIMATION_DEFAULTS,
                         .evaluator = evaluator,
                         .theta = theta,
                         .objective = tw_evaluator_objective(evaluator),
                         .tangent_residual = (double)NAN};
    TW_TRY(TW_NEW(e->gradient, e->objective.n));
    if (e->options.blocks) TW_TRY(list_blocks(e));
    TW_TRY(e->objective.eval(e->objective.self, theta, &value, e->gradient));
    e->hessian = tw_hessian_at(&e->objective, theta);
    e->gradient_norm = tw_norm(NULL, e->objective.n, e->gradient);
    e->size = tw_norm(NULL, e->objective.n, theta);
    e->kinks = tw_evaluator_kinks(evaluator, theta, TW_KINK_TOLERANCE);
    TW_TRY(tw_evaluator_falls_forever(evaluator, theta, &falls));
    tw_counts_refuse(&e->kinks, falls, e->doubt, sizeof e->doubt);
    e->refused = e->doubt[0] != '\0';
    e->H = tw_hessian_linop(&e->hessian);
cleanup:
    return status;
}

void tw_estimation_clear(tw_estimation *e) {
    if (e == NULL) return;
    tw_symmetry_destroy(e->symmetry);
    tw_sectors_clear(&e->sectors);
    free(e->gradient);
    free(e->described);
    free(e->blocks);
    *e = (tw_estimation){0};
}

/* ---- The route ---- */

static tw_status refuse_dense(const tw_budget *budget, size_t n) {
    if (n > budget->dense_limit)
        return tw_fail(TW_ERR_UNSUPPORTED, "%zu parameters are above the dense limit %zu", n,
                       budget->dense_limit);
    return tw_fail(TW_ERR_UNSUPPORTED, "%zu parameters take %zu products, more than %zu", n, 2 * n,
                   budget->products);
}

static tw_status find_sectors(tw_estimation *e) {
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    options.rank_tolerance = e->options.rank_tolerance;
    options.blocks = e->options.blocks;
    options.budget.deadline = e->options.budget.deadline;
    options.budget.monitor = e->options.budget.monitor;
    tw_sectors_clear(&e->sectors);
    return tw_sectors_of_point(tw_evaluator_model(e->evaluator), e->theta, &options, &e->sectors);
}

tw_status tw_estimation_choose(tw_estimation *e) {
    const tw_budget *budget = &e->options.budget;
    tw_estimation_route asked = e->options.route;
    size_t n = e->H.n;
    bool fits = n <= budget->dense_limit && n <= budget->products / 2;
    e->route = TW_ROUTE_DENSE;
    if (asked == TW_ROUTE_DENSE && !fits) return refuse_dense(budget, n);
    if (asked == TW_ROUTE_DENSE || (asked == TW_ROUTE_ANY && fits)) return TW_OK;
    e->route = TW_ROUTE_PROBES;
    if (asked == TW_ROUTE_PROBES) return TW_OK;
    tw_status status = find_sectors(e);
    if (status == TW_OK && e->sectors.applicable) e->route = TW_ROUTE_SECTORS;
    if (status == TW_OK && asked == TW_ROUTE_SECTORS && !e->sectors.applicable)
        status = tw_fail(e->sectors.ended ? TW_STOPPED : TW_ERR_DATA, "sectors do not apply: %s",
                         e->sectors.refusal);
    return status;
}

/* ---- The orbit ---- */

static tw_search_options norm_options(const tw_budget *budget) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.end = TW_END_LARGEST;
    options.count = 1;
    options.tolerance = 1e-2;
    options.budget = *budget;
    options.budget.products = NORM_PRODUCTS;
    return options;
}

/* ||H|| from below: good to some per cent, which is all that a threshold needs. */
static tw_status measure_norm(const tw_estimation *e, double *norm) {
    const tw_search_options options = norm_options(&e->options.budget);
    tw_search_result search;
    tw_status status = tw_spectrum_search(&e->H, &options, &search);
    if (status != TW_OK) return status;
    *norm = search.norm;
    tw_search_result_clear(&search);
    return TW_OK;
}

tw_status tw_estimation_symmetry(tw_estimation *e) {
    if (e->symmetry) return TW_OK;
    e->monitor = tw_budget_monitor(&e->options.budget);
    tw_status status = tw_symmetry_create(tw_evaluator_model(e->evaluator), e->theta,
                                          e->options.rank_tolerance, &e->monitor, &e->symmetry);
    if (status == TW_STOPPED) return TW_OK; /* what asks for the tangent will be ended as well */
    if (status == TW_OK) e->tangent = tw_symmetry_tangent(e->symmetry);
    return status;
}

/* The deflation leaves something over. */
static bool may_deflate(const tw_estimation *e) {
    size_t modes = e->tangent.dimension;
    return e->stationary && e->route != TW_ROUTE_DENSE && modes > 0 && modes < e->H.n;
}

tw_status tw_estimation_evidence(tw_estimation *e, const tw_linop *A, tw_zero_evidence *zero) {
    *zero = (tw_zero_evidence){.gradient = e->gradient_norm};
    tw_status status = tw_estimation_symmetry(e);
    if (status != TW_OK || e->symmetry == NULL) return status;
    zero->explained = e->tangent.dimension;
    return tw_zero_probe_tangent(A, &e->tangent, TW_ZERO_PROBES, &e->options.budget, NULL,
                                 &zero->tangent);
}

tw_status tw_estimation_try_orbit(tw_estimation *e) {
    tw_status status = TW_OK;
    double norm = 0.0;
    tw_zero_evidence zero = {.gradient = e->gradient_norm};
    TW_TRY(measure_norm(e, &norm));
    /* The symmetry of a point of full rank takes minutes where its gradient takes a moment. */
    e->tried = !tw_zero_is_flat(&zero, norm, e->size);
    if (e->tried) return TW_OK;
    TW_TRY(tw_estimation_symmetry(e));
    if (e->symmetry == NULL) return TW_OK; /* with the orbit not taken out, as if there were none */
    status = tw_estimation_evidence(e, &e->H, &zero);
    if (status == TW_STOPPED) return TW_OK; /* likewise */
    TW_TRY(status);
    if (zero.explained > 0) e->tangent_residual = zero.tangent > 0.0 ? zero.tangent / norm : 0.0;
    e->tried = true;
    e->stationary = tw_zero_is_flat(&zero, norm, e->size);
    if (e->stationary) e->zero = zero; /* elsewhere nothing has to be zero */
    if (may_deflate(e)) e->within = tw_subspace_outside(&e->tangent, NULL);
cleanup:
    return status;
}

void tw_estimation_add_evidence(const tw_dufm *model, const double *theta, tw_cost *work) {
    double kept = 0.0;
    tw_cost symmetry = {0};
    tw_symmetry_cost(model, theta, &kept, &symmetry);
    work->bytes += kept;
    tw_cost_then(work, &symmetry);
    work->bytes += 8.0 * (double)tw_dufm_parameters(model);
}

void tw_estimation_add_orbit(const tw_dufm *model, const double *theta, tw_cost *work) {
    const tw_search_options norm = norm_options(&TW_ESTIMATION_DEFAULTS.budget);
    tw_cost search = {0};
    tw_search_cost(tw_dufm_parameters(model), &norm, &search);
    tw_cost_set_products(&search, 0.0, NORM_PRODUCTS + TW_ZERO_PROBES);
    tw_cost_then(work, &search);
    tw_estimation_add_evidence(model, theta, work);
}

/* ---- Counts ---- */

/* No count is better than two. */
static void take_out(tw_zero_rule *counted) {
    counted->negative = counted->zero = counted->positive = 0;
}

static void describe_disagreement(tw_estimation *e, const tw_zero_rule *counted) {
    const tw_zero_rule *zero = &e->sectors.zero;
    snprintf(e->doubt, sizeof e->doubt,
             "two routes disagree: dense counts %" PRIu64 " negative, %" PRIu64
             " zero; sectors %" PRIu64 ", %" PRIu64,
             counted->negative, counted->zero, zero->negative, zero->zero);
}

/* What the sectors, where they apply, say of counts of the dense route. */
static tw_status compare(tw_estimation *e, const tw_zero_rule *counted, tw_routes *routes) {
    *routes = TW_ROUTES_NOT_COMPARED;
    if (e->route != TW_ROUTE_DENSE || counted->origin == TW_ZERO_TOLD) return TW_OK;
    tw_status status = find_sectors(e);
    if (status == TW_STOPPED) return TW_OK; /* the counts of the first route are there */
    if (status == TW_OK && e->sectors.applicable) *routes = tw_routes_compare(&e->sectors, counted);
    return status;
}

tw_status tw_estimation_settle(tw_estimation *e, tw_zero_rule *counted, bool *again) {
    tw_status status = TW_OK;
    tw_routes routes;
    *again = false;
    if (e->refused) {
        take_out(counted);
        return TW_OK;
    }
    e->doubt[0] = '\0';
    if (!tw_zero_rule_saw(counted, e->H.n)) return TW_OK;
    if (e->route != TW_ROUTE_SECTORS && !e->stationary) {
        take_out(counted);
        return TW_OK;
    }
    TW_TRY(compare(e, counted, &routes));
    *again = routes == TW_ROUTES_RESOLVED || routes == TW_ROUTES_UNRESOLVED;
    if (*again) e->route = TW_ROUTE_SECTORS;
    if (routes != TW_ROUTES_DISAGREE) {
        tw_zero_rule_explain(counted, e->doubt, sizeof e->doubt);
    } else {
        describe_disagreement(e, counted);
        take_out(counted);
    }
cleanup:
    return status;
}

void tw_estimation_judge(tw_estimation *e, tw_listing *listing) {
    if (e->refused) listing->counted = false;
    if (listing->counted) tw_zero_rule_explain(&listing->zero, e->doubt, sizeof e->doubt);
}

void tw_estimation_withdraw(const tw_estimation *e, tw_zero_rule *counted, tw_estimate *log_det,
                            tw_estimate *zero_modes) {
    if (!e->refused) return;
    take_out(counted);
    *log_det = *zero_modes = tw_estimate_unknown();
}

/* ---- Estimates ---- */

static tw_density_options density_by_route(const tw_estimation *e,
                                           const tw_density_options *options) {
    tw_density_options how = options ? *options : TW_DENSITY_DEFAULTS;
    how.within = e->within;
    if (!(how.zero.told > 0.0)) how.zero = e->zero;
    how.budget.dense_limit = e->route == TW_ROUTE_DENSE ? e->H.n : 0;
    return how;
}

void tw_estimation_density_cost(const tw_estimation *e, const tw_density_options *options,
                                tw_cost *cost) {
    const tw_density_options how = density_by_route(e, options);
    *cost = (tw_cost){0};
    if (e->route != TW_ROUTE_SECTORS) tw_density_cost(e->H.n, &how, cost);
}

static tw_status find_density(const tw_estimation *e, const tw_density_options *options,
                              tw_density_result *result) {
    const tw_density_options how = density_by_route(e, options);
    if (e->route == TW_ROUTE_SECTORS) return tw_sectors_density(&e->sectors, &how, result);
    return tw_density_estimate(&e->H, &how, result);
}

tw_status tw_estimation_density(tw_estimation *e, const tw_density_options *options,
                                tw_density_result *result) {
    tw_status status = TW_OK;
    bool again = false;
    do {
        if (again) tw_density_result_clear(result);
        TW_TRY(find_density(e, options, result));
        TW_TRY(tw_estimation_settle(e, &result->zero, &again));
    } while (again);
cleanup:
    if (status != TW_OK) tw_density_result_clear(result);
    return status;
}

static tw_trace_options trace_by_route(const tw_estimation *e, const tw_trace_options *options) {
    tw_trace_options how = options ? *options : TW_TRACE_DEFAULTS;
    how.within = e->within;
    if (!(how.zero.told > 0.0)) how.zero = e->zero;
    how.budget.dense_limit = e->route == TW_ROUTE_DENSE ? e->H.n : 0;
    return how;
}

void tw_estimation_trace_cost(const tw_estimation *e, const tw_trace_options *options,
                              tw_cost *cost) {
    const tw_trace_options how = trace_by_route(e, options);
    *cost = (tw_cost){0};
    if (e->route != TW_ROUTE_SECTORS) tw_trace_cost(e->H.n, &how, cost);
}

static tw_status find_trace(const tw_estimation *e, const tw_trace_options *options,
                            tw_trace_result *result) {
    const tw_trace_options how = trace_by_route(e, options);
    if (e->route == TW_ROUTE_SECTORS) return tw_sectors_trace(&e->sectors, &how, result);
    return tw_trace_estimate(&e->H, &how, result);
}

tw_status tw_estimation_trace(tw_estimation *e, const tw_trace_options *options,
                              tw_trace_result *result) {
    tw_status status = TW_OK;
    bool again = false;
    do {
        TW_TRY(find_trace(e, options, result));
        TW_TRY(tw_estimation_settle(e, &result->zero, &again));
    } while (again);
    tw_estimation_withdraw(e, &result->zero, &result->log_det, &result->zero_modes);
cleanup:
    if (status != TW_OK) *result = (tw_trace_result){0};
    return status;
}
