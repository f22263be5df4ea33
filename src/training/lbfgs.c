/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS (Liu and Nocedal, Math. Programming 45, 1989): steps along d = -H g, H the inverse
 * Hessian of the BFGS formula from the last few pairs s = x_new - x, y = g_new - g and a multiple
 * of 1.
 *
 * The pairs stand in one matrix B = (s_1 y_1 s_2 y_2 ..), and d is B c - gamma g. The two loops
 * that find d ask for inner products of its parts alone, so they run on the few numbers c (the
 * idea of the compact representation: Byrd, Nocedal, Schnabel, Math. Programming 63, 1994). A
 * step costs one product B^T (g y) for the inner products and one B c, where the loops on vectors
 * would read and write a vector for every number.
 *
 * What the search (wolfe.c) is told decides how far down it gets. It compares f - f_k with a part
 * of the slope. Near an optimum f - f_k is about ||g||^2 / curvature. Once that is below the
 * rounding of f, at ||g|| about 1e-8, it would compare noise, refuse good steps, and give up. The
 * gradient is still known to ten digits there, and it knows the difference too: by the trapezoid
 * rule f - f_k = t (g_k + g).d/2, exact for a quadratic. So a difference that is lost in the
 * rounding of f is replaced by the rule's. Where the slope at t is small enough for the search,
 * |g.d| <= 0.9 |g_k.d|, the rule gives at most 0.05 t g_k.d, which is more of a fall than it asks
 * for: deep down it is led by derivatives alone (what Hager and Zhang, SIAM J. Optim. 16 (2005),
 * call the approximate Wolfe conditions).
 *
 * A trial point beyond the range of f is shown as what a parabola would give whose lowest point
 * is a tenth of the way there: the search comes back by that much. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "training/descent_private.h"
#include "training/wolfe_private.h"

/* Pairs. At 9,100 parameters (tests/bench/basins.c) 3 to 10 take the same number of evaluations,
 * on the small models of tests/bench/train.c 10 save 4 % and cost more than that, with squared
 * error and three layers 4 took fewest. */
#define PAIRS 4
#define SEARCHES 2.0 /* for a step: one that failed, and the one along -g that went on */

typedef struct history {
    tw_descent *run;
    double *matrix;              /* n x (1 + 2 PAIRS): g, the trial's before it is run->g, and B */
    double *B;                   /* in it: pair i in columns 2 i (s) and 2 i + 1 (y) */
    double *trial, *d;           /* run->work[0], [1] */
    size_t count, newest;        /* pairs, and which of them came last */
    double Bg[2 * PAIRS];        /* B^T g at run->x */
    double By[2 * PAIRS][PAIRS]; /* B^T y of every pair, at the time it came */
    double trial_value;
    bool beyond; /* a trial of this search was beyond the range of f */
} history;

/* Pair number `age` from the newest, which is 0. */
static size_t pair_of(const history *h, size_t age) {
    return (h->newest + PAIRS - age) % PAIRS;
}

/* The two loops, on the coefficients c of B and the one of g, which is returned. q and r are, in
 * turn, g - sum alpha y and gamma q + sum (alpha - beta) s. */
static double two_loops(const history *h, double *c) {
    double alpha[PAIRS], gamma = h->count == 0 ? 1.0 : 0.0;
    for (size_t i = 0; i < 2 * PAIRS; i++) c[i] = 0.0;
    for (size_t age = 0; age < h->count; age++) {
        size_t i = pair_of(h, age);
        double sq = h->Bg[2 * i];
        for (size_t newer = 0; newer < age; newer++) {
            size_t j = pair_of(h, newer);
            sq -= alpha[j] * h->By[2 * i][j];
        }
        alpha[i] = sq / h->By[2 * i][i];
        if (age == 0) gamma = h->By[2 * i][i] / h->By[2 * i + 1][i];
    }
    for (size_t age = h->count; age-- > 0;) {
        size_t i = pair_of(h, age);
        double yr = gamma * h->Bg[2 * i + 1];
        for (size_t other = 0; other < h->count; other++) {
            size_t j = pair_of(h, other), late = other < age ? j : i, early = other < age ? i : j;
            yr -= gamma * alpha[j] * h->By[2 * early + 1][late];
            if (other > age) yr -= c[2 * j] * h->By[2 * j][i];
        }
        c[2 * i] = yr / h->By[2 * i][i] - alpha[i]; /* -(alpha - beta) */
        c[2 * i + 1] = gamma * alpha[i];
    }
    return -gamma;
}

/* d, and its slope g.d, which is made of inner products that are known. */
static double direction(history *h) {
    tw_descent *run = h->run;
    double c[1 + 2 * PAIRS], slope;
    if (h->count == 0) tw_copy(run->n, run->g, h->matrix); /* a search that failed left its own */
    c[0] = two_loops(h, c + 1);
    tw_multiply(1.0, tw_plain(h->matrix, run->n, 1 + 2 * h->count),
                tw_plain(c, 1 + 2 * h->count, 1), 0.0, tw_mat(h->d, run->n, 1));
    slope = c[0] * run->norm * run->norm;
    for (size_t i = 0; i < 2 * h->count; i++) slope += c[1 + i] * h->Bg[i];
    return slope;
}

/* change and slope at the search's trial, gradient in the matrix. */
static tw_status look(history *h, const tw_wolfe *search, double *change, double *slope) {
    tw_descent *run = h->run;
    double t = search->t;
    tw_combine(run->n, 1.0, run->x, t, h->d, h->trial);
    tw_status status = tw_descent_eval(run, h->trial, &h->trial_value, h->matrix);
    if (status == TW_ERR_NUMERIC) {
        h->beyond = true;
        *change = -4.0 * t * search->slope;
        *slope = -9.0 * search->slope;
        return TW_OK;
    }
    if (status != TW_OK) return status;
    double value = h->trial_value;
    *slope = tw_dot(run->options->space, run->n, h->matrix, h->d);
    *change = value - run->value;
    if (fabs(*change) <= TW_VALUE_NOISE * fmax(fabs(value), fabs(run->value)))
        *change = 0.5 * t * (search->slope + *slope);
    return TW_OK;
}

/* The pair of a step into the matrix, in the place of the oldest, and all inner products of the
 * next direction: with the new gradient, of which Bg says what the pairs have with it. A pair that
 * shows no curvature is forgotten. */
static void join_pair(history *h) {
    tw_descent *run = h->run;
    size_t n = run->n, at = h->count == 0 ? 0 : (h->newest + 1) % PAIRS;
    size_t count = h->count < PAIRS ? h->count + 1 : PAIRS, columns = 2 * count;
    double *s = h->B + 2 * at * n, *y = s + n, *g = h->matrix, G[4 * PAIRS];
    const tw_columns g_and_y = {g, (size_t)(y - g), 2};
    tw_combine(n, 1.0, h->trial, -1.0, run->x, s);
    tw_combine(n, 1.0, g, -1.0, run->g, y);
    tw_gram(run->options->space, n, (tw_columns){h->B, n, columns}, g_and_y, G);
    for (size_t i = 0; i < columns; i++) {
        h->Bg[i] = G[i];
        h->By[i][at] = G[columns + i];
    }
    h->count = count;
    h->newest = at;
    bool curved = h->By[2 * at][at] > 0.0 && h->By[2 * at + 1][at] > 0.0;
    if (!curved) h->count = 0;
}

/* Along -g after a search with pairs found nothing: they mislead it. Without pairs there is no way
 * on. */
static void give_up(history *h, tw_wolfe_verdict verdict) {
    if (verdict == TW_WOLFE_RUNAWAY || (h->count == 0 && h->beyond))
        tw_descent_end(h->run, TW_DESCENT_DIVERGED);
    else if (h->count == 0)
        tw_descent_end(h->run, TW_DESCENT_STALLED);
    h->count = 0;
}

static tw_status step(history *h) {
    tw_status status = TW_OK;
    tw_descent *run = h->run;
    tw_wolfe search;
    tw_wolfe_verdict verdict = TW_WOLFE_NOTHING;
    double slope = direction(h), change;
    h->beyond = false;
    if (slope < 0.0) {
        tw_wolfe_start(&search, slope, h->count > 0 ? 1.0 : 1.0 / run->norm);
        verdict = TW_WOLFE_GO_ON;
    }
    while (verdict == TW_WOLFE_GO_ON) {
        if (tw_descent_told_to_end(run)) {
            tw_descent_end(run, TW_DESCENT_CANCELLED);
            return TW_OK;
        }
        TW_TRY(look(h, &search, &change, &slope));
        verdict = tw_wolfe_tell(&search, change, slope);
    }
    if (verdict != TW_WOLFE_TAKE) {
        give_up(h, verdict);
        return TW_OK;
    }
    join_pair(h);
    TW_TRY(tw_descent_tell(run, h->trial, h->trial_value, h->matrix));
cleanup:
    return status;
}

static tw_status lbfgs_advance(tw_descent *run, size_t until) {
    tw_status status = TW_OK;
    history h = {.run = run, .trial = run->work[0], .d = run->work[1]};
    tw_descent_progress progress = {.value = run->value, .norm = run->norm};
    if (run->n > INT_MAX)
        return tw_fail(TW_ERR_UNSUPPORTED, "L-BFGS takes at most %d parameters", INT_MAX);
    TW_TRY(TW_NEW_MATRIX(h.matrix, run->n, 1 + 2 * PAIRS));
    h.B = h.matrix + run->n;
    while (!run->done && run->state->step < until) {
        size_t before = run->state->step;
        TW_TRY(step(&h));
        if (!run->done && run->state->step > before && tw_descent_is_idle(run, &progress))
            tw_descent_end(run, TW_DESCENT_STALLED);
    }
cleanup:
    free(h.matrix);
    return status;
}

const tw_descent_method tw_method_lbfgs = {"lbfgs",
                                           "limited-memory BFGS with a line search",
                                           "",
                                           0,
                                           2 * PAIRS + 3,
                                           SEARCHES *TW_WOLFE_TRIALS,
                                           false,
                                           true,
                                           lbfgs_advance,
                                           NULL};
