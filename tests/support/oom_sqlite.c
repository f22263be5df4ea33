/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "support/oom_sqlite.h"

#include <sqlite3.h>
#include <string.h>

#include "support/oom.h"

enum { FRONT = 16 }; /* bytes before a block, for its size */

static void *block_malloc(int bytes) {
    char *block = __wrap_malloc((size_t)bytes + FRONT);
    if (!block) return NULL;
    memcpy(block, &bytes, sizeof bytes);
    return block + FRONT;
}

static void block_free(void *block) {
    if (block) __wrap_free((char *)block - FRONT);
}

static int block_size(void *block) {
    int bytes = 0;
    if (block) memcpy(&bytes, (char *)block - FRONT, sizeof bytes);
    return bytes;
}

static void *block_realloc(void *block, int bytes) {
    void *moved = block_malloc(bytes);
    int kept = block_size(block);
    if (!moved) return NULL;
    memcpy(moved, block, (size_t)(kept < bytes ? kept : bytes));
    block_free(block);
    return moved;
}

static int round_up(int bytes) {
    return (bytes + 7) & ~7;
}

static int nothing_to_start(void *self) {
    (void)self;
    return SQLITE_OK;
}

static void nothing_to_stop(void *self) {
    (void)self;
}

bool oom_hook_sqlite(void) {
    static const sqlite3_mem_methods methods = {block_malloc,    block_free, block_realloc,
                                                block_size,      round_up,   nothing_to_start,
                                                nothing_to_stop, NULL};
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}
