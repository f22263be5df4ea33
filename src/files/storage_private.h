/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How numbers stand in files, and their way into and out of the doubles of an array. */
#ifndef TW_STORAGE_PRIVATE_H
#define TW_STORAGE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/files/bundle.h>

/* One kind of number. Kinds are rows of one table in storage.c. */
typedef struct tw_storage {
    const char *name; /* "F32", as safetensors calls it */
    const char *npy;  /* "f4", as numpy calls it, without the byte order; NULL: it does not */
    size_t bytes;
    tw_element element;
    /* raw: count numbers in the machine's byte order. Integers beyond 2^53 become NaN. */
    void (*widen)(const unsigned char *raw, size_t count, double *values);
} tw_storage;

const tw_storage *tw_storage_named(const char *name); /* or NULL */
const tw_storage *tw_storage_npy(const char *name);   /* or NULL */
const tw_storage *tw_storage_of(tw_element element);

/* An array as it stands in a file. */
typedef struct tw_stored {
    const tw_storage *storage;
    bool big_endian;
    bool fortran_order; /* first index fastest */
    size_t rank;
    size_t shape[TW_ARRAY_MAX_RANK];
    size_t length; /* product of the shape */
} tw_stored;

/* The next `bytes` bytes of something. */
typedef struct tw_stream {
    tw_status (*read)(void *self, void *to, size_t bytes);
    void *self; /* borrowed */
} tw_stream;

/* Fill an array of the same shape from a stream. TW_ERR_DATA names the element (C order) that is
 * NaN, Inf or an integer beyond 2^53. */
tw_status tw_array_load(tw_array *array, const tw_stored *stored, const tw_stream *stream);

/* Values that stand in Fortran order (first index fastest) into C order. */
tw_status tw_array_from_fortran(tw_array *array);

/* The same check for values that are in place already. */
tw_status tw_array_check_finite(const tw_array *array);

/* Turn the int64 that stand in the place of the values into doubles. */
tw_status tw_array_from_integers(tw_array *array);

/* Before writing: TW_ERR_DATA unless every value is finite and has a place in its array's element
 * type (rounding to float32 is allowed), TW_ERR_ARGUMENT for a bundle without arrays. */
tw_status tw_bundle_check_writable(const tw_bundle *bundle);

/* Elements first .. first + count - 1 of a checked array as little-endian numbers of its type. */
void tw_array_encode(const tw_array *array, size_t first, size_t count, unsigned char *raw);

/* Elements that fit a buffer of this many bytes are converted at a time: it stays in the cache. */
#define TW_CHUNK_BYTES 32768

#endif
