/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole spectrum as few distinct values with multiplicities, each with a name for people. */
#ifndef THALWEG_LEVELS_H
#define THALWEG_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/status.h>

/* One distinct eigenvalue with its evidence. */
typedef struct tw_level {
    double value;      /* mean of the copies */
    uint64_t copies;   /* multiplicity */
    double residual;   /* largest ||A v - t v||_2 of the copies, absolute; 0 when exact */
    bool exact;        /* known by a formula or from a small dense problem, not by iteration */
    bool cut;          /* the multiplicity is a lower bound */
    const char *label; /* what moves: "gauge", "ridge", "within class", ..; static; NULL: unknown */
} tw_level;

/* Initialise with {0}. */
typedef struct tw_levels {
    tw_level *rows; /* owned */
    size_t count, room;
} tw_levels;

TW_API void tw_levels_clear(tw_levels *levels); /* idempotent, NULL-safe; leaves {0} */

/* Append an exact one; zero copies add nothing. */
TW_API tw_status tw_levels_add(tw_levels *levels, double value, uint64_t copies, const char *label);

/* Sort ascending and join rows of the same label that lie within `tolerance` (absolute, >= 0) of
 * their neighbour; a joined row has the mean value. Rows with other labels, and values of other
 * signs, stay apart. */
TW_API void tw_levels_join(tw_levels *levels, double tolerance);

TW_API uint64_t tw_levels_total(const tw_levels *levels); /* sum of the copies */

/* Copies with value below x (strictly), and within |value| <= x. */
TW_API uint64_t tw_levels_below(const tw_levels *levels, double x);
TW_API uint64_t tw_levels_within(const tw_levels *levels, double x);

struct tw_zero_rule; /* zero_rule.h, which includes this */

/* Group ascending values: neighbours at most `tolerance` (absolute, >= 0) apart are one level of
 * their mean value, unless the rule for zero (NULL: none) counts them differently. residuals may be
 * NULL (all 0). levels (out): room for `count` rows; *found rows are set, without a label. */
TW_API void tw_clusters_find(size_t count, const double *values, const double *residuals,
                             double tolerance, const struct tw_zero_rule *zero, tw_level *levels,
                             size_t *found);

#endif
