/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/certificate/certification.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/operator/hessian.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

void tw_certification_clear(tw_certification *certification) {
    if (certification == NULL) return;
    tw_examination_clear(&certification->examination);
    free(certification->direction);
    certification->direction = NULL;
}

/* One certification under way; theta is the polished point. */
typedef struct work {
    tw_evaluator *evaluator;
    const tw_certification_options *options;
    const double *theta;
    size_t n;
    double *lowest;      /* n: eigenvector of the smallest eigenvalue; zero when there is none */
    double *closed_form; /* n: zero when there is none */
    tw_certification *c;
} work;

static bool is_zero(size_t n, const double *v) {
    return tw_norm(NULL, n, v) == 0.0;
}

/* ---- Eigenvectors ---- */

/* A unit tangent vector t with ||H t|| <= threshold has at most threshold/|smallest non-zero| of
 * its length outside the null space. A larger angle means that some direction of the tangent is not
 * flat, whatever the numbers of dimensions say. */
static void doubt_null_space(const tw_null_match *match, tw_degeneracy_result *d) {
    double most = isnan(d->smallest_nonzero) ? 1.0 : d->zero.threshold / fabs(d->smallest_nonzero);
    bool definite = d->verdict == TW_VERDICT_MINIMUM || d->verdict == TW_VERDICT_DEGENERATE;
    if (!definite || sin(match->angle) <= most) return;
    char text[160];
    snprintf(text, sizeof text,
             "the tangent space of the symmetry is not within the null space: largest principal "
             "angle %.2g rad",
             match->angle);
    tw_degeneracy_doubt(text, d);
}

/* Null vectors of the dense route are neighbours in ascending order. */
static tw_status match_null_space(work *w, const tw_dense_result *dense) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(w->evaluator);
    const tw_degeneracy_result *d = &w->c->examination.degeneracy;
    tw_symmetry *symmetry = NULL;
    size_t first = d->negative_modes, last = first + d->zero_modes;
    double residual = 0.0;
    for (size_t i = 0; i < w->n; i++) residual = fmax(residual, dense->pairs.residuals[i]);
    const tw_monitor monitor = tw_budget_monitor(&w->options->examination.degeneracy.budget);
    TW_TRY(tw_symmetry_create(model, w->theta, w->options->examination.rank_tolerance, &monitor,
                              &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    TW_TRY(tw_null_space_match(&tangent, w->n, last - first, dense->pairs.vectors + first * w->n,
                               &w->c->null_match));
    w->c->null_match.residual = residual;
    doubt_null_space(&w->c->null_match, &w->c->examination.degeneracy);
cleanup:
    tw_symmetry_destroy(symmetry);
    return status == TW_STOPPED ? TW_OK : status; /* not matched then */
}

static tw_status by_dense_route(work *w, const tw_linop *H) {
    tw_status status = TW_OK;
    const tw_monitor monitor = tw_budget_monitor(&w->options->examination.degeneracy.budget);
    tw_dense_options options = TW_DENSE_DEFAULTS;
    tw_dense_result dense = {0};
    options.keep_vectors = true;
    options.monitor = &monitor;
    TW_TRY(tw_spectrum_dense(H, &options, &dense));
    if (dense.cancelled) goto cleanup;
    if (dense.pairs.values[0] < 0.0) tw_copy(w->n, dense.pairs.vectors, w->lowest);
    if (w->c->examination.degeneracy.counted) TW_TRY(match_null_space(w, &dense));
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

/* Above the dense limit the search has left its pairs. */
static void by_search(work *w) {
    const tw_eigenpairs *low = &w->c->examination.degeneracy.low;
    w->c->null_match.found = w->c->examination.degeneracy.zero_modes;
    w->c->null_match.symmetry = w->c->examination.degeneracy.symmetry_modes;
    w->c->null_match.angle = w->c->null_match.residual = NAN;
    if (low->count > 0 && low->vectors && low->values[0] < 0.0)
        tw_copy(w->n, low->vectors, w->lowest);
}

/* ---- Directions ---- */

static tw_status try_direction(work *w, const double *v, const char *source) {
    tw_status status = TW_OK;
    const tw_point point = {*tw_evaluator_model(w->evaluator), (double *)w->theta};
    tw_certification *c = w->c;
    if (c->certificate.proved || is_zero(w->n, v)) return TW_OK;
    if (c->direction == NULL) TW_TRY(TW_NEW(c->direction, w->n));
    tw_copy(w->n, v, c->direction);
    tw_scale(w->n, 1.0 / tw_norm(NULL, w->n, v), c->direction);
    c->source = source;
    c->tries++;
    const tw_monitor monitor = tw_budget_monitor(&w->options->examination.degeneracy.budget);
    tw_certificate_options options = w->options->certificate;
    options.monitor = &monitor;
    TW_TRY(tw_certificate_prove(&point, c->direction, &options, &c->certificate));
cleanup:
    return status;
}

/* A verdict that leaves no room for a negative mode. */
static bool is_settled(const tw_certification *c) {
    tw_verdict verdict = c->examination.degeneracy.verdict;
    return verdict == TW_VERDICT_MINIMUM || verdict == TW_VERDICT_DEGENERATE;
}

static tw_status certify(work *w) {
    tw_status status = TW_OK;
    const tw_degeneracy_options *counting = &w->options->examination.degeneracy;
    tw_objective objective = tw_evaluator_objective(w->evaluator);
    tw_hessian hessian = tw_hessian_at(&objective, w->theta);
    TW_TRY(tw_point_global_test(w->evaluator, w->theta, w->closed_form, &w->c->global));
    tw_linop H = tw_hessian_linop(&hessian);
    if (w->n <= counting->budget.dense_limit)
        TW_TRY(by_dense_route(w, &H));
    else
        by_search(w);
    if (is_settled(w->c)) goto cleanup;
    if (w->c->global.curvature < 0.0) TW_TRY(try_direction(w, w->closed_form, "closed form"));
    TW_TRY(try_direction(w, w->lowest, "eigenvector"));
cleanup:
    return status;
}

tw_status tw_point_certify(tw_evaluator *evaluator, const tw_certification_options *options,
                           double *theta, tw_certification *certification) {
    tw_status status = TW_OK;
    const tw_certification_options defaults = TW_CERTIFICATION_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_certification made = {.source = "",
                             .certificate = {.rayleigh = {NAN, NAN, NAN},
                                             .gradient = {NAN, NAN, NAN},
                                             .refuted = "",
                                             .reason = TW_CERTIFICATE_NO_DIRECTION}};
    work w = {.evaluator = evaluator,
              .options = options,
              .theta = theta,
              .n = tw_dufm_parameters(tw_evaluator_model(evaluator)),
              .c = &made};
    TW_TRY(TW_NEW(w.lowest, w.n));
    TW_TRY(TW_NEW(w.closed_form, w.n));
    TW_TRY(tw_point_examine(evaluator, &options->examination, theta, &made.examination));
    TW_TRY(certify(&w));
    *certification = made;
    made = (tw_certification){0};
cleanup:
    tw_certification_clear(&made);
    free(w.lowest);
    free(w.closed_form);
    return status;
}

void tw_certification_cost(const tw_dufm *model, const double *theta,
                           const tw_certification_options *options, tw_cost *cost) {
    tw_cost balls;
    tw_certificate_cost(model, &balls);
    tw_examination_cost(model, theta, options ? &options->examination : NULL, cost);
    tw_cost_then(cost, &balls);
}
