/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With T the tangent space (dimension m) and the columns of N a basis of the null space, the
 * singular values of (I - P_T) N are the sines of the angles between null vectors and T. When the
 * null space holds T, the m smallest are zero and those of unexplained modes are 1: the m-th
 * smallest is the sine of the largest principal angle. Its sine and not its cosine, which does not
 * see angles below 1e-8. */
#include <math.h>
#include <stdlib.h>
#include <thalweg/certificate/certification.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"

tw_status tw_null_space_match(const tw_tangent *tangent, size_t n, size_t count, const double *null,
                              tw_null_match *match) {
    tw_status status = TW_OK;
    double *normal = NULL, *sines = NULL;
    tw_null_match made = {.matched = true, .found = count, .symmetry = tangent->dimension};
    made.angle = tangent->dimension > count ? (double)NAN : 0.0;
    if (tangent->dimension > 0 && tangent->dimension <= count) {
        TW_TRY(TW_NEW(normal, n * count));
        TW_TRY(TW_NEW(sines, count));
        TW_TRY(tw_linop_apply(&tangent->complement, count, null, n, normal, n));
        TW_TRY(tw_singular_values(n, count, normal, sines, NULL, NULL));
        made.angle = asin(fmin(1.0, sines[count - tangent->dimension]));
    }
    *match = made;
cleanup:
    free(normal);
    free(sines);
    return status;
}
