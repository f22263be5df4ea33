/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>

#include "files/formats_private.h"
#include "files/text_private.h"

static const tw_format formats[] = {
    {"hdf5", ".h5", "HDF5: datasets and attributes of the root group (native)", tw_hdf5_read,
     tw_hdf5_write},
    {"safetensors", ".safetensors", "safetensors: metadata in the header", tw_safetensors_read,
     tw_safetensors_write},
    {"npz", ".npz", "numpy archive: metadata in NAME.json beside it", tw_npz_read, tw_npz_write},
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

static const char *(*const libraries[])(void) = {tw_hdf5_library, tw_npz_library, tw_json_library,
                                                 tw_digest_library};

const tw_format *tw_format_at(size_t index) {
    return index < FORMATS ? &formats[index] : NULL;
}

const tw_format *tw_format_for_path(const char *path) {
    size_t bytes = strlen(path);
    for (size_t i = 0; i < FORMATS; i++) {
        size_t end = strlen(formats[i].extension);
        if (bytes >= end && strcasecmp(path + bytes - end, formats[i].extension) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

static tw_status find_format(const char *path, const tw_format **format) {
    char known[256] = "";
    *format = tw_format_for_path(path);
    if (*format) return TW_OK;
    for (size_t i = 0, used = 0; i < FORMATS && used < sizeof known; i++) {
        used += (size_t)snprintf(known + used, sizeof known - used, i ? ", %s" : "%s",
                                 formats[i].extension);
    }
    tw_fail(TW_ERR_ARGUMENT, "the name ends in none of %s", known);
    return tw_fail_in_file(TW_ERR_ARGUMENT, path);
}

tw_status tw_bundle_read(const char *path, tw_bundle *bundle) {
    const tw_format *format;
    tw_status status = find_format(path, &format);
    return status == TW_OK ? format->read(path, bundle) : status;
}

tw_status tw_bundle_write(const char *path, const tw_bundle *bundle) {
    const tw_format *format;
    tw_status status = find_format(path, &format);
    return status == TW_OK ? format->write(path, bundle) : status;
}

const char *tw_format_library_at(size_t index) {
    return index < sizeof libraries / sizeof libraries[0] ? libraries[index]() : NULL;
}
