/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
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

/* ---- Numbers and lists of them ---- */

static bool is_number(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
}

static bool count_list_next(const char **at, size_t *count) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(*at, &end, 10);
    if (**at < '0' || **at > '9' || errno != 0 || value > SIZE_MAX) return false;
    if (*end != ',' && *end != '\0') return false;
    *at = *end ? end + 1 : NULL;
    *count = (size_t)value;
    return true;
}

static bool number_list_next(const char **at, double *number) {
    char *end;
    *number = strtod(*at, &end);
    if (end == *at || !isfinite(*number) || (*end != ',' && *end != '\0')) return false;
    *at = *end ? end + 1 : NULL;
    return true;
}

tw_status number_list_read(const char *text, size_t *count, double **numbers) {
    double number = 0.0;
    *count = 0;
    for (const char *at = text; at && number_list_next(&at, &number);) ++*count;
    *numbers = calloc(*count, sizeof **numbers);
    if (*numbers == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu numbers", *count);
    *count = 0;
    for (const char *at = text; at && number_list_next(&at, *numbers + *count);) ++*count;
    return TW_OK;
}

tw_status count_list_read(const char *text, size_t *count, size_t **counts) {
    size_t value = 0;
    *count = 0;
    for (const char *at = text; at && count_list_next(&at, &value);) ++*count;
    *counts = calloc(*count, sizeof **counts);
    if (*counts == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu numbers", *count);
    *count = 0;
    for (const char *at = text; at && count_list_next(&at, *counts + *count);) ++*count;
    return TW_OK;
}

static bool is_ridge(double value) {
    return isfinite(value) && value >= 0.0;
}

static bool is_ridge_list(const char *text) {
    bool list = false;
    size_t count = 0;
    double *values = NULL;
    bool good = tw_json_parse_numbers(text, &list, &count, &values) == TW_OK && count > 0;
    for (size_t i = 0; good && i < count; i++) good = is_ridge(values[i]);
    free(values);
    return good;
}

static bool is_count_list(const cli_option *option, const char *text) {
    size_t count = 0;
    for (const char *at = text; at;)
        if (!count_list_next(&at, &count) || (double)count < option->low ||
            (double)count > option->high)
            return false;
    return true;
}

static bool is_number_list(const cli_option *option, const char *text) {
    double number = 0.0;
    for (const char *at = text; at;)
        if (!number_list_next(&at, &number) || !(number > option->low && number < option->high))
            return false;
    return true;
}

/* ---- Setting ---- */

static tw_status set_number(const cli_option *option, const char *text, double *field) {
    double value = 0.0;
    if (!is_number(text, &value))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number", option->name, text);
    if (option->kind == OPTION_COUNT) {
        if (value != floor(value) || value < option->low || value > option->high)
            return tw_fail(TW_ERR_ARGUMENT, "--%s: %s is not a whole number from %.0f to %.0f",
                           option->name, text, option->low, option->high);
    } else if (!(value > option->low && value < option->high)) {
        return tw_fail(TW_ERR_ARGUMENT, "--%s: %s is not between %g and %g (both excluded)",
                       option->name, text, option->low, option->high);
    }
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

/* Texts are read again where they are used; a wrong one is the caller's, not the file's. */
static tw_status check_text(const cli_option *option, const char *text) {
    const char *name = option->name;
    char choices[OPTION_CHOICES];
    double value = 0.0;
    bool ridge = is_number(text, &value) && is_ridge(value);
    switch (option->kind) {
    case OPTION_RIDGE:
        if (ridge) return TW_OK;
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number >= 0", name, text);
    case OPTION_RIDGES:
        if (ridge || is_ridge_list(text)) return TW_OK;
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number >= 0 or a list of them", name,
                       text);
    case OPTION_COUNTS:
        if (is_count_list(option, text)) return TW_OK;
        return tw_fail(TW_ERR_ARGUMENT,
                       "--%s: '%s' is not a list of whole numbers from %.0f to %.0f with commas "
                       "between them",
                       name, text, option->low, option->high);
    case OPTION_NUMBERS:
        if (is_number_list(option, text)) return TW_OK;
        return tw_fail(TW_ERR_ARGUMENT,
                       "--%s: '%s' is not a list of numbers between %g and %g (both excluded) with "
                       "commas between them",
                       name, text, option->low, option->high);
    default:
        if (option->kind != OPTION_TEXT || option->choice_at == NULL || among(option, text))
            return TW_OK;
        option_choices(option, '|', choices, sizeof choices);
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not one of %s", name, text, choices);
    }
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

/* ---- As members ---- */

/* Numbers as people write them, ".01" or "[.01,.02]", and "3,4": JSON knows neither. */
static tw_json *numbers_json(const char *text) {
    tw_json *value = NULL;
    double *values = NULL;
    bool list = false;
    size_t count = 0;
    char buffer[4096];
    snprintf(buffer, sizeof buffer, strchr(text, ',') && text[0] != '[' ? "[%s]" : "%s", text);
    if (tw_json_parse(buffer, strlen(buffer), &value) == TW_OK) return value;
    if (tw_json_parse_numbers(buffer, &list, &count, &values) != TW_OK) return tw_json_string(text);
    value = list ? tw_json_numbers(count, values) : tw_json_number(values[0]);
    free(values);
    return value;
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
    case OPTION_COUNTS:
    case OPTION_NUMBERS:
        return numbers_json(*(const char *const *)field);
    default:
        return tw_json_string(*(const char *const *)field);
    }
}
