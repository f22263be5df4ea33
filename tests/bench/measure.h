/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the measurements share: seconds, medians, what the processor can do, a point to measure at.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/model/point.h>

/* End the program with exit code 3 and the library's sentence unless `condition`. */
void bench_require(bool condition);
void *bench_room(size_t count); /* doubles, 0 */

/* Processor time of all threads of this process: on a machine with other work it measures what a
 * clock on the wall cannot. */
double bench_processor_seconds(void);

double bench_median(double *values, size_t count); /* sorts them */

/* The best kernel, one thread; prints which. */
void bench_kernel(void);

/* Best flops a second of multiply-adds that never leave the registers, 0 when this program does not
 * know the processor's: what no kernel exceeds, and what shows a kernel that is below the
 * processor. */
double bench_register_rate(void);

/* Best flops a second of one matrix product alone, of several runs. */
typedef struct bench_shape {
    size_t rows, inner, cols;
    bool transpose_left, transpose_right;
} bench_shape;
double bench_gemm_rate(bench_shape shape);

/* A collapsed critical point ("dnc": rank K - 1) of the linear model with cross entropy, made of
 * its closed form; every space turned at random. */
void bench_collapsed(size_t classes, size_t per_class, size_t layers, size_t width,
                     tw_point *point);

#endif
