/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of an objective on a line or a plane through a point: f(x + s u) or f(x + s u + t v).
 *
 * A slice shows curvature along its own directions and nothing else. So that nobody takes one for
 * the other, what the slice shows stands beside what the Hessian says (docs/mathematics.md,
 * section 13). */
#ifndef THALWEG_SLICE_H
#define THALWEG_SLICE_H

#include <thalweg/base/monitor.h>
#include <thalweg/dense/space.h>
#include <thalweg/model/objective.h>

/* One direction of a slice, with its grid from `from` to `to`. Everything is borrowed. */
typedef struct tw_axis {
    const double *direction; /* n; of any length: s = 1 is its end */
    double from, to;
    size_t count; /* of grid points, equally spaced, both ends included; 2 at least */
} tw_axis;

TW_API double tw_axis_at(const tw_axis *axis, size_t index);

/* x: n. axes: one or two. values (out): count of the first axis, for each point of the second;
 * first axis fastest. Where f has no value: NAN. The monitor may end it: *done (out) rows are
 * filled then. TW_ERR_ARGUMENT for other numbers of axes, counts or ends. */
TW_API tw_status tw_slice_sample(const tw_objective *objective, const double *x, size_t axis_count,
                                 const tw_axis *axes, const tw_monitor *monitor, double *values,
                                 size_t *done);

/* Along one direction u at x. */
typedef struct tw_slice_curvature {
    double length;   /* ||u||_2 */
    double slope;    /* g^T u */
    double hessian;  /* u^T H u, from a Hessian product */
    double slice;    /* (f(x + h u) - 2 f(x) + f(x - h u))/h^2 */
    double step;     /* h: of the grid */
    double rounding; /* of `slice`: about 4 eps |f|/h^2 */
} tw_slice_curvature;

/* h > 0. space: of x and the direction; NULL: serial. */
TW_API tw_status tw_slice_compare(const tw_objective *objective, const double *x,
                                  const double *direction, double h, const tw_space *space,
                                  tw_slice_curvature *curvature);

/* The highest value on the line between two points. */
typedef struct tw_barrier {
    double first, second; /* f at both ends */
    double top, at;       /* the highest value met and its s in [0, 1] */
    double height;        /* top - max(first, second): 0 when nothing stands between them */
} tw_barrier;

/* Along x + s u for s in [0, 1]: `count` grid points, then golden sections about the highest down
 * to a width of 1e-9. A thinner barrier than the grid can be missed. count: 3 at least. The
 * monitor may end it: TW_STOPPED. */
TW_API tw_status tw_slice_barrier(const tw_objective *objective, const double *x,
                                  const double *direction, size_t count, const tw_monitor *monitor,
                                  tw_barrier *barrier);

#endif
