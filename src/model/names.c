/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of names, and what it says about one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/names_private.h"

/* The model's own arrays. */
static const struct {
    const char *name;
    bool numbered; /* NAME1, NAME2, .. in place of NAME */
    tw_role role;
} own[] = {
    {"H", false, TW_ROLE_FEATURES},
    {"W", true, TW_ROLE_WEIGHT},
    {"b", false, TW_ROLE_BIAS},
    {"labels", false, TW_ROLE_LABELS},
};

/* Words of other programs for the same, in either case, with or without a number behind them. */
static const struct {
    const char *word;
    tw_role role;
} words[] = {
    {"W", TW_ROLE_WEIGHT},
    {"weight", TW_ROLE_WEIGHT},
    {"weights", TW_ROLE_WEIGHT},
    {"kernel", TW_ROLE_WEIGHT},
    {"b", TW_ROLE_BIAS},
    {"bias", TW_ROLE_BIAS},
    {"biases", TW_ROLE_BIAS},
    {"H", TW_ROLE_FEATURES},
    {"feature", TW_ROLE_FEATURES},
    {"features", TW_ROLE_FEATURES},
    {"embeddings", TW_ROLE_FEATURES},
    {"label", TW_ROLE_LABELS},
    {"labels", TW_ROLE_LABELS},
    {"y", TW_ROLE_LABELS},
    {"target", TW_ROLE_LABELS},
    {"targets", TW_ROLE_LABELS},
    {"classes", TW_ROLE_LABELS},
};

/* A canonical number from 1 on behind a numbered name; 0 otherwise. */
static size_t number_behind(const char *text) {
    char *end;
    if (*text < '1' || *text > '9') return 0;
    unsigned long index = strtoul(text, &end, 10);
    return *end == '\0' ? index : 0;
}

size_t tw_name_layer(const char *name) {
    return name[0] == 'W' ? number_behind(name + 1) : 0;
}

static tw_role own_role(const char *name) {
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        size_t bytes = strlen(own[i].name);
        bool same = own[i].numbered
                        ? strncmp(name, own[i].name, bytes) == 0 && number_behind(name + bytes) > 0
                        : strcmp(name, own[i].name) == 0;
        if (same) return own[i].role;
    }
    return TW_ROLE_NONE;
}

bool tw_name_is_own(const char *name) {
    return own_role(name) != TW_ROLE_NONE;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Bytes of "dense/kernel:0" without the number that TensorFlow puts behind a colon. */
static size_t bytes_before_colon(const char *name) {
    size_t bytes = strlen(name), end = bytes;
    while (end > 0 && is_digit(name[end - 1])) end--;
    return end > 0 && end < bytes && name[end - 1] == ':' ? end - 1 : bytes;
}

size_t tw_name_prefix(const char *name) {
    size_t bytes = bytes_before_colon(name);
    while (bytes > 0 && name[bytes - 1] != '.' && name[bytes - 1] != '/') bytes--;
    return bytes;
}

/* The word at the end of a name, without prefix and number: "W" of "module.W_1". */
static const char *stem(const char *name, size_t *bytes) {
    size_t start = tw_name_prefix(name), end = bytes_before_colon(name);
    while (end > start && is_digit(name[end - 1])) end--;
    while (end > start && (name[end - 1] == '_' || name[end - 1] == '-')) end--;
    *bytes = end - start;
    return name + start;
}

tw_role tw_name_role(const char *name) {
    size_t bytes;
    const char *word = stem(name, &bytes);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) == bytes && strncasecmp(words[i].word, word, bytes) == 0)
            return words[i].role;
    }
    return TW_ROLE_NONE;
}

/* ---- Words within a name ---- */

/* Words that make an array look like a parameter wherever they stand in its name. */
static const struct {
    const char *word;
    tw_role role;
} within[] = {
    {"w", TW_ROLE_WEIGHT},       {"wl", TW_ROLE_WEIGHT},      {"wout", TW_ROLE_WEIGHT},
    {"weight", TW_ROLE_WEIGHT},  {"weights", TW_ROLE_WEIGHT}, {"kernel", TW_ROLE_WEIGHT},
    {"coef", TW_ROLE_WEIGHT},    {"b", TW_ROLE_BIAS},         {"bl", TW_ROLE_BIAS},
    {"bout", TW_ROLE_BIAS},      {"bias", TW_ROLE_BIAS},      {"biases", TW_ROLE_BIAS},
    {"intercept", TW_ROLE_BIAS}, {"fc", TW_ROLE_LAYER},       {"layer", TW_ROLE_LAYER},
    {"layers", TW_ROLE_LAYER},   {"lin", TW_ROLE_LAYER},      {"linear", TW_ROLE_LAYER},
    {"dense", TW_ROLE_LAYER},
};

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_letter(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* The first run of letters from there on, "fc" and "Weight" of "fcWeight_2"; NULL without one. */
static const char *next_word(const char *at, size_t *bytes) {
    while (*at && !is_letter(*at)) at++;
    for (*bytes = 0; is_letter(at[*bytes]); ++*bytes)
        if (*bytes > 0 && is_lower(at[*bytes - 1]) && !is_lower(at[*bytes])) break;
    return *bytes > 0 ? at : NULL;
}

static tw_role role_of_word(const char *word, size_t bytes) {
    for (size_t i = 0; i < sizeof within / sizeof *within; i++) {
        if (strlen(within[i].word) == bytes && strncasecmp(within[i].word, word, bytes) == 0)
            return within[i].role;
    }
    return TW_ROLE_NONE;
}

/* fc.weight is a weight and fc.bias a bias: a layer's word tells only where no other does. */
tw_role tw_name_role_within(const char *name) {
    tw_role role = TW_ROLE_NONE;
    size_t bytes;
    for (const char *word = next_word(name, &bytes); word; word = next_word(word + bytes, &bytes)) {
        tw_role found = role_of_word(word, bytes);
        if (found != TW_ROLE_NONE && (found != TW_ROLE_LAYER || role == TW_ROLE_NONE)) role = found;
    }
    return role;
}

/* The next run of digits as a number; false without one. */
static bool next_number(const char **at, unsigned long *number) {
    char *end;
    *at += strcspn(*at, "0123456789");
    if (**at == '\0') return false;
    *number = strtoul(*at, &end, 10);
    *at = end;
    return true;
}

int tw_name_compare_numbers(const char *a, const char *b) {
    for (;;) {
        unsigned long left = 0, right = 0;
        bool more_a = next_number(&a, &left), more_b = next_number(&b, &right);
        if (!more_a || !more_b) return more_a - more_b;
        if (left != right) return left < right ? -1 : 1;
    }
}
