/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values as text. Written here rather than by jansson, for doubles with the fewest digits that
 * read back the same (0.004, not 0.0040000000000000001), and so that a long list of numbers fills
 * its lines instead of taking one a number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "files/atomic_private.h"
#include "files/text_private.h"

enum { FILLED_LINE = 92 };

/* Grows by doubling; after the first failed allocation nothing is written any more. */
typedef struct writer {
    char *text;
    size_t bytes, room, line_start;
    int indent;
    bool failed;
} writer;

static void put(writer *out, const char *text, size_t bytes) {
    if (out->failed) return;
    if (out->room - out->bytes <= bytes) {
        size_t room = 2 * (out->bytes + bytes) + 256;
        char *moved = tw_resize(out->text, room, 1);
        if (!moved) {
            out->failed = true;
            return;
        }
        out->text = moved;
        out->room = room;
    }
    memcpy(out->text + out->bytes, text, bytes);
    out->bytes += bytes;
    out->text[out->bytes] = '\0';
}

static void put_text(writer *out, const char *text) {
    put(out, text, strlen(text));
}

static void put_line(writer *out, int depth) {
    if (out->indent == 0) return;
    put(out, "\n", 1);
    out->line_start = out->bytes;
    for (int i = 0; i < depth * out->indent; i++) put(out, " ", 1);
}

static void put_escaped(writer *out, unsigned char c) {
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *pair = named; *pair; pair += 2) {
        if ((unsigned char)*pair != c) continue;
        put(out, "\\", 1);
        put(out, pair + 1, 1);
        return;
    }
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04x", c);
    put_text(out, escape);
}

static void put_string(writer *out, const char *text) {
    put(out, "\"", 1);
    while (*text) {
        size_t plain = 0;
        while ((unsigned char)text[plain] >= 0x20 && text[plain] != '"' && text[plain] != '\\') {
            plain++;
        }
        put(out, text, plain);
        text += plain;
        if (*text) put_escaped(out, (unsigned char)*text++);
    }
    put(out, "\"", 1);
}

static void put_scalar(writer *out, const tw_json *value) {
    char room[TW_NUMBER_BYTES];
    const char *string = tw_json_as_string(value);
    long long integer;
    double number;
    bool boolean;
    if (string) {
        put_string(out, string);
    } else if (tw_json_as_integer(value, &integer)) {
        snprintf(room, sizeof room, "%lld", integer);
        put_text(out, room);
    } else if (tw_json_as_number(value, &number)) {
        put_text(out, tw_number_text(number, room));
    } else if (tw_json_as_boolean(value, &boolean)) {
        put_text(out, boolean ? "true" : "false");
    } else {
        put_text(out, "null");
    }
}

static bool is_nested(const tw_json *value) {
    return tw_json_is_object(value) || tw_json_is_array(value);
}

/* Arrays without nested members fill their lines; every other member begins its own. */
static bool fills_lines(const tw_json *array) {
    size_t size = tw_json_size(array);
    for (size_t i = 0; i < size; i++) {
        if (is_nested(tw_json_at(array, i))) return false;
    }
    return true;
}

static void put_value(writer *out, const tw_json *value, int depth);

static void put_array(writer *out, const tw_json *array, int depth) {
    size_t size = tw_json_size(array);
    bool fills = fills_lines(array);
    put(out, "[", 1);
    for (size_t i = 0; i < size; i++) {
        if (i > 0) put(out, ",", 1);
        if (!fills || out->bytes - out->line_start > FILLED_LINE) {
            put_line(out, depth + 1);
        } else if (i > 0 && out->indent > 0) {
            put(out, " ", 1);
        }
        put_value(out, tw_json_at(array, i), depth + 1);
    }
    if (!fills) put_line(out, depth);
    put(out, "]", 1);
}

static void put_object(writer *out, const tw_json *object, int depth) {
    const char *key = NULL, *separator = "";
    put(out, "{", 1);
    for (const tw_json *member; (member = tw_json_next(object, &key)); separator = ",") {
        put_text(out, separator);
        put_line(out, depth + 1);
        put_string(out, key);
        put_text(out, out->indent ? ": " : ":");
        put_value(out, member, depth + 1);
    }
    if (tw_json_size(object) > 0) put_line(out, depth);
    put(out, "}", 1);
}

static void put_value(writer *out, const tw_json *value, int depth) {
    if (tw_json_is_object(value)) {
        put_object(out, value, depth);
    } else if (tw_json_is_array(value)) {
        put_array(out, value, depth);
    } else {
        put_scalar(out, value);
    }
}

char *tw_json_text(const tw_json *value, int indent) {
    writer out = {.indent = indent};
    put_value(&out, value, 0);
    if (!out.failed) return out.text;
    free(out.text);
    return NULL;
}

tw_status tw_json_write(const tw_json *value, const char *path) {
    writer out = {.indent = 2};
    tw_status status = TW_ERR_MEMORY;
    put_value(&out, value, 0);
    put(&out, "\n", 1);
    if (!out.failed) status = tw_file_store(path, out.text, out.bytes);
    free(out.text);
    return status;
}
