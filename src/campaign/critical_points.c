/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which critical points are the same, and what a new one is. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/certificate/certificate.h>
#include <thalweg/examination/examination.h>
#include <thalweg/operator/hessian.h>

#include "base/alloc_private.h"
#include "campaign/critical_private.h"
#include "dense/vector_private.h"
#include "model/class_means_private.h"

/* A place for one more point. */
static tw_status make_room(tw_critical_run *s) {
    if (s->result->count < s->room) return TW_OK;
    size_t room = 2 * s->room + 16;
    tw_finding *points = tw_resize(s->result->points, room, sizeof *points);
    if (points == NULL) return TW_ERR_MEMORY;
    s->result->points = points;
    tw_critical_place *places = tw_resize(s->places, room, sizeof *places);
    if (places == NULL) return TW_ERR_MEMORY;
    s->places = places;
    s->room = room;
    return TW_OK;
}

/* ---- Identity ---- */

/* How far the logits may be off: every factor by ||g|| over the smallest eigenvalue that is not
 * zero, times the others. */
static double slack(const tw_critical_run *s, const tw_examination *e) {
    double depth = (double)s->model->layers, nearest = fabs(e->degeneracy.smallest_nonzero);
    const tw_shape *shape = &e->after.shape;
    double top = shape->logit_count ? shape->logit_singular_values[0] : 0.0;
    double off = nearest > 0.0 ? e->after.gradient_norm / nearest : 0.0;
    return (depth + 1.0) * pow(fmax(top, 1e-300), depth / (depth + 1.0)) * off;
}

/* Factors show a rank better than logits, where the L + 1 of them are multiplied. */
static size_t rank_of(const tw_critical_run *s, const tw_examination *e) {
    bool linear = s->model->activation->linear && e->space_count > 0;
    return linear ? e->spaces[0].rank : e->after.shape.logit_rank;
}

/* Minima and saddles are compared alike: what tells a point is where it is. */
static tw_status identify(tw_critical_run *s, const tw_examination *e, size_t *class) {
    const tw_shape *shape = &e->after.shape;
    tw_status status = tw_evaluator_linearise(s->evaluator, s->theta);
    if (status == TW_OK)
        status = tw_class_means(s->model, s->K, tw_evaluator_logits(s->evaluator), s->class_logits);
    if (status != TW_OK) return status;
    const tw_signature signature = {.state = TW_STATE_MINIMUM,
                                    .loss = e->after.loss,
                                    .slack = slack(s, e),
                                    .rank = rank_of(s, e),
                                    .singular_count = shape->logit_count,
                                    .singular_values = shape->logit_singular_values,
                                    .class_logits = s->class_logits};
    return tw_matcher_add(s->matcher, &signature, class);
}

/* A family of critical points beyond the symmetry orbit, or one that double precision cannot tell
 * from it: where in it a search ends says nothing. Its members share loss and singular values. */
static bool is_loose(const tw_examination *e) {
    return e->degeneracy.unexplained != 0 || e->degeneracy.verdict == TW_VERDICT_AMBIGUOUS;
}

static bool same_family(const tw_critical_run *s, size_t i, const tw_examination *e) {
    const tw_finding *p = &s->result->points[i];
    const tw_shape *shape = &e->after.shape;
    double tolerance = s->options->match.tolerance;
    double top = shape->logit_count ? shape->logit_singular_values[0] : 0.0;
    if (!s->places[i].loose || p->rank != rank_of(s, e)) return false;
    if (!(fabs(p->loss - e->after.loss) <= tolerance * (1.0 + fabs(p->loss)))) return false;
    for (size_t k = 0; k < shape->logit_count; k++) {
        double off = fabs(s->places[i].values[k] - shape->logit_singular_values[k]);
        if (!(off <= tolerance * (1.0 + top))) return false;
    }
    return true;
}

/* The point found before that this one is; TW_NO_POINT: none. Where logits do not tell points
 * apart, their modes do. */
static size_t find_point(const tw_critical_run *s, const tw_examination *e, size_t class) {
    const tw_degeneracy_result *d = &e->degeneracy;
    for (size_t i = 0; i < s->result->count; i++) {
        const tw_finding *p = &s->result->points[i];
        bool same = s->places[i].class == class && !s->places[i].loose &&
                    p->index == d->negative_modes && p->zero_modes == d->zero_modes;
        if (is_loose(e) ? same_family(s, i, e) : same) return i;
    }
    return TW_NO_POINT;
}

/* Remember what tells the next point apart; there is room for it. */
static tw_status remember(tw_critical_run *s, const tw_examination *e, size_t class) {
    const tw_shape *shape = &e->after.shape;
    tw_critical_place *at = &s->places[s->result->count];
    *at = (tw_critical_place){.class = class, .loose = is_loose(e)};
    tw_status status = TW_NEW(at->values, shape->logit_count);
    if (status == TW_OK) tw_copy(shape->logit_count, shape->logit_singular_values, at->values);
    return status;
}

/* ---- A new point ---- */

/* The unit eigenvector of the smallest eigenvalue. */
static tw_status find_direction(tw_critical_run *s, tw_finding *finding) {
    tw_status status = TW_OK;
    tw_hessian hessian = tw_hessian_at(&s->objective, s->theta);
    tw_dense_result dense = {0};
    tw_dense_options options = TW_DENSE_DEFAULTS;
    options.keep_vectors = true;
    options.monitor = &s->monitor;
    tw_linop H = tw_hessian_linop(&hessian);
    TW_TRY(tw_spectrum_dense(&H, &options, &dense));
    if (dense.cancelled) TW_TRY(tw_fail(TW_STOPPED, "ended while a direction was sought"));
    TW_TRY(TW_NEW(finding->direction, s->n));
    tw_copy(s->n, dense.pairs.vectors, finding->direction);
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

static tw_status certify(tw_critical_run *s, tw_finding *finding) {
    tw_status status = TW_OK;
    tw_certificate certificate;
    tw_certificate_options options = TW_CERTIFICATE_DEFAULTS;
    const tw_point point = {*s->model, finding->theta};
    TW_TRY(find_direction(s, finding));
    options.monitor = &s->monitor;
    TW_TRY(tw_certificate_prove(&point, finding->direction, &options, &certificate));
    if (certificate.reason == TW_CERTIFICATE_CANCELLED)
        TW_TRY(tw_fail(TW_STOPPED, "ended while a saddle was certified"));
    finding->certified = certificate.proved;
    finding->rayleigh = certificate.rayleigh.value;
    finding->rayleigh_lower = certificate.rayleigh.lower;
    finding->rayleigh_upper = certificate.rayleigh.upper;
    finding->gradient_upper = certificate.gradient.upper;
    if (!certificate.proved) goto cleanup;
    /* Whatever is doubtful about the other modes, this one is negative. */
    snprintf(finding->verdict, sizeof finding->verdict, "%s",
             tw_verdict_name(TW_VERDICT_STRICT_SADDLE));
    finding->step = certificate.step;
    finding->decrease = certificate.decrease;
cleanup:
    return status;
}

static bool has_name(const tw_critical_run *s, const char *name) {
    for (size_t i = 0; i < s->result->count; i++)
        if (strcmp(s->result->points[i].name, name) == 0) return true;
    return false;
}

/* Different points may have the same figures: K = 4 has two of rank 1 at L = 1. The later ones are
 * numbered. */
static void set_name(const tw_critical_run *s, const char *name, tw_finding *finding) {
    snprintf(finding->name, sizeof finding->name, "%s", name);
    for (size_t i = 2; has_name(s, finding->name); i++)
        snprintf(finding->name, sizeof finding->name, "%.60s-%zu", name, i);
}

static void describe(const tw_critical_run *s, const tw_examination *e, size_t class, size_t start,
                     tw_finding *finding) {
    const tw_degeneracy_result *d = &e->degeneracy;
    *finding = (tw_finding){.loss = e->after.loss,
                            .gradient_norm = e->after.gradient_norm,
                            .norm = d->norm,
                            .smallest = d->smallest,
                            .rank = rank_of(s, e),
                            .index = d->negative_modes,
                            .zero_modes = d->zero_modes,
                            .symmetry_modes = d->symmetry_modes,
                            .first = start,
                            .rayleigh = NAN,
                            .rayleigh_lower = NAN,
                            .rayleigh_upper = NAN,
                            .gradient_upper = NAN,
                            .step = NAN,
                            .decrease = NAN,
                            .parameters = s->n};
    set_name(s, tw_matcher_class(s->matcher, class).name, finding);
    snprintf(finding->verdict, sizeof finding->verdict, "%s", tw_verdict_name(d->verdict));
    snprintf(finding->doubt, sizeof finding->doubt, "%s", d->doubt);
}

static tw_status add_point(tw_critical_run *s, const tw_examination *e, size_t class,
                           size_t start) {
    tw_status status = TW_OK;
    tw_finding finding;
    describe(s, e, class, start, &finding);
    TW_TRY(make_room(s));
    TW_TRY(TW_NEW(finding.theta, s->n));
    tw_copy(s->n, s->theta, finding.theta);
    if (finding.index > 0) TW_TRY(certify(s, &finding));
    TW_TRY(remember(s, e, class));
    s->result->points[s->result->count++] = finding;
    return TW_OK;
cleanup:
    tw_finding_clear(&finding);
    return status;
}

/* ---- The search's view ---- */

static tw_status examine(tw_critical_run *s, tw_examination *e) {
    tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    options.rank_tolerance = s->options->rank_tolerance;
    options.polish = false;
    options.degeneracy.budget.monitor = &s->monitor;
    tw_status status = tw_point_examine(s->evaluator, &options, s->theta, e);
    if (status != TW_OK || !e->degeneracy.cancelled) return status;
    tw_examination_clear(e);
    return tw_fail(TW_STOPPED, "ended while a point was examined");
}

tw_status tw_critical_classify(tw_critical_run *s, size_t start, size_t *point, bool *fresh) {
    tw_status status = TW_OK;
    tw_examination e = {0};
    size_t class;
    *point = TW_NO_POINT;
    *fresh = false;
    TW_TRY(examine(s, &e));
    if (e.degeneracy.verdict == TW_VERDICT_NOT_STATIONARY) goto cleanup;
    TW_TRY(identify(s, &e, &class));
    *point = find_point(s, &e, class);
    *fresh = *point == TW_NO_POINT;
    if (!*fresh) goto cleanup;
    *point = s->result->count;
    TW_TRY(add_point(s, &e, class, start));
cleanup:
    tw_examination_clear(&e);
    return status;
}

tw_status tw_critical_take(tw_critical_run *s, const tw_finding *finding) {
    tw_status status = TW_OK;
    tw_examination e = {0};
    tw_finding taken = *finding;
    size_t class;
    taken.theta = taken.direction = NULL;
    if (finding->parameters != s->n)
        return tw_fail(TW_ERR_DATA, "a point of %zu parameters, the model has %zu",
                       finding->parameters, s->n);
    TW_TRY(make_room(s));
    tw_copy(s->n, finding->theta, s->theta);
    TW_TRY(examine(s, &e));
    TW_TRY(identify(s, &e, &class));
    TW_TRY(TW_NEW(taken.theta, s->n));
    tw_copy(s->n, finding->theta, taken.theta);
    if (finding->direction) {
        TW_TRY(TW_NEW(taken.direction, s->n));
        tw_copy(s->n, finding->direction, taken.direction);
    }
    TW_TRY(remember(s, &e, class));
    s->result->points[s->result->count++] = taken;
    taken.theta = taken.direction = NULL;
cleanup:
    tw_finding_clear(&taken);
    tw_examination_clear(&e);
    return status;
}
