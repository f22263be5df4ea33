/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bundle: named arrays with metadata, as they stand in a file. Formats know bundles, not models.
 */
#ifndef THALWEG_BUNDLE_H
#define THALWEG_BUNDLE_H

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
} tw_metadata;

/* Initialise with {0}. Owns everything in it. */
typedef struct tw_bundle {
    size_t array_count;
    tw_array *arrays; /* in file order */
    size_t metadata_count;
    tw_metadata *metadata; /* in file order, keys unique */
} tw_bundle;

TW_API void tw_bundle_clear(tw_bundle *bundle); /* idempotent, NULL-safe; leaves {0} */

/* Append a zeroed array; *array (out, may be NULL) is borrowed until the next addition. Names are
 * unique and 1 to 255 bytes of UTF-8 without control characters, else TW_ERR_DATA; dimensions of 0,
 * more than TW_ARRAY_MAX_RANK of them or more than 10 000 arrays are TW_ERR_UNSUPPORTED. */
TW_API tw_status tw_bundle_add(tw_bundle *bundle, const char *name, tw_element element, size_t rank,
                               const size_t *shape, tw_array **array);
TW_API const tw_array *tw_bundle_find(const tw_bundle *bundle, const char *name); /* or NULL */
TW_API size_t tw_array_length(const tw_array *array); /* product of the shape; 1 for rank 0 */

/* Replace or append a metadata entry; both strings are copied. Keys are as names of arrays are. */
TW_API tw_status tw_bundle_set_metadata(tw_bundle *bundle, const char *key, const char *text);
TW_API const char *tw_bundle_metadata(const tw_bundle *bundle, const char *key); /* or NULL */

/* A file format. read fills an empty bundle and leaves it empty on failure; write goes to a
 * temporary name beside the target and renames (npz: also NAME.json, for the metadata). Sentences
 * name the file, the array and the numbers. Errors: TW_ERR_IO (cannot open, short write),
 * TW_ERR_FORMAT (malformed, or claims bytes that are not there), TW_ERR_UNSUPPORTED (element type,
 * beyond a limit), TW_ERR_DATA (NaN, Inf, integer beyond 2^53, value without a place in the element
 * type, impossible name), TW_ERR_ARGUMENT (nothing to write, bundle to read into not empty),
 * TW_ERR_MEMORY. In formats that compress, the arrays of a file may take 16 GiB in memory. */
typedef struct tw_format {
    const char *name;      /* "safetensors" */
    const char *extension; /* ".safetensors" */
    const char *summary;   /* one line for help texts */
    tw_status (*read)(const char *path, tw_bundle *bundle);
    tw_status (*write)(const char *path, const tw_bundle *bundle);
} tw_format;

TW_API const tw_format *tw_format_at(size_t index);           /* NULL past the last */
TW_API const tw_format *tw_format_for_path(const char *path); /* by extension; NULL: none fits */

/* By extension; an unknown one is TW_ERR_ARGUMENT naming the known ones. */
TW_API tw_status tw_bundle_read(const char *path, tw_bundle *bundle);
TW_API tw_status tw_bundle_write(const char *path, const tw_bundle *bundle);

/* SHA-256 of a file's bytes as 64 lower-case hexadecimal digits and a NUL. */
TW_API tw_status tw_file_digest(const char *path, char digest[65]);

/* Could a file be written there now? TW_ERR_IO naming the path if not; leaves nothing behind. */
TW_API tw_status tw_file_check_writable(const char *path);

/* Versions of the libraries behind the formats, e.g. "HDF5 1.10.8"; NULL past the last. */
TW_API const char *tw_format_library_at(size_t index);

#endif
