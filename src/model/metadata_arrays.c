/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ridges that stand as arrays, as numpy.savez(lambda_b=5.) writes them, and keys that are nearly
 * those of ridges. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <thalweg/files/json.h>

#include "model/metadata_private.h"

/* The keys that decide which model is read, those of ridges first. */
static const char *const deciding[] = {"lambda_W", "lambda_H", "lambda_b", "loss", "activation"};
enum { RIDGES = 3, DECIDING = sizeof deciding / sizeof *deciding };

/* Does the entry say the same numbers? A list of one is as good as its number. */
static tw_status agrees(const char *text, const tw_array *array, bool *same) {
    bool brackets;
    size_t count, length = tw_array_length(array);
    double *values = NULL;
    tw_status status = tw_json_parse_numbers(text, &brackets, &count, &values);
    *same = status == TW_OK && count == length;
    for (size_t i = 0; *same && i < count; i++) *same = values[i] == array->values[i];
    free(values);
    return status == TW_ERR_MEMORY ? status : TW_OK;
}

static tw_status set_from_array(tw_bundle *bundle, const tw_array *array) {
    size_t length = tw_array_length(array);
    tw_json *json =
        length == 1 ? tw_json_number(array->values[0]) : tw_json_numbers(length, array->values);
    char *text = json ? tw_json_text(json, 0) : NULL;
    tw_status status = text ? tw_bundle_set_metadata(bundle, array->name, text) : TW_ERR_MEMORY;
    free(text);
    tw_json_destroy(json);
    return status;
}

static tw_status take_array(tw_bundle *bundle, const char *key) {
    const tw_array *array = tw_bundle_find(bundle, key);
    const char *text = tw_bundle_metadata(bundle, key);
    bool same = true;
    if (array == NULL) return TW_OK;
    tw_status status = text ? agrees(text, array, &same) : set_from_array(bundle, array);
    if (status != TW_OK) return status;
    if (!same)
        return tw_fail(TW_ERR_DATA,
                       "metadata '%s' is \"%.60s\", but array '%s' has %zu number%s from %.17g on: "
                       "the option --%.6s-%s takes the place of both",
                       key, text, key, tw_array_length(array),
                       tw_array_length(array) == 1 ? "" : "s", array->values[0], key, key + 7);
    tw_bundle_remove(bundle, key);
    return TW_OK;
}

/* "lambda_W2", "lambda_B", "lambdaH": lambda and one letter of the model's, but for numbers. */
static bool is_nearly_ridge(const char *key) {
    static const char lambda[] = "lambda";
    size_t bytes = strlen(lambda);
    for (size_t i = 0; i < RIDGES; i++)
        if (strcmp(key, deciding[i]) == 0) return false;
    if (strncasecmp(key, lambda, bytes) != 0) return false;
    bytes += strspn(key + bytes, "_-.");
    if (key[bytes] == '\0' || !strchr("WwHhBb", key[bytes])) return false;
    for (bytes++; key[bytes]; bytes++)
        if (!isdigit((unsigned char)key[bytes]) && !strchr("_-.", key[bytes])) return false;
    return true;
}

static tw_status check_name(const char *what, const char *name) {
    if (!is_nearly_ridge(name)) return TW_OK;
    return tw_fail(
        TW_ERR_DATA,
        "%s '%.60s' looks like a ridge, but those of the model are lambda_W (a number, or "
        "a list of one for each W), lambda_H and lambda_b: --ignore %.60s passes it over",
        what, name, name);
}

/* Which of the first `count` the name must have meant; NULL when it is one of them, or none. */
static const char *meant(const char *name, size_t count) {
    const char *near = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, deciding[i]) == 0) return NULL;
        bool same = tw_metadata_same_key(name, deciding[i]);
        if (same || (near == NULL && tw_metadata_near_key(name, deciding[i]))) near = deciding[i];
    }
    return near;
}

static tw_status check_spelling(const char *what, const char *name, size_t count) {
    const char *known = meant(name, count);
    if (known == NULL) return TW_OK;
    return tw_fail(TW_ERR_DATA,
                   "%s '%.60s' is none that is read, did you mean '%s'? --ignore '%.60s' passes it "
                   "over",
                   what, name, known, name);
}

static tw_status check_array_name(const tw_array *array) {
    tw_status status = check_name("array", array->name);
    if (status != TW_OK || tw_array_length(array) > 1) return status;
    return check_spelling("array", array->name, RIDGES);
}

tw_status tw_metadata_take_arrays(tw_bundle *bundle) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < bundle->metadata_count; i++) {
        TW_TRY(check_name("metadata", bundle->metadata[i].key));
        TW_TRY(check_spelling("metadata", bundle->metadata[i].key, DECIDING));
    }
    for (size_t i = 0; i < bundle->array_count; i++) TW_TRY(check_array_name(&bundle->arrays[i]));
    for (size_t i = 0; i < RIDGES; i++) TW_TRY(take_array(bundle, deciding[i]));
cleanup:
    return status;
}
