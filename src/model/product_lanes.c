/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hessian product of product.c for tiny models. Where matrices have few rows, a call of BLAS
 * costs more than its sums. Here eight directions lie side by side: an array X of d x N entries a
 * direction is kept as X[j + 8 (i + d s)] (row i, direction j, sample s), so that every one of the
 * six products is
 *     Z(a, b) += sum_r X(a, r) M(r, b)
 * with a matrix M of the linearisation, the same for all directions, and X and Z whose entries are
 * eight numbers: as many as the widest registers hold, whatever the widths of the model.
 *
 * Products and sums are rounded one by one, so that all sets of instructions give the same bits. */
#include <string.h>

#include "dense/every_processor_private.h"
#include "model/product_private.h"

enum { LANES = 8, BESIDE = 4 };

/* Aligned as double is, and stored among doubles. */
typedef double lanes
    __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

/* X(a, r) = X[a * xa + r * xr], M(r, b) = M[b * mb + r * mr], Z(a, b) = Z[a * za + b * zb]. */
typedef struct term {
    bool first;     /* Z = , and not += */
    size_t a, b, r; /* counts */
    const lanes *X;
    size_t xa, xr;
    const double *M;
    size_t mb, mr;
    lanes *Z;
    size_t za, zb;
} term;

TW_FOR_EVERY_PROCESSOR
static void add_term(const term *t) {
    for (size_t a = 0; a < t->a; a++) {
        const lanes *X = t->X + a * t->xa;
        lanes *Z = t->Z + a * t->za;
        size_t b = 0;
        for (; b + BESIDE <= t->b; b += BESIDE) {
            const double *m0 = t->M + b * t->mb, *m1 = m0 + t->mb, *m2 = m1 + t->mb;
            const double *m3 = m2 + t->mb;
            lanes *out = Z + b * t->zb;
            lanes z0 = {0.0}, z1 = z0, z2 = z0, z3 = z0;
            if (!t->first) {
                z0 = out[0];
                z1 = out[t->zb];
                z2 = out[2 * t->zb];
                z3 = out[3 * t->zb];
            }
            for (size_t r = 0; r < t->r; r++) {
                lanes x = X[r * t->xr];
                z0 += x * m0[r * t->mr];
                z1 += x * m1[r * t->mr];
                z2 += x * m2[r * t->mr];
                z3 += x * m3[r * t->mr];
            }
            out[0] = z0;
            out[t->zb] = z1;
            out[2 * t->zb] = z2;
            out[3 * t->zb] = z3;
        }
        for (; b < t->b; b++) {
            const double *m = t->M + b * t->mb;
            lanes z = {0.0};
            if (!t->first) z = Z[b * t->zb];
            for (size_t r = 0; r < t->r; r++) z += X[r * t->xr] * m[r * t->mr];
            Z[b * t->zb] = z;
        }
    }
}

/* ---- Directions in and out ---- */

/* A group of directions of a call: `count` of them from `first` on; the other lanes are zero. */
typedef struct group {
    const tw_product_call *call;
    const tw_evaluator *evaluator;
    size_t first, count;
} group;

static void take_in(const group *g, tw_block block, double *out) {
    size_t entries = block.rows * block.cols, ld = g->call->ldv;
    const double *V = g->call->V + g->first * ld + block.offset;
    if (g->count < LANES) memset(out, 0, LANES * entries * sizeof *out);
    for (size_t j = 0; j < g->count; j++)
        for (size_t e = 0; e < entries; e++) out[LANES * e + j] = V[j * ld + e];
}

static void hand_out(const group *g, tw_block block, const double *X) {
    size_t entries = block.rows * block.cols;
    double ridge = tw_ridge_of(g->call, block);
    for (size_t j = 0; j < g->count; j++) {
        const double *v = g->call->V + (g->first + j) * g->call->ldv + block.offset;
        double *y = g->call->Y + (g->first + j) * g->call->ldy + block.offset;
        for (size_t e = 0; e < entries; e++) y[e] = X[LANES * e + j] + ridge * v[e];
    }
}

static void clear(size_t entries, double *X) {
    memset(X, 0, LANES * entries * sizeof *X);
}

/* ---- Layers ---- */

static const lanes *read_lanes(const double *X) {
    return (const lanes *)X;
}

static lanes *write_lanes(double *X) {
    return (lanes *)X;
}

/* out = X * cached, the cached array being the same for every direction. */
static void scale_entries(size_t entries, const double *cached, const double *X, double *out) {
    for (size_t e = 0; e < entries; e++)
        for (size_t j = 0; j < LANES; j++) out[LANES * e + j] = X[LANES * e + j] * cached[e];
}

static void add_bias(const group *g, double *RS) {
    const tw_dufm *model = &g->evaluator->model;
    tw_block bias = tw_dufm_block(model, model->layers + 1);
    double *q = g->evaluator->Q_rows;
    take_in(g, bias, q);
    for (size_t s = 0; s < model->samples; s++)
        for (size_t e = 0; e < LANES * bias.rows; e++) RS[LANES * bias.rows * s + e] += q[e];
}

static void bias_product(const group *g, const double *RD) {
    const tw_dufm *model = &g->evaluator->model;
    tw_block bias = tw_dufm_block(model, model->layers + 1);
    double *out = g->evaluator->out_rows;
    clear(bias.rows, out);
    for (size_t s = 0; s < model->samples; s++)
        for (size_t e = 0; e < LANES * bias.rows; e++) out[e] += RD[LANES * bias.rows * s + e];
    hand_out(g, bias, out);
}

/* RS_l, then R_l. */
static void forward_layer(const group *g, size_t l) {
    const tw_evaluator *evaluator = g->evaluator;
    const tw_dufm *model = &evaluator->model;
    tw_block W = tw_dufm_factor(model, l);
    size_t rows = W.rows, cols = W.cols, samples = model->samples;
    bool last = l == model->layers;
    double *RS = last ? evaluator->R[l] : evaluator->RS[l];
    const double *A = tw_evaluator_input(evaluator, g->call->theta, l);
    take_in(g, W, evaluator->Q_rows);
    const term weights = {true,
                          samples,
                          rows,
                          cols,
                          read_lanes(evaluator->R[l - 1]),
                          cols,
                          1,
                          g->call->theta + W.offset,
                          1,
                          rows,
                          write_lanes(RS),
                          rows,
                          1};
    const term directions = {
        false,           rows, samples, cols, read_lanes(evaluator->Q_rows), 1, rows, A, cols, 1,
        write_lanes(RS), 1,    rows};
    add_term(&weights);
    add_term(&directions);
    if (last && model->bias) add_bias(g, RS);
    if (!last && !model->activation->linear)
        scale_entries(rows * samples, evaluator->first[l], RS, evaluator->R[l]);
}

static void weight_product(const group *g, size_t l, const double *RD) {
    const tw_evaluator *evaluator = g->evaluator;
    tw_block W = tw_dufm_factor(&evaluator->model, l);
    size_t rows = W.rows, cols = W.cols, samples = evaluator->model.samples;
    double *out = evaluator->out_rows;
    const double *A = tw_evaluator_input(evaluator, g->call->theta, l);
    const term signals = {
        true, rows, cols, samples, read_lanes(RD), 1, rows, A, 1, cols, write_lanes(out), 1, rows};
    const term inputs = {false,
                         cols,
                         rows,
                         samples,
                         read_lanes(evaluator->R[l - 1]),
                         1,
                         cols,
                         evaluator->D[l],
                         1,
                         rows,
                         write_lanes(out),
                         rows,
                         1};
    add_term(&signals);
    if (g->call->residual) add_term(&inputs);
    hand_out(g, W, out);
}

/* W_l^T RD_l + Q_l^T D_l into `below`. */
static void signal_product(const group *g, size_t l, const double *RD, double *below) {
    const tw_evaluator *evaluator = g->evaluator;
    tw_block W = tw_dufm_factor(&evaluator->model, l);
    size_t rows = W.rows, cols = W.cols, samples = evaluator->model.samples;
    const term weights = {true,
                          samples,
                          cols,
                          rows,
                          read_lanes(RD),
                          rows,
                          1,
                          g->call->theta + W.offset,
                          rows,
                          1,
                          write_lanes(below),
                          cols,
                          1};
    const term directions = {false,
                             cols,
                             samples,
                             rows,
                             read_lanes(evaluator->Q_rows),
                             rows,
                             1,
                             evaluator->D[l],
                             rows,
                             1,
                             write_lanes(below),
                             1,
                             cols};
    add_term(&weights);
    if (!g->call->residual) return;
    take_in(g, W, evaluator->Q_rows);
    add_term(&directions);
}

/* X = X * first + RS * curvature. */
static void through_activation(const group *g, size_t l, double *X) {
    const tw_evaluator *evaluator = g->evaluator;
    size_t entries = evaluator->model.widths[l] * evaluator->model.samples;
    const double *RS = evaluator->RS[l], *curvature = evaluator->curvature[l];
    scale_entries(entries, evaluator->first[l], X, X);
    if (!g->call->residual) return;
    for (size_t e = 0; e < entries; e++)
        for (size_t j = 0; j < LANES; j++) X[LANES * e + j] += RS[LANES * e + j] * curvature[e];
}

/* RD_L, by way of the layout that losses know. */
static void logit_product(const group *g, double *RD, double *scratch) {
    const tw_evaluator *evaluator = g->evaluator;
    const tw_logits logits = tw_evaluator_kept_logits(evaluator);
    size_t classes = logits.classes, samples = logits.samples;
    double *R = evaluator->R[evaluator->model.layers];
    if (!g->call->curved_loss) {
        clear(classes * samples, RD);
        return;
    }
    for (size_t s = 0; s < samples; s++)
        for (size_t j = 0; j < LANES; j++)
            for (size_t i = 0; i < classes; i++)
                scratch[i + classes * (j + LANES * s)] = R[j + LANES * (i + classes * s)];
    evaluator->model.loss->product(&logits, LANES, scratch, R);
    for (size_t s = 0; s < samples; s++)
        for (size_t j = 0; j < LANES; j++)
            for (size_t i = 0; i < classes; i++)
                RD[j + LANES * (i + classes * s)] = R[i + classes * (j + LANES * s)];
}

static void group_product(const group *g) {
    const tw_evaluator *evaluator = g->evaluator;
    const tw_dufm *model = &evaluator->model;
    tw_block H = tw_dufm_factor(model, 0);
    double *RD = evaluator->RD[0], *below = evaluator->RD[1];
    take_in(g, H, evaluator->R[0]);
    for (size_t l = 1; l <= model->layers; l++) forward_layer(g, l);
    logit_product(g, RD, below);
    if (model->bias) bias_product(g, RD);
    for (size_t l = model->layers; l >= 1; l--) {
        weight_product(g, l, RD);
        signal_product(g, l, RD, below);
        if (l > 1 && !model->activation->linear) through_activation(g, l - 1, below);
        double *done = RD;
        RD = below;
        below = done;
    }
    hand_out(g, H, RD);
}

void tw_product_by_lanes(const tw_product_call *call) {
    for (size_t j = 0; j < call->k; j += LANES) {
        size_t left = call->k - j;
        const group g = {call, call->evaluator, j, left < LANES ? left : LANES};
        group_product(&g);
    }
}

/* Measured (16 directions, widths 4 to 24, 8 to 64 samples): 5 to 45 % less time than with BLAS up
 * to here, and more as soon as the largest array of eight directions, 8 x 8 bytes an entry, fills
 * the first-level cache. */
#define LARGEST 448 /* entries of a weight or of an array of a layer, a direction */
#define FEWEST 4    /* directions */

bool tw_product_lanes_pay(const tw_evaluator *evaluator, size_t k) {
    const tw_dufm *model = &evaluator->model;
    if (k < FEWEST || evaluator->chunk < LANES) return false;
    for (size_t l = 0; l <= model->layers; l++) {
        size_t rows = model->widths[l], inputs = l > 0 ? model->widths[l - 1] : 0;
        if (rows * inputs > LARGEST || rows * model->samples > LARGEST) return false;
    }
    return true;
}
