/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model along theta + t v, over balls.
 *
 * Every block is exactly X(t) = X_0 + t X_1 with doubles for entries. Layer by layer the series of
 * A_l go up to t^2 (docs/mathematics.md, (10.2)); the loss of the last gives f = c_0 + c_1 t + c_2
 * t^2 + .., and v^T H v = 2 c_2. Matrix products are Arb's, whose cost beyond a few dozen rows is
 * that of integer products. A ball holds the exact number whatever the order of operations: nothing
 * here has to be stable, and a ball too wide is answered with more bits. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "certificate/certificate_ball_line_private.h"

static void series_init(tw_ball_series *s, slong rows, slong cols, slong orders) {
    s->orders = orders;
    for (slong k = 0; k < orders; k++) arb_mat_init(&s->c[k], rows, cols);
}

void tw_ball_series_clear(tw_ball_series *s) {
    for (slong k = 0; k < s->orders; k++) arb_mat_clear(&s->c[k]);
    s->orders = 0;
}

/* ---- The line ---- */

static void mats_clear(size_t count, arb_mat_struct *mats) {
    for (size_t i = 0; mats && i < count; i++) arb_mat_clear(&mats[i]);
    free(mats);
}

void tw_ball_line_destroy(tw_ball_line *line) {
    if (line == NULL) return;
    mats_clear(line->count, line->at);
    mats_clear(line->count, line->by);
    if (line->c) _arb_vec_clear(line->c, TW_BALL_ORDERS);
    arb_clear(line->length);
    arb_clear(line->gradient);
    free(line);
    flint_cleanup();
}

static void exact(const double *entries, arb_mat_struct *X) {
    for (slong j = 0; j < X->c; j++)
        for (slong i = 0; i < X->r; i++) arb_set_d(arb_mat_entry(X, i, j), entries[i + j * X->r]);
}

tw_status tw_ball_line_create(const tw_dufm *model, const double *theta, const double *v,
                              tw_ball_watch *watch, tw_ball_line **line) {
    tw_status status = TW_OK;
    tw_ball_line *made = NULL;
    TW_TRY(TW_NEW(made, 1));
    arb_init(made->length);
    arb_init(made->gradient);
    made->c = _arb_vec_init(TW_BALL_ORDERS);
    made->model = model;
    made->watch = watch;
    made->phi = tw_ball_phi_find(model->activation->name);
    made->loss = tw_ball_loss_find(model->loss->name);
    if (made->phi == NULL || made->loss == NULL) {
        status = tw_fail(TW_ERR_UNSUPPORTED, "ball arithmetic does not know %s %s",
                         made->phi ? "the loss" : "the activation",
                         made->phi ? model->loss->name : model->activation->name);
        goto cleanup;
    }
    TW_TRY(TW_NEW(made->at, tw_dufm_block_count(model)));
    TW_TRY(TW_NEW(made->by, tw_dufm_block_count(model)));
    made->count = tw_dufm_block_count(model);
    for (size_t i = 0; i < made->count; i++) {
        tw_block block = tw_dufm_block(model, i);
        arb_mat_init(&made->at[i], (slong)block.rows, (slong)block.cols);
        arb_mat_init(&made->by[i], (slong)block.rows, (slong)block.cols);
        exact(theta + block.offset, &made->at[i]);
        exact(v + block.offset, &made->by[i]);
    }
    *line = made;
    made = NULL;
cleanup:
    tw_ball_line_destroy(made);
    return status;
}

/* ---- Slices ---- */

#define SLICE 1e9 /* bits of the balls multiplied between two questions: some tenths of a second */

bool tw_ball_watch_stops(tw_ball_watch *watch) {
    watch->stopped =
        watch->stopped || tw_monitor_report(watch->monitor, "ball arithmetic", 0.0, 0.0);
    return watch->stopped;
}

void tw_ball_multiply(tw_ball_watch *watch, arb_mat_struct *C, const arb_mat_struct *A,
                      const arb_mat_struct *B, slong bits) {
    double row = (double)B->r * (double)B->c * (double)bits;
    slong rows = row < SLICE ? (slong)fmin(SLICE / (row + 1.0), (double)(A->r + 1)) : 1;
    for (slong i = 0; i < A->r && !tw_ball_watch_stops(watch); i += rows) {
        slong end = i + rows < A->r ? i + rows : A->r;
        arb_mat_t from, to;
        arb_mat_window_init(from, A, i, 0, end, A->c);
        arb_mat_window_init(to, C, i, 0, end, C->c);
        arb_mat_mul(to, from, B, bits);
        arb_mat_window_clear(from);
        arb_mat_window_clear(to);
    }
}

/* ---- Forwards ---- */

/* S = (W + t V) A, to the order of A. */
static void advance(tw_ball_watch *watch, const arb_mat_struct *W, const arb_mat_struct *V,
                    const tw_ball_series *A, tw_ball_series *S, slong bits) {
    arb_mat_t product;
    arb_mat_init(product, W->r, A->c[0].c);
    for (slong k = 0; k < A->orders; k++) {
        tw_ball_multiply(watch, &S->c[k], W, &A->c[k], bits);
        if (k == 0) continue;
        tw_ball_multiply(watch, product, V, &A->c[k - 1], bits);
        arb_mat_add(&S->c[k], &S->c[k], product, bits);
    }
    arb_mat_clear(product);
}

static void add_to_columns(const arb_mat_struct *b, arb_mat_struct *S, slong bits) {
    for (slong i = 0; i < S->r; i++)
        for (slong j = 0; j < S->c; j++)
            arb_add(arb_mat_entry(S, i, j), arb_mat_entry(S, i, j), arb_mat_entry(b, i, 0), bits);
}

/* One entry s_0 + s_1 t + s_2 t^2 -> phi(s_0) + phi' s_1 t + (phi' s_2 + phi'' s_1^2/2) t^2. */
static void compose(arb_srcptr d, slong orders, arb_ptr s[], arb_ptr room, slong bits) {
    arb_set(s[0], d);
    if (orders > 2) {
        arb_sqr(room, s[1], bits);
        arb_mul(room, room, d + 2, bits);
        arb_mul_2exp_si(room, room, -1);
        arb_mul(s[2], s[2], d + 1, bits);
        arb_add(s[2], s[2], room, bits);
    }
    if (orders > 1) arb_mul(s[1], s[1], d + 1, bits);
}

/* S -> phi(S) in place; slopes: phi'(S_0), or NULL. Returns the entries on a kink. */
static size_t activate(const tw_ball_line *line, tw_ball_series *S, arb_mat_struct *slopes,
                       slong bits) {
    size_t kinks = 0;
    arb_ptr d = _arb_vec_init(4), s[TW_BALL_ORDERS] = {NULL};
    for (slong i = 0; i < S->c[0].r && !tw_ball_watch_stops(line->watch); i++)
        for (slong j = 0; j < S->c[0].c; j++) {
            for (slong k = 0; k < S->orders; k++) s[k] = arb_mat_entry(&S->c[k], i, j);
            if (!line->phi->eval(line->model->activation->sharpness, s[0], d, bits)) kinks++;
            compose(d, S->orders, s, d + 3, bits);
            if (slopes) arb_set(arb_mat_entry(slopes, i, j), d + 1);
        }
    _arb_vec_clear(d, 4);
    return kinks;
}

size_t tw_ball_forwards(const tw_ball_line *line, const arb_mat_struct *at,
                        const tw_ball_trail *keep, slong orders, tw_ball_series *Z, slong bits) {
    size_t layers = line->model->layers, kinks = 0;
    slong samples = (slong)line->model->samples;
    tw_ball_series A, S;
    series_init(&A, at[layers].r, samples, orders);
    arb_mat_set(&A.c[0], &at[layers]);
    if (orders > 1) arb_mat_set(&A.c[1], &line->by[layers]);
    for (size_t l = 1; l <= layers; l++) {
        if (keep) arb_mat_set(&keep->A[l - 1], &A.c[0]);
        series_init(&S, at[l - 1].r, samples, orders);
        advance(line->watch, &at[l - 1], &line->by[l - 1], &A, &S, bits);
        tw_ball_series_clear(&A);
        if (l < layers) kinks += activate(line, &S, keep ? &keep->slopes[l] : NULL, bits);
        A = S;
    }
    for (slong k = 0; line->model->bias && k < 2 && k < orders; k++)
        add_to_columns(k ? &line->by[layers + 1] : &at[layers + 1], &A.c[k], bits);
    *Z = A;
    return kinks;
}

/* ---- The value ---- */

tw_ball_sample tw_ball_sample_of(const tw_ball_line *line, const tw_ball_series *Z, slong i,
                                 arb_ptr room) {
    slong classes = Z->c[0].r;
    for (slong k = 0; k < Z->orders; k++)
        for (slong j = 0; j < classes; j++)
            arb_set(room + j + k * classes, arb_mat_entry(&Z->c[k], j, i));
    return (tw_ball_sample){.classes = classes,
                            .label = line->model->labels[i],
                            .orders = Z->orders,
                            .z = room,
                            .room = room + TW_BALL_ORDERS * classes};
}

slong tw_ball_sample_room(const tw_ball_series *Z) {
    return (TW_BALL_ORDERS + 1) * Z->c[0].r + 10;
}

static slong entries(const arb_mat_struct *X) {
    return X->r * X->c;
}

/* x.y over all entries of two matrices of one shape. */
static void dot(arb_t sum, const arb_mat_struct *X, const arb_mat_struct *Y, slong bits) {
    arb_dot(sum, NULL, 0, X->entries, 1, Y->entries, 1, entries(X), bits);
}

/* c (orders) += the ridges: lambda/2 times |x_0|^2, 2 x_0.x_1, |x_1|^2. */
static void add_ridges(const tw_ball_line *line, const arb_mat_struct *at, slong orders, arb_ptr c,
                       slong bits) {
    arb_t lambda, product;
    arb_init(lambda);
    arb_init(product);
    for (size_t i = 0; i < line->count; i++) {
        arb_set_d(lambda, tw_dufm_block(line->model, i).lambda);
        for (slong k = 0; k < orders; k++) {
            dot(product, k < 2 ? &at[i] : &line->by[i], k < 1 ? &at[i] : &line->by[i], bits);
            arb_mul_2exp_si(product, product, k == 1 ? 0 : -1);
            arb_addmul(c + k, lambda, product, bits);
        }
    }
    arb_clear(lambda);
    arb_clear(product);
}

/* c (orders, out): f along the line from `at`. Returns kinks. */
static size_t value(const tw_ball_line *line, const arb_mat_struct *at, slong orders, arb_ptr c,
                    slong bits) {
    tw_ball_series Z;
    size_t kinks = tw_ball_forwards(line, at, NULL, orders, &Z, bits);
    arb_ptr room = _arb_vec_init(tw_ball_sample_room(&Z));
    _arb_vec_zero(c, orders);
    for (slong i = 0; i < Z.c[0].c && !tw_ball_watch_stops(line->watch); i++) {
        tw_ball_sample sample = tw_ball_sample_of(line, &Z, i, room);
        line->loss->add(&sample, c, bits);
    }
    for (slong k = 0; k < orders; k++) arb_div_ui(c + k, c + k, (ulong)line->model->samples, bits);
    add_ridges(line, at, orders, c, bits);
    _arb_vec_clear(room, tw_ball_sample_room(&Z));
    tw_ball_series_clear(&Z);
    return kinks;
}

/* ---- Enclosures ---- */

tw_enclosure tw_ball_enclosure(const arb_t x) {
    tw_enclosure e;
    arf_t bound;
    arf_init(bound);
    arb_get_lbound_arf(bound, x, 128);
    e.lower = arf_get_d(bound, ARF_RND_FLOOR);
    arb_get_ubound_arf(bound, x, 128);
    e.upper = arf_get_d(bound, ARF_RND_CEIL);
    e.value = arf_get_d(arb_midref(x), ARF_RND_NEAR);
    arf_clear(bound);
    return e;
}

const tw_enclosure tw_ball_nowhere = {NAN, NAN, NAN};

size_t tw_ball_line_rayleigh(tw_ball_line *line, size_t bits, tw_enclosure *rayleigh) {
    slong p = (slong)bits;
    arb_t square;
    arb_init(square);
    size_t kinks = value(line, line->at, TW_BALL_ORDERS, line->c, p);
    for (size_t i = 0; i < line->count; i++) {
        dot(line->length, &line->by[i], &line->by[i], p);
        arb_add(square, square, line->length, p);
    }
    arb_sqrt(line->length, square, p);
    arb_div(square, line->c + 2, square, p);
    arb_mul_2exp_si(square, square, 1);
    *rayleigh =
        kinks || !arb_is_positive(line->length) ? tw_ball_nowhere : tw_ball_enclosure(square);
    arb_clear(square);
    return kinks;
}

/* ---- A step ---- */

double tw_ball_line_sign(const tw_ball_line *line) {
    return arf_sgn(arb_midref(line->c + 1)) > 0 ? -1.0 : 1.0;
}

/* loss (out) = f at theta + t v, from new blocks. */
static void value_at(const tw_ball_line *line, double t, arb_mat_struct *moved, arb_t loss,
                     slong bits) {
    arb_t step;
    arb_init(step);
    arb_set_d(step, t);
    for (size_t i = 0; i < line->count; i++) {
        arb_mat_init(&moved[i], line->at[i].r, line->at[i].c);
        arb_mat_set(&moved[i], &line->at[i]);
        arb_mat_scalar_addmul_arb(&moved[i], &line->by[i], step, bits);
    }
    value(line, moved, 1, loss, bits);
    for (size_t i = 0; i < line->count; i++) arb_mat_clear(&moved[i]);
    arb_clear(step);
}

tw_status tw_ball_line_fall(const tw_ball_line *line, double t, size_t bits, tw_ball_fall *fall) {
    tw_status status = TW_OK;
    slong p = (slong)bits;
    arb_mat_struct *moved = NULL;
    arb_t step, x;
    arb_init(step);
    arb_init(x);
    TW_TRY(TW_NEW(moved, line->count));
    value_at(line, t, moved, x, p);
    arb_sub(x, line->c, x, p);
    fall->fall = tw_ball_enclosure(x);
    arb_set_d(step, t);
    arb_sqr(x, step, p);
    arb_mul(x, x, line->c + 2, p);
    arb_neg(x, x);
    fall->promise = tw_ball_enclosure(x);
    arb_abs(step, step);
    arb_mul(x, line->length, line->gradient, p);
    arb_mul(x, x, step, p);
    fall->slope = tw_ball_enclosure(x);
cleanup:
    free(moved);
    arb_clear(step);
    arb_clear(x);
    return status;
}
