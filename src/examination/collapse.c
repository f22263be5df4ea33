/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/collapse.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "model/class_means_private.h"

#define LOGIT_FLOOR 1e-12 /* logits below this are rounding of the zero they stand for */

void tw_shape_clear(tw_shape *shape) {
    if (shape == NULL) return;
    free(shape->logit_singular_values);
    free(shape->class_logits);
    free(shape->collapse);
    *shape = (tw_shape){0};
}

/* A shape being measured. */
typedef struct shape_task {
    tw_evaluator *evaluator;
    const double *theta;
    double tolerance; /* of ranks */
    const tw_monitor *monitor;
} shape_task;

static tw_status measure_logits(const tw_evaluator *evaluator, double tolerance,
                                const tw_monitor *monitor, tw_shape *shape) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    size_t K = tw_dufm_classes(model), N = model->samples, count = K < N ? K : N;
    double *Z = NULL, *values = NULL;
    TW_TRY(TW_NEW(values, count));
    TW_TRY(TW_NEW(Z, K * N));
    tw_copy(K * N, tw_evaluator_logits(evaluator), Z);
    TW_TRY(tw_sliced_singular(K, N, Z, values, NULL, NULL, monitor));
    shape->logit_singular_values = values;
    shape->logit_count = count;
    while (shape->logit_rank < shape->logit_count &&
           values[shape->logit_rank] > fmax(tolerance * values[0], LOGIT_FLOOR))
        shape->logit_rank++;
    values = NULL;
cleanup:
    free(values);
    free(Z);
    return status;
}

static tw_status average_logits(const tw_evaluator *evaluator, tw_shape *shape) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    const double *Z = tw_evaluator_logits(evaluator);
    size_t K = tw_dufm_classes(model);
    if (K > TW_CLASS_LOGITS_MAX) return TW_OK;
    TW_TRY(TW_NEW(shape->class_logits, K * K));
    TW_TRY(tw_class_means(model, K, Z, shape->class_logits));
cleanup:
    return status;
}

/* M: d x K, class means minus their mean; A is left with what each sample adds to its class mean.
 */
static tw_status split_by_class(const tw_dufm *model, size_t d, double *A, double *M) {
    size_t K = tw_dufm_classes(model);
    tw_status status = tw_class_means(model, d, A, M);
    if (status != TW_OK) return status;
    for (size_t i = 0; i < model->samples; i++)
        tw_axpy(d, -1.0, M + d * (size_t)model->labels[i], A + d * i);
    for (size_t row = 0; row < d; row++) {
        double mean = 0.0;
        for (size_t k = 0; k < K; k++) mean += M[row + d * k] / (double)K;
        for (size_t k = 0; k < K; k++) M[row + d * k] -= mean;
    }
    return TW_OK;
}

/* tr(Sigma_W Sigma_B^+)/K through the thin SVD M = U s V^T: Sigma_B^+ = K U s^-2 U^T. Singular
 * values below the tolerance are directions without class means, not small denominators. */
static tw_status within_over_between(const shape_task *task, size_t d, const double *within,
                                     const double *M, double *nc1) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(task->evaluator);
    size_t K = tw_dufm_classes(model), N = model->samples, r = d < K ? d : K;
    double *copy = NULL, *values = NULL, *U = NULL, *Vt = NULL, *projected = NULL;
    TW_TRY(TW_NEW(copy, d * K));
    TW_TRY(TW_NEW(values, r));
    TW_TRY(TW_NEW(U, d * r));
    TW_TRY(TW_NEW(Vt, r * K));
    TW_TRY(TW_NEW(projected, r * N));
    tw_copy(d * K, M, copy);
    TW_TRY(tw_sliced_singular(d, K, copy, values, U, Vt, task->monitor));
    tw_multiply(1.0, tw_transposed(U, d, r), tw_plain(within, d, N), 0.0, tw_mat(projected, r, N));
    *nc1 = values[0] > 0.0 ? 0.0 : NAN;
    for (size_t i = 0; i < r && values[i] > task->tolerance * values[0]; i++)
        for (size_t s = 0; s < N; s++) {
            double ratio = projected[i + r * s] / values[i];
            *nc1 += ratio * ratio / (double)N;
        }
cleanup:
    free(copy);
    free(values);
    free(U);
    free(Vt);
    free(projected);
    return status;
}

/* || X/||X||_F - (I - 11^T/K)/sqrt(K - 1) ||_F for X: K x K. */
static double distance_to_simplex(size_t K, const double *X) {
    double size = tw_norm(NULL, K * K, X), sum = 0.0, scale = 1.0 / sqrt((double)K - 1.0);
    if (!(size > 0.0)) return NAN;
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < K; i++) {
            double target = ((i == j ? 1.0 : 0.0) - 1.0 / (double)K) * scale;
            double difference = X[i + K * j] / size - target;
            sum += difference * difference;
        }
    return sqrt(sum);
}

/* Scratch of one hidden space. */
typedef struct space_scratch {
    double *A;    /* d x N */
    double *M;    /* d x K */
    double *next; /* K x d: W of this space */
    double *gram; /* K x K */
} space_scratch;

static void space_scratch_clear(space_scratch *scratch) {
    free(scratch->A);
    free(scratch->M);
    free(scratch->next);
    free(scratch->gram);
}

static tw_status space_scratch_init(space_scratch *scratch, const tw_dufm *model, size_t d) {
    tw_status status = TW_OK;
    size_t K = tw_dufm_classes(model);
    TW_TRY(TW_NEW(scratch->A, d * model->samples));
    TW_TRY(TW_NEW(scratch->M, d * K));
    TW_TRY(TW_NEW(scratch->next, K * d));
    TW_TRY(TW_NEW(scratch->gram, K * K));
cleanup:
    return status;
}

/* Measures of space l; *map (K x d_{l+1}, owned; NULL at l = L - 1) becomes W_L ... W_{l+1}. */
static tw_status measure_space(const shape_task *task, size_t l, double **map,
                               tw_collapse *collapse) {
    tw_status status = TW_OK;
    const tw_evaluator *evaluator = task->evaluator;
    const double *theta = task->theta;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    size_t K = tw_dufm_classes(model), d = model->widths[l];
    tw_block W = tw_dufm_factor(model, l + 1), H = tw_dufm_factor(model, 0);
    const double *A = l == 0 ? theta + H.offset : tw_evaluator_activations(evaluator, l);
    space_scratch scratch = {0};
    TW_TRY(space_scratch_init(&scratch, model, d));
    if (*map)
        tw_multiply(1.0, tw_plain(*map, K, W.rows), tw_plain(theta + W.offset, W.rows, d), 0.0,
                    tw_mat(scratch.next, K, d));
    else
        tw_copy(K * d, theta + W.offset, scratch.next);
    tw_copy(d * model->samples, A, scratch.A);
    TW_TRY(split_by_class(model, d, scratch.A, scratch.M));
    TW_TRY(within_over_between(task, d, scratch.A, scratch.M, &collapse->nc1));
    tw_multiply(1.0, tw_plain(scratch.next, K, d), tw_transposed(scratch.next, K, d), 0.0,
                tw_mat(scratch.gram, K, K));
    collapse->nc2 = distance_to_simplex(K, scratch.gram);
    tw_multiply(1.0, tw_plain(scratch.next, K, d), tw_plain(scratch.M, d, K), 0.0,
                tw_mat(scratch.gram, K, K));
    collapse->nc3 = distance_to_simplex(K, scratch.gram);
    free(*map);
    *map = scratch.next;
    scratch.next = NULL;
cleanup:
    space_scratch_clear(&scratch);
    return status;
}

/* || a F_{l+1}^T F_{l+1} - b F_l F_l^T ||_F over the larger of the terms' norms, in a basis of what
 * the two factors span: the width alone makes no matrix large. */
static tw_status balance_of_space(const shape_task *task, size_t l, double *defect) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(task->evaluator);
    const double *theta = task->theta;
    tw_block below = tw_dufm_factor(model, l), above = tw_dufm_factor(model, l + 1);
    size_t d = below.rows, m = 0;
    double *thin = NULL, *X = NULL, *Y = NULL;
    TW_TRY(tw_thin_coordinates(tw_plain(theta + below.offset, d, below.cols),
                               tw_transposed(theta + above.offset, above.rows, d), task->monitor,
                               &m, &thin));
    const double *left = thin, *right = thin + m * below.cols;
    TW_TRY(TW_NEW(X, m * m));
    TW_TRY(TW_NEW(Y, m * m));
    tw_multiply(above.lambda, tw_plain(right, m, above.rows), tw_transposed(right, m, above.rows),
                0.0, tw_mat(X, m, m));
    tw_multiply(below.lambda, tw_plain(left, m, below.cols), tw_transposed(left, m, below.cols),
                0.0, tw_mat(Y, m, m));
    double scale = fmax(tw_norm(NULL, m * m, X), tw_norm(NULL, m * m, Y));
    tw_axpy(m * m, -1.0, X, Y);
    *defect = scale > 0.0 ? tw_norm(NULL, m * m, Y) / scale : 0.0;
cleanup:
    free(thin);
    free(X);
    free(Y);
    return status;
}

static tw_status measure_spaces(const shape_task *task, tw_shape *shape) {
    tw_status status = TW_OK;
    double *map = NULL;
    for (size_t l = shape->space_count; l-- > 0;)
        TW_TRY(measure_space(task, l, &map, &shape->collapse[l]));
cleanup:
    free(map);
    return status;
}

static tw_status measure_balance(const shape_task *task, tw_shape *shape) {
    tw_status status = TW_OK;
    double largest = 0.0;
    if (!tw_evaluator_model(task->evaluator)->activation->linear) return TW_OK;
    for (size_t l = 0; l < shape->space_count; l++) {
        double defect = 0.0;
        TW_TRY(balance_of_space(task, l, &defect));
        largest = fmax(largest, defect);
    }
    shape->balance_defect = largest;
cleanup:
    return status;
}

tw_status tw_shape_measure(tw_evaluator *evaluator, const double *theta, double rank_tolerance,
                           const tw_monitor *monitor, tw_shape *shape) {
    tw_status status = TW_OK;
    const shape_task task = {evaluator, theta, rank_tolerance, monitor};
    const tw_dufm *model = tw_evaluator_model(evaluator);
    tw_shape measured = {
        .class_count = tw_dufm_classes(model), .space_count = model->layers, .balance_defect = NAN};
    TW_TRY(TW_NEW(measured.collapse, model->layers));
    for (size_t l = 0; l < model->layers; l++)
        measured.collapse[l] = (tw_collapse){l, NAN, NAN, NAN};
    TW_TRY(tw_evaluator_linearise(evaluator, theta));
    TW_TRY(average_logits(evaluator, &measured));
    status = measure_logits(evaluator, rank_tolerance, monitor, &measured);
    if (status == TW_OK) status = measure_spaces(&task, &measured);
    if (status == TW_OK) status = measure_balance(&task, &measured);
    if (status == TW_STOPPED) status = TW_OK; /* the rest is missing */
    TW_TRY(status);
    *shape = measured;
    measured = (tw_shape){0};
cleanup:
    tw_shape_clear(&measured);
    return status;
}
