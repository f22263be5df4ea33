/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a reduced model's sectors are the spectrum: the preconditions, the cheap ones first, and
 * the levels when they hold. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "optima/sectors_private.h"

/* ---- Preconditions ---- */

static double frobenius(const double *x, size_t count) {
    return tw_norm(NULL, count, x);
}

/* || lambda_{l+1} C_{l+1}^T C_{l+1} - lambda_l C_l C_l^T || over the larger term, the worst l. */
static tw_status measure_balance(const tw_reduced *x, double *defect) {
    tw_status status = TW_OK;
    size_t r = x->rank;
    double *above = NULL, *below = NULL;
    *defect = 0.0;
    TW_TRY(TW_NEW(above, r * r));
    TW_TRY(TW_NEW(below, r * r));
    for (size_t l = 0; l < x->layers; l++) {
        size_t rows = l + 1 == x->layers ? x->classes : r, cols = l == 0 ? x->classes : r;
        double lambda = l == 0 ? x->lambda_H : x->lambda_W[l - 1];
        tw_multiply(x->lambda_W[l], tw_transposed(x->core[l + 1], rows, r),
                    tw_plain(x->core[l + 1], rows, r), 0.0, tw_mat(above, r, r));
        tw_multiply(lambda, tw_plain(x->core[l], r, cols), tw_transposed(x->core[l], r, cols), 0.0,
                    tw_mat(below, r, r));
        double scale = fmax(frobenius(above, r * r), frobenius(below, r * r));
        tw_axpy(r * r, -1.0, above, below);
        if (scale > 0.0) *defect = fmax(*defect, frobenius(below, r * r) / scale);
    }
cleanup:
    free(above);
    free(below);
    return status;
}

static double levels_norm(const tw_levels *levels) {
    double norm = 0.0;
    for (size_t i = 0; i < levels->count; i++) norm = fmax(norm, fabs(levels->rows[i].value));
    return norm;
}

/* Product of the norms of all cores but two, which may be the same one. */
static double rest_of_product(const tw_reduced *x, size_t one, size_t other) {
    double product = 1.0;
    for (size_t l = 0; l <= x->layers; l++) {
        size_t rows = l == x->layers ? x->classes : x->rank, cols = l == 0 ? x->classes : x->rank;
        if (l != one && l != other) product *= frobenius(x->core[l], rows * cols);
    }
    return product;
}

static tw_status measure_stationarity(const tw_reduced *x, double norm, double *defect) {
    tw_status status = TW_OK;
    size_t p = tw_reduced_parameters(x);
    double *gradient = NULL, size = 0.0;
    TW_TRY(TW_NEW(gradient, p));
    tw_reduced_gradient(x, gradient);
    for (size_t l = 0; l <= x->layers; l++) {
        size_t rows = l == x->layers ? x->classes : x->rank, cols = l == 0 ? x->classes : x->rank;
        size = hypot(size, frobenius(x->core[l], rows * cols));
    }
    *defect = norm > 0.0 ? frobenius(gradient, p) / (norm * fmax(1.0, size)) : 0.0;
cleanup:
    free(gradient);
    return status;
}

/* ||H||_2 of the whole model from above, by norms of the cores alone: (Jacobian)^2 times the
 * curvature of the loss, second derivatives of the product against the loss's gradient, ridges. */
static tw_status bound_norm(const tw_reduced *x, const tw_budget *budget, double *bound) {
    tw_status status = TW_OK;
    size_t K = x->classes, L = x->layers;
    double *loss = NULL, curvature = 0.0, ridge = x->lambda_H, first = 0.0, second = 0.0;
    TW_TRY(TW_NEW(loss, K * K));
    for (size_t k = 0; k < K; k++) {
        if (tw_budget_report(budget, "sectors", (double)k, (double)K))
            TW_TRY(tw_fail(TW_STOPPED, "ended before the signal sector of %zu coordinates",
                           tw_reduced_parameters(x)));
        tw_reduced_loss_hessian(x, k, loss);
        curvature = fmax(curvature, frobenius(loss, K * K));
    }
    double gradient = frobenius(x->D[L], K * K);
    for (size_t l = 0; l <= L; l++) {
        double others = rest_of_product(x, l, l);
        first += others * others;
        if (l > 0) ridge = fmax(ridge, x->lambda_W[l - 1]);
        for (size_t m = 0; m < l; m++) second = hypot(second, gradient * rest_of_product(x, l, m));
    }
    *bound = ridge + curvature * first + sqrt(2.0) * second;
cleanup:
    free(loss);
    return status;
}

/* How far a level may be off for what the point is not, in units of ||H||. */
static double largest_defect(const tw_sector_evidence *e) {
    double worst = fmax(fmax(e->stationary, e->balanced), fmax(e->collapsed, e->confined));
    return fmin(worst, 1.0);
}

/* bound: the relative gradient is known from below alone. */
static void decide(const tw_sector_options *options, bool bound, tw_sectors *sectors) {
    const tw_sector_evidence *e = &sectors->evidence;
    const struct {
        double defect;
        const char *text;
    } conditions[] = {
        {e->stationary, bound ? "not stationary: relative gradient at least"
                              : "not stationary: relative gradient"},
        {e->balanced, "not balanced: relative defect"},
        {e->collapsed, "features not collapsed to class means: relative deviation"},
        {e->confined, "factors reach outside the signal spaces: relative part"},
        {e->dropped, "no rank gap: largest dropped singular value, relative"},
    };
    sectors->applicable = true;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        if (conditions[i].defect <= options->tolerance) continue; /* NAN does not pass */
        snprintf(sectors->refusal, sizeof sectors->refusal, "%s %.3g, allowed %.1g",
                 conditions[i].text, conditions[i].defect, options->tolerance);
        sectors->applicable = false;
        break;
    }
    if (!sectors->applicable) tw_sectors_clear(sectors);
}

static tw_status check_options(const tw_sector_options *options) {
    if (!(options->tolerance > 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "sector tolerance %g is not positive", options->tolerance);
    if (!(options->rank_tolerance > 0.0 && options->rank_tolerance < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "rank tolerance %g is outside (0, 1)",
                       options->rank_tolerance);
    return TW_OK;
}

tw_status tw_sectors_refuse_ended(tw_sectors *sectors) {
    tw_levels_clear(&sectors->levels);
    sectors->applicable = false;
    sectors->ended = true;
    snprintf(sectors->refusal, sizeof sectors->refusal, "%s", tw_last_error());
    return TW_OK;
}

/* What can be refused without the spectrum of the signal sector, or must be for its size. */
static tw_status refuse_early(const tw_reduced *x, const tw_sector_options *options,
                              tw_sectors *sectors) {
    tw_status status = TW_OK;
    double bound = 0.0;
    size_t p = tw_reduced_parameters(x), room = sizeof sectors->refusal;
    TW_TRY(measure_balance(x, &sectors->evidence.balanced));
    TW_TRY(bound_norm(x, &options->budget, &bound));
    TW_TRY(measure_stationarity(x, bound, &sectors->evidence.stationary));
    decide(options, true, sectors);
    if (!sectors->applicable) goto cleanup;
    sectors->applicable = false;
    if (p > options->budget.dense_limit)
        snprintf(sectors->refusal, room,
                 "the signal sector has %zu coordinates, above the dense limit %zu", p,
                 options->budget.dense_limit);
    else if (tw_budget_report(&options->budget, "signal sector", 0.0, 0.0))
        TW_TRY(tw_fail(TW_STOPPED, "ended before the signal sector of %zu coordinates", p));
cleanup:
    return status;
}

/* Everything after the cores are set. */
tw_status tw_sectors_finish(tw_reduced *x, const tw_sector_options *options, tw_sectors *sectors) {
    tw_status status = TW_OK;
    double noise = 0.0;
    TW_TRY(check_options(options));
    TW_TRY(tw_budget_check(&options->budget));
    tw_reduced_evaluate(x);
    sectors->rank = x->rank;
    TW_TRY(refuse_early(x, options, sectors));
    if (sectors->refusal[0]) goto cleanup;
    const tw_monitor monitor = tw_budget_monitor(&options->budget);
    TW_TRY(tw_sectors_assemble(x, &monitor, &sectors->levels, &noise));
    sectors->norm = levels_norm(&sectors->levels);
    TW_TRY(measure_stationarity(x, sectors->norm, &sectors->evidence.stationary));
    TW_TRY(tw_sectors_count_zeros(noise, largest_defect(&sectors->evidence), sectors));
    tw_levels_join(&sectors->levels, TW_SECTORS_JOIN * sectors->norm);
    if (options->blocks) TW_TRY(tw_sectors_blocks(x, &monitor, sectors));
    decide(options, false, sectors);
cleanup:
    return status == TW_STOPPED ? tw_sectors_refuse_ended(sectors) : status;
}
