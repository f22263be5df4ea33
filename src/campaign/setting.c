/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members are read from a table of names, so that an unknown or misspelt one is refused: a campaign
 * of days should not run on a default that nobody wanted. */
#include <thalweg/campaign/setting.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/examination/run.h>
#include <thalweg/model/dufm_json.h>
#include <thalweg/model/names.h>

#include "base/alloc_private.h"
#include "files/members_private.h"
#include "files/text_private.h"

static const char *const members[] = {
    "loss",     "activation", "classes",   "samples", "width",    "widths", "depth",  "lambda",
    "lambda_W", "lambda_H",   "lambda_b",  "bias",    "init",     "method", "lr",     "momentum",
    "batch",    "steps",      "tolerance", "t_end",   "accuracy", "seed",   "polish", "count_limit",
    "around",   "radius",     "direction", "title",   "map",
};

static tw_status check_members(const tw_json *json) {
    const char *key = NULL;
    while (tw_json_next(json, &key) != NULL) {
        bool known = false;
        for (size_t i = 0; i < sizeof members / sizeof *members; i++)
            known = known || strcmp(members[i], key) == 0;
        if (!known) return tw_fail(TW_ERR_DATA, "there is no member '%.60s'", key);
    }
    return TW_OK;
}

/* The sentences about members do not know of plans. */
static tw_status in_plan(tw_status status) {
    return status == TW_ERR_DATA || status == TW_ERR_ARGUMENT ? tw_fail_in(status, "plan: ")
                                                              : status;
}

/* ---- Starts ---- */

/* `map` of the setting comes before that of the file. */
static tw_status rename_arrays(const tw_json *json, tw_bundle *bundle) {
    tw_status status = TW_OK;
    const tw_json *map = tw_json_get(json, "map");
    const char *key = NULL;
    size_t count = 0;
    tw_rename *renames = NULL;
    if (map && !tw_json_is_object(map))
        return tw_fail(TW_ERR_DATA, "'map' is no object like {\"W0\": \"W1\"}");
    TW_TRY(TW_NEW(renames, tw_json_size(map) + 1));
    for (const tw_json *member; (member = tw_json_next(map, &key)); count++) {
        renames[count] = (tw_rename){key, tw_json_as_string(member)};
        if (renames[count].to || tw_json_is_null(member)) continue;
        status = tw_fail(TW_ERR_DATA, "'map' gives '%.60s' neither a name nor null", key);
        goto cleanup;
    }
    TW_TRY(tw_names_apply(bundle, count, renames));
cleanup:
    free(renames);
    return status;
}

static tw_status read_centre(const tw_json *json, const char *path, tw_setting *s) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    tw_point point = {0};
    TW_TRY(tw_bundle_read(path, &bundle));
    TW_TRY(tw_fail_in_file(rename_arrays(json, &bundle), path));
    TW_TRY(tw_fail_in_file(tw_point_from_bundle(&bundle, &point), path));
    s->model = point.model;
    s->centre = point.theta;
    point = (tw_point){0};
cleanup:
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
    return status;
}

static tw_status read_around(const tw_json *json, tw_setting *s) {
    tw_status status = TW_OK;
    static const char *const names[] = {"", "whole", "off-orbit", "along-orbit"};
    const char *path, *direction;
    TW_TRY(tw_member_text(json, "around", NULL, &path));
    TW_TRY(tw_member_text(json, "direction", "whole", &direction));
    TW_TRY(tw_member_number(json, "radius", &s->radius));
    for (size_t i = TW_START_WHOLE; i <= TW_START_ALONG; i++)
        if (strcmp(names[i], direction) == 0) s->start = (tw_start)i;
    if (s->start == TW_START_LAW)
        return tw_fail(TW_ERR_DATA, "'direction' is \"%.40s\", not whole, off-orbit or along-orbit",
                       direction);
    if (!(s->radius > 0.0)) return tw_fail(TW_ERR_DATA, "'around' needs a 'radius' above 0");
    TW_TRY(read_centre(json, path, s));
cleanup:
    return status;
}

static tw_status read_start(const tw_json *json, tw_setting *s) {
    tw_status status = TW_OK;
    const char *law;
    if (tw_json_get(json, "around")) return read_around(json, s);
    TW_TRY(tw_dufm_from_json(json, &s->model));
    TW_TRY(tw_member_text(json, "init", TW_RUN_LAW, &law));
    status = tw_initialisation_parse(&s->model, law, &s->init);
    if (status != TW_OK) tw_fail_in(status, "init: ");
cleanup:
    return status;
}

/* ---- The descent ---- */

static tw_status read_descent(const tw_json *json, tw_setting *s) {
    tw_status status = TW_OK;
    tw_descent_options *o = &s->descent;
    const char *method;
    size_t seed = 1;
    *o = TW_DESCENT_DEFAULTS;
    TW_TRY(tw_member_text(json, "method", "lbfgs", &method));
    s->method = tw_descent_method_find(method);
    if (s->method == NULL) return tw_fail(TW_ERR_DATA, "no method '%.40s'", method);
    TW_TRY(tw_member_number(json, "lr", &o->rate));
    TW_TRY(tw_member_number(json, "momentum", &o->momentum));
    TW_TRY(tw_member_count(json, "batch", &o->batch));
    TW_TRY(tw_member_count(json, "steps", &o->max_steps));
    TW_TRY(tw_member_number(json, "tolerance", &o->tolerance));
    TW_TRY(tw_member_number(json, "t_end", &o->end_time));
    TW_TRY(tw_member_number(json, "accuracy", &o->accuracy));
    TW_TRY(tw_member_count(json, "seed", &seed));
    TW_TRY(tw_member_flag(json, "polish", &s->polish));
    TW_TRY(tw_member_count(json, "count_limit", &s->count_limit));
    if (s->count_limit > TW_SETTING_MAX_DENSE)
        return tw_fail(TW_ERR_DATA, "'count_limit' is above %d", TW_SETTING_MAX_DENSE);
    o->seed = seed;
cleanup:
    return status;
}

tw_status tw_setting_size(const char *text, tw_dufm_size *size) {
    tw_status status = TW_OK;
    tw_json *json = NULL;
    *size = (tw_dufm_size){0};
    TW_TRY(tw_json_parse(text, strlen(text), &json));
    if (tw_json_get(json, "around") == NULL) TW_TRY(in_plan(tw_dufm_size_from_json(json, size)));
cleanup:
    tw_json_destroy(json);
    return status;
}

tw_status tw_setting_parse(const char *text, tw_setting *setting) {
    tw_status status = TW_OK;
    tw_setting made = {.polish = true, .count_limit = 600};
    tw_json *json = NULL;
    TW_TRY(tw_json_parse(text, strlen(text), &json));
    TW_TRY(in_plan(check_members(json)));
    TW_TRY(in_plan(read_start(json, &made)));
    TW_TRY(in_plan(read_descent(json, &made)));
    *setting = made;
    made = (tw_setting){0};
cleanup:
    tw_json_destroy(json);
    tw_setting_clear(&made);
    return status;
}

void tw_setting_clear(tw_setting *setting) {
    if (setting == NULL) return;
    tw_dufm_clear(&setting->model);
    tw_initialisation_clear(&setting->init);
    free(setting->centre);
    *setting = (tw_setting){0};
}
