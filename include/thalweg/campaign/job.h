/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One restart of a setting: draw, descend, polish, measure. */
#ifndef THALWEG_JOB_H
#define THALWEG_JOB_H

#include <thalweg/base/monitor.h>
#include <thalweg/campaign/match.h>
#include <thalweg/campaign/store.h>

typedef struct tw_job tw_job; /* opaque: a setting with everything that one worker needs for it */

/* setting: the text of a setting (setting.h). */
TW_API tw_status tw_job_create(const char *setting, tw_job **job);
TW_API void tw_job_destroy(tw_job *job); /* NULL-safe */

/* Restart number `index`; the same bits whoever runs it. *row (out): all but `setting`; its arrays
 * belong to the job and live until its next run. *finished: false when the monitor ended it, then
 * the row means nothing. A descent that does not converge is a row like any other. */
TW_API tw_status tw_job_run(tw_job *job, size_t index, const tw_monitor *monitor, tw_store_row *row,
                            bool *finished);

/* A matcher that knows the optima of the setting's model: those with a closed form, and, where
 * starts lie about a point, that point as "origin". Owned by the caller. */
TW_API tw_status tw_job_matcher(tw_job *job, const tw_match_options *options, tw_matcher **matcher);

/* The signature of a row, borrowing from it: its state follows from why the descent ended, from
 * negative modes, and from the gradient norm that is left. */
TW_API tw_signature tw_job_signature(const tw_store_row *row);

#endif
