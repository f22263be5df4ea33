/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claims/selftest_private.h"

#include <thalweg/dense/blas.h>

tw_status tw_selftest_blas(tw_selftest_result *checks) {
    const tw_blas blas = tw_blas_describe();
    tw_blas_figures f = {0};
    tw_status status = tw_blas_check(&f);
    const struct {
        const char *name;
        double figure;
    } rows[] = {{"dgemm", f.gemm}, {"dsyrk", f.syrk}, {"dtrsm", f.trsm}, {"dsyevd", f.syevd}};
    for (size_t i = 0; status == TW_OK && i < sizeof rows / sizeof *rows; i++)
        tw_checks_add(checks, rows[i].figure, 1.0, "%s %s, kernel %s: %s, of what rounding allows",
                      blas.name, blas.version, blas.kernel, rows[i].name);
    return status;
}
