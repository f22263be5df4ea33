/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/base/monitor.h>
#include <thalweg/base/random.h>
#include <thalweg/spectrum/spectrum.h>
#include <unistd.h>

enum { REPEATS = 3 }; /* of a calibration; the fastest counts */

#define GB 1e-9
#define MACHINE_SHARE 0.8
#define BASIS 160.0     /* vectors that a Krylov round may keep */
#define SAMPLE 400      /* order of the matrix that the dense route is timed with */
#define LEAST_INSIDE 40 /* vectors of the plan of a search inside the spectrum: interior.h */
#define MOST_INSIDE 200
#define CHEAP_INSIDE 4e7 /* doubles; below them it takes the most */
#define ALL_INSIDE 1000
#define PROBES_ABREAST 8   /* bases that a quadrature keeps side by side, while they take .. */
#define CHEAP_PROBES 6.8e7 /* .. so many doubles; one of them in any case */

static double machine_gigabytes(void) {
    return GB * (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
}

double memory_limit(const cli_settings *settings) {
    return settings->memory_limit > 0.0 ? settings->memory_limit
                                        : MACHINE_SHARE * machine_gigabytes();
}

tw_status memory_claim(const cli_settings *settings, double gigabytes, const char *what) {
    bool given = settings->memory_limit > 0.0;
    double limit = memory_limit(settings);
    if (gigabytes <= limit) return TW_OK;
    return tw_fail(TW_ERR_MEMORY, "%s would take %.3g GB, above %s of %.3g GB", what, gigabytes,
                   given ? "--memory-limit" : "80 % of this machine's memory,", limit);
}

/* The arrays of the file, the point, and per sample and hidden unit: activations, signals, two
 * derivatives, and four arrays of one direction. */
double gigabytes_of_size(const tw_dufm_size *size) {
    return 8.0 * GB * (6.0 * size->parameters + 8.0 * size->units);
}

double gigabytes_of_point(const tw_dufm *model) {
    tw_dufm_size size;
    tw_dufm_size_check(model->layers, model->widths, model->samples, model->bias, &size);
    return gigabytes_of_size(&size);
}

double gigabytes_of_dense(double order) {
    return 24.0 * GB * order * order;
}

/* Point, direction, moved point and what gradients take, 48 bytes an entry; series of three
 * coefficients for two layers, a trail of activations and slopes. */
double gigabytes_of_balls(const tw_dufm *model) {
    double units = 0.0;
    for (size_t l = 0; l <= model->layers; l++) units += (double)model->widths[l];
    return 48.0 * GB *
           (5.0 * (double)tw_dufm_parameters(model) + 8.0 * units * (double)model->samples);
}

double gigabytes_of_search(double order, double pairs) {
    return 8.0 * GB * order * (BASIS + 2.0 * pairs);
}

/* The plan; a search with its basis; its pairs (it may meet twice as many) and their products. */
double gigabytes_inside(double order, double pairs) {
    double room = fmin(fmax(CHEAP_INSIDE / order, LEAST_INSIDE), MOST_INSIDE);
    if (order <= ALL_INSIDE) room = 3.0 * order; /* inertia: two matrices */
    return 8.0 * GB * order * (room + BASIS + 4.0 * (pairs + 1.0));
}

/* Bases side by side, one vector and one product for each; or the sketch of a trace. */
double gigabytes_of_probes(double order, double probes, double steps) {
    double abreast = fmin(fmin(PROBES_ABREAST, probes), floor(CHEAP_PROBES / (order * steps)));
    return 8.0 * GB * order * fmax(fmax(abreast, 1.0) * (steps + 2.0), 3.0 * probes);
}

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

/* y = (D + 1 1^T/n) x, D of six values: copies, as Hessians of linear models have them, spare
 * divide and conquer most of its work. Distinct values take up to 1.4 times as long. */
static tw_status sample_apply(void *self, size_t k, const double *X, size_t ldx, double *Y,
                              size_t ldy) {
    size_t n = *(const size_t *)self;
    for (size_t j = 0; j < k; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) sum += X[i + j * ldx];
        for (size_t i = 0; i < n; i++)
            Y[i + j * ldy] = (double)(i % 6) / 6.0 * X[i + j * ldx] + sum / (double)n;
    }
    return TW_OK;
}

/* Seconds for the eigenvectors of a matrix: n^3 times what a small one takes. */
static tw_status time_dense(double order, double *seconds) {
    size_t n = order < SAMPLE ? (size_t)order : SAMPLE;
    tw_linop sample = {n, sample_apply, &n};
    tw_dense_result result = {0};
    *seconds = n > 0 ? INFINITY : 0.0;
    for (int i = 0; n > 0 && i < REPEATS; i++) {
        double start = tw_clock_seconds();
        tw_status status = tw_spectrum_dense(&sample, NULL, &result);
        if (status != TW_OK) return status;
        *seconds = fmin(*seconds, tw_clock_seconds() - start);
        tw_dense_result_clear(&result);
    }
    *seconds *= pow(order / (double)(n > 0 ? n : 1), 3.0);
    return TW_OK;
}

/* Products of a search, from runs at 1e4 to 1e6 parameters: three rounds of some thirty steps an
 * end, and fifteen products a pair with its copies. */
tw_status plan_make(const tw_linop *A, bool dense, double pairs, int ends, tw_plan_record *plan) {
    double n = (double)A->n, seconds = 0.0;
    *plan = (tw_plan_record){.route = dense ? "dense" : "products", .parameters = A->n};
    tw_status status = time_products(A, &plan->seconds_a_product);
    if (status == TW_OK && dense) status = time_dense(n, &seconds);
    plan->products = dense ? 2 * A->n : (uint64_t)(90.0 * ends + 15.0 * pairs);
    plan->gigabytes = dense ? gigabytes_of_dense(n) : gigabytes_of_search(n, pairs);
    plan->seconds = (double)plan->products * plan->seconds_a_product + seconds;
    return status;
}

tw_status plan_inside(const tw_linop *A, size_t max_products, double pairs, tw_plan_record *plan) {
    *plan = (tw_plan_record){.route = "inside",
                             .parameters = A->n,
                             .products = max_products,
                             .at_most = true,
                             .gigabytes = gigabytes_inside((double)A->n, pairs)};
    tw_status status = time_products(A, &plan->seconds_a_product);
    plan->seconds = (double)max_products * plan->seconds_a_product;
    return status;
}

tw_status plan_exact(const char *route, uint64_t parameters, double sector, tw_plan_record *plan) {
    *plan = (tw_plan_record){
        .route = route, .parameters = parameters, .gigabytes = gigabytes_of_dense(sector)};
    return time_dense(sector, &plan->seconds);
}

void plan_print(const tw_plan_record *plan, const char *path) {
    const char *about = plan->at_most ? "at most" : "about";
    printf("%s: %" PRIu64 " parameters, %s route: %s %" PRIu64
           " products of %.3g s, %.3g GB on top "
           "of the point, %s %.3g s\n",
           path, plan->parameters, plan->route, about, plan->products, plan->seconds_a_product,
           plan->gigabytes, about, plan->seconds);
}
