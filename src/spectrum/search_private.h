/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a search: the set of locked pairs, and what an engine sees of A beside them. */
#ifndef TW_SEARCH_PRIVATE_H
#define TW_SEARCH_PRIVATE_H

#include <thalweg/base/random.h>
#include <thalweg/spectrum/spectrum.h>

#include "spectrum/engine_private.h"

enum { TW_SEARCH_BLOCK = 4 }; /* most columns a product, of vectors that are not long */

/* Columns a product for vectors of `whole` entries: several pay where BLAS has little to do. */
static inline size_t tw_search_block(size_t whole) {
    enum { LONG = 1000000 };
    return whole < LONG ? TW_SEARCH_BLOCK : 2;
}

enum { TW_SEARCH_RANGE_STEPS = 12 }; /* products that measure the range of a spectrum */

tw_status tw_search_check(const tw_linop *A, const tw_search_options *options);

/* What a search may hold of vectors with n entries here. */
typedef struct tw_search_room {
    size_t basis;      /* vectors of the engine */
    size_t candidates; /* pairs that a round proposes at most */
} tw_search_room;

tw_search_room tw_search_room_of(size_t n, const tw_search_options *options);

/* ---- Locked pairs: orthonormal, verified, outermost first. ---- */

typedef struct tw_locked {
    const tw_space *space;
    size_t n, count, room;
    tw_end end;
    double *vectors;      /* n x room; candidates stand behind the locked ones */
    double *values;       /* room */
    double *residuals;    /* room */
    double *coefficients; /* room x TW_SEARCH_BLOCK */
} tw_locked;

tw_status tw_locked_init(tw_locked *locked, size_t n, tw_end end, const tw_space *space);
void tw_locked_clear(tw_locked *locked);

/* Room for `count` pairs and candidates in all. */
tw_status tw_locked_reserve(tw_locked *locked, size_t count);

/* How far inside a value stands: smaller is further out. */
static inline double tw_locked_key(const tw_locked *locked, double value) {
    return locked->end == TW_END_SMALLEST ? value : -value;
}

/* X (n x k) -= Q Q^T X, one pass. */
void tw_locked_project_out(const tw_locked *locked, size_t k, double *X);

/* Make candidate `index` (>= count) a unit vector orthogonal to the locked pairs and to the
 * candidates before it; false when nothing of it is left. */
bool tw_locked_orthonormalise(tw_locked *locked, size_t index);

/* Lock the pair standing at candidate place `index`; returns its place in the order. */
size_t tw_locked_insert(tw_locked *locked, size_t index, double value, double residual);

/* Hand the `count` outermost pairs over, ascending. */
void tw_locked_take(tw_locked *locked, size_t count, tw_eigenpairs *pairs);

/* ---- The complement: keep's range without the locked pairs. ---- */

typedef struct tw_complement {
    const tw_linop *A;
    tw_subspace within;
    const tw_locked *locked;
    size_t wished; /* pairs, for the monitor */
    double sign;   /* +1: smallest end, -1: largest */
    double shift;  /* B = P (shift - sign A) P */
    tw_budget budget;
    size_t products;
    size_t reserve; /* products to leave for verification */
    bool cancelled; /* the monitor ended it */
    bool refused;   /* some product was not allowed */
    size_t block;   /* columns a product */
    double *input;  /* n x block: projected copy of what a product is made of */
    tw_random stream;
    tw_linop view; /* B, for the engines */
} tw_complement;

tw_status tw_complement_init(tw_complement *complement, const tw_linop *A,
                             const tw_search_options *options, const tw_locked *locked);
void tw_complement_clear(tw_complement *complement);

/* Y = A X, both n x k without gaps: counted, reported, checked for NaN and Inf. */
tw_status tw_complement_product(tw_complement *complement, tw_linop_product product, size_t k,
                                const double *X, double *Y);

/* X (n x k) = P X, k <= block; through `input`. */
tw_status tw_complement_project(tw_complement *complement, size_t k, double *X);

/* For tw_engine_task: draw and allow with the complement as self. */
tw_status tw_complement_draw(void *self, double *x, bool *found);
bool tw_complement_allow(void *self, size_t count);

#endif
