/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/campaign/replay.h>

static tw_status compare(void *self, const tw_store_row *stored) {
    tw_replay *replay = self;
    if (stored->index != replay->row.index) return TW_OK;
    replay->stored = true;
    replay->same = tw_store_row_same(stored, &replay->row);
    return TW_OK;
}

tw_status tw_plan_replay(const tw_plan *plan, size_t setting, size_t restart,
                         const tw_match_options *match, tw_store *store, const tw_monitor *monitor,
                         tw_replay *replay) {
    tw_status status = TW_OK;
    bool finished = false;
    size_t class = 0;
    if (setting >= plan->count)
        return tw_fail(TW_ERR_ARGUMENT, "setting: number %zu is not among the %zu of the plan",
                       setting, plan->count);
    TW_TRY(tw_job_create(plan->settings[setting], &replay->job));
    TW_TRY(tw_job_matcher(replay->job, match, &replay->matcher));
    TW_TRY(tw_job_run(replay->job, restart, monitor, &replay->row, &finished));
    if (!finished) return tw_fail(TW_STOPPED, "restart %zu was ended on its way", restart);
    const tw_signature signature = tw_job_signature(&replay->row);
    TW_TRY(tw_matcher_add(replay->matcher, &signature, &class));
    replay->class_name = tw_matcher_class(replay->matcher, class).name;
    if (store) TW_TRY(tw_store_walk(store, setting, true, compare, replay));
cleanup:
    return status;
}

void tw_replay_clear(tw_replay *replay) {
    if (replay == NULL) return;
    tw_matcher_destroy(replay->matcher);
    tw_job_destroy(replay->job);
    *replay = (tw_replay){0};
}
