/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The routines that a check of a kernel calls, so that tests can give it wrong ones. All matrices
 * are column-major with the stated rows as leading dimension. */
#ifndef TW_BLAS_CHECK_PRIVATE_H
#define TW_BLAS_CHECK_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/dense/blas.h>

/* C (m x n) = op(A) op(B), the inner dimension k; the flags: that factor is stored transposed. */
typedef struct tw_blas_shape {
    bool ta, tb;
    size_t m, n, k;
} tw_blas_shape;

typedef struct tw_blas_routines {
    void (*gemm)(tw_blas_shape s, const double *A, const double *B, double *C);
    /* Lower triangle of C (n x n) = A A', A n x k. */
    void (*syrk)(size_t n, size_t k, const double *A, double *C);
    /* B (m x n) becomes T^-1 B, T m x m lower triangular. */
    void (*trsm)(size_t m, size_t n, const double *T, double *B);
    /* tw_symmetric_eigen. */
    tw_status (*syevd)(size_t n, double *A, double *values);
} tw_blas_routines;

tw_status tw_blas_check_routines(const tw_blas_routines *routines, tw_blas_figures *figures);

#endif
