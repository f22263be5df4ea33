/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread count of one product or factorisation. */
#ifndef TW_THREADS_PRIVATE_H
#define TW_THREADS_PRIVATE_H

#include <thalweg/dense/threads.h>

/* Called before BLAS or LAPACK work of that size: one thread when it is small, all otherwise. */
void tw_threads_for(double flops);

#endif
