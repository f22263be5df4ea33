/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARPACK's implicitly restarted Lanczos (dsaupd, dseupd) as an engine.
 *
 * Why it is wrapped so carefully (all met in practice on spectra of few distinct eigenvalues):
 * - Its test is ||residual|| <= tol * |Ritz value|, hopeless near zero, and tol = 0 may never be
 *   met. The search hands over a shifted operator whose values are of the size of its norm, and
 *   tol = accuracy / scale.
 * - A clean return (info = 0) does not mean that every copy of an eigenvalue was found. The search
 *   never concludes so: it locks, and asks again from a fresh start.
 * - On an invariant subspace it continues from a vector of its own, which may leave the subspace
 *   searched. B is 0 out there, so Ritz values far below `scale` are discarded.
 * - State lives in Fortran SAVE variables: one solve at a time in a process (the mutex), never from
 *   inside an operator (the flag). That hidden vector also comes from a saved generator, so after
 *   an invariant subspace the last digits may depend on earlier solves of the process.
 * - It wants nev < ncv <= n; small subspaces go to the Lanczos engine, which fills them.
 *
 * Not converging (info = 1, 3 or none converged, for which dseupd says -14) is an empty answer. */
#include <arpack.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/engine_private.h"

/* All nev pairs have to converge, so asking for many is dear where the first may be enough. */
enum { MAX_RESTARTS = 300, MAX_WANTED = 8, MAX_BEYOND = 4 };

static pthread_mutex_t one_solve = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool inside;

typedef struct arpack {
    size_t n, room;
    double *V;        /* n x room: basis, then Ritz vectors */
    double *residual; /* n: start vector, then ARPACK's residual */
    double *workd;    /* 3 n */
    double *workl;    /* room (room + 8) */
    double *values;   /* room */
    a_int *select;    /* room */
    a_int iparam[11], ipntr[11], info;
    a_int nev, ncv;
    double tolerance;
} arpack;

static void destroy(void *state) {
    arpack *ar = state;
    if (ar == NULL) return;
    free(ar->V);
    free(ar->residual);
    free(ar->workd);
    free(ar->workl);
    free(ar->values);
    free(ar->select);
    free(ar);
}

static tw_status create(size_t n, size_t room, void **state) {
    tw_status status = TW_OK;
    arpack *ar = NULL;
    TW_TRY(TW_NEW(ar, 1));
    *ar = (arpack){.n = n, .room = room};
    TW_TRY(TW_NEW(ar->V, n * room));
    TW_TRY(TW_NEW(ar->residual, n));
    TW_TRY(TW_NEW(ar->workd, 3 * n));
    TW_TRY(TW_NEW(ar->workl, room * (room + 8)));
    TW_TRY(TW_NEW(ar->values, room));
    TW_TRY(TW_NEW(ar->select, room));
    *state = ar;
cleanup:
    if (status != TW_OK) destroy(ar);
    return status;
}

static void prepare(arpack *ar, const tw_engine_task *task) {
    size_t most = isinf(task->bound) ? MAX_WANTED : MAX_BEYOND;
    ar->nev = (a_int)(task->wanted < most ? task->wanted : most);
    ar->ncv = (a_int)ar->room;
    ar->tolerance = task->accuracy / task->scale;
    ar->info = 1; /* the start vector is ours */
    memset(ar->iparam, 0, sizeof ar->iparam);
    ar->iparam[0] = 1; /* exact shifts */
    ar->iparam[2] = MAX_RESTARTS;
    ar->iparam[3] = 1; /* block size */
    ar->iparam[6] = 1; /* mode: A x = lambda x */
}

/* Reverse communication. *done = true when ARPACK says so, false when no product is left. */
static tw_status iterate(arpack *ar, const tw_engine_task *task, bool *done) {
    a_int ido = 0, n = (a_int)ar->n, lworkl = ar->ncv * (ar->ncv + 8);
    *done = false;
    for (;;) {
        dsaupd_c(&ido, "I", n, "LA", ar->nev, ar->tolerance, ar->residual, ar->ncv, ar->V, n,
                 ar->iparam, ar->ipntr, ar->workd, ar->workl, lworkl, &ar->info);
        if (ido != 1 && ido != -1) break;
        if (!task->allow(task->self, 1)) return TW_OK;
        const double *x = ar->workd + ar->ipntr[0] - 1;
        double *y = ar->workd + ar->ipntr[1] - 1;
        tw_status status = tw_linop_apply(task->B, 1, x, ar->n, y, ar->n);
        if (status != TW_OK) return status;
    }
    *done = ar->info >= 0;
    return TW_OK;
}

/* The Ritz pairs ARPACK calls converged, ascending in values; their count. */
static size_t extract(arpack *ar) {
    a_int n = (a_int)ar->n, lworkl = ar->ncv * (ar->ncv + 8), info = 0;
    dseupd_c(1, "A", ar->select, ar->values, ar->V, n, 0.0, "I", n, "LA", ar->nev, ar->tolerance,
             ar->residual, ar->ncv, ar->V, n, ar->iparam, ar->ipntr, ar->workd, ar->workl, lworkl,
             &info);
    return info == 0 && ar->iparam[4] > 0 ? (size_t)ar->iparam[4] : 0;
}

static void collect(const arpack *ar, size_t found, const tw_engine_task *task,
                    tw_engine_round *round) {
    for (size_t i = found; i-- > 0 && round->count < task->wanted;) {
        if (ar->values[i] < 0.1 * task->scale) continue;
        tw_copy(ar->n, ar->V + i * ar->n, round->vectors + round->count * ar->n);
        round->values[round->count++] = ar->values[i];
    }
    round->top = ar->info == 0 && round->count > 0;
}

static tw_status solve(arpack *ar, const tw_engine_task *task, tw_engine_round *round) {
    bool found = false, done = false;
    tw_status status = task->draw(task->self, ar->residual, &found);
    round->exhausted = !found;
    if (status != TW_OK || !found) return status;
    prepare(ar, task);
    status = iterate(ar, task, &done);
    if (status != TW_OK || !done) return status;
    collect(ar, extract(ar), task, round);
    return TW_OK;
}

static tw_status run_round(void *state, const tw_engine_task *task, tw_engine_round *round) {
    round->count = 0;
    round->top = round->exhausted = false;
    if (inside)
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "the arpack engine was called from inside its own operator; use lanczos");
    pthread_mutex_lock(&one_solve);
    inside = true;
    tw_status status = solve(state, task, round);
    inside = false;
    pthread_mutex_unlock(&one_solve);
    return status;
}

const tw_engine tw_engine_arpack = {"arpack", "deflated arpack", 40,     41,
                                    create,   run_round,         destroy};
