/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models and points on which claims are tried, and what the dense route says of them. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/model/initialisation.h>
#include <thalweg/optima/balanced.h>
#include <thalweg/optima/construction.h>
#include <thalweg/training/newton.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"

static size_t samples_of(const tw_claim_case *given, size_t k) {
    return given->samples + (given->uneven ? k : 0);
}

tw_status tw_claim_model(const tw_claim_case *given, tw_dufm *model) {
    tw_status status = TW_OK;
    size_t samples = 0, at = 0;
    for (size_t k = 0; k < given->classes; k++) samples += samples_of(given, k);
    TW_TRY(tw_dufm_init(model, given->layers, samples));
    for (size_t l = 0; l < given->layers; l++) {
        model->widths[l] = given->width;
        model->lambda_W[l] = given->lambda;
    }
    model->widths[given->layers] = given->classes;
    model->lambda_H = given->feature_lambda;
    for (size_t k = 0; k < given->classes; k++)
        for (size_t i = 0; i < samples_of(given, k); i++) model->labels[at++] = (int)k;
    model->loss = tw_loss_find(given->loss);
    model->activation = tw_activation_find("linear");
    TW_TRY(tw_dufm_check(model));
cleanup:
    return status;
}

tw_status tw_claim_point(const tw_claim_case *given, const double *Z, uint64_t seed,
                         tw_point *point) {
    tw_status status = TW_OK;
    tw_dufm model = {0};
    double *sizes = NULL;
    TW_TRY(tw_claim_model(given, &model));
    TW_TRY(TW_NEW(sizes, given->classes));
    for (size_t k = 0; k < given->classes; k++) sizes[k] = (double)samples_of(given, k);
    const tw_class_logits logits = {
        Z, sizes, model.layers, model.widths, model.lambda_W, model.lambda_H, model.loss};
    TW_TRY(tw_balanced_point(&logits, seed, point));
cleanup:
    tw_dufm_clear(&model);
    free(sizes);
    return status;
}

tw_status tw_claim_closed(const tw_claim_case *given, const char *name, uint64_t seed, bool *exists,
                          tw_point *point) {
    tw_status status = TW_OK;
    tw_dufm model = {0};
    tw_construct_result made = {0};
    tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
    options.gauge_seed = seed;
    TW_TRY(tw_claim_model(given, &model));
    TW_TRY(tw_construct(&model, name, &options, &made, point));
    *exists = made.exists;
cleanup:
    tw_construct_result_clear(&made);
    tw_dufm_clear(&model);
    return status;
}

/* Start number `index`, brought to rounding in place. */
static tw_status descend(const tw_point *point, const tw_initialisation *law, uint64_t seed,
                         size_t index, tw_newton_result *newton) {
    tw_status status = TW_OK;
    tw_evaluator *evaluator = NULL;
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    options.tolerance = 1e-14;
    TW_TRY(tw_evaluator_create(&point->model, &evaluator));
    TW_TRY(tw_initialise(&point->model, law, seed, index, point->theta));
    const tw_objective objective = tw_evaluator_objective(evaluator);
    TW_TRY(tw_newton(&objective, &options, point->theta, newton));
cleanup:
    tw_evaluator_destroy(evaluator);
    return status;
}

tw_status tw_claim_lowest(const tw_claim_case *given, uint64_t seed, size_t starts,
                          tw_point *point) {
    tw_status status = TW_OK;
    tw_point trial = {0};
    tw_initialisation law = {0};
    double *best = NULL, lowest = INFINITY;
    TW_TRY(tw_claim_model(given, &trial.model));
    size_t n = tw_dufm_parameters(&trial.model);
    TW_TRY(TW_NEW(trial.theta, n));
    TW_TRY(TW_NEW(best, n));
    TW_TRY(tw_initialisation_parse(&trial.model, "normal:1", &law));
    for (size_t i = 0; i < starts; i++) {
        tw_newton_result newton;
        TW_TRY(descend(&trial, &law, seed, i, &newton));
        if (newton.value < lowest) tw_copy(n, trial.theta, best);
        lowest = fmin(lowest, newton.value);
    }
    tw_copy(n, best, trial.theta);
    *point = trial;
    trial = (tw_point){0};
cleanup:
    tw_initialisation_clear(&law);
    tw_point_clear(&trial);
    free(best);
    return status;
}

/* ---- The dense route ---- */

static tw_status logit_side(tw_evaluator *evaluator, const tw_point *point, tw_claim_view *view) {
    tw_status status = TW_OK;
    size_t K = tw_dufm_classes(&point->model), N = point->model.samples;
    double *copy = NULL;
    view->sigma_count = K < N ? K : N;
    TW_TRY(TW_NEW(view->sigma, view->sigma_count));
    TW_TRY(TW_NEW(copy, K * N));
    tw_copy(K * N, tw_evaluator_logits(evaluator), copy);
    TW_TRY(tw_singular_values(K, N, copy, view->sigma, NULL, NULL));
    for (size_t i = 0; i < view->sigma_count; i++)
        view->rank += view->sigma[i] > 1e-6 * fmax(view->sigma[0], 1e-6);
    tw_copy(K * N, tw_evaluator_logit_gradient(evaluator), copy);
    TW_TRY(tw_singular_values(K, N, copy, view->sigma, NULL, NULL));
cleanup:
    free(copy);
    return status;
}

tw_status tw_claim_look(const tw_point *point, tw_claim_view *view) {
    tw_status status = TW_OK;
    tw_evaluator *evaluator = NULL;
    tw_degeneracy_result modes = {0};
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    *view = (tw_claim_view){0};
    options.budget.dense_limit = 32000;
    TW_TRY(tw_evaluator_create(&point->model, &evaluator));
    const tw_objective objective = tw_evaluator_objective(evaluator);
    TW_TRY(tw_degeneracy_analyse(&objective, point->theta, &options, &modes));
    TW_TRY(tw_evaluator_linearise(evaluator, point->theta));
    TW_TRY(logit_side(evaluator, point, view));
    view->loss = modes.value;
    view->gradient_norm = modes.gradient_norm;
    view->norm = modes.norm;
    view->stationary =
        modes.gradient_norm / (modes.norm * fmax(1.0, tw_norm(NULL, objective.n, point->theta)));
    view->negative = modes.negative_modes;
    view->zero = modes.zero_modes;
    view->counted = modes.counted && modes.verdict != TW_VERDICT_AMBIGUOUS;
    if (modes.all.count == objective.n) {
        view->smallest = modes.all.values[0];
        view->largest = modes.all.values[objective.n - 1];
    }
cleanup:
    if (status != TW_OK) tw_claim_view_clear(view);
    tw_degeneracy_result_clear(&modes);
    tw_evaluator_destroy(evaluator);
    return status;
}

void tw_claim_view_clear(tw_claim_view *view) {
    free(view->sigma);
    *view = (tw_claim_view){0};
}

/* ---- Partitions ---- */

/* The partition after parts[0 .. count-1] (descending, each >= 2, sum K) in reverse lexical order;
 * 0: that was the last. */
static size_t next_partition(size_t K, size_t *parts, size_t count) {
    while (count > 0) {
        size_t rest = 0;
        size_t lower = --parts[--count], sum = 0;
        for (size_t i = 0; i < count; i++) sum += parts[i];
        if (lower < 2) continue;
        for (parts[count++] = lower, rest = K - sum - lower; rest > 0;) {
            size_t part = rest < lower ? rest : lower;
            if (rest - part == 1) part--;
            if (part < 2) break;
            parts[count++] = part;
            rest -= part;
        }
        if (rest == 0) return count;
    }
    return 0;
}

bool tw_claim_partition(size_t K, size_t at, char *name, size_t room) {
    size_t parts[64], count = 1;
    if (K > 64) return false;
    parts[0] = K;
    for (size_t i = 0; i <= at; i++)
        if ((count = next_partition(K, parts, count)) == 0) return false;
    snprintf(name, room, "blocks:");
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(name);
        snprintf(name + used, room - used, "%s%zu", i ? "," : "", parts[i]);
    }
    return true;
}
