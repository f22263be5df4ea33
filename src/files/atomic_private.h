/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that appears whole or not at all: written under a temporary name in the target's folder,
 * brought to the disk, renamed. Sentences do not name the path, the caller does. */
#ifndef TW_ATOMIC_PRIVATE_H
#define TW_ATOMIC_PRIVATE_H

#include <stddef.h>
#include <thalweg/base/status.h>

/* Initialise with {0}. */
typedef struct tw_atomic {
    char *target; /* links followed */
    char *temporary;
    int file;        /* -1 once finished */
    size_t leftover; /* of the temporary file */
} tw_atomic;

/* begin, write ..., finish, publish; abandon after any of them, always, at the end. */
tw_status tw_atomic_begin(tw_atomic *atomic, const char *path);
tw_status tw_atomic_write(tw_atomic *atomic, const void *bytes, size_t count);
tw_status tw_atomic_finish(tw_atomic *atomic);  /* everything is on the disk */
tw_status tw_atomic_publish(tw_atomic *atomic); /* now it has its name */
void tw_atomic_abandon(tw_atomic *atomic);      /* removes what is not published; NULL-safe */

/* All of it for bytes that are at hand; the sentence begins with the path. */
tw_status tw_file_store(const char *path, const void *bytes, size_t count);

#endif
