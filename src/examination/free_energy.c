/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of F at a point: volume of the orbit from its generators, copies from the class logits,
 * the log-determinant from the examination's own eigenvalues where it has all of them. */
#include <thalweg/examination/free_energy.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/stratum/kinks.h>
#include <thalweg/symmetry/copies.h>
#include <thalweg/symmetry/orbit_volume.h>

#include "base/alloc_private.h"
#include "model/class_means_private.h"
#include "spectrum/estimate_private.h"

#define SAME_SAMPLE 1e-6 /* of the largest logit: spread of a class that still counts as none */

static void refuse(tw_laplace *x, const char *why) {
    x->defined = false;
    if (x->refusal[0] == '\0') snprintf(x->refusal, sizeof x->refusal, "%.199s", why);
}

/* ---- Copies ---- */

/* The largest distance of a sample's logits from the means of its class. */
static double spread_of(const tw_dufm *model, const double *Z, const double *means) {
    size_t K = tw_dufm_classes(model);
    double spread = 0.0;
    for (size_t i = 0; i < model->samples; i++)
        for (size_t j = 0; j < K; j++)
            spread = fmax(spread, fabs(Z[j + K * i] - means[j + K * (size_t)model->labels[i]]));
    return spread;
}

static tw_status count_copies(const tw_evaluator *evaluator, double tolerance, tw_laplace *x) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    size_t K = tw_dufm_classes(model), *sizes = NULL;
    double *means = NULL, largest = 0.0;
    tw_copies copies;
    TW_TRY(TW_NEW(sizes, K));
    TW_TRY(TW_NEW(means, K * K));
    tw_dufm_class_sizes(model, sizes);
    TW_TRY(tw_class_means(model, K, tw_evaluator_logits(evaluator), means));
    double spread = spread_of(model, tw_evaluator_logits(evaluator), means);
    for (size_t i = 0; i < K * K; i++) largest = fmax(largest, fabs(means[i]));
    TW_TRY(tw_copies_count(K, sizes, means, tolerance, &copies));
    x->log_copies = copies.log_copies;
    if (!copies.certain)
        refuse(x, "values of the class logits run into each other: their copies are not counted");
    if (spread > SAME_SAMPLE * largest)
        refuse(x, "samples of a class differ: their exchanges are not counted");
cleanup:
    free(sizes);
    free(means);
    return status;
}

/* Are units a and b of hidden space l the same: rows of W_l and columns of W_{l+1}? */
static bool same_unit(const tw_dufm *model, const double *theta, size_t l, const size_t pair[2],
                      double slack) {
    tw_block in = tw_dufm_factor(model, l), out = tw_dufm_factor(model, l + 1);
    const double *W = theta + in.offset, *V = theta + out.offset;
    size_t a = pair[0], b = pair[1];
    for (size_t j = 0; j < in.cols; j++)
        if (!(fabs(W[a + in.rows * j] - W[b + in.rows * j]) <= slack)) return false;
    for (size_t i = 0; i < out.rows; i++)
        if (!(fabs(V[i + out.rows * a] - V[i + out.rows * b]) <= slack)) return false;
    return true;
}

/* d_l! over the exchanges of units that are the same, for the spaces that do not rotate. */
static double log_unit_copies(const tw_dufm *model, const double *theta, double tolerance) {
    double sum = 0.0, largest = 0.0;
    if (model->activation->linear) return 0.0;
    for (size_t i = 0; i < tw_dufm_parameters(model); i++) largest = fmax(largest, fabs(theta[i]));
    for (size_t l = 1; l < model->layers; l++)
        for (size_t a = 0; a < model->widths[l]; a++) {
            size_t alike = 1;
            for (size_t b = 0; b < a; b++)
                alike += same_unit(model, theta, l, (size_t[]){a, b}, tolerance * largest);
            sum += log((double)(a + 1)) - log((double)alike);
        }
    return sum;
}

/* ---- Log-determinant ---- */

static void sum_eigenvalues(const tw_degeneracy_result *d, tw_laplace *x) {
    double sum = 0.0, inverse = 0.0;
    for (size_t i = 0; i < d->all.count; i++) {
        double size = fabs(d->all.values[i]);
        if (tw_zero_rule_sign(&d->route, d->all.values[i]) == 0) continue;
        sum += log(size);
        inverse += 1.0 / size;
        x->smallest = fmin(x->smallest, size);
    }
    x->log_det = tw_estimate_exact(sum);
    x->log_det_rounding = (double)d->parameters * DBL_EPSILON * d->norm * inverse;
}

static void sum_levels(const tw_levels *levels, const tw_zero_rule *zero, double norm,
                       tw_laplace *x) {
    double sum = 0.0, inverse = 0.0;
    for (size_t i = 0; i < levels->count; i++) {
        double size = fabs(levels->rows[i].value), copies = (double)levels->rows[i].copies;
        if (tw_zero_rule_sign(zero, levels->rows[i].value) == 0) continue;
        sum += copies * log(size);
        inverse += copies / size;
        x->smallest = fmin(x->smallest, size);
    }
    x->log_det = tw_estimate_exact(sum);
    x->log_det_rounding = (double)levels->count * DBL_EPSILON * norm * inverse;
}

/* A value that the examination told from zero, and the estimate did not. */
static void judge_estimate(const tw_trace_result *sums, const tw_degeneracy_result *d,
                           tw_laplace *x) {
    if (sums->reason != TW_ESTIMATE_COMPLETE) refuse(x, "the log-determinant was not finished");
    if (fabs(d->smallest_nonzero) <= sums->zero.threshold)
        refuse(x,
               "the estimate of the log-determinant cannot tell the smallest eigenvalue from "
               "zero");
}

static tw_status estimate_log_det(tw_evaluator *evaluator, const double *theta,
                                  const tw_symmetry *symmetry, const tw_degeneracy_result *d,
                                  tw_trace_options options, tw_laplace *x) {
    tw_status status = TW_OK;
    tw_objective objective = tw_evaluator_objective(evaluator);
    tw_tangent tangent = tw_symmetry_tangent((tw_symmetry *)symmetry);
    tw_hessian hessian = tw_hessian_at(&objective, theta);
    tw_trace_result sums;
    tw_linop H = tw_hessian_linop(&hessian);
    options.budget.dense_limit = 0;
    options.within = tw_subspace_outside(&tangent, options.within.space);
    TW_TRY(tw_trace_estimate(&H, &options, &sums));
    x->log_det = sums.log_det;
    x->smallest = sums.smallest_nonzero;
    judge_estimate(&sums, d, x);
cleanup:
    return status;
}

/* ---- The whole ---- */

static void judge(const tw_examination *e, tw_laplace *x) {
    char text[sizeof x->refusal];
    tw_counts_refuse(&e->after.kinks, e->after.falls, text, sizeof text);
    if (text[0]) refuse(x, text);
    if (e->degeneracy.verdict != TW_VERDICT_MINIMUM) {
        snprintf(text, sizeof text, "no minimum modulo symmetry: %s",
                 tw_verdict_name(e->degeneracy.verdict));
        refuse(x, text);
    }
    if (e->shift_modes > 0) refuse(x, "a free shift of the bias has no finite volume");
}

static void begin(const tw_examination *e, tw_laplace *x) {
    const tw_degeneracy_result *d = &e->degeneracy;
    *x = (tw_laplace){.defined = true,
                      .loss = e->after.loss,
                      .parameters = d->parameters,
                      .zero_modes = d->counted ? d->zero_modes : d->symmetry_modes,
                      .zero = d->counted ? d->zero : tw_zero_rule_uncounted(&d->zero),
                      .log_det = tw_estimate_unknown(),
                      .smallest = (double)INFINITY};
    /* fit and penalty are sums of positive terms, each right to some eps */
    x->loss_error = 4.0 * DBL_EPSILON * e->after.loss;
    judge(e, x);
}

/* By the examination's own eigenvalues, where it has all of them and resolved those by zero; by
 * sectors; or estimated. */
static tw_status find_log_det(tw_evaluator *evaluator, const double *theta,
                              const tw_symmetry *symmetry, const tw_examination *e,
                              const tw_free_energy_options *options, tw_laplace *x) {
    tw_trace_options trace = options->trace;
    if (e->after.kinks.on_kink > 0 || e->after.falls)
        return TW_OK; /* which modes are zero nobody can say */
    bool by_sectors = e->routes == TW_ROUTES_RESOLVED || e->routes == TW_ROUTES_UNRESOLVED;
    if (e->degeneracy.all.count > 0 && !by_sectors)
        sum_eigenvalues(&e->degeneracy, x);
    else if (e->sectors.applicable)
        sum_levels(&e->sectors.levels, &e->sectors.zero, e->sectors.norm, x);
    if (isfinite(x->log_det.value) || !x->defined) return TW_OK;
    trace.zero.gradient = e->degeneracy.gradient_norm;
    trace.zero.tangent = e->degeneracy.tangent_residual;
    return estimate_log_det(evaluator, theta, symmetry, &e->degeneracy, trace, x);
}

tw_status tw_free_energy_of_point(tw_evaluator *evaluator, const double *theta,
                                  const tw_examination *examination,
                                  const tw_free_energy_options *options, tw_laplace *x) {
    tw_status status = TW_OK;
    const tw_free_energy_options defaults = TW_FREE_ENERGY_DEFAULTS;
    if (options == NULL) options = &defaults;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    tw_symmetry *symmetry = NULL;
    tw_orbit_volume volume;
    tw_objective objective = tw_evaluator_objective(evaluator);
    begin(examination, x);
    TW_TRY(objective.eval(objective.self, theta, &x->loss, NULL));
    TW_TRY(tw_evaluator_linearise(evaluator, theta));
    TW_TRY(count_copies(evaluator, options->copy_tolerance, x));
    x->log_unit_copies = log_unit_copies(model, theta, options->copy_tolerance);
    const tw_monitor monitor = tw_budget_monitor(&options->trace.budget);
    status = tw_symmetry_create(model, theta, options->rank_tolerance, &monitor, &symmetry);
    bool fixed = status == TW_OK && tw_symmetry_stabilisers(symmetry).count > 0;
    if (status == TW_OK) status = tw_orbit_volume_of_symmetry(symmetry, &monitor, &volume);
    if (status == TW_STOPPED || (status == TW_ERR_UNSUPPORTED && fixed)) {
        status = TW_OK; /* of such an orbit F says nothing */
        x->log_orbit_volume = x->log_stiefel = (double)NAN;
        refuse(x, tw_last_error());
        goto cleanup;
    }
    TW_TRY(status);
    x->log_orbit_volume = volume.log_volume;
    x->log_stiefel = volume.stiefel;
    TW_TRY(find_log_det(evaluator, theta, symmetry, examination, options, x));
cleanup:
    if (isinf(x->smallest)) x->smallest = (double)NAN;
    tw_symmetry_destroy(symmetry);
    return status;
}

/* ---- Closed forms ---- */

/* K! over the exchanges within blocks and of equal blocks. */
static double copies_of_blocks(const tw_closed_form *form) {
    double sum = lgamma((double)form->given.classes + 1.0);
    if (form->part_count == 0) return 0.0;
    for (size_t i = 0; i < form->part_count; i++) {
        double count = 0.0, before = 0.0;
        for (size_t j = 0; j < form->part_count; j++)
            if (form->parts[j].size == form->parts[i].size) {
                count += (double)form->parts[j].count;
                before += j < i ? 1.0 : 0.0;
            }
        sum -= (double)form->parts[i].count * lgamma((double)form->parts[i].size + 1.0);
        if (before == 0.0) sum -= lgamma(count + 1.0);
    }
    return sum < 30.0 ? log(rint(exp(sum))) : sum; /* a whole number of copies */
}

static tw_status levels_by_sectors(const tw_closed_form *form, tw_sectors *sectors) {
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    tw_status status = tw_sectors_of_form(form, &options, sectors);
    if (status != TW_OK || sectors->applicable) return status;
    return tw_fail(TW_ERR_UNSUPPORTED, "sectors do not apply: %s", sectors->refusal);
}

static tw_status volume_of_form(const tw_closed_form *form, tw_laplace *x) {
    tw_status status = TW_OK;
    size_t L = form->given.layers, r = form->rank, *widths = NULL;
    double *factors = NULL;
    tw_orbit_volume volume;
    TW_TRY(TW_NEW(widths, L));
    TW_TRY(TW_NEW(factors, r * (L + 1)));
    TW_TRY(tw_closed_form_singular_values(form, NULL, factors));
    for (size_t l = 0; l < L; l++) {
        widths[l] = form->given.width;
        memcpy(factors + r * (l + 1), factors, r * sizeof *factors);
    }
    TW_TRY(tw_orbit_volume_of_balanced(L, widths, r, factors, &volume));
    x->log_orbit_volume = volume.log_volume;
    x->log_stiefel = volume.stiefel;
cleanup:
    free(widths);
    free(factors);
    return status;
}

static void use_levels(const tw_levels *levels, const tw_zero_rule *zero,
                       const tw_closed_form *form, tw_laplace *x) {
    char why[200];
    double norm = 0.0;
    for (size_t i = 0; i < levels->count; i++) norm = fmax(norm, fabs(levels->rows[i].value));
    sum_levels(levels, zero, norm, x);
    x->zero_modes = zero->zero;
    x->zero = *zero;
    tw_zero_rule_explain(zero, why, sizeof why);
    if (why[0]) refuse(x, why);
    if (zero->negative > 0) refuse(x, "no minimum modulo symmetry: strict saddle");
    if (x->zero_modes != form->orbit_zero_modes)
        refuse(x, "zero modes that no rotation of a hidden space explains");
}

tw_status tw_free_energy_of_form(const tw_closed_form *form, tw_laplace *x) {
    tw_status status = TW_OK;
    tw_sectors sectors = {0};
    *x = (tw_laplace){.defined = true,
                      .loss = form->loss,
                      .loss_error = 4.0 * DBL_EPSILON * form->loss,
                      .parameters = form->parameters,
                      .log_det = tw_estimate_unknown(),
                      .smallest = (double)INFINITY};
    if (!form->exists) {
        refuse(x, "there is no such point beyond its fold");
        return TW_OK;
    }
    x->log_copies = copies_of_blocks(form);
    TW_TRY(volume_of_form(form, x));
    if (!form->has_spectrum) TW_TRY(levels_by_sectors(form, &sectors));
    if (form->has_spectrum)
        use_levels(&form->levels, &form->zero, form, x);
    else
        use_levels(&sectors.levels, &sectors.zero, form, x);
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}
