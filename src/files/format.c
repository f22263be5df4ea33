/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>

#include "files/formats_private.h"
#include "files/text_private.h"

/* The HDF5 library need not be built for threads: one file at a time. */
static pthread_mutex_t hdf5_turn = PTHREAD_MUTEX_INITIALIZER;

static tw_status read_hdf5(const char *path, tw_bundle *bundle) {
    pthread_mutex_lock(&hdf5_turn);
    tw_status status = tw_hdf5_read(path, bundle);
    pthread_mutex_unlock(&hdf5_turn);
    return status;
}

static tw_status write_hdf5(const char *path, const tw_bundle *bundle) {
    pthread_mutex_lock(&hdf5_turn);
    tw_status status = tw_hdf5_write(path, bundle);
    pthread_mutex_unlock(&hdf5_turn);
    return status;
}

static const tw_format formats[] = {
    {"hdf5", ".h5", "HDF5: datasets and attributes of the root group (native)", read_hdf5,
     write_hdf5},
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
