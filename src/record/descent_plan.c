/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/descent_plan.h>

#include <math.h>
#include <thalweg/campaign/campaign.h>

#include "record/fields_private.h"

#define GB 1e-9

/* A processor takes one restart at a time; memory is taken by every worker. */
void tw_descent_plan_fill(const tw_cost *cost, const tw_cost_seconds *seconds, double bytes,
                          size_t restarts, size_t workers, tw_descent_plan *plan) {
    double at_once = fmin((double)workers, (double)tw_campaign_workers(0));
    double rounds = ceil((double)restarts / at_once), all = (double)workers * bytes;
    *plan = (tw_descent_plan){.method = plan->method,
                              .parameters = plan->parameters,
                              .calls = cost->products,
                              .calls_most = cost->products_most,
                              .seconds_a_call = seconds->product,
                              .gigabytes = GB * bytes,
                              .seconds = seconds->least,
                              .seconds_most = seconds->most,
                              .restarts = restarts,
                              .workers = workers,
                              .all_gigabytes = GB * all,
                              .all_seconds = rounds * seconds->least,
                              .all_seconds_most = rounds * seconds->most};
}

static const tw_field plan_rows[] = {
    TW_TEXT(tw_descent_plan, method, "method", .title = "method", .meaning = "of descent"),
    TW_SIZE(tw_descent_plan, parameters, "parameters", .title = "parameters",
            .meaning = "of the model"),
    TW_NUMBER(tw_descent_plan, calls, "calls", .title = "gradients and products, at least",
              .meaning = "gradients (those of minibatches too) and Hessian products of one run, at "
                         "least: a start may be stationary"),
    TW_NUMBER(tw_descent_plan, calls_most, "calls_most", .title = "  at most",
              .meaning =
                  "and at most, by the step limit and the longest line search, with those of "
                  "polishing and counting; `null` where nothing bounds a step: `newton`, "
                  "`flow`, `--smooth`, `--lambda-min`"),
    TW_NUMBER(tw_descent_plan, seconds_a_call, "seconds_a_call", .title = "seconds of one",
              .meaning = "measured in a short calibration at the start of the run, with the vector "
                         "work that goes with one: a whole gradient, or a Hessian product where "
                         "those occur and take longer"),
    TW_NUMBER(tw_descent_plan, gigabytes, "gigabytes", .title = "GB",
              .meaning = "memory of one run above that of the bare program, the point included"),
    TW_NUMBER(tw_descent_plan, seconds, "seconds", .title = "seconds, at least",
              .meaning = "of one run, at least"),
    TW_NUMBER(tw_descent_plan, seconds_most, "seconds_most", .title = "  at most",
              .meaning = "and at most, or `null`"),
    TW_SIZE(tw_descent_plan, restarts, "restarts", .title = "restarts",
            .meaning = "of the setting; 1 in `train`"),
    TW_SIZE(tw_descent_plan, workers, "workers", .title = "workers",
            .meaning = "threads that run restarts, each with the memory of one; 1 in `train`"),
    TW_NUMBER(tw_descent_plan, all_gigabytes, "all_gigabytes", .title = "GB of all workers",
              .meaning = "of all workers"),
    TW_NUMBER(tw_descent_plan, all_seconds, "all_seconds",
              .title = "seconds of all restarts, at least",
              .meaning = "of all restarts, at least: workers beyond the processors save no time"),
    TW_NUMBER(tw_descent_plan, all_seconds_most, "all_seconds_most", .title = "  at most",
              .meaning = "and at most, or `null`"),
};
TW_TABLE(tw_descent_plan_fields, "a plan of descents", tw_descent_plan, plan_rows);
