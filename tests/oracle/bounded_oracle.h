/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Least squares with bounds by trying every set of active bounds. */
#ifndef ORACLE_BOUNDED_H
#define ORACLE_BOUNDED_H

#include <stddef.h>

/* min ||A x - b||_2 over low <= x <= high by all 3^n ways to put every variable at its lower bound,
 * at its upper bound or between them (where it minimises, by the normal equations). Ways whose free
 * columns depend on each other, or with a variable at an infinite bound, are left out: some
 * minimiser is a vertex of the set of minimisers, where the free columns are independent, as long
 * as every variable has one finite bound. Returns the smallest residual; n <= 8. x: n, out. */
double oracle_bounded(size_t m, size_t n, const double *A, const double *b, const double *low,
                      const double *high, double *x);

#endif
