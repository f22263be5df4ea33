/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factorisations that may take long, in slices between which `monitor` (may be NULL) is asked.
 * TW_STOPPED when it asked to end; the matrix holds nothing of use then. Small matrices go to
 * LAPACK in one piece, and of them nobody is asked. All matrices are column-major. */
#ifndef TW_SLICES_PRIVATE_H
#define TW_SLICES_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/monitor.h>

#include "dense/matrix_private.h"

/* The drivers bring a matrix near the ends of the range of doubles to its middle, and say what is
 * wrong with one that has none: false for both. */
bool tw_sliced_in_range(size_t count, const double *A);

/* tw_symmetric_eigen; takes n x n doubles beside A, as that does. */
tw_status tw_sliced_eigen(size_t n, double *A, double *values, const tw_monitor *monitor);

/* tw_tridiagonal_eigen with vectors Q (n x n, out); takes n x n doubles beside them. */
tw_status tw_sliced_tridiagonal(size_t n, double *diagonal, double *off, double *Q,
                                const tw_monitor *monitor);

/* tw_symmetric_values. */
tw_status tw_sliced_values(size_t n, double *A, double *values, const tw_monitor *monitor);

/* tw_singular_values; A that is not square takes a square matrix of its shorter side beside it. */
tw_status tw_sliced_singular(size_t m, size_t n, double *A, double *values, double *U, double *Vt,
                             const tw_monitor *monitor);

/* tw_orthonormalise. */
tw_status tw_sliced_orthonormalise(size_t m, size_t n, double *A, double *R,
                                   const tw_monitor *monitor);

/* The coordinates of [A, B] (d x c, A as it stands, or transposed; likewise B) in an orthonormal
 * basis of its columns: *rows = min(d, c), and X (owned, out; rows x c) with X^T X = [A, B]^T
 * [A, B]. Where c >= d it is [A, B] itself. `monitor` (may be NULL) can end it: TW_STOPPED. */
tw_status tw_thin_coordinates(tw_factor A, tw_factor B, const tw_monitor *monitor, size_t *rows,
                              double **X);

/* tw_symmetric_factor. */
tw_status tw_sliced_factor(size_t n, double *A, int *pivots, bool *singular,
                           const tw_monitor *monitor);

/* tw_cholesky. */
tw_status tw_sliced_cholesky(size_t n, double *A, const tw_monitor *monitor);

/* tw_cholesky_solve. */
tw_status tw_sliced_cholesky_solve(size_t n, const double *R, size_t k, double *X,
                                   const tw_monitor *monitor);

#endif
