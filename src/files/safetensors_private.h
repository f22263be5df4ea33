/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reader and writer of safetensors share. */
#ifndef TW_SAFETENSORS_PRIVATE_H
#define TW_SAFETENSORS_PRIVATE_H

/* The member of the header that holds the metadata. */
#define TW_SAFETENSORS_METADATA "__metadata__"

/* The format allows 100 MB; 16 MiB are some 100 000 arrays. */
#define TW_SAFETENSORS_HEADER_MAX_BYTES (16 << 20)

#endif
