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

/* Set metadata from a JSON value: a string plain, anything else as compact JSON text. */
tw_status tw_bundle_set_json(tw_bundle *bundle, const char *key, const tw_json *value);

/* A list of raw 8-byte numbers, all int64 or all double; NULL when memory is short. */
tw_json *tw_raw_to_json(size_t count, const uint64_t *raw, bool integers);

/* Run a reader on an empty bundle: on failure the bundle is emptied and the sentence begins with
 * the path. */
tw_status tw_bundle_fill(const char *path, tw_bundle *bundle,
                         tw_status (*fill)(const char *path, tw_bundle *bundle));

#endif
