/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner-product space a vector lives in. Every reduction over the n entries of a vector takes
 * one, so that vectors spread over owners (processes, or threads) need no other algorithm than
 * vectors in one place.
 *
 * Spread vectors. Each owner holds a contiguous slice, which may be empty, and calls the same
 * algorithm at the same time, with the same options and its own slice of every vector: of points,
 * eigenvectors, what an operator, a projector or an objective takes and gives. `n` of an operator
 * or objective is then the length of the slice. Numbers in a result (values, counts of modes,
 * dimensions) are those of the whole, alike at all owners. Random vectors are slices of one global
 * vector, the one that a single owner would draw, so that the answer does not depend on how a
 * vector is cut, up to the rounding of its sums.
 *
 * The algorithms decide by sums alone, and meet at each: an owner that stops while the others go on
 * leaves them waiting. Hence what the caller supplies has to keep step:
 *   - `sum` gives all owners the same bits;
 *   - an operator, projector, objective, tangent or observer fails at all owners or at none, with
 *     one code. Values that are not finite, a monitor or a deadline may come up at one owner only;
 *     the others are told;
 *   - memory that runs out at one owner is not told: who runs the owners has to end them all.
 * Algorithms that need whole vectors (dense matrices, arpack, the flow) refuse a space
 * that is spread; those that choose a route take one without. What takes no space holds its vectors
 * whole. */
#ifndef THALWEG_SPACE_H
#define THALWEG_SPACE_H

#include <stddef.h>
#include <thalweg/base/status.h>

typedef struct tw_space {
    /* Adds up `count` partial sums over all owners of a vector, in place; NULL: one owner. */
    void (*sum)(void *self, size_t count, double *partial);
    void *self;
    size_t global; /* entries of a whole vector; 0: the n that this owner holds are all */
    size_t offset; /* entries before the first one held here */
} tw_space;

/* The space of vectors that one process holds whole; static. */
TW_API const tw_space *tw_space_serial(void);

#endif
