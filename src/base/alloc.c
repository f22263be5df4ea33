/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/alloc_private.h"

#include <stdlib.h>
#include <string.h>

static size_t checked_bytes(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return 0;
    return bytes ? bytes : 1;
}

void *tw_alloc(size_t count, size_t size) {
    size_t bytes = checked_bytes(count, size);
    void *block = bytes ? calloc(bytes, 1) : NULL;
    if (!block) tw_fail(TW_ERR_MEMORY, "no memory for %zu items of %zu bytes", count, size);
    return block;
}

void *tw_alloc_matrix(size_t rows, size_t columns, size_t size) {
    size_t count;
    if (!__builtin_mul_overflow(rows, columns, &count)) return tw_alloc(count, size);
    tw_fail(TW_ERR_MEMORY, "no memory for %zu x %zu items of %zu bytes", rows, columns, size);
    return NULL;
}

void *tw_resize(void *block, size_t count, size_t size) {
    size_t bytes = checked_bytes(count, size);
    void *moved = bytes ? realloc(block, bytes) : NULL;
    if (!moved) tw_fail(TW_ERR_MEMORY, "no memory for %zu items of %zu bytes", count, size);
    return moved;
}

char *tw_copy_string(const char *text) {
    size_t bytes = strlen(text) + 1;
    char *copy = tw_alloc(bytes, 1);
    if (copy) memcpy(copy, text, bytes);
    return copy;
}
