/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the search asks of a Krylov method, and the table of methods. */
#ifndef TW_ENGINE_PRIVATE_H
#define TW_ENGINE_PRIVATE_H

#include <stdbool.h>
#include <thalweg/dense/space.h>
#include <thalweg/operator/linop.h>

/* One round: Ritz pairs at the top end of B, from a fresh random start vector. B is symmetric, and
 * shifted so that its eigenvalues on the subspace searched have the size of `scale` (at least a
 * fifth of it); what is deflated has the eigenvalue 0, far below. */
typedef struct tw_engine_task {
    const tw_linop *B;
    const tw_space *space;
    size_t dimension; /* of the subspace searched, >= 1 */
    size_t wanted;    /* pairs at most, 1..room/2 */
    double bound;     /* of pairs at or below it the first is enough; -INFINITY: no bound */
    double scale;     /* size of ||B||_2 */
    double accuracy;  /* absolute residual at which a Ritz pair counts as converged */
    /* A fresh random unit vector of the subspace; *found = false: nothing of it was left. */
    tw_status (*draw)(void *self, double *x, bool *found);
    /* May `count` more products be made? false: end the round with what there is. */
    bool (*allow)(void *self, size_t count);
    void *self; /* of draw and allow */
} tw_engine_task;

/* What a round gave. Room of both arrays: task.wanted. */
typedef struct tw_engine_round {
    double *values;  /* Ritz values of B, descending */
    double *vectors; /* n x count, orthonormal to rounding */
    size_t count;    /* converged pairs */
    bool top;        /* the first pair is the topmost that the round saw */
    bool exhausted;  /* the Krylov space filled the whole subspace: the pairs are exact */
} tw_engine_round;

/* A method. A state is made for one order n and one room, and serves any number of rounds. */
typedef struct tw_engine {
    const char *name;
    const char
        *deflated;    /* what a search with it outside a null space is called: "deflated NAME" */
    size_t room;      /* basis vectors it makes good use of when memory is no concern */
    size_t dimension; /* smallest subspace it works in; smaller ones go to Lanczos */
    tw_status (*create)(size_t n, size_t room, void **state); /* room: basis vectors it may hold */
    tw_status (*round)(void *state, const tw_engine_task *task, tw_engine_round *round);
    void (*destroy)(void *state); /* NULL-safe */
} tw_engine;

extern const tw_engine tw_engine_lanczos;
extern const tw_engine tw_engine_arpack;

/* By name, NULL for the first of the table; TW_ERR_ARGUMENT with the names there are. */
tw_status tw_engine_find(const char *name, const tw_engine **engine);

/* Both ends of the spectrum of task->B on the subspace, from one short Lanczos run of at most
 * `steps` products; scale, wanted and accuracy of the task are not used. */
typedef struct tw_range {
    double low, high; /* outermost Ritz values: inside the true range */
    double margin;    /* low - margin and high + margin are outside it, as a rule: norm of the last
                         Lanczos residual (Zhou, Li, Linear Algebra Appl. 435, 2011) */
} tw_range;
tw_status tw_lanczos_range(const tw_engine_task *task, size_t steps, tw_range *range);

#endif
