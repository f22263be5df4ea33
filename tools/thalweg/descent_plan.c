/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "descent_plan.h"

#include <math.h>
#include <stdio.h>
#include <thalweg/campaign/campaign.h>

#define GB 1e-9

static tw_descent_plan one_run(const tw_dufm *model, const tw_descent_method *method,
                               const tw_cost *cost, const tw_cost_seconds *seconds, double bytes) {
    return (tw_descent_plan){.method = tw_descent_method_name(method),
                             .parameters = tw_dufm_parameters(model),
                             .calls = cost->products,
                             .calls_most = cost->products_most,
                             .seconds_a_call = seconds->product,
                             .gigabytes = GB * bytes,
                             .seconds = seconds->least,
                             .seconds_most = seconds->most};
}

/* A processor takes one restart at a time; memory is taken by every worker. */
static void spread(tw_descent_plan *plan, size_t restarts, size_t workers) {
    size_t processors = tw_campaign_workers(0),
           at_once = workers < processors ? workers : processors;
    double rounds = ceil((double)restarts / (double)at_once);
    plan->restarts = restarts;
    plan->workers = workers;
    plan->all_gigabytes = (double)workers * plan->gigabytes;
    plan->all_seconds = rounds * plan->seconds;
    plan->all_seconds_most = rounds * plan->seconds_most;
}

tw_status descent_plan_of_run(const tw_run *run, const tw_cost *cost, double bytes,
                              tw_descent_plan *plan) {
    tw_cost_seconds seconds;
    bool products = run->polish || isinf(cost->products_most);
    tw_status status =
        tw_cost_time_descent(&run->objective, run->point.theta, products, cost, &seconds);
    if (status != TW_OK) return status;
    *plan = one_run(&run->point.model, run->method, cost, &seconds, bytes);
    spread(plan, 1, 1);
    return TW_OK;
}

tw_status descent_plan_of_setting(const tw_setting *setting, const tw_cost *cost, double bytes,
                                  size_t restarts, size_t workers, tw_descent_plan *plan) {
    tw_cost_seconds seconds;
    tw_status status = tw_setting_time(setting, cost, &seconds);
    if (status != TW_OK) return status;
    *plan = one_run(&setting->model, setting->method, cost, &seconds, bytes);
    spread(plan, restarts, workers);
    return TW_OK;
}

static void print_time(double least, double most) {
    printf(", at least %.3g s, at most ", least);
    if (isfinite(most))
        printf("%.3g s", most);
    else
        printf("unknown");
}

void descent_plan_print(const tw_descent_plan *plan, const char *what) {
    printf("%s: %zu parameters, %s: at least %.0f, at most ", what, plan->parameters, plan->method,
           plan->calls);
    if (isfinite(plan->calls_most))
        printf("%.0f", plan->calls_most);
    else
        printf("unknown");
    printf(" gradients and products of %.3g s, %.3g GB", plan->seconds_a_call, plan->gigabytes);
    print_time(plan->seconds, plan->seconds_most);
    if (plan->restarts > 1 || plan->workers > 1) {
        printf("; %zu restarts by %zu workers: %.3g GB", plan->restarts, plan->workers,
               plan->all_gigabytes);
        print_time(plan->all_seconds, plan->all_seconds_most);
    }
    putchar('\n');
}
