/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/curvature/slice.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

#define GOLDEN 0.6180339887498949
#define NARROW 1e-9 /* of the line: the width to which a top is known */

/* NAN where there is no value. */
static tw_status value_at(const tw_objective *f, const double *x, double *value) {
    tw_status status = f->eval(f->self, x, value, NULL);
    if (status == TW_ERR_NUMERIC) *value = NAN;
    return status == TW_ERR_NUMERIC ? TW_OK : status;
}

/* work = x + s u */
static tw_status value_along(const tw_objective *f, const double *x, double s, const double *u,
                             double *work, double *value) {
    tw_copy(f->n, x, work);
    tw_axpy(f->n, s, u, work);
    return value_at(f, work, value);
}

double tw_axis_at(const tw_axis *axis, size_t index) {
    double part = (double)index / (double)(axis->count - 1);
    return axis->from + (axis->to - axis->from) * part;
}

static tw_status check(size_t axis_count, const tw_axis *axes) {
    if (axis_count < 1 || axis_count > 2)
        return tw_fail(TW_ERR_ARGUMENT, "%zu axes, not 1 or 2", axis_count);
    for (size_t i = 0; i < axis_count; i++) {
        if (axes[i].count < 2)
            return tw_fail(TW_ERR_ARGUMENT, "%zu grid points, 2 at least", axes[i].count);
        if (!(axes[i].from < axes[i].to) || !isfinite(axes[i].to - axes[i].from))
            return tw_fail(TW_ERR_ARGUMENT, "an axis from %g to %g", axes[i].from, axes[i].to);
    }
    return TW_OK;
}

tw_status tw_slice_sample(const tw_objective *f, const double *x, size_t axis_count,
                          const tw_axis *axes, const tw_monitor *monitor, double *values,
                          size_t *done) {
    tw_status status = check(axis_count, axes);
    if (status != TW_OK) return status;
    size_t columns = axes[0].count, rows = axis_count == 2 ? axes[1].count : 1;
    double *base = NULL, *work = NULL;
    TW_TRY(TW_NEW(base, f->n));
    TW_TRY(TW_NEW(work, f->n));
    for (*done = 0; *done < rows; ++*done) {
        tw_copy(f->n, x, base);
        if (axis_count == 2) tw_axpy(f->n, tw_axis_at(&axes[1], *done), axes[1].direction, base);
        for (size_t i = 0; i < columns; i++) {
            size_t at = *done * columns + i;
            if (tw_monitor_report(monitor, "slice", (double)at, (double)(rows * columns)))
                goto cleanup;
            TW_TRY(value_along(f, base, tw_axis_at(&axes[0], i), axes[0].direction, work,
                               &values[at]));
        }
    }
cleanup:
    free(base);
    free(work);
    return status;
}

tw_status tw_slice_compare(const tw_objective *f, const double *x, const double *direction,
                           double h, const tw_space *space, tw_slice_curvature *curvature) {
    tw_status status = TW_OK;
    double *gradient = NULL, *image = NULL, value, ahead, behind;
    if (!(h > 0.0)) return tw_fail(TW_ERR_ARGUMENT, "a step of %g", h);
    TW_TRY(TW_NEW(gradient, f->n));
    TW_TRY(TW_NEW(image, f->n));
    TW_TRY(value_along(f, x, h, direction, image, &ahead));
    TW_TRY(value_along(f, x, -h, direction, image, &behind));
    TW_TRY(f->eval(f->self, x, &value, gradient));
    TW_TRY(f->hessian(f->self, x, 1, direction, f->n, image, f->n));
    *curvature = (tw_slice_curvature){.length = tw_norm(space, f->n, direction),
                                      .slope = tw_dot(space, f->n, gradient, direction),
                                      .hessian = tw_dot(space, f->n, direction, image),
                                      .slice = (ahead - 2.0 * value + behind) / (h * h),
                                      .step = h,
                                      .rounding = 4.0 * DBL_EPSILON * fabs(value) / (h * h)};
cleanup:
    free(gradient);
    free(image);
    return status;
}

/* A line, its workspace, and the highest value met. */
typedef struct line {
    const tw_objective *f;
    const double *x, *u;
    double *work;
    const tw_monitor *monitor;
    tw_barrier *barrier;
} line;

static tw_status climb(line *l, double s, double *value) {
    if (tw_monitor_report(l->monitor, "barrier", 0.0, 0.0))
        return tw_fail(TW_STOPPED, "ended before the top of the barrier was found");
    tw_status status = value_along(l->f, l->x, s, l->u, l->work, value);
    if (status == TW_OK && *value > l->barrier->top) {
        l->barrier->top = *value;
        l->barrier->at = s;
    }
    return status;
}

/* Golden sections between two grid points with a higher one between them. */
static tw_status refine(line *l, double low, double high) {
    tw_status status = TW_OK;
    double a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low), at_a, at_b;
    TW_TRY(climb(l, a, &at_a));
    TW_TRY(climb(l, b, &at_b));
    while (high - low > NARROW) {
        if (at_a > at_b) {
            high = b;
            b = a;
            at_b = at_a;
            a = high - GOLDEN * (high - low);
            TW_TRY(climb(l, a, &at_a));
        } else {
            low = a;
            a = b;
            at_a = at_b;
            b = low + GOLDEN * (high - low);
            TW_TRY(climb(l, b, &at_b));
        }
    }
cleanup:
    return status;
}

tw_status tw_slice_barrier(const tw_objective *f, const double *x, const double *direction,
                           size_t count, const tw_monitor *monitor, tw_barrier *barrier) {
    tw_status status = TW_OK;
    tw_barrier made = {.top = -INFINITY};
    line l = {.f = f, .x = x, .u = direction, .monitor = monitor, .barrier = &made};
    if (count < 3) return tw_fail(TW_ERR_ARGUMENT, "%zu grid points, 3 at least", count);
    double width = 1.0 / (double)(count - 1);
    TW_TRY(TW_NEW(l.work, f->n));
    TW_TRY(climb(&l, 0.0, &made.first));
    TW_TRY(climb(&l, 1.0, &made.second));
    for (size_t i = 1; i + 1 < count; i++) {
        double value;
        TW_TRY(climb(&l, (double)i * width, &value));
    }
    TW_TRY(refine(&l, fmax(0.0, made.at - width), fmin(1.0, made.at + width)));
    made.height = made.top - fmax(made.first, made.second);
    *barrier = made;
cleanup:
    free(l.work);
    return status;
}
