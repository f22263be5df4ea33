/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws by which initial points are drawn. Where descent ends depends on them, so a law is a text
 * that can be stored beside the point. */
#ifndef THALWEG_INITIALISATION_H
#define THALWEG_INITIALISATION_H

#include <stdint.h>
#include <thalweg/model/dufm.h>

/* One law for the entries of a block: a row of a constant table. */
typedef struct tw_init_law tw_init_law;

TW_API const tw_init_law *tw_init_law_at(size_t index);      /* NULL past the last */
TW_API const char *tw_init_law_name(const tw_init_law *law); /* for help texts: "normal" */

typedef struct tw_block_law {
    const tw_init_law *law;
    double argument;
} tw_block_law;

/* Which law each block is drawn by. */
typedef struct tw_initialisation {
    size_t count;         /* blocks of theta */
    tw_block_law *blocks; /* owned */
} tw_initialisation;

/* text: one law for all weights and features ("normal:0.3"), or a list BLOCK:LAW,... whose later
 * entries win ("H:normal:1,W:uniform-fanin", "W:orthogonal:1,W2:normal:0.1,H:normal:1"); BLOCK is
 * H, b, W (all weights) or one weight. H and all weights must have a law; a bias without one starts
 * at zero. TW_ERR_ARGUMENT with a sentence; untouched on failure. */
TW_API tw_status tw_initialisation_parse(const tw_dufm *model, const char *text,
                                         tw_initialisation *init);
TW_API void tw_initialisation_clear(tw_initialisation *init); /* idempotent, NULL-safe */

/* theta (P, out): start number `index` of a seed; block i comes from the stream (seed,
 * TW_PURPOSE_POINT, index * 64 + i), whatever the laws of the other blocks. */
TW_API tw_status tw_initialise(const tw_dufm *model, const tw_initialisation *init, uint64_t seed,
                               uint64_t index, double *theta);

#endif
