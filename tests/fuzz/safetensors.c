/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/formats_private.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    tw_bundle bundle = {0};
    tw_source source = tw_source_memory(data, bytes);
    check_bundle(tw_safetensors_read_source(&source, &bundle), &bundle);
    tw_bundle_clear(&bundle);
    return 0;
}
