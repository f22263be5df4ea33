/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares with bounds. */
#ifndef TW_BOUNDED_PRIVATE_H
#define TW_BOUNDED_PRIVATE_H

#include <stddef.h>
#include <thalweg/base/monitor.h>

/* min ||A x - b||_2 over low <= x <= high. Everything is borrowed. */
typedef struct tw_bounded {
    size_t m, n;
    const double *A;           /* m x n, column-major, leading dimension m; any rank */
    const double *b;           /* m */
    const double *low, *high;  /* n: low[j] <= high[j], infinite where there is no bound */
    const tw_monitor *monitor; /* asked before factorisations, after the first hundredths of a
                                  second; may be NULL */
} tw_bounded;

/* x (in/out, n): the start, clipped to the bounds; then a minimiser, exactly on the bounds that
 * hold it.
 * *residual (out): ||A x - b||_2, computed afresh from A. Active sets on the triangular factor of A
 * (Stark, Parker, Computational Statistics 10 (1995)), after steps that change many at once.
 * TW_ERR_NUMERIC for numbers that are not finite, and when 10 n changes of the active set do not
 * end it; TW_ERR_ARGUMENT for bounds the wrong way round; TW_STOPPED when the monitor ended it. */
tw_status tw_bounded_least_squares(const tw_bounded *given, double *x, double *residual);

#endif
