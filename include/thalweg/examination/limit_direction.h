/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the direction of a run without any ridge is going: norms diverge, and the direction is what
 * counts. */
#ifndef THALWEG_LIMIT_DIRECTION_H
#define THALWEG_LIMIT_DIRECTION_H

#include <thalweg/examination/separation.h>
#include <thalweg/examination/trajectory.h>
#include <thalweg/training/log_fit.h>

typedef struct tw_limit_direction {
    tw_separation separation;
    tw_log_fit fit; /* of the normalised margin, over the last decades of t; NAN without a time */
} tw_limit_direction;

/* evaluator: last evaluated at theta. trajectory: its rows, from which the fit is made; timed: do
 * they have a time (of lbfgs and newton there is none)? monitor: of tw_separation_measure. */
TW_API tw_status tw_limit_direction_measure(tw_evaluator *evaluator, const double *theta,
                                            const tw_trajectory *trajectory, bool timed,
                                            const tw_monitor *monitor,
                                            tw_limit_direction *direction);

#endif
