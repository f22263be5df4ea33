/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign's plan: a grid of settings, each with so many restarts (docs/formats/campaign.md). */
#ifndef THALWEG_PLAN_H
#define THALWEG_PLAN_H

#include <stddef.h>
#include <stdint.h>
#include <thalweg/files/json.h>

#define TW_PLAN_MAX_SETTINGS 10000
#define TW_PLAN_MAX_BYTES ((size_t)64 << 20) /* of all settings' texts together */

/* Owned; release with tw_plan_clear. */
typedef struct tw_plan {
    char *text;      /* the plan as one line of JSON: what a store keeps to know it again */
    size_t restarts; /* of each setting */
    size_t count;
    char **settings; /* JSON objects of scalars and lists, one line each */
} tw_plan;

/* A JSON object. `restarts` (default 1) is the plan's own; of every other member a list is an axis
 * of the grid (its elements are the values, which may be lists themselves), anything else holds for
 * all settings. The last axis runs fastest. TW_ERR_DATA with a sentence. */
TW_API tw_status tw_plan_from_json(const tw_json *json, tw_plan *plan);
TW_API void tw_plan_clear(tw_plan *plan); /* idempotent, NULL-safe */

/* What distinguishes two plans' texts, for people: "width: [4,6] against [4,8]; no init". room:
 * bytes of text (out). */
TW_API tw_status tw_plan_difference(const char *ours, const char *theirs, char *text, size_t room);

#endif
