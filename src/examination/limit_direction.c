/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/limit_direction.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"

static tw_status fit(const tw_trajectory *trajectory, tw_log_fit *out) {
    tw_status status = TW_OK;
    size_t rows = tw_trajectory_rows(trajectory);
    double *time = NULL, *margin = NULL;
    TW_TRY(TW_NEW(time, rows));
    TW_TRY(TW_NEW(margin, rows));
    if (tw_trajectory_read(trajectory, "time", time) &&
        tw_trajectory_read(trajectory, "normalised_margin", margin))
        TW_TRY(tw_log_fit_series(rows, time, margin, TW_LOG_FIT_DECADES, out));
cleanup:
    free(time);
    free(margin);
    return status;
}

tw_status tw_limit_direction_measure(tw_evaluator *evaluator, const double *theta,
                                     const tw_trajectory *trajectory, bool timed,
                                     const tw_monitor *monitor, tw_limit_direction *direction) {
    tw_status status = TW_OK;
    *direction = (tw_limit_direction){.fit = {.limit = (double)NAN,
                                              .limit_error = (double)NAN,
                                              .rate = (double)NAN,
                                              .residual = (double)NAN}};
    TW_TRY(tw_separation_measure(evaluator, theta, monitor, &direction->separation));
    if (timed) TW_TRY(fit(trajectory, &direction->fit));
cleanup:
    return status;
}
