/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

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

static tw_status parse_number(const cli_option *option, const char *text, double *value) {
    char *end;
    errno = 0;
    *value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(*value))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number", option->name, text);
    return TW_OK;
}

static tw_status set_count(const cli_option *option, const char *text, size_t *field) {
    double value = 0.0;
    tw_status status = parse_number(option, text, &value);
    if (status != TW_OK) return status;
    if (value != floor(value) || value < option->low || value > option->high)
        return tw_fail(TW_ERR_ARGUMENT, "--%s: %s is not a whole number from %.0f to %.0f",
                       option->name, text, option->low, option->high);
    *field = (size_t)value;
    return TW_OK;
}

static tw_status set_number(const cli_option *option, const char *text, double *field) {
    double value = 0.0;
    tw_status status = parse_number(option, text, &value);
    if (status != TW_OK) return status;
    if (!(value > option->low && value < option->high))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: %s is not between %g and %g (both excluded)",
                       option->name, text, option->low, option->high);
    *field = value;
    return TW_OK;
}

bool count_list_next(const char **at, size_t *count) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(*at, &end, 10);
    if (**at < '0' || **at > '9' || errno != 0 || value > SIZE_MAX) return false;
    if (*end != ',' && *end != '\0') return false;
    *at = *end ? end + 1 : NULL;
    *count = (size_t)value;
    return true;
}

bool number_list_next(const char **at, double *number) {
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

/* The text is read again where it is used; a wrong one is the caller's, not the file's. */
static tw_status set_ridge(const cli_option *option, const char *text, const char **field) {
    double value = 0.0;
    bool good = parse_number(option, text, &value) == TW_OK && is_ridge(value);
    if (!good && !(option->kind == OPTION_RIDGES && is_ridge_list(text)))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number >= 0%s", option->name, text,
                       option->kind == OPTION_RIDGES ? " or a list of them" : "");
    *field = text;
    return TW_OK;
}

/* The text is read again where it is used, with count_list_next. */
static tw_status set_counts(const cli_option *option, const char *text, const char **field) {
    const char *at = text;
    size_t count = 0;
    do {
        if (!count_list_next(&at, &count) || (double)count < option->low ||
            (double)count > option->high)
            return tw_fail(
                TW_ERR_ARGUMENT,
                "--%s: '%s' is not a list of whole numbers from %.0f to %.0f with commas "
                "between them",
                option->name, text, option->low, option->high);
    } while (at);
    *field = text;
    return TW_OK;
}

/* The text is read again where it is used, with number_list_next. */
static tw_status set_numbers(const cli_option *option, const char *text, const char **field) {
    const char *at = text;
    double number = 0.0;
    do {
        if (!number_list_next(&at, &number) || !(number > option->low && number < option->high))
            return tw_fail(TW_ERR_ARGUMENT,
                           "--%s: '%s' is not a list of numbers between %g and %g (both excluded) "
                           "with commas between them",
                           option->name, text, option->low, option->high);
    } while (at);
    *field = text;
    return TW_OK;
}

/* The first bound, then the second. */
static tw_status set_bound(cli_settings *values, const cli_option *option, const char *text) {
    size_t *given = &values->interval_bounds;
    tw_status status = set_number(option, text, &values->interval[*given % 2]);
    if (status != TW_OK) return status;
    *given = *given % 2 + 1;
    if (*given == 2 && !(values->interval[0] <= values->interval[1]))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: %g is above %g", option->name, values->interval[0],
                       values->interval[1]);
    return TW_OK;
}

static tw_status add_word(const char *text, cli_words *list) {
    const char **words = realloc(list->words, (list->count + 1) * sizeof *words);
    if (words == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu words", list->count + 1);
    words[list->count++] = text;
    list->words = words;
    return TW_OK;
}

static tw_status refuse_choice(const cli_option *option, const char *text) {
    char choices[OPTION_CHOICES];
    option_choices(option, '|', choices, sizeof choices);
    return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not one of %s", option->name, text, choices);
}

static tw_status set_field(cli_settings *values, const cli_option *option, const char *text) {
    char *field = (char *)values + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)(void *)field = true;
        return TW_OK;
    case OPTION_COUNT:
        return set_count(option, text, (size_t *)(void *)field);
    case OPTION_NUMBER:
        return set_number(option, text, (double *)(void *)field);
    case OPTION_RIDGE:
    case OPTION_RIDGES:
        return set_ridge(option, text, (const char **)(void *)field);
    case OPTION_COUNTS:
        return set_counts(option, text, (const char **)(void *)field);
    case OPTION_NUMBERS:
        return set_numbers(option, text, (const char **)(void *)field);
    case OPTION_RANGE:
        return set_bound(values, option, text);
    case OPTION_WORDS:
        return add_word(text, (cli_words *)(void *)field);
    case OPTION_PHRASE:
        *(const char **)(void *)field = text;
        return TW_OK;
    case OPTION_TEXT:
        if (option->choice_at && !among(option, text)) return refuse_choice(option, text);
        *(const char **)(void *)field = text;
        return TW_OK;
    }
    return tw_fail(TW_ERR_ARGUMENT, "--%s: unknown kind of option", option->name);
}

tw_status settings_set(cli_settings *values, const cli_option *option, const char *text) {
    for (size_t i = 0; option_at(i); i++)
        if (option_at(i) == option) values->given[i] = true;
    return set_field(values, option, text);
}

void settings_init(cli_settings *values, unsigned groups) {
    size_t count = 0;
    memset(values, 0, sizeof *values);
    values->below = (double)NAN;
    values->only = CLI_NO_INDEX;
    while (option_at(count)) count++;
    /* Subcommands may give one field different defaults: their own come last, and what nobody asks
     * for has that of its first row. */
    for (int own = 0; own < 2; own++)
        for (size_t i = count; i-- > 0;) {
            const cli_option *option = option_at(i);
            if (option->fallback && (own == 0 || (option->group & groups)))
                set_field(values, option, option->fallback);
        }
}

void settings_clear(cli_settings *values) {
    for (size_t i = 0; option_at(i); i++) {
        if (option_at(i)->kind != OPTION_WORDS) continue;
        cli_words *list = (cli_words *)(void *)((char *)values + option_at(i)->offset);
        free(list->words);
        *list = (cli_words){0};
    }
}

bool settings_given(const cli_settings *values, const char *name) {
    for (size_t i = 0; option_at(i); i++)
        if (values->given[i] && strcmp(option_at(i)->name, name) == 0) return true;
    return false;
}
