/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/estimation.h>

#include <math.h>
#include <stdlib.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/zero_rule.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

enum { TANGENT_PROBES = 8, NORM_PRODUCTS = 100 };

/* At a stationary point the gradient says what zero means. ||H g||/||g|| stands for ||H||, from
 * below: what passes is stationary. */
static tw_status trust_gradient(tw_estimation *e) {
    tw_status status = TW_OK;
    size_t n = e->H.n;
    double norm = e->gradient_norm, *Hg = NULL;
    e->zero.gradient = norm;
    if (norm == 0.0) return TW_OK;
    TW_TRY(TW_NEW(Hg, n));
    TW_TRY(tw_linop_apply(&e->H, 1, e->gradient, n, Hg, n));
    double size = tw_norm(NULL, n, e->theta), least = tw_norm(NULL, n, Hg) / norm;
    if (!tw_zero_is_flat(&e->zero, least, size)) e->zero.gradient = 0.0;
cleanup:
    free(Hg);
    return status;
}

tw_status tw_estimation_start(tw_evaluator *evaluator, const double *theta,
                              const tw_estimation_options *options, tw_estimation *e) {
    tw_status status = TW_OK;
    double value = 0.0;
    *e = (tw_estimation){.options = options ? *options : TW_ESTIMATION_DEFAULTS,
                         .evaluator = evaluator,
                         .theta = theta,
                         .objective = tw_evaluator_objective(evaluator),
                         .tangent_residual = (double)NAN};
    TW_TRY(TW_NEW(e->gradient, e->objective.n));
    TW_TRY(e->objective.eval(e->objective.self, theta, &value, e->gradient));
    e->hessian = tw_hessian_at(&e->objective, theta);
    e->gradient_norm = tw_norm(NULL, e->objective.n, e->gradient);
    e->kinks = tw_evaluator_kinks(evaluator, theta, TW_KINK_TOLERANCE);
    e->H = tw_hessian_linop(&e->hessian);
cleanup:
    return status;
}

void tw_estimation_clear(tw_estimation *e) {
    if (e == NULL) return;
    tw_symmetry_destroy(e->symmetry);
    tw_sectors_clear(&e->sectors);
    free(e->gradient);
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

tw_status tw_estimation_choose(tw_estimation *e) {
    const tw_budget *budget = &e->options.budget;
    const tw_dufm *model = tw_evaluator_model(e->evaluator);
    tw_estimation_route asked = e->options.route;
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    size_t n = e->H.n;
    bool fits = n <= budget->dense_limit && n <= budget->products / 2;
    options.rank_tolerance = e->options.rank_tolerance;
    options.budget.deadline = budget->deadline;
    options.budget.monitor = budget->monitor;
    e->route = TW_ROUTE_DENSE;
    if (asked == TW_ROUTE_DENSE && !fits) return refuse_dense(budget, n);
    if (asked == TW_ROUTE_DENSE || (asked == TW_ROUTE_ANY && fits)) return trust_gradient(e);
    e->route = TW_ROUTE_PROBES;
    if (asked == TW_ROUTE_PROBES) return trust_gradient(e);
    tw_status status = tw_sectors_of_point(model, e->theta, &options, &e->sectors);
    if (status == TW_OK && e->sectors.applicable) e->route = TW_ROUTE_SECTORS;
    if (status == TW_OK && asked == TW_ROUTE_SECTORS && !e->sectors.applicable)
        status = tw_fail(TW_ERR_DATA, "sectors do not apply: %s", e->sectors.refusal);
    /* Sectors bring a rule of their own, and need no product. */
    return status == TW_OK && e->route != TW_ROUTE_SECTORS ? trust_gradient(e) : status;
}

/* ---- The orbit ---- */

/* ||H|| from below: good to some per cent, which is all that a threshold needs. */
static tw_status measure_norm(const tw_estimation *e, double *norm) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result search;
    options.end = TW_END_LARGEST;
    options.count = 1;
    options.tolerance = 1e-2;
    options.budget = e->options.budget;
    options.budget.products = NORM_PRODUCTS;
    tw_status status = tw_spectrum_search(&e->H, &options, &search);
    if (status != TW_OK) return status;
    *norm = search.norm;
    tw_search_result_clear(&search);
    return TW_OK;
}

tw_status tw_estimation_symmetry(tw_estimation *e) {
    if (e->symmetry) return TW_OK;
    tw_status status = tw_symmetry_create(tw_evaluator_model(e->evaluator), e->theta,
                                          e->options.rank_tolerance, &e->symmetry);
    if (status != TW_OK) return status;
    e->tangent = tw_symmetry_tangent(e->symmetry);
    e->monitor = tw_budget_monitor(&e->options.budget);
    tw_symmetry_watch(e->symmetry, &e->monitor);
    return TW_OK;
}

tw_status tw_estimation_try_orbit(tw_estimation *e) {
    tw_status status = TW_OK;
    double norm = 0.0, largest = 0.0, size = tw_norm(NULL, e->H.n, e->theta);
    TW_TRY(tw_estimation_symmetry(e));
    if (e->tangent.dimension == 0 || e->tangent.dimension >= e->H.n) goto cleanup;
    TW_TRY(measure_norm(e, &norm));
    status = tw_zero_probe_tangent(&e->H, &e->tangent, TANGENT_PROBES, &e->options.budget, NULL,
                                   &largest);
    if (status == TW_STOPPED)
        return TW_OK; /* with the orbit not taken out, as if there were none */
    TW_TRY(status);
    e->tangent_residual = largest > 0.0 ? largest / norm : 0.0;
    e->zero = (tw_zero_evidence){.gradient = e->gradient_norm, .tangent = largest};
    if (tw_zero_is_flat(&e->zero, norm, size))
        e->within = tw_subspace_outside(&e->tangent, NULL);
    else
        e->zero = (tw_zero_evidence){0}; /* nothing has to be zero there */
cleanup:
    return status;
}

/* ---- Estimates ---- */

tw_status tw_estimation_density(const tw_estimation *e, const tw_density_options *options,
                                tw_density_result *result) {
    tw_density_options how = options ? *options : TW_DENSITY_DEFAULTS;
    how.within = e->within;
    if (!(how.zero.told > 0.0)) how.zero = e->zero;
    how.budget.dense_limit = e->route == TW_ROUTE_DENSE ? e->H.n : 0;
    if (e->route == TW_ROUTE_SECTORS) return tw_sectors_density(&e->sectors, &how, result);
    return tw_density_estimate(&e->H, &how, result);
}

tw_status tw_estimation_trace(const tw_estimation *e, const tw_trace_options *options,
                              tw_trace_result *result) {
    tw_trace_options how = options ? *options : TW_TRACE_DEFAULTS;
    how.within = e->within;
    if (!(how.zero.told > 0.0)) how.zero = e->zero;
    how.budget.dense_limit = e->route == TW_ROUTE_DENSE ? e->H.n : 0;
    if (e->route == TW_ROUTE_SECTORS) return tw_sectors_trace(&e->sectors, &how, result);
    return tw_trace_estimate(&e->H, &how, result);
}
