/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worst case in a ball, by projected gradient ascent from many starts.
 *
 * The first step tried is the whole one, delta = epsilon g/||g||, the best point of the ball for
 * the linearisation: for convex f it never goes down, and on a quadratic form it is the power
 * method. Where f falls, shorter steps along g, cut back to the ball, take its place; a maximum
 * inside the ball is found by these. */
#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>
#include <thalweg/curvature/perturbation.h>

#include "base/alloc_private.h"
#include "curvature/perturbation_private.h"
#include "dense/vector_private.h"

enum { HALVINGS = 30 };

typedef struct ascent {
    const tw_objective *f;
    const double *x;
    const tw_sharpness_options *options;
    double epsilon, base;           /* f(x) */
    double value;                   /* f(x + delta) */
    double *delta, *gradient;       /* n each; the gradient lies in the range of keep */
    double *trial, *trial_gradient; /* n each */
    double *at, *best;              /* n each */
    double best_value;
    bool converged;
    size_t evaluations;
} ascent;

static double norm(const ascent *a, const double *v) {
    return tw_norm(a->options->within.space, a->f->n, v);
}

/* Value and projected gradient at x + delta. */
static tw_status evaluate(ascent *a, const double *delta, double *value, double *gradient) {
    tw_status status = TW_OK;
    const tw_linop *keep = a->options->within.keep;
    size_t n = a->f->n;
    tw_copy(n, a->x, a->at);
    tw_axpy(n, 1.0, delta, a->at);
    a->evaluations++;
    TW_TRY(a->f->eval(a->f->self, a->at, value, gradient));
    if (keep == NULL) goto cleanup;
    tw_copy(n, gradient, a->at);
    TW_TRY(tw_linop_apply(keep, 1, a->at, n, gradient, n));
cleanup:
    return status;
}

#define LIFT 0x1p600 /* a gradient that underflows to subnormal numbers has no reciprocal */

/* Give v, which is not zero, that length. */
static void set_length(const ascent *a, double length, double *v) {
    double size = norm(a, v);
    if (size < 1.0 / LIFT) {
        tw_scale(a->f->n, LIFT, v);
        size = norm(a, v);
    }
    tw_scale(a->f->n, length / size, v);
}

/* trial = delta + step epsilon g/||g||, cut back to the ball; step INFINITY: epsilon g/||g||. */
static void propose(ascent *a, double step) {
    size_t n = a->f->n;
    bool whole = isinf(step);
    tw_copy(n, a->gradient, a->trial);
    set_length(a, whole ? a->epsilon : step * a->epsilon, a->trial);
    if (whole) return;
    tw_axpy(n, 1.0, a->delta, a->trial);
    if (norm(a, a->trial) > a->epsilon) set_length(a, a->epsilon, a->trial);
}

static double distance(const ascent *a) {
    tw_copy(a->f->n, a->trial, a->at);
    tw_axpy(a->f->n, -1.0, a->delta, a->at);
    return norm(a, a->at);
}

/* One step up; false: none was found, delta is stationary to rounding. */
static tw_status climb(ascent *a, bool *moved) {
    tw_status status = TW_OK;
    *moved = false;
    for (int i = 0; i < HALVINGS; i++) {
        double value = 0.0;
        propose(a, i == 0 ? (double)INFINITY : ldexp(2.0, -i));
        double length = distance(a);
        if (length <= a->options->tolerance * a->epsilon) break;
        TW_TRY(evaluate(a, a->trial, &value, a->trial_gradient));
        if (!(value > a->value)) continue;
        a->value = value;
        tw_copy(a->f->n, a->trial, a->delta);
        tw_copy(a->f->n, a->trial_gradient, a->gradient);
        *moved = true;
        break;
    }
cleanup:
    return status;
}

/* From the direction in a->delta, whatever its length. */
static tw_status ascend(ascent *a, double sign) {
    tw_status status = TW_OK;
    bool moved = true;
    if (!(norm(a, a->delta) > 0.0)) return TW_OK;
    set_length(a, sign * a->epsilon, a->delta);
    TW_TRY(evaluate(a, a->delta, &a->value, a->gradient));
    size_t steps = 0;
    for (; moved && steps < a->options->max_steps && norm(a, a->gradient) > 0.0; steps++)
        TW_TRY(climb(a, &moved));
    if (!(a->value > a->best_value)) goto cleanup;
    a->best_value = a->value;
    a->converged = !moved || steps < a->options->max_steps;
    tw_copy(a->f->n, a->delta, a->best);
cleanup:
    return status;
}

/* The given vectors up and down, random directions, and the best of the ball before. */
static size_t start_count(const ascent *a) {
    return 2 * a->options->vector_count + a->options->starts + 1;
}

static tw_status set_start(ascent *a, size_t i, double *sign) {
    tw_status status = TW_OK;
    const tw_sharpness_options *options = a->options;
    const tw_linop *keep = options->within.keep;
    size_t n = a->f->n, given = 2 * options->vector_count;
    *sign = i < given && i % 2 == 1 ? -1.0 : 1.0;
    if (i + 1 == start_count(a)) {
        tw_copy(n, a->best, a->delta);
        return TW_OK;
    }
    if (i < given) {
        tw_copy(n, options->vectors + n * (i / 2), a->trial);
    } else {
        tw_random stream;
        tw_random_init(&stream, options->budget.seed, TW_PURPOSE_OFFSET, i - given);
        tw_space_fill_normal(options->within.space, &stream, n, a->trial);
    }
    if (keep)
        TW_TRY(tw_linop_apply(keep, 1, a->trial, n, a->delta, n));
    else
        tw_copy(n, a->trial, a->delta);
cleanup:
    return status;
}

static tw_status search(ascent *a, tw_sharpness *row) {
    tw_status status = TW_OK;
    const tw_budget *budget = &a->options->budget;
    size_t starts = start_count(a);
    *row = (tw_sharpness){.epsilon = a->epsilon};
    a->best_value = a->base;
    a->converged = false;
    a->evaluations = 0;
    for (size_t i = 0; i < starts; i++) {
        double sign = 1.0;
        if (tw_space_told_to_end(a->options->within.space, budget, "ascents", (double)i,
                                 (double)starts))
            break;
        TW_TRY(set_start(a, i, &sign));
        row->ascents += norm(a, a->delta) > 0.0;
        TW_TRY(ascend(a, sign));
    }
    row->rise = a->best_value - a->base;
    row->converged = a->converged;
    row->evaluations = a->evaluations;
cleanup:
    return status;
}

static tw_status check(size_t n, const tw_sharpness_options *options) {
    if (options->max_steps == 0 || !(options->tolerance > 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "%zu steps of an ascent, tolerance %g: both must be > 0",
                       options->max_steps, options->tolerance);
    return tw_perturbation_check(n, &options->budget, &options->within, "epsilon",
                                 options->radius_count, options->radii);
}

static void clear(ascent *a) {
    free(a->delta);
    free(a->gradient);
    free(a->trial);
    free(a->trial_gradient);
    free(a->at);
    free(a->best);
}

tw_status tw_sharpness_search(const tw_objective *objective, const double *x,
                              const tw_sharpness_options *options, tw_sharpness *rows) {
    tw_status status = TW_OK;
    tw_sharpness_options defaults = TW_SHARPNESS_DEFAULTS;
    if (options == NULL) options = &defaults;
    ascent a = {.f = objective, .x = x, .options = options};
    TW_TRY(check(objective->n, options));
    TW_TRY(TW_NEW(a.delta, objective->n));
    TW_TRY(TW_NEW(a.gradient, objective->n));
    TW_TRY(TW_NEW(a.trial, objective->n));
    TW_TRY(TW_NEW(a.trial_gradient, objective->n));
    TW_TRY(TW_NEW(a.at, objective->n));
    TW_TRY(TW_NEW(a.best, objective->n));
    TW_TRY(objective->eval(objective->self, x, &a.base, NULL));
    for (size_t i = 0; i < options->radius_count; i++) {
        a.epsilon = options->radii[i];
        TW_TRY(search(&a, &rows[i]));
    }
cleanup:
    clear(&a);
    return status;
}
