/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vector kernels. Reductions over the entries of a vector take the space it lives in. */
#ifndef TW_VECTOR_PRIVATE_H
#define TW_VECTOR_PRIVATE_H

#include <stdbool.h>
#include <thalweg/base/budget.h>
#include <thalweg/base/random.h>
#include <thalweg/dense/space.h>

/* `space` NULL means serial throughout. */
double tw_dot(const tw_space *space, size_t n, const double *x, const double *y);
double tw_norm(const tw_space *space, size_t n, const double *x);

bool tw_space_is_spread(const tw_space *space);

/* Entries of a whole vector, of which n are held here. */
size_t tw_space_dimension(const tw_space *space, size_t n);

/* TW_ERR_SHAPE, at all owners, unless slices of n entries make up whole vectors. */
tw_status tw_space_check(const tw_space *space, size_t n);

/* flags[i] (at most 2): true at some owner. */
void tw_space_any(const tw_space *space, size_t count, bool *flags);
bool tw_space_any_of(const tw_space *space, bool flag); /* of one */

/* tw_budget_report at every owner; true when one is told to end. */
bool tw_space_told_to_end(const tw_space *space, const tw_budget *budget, const char *stage,
                          double done, double total);

/* x = the n entries held here of a random vector; the stream moves on by a whole one. */
void tw_space_fill_normal(const tw_space *space, tw_random *stream, size_t n, double *x);

/* G = X^T Y for X: n x k and Y: n x m; G: k x m, leading dimension k. */
typedef struct tw_columns {
    const double *data; /* column j at data + j*ld */
    size_t ld;
    size_t count;
} tw_columns;
void tw_gram(const tw_space *space, size_t n, tw_columns X, tw_columns Y, double *G);

/* One pass of X -= Q (Q^T X) for orthonormal Q; coefficients: room for Q.count * k. */
void tw_project_out(const tw_space *space, size_t n, tw_columns Q, size_t k, double *X, size_t ldx,
                    double *coefficients);

/* x, a unit vector, becomes one that is orthogonal to the orthonormal Q: by passes, for as long as
 * one takes away a good part, since its rounding counts then (Daniel, Gragg, Kaufman, Stewart,
 * Math. Comp. 30, 1976). Returns the length that the first pass left; 0: x lies in the span, and is
 * none. coefficients: room for Q.count. */
double tw_make_orthogonal(const tw_space *space, size_t n, tw_columns Q, double *x,
                          double *coefficients);
#define TW_ENOUGH 0.7 /* of a length: a pass that leaves so much need not be repeated */

void tw_axpy(size_t n, double alpha, const double *x, double *y); /* y += alpha x */
void tw_scale(size_t n, double alpha, double *x);                 /* x *= alpha */
void tw_copy(size_t n, const double *x, double *y);               /* y = x */

/* z = a x + b y; any two of them may be one. */
void tw_combine(size_t n, double a, const double *x, double b, const double *y, double *z);

bool tw_all_finite(size_t n, const double *x);

#endif
