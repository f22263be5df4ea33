/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to read from: a regular file, or memory (tests and fuzzing read without a disk). */
#ifndef TW_SOURCE_PRIVATE_H
#define TW_SOURCE_PRIVATE_H

#include <stddef.h>
#include <thalweg/base/status.h>

/* Initialise with {0}. */
typedef struct tw_source {
    const char *path;            /* borrowed; NULL: memory */
    const unsigned char *memory; /* borrowed */
    size_t bytes;                /* the real size, the bound of every other */
    int file;
} tw_source;

/* Sentences do not name the path, the caller does. */
tw_status tw_source_open(tw_source *source, const char *path);
void tw_source_close(tw_source *source); /* idempotent, NULL-safe */
tw_source tw_source_memory(const void *memory, size_t bytes);

/* `count` bytes from `offset` on; TW_ERR_IO when they are not all there. */
tw_status tw_source_read(const tw_source *source, size_t offset, void *to, size_t count);

/* A whole file of at most `limit` bytes, with a NUL behind it; *text (out, owned: free). */
tw_status tw_file_load(const char *path, size_t limit, char **text, size_t *bytes);

#endif
