/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/base/random.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_version.h>
#include <string.h>

enum { PHILOX_ROUNDS = 10 };

void tw_philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) {
    /* Multipliers and Weyl increments of Philox4x32 (Salmon et al., table 2 and section 4.3). */
    const uint64_t multiply_0 = 0xD2511F53u, multiply_1 = 0xCD9E8D57u;
    uint32_t key_0 = key[0], key_1 = key[1];
    uint32_t x[4];
    memcpy(x, counter, sizeof x);
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t product_0 = multiply_0 * x[0];
        uint64_t product_1 = multiply_1 * x[2];
        uint32_t next_0 = (uint32_t)(product_1 >> 32) ^ x[1] ^ key_0;
        uint32_t next_2 = (uint32_t)(product_0 >> 32) ^ x[3] ^ key_1;
        x[0] = next_0;
        x[1] = (uint32_t)product_1;
        x[2] = next_2;
        x[3] = (uint32_t)product_0;
        key_0 += 0x9E3779B9u;
        key_1 += 0xBB67AE85u;
    }
    memcpy(out, x, sizeof x);
}

/* Address space of one seed: 48 bits of block number, 16 of purpose, 64 of index. */
void tw_random_init(tw_random *stream, uint64_t seed, tw_purpose purpose, uint64_t index) {
    memset(stream, 0, sizeof *stream);
    stream->key[0] = (uint32_t)seed;
    stream->key[1] = (uint32_t)(seed >> 32);
    stream->counter[1] = (uint32_t)purpose << 16;
    stream->counter[2] = (uint32_t)index;
    stream->counter[3] = (uint32_t)(index >> 32);
    stream->used = 4;
}

static uint32_t next_word(tw_random *stream) {
    if (stream->used == 4) {
        tw_philox_block(stream->key, stream->counter, stream->block);
        if (++stream->counter[0] == 0) stream->counter[1]++;
        stream->used = 0;
    }
    return stream->block[stream->used++];
}

double tw_random_uniform(tw_random *stream) {
    uint64_t high = next_word(stream) >> 5, low = next_word(stream) >> 6;
    return (double)(high << 26 | low) * 0x1p-53;
}

/* A view of the stream as a GSL generator, for GSL's distributions. */
static void gsl_set(void *state, unsigned long seed) {
    tw_random_init(state, seed, TW_PURPOSE_TEST, 0);
}

static unsigned long gsl_get(void *state) {
    return next_word(state);
}

static double gsl_get_double(void *state) {
    return tw_random_uniform(state);
}

static const gsl_rng_type stream_type = {
    .name = "philox4x32-10",
    .max = 0xFFFFFFFFul,
    .min = 0,
    .size = sizeof(tw_random),
    .set = gsl_set,
    .get = gsl_get,
    .get_double = gsl_get_double,
};

double tw_random_normal(tw_random *stream) {
    gsl_rng view = {&stream_type, stream};
    return gsl_ran_gaussian_ziggurat(&view, 1.0);
}

/* The ziggurat takes a number of words that depends on them, so that an entry has no address. Long
 * vectors are drawn in pieces, and every piece but the first has one: BLOCKS blocks of the
 * generator after the piece before, of which it takes about 17,000. */
enum { PIECE = 1 << 16, BLOCKS = 1 << 16 };

/* The stream `blocks` blocks on, at a fresh one. */
static tw_random moved(const tw_random *stream, uint64_t blocks) {
    tw_random there = *stream;
    uint64_t number = (uint64_t)(there.counter[1] & 0xFFFFu) << 32 | there.counter[0];
    number += blocks;
    there.counter[0] = (uint32_t)number;
    there.counter[1] = (there.counter[1] & 0xFFFF0000u) | (uint32_t)(number >> 32 & 0xFFFFu);
    there.used = 4;
    return there;
}

/* The entries that are asked for: n from `offset` on, into x. */
typedef struct part {
    size_t offset, n;
    double *x;
} part;

/* Draw entries first .. end - 1, one piece, and keep those of the part. */
static void draw_piece(tw_random *stream, size_t first, size_t end, const part *wanted) {
    for (size_t i = first; i < end; i++) {
        double value = tw_random_normal(stream);
        if (i >= wanted->offset && i - wanted->offset < wanted->n)
            wanted->x[i - wanted->offset] = value;
    }
}

void tw_random_fill_normal_part(tw_random *stream, size_t whole, size_t offset, size_t n,
                                double *x) {
    const tw_random start = *stream;
    const part wanted = {offset, n, x};
    size_t last = whole > 0 ? (whole - 1) / PIECE : 0;
    for (size_t i = offset / PIECE; i < last && i * PIECE < offset + n; i++) {
        *stream = i > 0 ? moved(&start, (uint64_t)i * BLOCKS) : start;
        draw_piece(stream, i * PIECE, (i + 1) * PIECE, &wanted);
    }
    /* the last one whoever asks: the stream goes on behind it */
    *stream = last > 0 ? moved(&start, (uint64_t)last * BLOCKS) : start;
    draw_piece(stream, last * PIECE, whole, &wanted);
}

void tw_random_fill_normal(tw_random *stream, size_t n, double *x) {
    tw_random_fill_normal_part(stream, n, 0, n, x);
}

const char *tw_random_library(void) {
    return "GSL " GSL_VERSION;
}
