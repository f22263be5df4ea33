/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First-order methods with a fixed rate. Whole gradient:
 *     gd        x <- x - rate g
 *     momentum  v <- momentum v + g,  x <- x - rate v                   (Polyak's heavy ball)
 * minibatch gradients, drawn without replacement, a fresh order every epoch:
 *     sgd       as momentum, on minibatches
 *     adam      m <- b1 m + (1 - b1) g,  s <- b2 s + (1 - b2) g^2,
 *               x <- x - rate m' / (sqrt(s') + 1e-8), m' and s' free of their bias towards zero
 *               (Kingma, Ba, ICLR 2015), b1 = momentum, b2 = 0.999
 * The order of epoch e is the stream (seed, minibatch, e): the step number alone says which samples
 * are due, so that a run can be taken up after any step. */
#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "training/descent_private.h"

#define EPOCH_END 2.0 /* gradients of its last step: a minibatch's and the whole one */
#define ADAM_SECOND 0.999
#define ADAM_FLOOR 1e-8

/* ---- Whole gradient ---- */

/* f at the trial point of work[0], gradient into work[1]; beyond the range of f the run has
 * diverged. */
static tw_status evaluate_trial(tw_descent *run, double *value) {
    tw_status status = tw_descent_eval(run, run->work[0], value, run->work[1]);
    if (status != TW_ERR_NUMERIC) return status;
    tw_descent_end(run, TW_DESCENT_DIVERGED);
    return TW_OK;
}

/* velocity NULL: plain gradient descent. It is kept only with the point it led to. */
static tw_status descend(tw_descent *run, size_t until, double *velocity) {
    tw_status status = TW_OK;
    const tw_descent_options *options = run->options;
    double *next = velocity ? run->work[2] : run->g, value;
    while (!run->done && run->state->step < until) {
        if (velocity) {
            tw_copy(run->n, run->g, next);
            tw_axpy(run->n, options->momentum, velocity, next);
        }
        tw_copy(run->n, run->x, run->work[0]);
        tw_axpy(run->n, -options->rate, next, run->work[0]);
        TW_TRY(evaluate_trial(run, &value));
        if (run->done) break;
        if (velocity) tw_copy(run->n, next, velocity);
        run->state->time += options->rate;
        TW_TRY(tw_descent_tell(run, run->work[0], value, run->work[1]));
    }
cleanup:
    return status;
}

static tw_status gd(tw_descent *run, size_t until) {
    return descend(run, until, NULL);
}

static tw_status momentum(tw_descent *run, size_t until) {
    return descend(run, until, run->state->memory);
}

/* ---- Minibatches ---- */

typedef struct epoch {
    size_t samples, batch;
    size_t steps; /* of an epoch: the last minibatch of an odd size is smaller */
    size_t *order;
} epoch;

/* Fisher and Yates' shuffle. */
static void shuffle(epoch *e, uint64_t seed, size_t index) {
    tw_random stream;
    tw_random_init(&stream, seed, TW_PURPOSE_MINIBATCH, index);
    for (size_t i = 0; i < e->samples; i++) e->order[i] = i;
    for (size_t i = e->samples; i > 1; i--) {
        size_t j = (size_t)(tw_random_uniform(&stream) * (double)i), kept = e->order[i - 1];
        e->order[i - 1] = e->order[j];
        e->order[j] = kept;
    }
}

static tw_status epoch_init(epoch *e, const tw_descent *run) {
    const tw_minibatch *minibatch = run->problem->minibatch;
    e->samples = minibatch ? minibatch->samples : 1;
    e->batch = run->options->batch < e->samples ? run->options->batch : e->samples;
    e->steps = (e->samples + e->batch - 1) / e->batch;
    tw_status status = TW_NEW(e->order, e->samples);
    if (status == TW_OK) shuffle(e, run->options->seed, run->state->step / e->steps);
    return status;
}

static tw_status batch_gradient(tw_descent *run, const epoch *e, double *gradient) {
    const tw_minibatch *minibatch = run->problem->minibatch;
    double value;
    if (minibatch == NULL) return tw_descent_eval(run, run->x, &value, gradient);
    size_t first = run->state->step % e->steps * e->batch, left = e->samples - first;
    run->state->batches++;
    return minibatch->gradient(minibatch->self, run->x, left < e->batch ? left : e->batch,
                               e->order + first, gradient);
}

static void sgd_step(tw_descent *run, const double *g) {
    double *velocity = run->state->memory;
    tw_scale(run->n, run->options->momentum, velocity);
    tw_axpy(run->n, 1.0, g, velocity);
    tw_axpy(run->n, -run->options->rate, velocity, run->x);
}

static void adam_step(tw_descent *run, const double *g) {
    double *mean = run->state->memory, *square = mean + run->n, first = run->options->momentum;
    double steps = (double)(run->state->step + 1);
    double unbias_mean = 1.0 / (1.0 - pow(first, steps));
    double unbias_square = 1.0 / (1.0 - pow(ADAM_SECOND, steps));
    for (size_t i = 0; i < run->n; i++) {
        mean[i] = first * mean[i] + (1.0 - first) * g[i];
        square[i] = ADAM_SECOND * square[i] + (1.0 - ADAM_SECOND) * g[i] * g[i];
        run->x[i] -= run->options->rate * unbias_mean * mean[i] /
                     (sqrt(unbias_square * square[i]) + ADAM_FLOOR);
    }
}

/* The last point where the whole function was looked at: where a run that diverges returns to. */
typedef struct good {
    double *x, *memory;
    double value, norm, time;
    size_t step;
} good;

static tw_status good_init(good *last, const tw_descent *run) {
    tw_status status = TW_OK;
    TW_TRY(TW_NEW(last->x, run->n));
    TW_TRY(TW_NEW(last->memory, run->n * run->state->vectors));
cleanup:
    return status;
}

static void remember(good *last, const tw_descent *run) {
    const tw_descent_state *state = run->state;
    tw_copy(run->n, run->x, last->x);
    tw_copy(run->n * state->vectors, state->memory, last->memory);
    last->value = run->value;
    last->norm = run->norm;
    last->time = state->time;
    last->step = state->step;
}

static void go_back(const good *last, tw_descent *run) {
    tw_descent_state *state = run->state;
    tw_copy(run->n, last->x, run->x);
    tw_copy(run->n * state->vectors, last->memory, state->memory);
    run->value = last->value;
    run->norm = last->norm;
    state->time = last->time;
    state->step = last->step;
}

typedef void move_fn(tw_descent *run, const double *g);

/* x, time, and, when `whole`, f and gradient (into work[1]) there. TW_ERR_NUMERIC: the step before
 * or this one has left the range of f. */
static tw_status make_step(tw_descent *run, const epoch *e, move_fn *move, bool whole,
                           double *value) {
    tw_status status = batch_gradient(run, e, run->work[0]);
    *value = (double)NAN;
    if (status != TW_OK) return status;
    move(run, run->work[0]);
    run->state->time += run->options->rate;
    return whole ? tw_descent_eval(run, run->x, value, run->work[1]) : TW_OK;
}

/* A run that ends between two looks is looked at there. */
static tw_status last_look(tw_descent *run) {
    if (!run->done || !isnan(run->norm)) return TW_OK;
    tw_status status = tw_descent_eval(run, run->x, &run->value, run->g);
    if (status == TW_OK) run->norm = tw_norm(run->options->space, run->n, run->g);
    return status;
}

static tw_status stochastic_step(tw_descent *run, const epoch *e, move_fn *move, good *last,
                                 bool whole) {
    double value;
    tw_status status = make_step(run, e, move, whole, &value), told = TW_OK;
    if (status == TW_OK) told = tw_descent_tell(run, run->x, value, whole ? run->work[1] : NULL);
    if (told != TW_OK) return told;
    if (status == TW_OK) status = last_look(run);
    if (status != TW_OK) go_back(last, run);
    if (status == TW_OK && whole) remember(last, run);
    if (status != TW_ERR_NUMERIC) return status;
    tw_descent_end(run, TW_DESCENT_DIVERGED);
    return TW_OK;
}

/* Looks: at the end of every epoch and of every segment, so that a run taken up there knows no less
 * than one that went through. */
static tw_status stochastic(tw_descent *run, size_t until, move_fn *move) {
    tw_status status = TW_OK;
    epoch e = {0};
    good last = {0};
    TW_TRY(epoch_init(&e, run));
    TW_TRY(good_init(&last, run));
    remember(&last, run);
    while (!run->done && run->state->step < until) {
        size_t step = run->state->step;
        bool whole = (step + 1) % e.steps == 0 || step + 1 == until;
        if (step % e.steps == 0) shuffle(&e, run->options->seed, step / e.steps);
        TW_TRY(stochastic_step(run, &e, move, &last, whole));
    }
cleanup:
    free(e.order);
    free(last.x);
    free(last.memory);
    return status;
}

static tw_status sgd(tw_descent *run, size_t until) {
    return stochastic(run, until, sgd_step);
}

static tw_status adam(tw_descent *run, size_t until) {
    return stochastic(run, until, adam_step);
}

const tw_descent_method tw_method_gd = {
    "gd", "gradient descent at a fixed rate", "lr t_end", 0, 2, 1.0, false, false, gd, NULL};
const tw_descent_method tw_method_momentum = {"momentum",
                                              "gradient descent with a heavy ball",
                                              "lr momentum t_end",
                                              1,
                                              3,
                                              1.0,
                                              false,
                                              false,
                                              momentum,
                                              NULL};
const tw_descent_method tw_method_sgd = {"sgd",
                                         "minibatch gradient descent with a heavy ball",
                                         "lr momentum batch t_end",
                                         1,
                                         3,
                                         EPOCH_END,
                                         true,
                                         false,
                                         sgd,
                                         NULL};
const tw_descent_method tw_method_adam = {
    "adam", "Adam on minibatches", "lr momentum batch t_end", 2, 3, EPOCH_END, true, false, adam,
    NULL};
