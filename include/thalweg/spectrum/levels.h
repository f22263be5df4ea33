/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole spectrum as few distinct values with multiplicities, each with a name for people. */
#ifndef THALWEG_LEVELS_H
#define THALWEG_LEVELS_H

#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/status.h>

/* One distinct eigenvalue from one source. Exact: known by a formula or from a small dense problem,
 * not by iteration. */
typedef struct tw_level {
    double value;
    uint64_t copies;   /* multiplicity */
    const char *label; /* what moves: "gauge", "ridge", "within class", ...; static */
} tw_level;

/* Initialise with {0}. */
typedef struct tw_levels {
    tw_level *rows; /* owned */
    size_t count, room;
} tw_levels;

TW_API void tw_levels_clear(tw_levels *levels); /* idempotent, NULL-safe; leaves {0} */

/* Append; zero copies add nothing. */
TW_API tw_status tw_levels_add(tw_levels *levels, double value, uint64_t copies, const char *label);

/* Sort ascending and join rows of the same label that lie within `tolerance` (absolute, >= 0) of
 * their neighbour; a joined row has the mean value. Rows with other labels, and values of other
 * signs, stay apart. */
TW_API void tw_levels_join(tw_levels *levels, double tolerance);

TW_API uint64_t tw_levels_total(const tw_levels *levels); /* sum of the copies */

/* Copies with value below x (strictly), and within |value| <= x. */
TW_API uint64_t tw_levels_below(const tw_levels *levels, double x);
TW_API uint64_t tw_levels_within(const tw_levels *levels, double x);

#endif
