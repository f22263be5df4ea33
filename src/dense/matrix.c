/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products through BLAS, with the thread count chosen by the work.
 *
 * Waking the BLAS thread pool costs some ten microseconds: a product of a million flops is done by
 * one core in that time. So below SERIAL_FLOPS one thread works, above it all that are allowed.
 * OpenBLAS keeps one thread count a process; it is only touched when the wish changes. */
#include "dense/matrix_private.h"

#include <cblas.h>
#include <stdatomic.h>

#define SERIAL_FLOPS 4e6

static atomic_int allowed_threads; /* 0: not set yet, BLAS's own default */
static atomic_int current_threads;

int tw_blas_threads(void) {
    int count = atomic_load(&allowed_threads);
    return count ? count : openblas_get_num_procs();
}

void tw_blas_threads_set(int count) {
    atomic_store(&allowed_threads, count < 1 ? 1 : count);
    tw_blas_threads_for(0.0);
}

void tw_blas_threads_for(double flops) {
    int wanted = flops < SERIAL_FLOPS ? 1 : tw_blas_threads();
    if (atomic_exchange(&current_threads, wanted) != wanted) openblas_set_num_threads(wanted);
}

const char *tw_blas_library(void) {
    return openblas_get_config();
}

void tw_multiply(double alpha, tw_factor A, tw_factor B, double beta, tw_matrix C) {
    size_t inner = A.transposed ? A.rows : A.cols;
    if (C.rows == 0 || C.cols == 0) return;
    tw_blas_threads_for(2.0 * (double)C.rows * (double)C.cols * (double)inner);
    cblas_dgemm(CblasColMajor, A.transposed ? CblasTrans : CblasNoTrans,
                B.transposed ? CblasTrans : CblasNoTrans, (int)C.rows, (int)C.cols, (int)inner,
                alpha, A.data, (int)A.ld, B.data, (int)B.ld, beta, C.data, (int)C.ld);
}
