/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tw_json is a jansson value behind an opaque name; no other file knows it. Text is parsed by
 * jansson behind a depth check, and written by json_text.c, which needs only the getters. */
#include <thalweg/files/json.h>

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/json_private.h"
#include "files/source_private.h"
#include "files/text_private.h"

static json_t *unwrap(const tw_json *value) {
    return (json_t *)value;
}

static tw_json *wrap(json_t *value) {
    return (tw_json *)value;
}

static tw_status fail_memory(void) {
    return tw_fail(TW_ERR_MEMORY, "no memory for a JSON value");
}

static tw_json *wrap_new(json_t *value) {
    if (!value) fail_memory();
    return wrap(value);
}

/* Before jansson sees the text: its own parser recurses some thousand levels deep. Brackets within
 * strings do not count; whether they match is jansson's business. */
static tw_status check_depth(const char *text, size_t bytes) {
    size_t depth = 0, line = 1, line_start = 0;
    bool quoted = false;
    for (size_t i = 0; i < bytes; i++) {
        char c = text[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == '\n') {
            line++;
            line_start = i + 1;
        } else if (!quoted && (c == '[' || c == '{')) {
            if (++depth <= TW_JSON_MAX_DEPTH) continue;
            return tw_fail(TW_ERR_FORMAT, "line %zu, column %zu: JSON nested deeper than %d levels",
                           line, i - line_start + 1, TW_JSON_MAX_DEPTH);
        } else if (!quoted && (c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return TW_OK;
}

/* ---- Reading ---- */

/* jansson's lexer drops the character that it has no memory for and goes on, or calls the word
 * malformed. So its allocation functions, whoever set them, are wrapped once by ones that keep in
 * mind when they fail. */
static pthread_once_t watched_once = PTHREAD_ONCE_INIT;
static json_malloc_t outer_malloc;
static json_free_t outer_free;
static _Thread_local bool starved;

static void *watched_malloc(size_t bytes) {
    void *block = outer_malloc(bytes);
    if (!block) starved = true;
    return block;
}

static void watch_allocations(void) {
    json_get_alloc_funcs(&outer_malloc, &outer_free);
    json_set_alloc_funcs(watched_malloc, outer_free);
}

/* jansson may outlive this library. */
__attribute__((destructor)) static void unwatch_allocations(void) {
    json_malloc_t now_malloc;
    json_free_t now_free;
    json_get_alloc_funcs(&now_malloc, &now_free);
    if (now_malloc == watched_malloc) json_set_alloc_funcs(outer_malloc, now_free);
}

static tw_status fail_parse(const json_error_t *error) {
    char shown[TW_PRINTABLE_BYTES];
    bool python = strstr(error->text, "near 'NaN'") || strstr(error->text, "Infinity'");
    return tw_fail(TW_ERR_FORMAT, "line %d, column %d: JSON: %s%s", error->line, error->column,
                   tw_printable(error->text, strlen(error->text), shown),
                   python ? ", which Python writes but JSON has not: write null" : "");
}

tw_status tw_json_parse(const char *text, size_t bytes, tw_json **value) {
    json_error_t error;
    tw_status status = check_depth(text, bytes);
    if (status != TW_OK) return status;
    pthread_once(&watched_once, watch_allocations);
    starved = false;
    json_t *parsed =
        json_loadb(bytes ? text : "", bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (starved) {
        json_decref(parsed);
        return fail_memory();
    }
    if (!parsed) return fail_parse(&error);
    *value = wrap(parsed);
    return TW_OK;
}

static tw_status read_file(const char *path, bool quote, tw_json **value) {
    char *text = NULL, *quoted = NULL;
    size_t bytes;
    tw_status status = TW_OK;
    TW_TRY(tw_file_load(path, TW_JSON_MAX_FILE_BYTES, &text, &bytes));
    size_t mark =
        bytes >= 3 && strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* Windows' editors */
    const char *start = text + mark;
    bytes -= mark;
    if (quote) {
        TW_TRY(tw_json_quote_large(start, &bytes, &quoted));
        start = quoted;
    }
    TW_TRY(tw_json_parse(start, bytes, value));
cleanup:
    free(text);
    free(quoted);
    return tw_fail_in_file(status, path);
}

tw_status tw_json_read(const char *path, tw_json **value) {
    return read_file(path, false, value);
}

tw_status tw_json_read_quoting(const char *path, tw_json **value) {
    return read_file(path, true, value);
}

void tw_json_destroy(tw_json *value) {
    json_decref(unwrap(value));
}

/* ---- Building ---- */

tw_json *tw_json_object(void) {
    return wrap_new(json_object());
}

tw_json *tw_json_array(void) {
    return wrap_new(json_array());
}

tw_json *tw_json_number(double value) {
    return wrap_new(isfinite(value) ? json_real(value) : json_null());
}

tw_json *tw_json_integer(long long value) {
    return wrap_new(json_integer(value));
}

/* A copy in which each byte that is not part of well-formed UTF-8 is U+FFFD. */
static char *repair_utf8(const char *text) {
    size_t bytes = strlen(text), used = 0;
    char *repaired = tw_alloc(bytes + 1, 3);
    if (!repaired) return NULL;
    for (size_t i = 0; i < bytes;) {
        size_t step = tw_utf8_length(text + i, bytes - i);
        memcpy(repaired + used, step ? text + i : "\xEF\xBF\xBD", step ? step : 3);
        used += step ? step : 3;
        i += step ? step : 1;
    }
    return repaired;
}

tw_json *tw_json_string(const char *text) {
    char *repaired = repair_utf8(text);
    if (!repaired) return NULL;
    json_t *value = json_string(repaired);
    free(repaired);
    return wrap_new(value);
}

tw_json *tw_json_boolean(bool value) {
    return wrap(json_boolean(value));
}

tw_json *tw_json_null(void) {
    return wrap(json_null());
}

tw_json *tw_json_numbers(size_t count, const double *values) {
    json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++) {
        json_t *number = isfinite(values[i]) ? json_real(values[i]) : json_null();
        if (json_array_append_new(array, number) == 0) continue;
        json_decref(array);
        array = NULL;
    }
    return wrap_new(array);
}

tw_status tw_json_set(tw_json *object, const char *key, tw_json *member) {
    if (!object || !member) {
        tw_json_destroy(member);
        return fail_memory();
    }
    if (!json_is_object(unwrap(object))) {
        tw_json_destroy(member);
        return tw_fail(TW_ERR_ARGUMENT, "key '%s' is set in a JSON value that is no object", key);
    }
    char *repaired = repair_utf8(key);
    if (!repaired) {
        tw_json_destroy(member);
        return TW_ERR_MEMORY;
    }
    int failed = json_object_set_new(unwrap(object), repaired, unwrap(member));
    free(repaired);
    return failed ? fail_memory() : TW_OK;
}

tw_status tw_json_append(tw_json *array, tw_json *member) {
    if (!array || !member) {
        tw_json_destroy(member);
        return fail_memory();
    }
    if (!json_is_array(unwrap(array))) {
        tw_json_destroy(member);
        return tw_fail(TW_ERR_ARGUMENT, "a member is appended to a JSON value that is no array");
    }
    if (json_array_append_new(unwrap(array), unwrap(member)) == 0) return TW_OK;
    return fail_memory();
}

/* ---- Looking ---- */

const tw_json *tw_json_get(const tw_json *object, const char *key) {
    return wrap(json_object_get(unwrap(object), key));
}

size_t tw_json_size(const tw_json *value) {
    const json_t *inner = unwrap(value);
    return json_is_object(inner) ? json_object_size(inner) : json_array_size(inner);
}

const tw_json *tw_json_at(const tw_json *array, size_t index) {
    return wrap(json_array_get(unwrap(array), index));
}

const tw_json *tw_json_next(const tw_json *object, const char **key) {
    json_t *inner = unwrap(object);
    void *position = *key ? json_object_iter_next(inner, json_object_key_to_iter(*key))
                          : json_object_iter(inner);
    *key = json_object_iter_key(position);
    return wrap(json_object_iter_value(position));
}

bool tw_json_is_object(const tw_json *value) {
    return json_is_object(unwrap(value));
}

bool tw_json_is_array(const tw_json *value) {
    return json_is_array(unwrap(value));
}

bool tw_json_as_number(const tw_json *value, double *number) {
    if (!json_is_number(unwrap(value))) return false;
    *number = json_number_value(unwrap(value));
    return true;
}

bool tw_json_as_integer(const tw_json *value, long long *integer) {
    if (!json_is_integer(unwrap(value))) return false;
    *integer = json_integer_value(unwrap(value));
    return true;
}

bool tw_json_as_boolean(const tw_json *value, bool *boolean) {
    if (!json_is_boolean(unwrap(value))) return false;
    *boolean = json_is_true(unwrap(value));
    return true;
}

bool tw_json_is_null(const tw_json *value) {
    return json_is_null(unwrap(value));
}

const char *tw_json_as_string(const tw_json *value) {
    return json_string_value(unwrap(value));
}

const char *tw_json_library(void) {
    static _Thread_local char name[32];
    snprintf(name, sizeof name, "jansson %s", jansson_version_str());
    return name;
}
