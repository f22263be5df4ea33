/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every reader and writer of bundles shares. */
#ifndef TW_BUNDLE_PRIVATE_H
#define TW_BUNDLE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>

/* Names are looked up one by one, so their number is limited. */
#define TW_BUNDLE_MAX_ENTRIES 10000

/* In formats that compress, a small file can claim any size: a bundle's doubles may take this many
 * bytes, and no deflated block grows by more than the factor 1032. */
#define TW_BUNDLE_MAX_BYTES ((size_t)16 << 30)
#define TW_DEFLATE_MAX_RATIO 1032

/* The product of a shape, with overflow and dimensions of 0 refused (TW_ERR_UNSUPPORTED). The
 * bytes of `length` doubles do not overflow either. */
tw_status tw_shape_length(size_t rank, const size_t *shape, size_t *length);

/* Add an array of `length` numbers to the bytes counted so far; TW_ERR_UNSUPPORTED beyond the
 * limit. */
tw_status tw_bundle_count_length(size_t length, size_t *total);

/* After a failure with the array `name`, or the metadata entry `key`: when it is one of what a
 * bundle cannot hold (TW_ERR_UNSUPPORTED, TW_ERR_DATA), keep the sentence as an omission, drop the
 * arrays beyond the first `arrays`, and TW_OK; any other status, TW_OK too, stays. */
tw_status tw_bundle_omit(tw_bundle *bundle, size_t arrays, const char *name, tw_status why);
tw_status tw_bundle_omit_metadata(tw_bundle *bundle, const char *key, tw_status why);

/* Set metadata from a JSON value: a string plain, anything else as compact JSON text. */
tw_status tw_bundle_set_json(tw_bundle *bundle, const char *key, const tw_json *value);

/* Set metadata to a text, which stays one in every format. */
tw_status tw_bundle_set_text(tw_bundle *bundle, const char *key, const char *text);

/* Set metadata from a string of a format that holds other values as strings too; typed: lists and
 * objects alone. */
tw_status tw_bundle_set_string(tw_bundle *bundle, const char *key, const char *string, bool typed);

/* The string (out, owned: free) from which tw_bundle_set_string makes the entry again. */
tw_status tw_metadata_string(const tw_metadata *entry, bool typed, char **string);

/* Run a reader on an empty bundle: on failure the bundle is emptied and the sentence begins with
 * the path. */
tw_status tw_bundle_fill(const char *path, tw_bundle *bundle,
                         tw_status (*fill)(const char *path, tw_bundle *bundle));

#endif
