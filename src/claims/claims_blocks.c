/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claim (i): the block of one weight matrix in the Hessian of the fit, squared error, at collapse.
 * With g_{i,c} the gradient by W_l of logit c of sample i, the block is (1/N) sum g g^T: the logits
 * are linear in one weight matrix, so that the Gauss-Newton part is all of it. Split by means: over
 * the samples of a class, g_{k,c}, and over the logits, g_k,
 *     within  (1/N) sum (g_{i,c} - g_{k,c})(.)^T
 *     cross   (1/K) sum_{k,c} (g_{k,c} - g_k)(.)^T
 *     class         sum_k g_k g_k^T */
#include "claims/claims_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/operator/restricted.h>
#include <thalweg/spectrum/spectrum.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"

typedef struct block_tally {
    size_t blocks;
    size_t wrong_count;                            /* outliers that are not K^2 */
    size_t wrong_within, wrong_cross, wrong_class; /* ranks that are not 0, K(K-1), K */
    double worst_value;                            /* of an outlier, relative */
    double worst_rest;                             /* largest |eigenvalue| that is none, relative */
} block_tally;

static double entry_of_largest(size_t n, const double *x) {
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(x[i]));
    return largest;
}

/* ---- Outliers ---- */

static void count_outliers(tw_claim_run *run, const tw_eigenpairs *pairs, double K, double outlier,
                           block_tally *t) {
    double said = run->constants[0] * outlier;
    size_t outliers = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        double x = pairs->values[i];
        if (fabs(x) > 0.5 * outlier) {
            outliers++;
            t->worst_value = fmax(t->worst_value, fabs(x - said) / outlier);
        } else
            t->worst_rest = fmax(t->worst_rest, fabs(x) / outlier);
    }
    t->wrong_count += (double)outliers != pow(K, run->constants[1]);
}

static tw_status outliers_of(tw_claim_run *run, tw_evaluator *evaluator, const tw_point *point,
                             size_t l, double outlier, block_tally *t) {
    tw_status status = TW_OK;
    tw_block block = tw_dufm_factor(&point->model, l);
    tw_part_product product = {evaluator, point->theta, TW_PART_DATA};
    const tw_linop whole = {
        .n = tw_dufm_parameters(&point->model), .apply = tw_evaluator_part_apply, .self = &product};
    const tw_slice slice = {block.offset, block.rows * block.cols};
    tw_restricted restricted = {0};
    tw_dense_result dense = {0};
    TW_TRY(tw_restricted_init(&restricted, &whole, 1, &slice));
    const tw_linop own = tw_restricted_linop(&restricted);
    TW_TRY(tw_spectrum_dense(&own, &TW_DENSE_DEFAULTS, &dense));
    count_outliers(run, &dense.pairs, (double)tw_dufm_classes(&point->model), outlier, t);
cleanup:
    tw_dense_result_clear(&dense);
    tw_restricted_clear(&restricted);
    return status;
}

/* ---- The split ---- */

/* Rank of V (m x count), by its Gram matrix. */
static tw_status rank_of(size_t m, size_t count, const double *V, size_t *rank) {
    tw_status status = TW_OK;
    double *gram = NULL, *values = NULL;
    const tw_columns columns = {V, m, count};
    *rank = 0;
    TW_TRY(TW_NEW(gram, count * count));
    TW_TRY(TW_NEW(values, count));
    tw_gram(NULL, m, columns, columns, gram);
    TW_TRY(tw_symmetric_values(count, gram, values));
    for (size_t i = 0; i < count; i++) *rank += values[i] > 1e-10 * values[count - 1];
cleanup:
    free(gram);
    free(values);
    return status;
}

/* mean (m x K x K, out): over the samples of class k, of the gradient by one block of logit c;
 * *within: largest deviation of a sample from it, over the largest entry. */
static tw_status class_gradients(tw_evaluator *evaluator, const tw_point *point, tw_slice slice,
                                 double *mean, double *within) {
    tw_status status = TW_OK;
    const tw_dufm *model = &point->model;
    size_t K = tw_dufm_classes(model), N = model->samples, m = slice.length, n = N / K;
    double *out = NULL, *unit = NULL;
    TW_TRY(TW_NEW(out, tw_dufm_parameters(model)));
    TW_TRY(TW_NEW(unit, K));
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < N; i++)
            for (size_t c = 0; c < K; c++) {
                double *g = mean + m * (c + K * (size_t)model->labels[i]);
                unit[c] = 1.0;
                tw_evaluator_pull_back(evaluator, model->layers, i, unit, out);
                unit[c] = 0.0;
                if (round == 0) tw_axpy(m, 1.0 / (double)n, out + slice.start, g);
                for (size_t j = 0; round == 1 && j < m; j++)
                    *within = fmax(*within, fabs(out[slice.start + j] - g[j]));
            }
    *within /= entry_of_largest(m * K * K, mean);
cleanup:
    free(out);
    free(unit);
    return status;
}

static tw_status split_of(tw_claim_run *run, tw_evaluator *evaluator, const tw_point *point,
                          size_t l, block_tally *t) {
    tw_status status = TW_OK;
    tw_block block = tw_dufm_factor(&point->model, l);
    const tw_slice slice = {block.offset, block.rows * block.cols};
    size_t K = tw_dufm_classes(&point->model), m = slice.length, cross = 0, between = 0;
    double *mean = NULL, *class_mean = NULL, within = 0.0;
    TW_TRY(TW_NEW(mean, m * K * K));
    TW_TRY(TW_NEW(class_mean, m * K));
    TW_TRY(class_gradients(evaluator, point, slice, mean, &within));
    for (size_t k = 0; k < K; k++) {
        double *centre = class_mean + m * k;
        for (size_t c = 0; c < K; c++) tw_axpy(m, 1.0 / (double)K, mean + m * (c + K * k), centre);
        for (size_t c = 0; c < K; c++) tw_axpy(m, -1.0, centre, mean + m * (c + K * k));
    }
    TW_TRY(rank_of(m, K * K, mean, &cross));
    TW_TRY(rank_of(m, K, class_mean, &between));
    t->wrong_within += within > 1e-10;
    t->wrong_cross += (double)cross != (double)K * ((double)K - run->constants[2]);
    t->wrong_class += between != K;
cleanup:
    free(mean);
    free(class_mean);
    return status;
}

static tw_status look_at_blocks(tw_claim_run *run, const tw_claim_case *given, block_tally *t) {
    tw_status status = TW_OK;
    const tw_closed_case closed = {given->classes, given->samples, given->width,
                                   given->layers,  given->lambda,  tw_loss_find("mse")};
    tw_evaluator *evaluator = NULL;
    tw_closed_form form = {0};
    tw_point point = {0};
    bool exists = false;
    TW_TRY(tw_closed_form_solve(&closed, "dnc", &form));
    TW_TRY(tw_claim_closed(given, "dnc", run->seed, &exists, &point));
    if (!exists) TW_TRY(tw_fail(TW_ERR_DATA, "claim i: no collapsed point at %g", given->lambda));
    TW_TRY(tw_evaluator_create(&point.model, &evaluator));
    TW_TRY(tw_evaluator_linearise(evaluator, point.theta));
    double outlier = given->lambda * form.parts[0].scale / form.parts[0].residual;
    for (size_t l = 1; l <= given->layers; l++) {
        TW_TRY(outliers_of(run, evaluator, &point, l, outlier, t));
        TW_TRY(split_of(run, evaluator, &point, l, t));
        t->blocks++;
    }
cleanup:
    tw_evaluator_destroy(evaluator);
    tw_closed_form_clear(&form);
    tw_point_clear(&point);
    return status;
}

tw_status tw_claim_blocks(tw_claim_run *run) {
    tw_status status = TW_OK;
    static const tw_claim_case cases[] = {
        {"mse", 4, 2, 6, 2, 1e-2, 1e-2, false}, {"mse", 3, 2, 5, 3, 1e-2, 1e-2, false},
        {"mse", 5, 1, 5, 1, 5e-3, 5e-3, false}, {"mse", 5, 3, 8, 4, 2e-3, 2e-3, false},
        {"mse", 7, 2, 9, 2, 1e-3, 1e-3, false}, {"mse", 2, 4, 3, 6, 1e-3, 1e-3, false}};
    size_t count = run->quick ? 3 : sizeof cases / sizeof *cases;
    block_tally t = {0};
    for (size_t i = 0; i < count && !tw_claim_stop(run, (double)i, (double)count); i++)
        TW_TRY(look_at_blocks(run, &cases[i], &t));
    tw_claim_add(run, (tw_claim_test){(double)t.wrong_count, "=", 0, 0},
                 "blocks whose outliers are not as many as stated");
    tw_claim_add(run, (tw_claim_test){t.worst_value, "<=", 1e-11, 0},
                 "largest |outlier - stated value| over lambda q/(1-q)");
    tw_claim_add(run, (tw_claim_test){t.worst_rest, "<=", 1e-11, 0},
                 "largest other |eigenvalue| over lambda q/(1-q)");
    tw_claim_add(run, (tw_claim_test){(double)t.wrong_within, "=", 0, 0},
                 "blocks with a part within classes");
    tw_claim_add(run, (tw_claim_test){(double)t.wrong_cross, "=", 0, 0},
                 "blocks whose cross-class part has another rank than stated");
    tw_claim_add(run, (tw_claim_test){(double)t.wrong_class, "=", 0, 0},
                 "blocks whose class part has another rank than K");
    tw_claim_computed(run,
                      "%zu blocks W_l of %zu collapsed models, squared error: eigenvalues of the "
                      "block of the data Hessian by the dense route, ranks from the gradients of "
                      "all logits.",
                      t.blocks, count);
cleanup:
    return status;
}
