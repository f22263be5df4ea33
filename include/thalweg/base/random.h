/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random streams addressed by (seed, purpose, index).
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011): counter-based, so two different addresses never share a block, and restart
 * 4711 draws the same numbers whoever runs it, on however many threads. */
#ifndef THALWEG_RANDOM_H
#define THALWEG_RANDOM_H

#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/status.h>

/* What a stream is for. Values are written into files: append, never renumber. */
typedef enum tw_purpose {
    TW_PURPOSE_START = 1,     /* start vectors of iterative eigensolvers */
    TW_PURPOSE_PROBE = 2,     /* probes of randomised estimators */
    TW_PURPOSE_TANGENT = 3,   /* random symmetry generators */
    TW_PURPOSE_POINT = 4,     /* initial points */
    TW_PURPOSE_GAUGE = 5,     /* random rotations of hidden spaces */
    TW_PURPOSE_TEST = 6,      /* test data */
    TW_PURPOSE_MINIBATCH = 7, /* order of samples, by epoch */
    TW_PURPOSE_OFFSET = 8,    /* directions in which a point is disturbed */
    TW_PURPOSE_SKETCH = 9     /* sketches of matrices */
} tw_purpose;

/* A stream by value: copying it copies its position. No clear needed. */
typedef struct tw_random {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    unsigned used; /* words of `block` already given out, 0..4 */
} tw_random;

TW_API void tw_random_init(tw_random *stream, uint64_t seed, tw_purpose purpose, uint64_t index);

/* Uniform on [0, 1) with 53 random bits. */
TW_API double tw_random_uniform(tw_random *stream);

/* Standard normal (GSL's ziggurat on this stream). */
TW_API double tw_random_normal(tw_random *stream);

/* x[0..n-1] independent standard normal. */
TW_API void tw_random_fill_normal(tw_random *stream, size_t n, double *x);

/* Entries offset .. offset + n - 1 of what tw_random_fill_normal draws for `whole` entries, at the
 * cost of the n and at most two pieces of 65536; offset + n <= whole. The stream ends where it
 * would after all of them, so that holders of other parts draw on from the same place. */
TW_API void tw_random_fill_normal_part(tw_random *stream, size_t whole, size_t offset, size_t n,
                                       double *x);

/* The block function itself: 128 random bits from a key and a counter, for the published
 * known-answer tests. */
TW_API void tw_philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

/* Version of the library behind the distributions ("GSL 2.7.1"); borrowed, static. */
TW_API const char *tw_random_library(void);

#endif
