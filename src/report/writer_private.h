/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that grows. A failure sticks: whoever writes much asks for the status once, at the end. */
#ifndef TW_WRITER_PRIVATE_H
#define TW_WRITER_PRIVATE_H

#include <stddef.h>
#include <thalweg/files/json.h>

/* Initialise with {0}. `bytes` ends in NUL once anything was written. */
typedef struct tw_writer {
    char *bytes; /* owned */
    size_t length, room;
    tw_status status;
} tw_writer;

void tw_writer_clear(tw_writer *writer); /* idempotent */
void tw_writer_bytes(tw_writer *writer, const char *bytes, size_t count);
void tw_writer_text(tw_writer *writer, const char *text);
void tw_writer_format(tw_writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A value as the record has it: numbers with the record's digits, strings without their quotes,
 * null and absent values as "-", lists with ", " between their members. */
void tw_writer_value(tw_writer *writer, const tw_json *value);

/* A double with the digits that the record would have. */
void tw_writer_number(tw_writer *writer, double number);

/* *text (out): what was written, "" for nothing, owned by the caller. Clears the writer. */
tw_status tw_writer_finish(tw_writer *writer, char **text);

/* What was written, owned by the caller now, or NULL; the writer is cleared. */
char *tw_writer_take(tw_writer *writer);

#endif
