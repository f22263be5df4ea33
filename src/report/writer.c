/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/writer_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/text_private.h"

void tw_writer_clear(tw_writer *writer) {
    if (writer == NULL) return;
    free(writer->bytes);
    *writer = (tw_writer){0};
}

static bool make_room(tw_writer *writer, size_t more) {
    if (writer->status != TW_OK) return false;
    if (writer->length + more + 1 <= writer->room) return true;
    size_t room = 2 * writer->room + more + 256;
    char *bytes = tw_resize(writer->bytes, room, 1);
    if (bytes == NULL) {
        writer->status = TW_ERR_MEMORY;
        return false;
    }
    writer->bytes = bytes;
    writer->room = room;
    return true;
}

void tw_writer_bytes(tw_writer *writer, const char *bytes, size_t count) {
    if (!make_room(writer, count)) return;
    if (count > 0) memcpy(writer->bytes + writer->length, bytes, count);
    writer->length += count;
    writer->bytes[writer->length] = '\0';
}

void tw_writer_text(tw_writer *writer, const char *text) {
    tw_writer_bytes(writer, text, strlen(text));
}

void tw_writer_format(tw_writer *writer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !make_room(writer, (size_t)length)) return;
    va_start(arguments, format);
    vsnprintf(writer->bytes + writer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    writer->length += (size_t)length;
}

/* Everything but strings, lists and null: what the writer of records says. */
static void write_scalar(tw_writer *writer, const tw_json *value) {
    char *text = tw_json_text(value, 0);
    if (text == NULL)
        writer->status = TW_ERR_MEMORY;
    else
        tw_writer_text(writer, strcmp(text, "null") == 0 ? "-" : text);
    free(text);
}

void tw_writer_value(tw_writer *writer, const tw_json *value) {
    bool flag;
    if (value == NULL) {
        tw_writer_text(writer, "-");
    } else if (tw_json_as_string(value)) {
        tw_writer_text(writer, tw_json_as_string(value));
    } else if (tw_json_as_boolean(value, &flag)) {
        tw_writer_text(writer, flag ? "yes" : "no");
    } else if (tw_json_is_array(value)) {
        for (size_t i = 0; i < tw_json_size(value); i++) {
            if (i > 0) tw_writer_text(writer, ", ");
            tw_writer_value(writer, tw_json_at(value, i));
        }
    } else {
        write_scalar(writer, value);
    }
}

void tw_writer_number(tw_writer *writer, double number) {
    char room[TW_NUMBER_BYTES];
    if (isfinite(number))
        tw_writer_text(writer, tw_number_text(number, room));
    else
        tw_writer_text(writer, "NaN");
}

char *tw_writer_take(tw_writer *writer) {
    char *bytes = writer->status == TW_OK ? writer->bytes : NULL;
    if (bytes) writer->bytes = NULL;
    tw_writer_clear(writer);
    return bytes;
}

tw_status tw_writer_finish(tw_writer *writer, char **text) {
    tw_writer_text(writer, "");
    tw_status status = writer->status;
    char *made = tw_writer_take(writer);
    if (made == NULL) return status == TW_OK ? TW_ERR_MEMORY : status;
    *text = made;
    return TW_OK;
}
