/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an interior search: a Krylov space that tells what there is, three routes to the
 * pairs, and what they share. */
#ifndef TW_INTERIOR_PRIVATE_H
#define TW_INTERIOR_PRIVATE_H

#include <thalweg/spectrum/interior.h>

#include "spectrum/search_private.h"

/* ---- A Krylov space of P A P from one random vector, with its Ritz pairs. ---- */

typedef struct tw_krylov {
    size_t n, room; /* room: most vectors */
    size_t count;   /* vectors of the last run; 0: the complement is empty */
    bool closed;    /* the space is invariant: the nodes are eigenvalues, and the only ones that the
                       start vector has a part in */
    bool full;      /* it is the whole complement */
    double breakdown; /* a remainder below this times ||A|| closes the space */
    double size;      /* largest ||P A v|| over all runs */
    double rest;      /* norm of the last remainder */
    double *V;        /* n x (room + 1) */
    double *alpha, *beta;
    double *node, *weight; /* count: Ritz values, ascending, and shares of the start vector */
    double *S;             /* count x count: eigenvectors of the tridiagonal matrix */
    double *coefficients;
} tw_krylov;

/* tolerance: of the pairs, relative to ||A||. */
tw_status tw_krylov_init(tw_krylov *krylov, size_t n, size_t room, double tolerance);
void tw_krylov_clear(tw_krylov *krylov);

/* One run in the complement (sign -1, shift 0), of `dimension` dimensions. It ends early when the
 * complement allows no product. */
tw_status tw_krylov_run(tw_krylov *krylov, tw_complement *complement, size_t dimension);

/* x (n, out): the Ritz vector of a node of the last run. */
void tw_krylov_vector(const tw_krylov *krylov, size_t node, double *x);

/* ---- One search. ---- */

/* Between the caller's budget and the parts; stops a part that finds more than `limit` pairs. */
typedef struct tw_gate {
    const tw_budget *user;
    const tw_space *space; /* of the vectors: what ends one owner ends all */
    size_t limit;
    bool limited, cancelled;
    tw_monitor monitor;
} tw_gate;

typedef struct tw_interior {
    const tw_linop *A;
    const tw_interior_options *options;
    size_t n;                /* entries of a vector held here */
    size_t whole, dimension; /* of the space, of keep's range */
    size_t wanted;           /* pairs nearest to the centre; 0: all of the interval */
    double low, high;        /* the interval; nearest: both the target */
    double centre, reach;
    double norm;
    tw_krylov krylov;   /* its first run is the plan */
    double bottom, top; /* of the spectrum, with a margin */
    tw_gate gate;
    size_t products, rounds, degree;
    tw_eigenpairs pool; /* verified pairs, ascending: all that are wanted and some more */
    double next;        /* nearest eigenvalue met outside the pool; NAN: none */
    bool cut;           /* pairs outside the pool may be as near as the farthest in it */
    double expected, expected_error, expected_reach; /* as in the result */
    const char *method;
    tw_interior_reason reason;
    bool done; /* a route has an answer, see `reason` */
} tw_interior;

/* What `tolerance` amounts to. */
static inline double tw_interior_slack(const tw_interior *in) {
    return in->options->tolerance * in->norm;
}

/* How far a value is from the interval or the target; 0 inside. */
double tw_interior_distance(const tw_interior *in, double value);

/* The search has to know everything within this distance; INFINITY while pairs are missing. */
double tw_interior_bound(const tw_interior *in, size_t count, const double *values);

/* A guess below the number of eigenvalues within `distance` of the interval or target, >= 1, by the
 * weights of the plan. A search that is told so finds more pairs a round. */
size_t tw_interior_expect(const tw_interior *in, double distance);

/* Do so many pairs lie within `distance` that max_count, or the products at `cost` products a pair,
 * is sure not to be enough? Then the search is ended. */
bool tw_interior_crowded(tw_interior *in, double distance, double cost);

size_t tw_interior_left(const tw_interior *in); /* products */

#define TW_INTERIOR_WINDOW 4.0 /* slacks beyond a bound that have to be known */
#define TW_INTERIOR_SAME 2.0   /* slacks between values that cannot be told apart */

/* The plan: one run from a random vector. It may end the search. */
tw_status tw_interior_explore(tw_interior *in);

/* Vectors of the plan. */
size_t tw_interior_room(size_t n, const tw_interior_options *options);

/* What stops the parts of a search. */
void tw_interior_open_gate(tw_interior *in);

/* By the caller's budget; a monitor's report, self: the tw_interior. */
bool tw_interior_told_to_end(void *self, const char *stage, double done, double total);

/* Y = A X for k columns without gaps: counted, checked for NaN and Inf; TW_STOPPED: not all. */
tw_status tw_interior_product(tw_interior *in, size_t k, const double *X, double *Y);

/* Options of a search with the caller's tolerance, space, subspace and budget. */
tw_search_options tw_interior_search_options(tw_interior *in);

/* Take over the reason of a search; false when its list may have gaps. */
bool tw_interior_judge(tw_interior *in, tw_search_reason reason);

void tw_interior_end(tw_interior *in, tw_interior_reason reason);
void tw_interior_note_next(tw_interior *in, double value);

/* The routes. A route that does not fit leaves `done` false. */
tw_status tw_interior_from_end(tw_interior *in);
tw_status tw_interior_by_krylov(tw_interior *in);
tw_status tw_interior_by_filter(tw_interior *in);

/* The pairs of the pool that are wanted, which move to *result, and all else that is known. */
void tw_interior_answer(tw_interior *in, tw_interior_result *result);

/* Count by inertia, and compare a complete pool with it. */
tw_status tw_interior_check(tw_interior *in, tw_interior_result *result);

#endif
