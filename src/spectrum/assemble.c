/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A = [A e_1 ... A e_n] by block products. The asymmetry is kept as evidence on the products. */
#include <math.h>
#include <string.h>

#include "dense/vector_private.h"
#include "spectrum/assemble_private.h"

bool tw_dense_allowed(size_t n, const tw_subspace *within, const tw_budget *budget) {
    return n <= budget->dense_limit && n <= budget->products / 2 && !tw_subspace_is_spread(within);
}

tw_status tw_assembly_check(const tw_linop *A) {
    if (A->n > TW_DENSE_MAX_ORDER)
        return tw_fail(TW_ERR_UNSUPPORTED, "order %zu is too large for the dense route (%d)", A->n,
                       TW_DENSE_MAX_ORDER);
    return TW_OK;
}

tw_status tw_assembly_product(tw_assembly *assembly, size_t k, const double *X, double *Y) {
    size_t n = assembly->A->n;
    tw_status status = tw_linop_apply(assembly->A, k, X, n, Y, n);
    if (status != TW_OK) return status;
    assembly->products += k;
    if (!tw_all_finite(k * n, Y))
        return tw_fail(TW_ERR_NUMERIC, "a product of the operator of order %zu is not finite", n);
    return TW_OK;
}

size_t tw_assembly_width(const tw_assembly *assembly, size_t column) {
    size_t left = assembly->A->n - column;
    return left < assembly->block ? left : assembly->block;
}

bool tw_assembly_report(tw_assembly *assembly, const char *stage, size_t done, size_t total) {
    assembly->cancelled = tw_monitor_report(assembly->monitor, stage, (double)done, (double)total);
    return assembly->cancelled;
}

static void symmetrise(tw_assembly *assembly, double *matrix) {
    size_t n = assembly->A->n;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < j; i++) {
            double *upper = matrix + i + j * n, *lower = matrix + j + i * n;
            assembly->asymmetry = fmax(assembly->asymmetry, fabs(*upper - *lower));
            *upper = *lower = 0.5 * *upper + 0.5 * *lower;
        }
}

tw_status tw_assemble(tw_assembly *assembly, double *matrix) {
    size_t n = assembly->A->n;
    for (size_t j = 0; j < n; j += assembly->block) {
        size_t k = tw_assembly_width(assembly, j);
        if (tw_assembly_report(assembly, "assembling", j, n)) return TW_OK;
        memset(assembly->panel, 0, n * k * sizeof *assembly->panel);
        for (size_t c = 0; c < k; c++) assembly->panel[j + c + c * n] = 1.0;
        tw_status status = tw_assembly_product(assembly, k, assembly->panel, matrix + j * n);
        if (status != TW_OK) return status;
    }
    symmetrise(assembly, matrix);
    return TW_OK;
}
