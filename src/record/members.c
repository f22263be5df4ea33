/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/members_private.h"

tw_status tw_set_number(tw_json *object, const char *key, double value) {
    return tw_json_set(object, key, tw_json_number(value));
}

tw_status tw_set_count(tw_json *object, const char *key, size_t count) {
    return tw_json_set(object, key, tw_json_integer((long long)count));
}

tw_status tw_set_text(tw_json *object, const char *key, const char *text) {
    return tw_json_set(object, key, tw_json_string(text));
}

tw_json *tw_set_object(tw_json *object, const char *key) {
    tw_json *member = tw_json_object();
    return tw_json_set(object, key, member) == TW_OK ? member : NULL;
}

tw_json *tw_set_array(tw_json *object, const char *key) {
    tw_json *member = tw_json_array();
    return tw_json_set(object, key, member) == TW_OK ? member : NULL;
}
