/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lowest curvature of a function at a stationary point, cheaply: enough to tell a strict saddle
 * from a point that may be a minimum. What counts all modes is degeneracy.h. */
#ifndef THALWEG_LOWEST_H
#define THALWEG_LOWEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/monitor.h>
#include <thalweg/model/objective.h>

typedef struct tw_lowest_options {
    size_t max_products; /* default 2000 */
    uint64_t seed;       /* start vectors; default 1 */
    const tw_monitor *monitor;
} tw_lowest_options;

#define TW_LOWEST_DEFAULTS ((tw_lowest_options){.max_products = 2000, .seed = 1})

typedef struct tw_lowest {
    double value;     /* the smallest v'Hv/v'v found, of a verified pair; NAN when the budget ended
                         before there was one */
    double threshold; /* what cannot be told from zero (docs/mathematics.md, (7.1)): ten times the
                         larger of ||g|| and the rounding of ||H|| */
    bool negative;    /* value < -threshold: proved as far as doubles go, for every v'Hv is an upper
                         bound of the smallest eigenvalue; otherwise nothing is */
    size_t products;
} tw_lowest;

/* options: NULL for the defaults. Where the Hessian does not exist (kinks) the answer means nothing.
 * Errors: of the objective, TW_ERR_MEMORY. */
TW_API tw_status tw_lowest_curvature(const tw_objective *f, const double *x,
                                     const tw_lowest_options *options, tw_lowest *lowest);

#endif
