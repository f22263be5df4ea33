/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hessian of an objective at one point as an operator. */
#ifndef THALWEG_HESSIAN_H
#define THALWEG_HESSIAN_H

#include <thalweg/model/objective.h>
#include <thalweg/operator/linop.h>

typedef struct tw_hessian {
    const tw_objective *objective; /* borrowed */
    const double *x;               /* borrowed, n */
    double distance; /* of the points of drafts; TW_BESIDE_ROUNDING, until it is set otherwise */
    size_t products; /* single-vector products so far */
} tw_hessian;

/* Nothing is evaluated. One objective may have several. */
TW_API tw_hessian tw_hessian_at(const tw_objective *objective, const double *x);
/* Borrows the tw_hessian, which must stay where it is. */
TW_API tw_linop tw_hessian_linop(tw_hessian *hessian);

#endif
