/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Series that converge like 1/log t: where they are going, long before they arrive. */
#ifndef THALWEG_LOG_FIT_H
#define THALWEG_LOG_FIT_H

#include <stddef.h>
#include <thalweg/base/status.h>

#define TW_LOG_FIT_DECADES 4.0 /* of t that a fit usually looks at */

/* q = limit + rate/log t, fitted by least squares. NAN where fewer than 3 points were there. */
typedef struct tw_log_fit {
    size_t points;      /* fitted */
    double from, until; /* t of the first and last of them */
    double limit, limit_error;
    double rate, rate_error; /* standard errors from the scatter about the fit */
    double residual;         /* root mean square of what the fit leaves */
} tw_log_fit;

/* Fits the points of the last `decades` (> 0) decades of t, t > 1; t: count, ascending; q: count.
 * Standard errors know the scatter only: a series that still bends in 1/log t shows it by limits
 * that move with `decades`. */
TW_API tw_status tw_log_fit_series(size_t count, const double *t, const double *q, double decades,
                                   tw_log_fit *fit);

#endif
