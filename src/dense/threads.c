/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waking the BLAS thread pool costs some ten microseconds; one core does a product of a few million
 * flops in a hundred. Below SERIAL_FLOPS one thread works, above it all that are allowed.
 *
 * OpenBLAS keeps one thread count a process, and the last bits of a result may depend on it. So
 * that two threads of a program do not compute with each other's count, the count is 1 at rest, and
 * whoever needs more has the BLAS alone meanwhile. Calls that OpenBLAS never divides, whatever the
 * count, pass freely: they are the many. */
#include "dense/threads_private.h"

#include <pthread.h>
#include <stdatomic.h>

#include "dense/library_private.h"

#define SERIAL_FLOPS 4e6
#define UNDIVIDED_FLOPS                                                                            \
    1e4 /* OpenBLAS's own least is 18432 (dgemv), 20000 (ddot), 524288 (dgemm) */

static atomic_int allowed_threads; /* 0: not set yet, BLAS's own count */
static pthread_once_t rested = PTHREAD_ONCE_INIT;
static pthread_rwlock_t count_lock = PTHREAD_RWLOCK_INITIALIZER; /* of OpenBLAS's count */
static pthread_mutex_t queue = PTHREAD_MUTEX_INITIALIZER; /* in front of it, so that writers come */
static atomic_int writers;                                /* in the queue or past it */
static _Thread_local bool single;

static int first_threads; /* of the library as it was loaded; set by rest */

static void rest(void) {
    first_threads = tw_blas_threads();
    tw_blas_use_threads(1);
}

int tw_threads(void) {
    int count = atomic_load(&allowed_threads);
    pthread_once(&rested, rest);
    return count ? count : first_threads;
}

static void lock_alone(void) {
    atomic_fetch_add(&writers, 1);
    pthread_mutex_lock(&queue);
    pthread_rwlock_wrlock(&count_lock);
}

static void unlock_alone(void) {
    pthread_rwlock_unlock(&count_lock);
    pthread_mutex_unlock(&queue);
    atomic_fetch_sub(&writers, 1);
}

static void lock_shared(void) {
    if (atomic_load(&writers) > 0) {
        pthread_mutex_lock(&queue);
        pthread_mutex_unlock(&queue);
    }
    pthread_rwlock_rdlock(&count_lock);
}

void tw_threads_set(int count) {
    lock_alone();
    atomic_store(&allowed_threads, count < 1 ? 1 : count);
    unlock_alone();
}

bool tw_threads_single(bool wanted) {
    bool before = single;
    single = wanted;
    return before;
}

tw_blas_turn tw_lapack_begin(double flops) {
    pthread_once(&rested, rest);
    if (tw_threads() == 1) return TW_BLAS_FREE; /* so it is for everybody */
    if (single || flops < SERIAL_FLOPS) {
        lock_shared();
        return TW_BLAS_SHARED;
    }
    lock_alone();
    tw_blas_use_threads(tw_threads());
    return TW_BLAS_ALONE;
}

tw_blas_turn tw_blas_begin(double flops) {
    return flops < UNDIVIDED_FLOPS ? TW_BLAS_FREE : tw_lapack_begin(flops);
}

void tw_blas_end(tw_blas_turn turn) {
    if (turn == TW_BLAS_SHARED) pthread_rwlock_unlock(&count_lock);
    if (turn != TW_BLAS_ALONE) return;
    tw_blas_use_threads(1);
    unlock_alone();
}
