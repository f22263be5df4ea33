/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner-product space a vector lives in. Every reduction over the n entries of a vector takes
 * one, so that vectors spread over processes need no other algorithm than vectors in one. */
#ifndef THALWEG_SPACE_H
#define THALWEG_SPACE_H

#include <stddef.h>
#include <thalweg/base/status.h>

typedef struct tw_space {
    /* Adds up `count` partial sums over all owners of a vector, in place; NULL: one owner. */
    void (*sum)(void *self, size_t count, double *partial);
    void *self;
} tw_space;

/* The space of vectors that one process holds whole; static. */
TW_API const tw_space *tw_space_serial(void);

#endif
