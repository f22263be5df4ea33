/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <thalweg/campaign/replay.h>
#include <thalweg/dense/threads.h>
#include <thalweg/record/campaign_record.h>
#include <thalweg/record/descent_plan.h>
#include <thalweg/record/text.h>

#include "basins.h"
#include "plan.h"
#include "progress.h"

/* ---- Options as a plan ---- */

static tw_status plan_of_options(const cli_invocation *run, tw_json **json) {
    tw_status status = TW_OK;
    const basins_settings *s = run->settings;
    *json = tw_json_object();
    TW_TRY(*json ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(given_members(run, &s->new, sizeof s->new, true, *json));
    TW_TRY(given_members(run, &s->descent, sizeof s->descent, true, *json));
    TW_TRY(tw_json_set(*json, "seed", tw_json_integer((long long)s->common.seed)));
    TW_TRY(tw_json_set(*json, "restarts", tw_json_integer((long long)s->restarts)));
cleanup:
    return status;
}

tw_status basins_plan(const cli_invocation *run, tw_plan *plan) {
    tw_status status = TW_OK;
    tw_json *json = NULL;
    const char *file = run->operand_count > 0 ? run->operands[0] : NULL;
    TW_TRY(file ? tw_json_read(file, &json) : plan_of_options(run, &json));
    status = tw_plan_from_json(json, plan);
    if (file) TW_TRY(fail_in_file(status, file));
cleanup:
    tw_json_destroy(json);
    return status;
}

/* What is wrong with a plan that the options make is wrong with the options. */
static tw_status as_usage(const cli_invocation *run, tw_status status) {
    if (run->operand_count > 0 || status != TW_ERR_DATA) return status;
    return name_option(run, TW_ERR_ARGUMENT);
}

/* A setting with what its workers take, claimed in two steps: a plan and a campaign's file may say
 * anything, so the sizes come before the model is made. --only runs one restart. */
typedef struct priced {
    tw_setting setting;
    tw_cost cost;
    double bytes; /* of a worker */
    size_t workers;
} priced;

static tw_status claim_size(const cli_invocation *run, const char *text) {
    tw_dufm_size size;
    tw_status status = as_usage(run, tw_setting_size(text, &size));
    if (status != TW_OK) return status;
    return memory_claim(run->common, memory_of_size(&size), "a worker");
}

static tw_status price(const cli_invocation *run, const char *text, priced *p) {
    tw_status status = TW_OK;
    const basins_settings *s = run->settings;
    *p = (priced){.workers = is_given(run, "only") ? 1 : tw_campaign_workers(s->workers)};
    TW_TRY(claim_size(run, text));
    TW_TRY(as_usage(run, tw_setting_parse(text, &p->setting)));
    tw_setting_cost(&p->setting, &p->cost);
    p->bytes = memory_of(&p->setting.model, &p->cost);
cleanup:
    return status;
}

static tw_status claim(const cli_invocation *run, const char *text) {
    tw_status status = TW_OK;
    priced p = {0};
    char what[64];
    TW_TRY(price(run, text, &p));
    snprintf(what, sizeof what, p.workers > 1 ? "%zu workers together" : "a worker", p.workers);
    status = memory_claim(run->common, (double)p.workers * p.bytes, what);
cleanup:
    tw_setting_clear(&p.setting);
    return status;
}

tw_status basins_check_store(const cli_invocation *run, tw_store *store) {
    tw_status status = TW_OK;
    size_t count;
    TW_TRY(tw_store_setting_count(store, &count));
    for (size_t i = 0; i < count; i++) {
        tw_store_setting setting;
        TW_TRY(tw_store_setting_read(store, i, &setting));
        status = claim(run, setting.text);
        free(setting.text);
        TW_TRY(status);
    }
cleanup:
    return status;
}

tw_status basins_check_plan(const cli_invocation *run, const tw_plan *plan) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < plan->count && status == TW_OK; i++)
        status = claim(run, plan->settings[i]);
    return status;
}

/* ---- What it takes ---- */

static tw_status plan_setting(const cli_invocation *run, const tw_plan *plan, size_t index,
                              tw_json *list) {
    tw_status status = TW_OK;
    priced p = {0};
    tw_descent_plan made;
    tw_cost_seconds seconds;
    tw_json *json = NULL;
    char *text = NULL;
    TW_TRY(price(run, plan->settings[index], &p));
    made = (tw_descent_plan){.method = tw_descent_method_name(p.setting.method),
                             .parameters = tw_dufm_parameters(&p.setting.model)};
    TW_TRY(tw_setting_time(&p.setting, &p.cost, &seconds));
    tw_descent_plan_fill(&p.cost, &seconds, p.bytes, plan->restarts, p.workers, &made);
    json = tw_fields_json(&tw_descent_plan_fields, &made);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    if (wants_table(run)) TW_TRY(tw_record_text(&tw_descent_plan_fields, NULL, json, &text));
    if (text) printf("setting %zu: %s\n%s", index, plan->settings[index], text);
    status = tw_json_append(list, json);
    json = NULL;
cleanup:
    tw_setting_clear(&p.setting);
    tw_json_destroy(json);
    free(text);
    return status;
}

tw_status basins_show_plan(const cli_invocation *run, const tw_plan *plan) {
    tw_status status = TW_OK;
    tw_json *list = tw_json_array(), *input = NULL;
    tw_threads_set(1); /* as workers compute */
    TW_TRY(list ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_parse(plan->text, strlen(plan->text), &input));
    for (size_t i = 0; i < plan->count; i++) TW_TRY(plan_setting(run, plan, i, list));
    status = write_record(run, input, list);
    input = list = NULL;
cleanup:
    tw_json_destroy(input);
    tw_json_destroy(list);
    return status;
}

/* ---- One restart ---- */

static tw_status show_replay(const cli_invocation *run, const tw_plan *plan,
                             const tw_replay *replay) {
    tw_status status = TW_OK;
    const basins_settings *s = run->settings;
    tw_json *input = NULL;
    const char *setting = plan->settings[s->setting];
    const tw_restart_record made = {&replay->row, replay->class_name, replay->stored, replay->same};
    TW_TRY(tw_json_parse(setting, strlen(setting), &input));
    TW_TRY(show_result(run, input, &tw_restart_fields, &made));
cleanup:
    return status;
}

tw_status basins_only(const cli_invocation *run, const tw_plan *plan) {
    tw_status status = TW_OK;
    const basins_settings *s = run->settings;
    const tw_match_options match = {s->match_tolerance};
    tw_store *store = NULL;
    tw_replay replay = {0};
    tw_threads_set(1);
    if (s->output) TW_TRY(tw_store_open(s->output, TW_STORE_READ, &store));
    status = tw_plan_replay(plan, s->setting, s->only, &match, store, progress_monitor(), &replay);
    if (status != TW_OK) TW_TRY(name_option(run, status));
    TW_TRY(show_replay(run, plan, &replay));
    if (replay.stored && !replay.same) *run->code = EXIT_NEGATIVE;
cleanup:
    tw_replay_clear(&replay);
    tw_store_close(store);
    return status;
}
