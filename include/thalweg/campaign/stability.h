/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Basin stability of one optimum: how often descent returns to it from a distance
 * (docs/mathematics.md, section 8.2). */
#ifndef THALWEG_STABILITY_H
#define THALWEG_STABILITY_H

#include <thalweg/campaign/campaign.h>

/* Returns by radius, of settings that differ in `radius` alone. Owned; all arrays have `count`
 * entries, radius ascending. */
typedef struct tw_return_curve {
    char *optimum;   /* member `around` */
    char *direction; /* whole, off-orbit, along-orbit */
    char *method;
    size_t count;
    size_t *setting; /* tables */
    double *radius;
    size_t *returned, *done; /* restarts that ended in the class `origin`; all finished, >= 1 */
    tw_interval *fraction;   /* 95 % */
    tw_interval half;        /* radius with return probability one half: tw_half_radius, 95 % */
} tw_return_curve;

/* All curves of a campaign, in the order of their first settings; settings without `around` and
 * without a finished restart are in none. curves (out, owned by the caller: clear each, then
 * free), *count. */
TW_API tw_status tw_return_curves(size_t tables, const tw_campaign_table *table,
                                  tw_return_curve **curves, size_t *count);
TW_API void tw_return_curve_clear(tw_return_curve *curve); /* idempotent, NULL-safe */

#endif
