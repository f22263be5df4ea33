/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list behind tw_leftovers_remove. A name stands in it before the thing exists, so that no
 * signal comes between. */
#ifndef TW_LEFTOVERS_PRIVATE_H
#define TW_LEFTOVERS_PRIVATE_H

#include <stddef.h>

typedef enum tw_leftover { TW_LEFTOVER_FILE, TW_LEFTOVER_FOLDER, TW_LEFTOVER_CHILD } tw_leftover;

/* A path (copied) that may have to be removed, or the process group of a child; the place in the
 * list. A full list and an overlong path are no failure: the place is then none. */
size_t tw_leftover_path(tw_leftover kind, const char *path);
size_t tw_leftover_child(int pid);

/* It is no longer ours: removed, renamed, ended. */
void tw_leftover_forget(size_t place);

#endif
