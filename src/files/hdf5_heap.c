/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The heaps that hold texts of variable length. HDF5 1.10 follows the sizes in them without
 * looking, over the end of its memory or in circles, so they are walked here before it is asked.
 *
 * A heap: "GCOL", version 1, three bytes, its size; then objects, each with an index (2 bytes), a
 * count (2), four bytes, its size, and that many bytes filled up to a multiple of 8. The index 0
 * marks the free rest, whose size counts its own head. Where a heap stands only the attributes
 * know; so every place that begins like one has to be one. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/hdf5_private.h"
#include "files/storage_private.h"

static const char mark[] = {'G', 'C', 'O', 'L', 1};

enum { BEFORE_SIZE = 8, WINDOW = 1 << 20 };

/* Bytes in front of the objects, and of each in front of its content. */
static size_t head_bytes(size_t width) {
    return (BEFORE_SIZE + width + 7) / 8 * 8;
}

static tw_status fail_heap(size_t at) {
    return tw_fail(TW_ERR_FORMAT, "the heap of texts at byte %zu is damaged", at);
}

/* A little-endian number of `bytes` bytes at an offset; false beyond the end of the file. */
static bool read_size(const tw_source *source, size_t at, size_t bytes, size_t *size) {
    unsigned char raw[sizeof(size_t)] = {0};
    if (at > source->bytes || bytes > sizeof raw || bytes > source->bytes - at) return false;
    if (tw_source_read(source, at, raw, bytes) != TW_OK) return false;
    *size = 0;
    for (size_t i = bytes; i-- > 0;) *size = *size << 8 | raw[i];
    return true;
}

/* The objects from `at` to `end`. */
static bool objects_fit(const tw_source *source, size_t at, size_t end, size_t width) {
    const size_t head = head_bytes(width);
    while (end - at >= head) {
        size_t index, size;
        if (!read_size(source, at, 2, &index)) return false;
        if (!read_size(source, at + BEFORE_SIZE, width, &size)) return false;
        if (size > end - at || (index == 0 && size < head)) return false;
        size_t step = index == 0 ? size : head + (size + 7) / 8 * 8;
        if (step > end - at) return false;
        at += step;
    }
    return true;
}

static tw_status check_heap(const tw_source *source, size_t at, size_t width) {
    size_t size;
    if (!read_size(source, at + BEFORE_SIZE, width, &size)) return fail_heap(at);
    if (size < head_bytes(width) || size > source->bytes - at) return fail_heap(at);
    bool fit = objects_fit(source, at + head_bytes(width), at + size, width);
    return fit ? TW_OK : fail_heap(at);
}

/* The next mark at or behind `from`, NULL: there is none. */
static const char *find_mark(const char *from, const char *end) {
    while ((size_t)(end - from) >= sizeof mark) {
        from = memchr(from, mark[0], (size_t)(end - from) - (sizeof mark - 1));
        if (from == NULL) return NULL;
        if (memcmp(from, mark, sizeof mark) == 0) return from;
        from++;
    }
    return NULL;
}

/* Windows overlap by what a mark may lack of its end. */
tw_status tw_hdf5_check_heaps(const tw_source *source, size_t width) {
    tw_status status = TW_OK;
    char *window = NULL;
    TW_TRY(TW_NEW(window, WINDOW));
    for (size_t start = 0; source->bytes - start >= sizeof mark;) {
        size_t left = source->bytes - start, count = left < WINDOW ? left : WINDOW;
        const char *at = window;
        TW_TRY(tw_source_read(source, start, window, count));
        while ((at = find_mark(at, window + count))) {
            TW_TRY(check_heap(source, start + (size_t)(at - window), width));
            at++;
        }
        start += count - (sizeof mark - 1);
    }
cleanup:
    free(window);
    return status;
}
