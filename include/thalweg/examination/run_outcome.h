/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run that has descended led to: is it where descent was asked to go, and what says so where
 * the gradient cannot. */
#ifndef THALWEG_RUN_OUTCOME_H
#define THALWEG_RUN_OUTCOME_H

#include <thalweg/curvature/lowest.h>
#include <thalweg/examination/limit_direction.h>
#include <thalweg/examination/run.h>
#include <thalweg/stratum/kinks.h>

typedef struct tw_run_outcome {
    bool directed; /* a model without any ridge: then the next says where it goes */
    tw_limit_direction direction;
    bool kinked; /* an activation with kinks: then the next is its gradient */
    tw_clarke clarke;
    bool judged; /* a stationary start off the kinks: then the next says what it is */
    tw_lowest lowest;
    bool reached; /* what was asked for: a gradient within the tolerance, after smoothing or
                     polishing too, or the end time; a saddle that the run began on is not */
} tw_run_outcome;

/* run->monitor may end the search for the lowest curvature. Errors: those of
 * tw_limit_direction_measure, tw_clarke_measure and tw_lowest_curvature. */
TW_API tw_status tw_run_judge(const tw_run *run, tw_run_outcome *outcome);

#endif
