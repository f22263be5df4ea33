/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans of descents as records (docs/formats/results.md). */
#ifndef THALWEG_DESCENT_PLAN_H
#define THALWEG_DESCENT_PLAN_H

#include <thalweg/record/fields.h>
#include <thalweg/spectrum/rates.h>

/* What descents would take: one run, and all restarts of it. INFINITY: no bound is known. */
typedef struct tw_descent_plan {
    const char *method; /* tw_descent_method_name */
    size_t parameters;
    double calls, calls_most; /* gradients and Hessian products of a run: at least, at most */
    double seconds_a_call;    /* measured: the dearer of the two, where both occur */
    double gigabytes;         /* of a run, above the bare program */
    double seconds, seconds_most;
    size_t restarts, workers; /* `train`: one each */
    double all_gigabytes, all_seconds, all_seconds_most;
} tw_descent_plan;

TW_API_DATA const tw_fields tw_descent_plan_fields; /* of a tw_descent_plan */
/* All but method and parameters. cost and seconds: of one run, such as tw_run_cost and tw_run_time,
 * tw_setting_cost and tw_setting_time say; `bytes`: of all it holds. */
TW_API void tw_descent_plan_fill(const tw_cost *cost, const tw_cost_seconds *seconds, double bytes,
                                 size_t restarts, size_t workers, tw_descent_plan *plan);

#endif
