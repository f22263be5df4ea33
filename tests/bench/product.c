/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hessian products, or largest eigenvalues, on demand, for a program that measures them in turn
 * with those of others (tests/bench/peers).
 *
 * Usage: product product|largest FILE d N K L threads. The file has theta and a direction, raw
 * doubles; label i is i mod K, the ridges are 1e-3, loss and activation ce and linear. Then, a line
 * of standard input each: "run COUNT" does so many and answers with the seconds of one, on the wall
 * and of the processor, as JSON; "write FILE" writes the result, raw doubles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/monitor.h>
#include <thalweg/dense/blas.h>
#include <thalweg/dense/threads.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/spectrum.h>

#include "bench/measure.h"

#define RIDGE 1e-3

static void read_doubles(FILE *file, size_t count, double *numbers) {
    if (fread(numbers, sizeof *numbers, count, file) == count) return;
    fprintf(stderr, "product: the file is too short\n");
    exit(3);
}

static void write_doubles(const char *path, size_t count, const double *numbers) {
    FILE *file = fopen(path, "wb");
    bool written = file != NULL && fwrite(numbers, sizeof *numbers, count, file) == count;
    if (file == NULL || fclose(file) != 0 || !written) {
        fprintf(stderr, "product: cannot write %s\n", path);
        exit(3);
    }
    printf("{}\n");
}

static void make_model(char **sizes, tw_dufm *model) {
    size_t width = strtoul(sizes[0], NULL, 10), samples = strtoul(sizes[1], NULL, 10);
    size_t classes = strtoul(sizes[2], NULL, 10), layers = strtoul(sizes[3], NULL, 10);
    bench_require(tw_dufm_init(model, layers, samples) == TW_OK);
    for (size_t l = 0; l < layers; l++) {
        model->widths[l] = width;
        model->lambda_W[l] = RIDGE;
    }
    model->widths[layers] = classes;
    model->lambda_H = RIDGE;
    for (size_t i = 0; i < samples; i++) model->labels[i] = (int)(i % classes);
    model->loss = tw_loss_find("ce");
    model->activation = tw_activation_find("linear");
}

typedef struct work {
    tw_objective f;
    double *theta, *v, *result;
    size_t results;
} work;

static void do_product(work *w) {
    bench_require(w->f.hessian(w->f.self, w->theta, 1, w->v, w->f.n, w->result, w->f.n) == TW_OK);
    w->results = w->f.n;
}

/* As searched and confirmed by default. */
static void do_largest(work *w) {
    tw_hessian hessian = tw_hessian_at(&w->f, w->theta);
    tw_linop H = tw_hessian_linop(&hessian);
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result found;
    options.end = TW_END_LARGEST;
    options.count = 1;
    bench_require(tw_spectrum_search(&H, &options, &found) == TW_OK && found.pairs.count == 1);
    w->result[0] = found.pairs.values[0];
    w->results = 1;
    tw_search_result_clear(&found);
}

static void run(work *w, void (*job)(work *), size_t count) {
    double wall = tw_clock_seconds(), processor = bench_processor_seconds();
    for (size_t i = 0; i < count; i++) job(w);
    wall = tw_clock_seconds() - wall;
    processor = bench_processor_seconds() - processor;
    printf("{\"wall\": %.9g, \"processor\": %.9g}\n", wall / (double)count,
           processor / (double)count);
}

static void serve(work *w, void (*job)(work *)) {
    char line[4096];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "write ", 6) == 0) {
            write_doubles(line + 6, w->results, w->result);
        } else if (strncmp(line, "run ", 4) == 0) {
            run(w, job, strtoul(line + 4, NULL, 10));
        } else {
            fprintf(stderr, "product: what is \"%s\"?\n", line);
            exit(2);
        }
        fflush(stdout);
    }
}

int main(int argc, char **argv) {
    tw_dufm model;
    tw_evaluator *evaluator = NULL;
    tw_kernel_choice choice;
    FILE *file = argc == 8 ? fopen(argv[2], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: product product|largest FILE d N K L threads\n");
        return 2;
    }
    void (*job)(work *) = strcmp(argv[1], "largest") == 0 ? do_largest : do_product;
    bench_require(tw_blas_choose(&choice) == TW_OK);
    tw_threads_set(atoi(argv[7]));
    make_model(argv + 3, &model);
    bench_require(tw_evaluator_create(&model, &evaluator) == TW_OK);
    work w = {.f = tw_evaluator_objective(evaluator)};
    w.theta = bench_room(w.f.n);
    w.v = bench_room(w.f.n);
    w.result = bench_room(w.f.n);
    read_doubles(file, w.f.n, w.theta);
    read_doubles(file, w.f.n, w.v);
    fclose(file);
    job(&w);
    printf("{\"version\": \"thalweg (kernel %s)\"}\n", choice.after);
    fflush(stdout);
    serve(&w, job);
    tw_evaluator_destroy(evaluator);
    tw_dufm_clear(&model);
    free(w.theta);
    free(w.v);
    free(w.result);
    return 0;
}
