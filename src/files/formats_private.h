/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the table of formats knows of each, and the readers' way around the disk. */
#ifndef TW_FORMATS_PRIVATE_H
#define TW_FORMATS_PRIVATE_H

#include <thalweg/files/bundle.h>

#include "files/source_private.h"

tw_status tw_safetensors_read(const char *path, tw_bundle *bundle);
tw_status tw_safetensors_write(const char *path, const tw_bundle *bundle);

tw_status tw_npz_read(const char *path, tw_bundle *bundle);
tw_status tw_npz_write(const char *path, const tw_bundle *bundle);
const char *tw_npz_library(void);

tw_status tw_hdf5_read(const char *path, tw_bundle *bundle);
tw_status tw_hdf5_write(const char *path, const tw_bundle *bundle);
const char *tw_hdf5_library(void);

const char *tw_digest_library(void);

/* Append what a source holds to a bundle; on failure the bundle may hold a part of it. Sentences
 * do not name the path. For npz the arrays only, not the JSON file beside it. */
tw_status tw_safetensors_read_source(const tw_source *source, tw_bundle *bundle);
tw_status tw_npz_read_source(const tw_source *source, tw_bundle *bundle);

#endif
