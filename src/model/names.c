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

/* Runs of digits count as numbers: fc2 comes before fc10. */
int tw_name_compare(const char *a, const char *b) {
    while (*a && *b) {
        if (is_digit(*a) && is_digit(*b)) {
            char *after_a, *after_b;
            unsigned long left = strtoul(a, &after_a, 10), right = strtoul(b, &after_b, 10);
            if (left != right) return left < right ? -1 : 1;
            a = after_a;
            b = after_b;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != '\0') - (*b != '\0');
}
