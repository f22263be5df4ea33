/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "support/oom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
/* cmocka needs the three above first */
#include <cmocka.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void __real_free(void *block);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);

/* Addresses of live blocks, so that freeing one that a shared library made does not count. */
enum { TABLE = 1 << 20 };
static uintptr_t table[TABLE]; /* open addressing; 0: never used, 1: used before */
static size_t live, made;
static bool armed, hit;
static size_t countdown;

static size_t slot_of(uintptr_t address) {
    return (size_t)(address * UINT64_C(0x9E3779B97F4A7C15) >> 44) % TABLE;
}

static void enter(void *block) {
    size_t slot = slot_of((uintptr_t)block);
    if (!block) return;
    while (table[slot] > 1) slot = (slot + 1) % TABLE;
    table[slot] = (uintptr_t)block;
    live++;
    made++;
}

static bool leave(void *block) {
    size_t slot = slot_of((uintptr_t)block);
    while (table[slot] != 0 && table[slot] != (uintptr_t)block) slot = (slot + 1) % TABLE;
    if (table[slot] == 0) return false;
    table[slot] = 1;
    live--;
    return true;
}

static bool fails_now(void) {
    if (!armed || countdown-- > 0) return false;
    armed = false;
    hit = true;
    return true;
}

void *__wrap_malloc(size_t bytes) {
    void *block = fails_now() ? NULL : __real_malloc(bytes);
    enter(block);
    return block;
}

void *__wrap_calloc(size_t count, size_t bytes) {
    void *block = fails_now() ? NULL : __real_calloc(count, bytes);
    enter(block);
    return block;
}

void *__wrap_realloc(void *block, size_t bytes) {
    void *moved = fails_now() ? NULL : __real_realloc(block, bytes);
    if (!moved) return NULL;
    if (block) leave(block);
    enter(moved);
    return moved;
}

void __wrap_free(void *block) {
    if (block) leave(block);
    __real_free(block);
}

void oom_mark(void) {
    made = 0;
}

size_t oom_since_mark(void) {
    return made;
}

size_t oom_live_blocks(void) {
    return live;
}

void oom_arm(size_t n) {
    armed = true;
    hit = false;
    countdown = n;
}

bool oom_hit(void) {
    return hit;
}

static size_t check(tw_status (*call)(void *self), void *self, bool any_status) {
    for (size_t n = 0;; n++) {
        size_t before = live;
        oom_arm(n);
        tw_fail(TW_OK, "%s", "");
        tw_status status = call(self);
        armed = false;
        assert_int_equal(live, before);
        if (!hit) {
            assert_int_equal(status, TW_OK);
            return n;
        }
        if (any_status) continue;
        assert_int_equal(status, TW_ERR_MEMORY);
        assert_string_not_equal(tw_last_error(), "");
    }
}

size_t oom_check(tw_status (*call)(void *self), void *self) {
    return check(call, self, false);
}

size_t oom_check_any_status(tw_status (*call)(void *self), void *self) {
    return check(call, self, true);
}
