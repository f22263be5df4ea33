/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of one Hessian product beside the six-product limit (docs/mathematics.md, section 2): the
 * six matrix products of every layer alone, with the same BLAS, in turn with the product in the
 * same run. And a block of 16 directions against 16 single ones where matrices are tiny.
 *
 * Usage: hvp [--check]: with --check, exit 1 when a target is missed. Ratios are medians over
 * pairs. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/monitor.h>
#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>

#include "dense/matrix_private.h"

enum { LAYERS = 3, CLASSES = 10, BLOCK = 16, PAIRS = 9 };

typedef struct bench_case {
    size_t width, samples;
    double target; /* largest product / limit; 0: none */
} bench_case;

static const bench_case cases[] = {
    {6, 8, 0.0}, {64, 100, 2.0}, {256, 1000, 1.25}, {512, 1000, 1.25}, {1024, 2000, 1.25}};

typedef struct bench {
    tw_dufm model;
    tw_evaluator *evaluator;
    tw_hessian hessian;
    tw_objective objective;
    tw_linop H;
    double *theta, *gradient, *V, *Y, *scratch;
    size_t n;
} bench;

static void require(bool condition) {
    if (condition) return;
    fprintf(stderr, "hvp: %s\n", tw_last_error());
    exit(3);
}

static void *room(size_t count) {
    double *block = calloc(count, sizeof *block);
    if (block == NULL) exit(3);
    return block;
}

static void bench_init(bench *b, const bench_case *c) {
    require(tw_dufm_init(&b->model, LAYERS, c->samples) == TW_OK);
    for (size_t l = 0; l < LAYERS; l++) {
        b->model.widths[l] = c->width;
        b->model.lambda_W[l] = 1e-3;
    }
    size_t classes = c->samples < CLASSES ? c->samples / 2 : CLASSES;
    b->model.widths[LAYERS] = classes;
    b->model.lambda_H = 1e-3;
    for (size_t i = 0; i < c->samples; i++) b->model.labels[i] = (int)(i % classes);
    b->model.loss = tw_loss_find("ce");
    b->model.activation = tw_activation_find("linear");
    require(tw_evaluator_create(&b->model, &b->evaluator) == TW_OK);
    b->n = tw_dufm_parameters(&b->model);
    b->theta = room(b->n);
    b->gradient = room(b->n);
    size_t columns = c->width <= 64 ? BLOCK : 1;
    b->V = room(b->n * columns);
    b->Y = room(b->n * columns);
    b->scratch = room(2 * c->width * (c->samples > c->width ? c->samples : c->width));
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_TEST, c->width);
    tw_random_fill_normal(&stream, b->n, b->theta);
    for (size_t i = 0; i < b->n; i++) b->theta[i] *= 0.1;
    tw_random_fill_normal(&stream, b->n * columns, b->V);
    b->objective = tw_evaluator_objective(b->evaluator);
    b->hessian = tw_hessian_at(&b->objective, b->theta);
    b->H = tw_hessian_linop(&b->hessian);
}

static void bench_clear(bench *b) {
    tw_evaluator_destroy(b->evaluator);
    tw_dufm_clear(&b->model);
    free(b->theta);
    free(b->gradient);
    free(b->V);
    free(b->Y);
    free(b->scratch);
}

/* The six products of each layer, on the same shapes, nothing else. */
static void six_products(const bench *b) {
    size_t N = b->model.samples;
    tw_block H = tw_dufm_factor(&b->model, 0);
    const double *features = b->theta + H.offset;
    for (size_t l = 1; l <= LAYERS; l++) {
        tw_block W = tw_dufm_factor(&b->model, l);
        const double *weight = b->theta + W.offset, *direction = b->V + W.offset;
        tw_matrix forward = tw_mat(b->scratch, W.rows, N), backward = tw_mat(b->scratch, W.cols, N);
        tw_matrix outer = tw_mat(b->scratch, W.rows, W.cols);
        tw_factor signal = tw_plain(features, W.rows, N);
        tw_multiply(1.0, tw_plain(weight, W.rows, W.cols), tw_plain(features, W.cols, N), 0.0,
                    forward);
        tw_multiply(1.0, tw_plain(direction, W.rows, W.cols), tw_plain(features, W.cols, N), 1.0,
                    forward);
        tw_multiply(1.0, signal, tw_transposed(features, W.cols, N), 0.0, outer);
        tw_multiply(1.0, signal, tw_transposed(features, W.cols, N), 1.0, outer);
        tw_multiply(1.0, tw_transposed(weight, W.rows, W.cols), signal, 0.0, backward);
        tw_multiply(1.0, tw_transposed(direction, W.rows, W.cols), signal, 1.0, backward);
    }
}

static double time_limit(const bench *b, size_t repeats) {
    double start = tw_clock_seconds();
    for (size_t i = 0; i < repeats; i++) six_products(b);
    return (tw_clock_seconds() - start) / (double)repeats;
}

/* Seconds a vector. */
static double time_product(const bench *b, size_t repeats, size_t columns) {
    double start = tw_clock_seconds();
    for (size_t i = 0; i < repeats; i++)
        require(tw_linop_apply(&b->H, columns, b->V, b->n, b->Y, b->n) == TW_OK);
    return (tw_clock_seconds() - start) / (double)(repeats * columns);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values) {
    qsort(values, PAIRS, sizeof *values, ascending);
    return values[PAIRS / 2];
}

static bool run_case(const bench_case *c) {
    bench b = {0};
    double ratios[PAIRS], limits[PAIRS], products[PAIRS];
    bench_init(&b, c);
    double once = time_product(&b, 1, 1) + time_limit(&b, 1);
    size_t repeats = (size_t)(0.05 / once) + 1;
    for (int i = 0; i < PAIRS; i++) {
        limits[i] = time_limit(&b, repeats);
        products[i] = time_product(&b, repeats, 1);
        ratios[i] = products[i] / limits[i];
    }
    double flops = 0.0, ratio = median(ratios), product = median(products);
    for (size_t l = 1; l <= LAYERS; l++)
        flops += 12.0 * (double)(c->samples * b.model.widths[l] * b.model.widths[l - 1]);
    bool kept = c->target == 0.0 || ratio <= c->target;
    printf("%6zu %6zu %11.3g %11.3g %8.2f %8.3f ", c->width, c->samples, median(limits), product,
           flops / product * 1e-9, ratio);
    if (c->target > 0.0) printf("(target %.2f%s)", c->target, kept ? "" : ", MISSED");
    printf("\n");
    bench_clear(&b);
    return kept;
}

static bool run_block(const bench_case *c, double target) {
    bench b = {0};
    double ratios[PAIRS];
    bench_init(&b, c);
    size_t repeats = (size_t)(0.02 / (time_product(&b, 1, BLOCK) * BLOCK)) + 1;
    for (int i = 0; i < PAIRS; i++)
        ratios[i] = time_product(&b, repeats * BLOCK, 1) / time_product(&b, repeats, BLOCK);
    double ratio = median(ratios);
    bool kept = target == 0.0 || ratio >= target;
    printf("%6zu %6zu  block of %d: %.2f times faster a vector ", c->width, c->samples, BLOCK,
           ratio);
    if (target > 0.0) printf("(target %.2f%s)", target, kept ? "" : ", MISSED");
    printf("\n");
    bench_clear(&b);
    return kept;
}

int main(int argc, char **argv) {
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0, kept = true;
    printf("L = %d, K = %d; medians of %d pairs\n", LAYERS, CLASSES, PAIRS);
    printf("%6s %6s %11s %11s %8s %8s\n", "d", "N", "limit/s", "product/s", "GFlop/s", "ratio");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) kept = run_case(&cases[i]) && kept;
    kept = run_block(&cases[0], 3.0) && kept;
    kept = run_block(&cases[1], 0.0) && kept;
    return check && !kept ? 1 : 0;
}
