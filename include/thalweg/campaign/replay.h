/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One restart of a plan once more, set against the row that a campaign's file has of it. */
#ifndef THALWEG_REPLAY_H
#define THALWEG_REPLAY_H

#include <thalweg/campaign/job.h>
#include <thalweg/campaign/plan.h>

/* Initialise as {0}; release with tw_replay_clear. */
typedef struct tw_replay {
    tw_store_row row;       /* as it came out now */
    const char *class_name; /* of its end point, alone of its kind */
    bool stored, same;      /* a store was given and has it; with the same bits */
    tw_job *job;            /* what row and name borrow from */
    tw_matcher *matcher;
} tw_replay;

/* store: NULL for none. TW_ERR_ARGUMENT: the plan has no such setting; TW_STOPPED: the monitor
 * (NULL: none) ended the restart. */
TW_API tw_status tw_plan_replay(const tw_plan *plan, size_t setting, size_t restart,
                                const tw_match_options *match, tw_store *store,
                                const tw_monitor *monitor, tw_replay *replay);
TW_API void tw_replay_clear(tw_replay *replay); /* idempotent, NULL-safe */

#endif
