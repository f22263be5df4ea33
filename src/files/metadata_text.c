/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts and other values in formats that hold both as strings.
 *
 * In a bundle a string stands plain and anything else is JSON text, with a mark on a string. Formats
 * that know strings alone hold the same text, and a string that would be taken for another value
 * when it is read again gets the quotation marks of JSON. */
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/text_private.h"

/* As this program prints it: '2.10', ' 12 ' and '1e-3' are what somebody else wrote. */
static bool is_own_number(const tw_json *value, const char *string) {
    double number;
    char *printed = tw_json_as_number(value, &number) ? tw_json_text(value, 0) : NULL;
    bool own = printed && strcmp(printed, string) == 0;
    free(printed);
    return own;
}

/* The string stands for the value that it is as JSON. typed: the format has numbers and truth
 * values of its own. */
static bool is_value(const tw_json *value, const char *string, bool typed) {
    bool truth;
    if (tw_json_is_array(value) || tw_json_is_object(value)) return true;
    if (typed || tw_json_as_string(value)) return false;
    return tw_json_is_null(value) || tw_json_as_boolean(value, &truth) ||
           is_own_number(value, string);
}

/* NULL (out) when it is no JSON. */
static tw_status parse(const char *string, tw_json **value) {
    tw_status status = tw_json_parse(string, strlen(string), value);
    return status == TW_ERR_MEMORY ? status : TW_OK;
}

tw_status tw_bundle_set_string(tw_bundle *bundle, const char *key, const char *string, bool typed) {
    tw_status status = TW_OK;
    tw_json *value = NULL, *inner = NULL;
    TW_TRY(parse(string, &value));
    const char *quoted = value ? tw_json_as_string(value) : NULL;
    if (quoted) TW_TRY(parse(quoted, &inner));
    if (value && is_value(value, string, typed))
        TW_TRY(tw_bundle_set_metadata(bundle, key, string));
    else
        TW_TRY(tw_bundle_set_text(bundle, key, inner ? quoted : string));
cleanup:
    tw_json_destroy(value);
    tw_json_destroy(inner);
    return status;
}

tw_status tw_metadata_string(const tw_metadata *entry, bool typed, char **string) {
    tw_status status = TW_OK;
    tw_json *value = NULL, *quoted = NULL;
    TW_TRY(parse(entry->text, &value));
    bool mistaken = value && (tw_json_as_string(value) || is_value(value, entry->text, typed));
    if (entry->is_text && mistaken) {
        quoted = tw_json_string(entry->text);
        *string = quoted ? tw_json_text(quoted, 0) : NULL;
    } else {
        *string = tw_copy_string(entry->text);
    }
    TW_TRY(*string ? TW_OK : TW_ERR_MEMORY);
cleanup:
    tw_json_destroy(value);
    tw_json_destroy(quoted);
    return status;
}
