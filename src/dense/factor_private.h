/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factorisations (LAPACK) of column-major matrices with leading dimension = rows. */
#ifndef TW_FACTOR_PRIVATE_H
#define TW_FACTOR_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

#include "dense/matrix_private.h"

/* What the info of a routine of LAPACK means; m x n: the matrix, for the sentence. */
tw_status tw_lapack_check(int info, const char *routine, size_t m, size_t n);

/* A (n x n symmetric, both triangles) is overwritten by its eigenvectors; values: n, ascending. */
tw_status tw_symmetric_eigen(size_t n, double *A, double *values);

/* Eigenvalues alone; A is destroyed. */
tw_status tw_symmetric_values(size_t n, double *A, double *values);

/* Symmetric tridiagonal: diagonal (n) is overwritten by ascending eigenvalues, off (n-1) destroyed,
 * Z (n x n, out) holds the eigenvectors; Z may be NULL. */
tw_status tw_tridiagonal_eigen(size_t n, double *diagonal, double *off, double *Z);

/* Thin SVD of A (m x n, destroyed): values: min(m, n), descending; U: m x min, Vt: min x n; U and
 * Vt may both be NULL. */
tw_status tw_singular_values(size_t m, size_t n, double *A, double *values, double *U, double *Vt);

/* Thin QR: A (m x n, m >= n) is overwritten by orthonormal columns; R: n x n upper triangle, rest 0
 * (out, may be NULL). */
tw_status tw_orthonormalise(size_t m, size_t n, double *A, double *R);

/* x of smallest norm among those that minimise ||A x - b||_2, where singular values of A below
 * `cut` times the largest count as 0 (a complete orthogonal factorisation). A: m x n, destroyed; x
 * (in/out, max(m, n)): b in its first m entries, then x in its first n. */
tw_status tw_least_squares(size_t m, size_t n, double *A, double cut, double *x);

/* Cholesky A = R^T R of a positive definite n x n matrix in place; TW_ERR_NUMERIC when not. */
tw_status tw_cholesky(size_t n, double *A);

/* X (n x k) = A^-1 X from the factor of tw_cholesky. */
void tw_cholesky_solve(size_t n, const double *R, size_t k, double *X);

/* Bunch-Kaufman A = P L D L^T P^T of a symmetric n x n matrix in place (its lower triangle is
 * used); pivots: n. *singular: a pivot is exactly zero; then the factor solves nothing. */
tw_status tw_symmetric_factor(size_t n, double *A, int *pivots, bool *singular);

/* The n eigenvalues of D, from the factor. */
void tw_symmetric_pivots(size_t n, const double *A, const int *pivots, double *values);

/* x (n) = A^-1 x from the factor. */
tw_status tw_symmetric_solve(size_t n, const double *A, const int *pivots, double *x);

#endif
