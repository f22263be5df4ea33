/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk over the heaps of texts that guards HDF5: it ends, and stays within its bytes. */
#include "files/hdf5_private.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    tw_source source = tw_source_memory(data, bytes);
    for (size_t width = 2; width <= 8; width *= 2) {
        tw_status status = tw_hdf5_check_heaps(&source, width);
        if (status != TW_OK && tw_last_error()[0] == '\0') abort();
    }
    return 0;
}
