/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hessian of an objective at one point as an operator. */
#ifndef THALWEG_HESSIAN_H
#define THALWEG_HESSIAN_H

#include <thalweg/model/objective.h>
#include <thalweg/operator/linop.h>

typedef struct tw_hessian {
    const tw_objective *objective; /* borrowed */
    const double *x;               /* borrowed, n */
    size_t products;               /* single-vector products so far */
} tw_hessian;

/* Evaluates the objective at x (value and gradient are out; gradient: n, not NULL), then
 * tw_hessian_linop may be applied until the objective is evaluated elsewhere. */
TW_API tw_status tw_hessian_init(tw_hessian *hessian, const tw_objective *objective,
                                 const double *x, double *value, double *gradient);
TW_API tw_linop tw_hessian_linop(tw_hessian *hessian);

#endif
