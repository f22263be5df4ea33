/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waking the BLAS thread pool costs some ten microseconds; one core does a product of a few million
 * flops in a hundred. Below SERIAL_FLOPS one thread works, above it all that are allowed. OpenBLAS
 * keeps one thread count a process; it is only touched when the wish changes. */
#include "dense/threads_private.h"

#include <cblas.h>
#include <stdatomic.h>

#define SERIAL_FLOPS 4e6

static atomic_int allowed_threads; /* 0: not set yet, BLAS's own default */
static atomic_int current_threads;

int tw_threads(void) {
    int count = atomic_load(&allowed_threads);
    return count ? count : openblas_get_num_procs();
}

void tw_threads_set(int count) {
    atomic_store(&allowed_threads, count < 1 ? 1 : count);
    tw_threads_for(0.0);
}

void tw_threads_for(double flops) {
    int wanted = flops < SERIAL_FLOPS ? 1 : tw_threads();
    if (atomic_exchange(&current_threads, wanted) != wanted) openblas_set_num_threads(wanted);
}

const char *tw_blas_library(void) {
    return openblas_get_config();
}
