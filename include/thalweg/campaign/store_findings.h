/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a search for critical points keeps what it finds: one SQLite file that a kill at any moment
 * leaves whole, and that a later run goes on with (docs/formats/critical.md). Knows rows, not
 * models. One process writes at a time; sentences and errors are those of store.h. */
#ifndef THALWEG_STORE_FINDINGS_H
#define THALWEG_STORE_FINDINGS_H

#include <thalweg/campaign/store.h>

typedef struct tw_findings tw_findings; /* opaque: a connection */

TW_API tw_status tw_findings_open(const char *path, tw_store_mode mode, tw_findings **findings);
TW_API void tw_findings_close(tw_findings *findings); /* NULL-safe */

/* Give a fresh file the plan of its search, a text. With a plan it has already: nothing when they
 * are the same, TW_ERR_DATA when not. */
TW_API tw_status tw_findings_begin(tw_findings *findings, const char *plan);

/* The plan; NULL in a fresh file. Borrowed until close. */
TW_API const char *tw_findings_plan(const tw_findings *findings);

/* A critical point. Numbers that are unknown are NAN. */
typedef struct tw_finding {
    char name[96];    /* "dnc"; "rank3-5f0c21aa" */
    char verdict[24]; /* tw_verdict_name */
    char doubt[240];  /* one sentence when the verdict is ambiguous, else "" */
    double loss, gradient_norm;
    double norm;     /* ||H||_2 */
    double smallest; /* eigenvalue of the Hessian */
    size_t rank;     /* of the logits */
    size_t index;    /* negative eigenvalues */
    size_t zero_modes, symmetry_modes;
    size_t found; /* starts that ended here */
    size_t first; /* the first of them */
    /* Proved along `direction` (certificate.h); NAN without a proof. */
    bool certified;
    double rayleigh, rayleigh_lower, rayleigh_upper;
    double gradient_upper; /* ||g|| is at most this */
    double step, decrease; /* f(theta) - f(theta + step direction) >= decrease */
    size_t parameters;     /* P */
    double *theta;         /* P */
    double *direction;     /* P, a unit vector; NULL without negative eigenvalues */
} tw_finding;

TW_API void tw_finding_clear(tw_finding *finding); /* frees theta and direction; idempotent */

#define TW_NO_POINT SIZE_MAX

/* How one start ended. */
typedef struct tw_finding_start {
    size_t index;       /* of the start, from 0 */
    const char *kind;   /* "random" */
    const char *method; /* "follow" */
    const char *reason; /* "converged" */
    size_t point;       /* number of its point, TW_NO_POINT: none */
    double gradient_norm;
    size_t iterations;
} tw_finding_start;

/* Store a finished start and, where it came first to a point, that point under number
 * start->point, in one transaction; fresh: NULL for none. Its `found` is not stored: it is how many
 * starts have the point. */
TW_API tw_status tw_findings_add(tw_findings *findings, const tw_finding_start *start,
                                 const tw_finding *fresh);

/* All points in the order of their numbers, or all starts in the order of their indices. What a
 * callback sees is borrowed for the call; its error ends the walk. */
typedef tw_status (*tw_findings_see_point)(void *self, const tw_finding *finding);
typedef tw_status (*tw_findings_see_start)(void *self, const tw_finding_start *start);
TW_API tw_status tw_findings_points(tw_findings *findings, tw_findings_see_point see, void *self);
TW_API tw_status tw_findings_starts(tw_findings *findings, tw_findings_see_start see, void *self);

#endif
