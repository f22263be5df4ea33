/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every oracle needs: memory that is there or the test stops, plain random numbers, and the
 * dense decompositions of LAPACK. Nothing here touches the library under test. */
#ifndef ORACLE_DENSE_H
#define ORACLE_DENSE_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed room, released by free(); aborts with a sentence when memory is short. */
void *oracle_alloc(size_t count, size_t size);

/* x[0..n-1] = scale * standard normals (splitmix64 and Box-Muller); the same for the same seed. */
void oracle_random_normal(uint64_t seed, size_t n, double scale, double *x);

/* Q (out, column-major rows x columns, columns <= rows): random orthonormal columns. */
void oracle_random_frame(uint64_t seed, size_t rows, size_t columns, double *Q);

/* All eigenvalues (ascending) of a symmetric column-major n x n matrix, A unchanged. */
void oracle_eigenvalues(size_t n, const double *A, double *values);

/* The same with orthonormal eigenvectors in the columns of V (n x n, out). */
void oracle_eigenpairs(size_t n, const double *A, double *values, double *V);

/* Thin SVD A = U diag(s) VT of a column-major m x n matrix, A unchanged, s descending.
 * U: m x min(m,n), VT: min(m,n) x n, both out. */
void oracle_svd(size_t m, size_t n, const double *A, double *s, double *U, double *VT);

/* Largest absolute entry, Euclidean norm, and inner product. */
double oracle_max_abs(size_t n, const double *x);
double oracle_norm(size_t n, const double *x);
double oracle_dot(size_t n, const double *x, const double *y);

/* y = A x for a column-major m x n matrix. */
void oracle_multiply(size_t m, size_t n, const double *A, const double *x, double *y);

#endif
