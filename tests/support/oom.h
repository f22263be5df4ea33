/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocations that fail on purpose. Programs that link oom_dependency have every malloc, calloc,
 * realloc and free of their own code and of the static library pass through here; those of shared
 * libraries do not. One thread only. */
#ifndef TEST_OOM_H
#define TEST_OOM_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

/* Make allocation 0, 1, 2, ... within `call` fail until it succeeds. Each failed call must return
 * TW_ERR_MEMORY with a sentence; none may leave a block behind, nor the one that succeeds: it
 * clears what it made. Returns the number of allocations of that one. */
size_t oom_check(tw_status (*call)(void *self), void *self);

/* The same where a library hides the reason of its failure or can do without the block: any status
 * will do. */
size_t oom_check_any_status(tw_status (*call)(void *self), void *self);

/* Successful allocations from here on: mark, compute, count. */
void oom_mark(void);
size_t oom_since_mark(void);

/* Blocks that are allocated now. */
size_t oom_live_blocks(void);

/* Make allocation `n` from here on fail, once; whether that has happened. */
void oom_arm(size_t n);
bool oom_hit(void);

/* The functions that stand for malloc and free, for libraries with allocation hooks. */
void *__wrap_malloc(size_t bytes);
void __wrap_free(void *block);

#endif
