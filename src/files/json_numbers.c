/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in metadata and options, as JSON knows them and a little beyond. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "files/json_private.h"
#include "files/text_private.h"

/* One number, quoted or not, at *at, which moves behind it. JSON knows no ".01", "1." and "+1". */
static bool accept_number(const char **at, double *number) {
    const char *text = *at + strspn(*at, " \t\n");
    bool quoted = *text == '"';
    char *end;
    text += quoted;
    if (strspn(text, "+-.0123456789") == 0) return false; /* "inf", "nan" */
    *number = strtod(text, &end);
    if (end == text || !isfinite(*number) || strspn(text, "+-.0123456789eE") < (size_t)(end - text))
        return false;
    if (quoted && *end != '"') return false;
    end += quoted;
    *at = end + strspn(end, " \t\n");
    return true;
}

/* values: NULL to count only. */
static bool scan(const char *text, bool *list, size_t *count, double *values) {
    double number = 0.0;
    text += strspn(text, " \t\n");
    *list = *text == '[';
    *count = 0;
    text += *list;
    if (*list && text[strspn(text, " \t\n")] == ']') {
        text += strspn(text, " \t\n");
    } else {
        do {
            if (!accept_number(&text, &number)) return false;
            if (values) values[*count] = number;
            ++*count;
        } while (*list && *text == ',' && text++);
    }
    if (!*list) return *text == '\0';
    return *text == ']' && text[1 + strspn(text + 1, " \t\n")] == '\0';
}

tw_status tw_json_parse_numbers(const char *text, bool *list, size_t *count, double **values) {
    char shown[TW_PRINTABLE_BYTES];
    double *numbers = NULL;
    if (!scan(text, list, count, NULL)) {
        return tw_fail(TW_ERR_DATA, "'%s' is neither a number nor a list of numbers",
                       tw_printable(text, strlen(text), shown));
    }
    tw_status status = TW_NEW(numbers, *count + 1);
    if (status != TW_OK) return status;
    scan(text, list, count, numbers);
    *values = numbers;
    return TW_OK;
}

bool tw_json_read_number(const tw_json *value, double *number) {
    const char *text = tw_json_as_string(value);
    bool list = false;
    size_t count = 0;
    if (text == NULL) return tw_json_as_number(value, number);
    double found = 0.0;
    if (!scan(text, &list, &count, NULL) || list) return false;
    scan(text, &list, &count, &found);
    *number = found;
    return true;
}

tw_status tw_bundle_override(tw_bundle *bundle, const char *key, const char *text) {
    bool list = false;
    size_t count = 0;
    double *values = NULL;
    tw_status status = tw_json_parse_numbers(text, &list, &count, &values);
    if (status == TW_ERR_DATA) return tw_bundle_set_metadata(bundle, key, text);
    if (status != TW_OK) return status;
    tw_json *json = list ? tw_json_numbers(count, values) : tw_json_number(values[0]);
    char *number = json ? tw_json_text(json, 0) : NULL;
    status = number ? tw_bundle_set_metadata(bundle, key, number) : TW_ERR_MEMORY;
    if (status == TW_OK) tw_bundle_remove(bundle, key);
    free(number);
    tw_json_destroy(json);
    free(values);
    return status;
}

/* Is the word an integer beyond 64 bits, or a number beyond the doubles? */
static bool is_too_large(const char *word, size_t bytes) {
    size_t sign = *word == '-';
    char *end;
    errno = 0;
    if (sign + strspn(word + sign, "0123456789") == bytes) {
        strtoll(word, &end, 10);
        return errno == ERANGE;
    }
    return !isfinite(strtod(word, &end)) && end == word + bytes;
}

tw_status tw_json_quote_large(const char *text, size_t *bytes, char **quoted) {
    static const char letters[] = "+-.0123456789eE";
    const char *end = text + *bytes;
    size_t used = 0;
    bool string = false;
    /* Two quotation marks for what has 5 bytes at least, 1e309. */
    char *made = tw_alloc(*bytes + *bytes / 2 + 3, 1);
    if (!made) return TW_ERR_MEMORY;
    while (text < end) {
        size_t word = string || !strchr("-0123456789", *text) ? 0 : strspn(text, letters);
        bool large = word > 0 && is_too_large(text, word);
        size_t step = word > 0 ? word : 1;
        if (string && *text == '\\' && end - text > 1) step = 2;
        if (*text == '"') string = !string;
        if (large) made[used++] = '"';
        memcpy(made + used, text, step);
        used += step;
        if (large) made[used++] = '"';
        text += step;
    }
    made[used] = '\0';
    *bytes = used;
    *quoted = made;
    return TW_OK;
}
