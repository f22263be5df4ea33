/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checked allocation. Everything is released by free(). */
#ifndef TW_ALLOC_PRIVATE_H
#define TW_ALLOC_PRIVATE_H

#include <stddef.h>
#include <thalweg/base/status.h>

/* Zeroed room for `count` items of `size` bytes (one byte when count is 0); NULL, with the sentence
 * set, when the product overflows or memory is short. */
void *tw_alloc(size_t count, size_t size);

/* The same for rows x columns items. */
void *tw_alloc_matrix(size_t rows, size_t columns, size_t size);

/* realloc with the same checks; on NULL the old block is still owned by the caller. */
void *tw_resize(void *block, size_t count, size_t size);

/* Copy of a string; NULL with the sentence set when memory is short. */
char *tw_copy_string(const char *text);

/* Status form for TW_TRY: pointer = zeroed array of count items of its own type. */
#define TW_NEW(pointer, count)                                                                     \
    (((pointer) = tw_alloc((count), sizeof *(pointer))) ? TW_OK : TW_ERR_MEMORY)

/* The same for rows x columns of them, where the product may come to more than a size_t: numbers
 * from options. */
#define TW_NEW_MATRIX(pointer, rows, columns)                                                      \
    (((pointer) = tw_alloc_matrix((rows), (columns), sizeof *(pointer))) ? TW_OK : TW_ERR_MEMORY)

#endif
