/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A restart replayed is the one that the campaign stored, and says when it is not. */
#include <thalweg/campaign/campaign.h>
#include <thalweg/campaign/replay.h>

#include "support/scratch.h"
#include "support/test.h"

#include <string.h>

static const char text[] =
    "{\"classes\":3,\"samples\":2,\"width\":4,\"depth\":2,\"lambda\":0.01,"
    "\"steps\":[300,400],\"restarts\":3}";

static void read_plan(tw_plan *plan) {
    tw_json *json = NULL;
    assert_ok(tw_json_parse(text, strlen(text), &json));
    assert_ok(tw_plan_from_json(json, plan));
    tw_json_destroy(json);
}

static void run_campaign(const tw_plan *plan, tw_store **store) {
    tw_campaign_options options = TW_CAMPAIGN_DEFAULTS;
    tw_campaign_result result;
    options.workers = 1;
    options.keep_points = true;
    assert_ok(tw_store_open(scratch_path("replay.db"), TW_STORE_CREATE, store));
    assert_ok(tw_campaign_begin(*store, plan));
    assert_ok(tw_campaign_run(*store, &options, &result));
}

static void replays_are_the_stored_rows(void **state) {
    (void)state;
    tw_plan plan = {0};
    tw_store *store = NULL;
    const tw_match_options match = TW_MATCH_DEFAULTS;
    read_plan(&plan);
    run_campaign(&plan, &store);
    for (size_t setting = 0; setting < 2; setting++)
        for (size_t restart = 0; restart < 4; restart++) {
            tw_replay replay = {0}, alone = {0};
            assert_ok(tw_plan_replay(&plan, setting, restart, &match, store, NULL, &replay));
            assert_true(replay.stored == (restart < 3) && replay.same == (restart < 3));
            assert_true(strlen(replay.class_name) > 0);
            assert_ok(tw_plan_replay(&plan, setting, restart, &match, NULL, NULL, &alone));
            assert_false(alone.stored || alone.same);
            assert_true(alone.row.loss == replay.row.loss);
            tw_replay_clear(&replay);
            tw_replay_clear(&alone);
            tw_replay_clear(&alone);
        }
    tw_store_close(store);
    tw_plan_clear(&plan);
}

/* The file of one campaign, the plan of another. */
static void another_restart_is_not_the_same(void **state) {
    (void)state;
    tw_plan plan = {0}, other = {0};
    tw_store *store = NULL;
    tw_replay replay = {0};
    tw_json *json = NULL;
    const tw_match_options match = TW_MATCH_DEFAULTS;
    static const char changed[] =
        "{\"classes\":3,\"samples\":2,\"width\":4,\"depth\":2,"
        "\"lambda\":0.02,\"steps\":[300,400],\"restarts\":3}";
    read_plan(&plan);
    run_campaign(&plan, &store);
    assert_ok(tw_json_parse(changed, strlen(changed), &json));
    assert_ok(tw_plan_from_json(json, &other));
    assert_ok(tw_plan_replay(&other, 0, 1, &match, store, NULL, &replay));
    assert_true(replay.stored && !replay.same);
    tw_replay_clear(&replay);
    tw_store_close(store);
    tw_json_destroy(json);
    tw_plan_clear(&plan);
    tw_plan_clear(&other);
}

static bool stop(void *self, const char *stage, double done, double total) {
    (void)self;
    (void)stage;
    (void)done;
    (void)total;
    return true;
}

static void what_cannot_be_replayed_is_refused(void **state) {
    (void)state;
    tw_plan plan = {0};
    tw_replay replay = {0};
    const tw_match_options match = TW_MATCH_DEFAULTS;
    const tw_monitor monitor = {stop, NULL};
    read_plan(&plan);
    assert_int_equal(tw_plan_replay(&plan, 2, 0, &match, NULL, NULL, &replay), TW_ERR_ARGUMENT);
    assert_int_equal(tw_plan_replay(&plan, 0, 0, &match, NULL, &monitor, &replay), TW_STOPPED);
    tw_replay_clear(&replay);
    tw_plan_clear(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replays_are_the_stored_rows),
        cmocka_unit_test(another_restart_is_not_the_same),
        cmocka_unit_test(what_cannot_be_replayed_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
