/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forward and backward pass (docs/mathematics.md, section 2):
 *     S_l = W_l A_{l-1},  A_l = phi(S_l)
 *     D_L = dloss/dZ,  D_l = (W_{l+1}^T D_{l+1}) * phi'(S_l)
 *     gradient: D_l A_{l-1}^T + lambda_l W_l,  W_1^T D_1 + lambda_H H */
#include <math.h>
#include <string.h>

#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "model/evaluator_private.h"

static tw_factor weight(const tw_evaluator *evaluator, const double *theta, size_t l) {
    tw_block block = tw_dufm_factor(&evaluator->model, l);
    return tw_plain(theta + block.offset, block.rows, block.cols);
}

static double penalty(const tw_dufm *model, const double *theta) {
    double sum = 0.0;
    for (size_t i = 0; i < tw_dufm_block_count(model); i++) {
        tw_block block = tw_dufm_block(model, i);
        double norm = tw_norm(NULL, block.rows * block.cols, theta + block.offset);
        sum += 0.5 * block.lambda * norm * norm;
    }
    return sum;
}

/* ---- Arrays of a pass. A value needs two layers at a time: they alternate in RD, and the
 * derivatives that phi computes beside its value go where products keep R and RS. ---- */

static double *activations(const tw_evaluator *evaluator, size_t l, tw_pass pass) {
    return pass == TW_PASS_KEEP ? evaluator->A[l] : evaluator->RD[l % 2];
}

static double *slopes(const tw_evaluator *evaluator, size_t l, tw_pass pass) {
    return pass == TW_PASS_KEEP ? evaluator->first[l] : evaluator->R[l];
}

static double *curvatures(const tw_evaluator *evaluator, size_t l, tw_pass pass) {
    return pass == TW_PASS_KEEP ? evaluator->curvature[l] : evaluator->RS[l];
}

static tw_logits logits_of(const tw_evaluator *evaluator, tw_pass pass) {
    const tw_dufm *model = &evaluator->model;
    size_t layers = model->layers;
    return (tw_logits){.classes = tw_dufm_classes(model),
                       .samples = model->samples,
                       .labels = model->labels,
                       .Z = activations(evaluator, layers, pass),
                       .P = pass == TW_PASS_KEEP ? evaluator->P : evaluator->RD[(layers + 1) % 2]};
}

/* ---- Forward ---- */

/* S_l = W_l A_{l-1} in the place of A_l; the bias joins at the last layer. */
static void pre_activations(const tw_evaluator *evaluator, const double *theta, size_t l,
                            tw_pass pass) {
    const tw_dufm *model = &evaluator->model;
    size_t rows = model->widths[l], samples = model->samples;
    double *S = activations(evaluator, l, pass);
    const double *below =
        l == 1 ? theta + tw_dufm_factor(model, 0).offset : activations(evaluator, l - 1, pass);
    tw_multiply(1.0, weight(evaluator, theta, l), tw_plain(below, model->widths[l - 1], samples),
                0.0, tw_mat(S, rows, samples));
    if (l < model->layers || !model->bias) return;
    const double *bias = theta + tw_dufm_block(model, model->layers + 1).offset;
    for (size_t s = 0; s < samples; s++) tw_axpy(rows, 1.0, bias, S + s * rows);
}

static size_t place_of(const tw_evaluator *evaluator, const tw_held *held) {
    return held->unit + evaluator->model.widths[held->layer] * held->sample;
}

/* The values of what is held in layer l, from S before phi; returns what they add to the value. */
static double note_held(tw_evaluator *evaluator, size_t l, const double *S) {
    double sum = 0.0;
    for (size_t i = 0; i < evaluator->held_count; i++) {
        tw_held *held = &evaluator->held[i];
        if (held->layer != l) continue;
        held->value = S[place_of(evaluator, held)];
        sum += held->value * (held->multiplier + 0.5 * evaluator->held_weight * held->value);
    }
    return sum;
}

/* A_l from S_l; phi = 0 of what is held. */
static void activate(const tw_evaluator *evaluator, size_t l, tw_pass pass) {
    const tw_dufm *model = &evaluator->model;
    if (l == model->layers || model->activation->linear) return;
    double *A = activations(evaluator, l, pass), *first = slopes(evaluator, l, pass);
    model->activation->eval(model->activation, model->widths[l] * model->samples, A, A, first,
                            curvatures(evaluator, l, pass));
    for (size_t i = 0; i < evaluator->held_count; i++) {
        if (evaluator->held[i].layer != l) continue;
        size_t place = place_of(evaluator, &evaluator->held[i]);
        A[place] = first[place] = 0.0;
    }
}

tw_terms tw_evaluator_forward(tw_evaluator *evaluator, const double *theta, tw_pass pass) {
    const tw_dufm *model = &evaluator->model;
    tw_terms terms = {.penalty = penalty(model, theta)};
    for (size_t l = 1; l <= model->layers; l++) {
        pre_activations(evaluator, theta, l, pass);
        terms.penalty += note_held(evaluator, l, activations(evaluator, l, pass));
        activate(evaluator, l, pass);
    }
    tw_logits logits = logits_of(evaluator, pass);
    terms.fit =
        model->loss->eval(&logits, pass == TW_PASS_KEEP ? evaluator->D[model->layers] : NULL);
    return terms;
}

/* ---- Backward ---- */

/* The term's own derivatives in place of what came down through phi. */
static void pull_held(tw_evaluator *evaluator, size_t l) {
    double weight = evaluator->held_weight;
    for (size_t i = 0; i < evaluator->held_count; i++) {
        const tw_held *held = &evaluator->held[i];
        if (held->layer != l) continue;
        size_t place = place_of(evaluator, held);
        evaluator->D[l][place] = held->multiplier + weight * held->value;
        evaluator->curvature[l][place] = weight;
    }
}

/* D_{l-1} from D_l, and phi''(S_{l-1}) becomes the curvature factor (W_l^T D_l) * phi''(S_{l-1}).
 */
static void signal_below(tw_evaluator *evaluator, const double *theta, size_t l) {
    const tw_dufm *model = &evaluator->model;
    size_t entries = model->widths[l - 1] * model->samples;
    double *below = evaluator->D[l - 1];
    tw_factor W = weight(evaluator, theta, l);
    W.transposed = true;
    tw_multiply(1.0, W, tw_plain(evaluator->D[l], model->widths[l], model->samples), 0.0,
                tw_mat(below, model->widths[l - 1], model->samples));
    if (model->activation->linear) return;
    const double *first = evaluator->first[l - 1];
    double *curvature = evaluator->curvature[l - 1];
    for (size_t i = 0; i < entries; i++) {
        curvature[i] *= below[i];
        below[i] *= first[i];
    }
    pull_held(evaluator, l - 1);
}

static void bias_gradient(const tw_evaluator *evaluator, const double *theta, double *gradient) {
    const tw_dufm *model = &evaluator->model;
    tw_block bias = tw_dufm_block(model, model->layers + 1);
    double *out = gradient + bias.offset;
    for (size_t i = 0; i < bias.rows; i++) out[i] = bias.lambda * theta[bias.offset + i];
    for (size_t s = 0; s < model->samples; s++)
        tw_axpy(bias.rows, 1.0, evaluator->D[model->layers] + s * bias.rows, out);
}

static void weight_gradient(const tw_evaluator *evaluator, const double *theta, size_t l,
                            double *gradient) {
    const tw_dufm *model = &evaluator->model;
    size_t samples = model->samples;
    tw_block W = tw_dufm_factor(model, l);
    double *out = gradient + W.offset;
    tw_multiply(1.0, tw_plain(evaluator->D[l], W.rows, samples),
                tw_transposed(tw_evaluator_input(evaluator, theta, l), W.cols, samples), 0.0,
                tw_mat(out, W.rows, W.cols));
    tw_axpy(W.rows * W.cols, W.lambda, theta + W.offset, out);
}

static void feature_gradient(const tw_evaluator *evaluator, const double *theta, double *gradient) {
    const tw_dufm *model = &evaluator->model;
    tw_block H = tw_dufm_factor(model, 0);
    tw_factor first = weight(evaluator, theta, 1);
    first.transposed = true;
    tw_multiply(1.0, first, tw_plain(evaluator->D[1], model->widths[1], model->samples), 0.0,
                tw_mat(gradient + H.offset, H.rows, H.cols));
    tw_axpy(H.rows * H.cols, H.lambda, theta + H.offset, gradient + H.offset);
}

void tw_evaluator_backward(tw_evaluator *evaluator, const double *theta, double *gradient) {
    for (size_t l = evaluator->model.layers; l >= 1; l--) {
        if (gradient) weight_gradient(evaluator, theta, l, gradient);
        if (l > 1) signal_below(evaluator, theta, l);
    }
    if (gradient == NULL) return;
    feature_gradient(evaluator, theta, gradient);
    if (evaluator->model.bias) bias_gradient(evaluator, theta, gradient);
}

/* The backward pass of one sample from layer `top` on: its outer products d_l a_{l-1}^T, and d_0 =
 * W_1^T d_1. */
void tw_evaluator_pull_back(tw_evaluator *evaluator, size_t top, size_t sample, const double *g,
                            double *out) {
    const tw_dufm *model = &evaluator->model;
    const double *theta = evaluator->point;
    double *signal = evaluator->RD[0], *below = evaluator->RD[1]; /* free between products */
    tw_block H = tw_dufm_factor(model, 0);
    memset(out, 0, tw_dufm_parameters(model) * sizeof *out);
    tw_copy(model->widths[top], g, signal);
    if (model->bias && top == model->layers)
        tw_copy(model->widths[top], g, out + tw_dufm_block(model, top + 1).offset);
    for (size_t l = top; l >= 1; l--) {
        tw_block W = tw_dufm_factor(model, l);
        const double *a = tw_evaluator_input(evaluator, theta, l) + W.cols * sample;
        double *target = l == 1 ? out + H.offset + H.rows * sample : below;
        for (size_t j = 0; j < W.cols; j++)
            tw_axpy(W.rows, a[j], signal, out + W.offset + W.rows * j);
        tw_multiply(1.0, tw_transposed(theta + W.offset, W.rows, W.cols),
                    tw_plain(signal, W.rows, 1), 0.0, tw_mat(target, W.cols, 1));
        if (l > 1 && !model->activation->linear) {
            const double *first = evaluator->first[l - 1] + W.cols * sample;
            for (size_t i = 0; i < W.cols; i++) target[i] *= first[i];
        }
        below = signal;
        signal = target;
    }
}

/* |S| relative to its layer's root mean square, sorted into on and off the kink. */
static void count_layer(tw_kinks *kinks, const double *S, size_t entries, double tolerance) {
    double scale = tw_norm(NULL, entries, S) / sqrt((double)entries);
    for (size_t i = 0; i < entries; i++) {
        double ratio = scale > 0.0 ? fabs(S[i]) / scale : 0.0;
        kinks->total++;
        if (ratio <= tolerance) {
            kinks->on_kink++;
            kinks->largest_on = fmax(kinks->largest_on, ratio);
        } else {
            kinks->smallest_off = fmin(kinks->smallest_off, ratio);
        }
    }
}

/* Logits that a scale multiplies without any cost. */
static bool is_free_to_scale(const tw_dufm *model) {
    bool free_bias = !model->bias || model->lambda_b == 0.0;
    return model->loss->separates && model->lambda_W[model->layers - 1] == 0.0 && free_bias;
}

tw_status tw_evaluator_falls_forever(tw_evaluator *evaluator, const double *theta, bool *falls) {
    const tw_dufm *model = &evaluator->model;
    size_t K = tw_dufm_classes(model);
    *falls = false;
    if (!is_free_to_scale(model)) return TW_OK;
    tw_status status = tw_evaluator_linearise(evaluator, theta);
    if (status != TW_OK) return status;
    for (size_t i = 0; i < model->samples; i++) {
        const double *z = tw_evaluator_logits(evaluator) + K * i;
        size_t label = (size_t)model->labels[i];
        for (size_t k = 0; k < K; k++)
            if (k != label && !(z[label] - z[k] > TW_MARGIN_FLOOR)) return TW_OK;
    }
    *falls = true;
    return TW_OK;
}

tw_kinks tw_evaluator_kinks(tw_evaluator *evaluator, const double *theta, double tolerance) {
    const tw_dufm *model = &evaluator->model;
    tw_kinks kinks = {.smallest_off = INFINITY};
    if (!model->activation->kinked) return kinks;
    for (size_t l = 1; l < model->layers; l++) {
        pre_activations(evaluator, theta, l, TW_PASS_VALUE);
        count_layer(&kinks, activations(evaluator, l, TW_PASS_VALUE),
                    model->widths[l] * model->samples, tolerance);
        activate(evaluator, l, TW_PASS_VALUE);
    }
    return kinks;
}
