/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts and other values in formats that hold both as strings.
 *
 * In a bundle a string stands plain, with a mark, and anything else is JSON text. Formats that know
 * strings alone hold the same text, and a string that would be taken for another value when it is
 * read again gets the quotation marks of JSON. */
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/text_private.h"

/* As this program prints it: '2.10', ' 12 ' and '1e-3' are what somebody else wrote. */
static tw_status compare_number(const tw_json *value, const char *string, bool *own) {
    double number;
    if (!tw_json_as_number(value, &number)) return TW_OK;
    char *printed = tw_json_text(value, 0);
    if (!printed) return TW_ERR_MEMORY;
    *own = strcmp(printed, string) == 0;
    free(printed);
    return TW_OK;
}

/* Whether the string stands for the value that it is as JSON. typed: the format has numbers and
 * truth values of its own. */
static tw_status judge(const tw_json *value, const char *string, bool typed, bool *stands) {
    bool truth;
    *stands = tw_json_is_array(value) || tw_json_is_object(value);
    if (*stands || typed || tw_json_as_string(value)) return TW_OK;
    *stands = tw_json_is_null(value) || tw_json_as_boolean(value, &truth);
    return *stands ? TW_OK : compare_number(value, string, stands);
}

/* NULL (out) when it is no JSON. */
static tw_status parse(const char *string, tw_json **value) {
    tw_status status = tw_json_parse(string, strlen(string), value);
    return status == TW_ERR_MEMORY ? status : TW_OK;
}

tw_status tw_bundle_set_string(tw_bundle *bundle, const char *key, const char *string, bool typed) {
    tw_status status = TW_OK;
    tw_json *value = NULL, *inner = NULL;
    bool stands = false;
    TW_TRY(parse(string, &value));
    if (value) TW_TRY(judge(value, string, typed, &stands));
    const char *quoted = value ? tw_json_as_string(value) : NULL;
    if (quoted) TW_TRY(parse(quoted, &inner));
    if (stands)
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
    bool stands = false;
    TW_TRY(parse(entry->text, &value));
    if (value) TW_TRY(judge(value, entry->text, typed, &stands));
    bool mistaken = stands || tw_json_as_string(value);
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
