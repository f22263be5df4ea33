/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A symmetric linear operator: an order and one slot, the product with a block of vectors. */
#ifndef THALWEG_LINOP_H
#define THALWEG_LINOP_H

#include <stddef.h>
#include <thalweg/base/status.h>

/* Y = A X. X: n x k, column j at X + j*ldx; Y: n x k, column j at Y + j*ldy; ldx, ldy >= n;
 * X and Y do not overlap. A is symmetric: every routine that takes a tw_linop relies on it. */
typedef tw_status (*tw_linop_apply_fn)(void *self, size_t k, const double *X, size_t ldx, double *Y,
                                       size_t ldy);

/* By value; `self` is borrowed and must outlive the operator. */
typedef struct tw_linop {
    size_t n; /* the order; on spread vectors (space.h) the length of the slice */
    tw_linop_apply_fn apply;
    void *self;
    tw_linop_apply_fn draft; /* NULL, or a cheaper product with a matrix that differs from A by
                                little more than rounding: to look with, not to judge by */
} tw_linop;

TW_API tw_status tw_linop_apply(const tw_linop *A, size_t k, const double *X, size_t ldx, double *Y,
                                size_t ldy);
/* By `draft` where there is one. */
TW_API tw_status tw_linop_draft(const tw_linop *A, size_t k, const double *X, size_t ldx, double *Y,
                                size_t ldy);

/* One of the two: what a composite does with another operator, it does with its drafts as well. */
typedef tw_status (*tw_linop_product)(const tw_linop *A, size_t k, const double *X, size_t ldx,
                                      double *Y, size_t ldy);

#endif
