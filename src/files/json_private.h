/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON of other programs, whose numbers may be larger than ours. */
#ifndef TW_JSON_PRIVATE_H
#define TW_JSON_PRIVATE_H

#include <stddef.h>
#include <thalweg/files/json.h>

/* JSON text in which each number that is too large for a JSON value stands as a string: *quoted
 * (out, owned: free) has *bytes (in: of the text, which ends in a NUL; out) bytes. */
tw_status tw_json_quote_large(const char *text, size_t *bytes, char **quoted);

/* tw_json_read of a file whose numbers may be too large: those are strings. */
tw_status tw_json_read_quoting(const char *path, tw_json **value);

#endif
