/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bundle: named arrays with metadata, as they stand in a file. Formats know bundles, not models.
 */
#ifndef THALWEG_BUNDLE_H
#define THALWEG_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

#define TW_ARRAY_MAX_RANK 8

/* Element type in the file; in memory every array is double. */
typedef enum tw_element { TW_F32, TW_F64, TW_I32, TW_I64 } tw_element;

/* values: product of shape[0..rank-1] doubles in C order (last index fastest), whatever the order
 * in the file. Integers beyond 2^53 are refused on reading. Owned by its bundle. */
typedef struct tw_array {
    char *name;
    tw_element element;
    size_t rank;
    size_t shape[TW_ARRAY_MAX_RANK];
    double *values;
} tw_array;

/* One metadata entry. Structured values (lists, objects) are JSON text; strings stand plain. */
typedef struct tw_metadata {
    char *key;
    char *text;
    bool is_text; /* a string in the file it is from, whatever it would be as JSON */
} tw_metadata;

/* What a file has and a bundle cannot hold: texts, complex numbers, values that are NaN, links. It
 * is left out, and the sentence says why; a file is no worse for it as long as nobody needs the
 * array.
 */
typedef struct tw_omission {
    bool is_metadata; /* an entry, not an array */
    char *name;
    char *reason;     /* "array 'names': dtype <U5 (text) is not supported" */
    tw_status status; /* for whoever needs it: TW_ERR_UNSUPPORTED or TW_ERR_DATA */
} tw_omission;

/* Initialise with {0}. Owns everything in it. */
typedef struct tw_bundle {
    size_t array_count;
    tw_array *arrays; /* in file order */
    size_t metadata_count;
    tw_metadata *metadata; /* in file order, keys unique */
    size_t omission_count;
    tw_omission *omissions; /* in file order */
} tw_bundle;

TW_API void tw_bundle_clear(tw_bundle *bundle); /* idempotent, NULL-safe; leaves {0} */

/* Append a zeroed array; *array (out, may be NULL) is borrowed until the next addition. Names are
 * unique and 1 to 255 bytes of UTF-8 without control characters, else TW_ERR_DATA; dimensions of 0,
 * more than TW_ARRAY_MAX_RANK of them or more than 10 000 arrays are TW_ERR_UNSUPPORTED. */
TW_API tw_status tw_bundle_add(tw_bundle *bundle, const char *name, tw_element element, size_t rank,
                               const size_t *shape, tw_array **array);
TW_API const tw_array *tw_bundle_find(const tw_bundle *bundle, const char *name); /* or NULL */

/* The array of that name (out, borrowed); TW_ERR_DATA when it is missing, and the status and the
 * sentence of its omission when the file has it. */
TW_API tw_status tw_bundle_require(const tw_bundle *bundle, const char *name,
                                   const tw_array **array);

/* Take away the array, or its omission, of that name; the metadata entry, or its omission. Nothing
 * happens without one. */
TW_API void tw_bundle_remove(tw_bundle *bundle, const char *name);
TW_API void tw_bundle_remove_metadata(tw_bundle *bundle, const char *key);
TW_API size_t tw_array_length(const tw_array *array); /* product of the shape; 1 for rank 0 */

/* Replace or append a metadata entry; both strings are copied. Keys are as names of arrays are. */
TW_API tw_status tw_bundle_set_metadata(tw_bundle *bundle, const char *key, const char *text);
/* Let the metadata entry `key` be what a person wrote. Numbers and lists of them become JSON, which
 * knows no ".01", and then take the place of an array of that name as well. */
TW_API tw_status tw_bundle_override(tw_bundle *bundle, const char *key, const char *text);
TW_API const char *tw_bundle_metadata(const tw_bundle *bundle, const char *key); /* or NULL */

/* A file format. An array or a metadata entry that a bundle cannot hold (element type, NaN, Inf,
 * integer beyond 2^53, a dimension of 0, a link elsewhere) becomes an omission; what is malformed
 * fails. read fills an empty bundle and leaves it empty on failure; write goes to a
 * temporary name beside the target and renames (npz: also NAME.json, for the metadata). Sentences
 * name the file, the array and the numbers. Errors: TW_ERR_IO (cannot open, short write),
 * TW_ERR_FORMAT (malformed, or claims bytes that are not there), TW_ERR_UNSUPPORTED (beyond a
 * limit), TW_ERR_DATA (on writing: NaN, Inf, value without a place in the element type; impossible
 * name), TW_ERR_ARGUMENT (nothing to write, bundle to read into not empty),
 * TW_ERR_MEMORY. In formats that compress, the arrays of a file may take 16 GiB in memory. */
typedef struct tw_format {
    const char *name;      /* "safetensors" */
    const char *extension; /* ".safetensors" */
    const char *others;    /* further extensions with blanks between them; "" */
    const char *summary;   /* one line for help texts */
    tw_status (*read)(const char *path, tw_bundle *bundle);
    tw_status (*write)(const char *path, const tw_bundle *bundle);
} tw_format;

TW_API const tw_format *tw_format_at(size_t index);           /* NULL past the last */
TW_API const tw_format *tw_format_for_path(const char *path); /* by extension; NULL: none fits */

/* By extension; an unknown one is TW_ERR_ARGUMENT naming the known ones, and what to do about some
 * that are common. A path to read may go on into the file, as in FILE.h5:/run3/epoch100 (HDF5
 * alone); when there is a file of the whole name, it is meant. */
TW_API tw_status tw_bundle_read(const char *path, tw_bundle *bundle);
TW_API tw_status tw_bundle_write(const char *path, const tw_bundle *bundle);

/* The file that a path to read means (*file: out, owned) and what is wanted of it,
 * "/run3/epoch100",
 * "" for the whole (*inside: out, borrowed from the path). */
TW_API tw_status tw_path_split(const char *path, char **file, const char **inside);

/* SHA-256 of a file's bytes (of the whole file, where the path goes on into it) as 64 lower-case
 * hexadecimal digits and a NUL. */
TW_API tw_status tw_file_digest(const char *path, char digest[65]);

/* Could a file be written there now? TW_ERR_IO naming the path if not; leaves nothing behind. */
TW_API tw_status tw_file_check_writable(const char *path);

/* Versions of the libraries behind the formats, e.g. "HDF5 1.10.8"; NULL past the last. */
TW_API const char *tw_format_library_at(size_t index);

#endif
