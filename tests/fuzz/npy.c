/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One array without the archive around it, whose checksums stand in the fuzzer's way. */
#include <string.h>

#include "files/npy_private.h"
#include "fuzz.h"

typedef struct bytes_left {
    const uint8_t *at;
    size_t count;
} bytes_left;

static tw_status read_bytes(void *self, void *to, size_t bytes) {
    bytes_left *left = self;
    if (bytes > left->count) abort(); /* all sizes were checked before */
    memcpy(to, left->at, bytes);
    left->at += bytes;
    left->count -= bytes;
    return TW_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    bytes_left left = {data, bytes};
    tw_stream stream = {read_bytes, &left};
    tw_stored stored = {0};
    tw_bundle bundle = {0};
    tw_array *array;
    tw_status status = TW_OK;
    TW_TRY(tw_npy_read_header(&stream, bytes, &stored));
    TW_TRY(tw_bundle_add(&bundle, "W", stored.storage->element, stored.rank, stored.shape, &array));
    TW_TRY(tw_array_load(array, &stored, &stream));
    if (left.count != 0) abort();
cleanup:
    check_bundle(status, &bundle);
    tw_bundle_clear(&bundle);
    return 0;
}
