/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factorisations that may take long, in slices between which `monitor` (may be NULL) is asked.
 * TW_STOPPED when it asked to end; the matrix holds nothing of use then. Small matrices go to
 * LAPACK in one piece. All matrices are n x n, column-major. */
#ifndef TW_SLICES_PRIVATE_H
#define TW_SLICES_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/monitor.h>

/* tw_symmetric_eigen; takes n x n doubles beside A, as that does. */
tw_status tw_sliced_eigen(size_t n, double *A, double *values, const tw_monitor *monitor);

/* tw_symmetric_values. */
tw_status tw_sliced_values(size_t n, double *A, double *values, const tw_monitor *monitor);

/* tw_symmetric_factor. */
tw_status tw_sliced_factor(size_t n, double *A, int *pivots, bool *singular,
                           const tw_monitor *monitor);

/* tw_cholesky. */
tw_status tw_sliced_cholesky(size_t n, double *A, const tw_monitor *monitor);

/* tw_cholesky_solve. */
tw_status tw_sliced_cholesky_solve(size_t n, const double *R, size_t k, double *X,
                                   const tw_monitor *monitor);

#endif
