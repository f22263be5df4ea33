/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reader and writer of safetensors share. */
#ifndef TW_SAFETENSORS_PRIVATE_H
#define TW_SAFETENSORS_PRIVATE_H

/* The member of the header that holds the metadata. */
#define TW_SAFETENSORS_METADATA "__metadata__"

/* The format allows 100 MB. Hostile JSON takes 80 times its size once it is parsed, and 4 MiB are
 * more than the largest number of arrays needs. */
#define TW_SAFETENSORS_HEADER_MAX_BYTES (4 << 20)

#endif
