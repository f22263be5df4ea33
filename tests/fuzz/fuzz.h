/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the targets share: whatever a reader accepts must keep the promises of bundle.h. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <thalweg/files/bundle.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static inline void check_bundle(tw_status status, const tw_bundle *bundle) {
    if (status != TW_OK && tw_last_error()[0] == '\0') abort();
    for (size_t i = 0; status == TW_OK && i < bundle->omission_count; i++) {
        const tw_omission *omission = &bundle->omissions[i];
        const tw_array *array;
        if (omission->is_metadata) continue;
        if (tw_bundle_find(bundle, omission->name) || omission->reason[0] == '\0') abort();
        if (tw_bundle_require(bundle, omission->name, &array) == TW_OK) abort();
    }
    for (size_t i = 0; status == TW_OK && i < bundle->array_count; i++) {
        const tw_array *array = &bundle->arrays[i];
        size_t length = tw_array_length(array);
        if (length == 0 || tw_bundle_find(bundle, array->name) != array) abort();
        for (size_t k = 0; k < length; k++) {
            if (!isfinite(array->values[k])) abort();
        }
    }
}

#endif
