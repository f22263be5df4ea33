/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/base/leftovers.h>

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/leftovers_private.h"

enum { PLACES = 64, LONGEST = 4096 };

/* Static, so that a signal handler finds neither freed nor moved memory. */
typedef struct leftover {
    atomic_int state; /* FREE, TAKEN while it is filled, then READY */
    tw_leftover kind;
    int pid;
    char path[LONGEST];
} leftover;

enum { FREE, TAKEN, READY };

static leftover list[PLACES];

static size_t take(void) {
    for (size_t i = 0; i < PLACES; i++) {
        int expected = FREE;
        if (atomic_compare_exchange_strong(&list[i].state, &expected, TAKEN)) return i;
    }
    return PLACES;
}

size_t tw_leftover_path(tw_leftover kind, const char *path) {
    size_t length = strlen(path), place = length < LONGEST ? take() : PLACES;
    if (place == PLACES) return PLACES;
    memcpy(list[place].path, path, length + 1);
    list[place].kind = kind;
    atomic_store(&list[place].state, READY);
    return place;
}

size_t tw_leftover_child(int pid) {
    size_t place = take();
    if (place == PLACES) return PLACES;
    list[place].kind = TW_LEFTOVER_CHILD;
    list[place].pid = pid;
    atomic_store(&list[place].state, READY);
    return place;
}

void tw_leftover_forget(size_t place) {
    if (place < PLACES) atomic_store(&list[place].state, FREE);
}

static void remove_kind(tw_leftover kind) {
    for (size_t i = 0; i < PLACES; i++) {
        if (atomic_load(&list[i].state) != READY || list[i].kind != kind) continue;
        if (kind == TW_LEFTOVER_CHILD)
            kill(list[i].pid, SIGKILL);
        else if (kind == TW_LEFTOVER_FILE)
            unlink(list[i].path);
        else
            rmdir(list[i].path);
    }
}

void tw_leftovers_remove(void) {
    remove_kind(TW_LEFTOVER_CHILD); /* who might write the files anew */
    remove_kind(TW_LEFTOVER_FILE);
    remove_kind(TW_LEFTOVER_FOLDER);
}
