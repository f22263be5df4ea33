/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A twice differentiable function of n variables, given by callbacks. Everything above the model
 * (Hessian, spectra, polishing, zero modes) sees a loss as this and nothing more. */
#ifndef THALWEG_OBJECTIVE_H
#define THALWEG_OBJECTIVE_H

#include <stddef.h>
#include <thalweg/base/status.h>

/* Points beside x: within `distance` of it, relative to the norm of each of its parts (what those
 * are, the objective knows). */
typedef struct tw_beside {
    const double *x; /* borrowed */
    double distance; /* > 0 */
} tw_beside;

/* As near as a critical point is known: its gradient has the rounding of the function, and
 * directions in which it hardly rises are no better known. */
#define TW_BESIDE_ROUNDING 1e-12
/* As near as a trained point in float32 is: for who will polish it. Newton's steps come nearer by
 * such a factor, times the condition of the Hessian outside its null space, for the gradient is
 * that of the point itself. */
#define TW_BESIDE_TRAINED 1e-6

/* By value; `self` is borrowed and must outlive it. */
typedef struct tw_objective {
    size_t n; /* variables; on spread vectors (space.h) those of the slice, f and its value whole */
    /* *value = f(x); gradient (n, out) unless NULL. */
    tw_status (*eval)(void *self, const double *x, double *value, double *gradient);
    /* Y = (Hessian at x) V for k columns, column j of V at V + j*ldv, of Y at Y + j*ldy; V and Y do
     * not overlap. At x whatever was evaluated before, or nothing: an objective that keeps what
     * depends on x alone from an eval must see for itself whether x is still that point (comparing
     * all n numbers: the array may be the same one with other numbers in it). Callers that ask for
     * many products at one point should let only value-only evals come between. */
    tw_status (*hessian)(void *self, const double *x, size_t k, const double *V, size_t ldv,
                         double *Y, size_t ldy);
    void *self;
    /* NULL, or products of the same kind that are cheaper and exact at a point beside x: for who
     * looks for something with many products. What is found is judged by `hessian`. */
    tw_status (*draft)(void *self, const tw_beside *at, size_t k, const double *V, size_t ldv,
                       double *Y, size_t ldy);
} tw_objective;

#endif
