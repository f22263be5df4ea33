/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time of one Hessian product beside the six-product limit (docs/mathematics.md, section 2): the
 * six matrix products of every layer alone, with the same BLAS, in turn with the product in the
 * same run; and beside the best rate that this kernel's dgemm reaches, square or on one of the
 * shapes of the six. Then a draft at a collapsed point beside the product it stands for, and beside
 * a copy of two vectors, all three with vectors that no cache holds. And a block of 16 directions
 * against 16 single ones where matrices are tiny.
 *
 * Usage: hvp [--check]: with --check, exit 1 when a target is missed. One thread, processor time;
 * ratios are medians over pairs. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>
#include <unistd.h>

#include "bench/measure.h"
#include "dense/matrix_private.h"

enum { LAYERS = 3, CLASSES = 10, BLOCK = 16, PAIRS = 9, SQUARE = 1024 };

typedef struct bench_case {
    size_t width, samples;
    double target; /* largest product / limit; 0: none */
} bench_case;

static const bench_case cases[] = {
    {6, 8, 0.0}, {64, 100, 2.0}, {256, 1000, 1.25}, {512, 1000, 1.25}, {1024, 2000, 1.25}};

typedef struct draft_case {
    size_t width;
    double gain;  /* smallest product / draft; 0: none */
    double price; /* largest draft / copy of two vectors; 0: none */
} draft_case;

static const draft_case draft_cases[] = {{256, 0.0, 0.0}, {512, 20.0, 6.0}, {1024, 20.0, 6.0}};

typedef struct bench {
    tw_dufm model;
    tw_evaluator *evaluator;
    tw_hessian hessian;
    tw_objective objective;
    tw_linop H;
    double *theta, *gradient, *V, *Y, *scratch;
    size_t n;
} bench;

static void bench_init(bench *b, const bench_case *c) {
    bench_require(tw_dufm_init(&b->model, LAYERS, c->samples) == TW_OK);
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
    bench_require(tw_evaluator_create(&b->model, &b->evaluator) == TW_OK);
    b->n = tw_dufm_parameters(&b->model);
    b->theta = bench_room(b->n);
    b->gradient = bench_room(b->n);
    size_t columns = c->width <= 64 ? BLOCK : 1;
    b->V = bench_room(b->n * columns);
    b->Y = bench_room(b->n * columns);
    b->scratch = bench_room(2 * c->width * (c->samples > c->width ? c->samples : c->width));
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
    double start = bench_processor_seconds();
    for (size_t i = 0; i < repeats; i++) six_products(b);
    return (bench_processor_seconds() - start) / (double)repeats;
}

/* Seconds a vector. */
static double time_product(const bench *b, size_t repeats, size_t columns) {
    double start = bench_processor_seconds();
    for (size_t i = 0; i < repeats; i++)
        bench_require(tw_linop_apply(&b->H, columns, b->V, b->n, b->Y, b->n) == TW_OK);
    return (bench_processor_seconds() - start) / (double)(repeats * columns);
}

/* The best of dgemm's rates on the shapes of the six products. */
static double best_rate(const bench *b) {
    double best = 0.0;
    size_t N = b->model.samples;
    for (size_t l = 1; l <= LAYERS; l++) {
        size_t rows = b->model.widths[l], cols = b->model.widths[l - 1];
        const bench_shape shapes[] = {{rows, cols, N, false, false},
                                      {rows, N, cols, false, true},
                                      {cols, rows, N, true, false}};
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
            best = fmax(best, bench_gemm_rate(shapes[i]));
    }
    return best;
}

static void say_target(double target, bool kept) {
    if (target > 0.0) printf(" (target %g%s)", target, kept ? "" : ", MISSED");
}

static bool run_case(const bench_case *c, double square_rate) {
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
    double flops = 0.0, ratio = bench_median(ratios, PAIRS);
    double product = bench_median(products, PAIRS);
    double best = fmax(square_rate, best_rate(&b));
    for (size_t l = 1; l <= LAYERS; l++)
        flops += 12.0 * (double)(c->samples * b.model.widths[l] * b.model.widths[l - 1]);
    bool kept = c->target == 0.0 || ratio <= c->target;
    printf("%6zu %6zu %11.3g %11.3g %8.2f %8.2f %6.2f %8.3f", c->width, c->samples,
           bench_median(limits, PAIRS), product, flops / product * 1e-9, best * 1e-9,
           flops / product / best, ratio);
    say_target(c->target, kept);
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
    double ratio = bench_median(ratios, PAIRS);
    bool kept = target == 0.0 || ratio >= target;
    printf("%6zu %6zu  block of %d: %.2f times faster a vector ", c->width, c->samples, BLOCK,
           ratio);
    if (target > 0.0) printf("(target %.2f%s)", target, kept ? "" : ", MISSED");
    printf("\n");
    bench_clear(&b);
    return kept;
}

/* Drafts: pairs of a direction and a result, more of them than the last cache holds. */
typedef struct draft_bench {
    tw_point point;
    tw_evaluator *evaluator;
    tw_hessian hessian;
    tw_objective objective;
    tw_linop H;
    double *pool;
    size_t n, pairs, next;
} draft_bench;

static double *next_pair(draft_bench *b) {
    return b->pool + 2 * b->n * (b->next++ % b->pairs);
}

static void one_product(draft_bench *b) {
    double *pair = next_pair(b);
    bench_require(tw_linop_apply(&b->H, 1, pair, b->n, pair + b->n, b->n) == TW_OK);
}

static void one_draft(draft_bench *b) {
    double *pair = next_pair(b);
    bench_require(tw_linop_draft(&b->H, 1, pair, b->n, pair + b->n, b->n) == TW_OK);
}

static void two_copies(draft_bench *b) {
    for (int i = 0; i < 2; i++) {
        double *pair = next_pair(b);
        memcpy(pair + b->n, pair, b->n * sizeof *pair);
    }
}

static double time_draft_job(draft_bench *b, void (*job)(draft_bench *), double seconds) {
    size_t count = 0;
    double start = bench_processor_seconds(), spent;
    do {
        job(b);
        count++;
        spent = bench_processor_seconds() - start;
    } while (spent < seconds);
    return spent / (double)count;
}

/* ||draft - product|| / ||product||. */
static double draft_error(draft_bench *b) {
    double *exact = b->pool + b->n, *draft = b->pool + 3 * b->n, difference = 0.0, size = 0.0;
    memcpy(b->pool + 2 * b->n, b->pool, b->n * sizeof *exact);
    b->next = 0;
    one_product(b);
    one_draft(b);
    for (size_t i = 0; i < b->n; i++) {
        difference += (draft[i] - exact[i]) * (draft[i] - exact[i]);
        size += exact[i] * exact[i];
    }
    return sqrt(difference / size);
}

static void draft_init(draft_bench *b, size_t width, size_t samples) {
    long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    bench_collapsed(CLASSES, samples / CLASSES, LAYERS, width, &b->point);
    bench_require(tw_evaluator_create(&b->point.model, &b->evaluator) == TW_OK);
    b->objective = tw_evaluator_objective(b->evaluator);
    b->n = b->objective.n;
    b->hessian = tw_hessian_at(&b->objective, b->point.theta);
    b->H = tw_hessian_linop(&b->hessian);
    double bytes = fmax(4.0 * (double)cache, 256e6);
    b->pairs = (size_t)(bytes / (double)(2 * b->n * sizeof(double))) + 4;
    b->pool = bench_room(2 * b->n * b->pairs);
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_TEST, width);
    tw_random_fill_normal(&stream, 2 * b->n, b->pool);
    for (size_t i = 1; i < b->pairs; i++)
        memcpy(b->pool + 2 * b->n * i, b->pool, 2 * b->n * sizeof *b->pool);
}

static void draft_clear(draft_bench *b) {
    tw_evaluator_destroy(b->evaluator);
    tw_point_clear(&b->point);
    free(b->pool);
}

static bool run_draft(const draft_case *c) {
    enum { SAMPLES = 1000 };
    draft_bench b = {0};
    double products[PAIRS], drafts[PAIRS], copies[PAIRS], gains[PAIRS], prices[PAIRS];
    draft_init(&b, c->width, SAMPLES);
    double error = draft_error(&b);
    for (int i = 0; i < PAIRS; i++) {
        products[i] = time_draft_job(&b, one_product, 0.1);
        drafts[i] = time_draft_job(&b, one_draft, 0.1);
        copies[i] = time_draft_job(&b, two_copies, 0.1);
        gains[i] = products[i] / drafts[i];
        prices[i] = drafts[i] / copies[i];
    }
    double gain = bench_median(gains, PAIRS), price = bench_median(prices, PAIRS);
    bool fast = gain >= c->gain, lean = c->price == 0.0 || price <= c->price, right = error <= 1e-9;
    printf("%6zu %6d %11.3g %11.3g %11.3g %9.1e%s %8.1f", c->width, SAMPLES,
           bench_median(products, PAIRS), bench_median(drafts, PAIRS), bench_median(copies, PAIRS),
           error, right ? "" : " (WRONG)", gain);
    say_target(c->gain, fast);
    printf(" %8.2f", price);
    say_target(c->price, lean);
    printf("\n");
    draft_clear(&b);
    return fast && lean && right;
}

int main(int argc, char **argv) {
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0, kept = true;
    bench_kernel();
    double square = bench_gemm_rate((bench_shape){SQUARE, SQUARE, SQUARE, false, false});
    printf("dgemm of order %d: %.1f GFlop/s; multiply-adds in registers: %.1f GFlop/s\n", SQUARE,
           square * 1e-9, bench_register_rate() * 1e-9);
    printf("L = %d, K = %d; processor seconds, medians of %d pairs\n", LAYERS, CLASSES, PAIRS);
    printf("%6s %6s %11s %11s %8s %8s %6s %8s\n", "d", "N", "six/s", "product/s", "GFlop/s", "best",
           "share", "ratio");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        kept = run_case(&cases[i], square) && kept;
    printf("drafts at a collapsed point of rank %d, vectors in no cache\n", CLASSES - 1);
    printf("%6s %6s %11s %11s %11s %9s %8s %8s\n", "d", "N", "product/s", "draft/s", "2 copies/s",
           "error", "gain", "/copies");
    for (size_t i = 0; i < sizeof draft_cases / sizeof *draft_cases; i++)
        kept = run_draft(&draft_cases[i]) && kept;
    kept = run_block(&cases[0], 3.0) && kept;
    kept = run_block(&cases[1], 0.0) && kept;
    return check && !kept ? 1 : 0;
}
