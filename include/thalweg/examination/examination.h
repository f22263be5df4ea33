/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main job on one point: describe it, polish it, count its modes. */
#ifndef THALWEG_EXAMINATION_H
#define THALWEG_EXAMINATION_H

#include <thalweg/base/cost.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/examination/collapse.h>
#include <thalweg/optima/sectors.h>
#include <thalweg/spectrum/listing.h>
#include <thalweg/symmetry/symmetry.h>
#include <thalweg/training/newton.h>

/* A point as it stands. Owned parts are released by tw_description_clear. */
typedef struct tw_description {
    size_t parameters;
    double loss, fit, penalty; /* loss = fit + penalty */
    double gradient_norm;      /* ||g||_2 */
    tw_shape shape;
    tw_kinks kinks;
    bool falls; /* tw_evaluator_falls_forever */
} tw_description;

/* `monitor` (may be NULL) is asked while the shape is measured, which may then be a part of it. */
TW_API tw_status tw_point_describe(tw_evaluator *evaluator, const double *theta,
                                   double rank_tolerance, const tw_monitor *monitor,
                                   tw_description *description);
TW_API void tw_description_clear(tw_description *description); /* idempotent, NULL-safe */

typedef struct tw_examination_options {
    double rank_tolerance; /* in (0, 1); default 1e-3 */
    bool polish;           /* polish before counting; default true */
    tw_newton_options newton;
    tw_degeneracy_options degeneracy; /* its tangent is set by the examination */
    tw_sector_options sectors;
} tw_examination_options;

#define TW_EXAMINATION_DEFAULTS                                                                    \
    ((tw_examination_options){.rank_tolerance = TW_RANK_TOLERANCE,                                 \
                              .polish = true,                                                      \
                              .newton = TW_NEWTON_DEFAULTS,                                        \
                              .degeneracy = TW_DEGENERACY_DEFAULTS,                                \
                              .sectors = TW_SECTOR_DEFAULTS})

/* What happened to the wish to polish. */
typedef enum tw_polish_outcome {
    TW_POLISH_NOT_ASKED,
    TW_POLISH_CONVERGED,
    TW_POLISH_UNFINISHED, /* newton.reason says why */
    TW_POLISH_ENDLESS,    /* Newton ended where the loss falls for ever, near no critical point */
    TW_POLISH_KINKED      /* pre-activations sit on kinks: Newton has no meaning there */
} tw_polish_outcome;

TW_API const char *tw_polish_outcome_name(tw_polish_outcome outcome);

typedef struct tw_polishing {
    tw_polish_outcome outcome;
    tw_newton_result newton; /* zero when kinked or not asked */
} tw_polishing;

/* Polish alone; theta (in/out). */
TW_API tw_status tw_point_polish(tw_evaluator *evaluator, const tw_newton_options *options,
                                 double *theta, tw_polishing *polishing);

/* Whether two independent routes to the counts were compared. */
typedef enum tw_routes {
    TW_ROUTES_NOT_COMPARED, /* the sectors do not apply or know less; the first route did not end */
    TW_ROUTES_AGREE,        /* same counts, same extreme eigenvalues */
    TW_ROUTES_RESOLVED,     /* the first route could not tell some values from zero, or took them
                               for zeros; the sectors can, and their counts are the result */
    TW_ROUTES_UNRESOLVED,   /* neither can */
    TW_ROUTES_DISAGREE
} tw_routes;

TW_API const char *tw_routes_name(tw_routes routes); /* "agrees" */

/* The counts of applicable sectors beside those of a first route that saw the whole spectrum. A
 * route that resolves a value decides about it: RESOLVED and UNRESOLVED mean that the sectors' rule
 * is the one to show. */
TW_API tw_routes tw_routes_compare(const tw_sectors *sectors, const tw_zero_rule *first);

/* Name the levels of a list after those of applicable sectors, and let them decide about values
 * next to zero that the list cannot tell from it. Counts that contradict each other are none: the
 * list is then not converged, for "disagrees". */
TW_API void tw_routes_settle(const tw_sectors *sectors, tw_listing *listing);

typedef struct tw_examination {
    tw_description before, after; /* the same when nothing was polished */
    tw_polishing polish;
    size_t space_count;
    tw_hidden_space *spaces; /* rotated hidden spaces; owned */
    size_t shift_modes;      /* tw_symmetry_shift_modes */
    tw_stabilisers stabilisers;
    char symmetry_doubt[240]; /* tw_symmetry_doubt */
    tw_degeneracy_result degeneracy;
    tw_sectors sectors; /* the second route, where it applies */
    tw_routes routes;
} tw_examination;

/* theta (in/out): the polished point. A kinked point is taken as it is: no counts, the verdict
 * `ambiguous`, and the census in its doubt (tw_kinks_explain); where the loss falls for ever it is
 * `not stationary`. `ambiguous` is also one whose two
 * routes disagree, and one whose symmetry has no certain dimension (tw_symmetry_doubt). */
TW_API tw_status tw_point_examine(tw_evaluator *evaluator, const tw_examination_options *options,
                                  double *theta, tw_examination *examination);
TW_API void tw_examination_clear(tw_examination *examination); /* idempotent, NULL-safe */

/* What it does before it counts: before, after and polish of an examination. The rest is zero. */
TW_API tw_status tw_examination_begin(tw_evaluator *evaluator,
                                      const tw_examination_options *options, double *theta,
                                      tw_examination *examination);

/* tw_point_describe, at the point and its evaluator. */
TW_API void tw_description_cost(const tw_dufm *model, tw_cost *cost);

/* Polishing with a description before and after, at the point and its evaluator. */
TW_API void tw_polish_cost(const tw_dufm *model, const tw_newton_options *options, tw_cost *cost);

/* Polishing, when it is asked for, and counting, at the point and its evaluator. theta (NULL: some
 * critical point) matters where it is not polished. */
TW_API void tw_examination_cost(const tw_dufm *model, const double *theta,
                                const tw_examination_options *options, tw_cost *cost);

#endif
