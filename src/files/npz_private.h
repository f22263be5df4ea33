/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON file beside an npz file: NAME.json for NAME.npz, metadata in its object `spec`. */
#ifndef TW_NPZ_PRIVATE_H
#define TW_NPZ_PRIVATE_H

#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>

/* The path of the JSON file (owned: free); NULL when memory is short. */
char *tw_npz_json_path(const char *path);

/* A file that is not there means no metadata. */
tw_status tw_npz_read_metadata(const char *json_path, tw_bundle *bundle);

/* The whole text of the JSON file (out, owned: free). */
tw_status tw_npz_print_metadata(const tw_bundle *bundle, char **text);

#endif
