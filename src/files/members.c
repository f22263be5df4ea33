/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/members_private.h"

#include <math.h>

static bool is_number(const tw_json *value, double *number) {
    return tw_json_read_number(value, number) && isfinite(*number) && *number >= 0.0;
}

tw_status tw_member_number(const tw_json *json, const char *key, double *value) {
    const tw_json *member = tw_json_get(json, key);
    double read;
    if (member == NULL) return TW_OK;
    if (!is_number(member, &read)) return tw_fail(TW_ERR_DATA, "'%s' is not a number >= 0", key);
    *value = read;
    return TW_OK;
}

tw_status tw_member_count(const tw_json *json, const char *key, size_t *value) {
    const tw_json *member = tw_json_get(json, key);
    long long read;
    if (member == NULL) return TW_OK;
    if (!tw_json_as_integer(member, &read) || read < 0)
        return tw_fail(TW_ERR_DATA, "'%s' is not a whole number >= 0", key);
    *value = (size_t)read;
    return TW_OK;
}

tw_status tw_member_flag(const tw_json *json, const char *key, bool *value) {
    const tw_json *member = tw_json_get(json, key);
    if (member && !tw_json_as_boolean(member, value))
        return tw_fail(TW_ERR_DATA, "'%s' is neither true nor false", key);
    return TW_OK;
}

tw_status tw_member_text(const tw_json *json, const char *key, const char *fallback,
                         const char **text) {
    const tw_json *member = tw_json_get(json, key);
    *text = member ? tw_json_as_string(member) : fallback;
    return *text || member == NULL ? TW_OK : tw_fail(TW_ERR_DATA, "'%s' is no text", key);
}

/* Entry i of a list, or the one value for all, which may be a list of one. */
static const tw_json *entry(const tw_json *member, size_t i) {
    if (!tw_json_is_array(member)) return member;
    return tw_json_at(member, tw_json_size(member) == 1 ? 0 : i);
}

static tw_status check_length(const tw_json *member, const char *key, size_t count) {
    size_t listed = tw_json_size(member);
    if (!tw_json_is_array(member) || listed == count || listed == 1) return TW_OK;
    return tw_fail(TW_ERR_DATA, "'%s' lists %zu numbers where %zu are needed", key, listed, count);
}

tw_status tw_member_numbers(const tw_json *json, const char *key, size_t count, double *values) {
    const tw_json *member = tw_json_get(json, key);
    if (member == NULL) return TW_OK;
    tw_status status = check_length(member, key, count);
    for (size_t i = 0; i < count && status == TW_OK; i++)
        if (!is_number(entry(member, i), &values[i]))
            status = tw_fail(TW_ERR_DATA, "'%s' holds something that is no number >= 0", key);
    return status;
}

tw_status tw_member_sizes(const tw_json *json, const char *key, size_t count, size_t *values) {
    const tw_json *member = tw_json_get(json, key);
    if (member == NULL) return TW_OK;
    tw_status status = check_length(member, key, count);
    for (size_t i = 0; i < count && status == TW_OK; i++) {
        double read = 0.0;
        if (!is_number(entry(member, i), &read) || read != floor(read) || read < 1.0 || read > 1e9)
            status = tw_fail(TW_ERR_DATA, "'%s' needs whole numbers from 1 on", key);
        values[i] = (size_t)read;
    }
    return status;
}
