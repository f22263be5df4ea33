/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares with bounds, in two stages on the same reduced problem.
 *
 * Reduction: A = Q R with m > n leaves ||R x - Q^T b||, n rows; columns get length 1, so that one
 * tolerance fits all gradients and the rank of a set of columns does not hang on their units.
 *
 * 1. Projected Newton (Bertsekas, SIAM J. Control Optim. 20 (1982)): all variables but those at a
 *    bound with a gradient that holds them there take the least-squares step p of their columns,
 *    along the arc clip(x + t p), t = 1, 1/2, ... . What points out of the box stays at its bound
 *    and only adds to the descent. Many variables come and go at once: a dozen factorisations find
 *    nearly all of the active set. Nothing ensures that it ends, so it has a limit.
 * 2. Stark and Parker's method from there: go to the minimiser of the free variables, fixing those
 *    that run into a bound; then free the fixed one with the largest wrong gradient. No set of free
 *    variables comes twice, for the residual falls from one minimiser to the next.
 *
 * Dependent columns: steps are those of smallest norm. A fixed column that depends on the free ones
 * has no gradient at their minimiser, so stage 2 never frees it. */
#include "dense/bounded_private.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"

#define NEWTON_LIMIT 40     /* steps of the first stage */
#define SHORTEST_STEP 1e-3  /* a shorter one moves too little to be worth a factorisation */
#define LEAST_LENGTH 1e-290 /* of a column; a shorter one is zero, its inverse may overflow */
#define SUFFICIENT 1e-4     /* Armijo's constant */
#define CHANGES 10          /* of the active set in the second stage, times n */
#define UNASKED 3e7         /* multiply-adds of the first factorisations, before anybody is asked */

typedef struct problem {
    size_t rows, n;
    double *R;      /* rows x n, columns of length 1 (or 0) */
    double *c;      /* rows */
    double *length; /* n: of the columns of A; x and the bounds are scaled by them */
    double *low, *high, *x;
    bool *free, *barred; /* barred: freeing it led nowhere at this minimiser */
    size_t *columns, free_count;
    double *residual; /* rows: c - R x */
    double *gradient; /* n: -R^T residual */
    double *step;     /* max(rows, n) */
    double *trial, *trial_residual;
    double *work;          /* rows x n */
    double cut, tolerance; /* of ranks; of gradients */
    size_t changes;
    double done; /* multiply-adds of the factorisations */
    const tw_monitor *monitor;
} problem;

static void problem_clear(problem *p) {
    double *arrays[] = {p->R,        p->c,        p->length, p->low,   p->high,           p->x,
                        p->residual, p->gradient, p->step,   p->trial, p->trial_residual, p->work};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    free(p->free);
    free(p->barred);
    free(p->columns);
}

static tw_status allocate(problem *p) {
    tw_status status = TW_OK;
    size_t n = p->n, rows = p->rows;
    double **of_n[] = {&p->length, &p->low, &p->high, &p->x, &p->gradient, &p->trial};
    double **of_rows[] = {&p->c, &p->residual, &p->trial_residual};
    for (size_t i = 0; i < sizeof of_n / sizeof *of_n; i++) TW_TRY(TW_NEW(*of_n[i], n));
    for (size_t i = 0; i < sizeof of_rows / sizeof *of_rows; i++) TW_TRY(TW_NEW(*of_rows[i], rows));
    TW_TRY(TW_NEW(p->step, rows > n ? rows : n));
    TW_TRY(TW_NEW(p->work, rows * n));
    TW_TRY(TW_NEW(p->free, n));
    TW_TRY(TW_NEW(p->barred, n));
    TW_TRY(TW_NEW(p->columns, n));
cleanup:
    return status;
}

/* ---- Reduction ---- */

/* R and c from A and b. */
static tw_status reduce(problem *p, const tw_bounded *given) {
    tw_status status = TW_OK;
    size_t m = given->m, n = given->n;
    double *Q = NULL;
    TW_TRY(TW_NEW(p->R, p->rows * n));
    if (m <= n) {
        tw_copy(m * n, given->A, p->R);
        tw_copy(m, given->b, p->c);
        goto cleanup;
    }
    TW_TRY(TW_NEW(Q, m * n));
    tw_copy(m * n, given->A, Q);
    TW_TRY(tw_sliced_orthonormalise(m, n, Q, p->R, given->monitor));
    tw_multiply(1.0, tw_transposed(Q, m, n), tw_plain(given->b, m, 1), 0.0, tw_mat(p->c, n, 1));
cleanup:
    free(Q);
    return status;
}

static double clip(double x, double low, double high) {
    return fmin(fmax(x, low), high);
}

static void scale_columns(problem *p, const tw_bounded *given, const double *x) {
    for (size_t j = 0; j < p->n; j++) {
        double length = tw_norm(NULL, p->rows, p->R + j * p->rows);
        bool counts = length > LEAST_LENGTH;
        tw_scale(p->rows, counts ? 1.0 / length : 0.0, p->R + j * p->rows);
        if (!counts) length = 1.0;
        p->length[j] = length;
        p->low[j] = given->low[j] * length;
        p->high[j] = given->high[j] * length;
        p->x[j] = clip(x[j] * length, p->low[j], p->high[j]);
    }
}

/* ---- What both stages need ---- */

/* residual (out) = c - R x; returns half its square. */
static double misfit(const problem *p, const double *x, double *residual) {
    tw_copy(p->rows, p->c, residual);
    tw_multiply(-1.0, tw_plain(p->R, p->rows, p->n), tw_plain(x, p->n, 1), 1.0,
                tw_mat(residual, p->rows, 1));
    return 0.5 * tw_dot(NULL, p->rows, residual, residual);
}

/* The gradient at x from its residual, and the size its rounding may have. */
static void look(problem *p) {
    double rounding = (double)(p->rows + p->n) * DBL_EPSILON, sum = 0.0;
    for (size_t j = 0; j < p->n; j++) sum += fabs(p->x[j]);
    tw_multiply(-1.0, tw_transposed(p->R, p->rows, p->n), tw_plain(p->residual, p->rows, 1), 0.0,
                tw_mat(p->gradient, p->n, 1));
    p->cut = rounding;
    p->tolerance = 4.0 * rounding * sqrt((double)p->n) * (tw_norm(NULL, p->rows, p->c) + sum);
}

/* How far x_j may still go in the direction of `sign`. */
static double room(const problem *p, size_t j, double sign) {
    return sign < 0.0 ? p->x[j] - p->low[j] : p->high[j] - p->x[j];
}

/* The step of the free variables to their minimiser: step[i] belongs to columns[i]. */
static tw_status step_of_free(problem *p) {
    size_t rows = p->rows;
    p->free_count = 0;
    for (size_t j = 0; j < p->n; j++)
        if (p->free[j]) {
            tw_copy(rows, p->R + j * rows, p->work + p->free_count * rows);
            p->columns[p->free_count++] = j;
        }
    tw_copy(rows, p->residual, p->step);
    p->done += (double)rows * (double)p->free_count * (double)p->free_count;
    if (p->done > UNASKED &&
        tw_monitor_report(p->monitor, "least squares", (double)p->changes, 0.0))
        return tw_fail(TW_STOPPED, "ended within least squares with bounds, %zu unknowns", p->n);
    return tw_least_squares(rows, p->free_count, p->work, p->cut, p->step);
}

/* ---- First stage ---- */

/* Free: what lies between its bounds, and what the gradient pulls off its bound. */
static void release(problem *p) {
    for (size_t j = 0; j < p->n; j++) {
        double g = p->gradient[j];
        bool held = (room(p, j, -1.0) <= 0.0 && g >= -p->tolerance) ||
                    (room(p, j, 1.0) <= 0.0 && g <= p->tolerance);
        p->free[j] = !held && p->low[j] < p->high[j];
    }
}

static bool settled(const problem *p) {
    for (size_t j = 0; j < p->n; j++)
        if (p->free[j] && fabs(p->gradient[j]) > p->tolerance) return false;
    return true;
}

/* The longest step along the arc that lowers the misfit as its gradient promises; 0: none. */
static double search_arc(problem *p, double before) {
    for (double t = 1.0; t >= SHORTEST_STEP; t *= 0.5) {
        double promised = 0.0;
        tw_copy(p->n, p->x, p->trial);
        for (size_t i = 0; i < p->free_count; i++) {
            size_t j = p->columns[i];
            p->trial[j] = clip(p->x[j] + t * p->step[i], p->low[j], p->high[j]);
            promised += p->gradient[j] * (p->x[j] - p->trial[j]);
        }
        if (!(promised > 0.0)) continue;
        if (misfit(p, p->trial, p->trial_residual) <= before - SUFFICIENT * promised) return t;
    }
    return 0.0;
}

static tw_status projected_newton(problem *p) {
    tw_status status = TW_OK;
    double value = misfit(p, p->x, p->residual);
    for (size_t i = 0; i < NEWTON_LIMIT; i++) {
        look(p);
        release(p);
        if (settled(p)) break;
        TW_TRY(step_of_free(p));
        if (search_arc(p, value) == 0.0) break;
        tw_copy(p->n, p->trial, p->x);
        value = misfit(p, p->x, p->residual);
    }
    for (size_t j = 0; j < p->n; j++) p->free[j] = room(p, j, -1.0) > 0.0 && room(p, j, 1.0) > 0.0;
cleanup:
    return status;
}

/* ---- Second stage ---- */

/* The part of the step, at most 1, that stays within the bounds; *blocking: who ends it before 1.
 */
static double allowed(const problem *p, size_t *blocking) {
    double t = 1.0;
    *blocking = p->free_count;
    for (size_t i = 0; i < p->free_count; i++) {
        double there = fabs(p->step[i]), here = room(p, p->columns[i], p->step[i]);
        if (there * t <= here) continue;
        t = here / there;
        *blocking = i;
    }
    return t;
}

/* Go that part of the step and fix what reaches its bound, whoever ends it in any case. */
static void move(problem *p, double t, size_t blocking) {
    for (size_t i = 0; i < p->free_count; i++) {
        size_t j = p->columns[i];
        bool hits = blocking < p->free_count && fabs(p->step[i]) * t >= room(p, j, p->step[i]);
        if (hits || i == blocking) {
            p->x[j] = p->step[i] < 0.0 ? p->low[j] : p->high[j];
            p->free[j] = false;
            p->changes++;
        } else {
            p->x[j] = clip(p->x[j] + t * p->step[i], p->low[j], p->high[j]);
        }
    }
    misfit(p, p->x, p->residual);
}

/* From the step of the free variables on to a minimiser of them that lies within the bounds. */
static tw_status settle(problem *p) {
    tw_status status = TW_OK;
    size_t blocking;
    double t = allowed(p, &blocking);
    move(p, t, blocking);
    while (blocking < p->free_count) {
        TW_TRY(step_of_free(p));
        t = allowed(p, &blocking);
        move(p, t, blocking);
    }
    look(p);
cleanup:
    return status;
}

/* The fixed variable with the largest wrong gradient; n: none. */
static size_t worst(const problem *p) {
    size_t found = p->n;
    double most = p->tolerance;
    for (size_t j = 0; j < p->n; j++) {
        if (p->free[j] || p->barred[j] || p->low[j] == p->high[j]) continue;
        double pull = room(p, j, -1.0) <= 0.0 ? -p->gradient[j] : p->gradient[j];
        if (pull <= most) continue;
        most = pull;
        found = j;
    }
    return found;
}

/* Free variable j. Its step points inwards but for rounding; then it is barred until the others
 * have moved. */
static tw_status free_one(problem *p, size_t j) {
    tw_status status = TW_OK;
    double inwards = -p->gradient[j];
    p->free[j] = true;
    TW_TRY(step_of_free(p));
    size_t i = 0;
    while (p->columns[i] != j) i++;
    if (p->step[i] * inwards > 0.0) {
        for (size_t k = 0; k < p->n; k++) p->barred[k] = false;
        p->changes++;
        TW_TRY(settle(p));
    } else {
        p->free[j] = false;
        p->barred[j] = true;
    }
cleanup:
    return status;
}

static tw_status exchange(problem *p) {
    tw_status status = TW_OK;
    size_t j;
    TW_TRY(step_of_free(p));
    TW_TRY(settle(p));
    while ((j = worst(p)) < p->n) {
        if (p->changes > CHANGES * p->n)
            return tw_fail(TW_ERR_NUMERIC,
                           "least squares with bounds, %zu unknowns: %zu changes of the active set "
                           "did not end it",
                           p->n, p->changes);
        TW_TRY(free_one(p, j));
    }
cleanup:
    return status;
}

/* ---- The whole ---- */

static tw_status check(const tw_bounded *given, const double *x) {
    size_t m = given->m, n = given->n;
    for (size_t j = 0; j < n; j++) {
        double low = given->low[j], high = given->high[j];
        if (!(low <= high) || low == INFINITY || high == -INFINITY)
            return tw_fail(TW_ERR_ARGUMENT, "unknown %zu has the bounds %g and %g", j, low, high);
    }
    if (!tw_all_finite(m * n, given->A) || !tw_all_finite(m, given->b) || !tw_all_finite(n, x))
        return tw_fail(TW_ERR_NUMERIC, "least squares with numbers that are not finite");
    return TW_OK;
}

/* x in its own units; what sits at a bound does so to the last bit. */
static void hand_out(const problem *p, const tw_bounded *given, double *x) {
    for (size_t j = 0; j < p->n; j++) {
        double low = given->low[j], high = given->high[j];
        x[j] = p->x[j] == p->low[j]    ? low
               : p->x[j] == p->high[j] ? high
                                       : clip(p->x[j] / p->length[j], low, high);
    }
}

/* ||A x - b||_2 in the given numbers; left: m, scratch. */
static double fresh_residual(const tw_bounded *given, const double *x, double *left) {
    tw_copy(given->m, given->b, left);
    tw_multiply(-1.0, tw_plain(given->A, given->m, given->n), tw_plain(x, given->n, 1), 1.0,
                tw_mat(left, given->m, 1));
    return tw_norm(NULL, given->m, left);
}

tw_status tw_bounded_least_squares(const tw_bounded *given, double *x, double *residual) {
    tw_status status = TW_OK;
    problem p = {.rows = given->m < given->n ? given->m : given->n,
                 .n = given->n,
                 .monitor = given->monitor};
    double *left = NULL;
    TW_TRY(check(given, x));
    TW_TRY(TW_NEW(left, given->m));
    TW_TRY(allocate(&p));
    TW_TRY(reduce(&p, given));
    scale_columns(&p, given, x);
    TW_TRY(projected_newton(&p));
    TW_TRY(exchange(&p));
    hand_out(&p, given, x);
    *residual = fresh_residual(given, x, left);
cleanup:
    free(left);
    problem_clear(&p);
    return status;
}
