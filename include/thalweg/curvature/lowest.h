/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lowest curvature of a function at a stationary point, cheaply: enough to tell a strict saddle
 * from a point that may be a minimum. What counts all modes is degeneracy.h. */
#ifndef THALWEG_LOWEST_H
#define THALWEG_LOWEST_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/budget.h>
#include <thalweg/dense/space.h>
#include <thalweg/model/objective.h>
#include <thalweg/operator/tangent.h>
#include <thalweg/spectrum/zero_rule.h>

/* A look, and no long search. */
#define TW_LOWEST_BUDGET ((tw_budget){.products = 2000, .seed = 1})

typedef struct tw_lowest {
    double value;      /* the smallest v'Hv/v'v found, of a verified pair; NAN when the budget ended
                         before there was one */
    tw_zero_rule zero; /* of the gradient, the tangent and rounding: that of a count of all modes at
                          x. It has counted nothing: the residual of the pair does not matter, as
                          every v'Hv bounds the smallest eigenvalue from above */
    bool negative;     /* by this rule, which proves a strict saddle as far as doubles go; its
                          absence proves nothing */
    size_t products;
} tw_lowest;

/* tangent: of the orbit of a symmetry at x, tried with a few products; NULL: none is known. budget:
 * NULL for TW_LOWEST_BUDGET; start vectors come from its seed. Where the Hessian does not exist
 * (kinks) the answer means nothing. space: of x; NULL: serial. Errors: of the objective,
 * TW_ERR_MEMORY. */
TW_API tw_status tw_lowest_curvature(const tw_objective *f, const double *x,
                                     const tw_tangent *tangent, const tw_budget *budget,
                                     const tw_space *space, tw_lowest *lowest);

#endif
