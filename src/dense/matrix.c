/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/matrix_private.h"

#include <cblas.h>

#include "dense/threads_private.h"

void tw_multiply(double alpha, tw_factor A, tw_factor B, double beta, tw_matrix C) {
    size_t inner = A.transposed ? A.rows : A.cols;
    if (C.rows == 0 || C.cols == 0) return;
    tw_threads_for(2.0 * (double)C.rows * (double)C.cols * (double)inner);
    cblas_dgemm(CblasColMajor, A.transposed ? CblasTrans : CblasNoTrans,
                B.transposed ? CblasTrans : CblasNoTrans, (int)C.rows, (int)C.cols, (int)inner,
                alpha, A.data, (int)A.ld, B.data, (int)B.ld, beta, C.data, (int)C.ld);
}
