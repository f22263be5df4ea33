/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/text_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *tw_printable(const char *text, size_t bytes, char room[TW_PRINTABLE_BYTES]) {
    static const char more[] = "...";
    size_t used = 0;
    for (size_t i = 0; i < bytes; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (used + 4 + sizeof more > TW_PRINTABLE_BYTES) {
            memcpy(room + used, more, sizeof more);
            return room;
        }
        if (byte >= 0x20 && byte < 0x7f) {
            room[used++] = (char)byte;
        } else {
            snprintf(room + used, 5, "\\x%02x", (unsigned)byte);
            used += 4;
        }
    }
    room[used] = '\0';
    return room;
}

/* Table 3-7 of the Unicode standard: the second byte's range excludes overlong forms, surrogates
 * and code points beyond U+10FFFF. */
size_t tw_utf8_length(const char *text, size_t bytes) {
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4) return 0;
    size_t length = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (length > bytes) return 0;
    unsigned low = s[0] == 0xE0 ? 0xA0 : s[0] == 0xF0 ? 0x90 : 0x80;
    unsigned high = s[0] == 0xED ? 0x9F : s[0] == 0xF4 ? 0x8F : 0xBF;
    if (s[1] < low || s[1] > high) return 0;
    for (size_t i = 2; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
    }
    return length;
}

static const char *name_complaint(const char *name, size_t bytes) {
    if (bytes == 0) return "is empty";
    if (bytes > TW_NAME_MAX_BYTES) return "is longer than 255 bytes";
    for (size_t i = 0, step; i < bytes; i += step) {
        step = tw_utf8_length(name + i, bytes - i);
        if (step == 0) return "is not UTF-8";
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f) return "has control characters";
    }
    return NULL;
}

tw_status tw_name_check(const char *kind, const char *name) {
    char shown[TW_PRINTABLE_BYTES];
    size_t bytes = strlen(name);
    const char *complaint = name_complaint(name, bytes);
    if (!complaint) return TW_OK;
    return tw_fail(TW_ERR_DATA, "%s '%s' %s", kind, tw_printable(name, bytes, shown), complaint);
}

/* A locale may write the decimal point as any bytes that are no digits. */
static void restore_point(char *text) {
    size_t used = 0;
    for (size_t i = 0; text[i]; i++) {
        if (strchr("0123456789+-e", text[i])) {
            text[used++] = text[i];
        } else if (used == 0 || text[used - 1] != '.') {
            text[used++] = '.';
        }
    }
    text[used] = '\0';
}

const char *tw_number_text(double number, char room[TW_NUMBER_BYTES]) {
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(room, TW_NUMBER_BYTES - 2, "%.*g", digits, number);
        if (strtod(room, NULL) == number) break;
    }
    restore_point(room);
    if (!strpbrk(room, ".e")) strcat(room, ".0");
    return room;
}

tw_status tw_fail_in_file(tw_status status, const char *path) {
    char prefix[1024];
    if (status == TW_OK) return status;
    snprintf(prefix, sizeof prefix, "%s: ", path);
    return tw_fail_in(status, prefix);
}

static tw_status fail_in(tw_status status, const char *kind, const char *name) {
    char prefix[TW_PRINTABLE_BYTES + 16], shown[TW_PRINTABLE_BYTES];
    if (status == TW_OK) return status;
    snprintf(prefix, sizeof prefix, "%s '%s': ", kind, tw_printable(name, strlen(name), shown));
    return tw_fail_in(status, prefix);
}

tw_status tw_fail_in_array(tw_status status, const char *name) {
    return fail_in(status, "array", name);
}

tw_status tw_fail_in_metadata(tw_status status, const char *key) {
    return fail_in(status, "metadata", key);
}
