/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Costs as seconds of this machine. */
#ifndef THALWEG_RATES_H
#define THALWEG_RATES_H

#include <stdbool.h>
#include <thalweg/base/cost.h>
#include <thalweg/model/objective.h>
#include <thalweg/operator/linop.h>

typedef struct tw_cost_seconds {
    double product;     /* of one, with the vector work that goes with it; 0: there are none */
    double least, most; /* all of it, where its products are least and most */
} tw_cost_seconds;

/* Short runs of what `cost` is made of; products are timed with A (NULL: there are none). Takes up
 * to three products and a dense problem of order 500. TW_ERR_MEMORY, and failures of A. */
TW_API tw_status tw_cost_time(const tw_linop *A, const tw_cost *cost, tw_cost_seconds *seconds);

/* The same of a descent, whose `cost` counts gradients and, where `products` says so, Hessian
 * products: the dearer of the two, timed at x (f->n). TW_ERR_MEMORY, and failures of f. */
TW_API tw_status tw_cost_time_descent(const tw_objective *f, const double *x, bool products,
                                      const tw_cost *cost, tw_cost_seconds *seconds);

#endif
