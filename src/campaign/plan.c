/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/campaign/plan.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

static const char plan_member[] = "restarts";

void tw_plan_clear(tw_plan *plan) {
    if (plan == NULL) return;
    for (size_t i = 0; plan->settings && i < plan->count; i++) free(plan->settings[i]);
    free(plan->settings);
    free(plan->text);
    *plan = (tw_plan){0};
}

/* Values that a member takes; 0 for the empty list. */
static size_t axis_length(const tw_json *member) {
    return tw_json_is_array(member) ? tw_json_size(member) : 1;
}

static tw_status count_settings(const tw_json *json, size_t *count) {
    const char *key = NULL;
    const tw_json *member;
    *count = 1;
    while ((member = tw_json_next(json, &key)) != NULL) {
        if (strcmp(key, plan_member) == 0) continue;
        *count *= axis_length(member);
        if (*count == 0) return tw_fail(TW_ERR_DATA, "plan: '%.60s' is an empty list", key);
        if (*count > TW_PLAN_MAX_SETTINGS)
            return tw_fail(TW_ERR_DATA, "plan: the grid has more than %d settings",
                           TW_PLAN_MAX_SETTINGS);
    }
    return TW_OK;
}

static tw_status read_restarts(const tw_json *json, size_t *restarts) {
    const tw_json *member = tw_json_get(json, plan_member);
    long long value = 1;
    if (member && (!tw_json_as_integer(member, &value) || value < 1))
        return tw_fail(TW_ERR_DATA, "plan: 'restarts' is not a whole number from 1 on");
    *restarts = (size_t)value;
    return TW_OK;
}

/* A copy through text: values belong to one parent each. */
static tw_json *copy_of(const tw_json *value) {
    tw_json *copy = NULL;
    char *text = tw_json_text(value, 0);
    if (text) tw_json_parse(text, strlen(text), &copy);
    free(text);
    return copy;
}

/* Setting number `index` of the grid: mixed radix, last axis fastest. `stride`: settings that share
 * the values of all earlier axes. */
static tw_status make_setting(const tw_json *json, size_t stride, size_t index, char **text) {
    tw_status status = TW_OK;
    const char *key = NULL;
    const tw_json *member;
    tw_json *setting = tw_json_object();
    TW_TRY(setting ? TW_OK : TW_ERR_MEMORY);
    while ((member = tw_json_next(json, &key)) != NULL) {
        if (strcmp(key, plan_member) == 0) continue;
        if (tw_json_is_array(member)) {
            stride /= tw_json_size(member);
            member = tw_json_at(member, index / stride % tw_json_size(member));
        }
        TW_TRY(tw_json_set(setting, key, copy_of(member)));
    }
    *text = tw_json_text(setting, 0);
    if (*text == NULL) status = TW_ERR_MEMORY;
cleanup:
    tw_json_destroy(setting);
    return status;
}

tw_status tw_plan_from_json(const tw_json *json, tw_plan *plan) {
    tw_status status = TW_OK;
    tw_plan made = {0};
    size_t count, bytes = 0;
    if (!tw_json_is_object(json)) return tw_fail(TW_ERR_DATA, "plan: not a JSON object");
    TW_TRY(read_restarts(json, &made.restarts));
    TW_TRY(count_settings(json, &count));
    TW_TRY(TW_NEW(made.settings, count));
    made.count = count;
    for (size_t i = 0; i < count; i++) {
        TW_TRY(make_setting(json, count, i, &made.settings[i]));
        bytes += strlen(made.settings[i]);
        if (bytes > TW_PLAN_MAX_BYTES)
            TW_TRY(tw_fail(TW_ERR_DATA,
                           "plan: the texts of its %zu settings have more than %zu bytes", count,
                           TW_PLAN_MAX_BYTES));
    }
    made.text = tw_json_text(json, 0);
    TW_TRY(made.text ? TW_OK : TW_ERR_MEMORY);
    *plan = made;
    made = (tw_plan){0};
cleanup:
    tw_plan_clear(&made);
    return status;
}

/* ---- Differences ---- */

/* Text that grows within a fixed room; what does not fit is dropped. */
typedef struct line {
    char *text;
    size_t room, length;
} line;

static void say(line *l, const char *key, const char *mine, const char *other) {
    if (l->length + 1 >= l->room) return;
    int more =
        snprintf(l->text + l->length, l->room - l->length, "%s%.60s: %.80s against %.80s",
                 l->length ? "; " : "", key, mine ? mine : "nothing", other ? other : "nothing");
    if (more > 0) l->length += (size_t)more;
}

/* Members of a that b has otherwise, or not at all; with `only_missing` the latter alone, turned
 * round. */
static tw_status compare(const tw_json *a, const tw_json *b, bool only_missing, line *l) {
    tw_status status = TW_OK;
    const char *key = NULL;
    const tw_json *mine;
    while (status == TW_OK && (mine = tw_json_next(a, &key)) != NULL) {
        const tw_json *other = tw_json_get(b, key);
        if (only_missing && other) continue;
        char *left = tw_json_text(mine, 0), *right = other ? tw_json_text(other, 0) : NULL;
        if (left == NULL || (other && right == NULL))
            status = TW_ERR_MEMORY;
        else if (only_missing)
            say(l, key, NULL, left);
        else if (right == NULL || strcmp(left, right) != 0)
            say(l, key, left, right);
        free(left);
        free(right);
    }
    return status;
}

tw_status tw_plan_difference(const char *ours, const char *theirs, char *text, size_t room) {
    tw_status status = TW_OK;
    tw_json *a = NULL, *b = NULL;
    line l = {text, room, 0};
    text[0] = '\0';
    TW_TRY(tw_json_parse(ours, strlen(ours), &a));
    TW_TRY(tw_json_parse(theirs, strlen(theirs), &b));
    TW_TRY(compare(a, b, false, &l));
    TW_TRY(compare(b, a, true, &l));
cleanup:
    tw_json_destroy(a);
    tw_json_destroy(b);
    return status;
}
