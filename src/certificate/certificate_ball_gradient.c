/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient's norm over balls: one pass forwards, one backwards. */
#include <stdlib.h>

#include "base/alloc_private.h"
#include "certificate/certificate_ball_line_private.h"

/* sum += the squared entries of D A^T + lambda X; A NULL: the identity. */
static void add_block(tw_ball_watch *watch, const arb_mat_struct *D, const arb_mat_struct *A,
                      const arb_mat_struct *X, double lambda, arb_t sum, slong bits) {
    arb_mat_t G, transpose;
    arb_t ridge;
    arb_init(ridge);
    arb_mat_init(G, X->r, X->c);
    arb_mat_init(transpose, A ? A->c : 0, A ? A->r : 0);
    if (A) {
        arb_mat_transpose(transpose, A);
        tw_ball_multiply(watch, G, D, transpose, bits);
    } else {
        arb_mat_set(G, D);
    }
    arb_set_d(ridge, lambda);
    arb_mat_scalar_addmul_arb(G, X, ridge, bits);
    arb_dot(sum, sum, 0, G->entries, 1, G->entries, 1, G->r * G->c, bits);
    arb_mat_clear(G);
    arb_mat_clear(transpose);
    arb_clear(ridge);
}

/* D (in/out): by S_l -> by A_{l-1}, and from there by S_{l-1} when slopes are given. */
static void descend(tw_ball_watch *watch, const arb_mat_struct *W, const arb_mat_struct *slopes,
                    arb_mat_struct *D, slong bits) {
    arb_mat_t transpose, below;
    arb_mat_init(transpose, W->c, W->r);
    arb_mat_init(below, W->c, D->c);
    arb_mat_transpose(transpose, W);
    tw_ball_multiply(watch, below, transpose, D, bits);
    if (slopes) arb_mat_mul_entrywise(below, below, slopes, bits);
    arb_mat_swap(below, D);
    arb_mat_clear(transpose);
    arb_mat_clear(below);
}

/* D (K x N, out): the gradient of the mean loss by the logits. */
static void logit_gradient(const tw_ball_line *line, const tw_ball_series *Z, arb_mat_struct *D,
                           slong bits) {
    slong classes = D->r;
    arb_ptr room = _arb_vec_init(tw_ball_sample_room(Z) + classes),
            d = room + tw_ball_sample_room(Z);
    for (slong i = 0; i < D->c && !tw_ball_watch_stops(line->watch); i++) {
        tw_ball_sample sample = tw_ball_sample_of(line, Z, i, room);
        line->loss->gradient(&sample, d, bits);
        for (slong j = 0; j < classes; j++)
            arb_div_ui(arb_mat_entry(D, j, i), d + j, (ulong)D->c, bits);
    }
    _arb_vec_clear(room, tw_ball_sample_room(Z) + classes);
}

/* sum (out): ||g||^2 from the logits and the trail; D is used up. */
static void gradient_square(const tw_ball_line *line, const tw_ball_trail *seen, arb_mat_struct *D,
                            arb_t sum, slong bits) {
    const tw_dufm *model = line->model;
    size_t layers = model->layers;
    arb_mat_t ones;
    arb_zero(sum);
    arb_mat_init(ones, 1, D->c);
    arb_mat_ones(ones);
    if (model->bias)
        add_block(line->watch, D, ones, &line->at[layers + 1],
                  tw_dufm_block(model, layers + 1).lambda, sum, bits);
    for (size_t l = layers; l >= 1; l--) {
        const arb_mat_struct *W = &line->at[l - 1];
        add_block(line->watch, D, &seen->A[l - 1], W, tw_dufm_block(model, l - 1).lambda, sum,
                  bits);
        descend(line->watch, W, l > 1 ? &seen->slopes[l - 1] : NULL, D, bits);
    }
    add_block(line->watch, D, NULL, &line->at[layers], model->lambda_H, sum, bits);
    arb_mat_clear(ones);
}

static void trail_clear(size_t layers, tw_ball_trail *trail) {
    for (size_t l = 0; trail->A && l < layers; l++) arb_mat_clear(&trail->A[l]);
    for (size_t l = 0; trail->slopes && l < layers; l++) arb_mat_clear(&trail->slopes[l]);
    free(trail->A);
    free(trail->slopes);
}

static tw_status trail_init(const tw_dufm *model, tw_ball_trail *trail) {
    tw_status status = TW_OK;
    tw_ball_trail made = {0};
    TW_TRY(TW_NEW(made.A, model->layers));
    TW_TRY(TW_NEW(made.slopes, model->layers));
    for (size_t l = 0; l < model->layers; l++) {
        slong width = (slong)model->widths[l], samples = (slong)model->samples;
        arb_mat_init(&made.A[l], width, samples);
        arb_mat_init(&made.slopes[l], l ? width : 0, l ? samples : 0);
    }
    *trail = made;
    return TW_OK;
cleanup:
    free(made.A);
    return status;
}

tw_status tw_ball_line_gradient(tw_ball_line *line, size_t bits, tw_enclosure *norm) {
    tw_status status = TW_OK;
    slong p = (slong)bits;
    size_t layers = line->model->layers;
    tw_ball_trail seen = {0};
    tw_ball_series Z = {0};
    arb_mat_t D;
    arb_mat_init(D, (slong)tw_dufm_classes(line->model), (slong)line->model->samples);
    TW_TRY(trail_init(line->model, &seen));
    size_t kinks = tw_ball_forwards(line, line->at, &seen, 1, &Z, p);
    logit_gradient(line, &Z, D, p);
    gradient_square(line, &seen, D, line->gradient, p);
    arb_sqrtpos(line->gradient, line->gradient, p);
    *norm = kinks ? tw_ball_nowhere : tw_ball_enclosure(line->gradient);
cleanup:
    tw_ball_series_clear(&Z);
    trail_clear(layers, &seen);
    arb_mat_clear(D);
    return status;
}
