/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes as text of 64 letters (RFC 4648). */
#ifndef TW_BASE64_PRIVATE_H
#define TW_BASE64_PRIVATE_H

#include <stddef.h>

/* Letters that `count` bytes take, padding included. */
#define TW_BASE64_LENGTH(count) (((count) + 2) / 3 * 4)

/* out: TW_BASE64_LENGTH(count) characters, not terminated. */
void tw_base64(size_t count, const char *bytes, char *out);

#endif
