/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One setting of a campaign: a model, a law of starts, a descent method with its numbers
 * (docs/formats/campaign.md lists the members). */
#ifndef THALWEG_SETTING_H
#define THALWEG_SETTING_H

#include <thalweg/model/initialisation.h>
#include <thalweg/model/point.h>
#include <thalweg/spectrum/rates.h>
#include <thalweg/training/descent.h>

#define TW_SETTING_MAX_DENSE 32000 /* largest count_limit: a matrix of 8 GB */

/* Where starts lie: drawn by the law, or about a given point. */
typedef enum tw_start {
    TW_START_LAW,   /* theta by the law */
    TW_START_WHOLE, /* the point + radius u, u a random unit vector */
    TW_START_OFF,   /* ... u orthogonal to the tangent of its symmetry orbit */
    TW_START_ALONG  /* ... u in that tangent */
} tw_start;

/* Owned; release with tw_setting_clear. */
typedef struct tw_setting {
    tw_dufm model;
    tw_start start;
    tw_initialisation init; /* with TW_START_LAW */
    double *centre;         /* P; NULL with TW_START_LAW */
    double radius;          /* > 0; absolute */
    const tw_descent_method *method;
    tw_descent_options descent; /* seed included */
    bool polish;                /* Newton to rounding after the descent; default true */
    size_t count_limit; /* modes are counted by a dense matrix up to so many parameters, and by
                           sectors at any size; 0: not at all; default 600, at most
                           TW_SETTING_MAX_DENSE */
} tw_setting;

/* text: JSON object. TW_ERR_DATA with a sentence that names the member; TW_ERR_IO and its kin for
 * the file of `around`. */
TW_API tw_status tw_setting_parse(const char *text, tw_setting *setting);

/* What the model of a setting needs, from its sizes alone: for those who bound the memory before it
 * is taken. Zeros for a setting `around` a file, which is bounded by the file. TW_ERR_DATA also for
 * sizes that no model may have. */
TW_API tw_status tw_setting_size(const char *text, tw_dufm_size *size);
TW_API void tw_setting_clear(tw_setting *setting); /* idempotent, NULL-safe */

/* One restart, at its point and evaluator. In `products` gradients and Hessian products as in
 * tw_descent_cost, with those of polish and counts at most; flops belong to the most as well. */
TW_API void tw_setting_cost(const tw_setting *setting, tw_cost *cost);

/* Seconds of that, by a short run of what it is made of: at the start of restart 0, or at the
 * centre. TW_ERR_MEMORY, TW_ERR_NUMERIC. */
TW_API tw_status tw_setting_time(const tw_setting *setting, const tw_cost *cost,
                                 tw_cost_seconds *seconds);

#endif
