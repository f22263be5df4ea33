/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/monitor.h>
#include <thalweg/random.h>
#include <unistd.h>

#define GB 1e-9
#define MACHINE_SHARE 0.8
#define BASIS 160.0 /* vectors that a Krylov round may keep */

static double machine_gigabytes(void) {
    return GB * (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

tw_status memory_claim(const cli_settings *settings, double gigabytes, const char *what) {
    bool given = settings->memory_limit > 0.0;
    double limit = given ? settings->memory_limit : MACHINE_SHARE * machine_gigabytes();
    if (gigabytes <= limit) return TW_OK;
    return tw_fail(TW_ERR_MEMORY, "%s would take %.3g GB, above %s of %.3g GB", what, gigabytes,
                   given ? "--memory-limit" : "80 % of this machine's memory,", limit);
}

/* The arrays of the file, the point, and per sample and hidden unit: activations, signals, two
 * derivatives, and four arrays of one direction. */
double gigabytes_of_point(const tw_dufm *model) {
    double units = 0.0;
    for (size_t l = 0; l <= model->layers; l++) units += (double)model->widths[l];
    return 8.0 * GB *
           (6.0 * (double)tw_dufm_parameters(model) + 8.0 * units * (double)model->samples);
}

double gigabytes_of_dense(double order) {
    return 24.0 * GB * order * order;
}

double gigabytes_of_search(double order, double pairs) {
    return 8.0 * GB * order * (BASIS + 2.0 * pairs);
}

static tw_status time_products(const tw_linop *A, double *seconds) {
    tw_status status = TW_OK;
    enum { REPEATS = 3 };
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

/* Products of a search, from runs at 1e4 to 1e6 parameters: three rounds of some thirty steps an
 * end, and fifteen products a pair with its copies. LAPACK's symmetric eigensolver takes about 9
 * n^3 flops, at some 5e9 a second where half of them are bound by memory. */
tw_status plan_make(const tw_linop *A, bool dense, double pairs, int ends, cli_plan *plan) {
    double n = (double)A->n;
    *plan = (cli_plan){.route = dense ? "dense" : "products", .parameters = n};
    tw_status status = time_products(A, &plan->seconds_a_product);
    plan->products = dense ? 2.0 * n : 90.0 * ends + 15.0 * pairs;
    plan->gigabytes = dense ? gigabytes_of_dense(n) : gigabytes_of_search(n, pairs);
    plan->seconds =
        plan->products * plan->seconds_a_product + (dense ? 9.0 * n * n * n / 5e9 : 0.0);
    return status;
}

void plan_print(const cli_plan *plan, const char *path) {
    printf(
        "%s: %.0f parameters, %s route: about %.0f products of %.3g s, %.3g GB on top of the "
        "point, about %.3g s\n",
        path, plan->parameters, plan->route, plan->products, plan->seconds_a_product,
        plan->gigabytes, plan->seconds);
}

tw_json *plan_json(const cli_plan *plan) {
    tw_status status = TW_OK;
    tw_json *object = tw_json_object();
    if (object == NULL) return NULL;
    TW_TRY(tw_json_set(object, "route", tw_json_string(plan->route)));
    TW_TRY(tw_json_set(object, "parameters", tw_json_number(plan->parameters)));
    TW_TRY(tw_json_set(object, "products", tw_json_number(plan->products)));
    TW_TRY(tw_json_set(object, "seconds_a_product", tw_json_number(plan->seconds_a_product)));
    TW_TRY(tw_json_set(object, "gigabytes", tw_json_number(plan->gigabytes)));
    TW_TRY(tw_json_set(object, "seconds", tw_json_number(plan->seconds)));
    return object;
cleanup:
    tw_json_destroy(object);
    return NULL;
}
