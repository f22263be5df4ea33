/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <nettle/sha2.h>
#include <nettle/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/files/bundle.h>

#include "files/formats_private.h"
#include "files/source_private.h"
#include "files/storage_private.h"
#include "files/text_private.h"

static tw_status digest_source(const tw_source *source, char digest[65]) {
    struct sha256_ctx context;
    unsigned char chunk[TW_CHUNK_BYTES], raw[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    for (size_t done = 0, count; done < source->bytes; done += count) {
        count = source->bytes - done < sizeof chunk ? source->bytes - done : sizeof chunk;
        tw_status status = tw_source_read(source, done, chunk, count);
        if (status != TW_OK) return status;
        sha256_update(&context, count, chunk);
    }
    sha256_digest(&context, sizeof raw, raw);
    for (size_t i = 0; i < sizeof raw; i++) snprintf(digest + 2 * i, 3, "%02x", raw[i]);
    return TW_OK;
}

tw_status tw_file_digest(const char *path, char digest[65]) {
    tw_source source = {0};
    char *file = NULL;
    const char *inside;
    tw_status status = tw_path_split(path, &file, &inside);
    if (status == TW_OK) status = tw_source_open(&source, file);
    if (status == TW_OK) status = digest_source(&source, digest);
    tw_source_close(&source);
    free(file);
    return tw_fail_in_file(status, path);
}

const char *tw_digest_library(void) {
    static _Thread_local char name[32];
    snprintf(name, sizeof name, "nettle %d.%d", nettle_version_major(), nettle_version_minor());
    return name;
}
