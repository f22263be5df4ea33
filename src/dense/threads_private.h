/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread count of one product or factorisation. */
#ifndef TW_THREADS_PRIVATE_H
#define TW_THREADS_PRIVATE_H

#include <stdbool.h>
#include <thalweg/dense/threads.h>

/* How a call of BLAS or LAPACK may go on: too small to be divided; with one thread, while nobody
 * changes the count; with all that are allowed, while nobody else is in one. */
typedef enum tw_blas_turn { TW_BLAS_FREE, TW_BLAS_SHARED, TW_BLAS_ALONE } tw_blas_turn;

/* Around every call of ddot, dnrm2, daxpy, dscal, dgemv, dgemm, with its flops; waits for its turn.
 * Turns do not nest. */
tw_blas_turn tw_blas_begin(double flops);
/* Around every call of LAPACK and dtrsm, which OpenBLAS divides however small they are. */
tw_blas_turn tw_lapack_begin(double flops);
void tw_blas_end(tw_blas_turn turn);

/* wanted: from now on the calling thread's own calls use one thread. Returns how it was. */
bool tw_threads_single(bool wanted);

#endif
