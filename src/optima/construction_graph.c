/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes as the edges of the complete graph on R vertices (docs/mathematics.md, section 6).
 *
 * With the R x K incidence matrix B, edges that share a vertex have the inner product 1, and
 * relu((2 B^T - 11^T) B) = relu(2 B^T B - 2 11^T) = 2 I: one matrix of rank R tells all K =
 * R(R-1)/2 classes apart, so the layers below need R dimensions. The family, with scales c_1 ..
 * c_L:
 *
 *     W_1 H = A_1 = c_1 B (column k for every sample of class k)
 *     W_l = c_l I_R (l = 2 .. L-2),  W_{L-1} = c_{L-1} (2 B^T - 11^T),  W_L = c_L I_K
 *
 * so Z = q I with q = 2 c_1 ... c_L. The features cost least as the balanced SVD of B diag(sqrt
 * n_k) with nuclear norm v: c_1 m_1, m_1 = v sqrt(lambda_1 lambda_H); W_l costs c_l^2 m_l / 2, m_l
 * = lambda_l ||W_l/c_l||^2. For given q all of c_1 m_1 = c_l^2 m_l = t are equal at the minimum,
 * and the cost is (L+1) t/2 with t = C q^{2/(L+1)}, C = (m_1 sqrt(m_2 ... m_L) / 2)^{2/(L+1)}. The
 * lowest loss (1-q)^2/2 + (L+1) t/2 solves (1-q) q^{(L-1)/(L+1)} = C: the scale equation of the
 * linear model (closed_form_scale.c) with another right-hand side. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "optima/closed_form_private.h"
#include "optima/construction_private.h"

typedef struct graph {
    const tw_dufm *model;
    size_t R, K;
    double *B;               /* R x K */
    double *values, *U, *Vt; /* SVD of B diag(sqrt n_k): R; R x R; R x K */
    double *root_sizes;      /* K: sqrt n_k */
    double *cost;            /* [1 .. L]: m_l */
} graph;

static void graph_clear(graph *g) {
    free(g->B);
    free(g->values);
    free(g->U);
    free(g->Vt);
    free(g->root_sizes);
    free(g->cost);
}

static tw_status check_shape(const tw_construct_task *task, size_t *R) {
    const tw_dufm *model = task->model;
    size_t K = tw_dufm_classes(model), L = model->layers;
    char *end;
    errno = 0;
    unsigned long long number = strtoull(task->argument, &end, 10);
    if (task->argument[0] < '0' || task->argument[0] > '9' || *end != '\0' || errno != 0)
        return tw_fail(TW_ERR_ARGUMENT, "srg: no whole number at '%s'", task->argument);
    if (number < 3 || number > 1000000 || number * (number - 1) / 2 != K)
        return tw_fail(TW_ERR_ARGUMENT,
                       "srg:R is for R (R-1)/2 classes, R >= 3: R = %llu does not fit %zu", number,
                       K);
    *R = (size_t)number;
    if (L < 3) return tw_fail(TW_ERR_ARGUMENT, "srg needs 3 weight matrices or more, not %zu", L);
    for (size_t l = 0; l < L; l++)
        if (model->widths[l] < (l < L - 1 ? *R : K))
            return tw_fail(TW_ERR_ARGUMENT, "srg needs width %zu in space %zu, not %zu",
                           l < L - 1 ? *R : K, l, model->widths[l]);
    return TW_OK;
}

static void set_incidence(graph *g) {
    size_t k = 0;
    for (size_t i = 0; i < g->R; i++)
        for (size_t j = i + 1; j < g->R; j++, k++) g->B[i + g->R * k] = g->B[j + g->R * k] = 1.0;
}

static tw_status set_root_sizes(graph *g) {
    tw_status status = TW_OK;
    size_t *sizes = NULL;
    TW_TRY(TW_NEW(sizes, g->K));
    tw_dufm_class_sizes(g->model, sizes);
    for (size_t k = 0; k < g->K; k++) g->root_sizes[k] = sqrt((double)sizes[k]);
cleanup:
    free(sizes);
    return status;
}

static tw_status decompose(graph *g) {
    tw_status status = TW_OK;
    double *scaled = NULL;
    TW_TRY(TW_NEW(scaled, g->R * g->K));
    for (size_t k = 0; k < g->K; k++)
        for (size_t i = 0; i < g->R; i++)
            scaled[i + g->R * k] = g->root_sizes[k] * g->B[i + g->R * k];
    TW_TRY(tw_singular_values(g->R, g->K, scaled, g->values, g->U, g->Vt));
cleanup:
    free(scaled);
    return status;
}

static void set_costs(graph *g) {
    const tw_dufm *model = g->model;
    size_t L = model->layers;
    double R = (double)g->R, K = (double)g->K, nuclear = 0.0;
    for (size_t i = 0; i < g->R; i++) nuclear += g->values[i];
    g->cost[1] = nuclear * sqrt(model->lambda_W[0] * model->lambda_H);
    for (size_t l = 2; l <= L; l++)
        g->cost[l] = model->lambda_W[l - 1] * (l == L ? K : l == L - 1 ? K * R : R);
}

static tw_status graph_init(const tw_dufm *model, size_t R, graph *g) {
    tw_status status = TW_OK;
    *g = (graph){.model = model, .R = R, .K = tw_dufm_classes(model)};
    TW_TRY(TW_NEW(g->B, R * g->K));
    TW_TRY(TW_NEW(g->values, R));
    TW_TRY(TW_NEW(g->U, R * R));
    TW_TRY(TW_NEW(g->Vt, R * g->K));
    TW_TRY(TW_NEW(g->root_sizes, g->K));
    TW_TRY(TW_NEW(g->cost, model->layers + 1));
    set_incidence(g);
    TW_TRY(set_root_sizes(g));
    TW_TRY(decompose(g));
    set_costs(g);
cleanup:
    return status;
}

static tw_status solve_scales(const graph *g, tw_construct_result *result) {
    size_t L = g->model->layers;
    double power = 2.0 / (double)(L + 1), logs = log(g->cost[1]) - log(2.0);
    tw_pull pull = {.ce = false, .power = (double)(L - 1) / (double)(L + 1)};
    tw_pull_root root;
    tw_status status = tw_construct_scales(result, "c_l", L);
    if (status != TW_OK) return status;
    for (size_t l = 2; l <= L; l++) logs += 0.5 * log(g->cost[l]);
    double target = exp(power * logs);
    result->lambda = tw_construct_lambda(g->model);
    result->fold_lambda = result->lambda * tw_pull_fold(&pull) / target;
    result->exists = tw_pull_solve(&pull, target, &root);
    if (!result->exists) return TW_OK;
    double t = target * pow(root.x, power);
    result->scales[0] = t / g->cost[1];
    for (size_t l = 2; l <= L; l++) result->scales[l - 1] = sqrt(t / g->cost[l]);
    return TW_OK;
}

/* The same model at the least widths. */
static tw_status narrow_model(const graph *g, tw_dufm *model) {
    tw_status status = TW_OK;
    TW_TRY(tw_dufm_copy(model, g->model));
    for (size_t l = 0; l < model->layers; l++)
        model->widths[l] = l + 1 < model->layers ? g->R : g->K;
cleanup:
    return status;
}

/* W_1 = (c_1 ratio)^{1/2} U S^{1/2}, column of H = (c_1/ratio)^{1/2} S^{1/2} V^T / sqrt n_k with
 * ratio = (lambda_H/lambda_1)^{1/2}. */
static void set_features(const graph *g, double scale, tw_point *point) {
    const tw_dufm *model = &point->model;
    size_t R = g->R;
    double *H = point->theta + tw_dufm_factor(model, 0).offset;
    double *W = point->theta + tw_dufm_factor(model, 1).offset;
    double ratio = sqrt(model->lambda_H / model->lambda_W[0]);
    for (size_t j = 0; j < R; j++) {
        double weight = sqrt(scale * ratio * g->values[j]);
        double feature = sqrt(scale / ratio * g->values[j]);
        for (size_t i = 0; i < R; i++) W[i + R * j] = weight * g->U[i + R * j];
        for (size_t s = 0; s < model->samples; s++) {
            size_t k = (size_t)model->labels[s];
            H[j + R * s] = feature * g->Vt[j + R * k] / g->root_sizes[k];
        }
    }
}

static void set_weights(const graph *g, const double *scales, tw_point *point) {
    const tw_dufm *model = &point->model;
    size_t L = model->layers;
    for (size_t l = 2; l <= L; l++) {
        tw_block block = tw_dufm_factor(model, l);
        double *W = point->theta + block.offset;
        for (size_t j = 0; j < block.cols; j++)
            for (size_t i = 0; i < block.rows; i++)
                W[i + block.rows * j] =
                    scales[l - 1] * (l == L - 1 ? 2.0 * g->B[j + g->R * i] - 1.0 : i == j);
    }
}

tw_status tw_construct_graph(const tw_construct_task *task, tw_construct_result *result,
                             tw_point *point) {
    tw_status status = TW_OK;
    graph g = {0};
    tw_point narrow = {0};
    size_t R = 0;
    TW_TRY(check_shape(task, &R));
    TW_TRY(graph_init(task->model, R, &g));
    TW_TRY(solve_scales(&g, result));
    if (!result->exists) goto cleanup;
    TW_TRY(narrow_model(&g, &narrow.model));
    TW_TRY(TW_NEW(narrow.theta, tw_dufm_parameters(&narrow.model)));
    set_features(&g, result->scales[0], &narrow);
    set_weights(&g, result->scales, &narrow);
    TW_TRY(tw_point_embed(&narrow, task->model->widths, task->options->gauge_seed, point));
cleanup:
    graph_clear(&g);
    tw_point_clear(&narrow);
    return status;
}
