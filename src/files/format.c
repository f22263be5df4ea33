/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>
#include <unistd.h>

#include "base/alloc_private.h"
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
    {"hdf5", ".h5", ".hdf5 .hdf", "HDF5: datasets and attributes of a group (native)", read_hdf5,
     write_hdf5},
    {"safetensors", ".safetensors", "", "safetensors: metadata in the header", tw_safetensors_read,
     tw_safetensors_write},
    {"npz", ".npz", "", "numpy archive: metadata in NAME.json beside it", tw_npz_read,
     tw_npz_write},
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

/* What files of them have near their beginning: a length below 2^40 and a header in safetensors. */
static const struct {
    size_t at, bytes;
    const char *text;
} signs[FORMATS] = {{0, 8, "\x89HDF\r\n\x1a\n"}, {5, 4, "\0\0\0{"}, {0, 4, "PK\3\4"}};

static const char *(*const libraries[])(void) = {tw_hdf5_library, tw_npz_library, tw_json_library,
                                                 tw_digest_library};

const tw_format *tw_format_at(size_t index) {
    return index < FORMATS ? &formats[index] : NULL;
}

static bool ends_in(const char *path, size_t bytes, const char *end, size_t end_bytes) {
    return bytes >= end_bytes && strncasecmp(path + bytes - end_bytes, end, end_bytes) == 0;
}

/* The format of the first `bytes` bytes of a path. */
static const tw_format *format_for(const char *path, size_t bytes) {
    for (size_t i = 0; i < FORMATS; i++) {
        const char *first = formats[i].extension, *other = formats[i].others;
        if (ends_in(path, bytes, first, strlen(first))) return &formats[i];
        for (size_t length; *other; other += length + (other[length] == ' ')) {
            length = strcspn(other, " ");
            if (ends_in(path, bytes, other, length)) return &formats[i];
        }
    }
    return NULL;
}

const tw_format *tw_format_for_path(const char *path) {
    return format_for(path, strlen(path));
}

/* What to do about files of other programs. */
static const char *advice(const char *path) {
    static const char torch[] =
        ": from PyTorch, safetensors.torch.save_file writes a file that is read";
    static const struct {
        const char *extension, *text;
    } others[] = {
        {".pt", torch},
        {".pth", torch},
        {".ckpt", torch},
        {".bin", torch},
        {".npy", ": one array is no point, numpy.savez writes several into one file"},
        {".mat", ": what MATLAB saved with '-v7.3' is HDF5 and is read under a name with .h5"},
        {".pkl", ": numpy.savez writes the arrays into a file that is read"},
        {".keras", ": h5py or numpy.savez writes the arrays into a file that is read"},
        {".onnx", ": numpy.savez writes the arrays into a file that is read"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *extension = others[i].extension;
        if (ends_in(path, strlen(path), extension, strlen(extension))) return others[i].text;
    }
    return "";
}

static tw_status find_format(const char *path, const tw_format **format) {
    char known[256] = "";
    *format = tw_format_for_path(path);
    if (*format) return TW_OK;
    for (size_t i = 0, used = 0; i < FORMATS && used < sizeof known; i++) {
        used += (size_t)snprintf(known + used, sizeof known - used, i ? ", %s" : "%s",
                                 formats[i].extension);
    }
    tw_fail(TW_ERR_ARGUMENT, "the name ends in none of %s%s", known, advice(path));
    return tw_fail_in_file(TW_ERR_ARGUMENT, path);
}

/* Bytes of the name of a regular file, or of what has the name of one, in front of a colon; the
 * whole length without one. */
static size_t file_bytes(const char *path) {
    struct stat facts;
    char prefix[PATH_MAX];
    size_t claimed = 0;
    if (stat(path, &facts) == 0) return strlen(path);
    for (const char *colon = strchr(path, ':'); colon; colon = strchr(colon + 1, ':')) {
        size_t bytes = (size_t)(colon - path);
        if (bytes == 0 || bytes >= sizeof prefix) continue;
        snprintf(prefix, sizeof prefix, "%.*s", (int)bytes, path);
        if (stat(prefix, &facts) == 0 && S_ISREG(facts.st_mode)) return bytes;
        if (claimed == 0 && format_for(path, bytes)) claimed = bytes;
    }
    return claimed ? claimed : strlen(path);
}

tw_status tw_path_split(const char *path, char **file, const char **inside) {
    size_t bytes = file_bytes(path);
    char *copy = tw_copy_string(path);
    if (!copy) return TW_ERR_MEMORY;
    copy[bytes] = '\0';
    *file = copy;
    *inside = path + bytes + (path[bytes] == ':');
    return TW_OK;
}

/* A file under the name of another format. */
static tw_status check_content(const char *file, const tw_format *format) {
    char start[16] = "";
    int stream = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = stream < 0 ? 0 : read(stream, start, sizeof start);
    if (stream >= 0) close(stream);
    for (size_t i = 0; i < FORMATS; i++) {
        const tw_format *other = &formats[i];
        if (other == format || got < (ssize_t)(signs[i].at + signs[i].bytes)) continue;
        if (memcmp(start + signs[i].at, signs[i].text, signs[i].bytes) != 0) continue;
        tw_fail(TW_ERR_FORMAT, "is a %s file under the name of a %s file: give it the extension %s",
                other->name, format->name, other->extension);
        return tw_fail_in_file(TW_ERR_FORMAT, file);
    }
    return TW_OK;
}

tw_status tw_bundle_read(const char *path, tw_bundle *bundle) {
    const tw_format *format;
    char *file = NULL;
    const char *inside;
    tw_status status = tw_path_split(path, &file, &inside);
    if (status != TW_OK) return status;
    status = find_format(file, &format);
    if (status == TW_OK && *inside && format->read != read_hdf5) {
        tw_fail(TW_ERR_ARGUMENT, "a %s file has no groups, but '%s' is asked for", format->name,
                inside);
        status = tw_fail_in_file(TW_ERR_ARGUMENT, file);
    }
    if (status == TW_OK) status = check_content(file, format);
    free(file);
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
