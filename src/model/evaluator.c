/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evaluator's memory and its outward faces; the passes are in passes.c, the product in
 * product.c. */
#include "model/evaluator_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

/* Doubles that all arrays of one block of directions may take together: half a megabyte, so that
 * they stay in the second-level cache. Stacking directions pays where products are too small for
 * BLAS; once the arrays fall out of the cache it costs more than it gains (measured at d = 64, N =
 * 100: blocks of 16 take twice the time a vector). */
#define CHUNK_DOUBLES ((size_t)1 << 16)
#define CHUNK_MAX 32

static size_t widest(const tw_dufm *model) {
    size_t widest = 0;
    for (size_t l = 0; l <= model->layers; l++)
        if (model->widths[l] > widest) widest = model->widths[l];
    return widest;
}

static size_t largest_weight(const tw_dufm *model) {
    size_t largest = 0;
    for (size_t l = 1; l <= model->layers; l++) {
        size_t entries = model->widths[l] * model->widths[l - 1];
        if (entries > largest) largest = entries;
    }
    return largest;
}

static size_t choose_chunk(const tw_dufm *model) {
    size_t entries = widest(model) * model->samples;
    if (largest_weight(model) > entries) entries = largest_weight(model);
    size_t chunk = CHUNK_DOUBLES / (entries * (model->layers + 3));
    if (chunk < 1) return 1;
    return chunk > CHUNK_MAX ? CHUNK_MAX : chunk;
}

static tw_status allocate_layers(const tw_dufm *model, size_t from, size_t to, size_t k,
                                 double **layers) {
    tw_status status = TW_OK;
    for (size_t l = from; l <= to; l++)
        TW_TRY(TW_NEW(layers[l], model->widths[l] * model->samples * k));
cleanup:
    return status;
}

static tw_status allocate_point(tw_evaluator *evaluator) {
    tw_status status = TW_OK;
    const tw_dufm *model = &evaluator->model;
    size_t layers = model->layers;
    TW_TRY(TW_NEW(evaluator->A, layers + 1));
    TW_TRY(TW_NEW(evaluator->D, layers + 1));
    TW_TRY(allocate_layers(model, 1, layers, 1, evaluator->A));
    TW_TRY(allocate_layers(model, 1, layers, 1, evaluator->D));
    TW_TRY(TW_NEW(evaluator->P, tw_dufm_classes(model) * model->samples));
    if (model->activation->linear) goto cleanup;
    TW_TRY(TW_NEW(evaluator->first, layers + 1));
    TW_TRY(TW_NEW(evaluator->curvature, layers + 1));
    TW_TRY(allocate_layers(model, 1, layers - 1, 1, evaluator->first));
    TW_TRY(allocate_layers(model, 1, layers - 1, 1, evaluator->curvature));
cleanup:
    return status;
}

/* Entries of the array RD[index]: a value puts layer l into RD[l % 2] and what the loss keeps into
 * the one that then follows; a product alternates from RD_L in RD[0] down to RD_0, which for a
 * single direction is written where it belongs; and a signal of one sample goes through both. */
static size_t alternating_entries(const tw_dufm *model, size_t chunk, size_t index) {
    size_t layers = model->layers, rows = tw_dufm_classes(model);
    for (size_t l = chunk == 1 ? 1 : 0; l <= layers; l++) {
        bool used = (l > 0 && l % 2 == index) || (layers - l) % 2 == index;
        if (used && model->widths[l] > rows) rows = model->widths[l];
    }
    size_t entries = rows * model->samples * chunk;
    return entries > widest(model) ? entries : widest(model);
}

static tw_status allocate_product(tw_evaluator *evaluator) {
    tw_status status = TW_OK;
    const tw_dufm *model = &evaluator->model;
    size_t chunk = evaluator->chunk, layers = model->layers;
    size_t weights = largest_weight(model) * chunk;
    TW_TRY(TW_NEW(evaluator->R, layers + 1));
    TW_TRY(TW_NEW(evaluator->RS, layers + 1));
    TW_TRY(allocate_layers(model, chunk > 1 ? 0 : 1, layers, chunk, evaluator->R));
    for (size_t l = 1; l < layers; l++) {
        if (model->activation->linear)
            evaluator->RS[l] = evaluator->R[l];
        else
            TW_TRY(TW_NEW(evaluator->RS[l], model->widths[l] * model->samples * chunk));
    }
    for (size_t i = 0; i < 2; i++)
        TW_TRY(TW_NEW(evaluator->RD[i], alternating_entries(model, chunk, i)));
    if (chunk == 1) goto cleanup;
    TW_TRY(TW_NEW(evaluator->Q_rows, weights));
    TW_TRY(TW_NEW(evaluator->Q_cols, weights));
    TW_TRY(TW_NEW(evaluator->out_rows, weights));
    TW_TRY(TW_NEW(evaluator->out_cols, weights));
cleanup:
    return status;
}

tw_status tw_evaluator_create_passes(const tw_dufm *model, tw_evaluator **evaluator) {
    tw_status status = TW_OK;
    tw_evaluator *created = NULL;
    TW_TRY(TW_NEW(created, 1));
    TW_TRY(tw_dufm_copy(&created->model, model));
    TW_TRY(allocate_point(created));
    *evaluator = created;
    created = NULL;
cleanup:
    tw_evaluator_destroy(created);
    return status;
}

tw_status tw_evaluator_create(const tw_dufm *model, tw_evaluator **evaluator) {
    tw_status status = TW_OK;
    tw_evaluator *created = NULL;
    TW_TRY(tw_dufm_check(model));
    TW_TRY(tw_evaluator_create_passes(model, &created));
    created->chunk = choose_chunk(model);
    TW_TRY(TW_NEW(created->point, tw_dufm_parameters(model)));
    TW_TRY(allocate_product(created));
    *evaluator = created;
    created = NULL;
cleanup:
    tw_evaluator_destroy(created);
    return status;
}

static void free_layers(double **arrays, size_t layers) {
    for (size_t l = 0; arrays && l <= layers; l++) free(arrays[l]);
    free(arrays);
}

void tw_evaluator_destroy(tw_evaluator *evaluator) {
    if (evaluator == NULL) return;
    size_t layers = evaluator->model.layers;
    tw_draft_clear(&evaluator->draft);
    tw_bent_draft_clear(&evaluator->bent);
    if (evaluator->first == NULL)
        free(evaluator->RS); /* borrowed its layers from R */
    else
        free_layers(evaluator->RS, layers);
    free_layers(evaluator->A, layers);
    free_layers(evaluator->D, layers);
    free_layers(evaluator->first, layers);
    free_layers(evaluator->curvature, layers);
    free_layers(evaluator->R, layers);
    free(evaluator->point);
    free(evaluator->P);
    free(evaluator->RD[0]);
    free(evaluator->RD[1]);
    free(evaluator->Q_rows);
    free(evaluator->Q_cols);
    free(evaluator->out_rows);
    free(evaluator->out_cols);
    tw_dufm_clear(&evaluator->model);
    free(evaluator);
}

/* A forward pass, and where its arrays are kept the backward one: theta becomes the point of the
 * linearisation. gradient: P, or NULL. */
static tw_status run(tw_evaluator *evaluator, const double *theta, tw_pass pass, double *gradient,
                     tw_terms *terms) {
    if (pass == TW_PASS_KEEP) {
        evaluator->linearised = false;
        evaluator->draft_distance = 0.0;
    }
    *terms = tw_evaluator_forward(evaluator, theta, pass);
    if (!isfinite(terms->fit + terms->penalty))
        return tw_fail(TW_ERR_NUMERIC, "the loss is not finite (fit %g, penalty %g)", terms->fit,
                       terms->penalty);
    if (pass == TW_PASS_VALUE) return TW_OK;
    tw_evaluator_backward(evaluator, theta, gradient);
    if (theta != evaluator->point)
        tw_copy(tw_dufm_parameters(&evaluator->model), theta, evaluator->point);
    evaluator->linearised = true;
    return TW_OK;
}

static tw_status eval(void *self, const double *theta, double *value, double *gradient) {
    tw_evaluator *evaluator = self;
    tw_terms terms;
    tw_status status =
        run(evaluator, theta, gradient ? TW_PASS_KEEP : TW_PASS_VALUE, gradient, &terms);
    evaluator->fit = terms.fit;
    evaluator->penalty = terms.penalty;
    *value = terms.fit + terms.penalty;
    return status;
}

tw_status tw_evaluator_linearise(tw_evaluator *evaluator, const double *theta) {
    tw_terms terms;
    size_t bytes = tw_dufm_parameters(&evaluator->model) * sizeof *theta;
    if (evaluator->linearised && memcmp(theta, evaluator->point, bytes) == 0) return TW_OK;
    return run(evaluator, theta, TW_PASS_KEEP, NULL, &terms);
}

tw_status tw_evaluator_part_apply(void *self, size_t k, const double *V, size_t ldv, double *Y,
                                  size_t ldy) {
    const tw_part_product *of = self;
    size_t chunk = of->evaluator->chunk;
    tw_status status = tw_evaluator_linearise(of->evaluator, of->theta);
    if (status != TW_OK) return status;
    for (size_t j = 0; j < k; j += chunk) {
        size_t count = k - j < chunk ? k - j : chunk;
        tw_evaluator_product(of, count, V + j * ldv, ldv, Y + j * ldy, ldy);
    }
    return TW_OK;
}

static tw_status hessian(void *self, const double *theta, size_t k, const double *V, size_t ldv,
                         double *Y, size_t ldy) {
    tw_part_product whole = {self, theta, TW_PART_ALL};
    return tw_evaluator_part_apply(&whole, k, V, ldv, Y, ldy);
}

static bool may_draft(const tw_dufm *model) {
    return tw_draft_may_pay(model) || tw_bent_draft_may_pay(model);
}

static bool has_draft(const tw_evaluator *evaluator) {
    return evaluator->draft.usable || evaluator->bent.usable;
}

/* One that is nearer than it was asked for will do; whether there is none is kept as well. */
static tw_status find_draft(tw_evaluator *evaluator, const tw_beside *at) {
    tw_status status = TW_OK;
    const tw_dufm *model = &evaluator->model;
    TW_TRY(tw_evaluator_linearise(evaluator, at->x));
    bool known = evaluator->draft_distance > 0.0 &&
                 (has_draft(evaluator) ? evaluator->draft_distance <= at->distance
                                       : evaluator->draft_distance >= at->distance);
    if (known) return TW_OK;
    if (model->activation->linear)
        TW_TRY(tw_draft_make(model, at, evaluator->D[model->layers], &evaluator->draft));
    else
        TW_TRY(tw_bent_draft_make(evaluator, at->distance, &evaluator->bent));
    evaluator->draft_distance = at->distance;
cleanup:
    return status;
}

/* A draft is looked for at the first of its products at a point. */
static tw_status draft(void *self, const tw_beside *at, size_t k, const double *V, size_t ldv,
                       double *Y, size_t ldy) {
    tw_evaluator *evaluator = self;
    tw_status status = find_draft(evaluator, at);
    if (status != TW_OK) return status;
    if (!has_draft(evaluator)) return hessian(self, at->x, k, V, ldv, Y, ldy);
    const tw_logits logits = tw_evaluator_kept_logits(evaluator);
    for (size_t j = 0; j < k; j++)
        if (evaluator->draft.usable)
            tw_draft_product(&evaluator->draft, &logits, V + j * ldv, Y + j * ldy);
        else
            tw_bent_draft_product(evaluator, V + j * ldv, Y + j * ldy);
    return TW_OK;
}

tw_status tw_evaluator_part_draft(void *self, size_t k, const double *V, size_t ldv, double *Y,
                                  size_t ldy) {
    const tw_part_product *of = self;
    const tw_beside at = {of->theta, TW_BESIDE_ROUNDING};
    if (of->part != TW_PART_ALL || !may_draft(&of->evaluator->model))
        return tw_evaluator_part_apply(self, k, V, ldv, Y, ldy);
    return draft(of->evaluator, &at, k, V, ldv, Y, ldy);
}

const char *tw_hessian_part_name(size_t index) {
    static const char *const names[] = {"all", "data", "gauss-newton", "residual"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

tw_objective tw_evaluator_objective(tw_evaluator *evaluator) {
    return (tw_objective){.n = tw_dufm_parameters(&evaluator->model),
                          .eval = eval,
                          .hessian = hessian,
                          .draft = may_draft(&evaluator->model) ? draft : NULL,
                          .self = evaluator};
}

const tw_dufm *tw_evaluator_model(const tw_evaluator *evaluator) {
    return &evaluator->model;
}

double tw_evaluator_fit(const tw_evaluator *evaluator) {
    return evaluator->fit;
}

double tw_evaluator_penalty(const tw_evaluator *evaluator) {
    return evaluator->penalty;
}

const double *tw_evaluator_logits(const tw_evaluator *evaluator) {
    return evaluator->A[evaluator->model.layers];
}

const double *tw_evaluator_logit_gradient(const tw_evaluator *evaluator) {
    return evaluator->D[evaluator->model.layers];
}

const double *tw_evaluator_signals(const tw_evaluator *evaluator, size_t l) {
    return evaluator->D[l];
}

tw_status tw_evaluator_hold(tw_evaluator *evaluator, size_t count, tw_held *held, double weight) {
    const tw_dufm *model = &evaluator->model;
    if (count > 0 && model->activation->linear)
        return tw_fail(TW_ERR_ARGUMENT, "a linear model has no pre-activations to hold");
    for (size_t i = 0; i < count; i++)
        if (held[i].layer == 0 || held[i].layer >= model->layers ||
            held[i].unit >= model->widths[held[i].layer] || held[i].sample >= model->samples)
            return tw_fail(TW_ERR_ARGUMENT, "no entry (%zu, %zu) of a hidden layer %zu to hold",
                           held[i].unit, held[i].sample, held[i].layer);
    evaluator->held = held;
    evaluator->held_count = count;
    evaluator->held_weight = weight;
    evaluator->linearised = false;
    return TW_OK;
}

double *tw_evaluator_slopes(tw_evaluator *evaluator, size_t l) {
    evaluator->linearised = false; /* the caller may write */
    return evaluator->first ? evaluator->first[l] : NULL;
}

void tw_evaluator_regrade(tw_evaluator *evaluator, double *gradient) {
    evaluator->linearised = false; /* curvature is spoilt */
    tw_evaluator_backward(evaluator, evaluator->point, gradient);
}

const double *tw_evaluator_activations(const tw_evaluator *evaluator, size_t l) {
    return evaluator->A[l];
}

/* The arrays of allocate_point and allocate_product, and the point of the linearisation. */
void tw_evaluator_cost(const tw_dufm *model, tw_cost *cost) {
    size_t together = choose_chunk(model);
    double N = (double)model->samples, chunk = (double)together, units = 0.0;
    double hidden = 0.0, weights = 0.0, classes = (double)tw_dufm_classes(model);
    for (size_t l = 1; l <= model->layers; l++) {
        double rows = (double)model->widths[l];
        units += rows;
        if (l < model->layers) hidden += rows;
        weights += rows * (double)model->widths[l - 1];
    }
    double at_point = 2.0 * units + classes;
    double directions = units;
    double alternating = (double)alternating_entries(model, together, 0) +
                         (double)alternating_entries(model, together, 1);
    if (!model->activation->linear) {
        at_point += 2.0 * hidden;
        directions += hidden;
    }
    if (chunk > 1.0) directions += (double)model->widths[0];
    double stacked = chunk > 1.0 ? 4.0 * chunk * (double)largest_weight(model) : 0.0;
    double point = (double)tw_dufm_parameters(model);
    *cost = (tw_cost){
        .bytes = 8.0 * (point + N * (at_point + chunk * directions) + alternating + stacked) +
                 tw_draft_bytes(model) + tw_bent_draft_bytes(model),
        .flops = 12.0 * N * weights};
}
