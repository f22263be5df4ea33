/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/base/monitor.h>
#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/point.h>
#include <thalweg/spectrum/spectrum.h>
#include <unistd.h>

enum { REPEATS = 3 }; /* of a calibration; the fastest counts */

#define GB 1e-9
#define MACHINE_SHARE 0.8
#define SAMPLE 500             /* order of the matrix that dense work is timed with */
#define PASS ((size_t)1 << 21) /* doubles that vector work is timed with: no cache holds them */

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

/* ---- Rates ---- */

static tw_status time_products(const tw_linop *A, double *seconds) {
    tw_status status = TW_OK;
    tw_random stream;
    double *x = calloc(A->n, sizeof *x), *y = calloc(A->n, sizeof *y);
    TW_TRY(x && y ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for two vectors of %zu", A->n));
    tw_random_init(&stream, 1, TW_PURPOSE_START, 0);
    tw_random_fill_normal(&stream, A->n, x);
    *seconds = INFINITY;
    for (int i = 0; i < REPEATS; i++) {
        double start = tw_clock_seconds();
        TW_TRY(tw_linop_apply(A, 1, x, A->n, y, A->n));
        *seconds = fmin(*seconds, tw_clock_seconds() - start);
    }
cleanup:
    free(x);
    free(y);
    return status;
}

/* y = (D + 1 1^T/n) x, D of distinct values: copies would spare divide and conquer its work. */
static tw_status sample_apply(void *self, size_t k, const double *X, size_t ldx, double *Y,
                              size_t ldy) {
    size_t n = *(const size_t *)self;
    for (size_t j = 0; j < k; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) sum += X[i + j * ldx];
        for (size_t i = 0; i < n; i++)
            Y[i + j * ldy] = (double)i / (double)n * X[i + j * ldx] + sum / (double)n;
    }
    return TW_OK;
}

/* Seconds a flop of dense work. */
static tw_status time_dense(double *rate) {
    size_t n = SAMPLE;
    tw_linop sample = {n, sample_apply, &n};
    tw_dense_result result = {0};
    tw_cost cost;
    double seconds = INFINITY;
    tw_dense_cost(n, NULL, &cost);
    for (int i = 0; i < REPEATS; i++) {
        double start = tw_clock_seconds();
        tw_status status = tw_spectrum_dense(&sample, NULL, &result);
        if (status != TW_OK) return status;
        seconds = fmin(seconds, tw_clock_seconds() - start);
        tw_dense_result_clear(&result);
    }
    *rate = seconds / cost.flops;
    return TW_OK;
}

/* Seconds a double that vector work passes over. */
static tw_status time_pass(double *rate) {
    double *x = calloc(PASS, sizeof *x), seconds = INFINITY, sum = 0.0;
    if (x == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu doubles", PASS);
    for (int i = 0; i < REPEATS; i++) {
        double start = tw_clock_seconds();
        for (size_t j = 0; j < PASS; j++) x[j] += 0.5 * (double)i;
        sum += x[PASS / 2];
        seconds = fmin(seconds, tw_clock_seconds() - start);
    }
    free(x);
    *rate = sum >= 0.0 ? seconds / (double)PASS : 0.0;
    return TW_OK;
}

/* ---- Plans ---- */

tw_status plan_make(const tw_linop *A, const char *route, const tw_cost *cost,
                    tw_plan_record *plan) {
    tw_status status = TW_OK;
    double flop = 0.0, pass = 0.0;
    *plan = (tw_plan_record){.route = route,
                             .parameters = A ? A->n : 0,
                             .products = (uint64_t)cost->products,
                             .products_most = (uint64_t)cost->products_most,
                             .dense_flops = cost->flops,
                             .gigabytes = GB * cost->bytes};
    if (cost->flops > 0.0) TW_TRY(time_dense(&flop));
    if (cost->traffic > 0.0) TW_TRY(time_pass(&pass));
    if (A && cost->products_most > 0.0) TW_TRY(time_products(A, &plan->seconds_a_product));
    plan->seconds_a_product += pass * cost->traffic;
    plan->seconds = cost->products * plan->seconds_a_product + flop * cost->flops;
    plan->seconds_most = cost->products_most * plan->seconds_a_product + flop * cost->flops;
cleanup:
    return status;
}

tw_status plan_at_point(const tw_dufm *model, const tw_linop *A, const char *route,
                        const tw_cost *work, tw_plan_record *plan) {
    tw_status status = plan_make(A, route, work, plan);
    plan->parameters = tw_dufm_parameters(model);
    plan->gigabytes = GB * memory_of(model, work);
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
