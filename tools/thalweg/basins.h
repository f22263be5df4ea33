/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Campaigns on the command line: plans from options, tables for people, records. */
#ifndef BASINS_H
#define BASINS_H

#include <thalweg/campaign/campaign.h>
#include <thalweg/campaign/setting.h>
#include <thalweg/campaign/summary.h>

#include "subject.h"

/* Options of `basins`. */
typedef struct basins_settings {
    cli_common common;
    cli_new new;
    cli_descent descent;
    cli_budget budget; /* plan alone */
    const char *output;
    size_t restarts, workers, only, setting;
    double precision; /* NAN: not asked */
    double match_tolerance;
    bool keep_points, tolerance_scan;
} basins_settings;

/* The plan that the first operand names, or one setting from the options. */
tw_status basins_plan(const cli_invocation *run, tw_plan *plan);

/* Every setting is one that a job can be made of: before anything is stored. */
tw_status basins_check_plan(const cli_invocation *run, const tw_plan *plan);

/* --plan: a line and an object a setting. */
tw_status basins_show_plan(const cli_invocation *run, const tw_plan *plan);

/* Every setting of a campaign's file fits the memory: before it goes on. */
tw_status basins_check_store(const cli_invocation *run, tw_store *store);

/* --only I: restart number I of a setting, replayed and printed; set against the row in --output
 * when that is there, and then a negative check when a bit differs. */
tw_status basins_only(const cli_invocation *run, const tw_plan *plan);

/* Settings with what is finished and under way, return curves, and the record. */
tw_status basins_status(const cli_invocation *run, tw_store *store);

/* Tables on standard output, the record where --json says, the rows where --csv says. */
tw_status basins_show(const cli_invocation *run, tw_store *store);

#endif
