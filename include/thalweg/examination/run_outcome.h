/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run led to, beyond the description of its last point. */
#ifndef THALWEG_RUN_OUTCOME_H
#define THALWEG_RUN_OUTCOME_H

#include <thalweg/curvature/lowest.h>
#include <thalweg/examination/limit_direction.h>
#include <thalweg/examination/run.h>
#include <thalweg/stratum/kinks.h>

/* Initialise as {0}; it owns nothing. */
typedef struct tw_run_outcome {
    bool has_direction; /* there is no ridge: where the run is going stands in `direction` */
    tw_limit_direction direction;
    bool has_kinks; /* the activation has some: `clarke` says whether the point is optimal there */
    tw_clarke clarke;
    bool judged; /* the start was stationary and off the kinks: `lowest` says what it is */
    tw_lowest lowest;
    bool reached; /* it came to what it was asked for */
} tw_run_outcome;

/* After tw_run_descend. Reached is a smoothing that converged, the time that was asked for, a
 * gradient within the tolerance, also when polishing made it so small, and never a saddle that the
 * run began on. Errors of the measurements. */
TW_API tw_status tw_run_judge(const tw_run *run, tw_run_outcome *outcome);

#endif
