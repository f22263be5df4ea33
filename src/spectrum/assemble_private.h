/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An operator as a dense matrix. */
#ifndef TW_ASSEMBLE_PRIVATE_H
#define TW_ASSEMBLE_PRIVATE_H

#include <stdbool.h>
#include <thalweg/base/budget.h>
#include <thalweg/operator/subspace.h>

enum { TW_DENSE_MAX_ORDER = 32000 }; /* dsyevd counts its 2 n^2 doubles of workspace in an int */

typedef struct tw_assembly {
    const tw_linop *A;
    const tw_monitor *monitor;
    size_t block;     /* columns a product */
    double *panel;    /* n x block, borrowed */
    size_t products;  /* so far */
    double asymmetry; /* max |A_ij - A_ji| before symmetrising */
    bool cancelled;   /* the monitor ended it */
} tw_assembly;

/* Is the whole spectrum by the dense route, 2 n products, within the budget, and every vector in
 * one place? */
bool tw_dense_allowed(size_t n, const tw_subspace *within, const tw_budget *budget);

/* TW_ERR_UNSUPPORTED above the largest order. */
tw_status tw_assembly_check(const tw_linop *A);

/* Y = A X for k columns without gaps: counted, checked for NaN and Inf. */
tw_status tw_assembly_product(tw_assembly *assembly, size_t k, const double *X, double *Y);

/* matrix (n x n, out) = (A + A^T)/2; not finished when cancelled. */
tw_status tw_assemble(tw_assembly *assembly, double *matrix);

/* Columns of the block that starts at `column`. */
size_t tw_assembly_width(const tw_assembly *assembly, size_t column);

/* Report to the monitor; true: stop. */
bool tw_assembly_report(tw_assembly *assembly, const char *stage, size_t done, size_t total);

#endif
