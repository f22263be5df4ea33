/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares with bounds. */
#ifndef TW_BOUNDED_PRIVATE_H
#define TW_BOUNDED_PRIVATE_H

#include <stddef.h>
#include <thalweg/status.h>

/* min ||A x - b||_2 over low <= x <= high. A: m x n, column-major, leading dimension m, rank may be
 * deficient; b: m; low, high: n, low[j] <= high[j], infinite where there is no bound. x (in/out,
 * n): the start, clipped to the bounds; then a minimiser, exactly on the bounds that hold it.
 * *residual (out): ||A x - b||_2, computed afresh from A. Active sets on the triangular factor of A
 * (Stark, Parker, Computational Statistics 10 (1995)), after steps that change many at once.
 * TW_ERR_NUMERIC for numbers that are not finite, and when 10 n changes of the active set do not
 * end it; TW_ERR_ARGUMENT for bounds the wrong way round. */
tw_status tw_bounded_least_squares(size_t m, size_t n, const double *A, const double *b,
                                   const double *low, const double *high, double *x,
                                   double *residual);

#endif
