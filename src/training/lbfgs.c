/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS by libLBFGS: two-loop recursion, Moré and Thuente's line search.
 *
 * The library asks for values and gradients and compares them; what it is told decides how far down
 * it gets. Its search takes a step t along d from x_k when
 *     (1)  f <= f_k + 1e-4 t g_k.d          (2)  |g.d| <= 0.9 |g_k.d|.
 * Near an optimum f - f_k is about ||g||^2 / curvature. Once that is below the rounding of f, at
 * ||g|| about 1e-8, (1) compares noise, refuses good steps, and the search gives up: told plainly,
 * the library came to 1e-10 from 86 of 200 random starts and to 1e-12 from 17 (K = 4, L = 3, d = 6,
 * lambda = 1e-2), as told below from all of them, to 1e-14 too.
 *
 * The gradient is still known to ten digits there, and it knows the difference too: by the
 * trapezoid rule f - f_k = (g_k + g).(x - x_k)/2, exact for a quadratic. So a difference that is
 * lost in the rounding of f is replaced by the rule's, and the library is told
 *     F(x) = F_k + (f - f_k  or  the rule),    F_k: what it was told at x_k.
 * F_k is of the size of f, and so small a difference may vanish again when it is added. That does
 * no harm: where (2) holds the rule gives t (g_k + g).d/2 <= 0.05 t g_k.d, which is less than the
 * 1e-4 t g_k.d of (1), and rounding is monotone, so (1) holds for the rounded numbers as well. Deep
 * down the search is thus led by derivatives alone (what Hager and Zhang, SIAM J. Optim. 16 (2005),
 * call the approximate Wolfe conditions), and there is no need to start again from a rebased f,
 * which would cost the history each time. F drifts from f by the noise it avoids; the points that
 * are told carry f.
 *
 * A trial point beyond the range of f is shown as what a parabola would give whose lowest point is
 * a tenth of the way there: the search comes back by that much. */
#include <float.h>
#include <limits.h>
#include <math.h>

#include <lbfgs.h>

#include "dense/vector_private.h"
#include "training/descent_private.h"

/* Pairs. On the small models of tests/bench/train.c 25 instead of 5 save a tenth of the
 * evaluations, at 9,100 parameters (tests/bench/basins.c) nothing, and from 10 on the library's own
 * work costs more than they do. */
#define HISTORY 5
#define SEARCH 40    /* evaluations of a line search at most: the library's own */
#define SEARCHES 2.0 /* for a step: one that failed, and the one that went on */

/* One call of the library: one history. */
typedef struct history {
    tw_descent *run;
    size_t until;
    double shown; /* F at run->x */
    double trial; /* f at the point evaluated last */
    bool started; /* the first evaluation, at run->x, has been asked for */
    bool beyond;  /* a trial point since the last step was beyond the range of f */
    bool idle;
    bool ended;      /* the monitor did, within a search */
    bool *backtrack; /* in/out: the next history's search */
    tw_descent_progress progress;
    tw_status status; /* of a callback: the library knows no errors in them */
} history;

/* (a + b).(x - y)/2 */
static double trapezoid(size_t n, const double *a, const double *b, const double *x,
                        const double *y) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += 0.5 * (a[i] + b[i]) * (x[i] - y[i]);
    return sum;
}

static double beyond_range(const history *h, const double *x, double *g) {
    const tw_descent *run = h->run;
    double slope = trapezoid(run->n, run->g, run->g, x, run->x); /* t g_k.d */
    for (size_t i = 0; i < run->n; i++) g[i] = -9.0 * run->g[i];
    return h->shown - 4.0 * slope;
}

static double evaluate(void *self, const double *x, double *g, const int n, const double step) {
    history *h = self;
    tw_descent *run = h->run;
    (void)n;
    (void)step;
    if (!h->started) {
        h->started = true;
        tw_copy(run->n, run->g, g);
        return h->shown;
    }
    h->ended = h->ended || tw_descent_told_to_end(run);
    if (h->ended) return beyond_range(h, x, g); /* a search that finds nothing soon gives up */
    tw_status status = h->status ? h->status : tw_descent_eval(run, x, &h->trial, g);
    if (status != TW_OK && status != TW_ERR_NUMERIC) h->status = status;
    h->beyond = h->beyond || status == TW_ERR_NUMERIC;
    if (status != TW_OK) return beyond_range(h, x, g);
    double change = h->trial - run->value;
    if (fabs(change) <= TW_VALUE_NOISE * fmax(fabs(h->trial), fabs(run->value)))
        change = trapezoid(run->n, run->g, g, x, run->x);
    return h->shown + change;
}

/* A step was taken; the parameters are the library's. */
static int progress(void *self, const double *x, const double *g, const double value,
                    const double x_norm, const double g_norm, const double step, int n, int k,
                    int evaluations) {
    history *h = self;
    tw_descent *run = h->run;
    (void)x_norm;
    (void)g_norm;
    (void)step;
    (void)n;
    (void)k;
    (void)evaluations;
    h->shown = value;
    h->beyond = false;
    h->status = tw_descent_tell(run, x, h->trial, g);
    h->idle = tw_descent_is_idle(run, &h->progress);
    return h->status != TW_OK || run->done || run->state->step >= h->until || h->idle;
}

/* Why the library came back. A history that misleads the search is worth a new one, unless it got
 * nowhere. Then the other search has a try: where f has two valleys along -g, the library's Moré-
 * Thuente may give up between them, at a gradient of any size. */
static tw_status judge(history *h, int outcome, double norm_before, double value_before) {
    tw_descent *run = h->run;
    if (h->status != TW_OK) return h->status;
    if (outcome == LBFGSERR_OUTOFMEMORY)
        return tw_fail(TW_ERR_MEMORY, "no memory for L-BFGS on %zu parameters", run->n);
    if (run->done || run->state->step >= h->until) return TW_OK;
    if (h->ended) {
        tw_descent_end(run, TW_DESCENT_CANCELLED);
        return TW_OK;
    }
    bool better = run->norm <= 0.5 * norm_before ||
                  run->value < value_before - TW_VALUE_NOISE * fabs(value_before);
    if (outcome == LBFGSERR_MAXIMUMSTEP || (h->beyond && !better))
        tw_descent_end(run, TW_DESCENT_DIVERGED);
    else if (!better && !*h->backtrack && !h->idle)
        *h->backtrack = true;
    else if (h->idle || !better)
        tw_descent_end(run, TW_DESCENT_STALLED);
    return TW_OK;
}

static tw_status one_history(tw_descent *run, size_t until, bool *backtrack, double *x) {
    lbfgs_parameter_t parameters;
    history h = {.run = run,
                 .until = until,
                 .shown = run->value,
                 .trial = run->value,
                 .backtrack = backtrack,
                 .progress = {.value = run->value, .norm = run->norm}};
    lbfgs_parameter_init(&parameters);
    parameters.m = HISTORY;
    parameters.max_linesearch = SEARCH;
    parameters.epsilon = 0.0; /* the driver judges */
    if (*backtrack) parameters.linesearch = LBFGS_LINESEARCH_BACKTRACKING_WOLFE;
    tw_copy(run->n, run->x, x);
    double norm = run->norm, value = run->value;
    int outcome = lbfgs((int)run->n, x, NULL, evaluate, progress, &h, &parameters);
    return judge(&h, outcome, norm, value);
}

static tw_status lbfgs_advance(tw_descent *run, size_t until) {
    tw_status status = TW_OK;
    double *x = NULL;
    bool backtrack = false;
    if (tw_space_is_spread(run->options->space))
        return tw_fail(TW_ERR_UNSUPPORTED, "L-BFGS works on vectors that one process holds whole");
    if (run->n > INT_MAX)
        return tw_fail(TW_ERR_UNSUPPORTED, "L-BFGS takes at most %d parameters", INT_MAX);
    x = lbfgs_malloc((int)run->n);
    if (x == NULL) TW_TRY(tw_fail(TW_ERR_MEMORY, "no memory for %zu parameters", run->n));
    while (!run->done && run->state->step < until) TW_TRY(one_history(run, until, &backtrack, x));
cleanup:
    lbfgs_free(x);
    return status;
}

const tw_descent_method tw_method_lbfgs = {"lbfgs",
                                           "limited-memory BFGS with a line search",
                                           "",
                                           0,
                                           15,
                                           SEARCHES *SEARCH,
                                           false,
                                           true,
                                           lbfgs_advance,
                                           "libLBFGS " TW_LBFGS_VERSION};
