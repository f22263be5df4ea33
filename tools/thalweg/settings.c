/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const cli_option *option_at(const cli_option *table, size_t *index, size_t *offset) {
    for (const cli_option *row = table; row->name; row++) {
        size_t within = *offset + row->offset;
        const cli_option *found = row->kind == OPTION_TABLE ? option_at(row->table, index, &within)
                                  : (*index)-- == 0         ? row
                                                            : NULL;
        if (found == NULL) continue;
        *offset = within;
        return found;
    }
    return NULL;
}

static bool among(const cli_option *option, const char *text) {
    for (size_t i = 0; option->choice_at(i); i++)
        if (strcmp(option->choice_at(i), text) == 0) return true;
    return false;
}

void option_choices(const cli_option *option, char separator, char *text, size_t room) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; option->choice_at && option->choice_at(i) && length < room; i++) {
        if (i > 0) text[length++] = separator;
        length += (size_t)snprintf(text + length, room - length, "%s", option->choice_at(i));
    }
}

/* ---- Setting ---- */

static bool is_whole(const cli_option *option) {
    return option->kind == OPTION_COUNT || option->kind == OPTION_COUNTS;
}

/* NaN and Inf never do. */
static bool fits(const cli_option *option, double value) {
    if (is_whole(option))
        return value == floor(value) && value >= option->low && value <= option->high;
    return value > option->low && value < option->high;
}

static tw_status set_number(const cli_option *option, const char *text, double *field) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number", option->name, text);
    if (!fits(option, value))
        return tw_fail(TW_ERR_ARGUMENT,
                       is_whole(option) ? "--%s: %s is not a whole number from %.0f to %.0f"
                                        : "--%s: %s is not between %g and %g (both excluded)",
                       option->name, text, option->low, option->high);
    *field = value;
    return TW_OK;
}

static tw_status set_count(const cli_option *option, const char *text, size_t *field) {
    double value = 0.0;
    tw_status status = set_number(option, text, &value);
    if (status == TW_OK) *field = (size_t)value;
    return status;
}

/* The first end, then the second. */
static tw_status set_end(const cli_option *option, const char *text, cli_range *range) {
    tw_status status = set_number(option, text, &range->ends[range->given % 2]);
    if (status != TW_OK) return status;
    range->given = range->given % 2 + 1;
    if (range->given == 2 && !(range->ends[0] <= range->ends[1]))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: %g is above %g", option->name, range->ends[0],
                       range->ends[1]);
    return TW_OK;
}

static tw_status add_word(const char *text, cli_words *list) {
    const char **words = realloc(list->words, (list->count + 1) * sizeof *words);
    if (words == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu words", list->count + 1);
    words[list->count++] = text;
    list->words = words;
    return TW_OK;
}

static tw_status set_list(const cli_option *option, const char *text, cli_numbers *list) {
    size_t count = 1;
    const char *at = text;
    for (const char *comma = text; (comma = strchr(comma, ',')); comma++) count++;
    double *values = calloc(count, sizeof *values);
    if (values == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu numbers", count);
    free(list->values);
    *list = (cli_numbers){count, values};
    for (size_t i = 0; i < count; i++) {
        char *end;
        values[i] = strtod(at, &end);
        bool digits = end == at + strspn(at, "0123456789");
        if (end == at || *end != (i + 1 < count ? ',' : '\0') || !fits(option, values[i]) ||
            (is_whole(option) && !digits))
            return tw_fail(TW_ERR_ARGUMENT,
                           is_whole(option)
                               ? "--%s: '%s' is not a list of whole numbers from %.0f to %.0f with "
                                 "commas between them"
                               : "--%s: '%s' is not a list of numbers between %g and %g (both "
                                 "excluded) with commas between them",
                           option->name, text, option->low, option->high);
        at = end + 1;
    }
    return TW_OK;
}

/* One number >= 0, or a JSON list of them. */
static bool is_ridge(const char *text, bool lists) {
    bool list = false;
    size_t count = 0;
    double *values = NULL;
    bool good = tw_json_parse_numbers(text, &list, &count, &values) == TW_OK && count > 0;
    good = good && (lists || !list);
    for (size_t i = 0; good && i < count; i++) good = values[i] >= 0.0;
    free(values);
    return good;
}

/* Texts are read again where they are used; a wrong one is the caller's, not the file's. */
static tw_status check_text(const cli_option *option, const char *text) {
    char choices[OPTION_CHOICES];
    bool lists = option->kind == OPTION_RIDGES;
    if (lists || option->kind == OPTION_RIDGE) {
        if (is_ridge(text, lists)) return TW_OK;
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number >= 0%s", option->name, text,
                       lists ? " or a list of them" : "");
    }
    if (option->kind != OPTION_TEXT || option->choice_at == NULL || among(option, text))
        return TW_OK;
    option_choices(option, '|', choices, sizeof choices);
    return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not one of %s", option->name, text, choices);
}

bool option_takes_text(const cli_option *option) {
    return option->kind >= OPTION_WORDS;
}

tw_status option_set(const cli_option *option, const char *text, void *field) {
    tw_status status = TW_OK;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return TW_OK;
    case OPTION_COUNT:
        return set_count(option, text, field);
    case OPTION_NUMBER:
        return set_number(option, text, field);
    case OPTION_RANGE:
        return set_end(option, text, field);
    case OPTION_COUNTS:
    case OPTION_NUMBERS:
        return set_list(option, text, field);
    case OPTION_WORDS:
        return add_word(text, field);
    default:
        status = check_text(option, text);
        if (status == TW_OK) *(const char **)field = text;
        return status;
    }
}

tw_status option_reset(const cli_option *option, void *field) {
    if (option->fallback) return option_set(option, option->fallback, field);
    if (option->kind == OPTION_NUMBER) *(double *)field = (double)NAN;
    return TW_OK;
}

void option_clear(const cli_option *option, void *field) {
    if (option->kind == OPTION_WORDS) free(((cli_words *)field)->words);
    if (option->kind == OPTION_COUNTS || option->kind == OPTION_NUMBERS)
        free(((cli_numbers *)field)->values);
}

/* ---- As members ---- */

/* As people write them, ".01" or "[.01,.02]": JSON does not know all of that. */
static tw_json *ridge_json(const char *text) {
    tw_json *value = NULL;
    double *values = NULL;
    bool list = false;
    size_t count = 0;
    if (tw_json_parse(text, strlen(text), &value) == TW_OK) return value;
    if (tw_json_parse_numbers(text, &list, &count, &values) != TW_OK) return NULL;
    value = list ? tw_json_numbers(count, values) : tw_json_number(values[0]);
    free(values);
    return value;
}

static tw_json *counts_json(const cli_numbers *list) {
    if (list->count == 1) return tw_json_integer((long long)list->values[0]);
    tw_json *json = tw_json_array();
    for (size_t i = 0; i < list->count; i++)
        if (tw_json_append(json, tw_json_integer((long long)list->values[i])) != TW_OK) {
            tw_json_destroy(json);
            return NULL;
        }
    return json;
}

tw_json *option_json(const cli_option *option, const void *field) {
    switch (option->kind) {
    case OPTION_FLAG:
        return tw_json_boolean(*(const bool *)field);
    case OPTION_COUNT:
        return tw_json_integer((long long)*(const size_t *)field);
    case OPTION_NUMBER:
        return tw_json_number(*(const double *)field);
    case OPTION_RIDGE:
    case OPTION_RIDGES:
        return ridge_json(*(const char *const *)field);
    case OPTION_COUNTS:
        return counts_json(field);
    case OPTION_NUMBERS:
        return tw_json_numbers(((const cli_numbers *)field)->count,
                               ((const cli_numbers *)field)->values);
    default:
        return tw_json_string(*(const char *const *)field);
    }
}
