/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hessian products on demand, for a program that measures them in turn with those of others
 * (tests/bench/peers).
 *
 * Usage: product FILE d N K L threads. The file has theta and a direction, raw doubles; label i is
 * i mod K, the ridges are 1e-3, loss and activation ce and linear. Then, a line of standard input
 * each: "run COUNT" does so many products and answers with the seconds of one, on the wall and of
 * the processor, as JSON; "write FILE" writes the product, raw doubles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/monitor.h>
#include <thalweg/dense/blas.h>
#include <thalweg/dense/threads.h>
#include <thalweg/model/evaluator.h>

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

int main(int argc, char **argv) {
    tw_dufm model;
    tw_evaluator *evaluator = NULL;
    tw_kernel_choice choice;
    char line[4096];
    FILE *file = argc == 7 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: product FILE d N K L threads\n");
        return 2;
    }
    bench_require(tw_blas_choose(&choice) == TW_OK);
    tw_threads_set(atoi(argv[6]));
    make_model(argv + 2, &model);
    bench_require(tw_evaluator_create(&model, &evaluator) == TW_OK);
    tw_objective f = tw_evaluator_objective(evaluator);
    double *theta = bench_room(f.n), *v = bench_room(f.n), *product = bench_room(f.n);
    read_doubles(file, f.n, theta);
    read_doubles(file, f.n, v);
    fclose(file);
    bench_require(f.hessian(f.self, theta, 1, v, f.n, product, f.n) == TW_OK);
    printf("{\"version\": \"thalweg (kernel %s)\"}\n", choice.after);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "write ", 6) == 0) {
            write_doubles(line + 6, f.n, product);
        } else {
            size_t count = strtoul(line + 4, NULL, 10);
            double wall = tw_clock_seconds(), processor = bench_processor_seconds();
            for (size_t i = 0; i < count; i++)
                bench_require(f.hessian(f.self, theta, 1, v, f.n, product, f.n) == TW_OK);
            wall = tw_clock_seconds() - wall;
            processor = bench_processor_seconds() - processor;
            printf("{\"wall\": %.9g, \"processor\": %.9g}\n", wall / (double)count,
                   processor / (double)count);
        }
        fflush(stdout);
    }
    tw_evaluator_destroy(evaluator);
    tw_dufm_clear(&model);
    free(theta);
    free(v);
    free(product);
    return 0;
}
