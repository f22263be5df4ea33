/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the functions behind the table of claims share: comparisons, models, points. */
#ifndef TW_CLAIMS_PRIVATE_H
#define TW_CLAIMS_PRIVATE_H

#include <thalweg/claims/claims.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/point.h>
#include <thalweg/optima/closed_form.h>

/* One claim being computed. */
typedef struct tw_claim_run {
    const double *constants; /* TW_CLAIM_CONSTANTS */
    bool quick;
    uint64_t seed;
    const tw_monitor *monitor;
    const char *id;
    bool cancelled;
    tw_claim_result *result;
} tw_claim_run;

/* A figure with its comparison; relation: "=", "<=", ">=", "<", ">" or "". A full list is an
 * undecided claim. */
typedef struct tw_claim_test {
    double value;
    const char *relation;
    double reference, tolerance;
} tw_claim_test;
void tw_claim_add(tw_claim_run *run, tw_claim_test test, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The sentence of what was computed. */
void tw_claim_computed(tw_claim_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The claim cannot be settled, and why. */
void tw_claim_doubt(tw_claim_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Ask the monitor; true: end with what there is. */
bool tw_claim_stop(tw_claim_run *run, double done, double total);

/* ---- Models and points ---- */

/* All hidden widths equal. */
typedef struct tw_claim_case {
    const char *loss;      /* "ce" */
    size_t classes;        /* K */
    size_t samples;        /* of each class; uneven: of class 0, one more for each further class */
    size_t width, layers;  /* d, L */
    double lambda;         /* of the weights */
    double feature_lambda; /* of H */
    bool uneven;
} tw_claim_case;

/* The model of a case; class labels ascend. */
tw_status tw_claim_model(const tw_claim_case *given, tw_dufm *model);

/* The critical point with class logits Z (K x K) of a case. */
tw_status tw_claim_point(const tw_claim_case *given, const double *Z, uint64_t seed,
                         tw_point *point);

/* A closed form of a balanced case with equal ridges ("dnc"); *exists false: no such point. */
tw_status tw_claim_closed(const tw_claim_case *given, const char *name, uint64_t seed, bool *exists,
                          tw_point *point);

/* The lowest of `starts` random starts of a case, each brought to rounding by Newton's method. */
tw_status tw_claim_lowest(const tw_claim_case *given, uint64_t seed, size_t starts,
                          tw_point *point);

/* What the Hessian of a point looks like, by the dense route with its inertia. */
typedef struct tw_claim_view {
    double loss, gradient_norm; /* ||g||_2 over ||H|| max(1, ||theta||) is `stationary` */
    double stationary, norm;    /* norm: ||H||_2 */
    size_t rank;                /* of the logits */
    size_t negative, zero;      /* modes; mean nothing unless `counted` */
    bool counted;               /* stationary, the gap is there, and the inertia agrees */
    double smallest, largest;   /* eigenvalues */
    size_t sigma_count;         /* min(K, N) */
    double *sigma;              /* singular values of the logit gradient, descending; owned */
} tw_claim_view;

tw_status tw_claim_look(const tw_point *point, tw_claim_view *view);
void tw_claim_view_clear(tw_claim_view *view); /* idempotent */

/* *along: v^T H v of the direction (3.13) of a point with L = 1 and d above its rank (without
 * ridges: of the same with their ratio 1). *proved, unless NULL: a certificate was. */
tw_status tw_claim_curvature(const tw_point *point, double *along, bool *proved);

/* Partitions of K classes into blocks of at least two, as names of closed forms ("blocks:4,2"):
 * the first with `at` = 0; false past the last. The single block is not among them. */
bool tw_claim_partition(size_t K, size_t at, char *name, size_t room);

/* ---- The claims ---- */

typedef tw_status (*tw_claim_fn)(tw_claim_run *run);

tw_status tw_claim_saddles_ce(tw_claim_run *run);
tw_status tw_claim_saddles_mse(tw_claim_run *run);
tw_status tw_claim_flow(tw_claim_run *run);
tw_status tw_claim_spurious(tw_claim_run *run);
tw_status tw_claim_low_rank(tw_claim_run *run);
tw_status tw_claim_stability(tw_claim_run *run);
tw_status tw_claim_dimension(tw_claim_run *run);
tw_status tw_claim_norms(tw_claim_run *run);
tw_status tw_claim_blocks(tw_claim_run *run);
tw_status tw_claim_survivors(tw_claim_run *run);
tw_status tw_claim_squared_error(tw_claim_run *run);
tw_status tw_claim_ball(tw_claim_run *run);

#endif
