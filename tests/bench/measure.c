/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/dense/blas.h>
#include <thalweg/dense/threads.h>
#include <thalweg/optima/balanced.h>
#include <thalweg/optima/closed_form.h>
#include <time.h>

#include "dense/matrix_private.h"

#define LAMBDA 0x1p-10
enum { RUNS = 5, CHAINS = 12 }; /* chains: latency times units, in whole registers */

void bench_require(bool condition) {
    if (condition) return;
    fprintf(stderr, "%s\n", tw_last_error());
    exit(3);
}

void *bench_room(size_t count) {
    double *block = calloc(count, sizeof *block);
    if (block == NULL) {
        fprintf(stderr, "no memory for %zu doubles\n", count);
        exit(3);
    }
    return block;
}

double bench_processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, size_t count) {
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

void bench_kernel(void) {
    tw_kernel_choice choice;
    bench_require(tw_blas_choose(&choice) == TW_OK);
    tw_threads_set(1);
    tw_blas blas = tw_blas_describe();
    printf("%s %s, kernel %s", blas.name, blas.version, choice.after);
    if (choice.outcome == TW_KERNEL_BELOW) printf(", BELOW this processor's %s", blas.best);
    printf("; one thread\n");
}

#if defined __x86_64__
/* One function a register width: `rounds` multiply-adds in each of CHAINS independent registers.
 * Compiled with contraction, so that each is one instruction (meson.build). */
typedef double vector_256 __attribute__((vector_size(32)));
typedef double vector_512 __attribute__((vector_size(64)));
#define CHAIN_FUNCTION(name, vector, isa)                                                          \
    __attribute__((target(isa))) static double name(size_t rounds) {                               \
        vector sum[CHAINS] = {0}, all = {0};                                                       \
        for (int c = 0; c < CHAINS; c++) sum[c] += (double)c;                                      \
        for (size_t i = 0; i < rounds; i++)                                                        \
            _Pragma("GCC unroll 12") for (int c = 0; c < CHAINS; c++) sum[c] = sum[c] * 0.5 + 1.0; \
        for (int c = 0; c < CHAINS; c++) all += sum[c];                                            \
        return all[0];                                                                             \
    }
CHAIN_FUNCTION(chains_256, vector_256, "avx2,fma")
CHAIN_FUNCTION(chains_512, vector_512, "avx512f")

static double chains_rate(double (*chains)(size_t), size_t doubles) {
    enum { ROUNDS = 2000000 };
    double best = 0.0;
    for (int run = 0; run < RUNS; run++) {
        double start = bench_processor_seconds();
        double total = chains(ROUNDS);
        double seconds = bench_processor_seconds() - start;
        if (isfinite(total)) /* always: the sums are of use */
            best = fmax(best, 2.0 * ROUNDS * CHAINS * (double)doubles / seconds);
    }
    return best;
}

double bench_register_rate(void) {
    double best = 0.0;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        best = chains_rate(chains_256, 4);
    if (__builtin_cpu_supports("avx512f")) best = fmax(best, chains_rate(chains_512, 8));
    return best;
}
#else
double bench_register_rate(void) {
    return 0.0;
}
#endif

double bench_gemm_rate(bench_shape shape) {
    size_t m = shape.rows, n = shape.cols, k = shape.inner;
    double *A = bench_room(m * k), *B = bench_room(k * n), *C = bench_room(m * n);
    for (size_t i = 0; i < m * k; i++) A[i] = 1.0 / (double)(i % 97 + 1);
    for (size_t i = 0; i < k * n; i++) B[i] = 1.0 / (double)(i % 89 + 1);
    tw_factor left = shape.transpose_left ? tw_transposed(A, k, m) : tw_plain(A, m, k);
    tw_factor right = shape.transpose_right ? tw_transposed(B, n, k) : tw_plain(B, k, n);
    double flops = 2.0 * (double)m * (double)n * (double)k, best = 0.0;
    size_t repeats = (size_t)(5e8 / flops) + 1;
    for (int run = 0; run < RUNS; run++) {
        double start = bench_processor_seconds();
        for (size_t i = 0; i < repeats; i++) tw_multiply(1.0, left, right, 0.0, tw_mat(C, m, n));
        best = fmax(best, flops * (double)repeats / (bench_processor_seconds() - start));
    }
    free(A);
    free(B);
    free(C);
    return best;
}

void bench_collapsed(size_t classes, size_t per_class, size_t layers, size_t width,
                     tw_point *point) {
    const tw_closed_case given = {classes, per_class, width, layers, LAMBDA, tw_loss_find("ce")};
    tw_closed_form form = {0};
    bench_require(tw_closed_form_solve(&given, "dnc", &form) == TW_OK && form.exists);
    double *Z = bench_room(classes * classes), *sizes = bench_room(classes);
    double *lambda = bench_room(layers);
    size_t *widths = calloc(layers + 1, sizeof *widths);
    if (widths == NULL) exit(3);
    for (size_t k = 0; k < classes; k++) sizes[k] = (double)per_class;
    for (size_t l = 0; l < layers; l++) {
        widths[l] = width;
        lambda[l] = LAMBDA;
    }
    widths[layers] = classes;
    bench_require(tw_closed_form_class_logits(&form, Z) == TW_OK);
    const tw_class_logits logits = {Z, sizes, layers, widths, lambda, LAMBDA, form.given.loss};
    bench_require(tw_balanced_point(&logits, 1, point) == TW_OK);
    free(Z);
    free(sizes);
    free(lambda);
    free(widths);
    tw_closed_form_clear(&form);
}
