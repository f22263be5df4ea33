/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/point.h>
#include <thalweg/spectrum/rates.h>
#include <unistd.h>

#define GB 1e-9
#define MACHINE_SHARE 0.8

double memory_limit(const cli_common *common) {
    double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    return common->memory_limit > 0.0 ? common->memory_limit / GB : MACHINE_SHARE * machine;
}

double memory_of_size(const tw_dufm_size *size) {
    return 8.0 * (6.0 * size->parameters + 8.0 * size->units);
}

double memory_of(const tw_dufm *model, const tw_cost *work) {
    tw_cost point, evaluator;
    tw_point_cost(model, &point);
    tw_evaluator_cost(model, &evaluator);
    return point.bytes + evaluator.bytes + (work ? work->bytes : 0.0);
}

tw_status memory_claim(const cli_common *common, double bytes, const char *what) {
    bool given = common->memory_limit > 0.0;
    double limit = memory_limit(common);
    if (bytes <= limit) return TW_OK;
    return tw_fail(TW_ERR_MEMORY, "%s would take %.3g GB, above %s of %.3g GB", what, GB * bytes,
                   given ? "--memory-limit" : "80 % of this machine's memory,", GB * limit);
}

tw_status plan_make(const tw_linop *A, const char *route, const tw_cost *cost, double bytes,
                    tw_plan_record *plan) {
    tw_cost_seconds seconds;
    tw_status status = tw_cost_time(A, cost, &seconds);
    *plan = (tw_plan_record){.route = route,
                             .parameters = A ? A->n : 0,
                             .products = (uint64_t)cost->products,
                             .products_most = (uint64_t)cost->products_most,
                             .dense_flops = cost->flops,
                             .gigabytes = GB * bytes,
                             .seconds_a_product = seconds.product,
                             .seconds = seconds.least,
                             .seconds_most = seconds.most};
    return status;
}

void plan_print(const tw_plan_record *plan, const char *path) {
    bool known = plan->products == plan->products_most;
    printf("%s: %" PRIu64 " parameters, %s route: %s%" PRIu64, path, plan->parameters, plan->route,
           known ? "" : "at least ", plan->products);
    if (!known) printf(", at most %" PRIu64, plan->products_most);
    printf(" products of %.3g s, %.3g GB with the point, %s %.3g s", plan->seconds_a_product,
           plan->gigabytes, known ? "about" : "at least", plan->seconds);
    if (!known) printf(", at most %.3g s", plan->seconds_most);
    putchar('\n');
}

tw_status show_plan(const cli_invocation *run, const char *name, tw_json *input,
                    const tw_plan_record *plan) {
    if (wants_table(run)) plan_print(plan, name);
    return write_result(run, input, &tw_plan_fields, plan);
}
