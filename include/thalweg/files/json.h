/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values: parsed with limits, built, written with enough digits to read back the same double.
 *
 * Ownership: tw_json_parse and the constructors return a value that the caller owns; putting it
 * into an object or array hands it over, also when that fails; what a getter returns is borrowed
 * from its parent. */
#ifndef THALWEG_JSON_H
#define THALWEG_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

typedef struct tw_json tw_json; /* opaque */

/* Nesting deeper than this is refused, and files longer than this: parsed, they take ten times as
 * much memory, hostile ones eighty times. */
#define TW_JSON_MAX_DEPTH 64
#define TW_JSON_MAX_FILE_BYTES ((size_t)64 << 20)

/* text: `bytes` bytes, no terminator needed. Errors: TW_ERR_FORMAT with line and column (not JSON,
 * duplicate keys, too deep, NUL inside a string, trailing text), TW_ERR_MEMORY. *value untouched on
 * failure. The first call puts a function in front of jansson's allocation function of that moment
 * (json_set_alloc_funcs) that passes everything on and keeps in mind when it fails: the only way to
 * know that jansson's lexer lost part of a word. */
TW_API tw_status tw_json_parse(const char *text, size_t bytes, tw_json **value);

/* A number or a list of numbers as people write them: what JSON allows, and also ".01", "1.", "+2",
 * numbers as JSON strings. *list (out): were there brackets? *values (out, owned: free) has *count
 * finite numbers, 0 for an empty list. TW_ERR_DATA for anything else, with a sentence that quotes
 * it. */
TW_API tw_status tw_json_parse_numbers(const char *text, bool *list, size_t *count,
                                       double **values);
TW_API void tw_json_destroy(tw_json *value); /* NULL-safe */

/* A whole file parsed; also TW_ERR_IO. The sentence begins with the path. */
TW_API tw_status tw_json_read(const char *path, tw_json **value);

/* Constructors return NULL (sentence set) when memory is short; numbers that are not finite become
 * null. */
TW_API tw_json *tw_json_object(void);
TW_API tw_json *tw_json_array(void);
TW_API tw_json *tw_json_number(double value);
TW_API tw_json *tw_json_integer(long long value);
TW_API tw_json *tw_json_string(const char *text); /* invalid UTF-8 bytes become U+FFFD */
TW_API tw_json *tw_json_boolean(bool value);
TW_API tw_json *tw_json_null(void);
TW_API tw_json *tw_json_numbers(size_t count, const double *values); /* array of numbers */

/* `member` is taken over; a NULL among both becomes TW_ERR_MEMORY, so constructors nest. A
 * key that is there already gets the new member. */
TW_API tw_status tw_json_set(tw_json *object, const char *key, tw_json *member);
TW_API tw_status tw_json_append(tw_json *array, tw_json *member);

/* Getters: NULL or false when the value is of another kind or absent. */
TW_API const tw_json *tw_json_get(const tw_json *object, const char *key);
TW_API size_t tw_json_size(const tw_json *value); /* members of an object or array, else 0 */
TW_API const tw_json *tw_json_at(const tw_json *array, size_t index);
/* Members of an object in file order: that behind *key (in/out), the first when *key is NULL; NULL
 * past the end. *key must come from this function on the same object. */
TW_API const tw_json *tw_json_next(const tw_json *object, const char **key);
TW_API bool tw_json_is_object(const tw_json *value);
TW_API bool tw_json_is_array(const tw_json *value);
TW_API bool tw_json_as_number(const tw_json *value, double *number); /* integers too */
TW_API bool tw_json_as_integer(const tw_json *value, long long *integer);
/* A number, or a string that holds one as people write it. */
TW_API bool tw_json_read_number(const tw_json *value, double *number);
TW_API bool tw_json_is_null(const tw_json *value);
TW_API bool tw_json_as_boolean(const tw_json *value, bool *boolean);
TW_API const char *tw_json_as_string(const tw_json *value);

/* Text of a value, NUL-terminated, owned by the caller (free); doubles with the fewest of 15 to 17
 * significant digits that read back the same, keys in order of insertion. indent: spaces a level,
 * 0 for one line without blanks. NULL (sentence set) when memory is short. */
TW_API char *tw_json_text(const tw_json *value, int indent);

/* Two spaces a level. Written to a temporary name beside `path` and renamed. */
TW_API tw_status tw_json_write(const tw_json *value, const char *path);

/* "jansson 2.14"; borrowed, static. */
TW_API const char *tw_json_library(void);

#endif
