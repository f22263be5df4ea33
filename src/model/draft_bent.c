/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drafts of models that bend: the six products of a layer with the factors, the activations and the
 * signals as products of thin ones.
 *
 * Where phi is not linear the layers R_l have to be formed. But at critical points with ridges the
 * weights have low rank, and where the classes have collapsed A_l and D_l have as many columns as
 * there are classes. With W = U V^T, A = P B^T, D = O M^T
 *     W R = U (V^T R),   Q A = (Q P) B^T,   RD A^T = (RD B) P^T,   D R^T = O (M^T R^T), ..
 * each costs O(N d r) or O(d^2 r) flops instead of O(N d^2). */
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "model/evaluator_private.h"

static void clear_list(tw_low_rank *list, size_t layers) {
    for (size_t l = 0; list && l <= layers; l++) tw_low_rank_clear(&list[l]);
    free(list);
}

void tw_bent_draft_clear(tw_bent_draft *draft) {
    clear_list(draft->W, draft->layers);
    clear_list(draft->A, draft->layers);
    clear_list(draft->D, draft->layers);
    free(draft->work);
    *draft = (tw_bent_draft){0};
}

/* Ranks of at most K are accepted: with it the two products with d_l d_{l-1} entries and the eight
 * with N columns. */
bool tw_bent_draft_may_pay(const tw_dufm *model) {
    double samples = (double)model->samples, rank = (double)tw_dufm_classes(model);
    double flops = 0.0, six = 0.0;
    if (model->activation->linear) return false;
    for (size_t l = 1; l <= model->layers; l++) {
        double rows = (double)model->widths[l], cols = (double)model->widths[l - 1];
        flops += rank * (8.0 * rows * cols + 8.0 * samples * (rows + cols));
        six += 12.0 * samples * rows * cols;
    }
    return tw_draft_pays(flops, six);
}

/* D_L = I D_L. */
static tw_status keep_top(const tw_evaluator *evaluator, tw_low_rank *top) {
    tw_status status = TW_OK;
    const tw_dufm *model = &evaluator->model;
    size_t classes = tw_dufm_classes(model), samples = model->samples;
    const double *D = evaluator->D[model->layers];
    *top = (tw_low_rank){.rows = classes, .cols = samples, .rank = classes};
    TW_TRY(TW_NEW(top->U, classes * classes));
    TW_TRY(TW_NEW(top->V, samples * classes));
    for (size_t k = 0; k < classes; k++) {
        top->U[k + classes * k] = 1.0;
        for (size_t i = 0; i < samples; i++) top->V[i + samples * k] = D[k + classes * i];
    }
cleanup:
    return status;
}

/* W_l, A_{l-1} and D_l. */
static tw_status find_layer(const tw_evaluator *evaluator, size_t l, double distance,
                            tw_bent_draft *draft, bool *found) {
    tw_status status = TW_OK;
    const tw_dufm *model = &evaluator->model;
    size_t most = tw_dufm_classes(model), samples = model->samples;
    tw_block W = tw_dufm_factor(model, l);
    TW_TRY(tw_low_rank_find(W.rows, W.cols, evaluator->point + W.offset, most, distance, found,
                            &draft->W[l]));
    if (!*found) return TW_OK;
    TW_TRY(tw_low_rank_find(W.cols, samples, tw_evaluator_input(evaluator, evaluator->point, l),
                            most, distance, found, &draft->A[l - 1]));
    if (!*found) return TW_OK;
    status = l == model->layers ? keep_top(evaluator, &draft->D[l])
                                : tw_low_rank_find(W.rows, samples, evaluator->D[l], most, distance,
                                                   found, &draft->D[l]);
cleanup:
    return status;
}

tw_status tw_bent_draft_make(const tw_evaluator *evaluator, double distance, tw_bent_draft *draft) {
    tw_status status = TW_OK;
    const tw_dufm *model = &evaluator->model;
    size_t layers = model->layers, longest = model->samples;
    bool found = true;
    tw_bent_draft_clear(draft);
    tw_bent_draft made = {.layers = layers};
    TW_TRY(TW_NEW(made.W, layers + 1));
    TW_TRY(TW_NEW(made.A, layers + 1));
    TW_TRY(TW_NEW(made.D, layers + 1));
    for (size_t l = 1; l <= layers && found; l++)
        TW_TRY(find_layer(evaluator, l, distance, &made, &found));
    if (!found) goto cleanup;
    for (size_t l = 0; l <= layers; l++)
        if (model->widths[l] > longest) longest = model->widths[l];
    TW_TRY(TW_NEW(made.work, longest * tw_dufm_classes(model)));
    made.usable = true;
    *draft = made;
    made = (tw_bent_draft){0};
cleanup:
    tw_bent_draft_clear(&made);
    return status;
}

/* ---- The product ---- */

/* The two thin factors of U V^T, or of its transpose V U^T. */
static tw_factor first_of(const tw_low_rank *f, bool transposed) {
    return transposed ? tw_plain(f->V, f->cols, f->rank) : tw_plain(f->U, f->rows, f->rank);
}

/* C = F X + beta C with F = U V^T or its transpose. */
static void thin_times(const tw_low_rank *f, bool transposed, tw_factor X, double beta, tw_matrix C,
                       double *work) {
    tw_multiply(1.0, tw_flipped(first_of(f, !transposed)), X, 0.0, tw_mat(work, f->rank, C.cols));
    tw_multiply(1.0, first_of(f, transposed), tw_plain(work, f->rank, C.cols), beta, C);
}

/* C += X F with F as there. */
static void add_times_thin(tw_factor X, const tw_low_rank *f, bool transposed, tw_matrix C,
                           double *work) {
    tw_multiply(1.0, X, first_of(f, transposed), 0.0, tw_mat(work, C.rows, f->rank));
    tw_multiply(1.0, tw_plain(work, C.rows, f->rank), tw_flipped(first_of(f, !transposed)), 1.0, C);
}

/* RS_l, then R_l. */
static void forward_layer(tw_evaluator *evaluator, size_t l, const double *R_below,
                          const double *v) {
    const tw_bent_draft *draft = &evaluator->bent;
    const tw_dufm *model = &evaluator->model;
    tw_block W = tw_dufm_factor(model, l);
    bool last = l == model->layers;
    size_t samples = model->samples;
    double *RS = last ? evaluator->R[l] : evaluator->RS[l];
    const tw_matrix C = tw_mat(RS, W.rows, samples);
    thin_times(&draft->W[l], false, tw_plain(R_below, W.cols, samples), 0.0, C, draft->work);
    add_times_thin(tw_plain(v + W.offset, W.rows, W.cols), &draft->A[l - 1], false, C, draft->work);
    if (last && model->bias) {
        const double *q = v + tw_dufm_block(model, l + 1).offset;
        for (size_t i = 0; i < samples; i++) tw_axpy(W.rows, 1.0, q, RS + W.rows * i);
    }
    for (size_t i = 0; !last && i < W.rows * samples; i++)
        evaluator->R[l][i] = RS[i] * evaluator->first[l][i];
}

static void write_bias(const tw_dufm *model, const double *RD, const double *v, double *y) {
    if (!model->bias) return;
    tw_block bias = tw_dufm_block(model, model->layers + 1);
    double *out = y + bias.offset;
    for (size_t k = 0; k < bias.rows; k++) out[k] = bias.lambda * v[bias.offset + k];
    for (size_t i = 0; i < model->samples; i++) tw_axpy(bias.rows, 1.0, RD + bias.rows * i, out);
}

/* out_l. */
static void write_weight(const tw_evaluator *evaluator, size_t l, const double *RD,
                         const double *R_below, const double *v, double *y) {
    const tw_bent_draft *draft = &evaluator->bent;
    size_t samples = evaluator->model.samples;
    tw_block W = tw_dufm_factor(&evaluator->model, l);
    const tw_matrix out = tw_mat(y + W.offset, W.rows, W.cols);
    for (size_t i = 0; i < W.rows * W.cols; i++) out.data[i] = W.lambda * v[W.offset + i];
    add_times_thin(tw_plain(RD, W.rows, samples), &draft->A[l - 1], true, out, draft->work);
    thin_times(&draft->D[l], false, tw_transposed(R_below, W.cols, samples), 1.0, out, draft->work);
}

/* RD_{l-1} into `below`. */
static void signals_below(const tw_evaluator *evaluator, size_t l, const double *RD,
                          const double *v, double *below) {
    const tw_bent_draft *draft = &evaluator->bent;
    size_t samples = evaluator->model.samples;
    tw_block W = tw_dufm_factor(&evaluator->model, l);
    const tw_matrix C = tw_mat(below, W.cols, samples);
    thin_times(&draft->W[l], true, tw_plain(RD, W.rows, samples), 0.0, C, draft->work);
    add_times_thin(tw_transposed(v + W.offset, W.rows, W.cols), &draft->D[l], false, C,
                   draft->work);
    if (l == 1) return;
    const double *first = evaluator->first[l - 1], *curvature = evaluator->curvature[l - 1];
    for (size_t i = 0; i < W.cols * samples; i++)
        below[i] = below[i] * first[i] + evaluator->RS[l - 1][i] * curvature[i];
}

void tw_bent_draft_product(tw_evaluator *evaluator, const double *v, double *y) {
    const tw_dufm *model = &evaluator->model;
    tw_block H = tw_dufm_factor(model, 0);
    const double *R_0 = v + H.offset;
    const tw_logits logits = tw_evaluator_kept_logits(evaluator);
    for (size_t l = 1; l <= model->layers; l++)
        forward_layer(evaluator, l, l == 1 ? R_0 : evaluator->R[l - 1], v);
    double *RD = evaluator->RD[0], *below = evaluator->RD[1];
    model->loss->product(&logits, 1, evaluator->R[model->layers], RD);
    write_bias(model, RD, v, y);
    for (size_t l = model->layers; l >= 1; l--) {
        write_weight(evaluator, l, RD, l == 1 ? R_0 : evaluator->R[l - 1], v, y);
        double *target = l == 1 ? y + H.offset : below;
        signals_below(evaluator, l, RD, v, target);
        below = RD;
        RD = target;
    }
    tw_axpy(H.rows * H.cols, H.lambda, R_0, y + H.offset);
}

/* The factors of `tw_bent_draft_make` with K for every rank. */
double tw_bent_draft_bytes(const tw_dufm *model) {
    if (!tw_bent_draft_may_pay(model)) return 0.0;
    double samples = (double)model->samples, most = (double)tw_dufm_classes(model), units = 0.0;
    for (size_t l = 0; l <= model->layers; l++) units += (double)model->widths[l];
    return 8.0 * most * (5.0 * units + samples * (2.0 * (double)model->layers + 1.0));
}
