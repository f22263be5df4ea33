/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A twice differentiable function of n variables, given by callbacks. Everything above the model
 * (Hessian, spectra, polishing, zero modes) sees a loss as this and nothing more. */
#ifndef THALWEG_OBJECTIVE_H
#define THALWEG_OBJECTIVE_H

#include <stddef.h>
#include <thalweg/base/status.h>

/* By value; `self` is borrowed and must outlive it. */
typedef struct tw_objective {
    size_t n;
    /* *value = f(x); gradient (n, out) unless NULL. */
    tw_status (*eval)(void *self, const double *x, double *value, double *gradient);
    /* Y = (Hessian at x) V for k columns, column j of V at V + j*ldv, of Y at
     * Y + j*ldy; V and Y do not overlap. x is always the point of
     * the last eval that asked for the gradient, so that what depends on x alone can be kept from
     * there; it is passed again for objectives that keep nothing. */
    tw_status (*hessian)(void *self, const double *x, size_t k, const double *V, size_t ldv,
                         double *Y, size_t ldy);
    void *self;
} tw_objective;

#endif
