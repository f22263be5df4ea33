/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of unknown origin: made fit for a sentence, checked, put before one. */
#ifndef TW_TEXT_PRIVATE_H
#define TW_TEXT_PRIVATE_H

#include <stddef.h>
#include <thalweg/base/status.h>

#define TW_PRINTABLE_BYTES 128
#define TW_NUMBER_BYTES 40

/* Printable ASCII stays, every other byte becomes \xNN, a long text ends in "...". Returns room. */
const char *tw_printable(const char *text, size_t bytes, char room[TW_PRINTABLE_BYTES]);

/* Length (1 to 4) of the well-formed UTF-8 sequence at the front of `bytes` > 0 bytes, else 0. */
size_t tw_utf8_length(const char *text, size_t bytes);

/* Longest name of an array or key of a metadata entry. */
#define TW_NAME_MAX_BYTES 255

/* TW_ERR_DATA unless a name is 1 to 255 bytes of UTF-8 without control characters; kind: "array
 * name", for the sentence. */
tw_status tw_name_check(const char *kind, const char *name);

/* The shortest text of 15 to 17 digits that reads back as the same finite double; always with a
 * point or an exponent. Returns room. */
const char *tw_number_text(double number, char room[TW_NUMBER_BYTES]);

/* Put "PATH: ", "array 'NAME': " or "metadata 'KEY': " before the last sentence and return `status`
 * unchanged, also when it is TW_OK (then nothing happens). */
tw_status tw_fail_in_file(tw_status status, const char *path);
tw_status tw_fail_in_array(tw_status status, const char *name);
tw_status tw_fail_in_metadata(tw_status status, const char *key);

#endif
