/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One array in numpy's own format: a magic number, the header as a Python literal, the numbers. */
#ifndef TW_NPY_PRIVATE_H
#define TW_NPY_PRIVATE_H

#include "files/storage_private.h"

/* Read the header from the front of a stream of `bytes` bytes in all; what follows it is exactly
 * the numbers of `stored` (checked against `bytes`). Versions 1 to 3. */
tw_status tw_npy_read_header(const tw_stream *stream, size_t bytes, tw_stored *stored);

#define TW_NPY_HEADER_ROOM 512

/* The header (version 1.0, C order, little-endian) of an array; returns its bytes. */
size_t tw_npy_print_header(const tw_array *array, char room[TW_NPY_HEADER_ROOM]);

#endif
