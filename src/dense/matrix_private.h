/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Column-major matrix views and their product. */
#ifndef TW_MATRIX_PRIVATE_H
#define TW_MATRIX_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

/* A view: entry (i, j) at data[i + j*ld]; owns nothing. */
typedef struct tw_matrix {
    double *data;
    size_t rows, cols, ld;
} tw_matrix;

/* A factor of a product: a view that is only read, taken as it is or transposed. */
typedef struct tw_factor {
    const double *data;
    size_t rows, cols, ld; /* of the stored matrix, before any transposition */
    bool transposed;
} tw_factor;

static inline tw_matrix tw_mat(double *data, size_t rows, size_t cols) {
    return (tw_matrix){data, rows, cols, rows};
}

static inline tw_factor tw_plain(const double *data, size_t rows, size_t cols) {
    return (tw_factor){data, rows, cols, rows, false};
}

static inline tw_factor tw_transposed(const double *data, size_t rows, size_t cols) {
    return (tw_factor){data, rows, cols, rows, true};
}

static inline tw_factor tw_flipped(tw_factor A) {
    A.transposed = !A.transposed;
    return A;
}

/* C = alpha A B + beta C, shapes as given by the views (checked by the caller's construction). With
 * beta = 0, C is not read. The number of BLAS threads follows the size of the product. */
void tw_multiply(double alpha, tw_factor A, tw_factor B, double beta, tw_matrix C);

#endif
