/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/base64_private.h"

#include <nettle/base64.h>
#include <stdint.h>

void tw_base64(size_t count, const char *bytes, char *out) {
    base64_encode_raw(out, count, (const uint8_t *)bytes);
}
