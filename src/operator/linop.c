/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/operator/linop.h>

tw_status tw_linop_apply(const tw_linop *A, size_t k, const double *X, size_t ldx, double *Y,
                         size_t ldy) {
    return k == 0 ? TW_OK : A->apply(A->self, k, X, ldx, Y, ldy);
}

tw_status tw_linop_draft(const tw_linop *A, size_t k, const double *X, size_t ldx, double *Y,
                         size_t ldy) {
    return A->draft ? A->draft(A->self, k, X, ldx, Y, ldy) : tw_linop_apply(A, k, X, ldx, Y, ldy);
}
