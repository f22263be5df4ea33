/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Published claims about these loss surfaces, each computed anew: one row of a constant table and
 * one function a claim (docs/mathematics.md, section 11).
 *
 * A claim is a set of comparisons between figures that were computed and what it says they are. It
 * holds when every comparison does, and fails with the first that does not. Its constants are part
 * of the row: with another value it is another claim, and has to come out as what that one is. */
#ifndef THALWEG_CLAIMS_H
#define THALWEG_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/monitor.h>

#define TW_CLAIM_CONSTANTS 3
#define TW_CLAIM_FIGURES 32

typedef enum tw_claim_answer {
    TW_CLAIM_FAILS,
    TW_CLAIM_HOLDS,
    TW_CLAIM_UNDECIDED /* what could be computed does not settle it: `doubt` says why */
} tw_claim_answer;

TW_API const char *tw_claim_answer_name(tw_claim_answer answer); /* "holds" */

/* A number that the claim names. */
typedef struct tw_claim_constant {
    const char *name; /* NULL after the last */
    double value;     /* as published */
    const char *meaning;
} tw_claim_constant;

/* One claim: a row of a constant table. */
typedef struct tw_claim {
    const char *id;     /* "a" */
    const char *source; /* where it was published, for which model */
    const char *statement;
    tw_claim_answer expected; /* what the table's authors measured */
    tw_claim_constant constants[TW_CLAIM_CONSTANTS];
} tw_claim;

TW_API const tw_claim *tw_claim_at(size_t index);        /* NULL past the last */
TW_API const tw_claim *tw_claim_find(const char *id);    /* NULL: none has that id */
TW_API size_t tw_claim_constants(const tw_claim *claim); /* how many it names */

typedef struct tw_claim_options {
    bool quick;              /* fewer cases; default false */
    uint64_t seed;           /* of starts and rotations; default 1 */
    const double *constants; /* borrowed, tw_claim_constants of them; default NULL: as published */
    const tw_monitor *monitor;
} tw_claim_options;

#define TW_CLAIM_DEFAULTS ((tw_claim_options){.seed = 1})

/* A comparison `value relation reference`, or a figure beside it (relation ""). */
typedef struct tw_claim_figure {
    char name[112];
    double value;
    const char *relation; /* "=", "<=", ">=", "<", ">" or ""; static */
    double reference;     /* NAN without a relation */
    double tolerance;     /* of "=": |value - reference| <= tolerance; else 0 */
    bool holds;           /* NAN does not, a figure without a relation does */
} tw_claim_figure;

typedef struct tw_claim_result {
    tw_claim_answer answer;
    char computed[480]; /* one sentence: what was computed */
    char doubt[240];    /* why it is undecided, else "" */
    bool cancelled;     /* the monitor ended it; then it is undecided */
    size_t figure_count;
    tw_claim_figure figures[TW_CLAIM_FIGURES];
} tw_claim_result;

/* Compute a claim. Cancelled by the monitor, it is undecided. result: out. Errors: those of the
 * computation; TW_ERR_ARGUMENT for a constant out of its range. */
TW_API tw_status tw_claim_evaluate(const tw_claim *claim, const tw_claim_options *options,
                                   tw_claim_result *result);

#endif
