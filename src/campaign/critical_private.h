/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A search for critical points: where its starts come from, and which points are the same. */
#ifndef TW_CRITICAL_PRIVATE_H
#define TW_CRITICAL_PRIVATE_H

#include <thalweg/campaign/critical.h>
#include <thalweg/model/evaluator.h>

/* A start and how to go on from it. */
typedef struct tw_critical_start {
    const char *kind;
    char method[24];
    size_t follow, climb; /* follow and index of stationary.h */
} tw_critical_start;

/* Start number `index`; theta: P, out; work: P. found: what starts before it found. */
tw_status tw_critical_draw(const tw_dufm *model, const tw_critical_result *found, uint64_t seed,
                           size_t index, double *theta, double *work, tw_critical_start *start);

/* What tells the points of a search apart. */
typedef struct tw_critical_place {
    size_t class;   /* in the matcher */
    bool loose;     /* has zero modes that no symmetry explains: it lies anywhere in a family */
    double *values; /* singular values of the logits, min(K, N); owned */
} tw_critical_place;

typedef struct tw_critical_run {
    const tw_dufm *model;
    const tw_critical_options *options;
    tw_monitor monitor;    /* of the parts: what it hears of is the whole search */
    tw_findings *findings; /* NULL: only in memory */
    tw_critical_result *result;
    size_t room;               /* of result->points */
    tw_critical_place *places; /* of each point; room */
    size_t n, K;
    size_t *class_sizes;
    tw_evaluator *evaluator;
    tw_objective objective;
    tw_matcher *matcher;
    double *theta, *work;
    double *class_logits; /* K x K */
} tw_critical_run;

/* The point that run->theta, a critical point to which start number `start` led, is: *point (out),
 * its number, TW_NO_POINT when it is no critical point after all; *fresh (out): it is a new one,
 * which was proved and added. Its count is not raised. */
tw_status tw_critical_classify(tw_critical_run *run, size_t start, size_t *point, bool *fresh);

/* Add a point that an earlier run found. */
tw_status tw_critical_take(tw_critical_run *run, const tw_finding *finding);

#endif
