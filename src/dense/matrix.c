/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/matrix_private.h"

#include <cblas.h>

#include "dense/threads_private.h"

static void scale_by(double beta, tw_matrix C) {
    for (size_t j = 0; j < C.cols; j++)
        for (size_t i = 0; i < C.rows; i++)
            C.data[i + j * C.ld] = beta == 0.0 ? 0.0 : beta * C.data[i + j * C.ld];
}

void tw_multiply(double alpha, tw_factor A, tw_factor B, double beta, tw_matrix C) {
    size_t inner = A.transposed ? A.rows : A.cols;
    if (C.rows == 0 || C.cols == 0) return;
    if (inner == 0) { /* an empty sum, which BLAS refuses for its leading dimensions */
        scale_by(beta, C);
        return;
    }
    tw_blas_turn turn = tw_blas_begin(2.0 * (double)C.rows * (double)C.cols * (double)inner);
    if (C.cols == 1) /* dgemm would pack all of A for the sake of one column */
        cblas_dgemv(CblasColMajor, A.transposed ? CblasTrans : CblasNoTrans, (int)A.rows,
                    (int)A.cols, alpha, A.data, (int)A.ld, B.data, B.transposed ? (int)B.ld : 1,
                    beta, C.data, 1);
    else
        cblas_dgemm(CblasColMajor, A.transposed ? CblasTrans : CblasNoTrans,
                    B.transposed ? CblasTrans : CblasNoTrans, (int)C.rows, (int)C.cols, (int)inner,
                    alpha, A.data, (int)A.ld, B.data, (int)B.ld, beta, C.data, (int)C.ld);
    tw_blas_end(turn);
}
