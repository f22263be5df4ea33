/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random frames: orthonormal columns that place a small hidden space in a larger one. */
#ifndef TW_FRAMES_PRIVATE_H
#define TW_FRAMES_PRIVATE_H

#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/status.h>

/* r uniformly distributed orthonormal columns in d >= r dimensions, from the stream (seed,
 * TW_PURPOSE_GAUGE, l). *frame: out, d x r, owned by the caller, also on failure. */
tw_status tw_random_frame(uint64_t seed, size_t l, size_t d, size_t r, double **frame);

/* r different ones of the d unit vectors in random order, from the same stream. */
tw_status tw_random_placement(uint64_t seed, size_t l, size_t d, size_t r, double **frame);

#endif
