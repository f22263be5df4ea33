/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <thalweg/optima/sectors.h>

#include "base/alloc_private.h"

tw_status tw_sectors_of_form(const tw_closed_form *form, const tw_sector_options *options,
                             tw_sectors *sectors) {
    tw_status status = TW_OK;
    const tw_sector_options defaults = TW_SECTOR_DEFAULTS;
    if (options == NULL) options = &defaults;
    const tw_closed_case *given = &form->given;
    size_t K = given->classes, L = given->layers, *widths = NULL;
    double *Z = NULL, *sizes = NULL, *lambda = NULL;
    TW_TRY(TW_NEW(Z, K * K));
    TW_TRY(TW_NEW(sizes, K));
    TW_TRY(TW_NEW(lambda, L));
    TW_TRY(TW_NEW(widths, L + 1));
    TW_TRY(tw_closed_form_class_logits(form, Z));
    for (size_t k = 0; k < K; k++) sizes[k] = (double)given->samples;
    for (size_t l = 0; l < L; l++) {
        widths[l] = given->width;
        lambda[l] = given->lambda;
    }
    widths[L] = K;
    const tw_class_logits logits = {Z, sizes, L, widths, lambda, given->lambda, given->loss};
    TW_TRY(tw_sectors_of_logits(&logits, options, sectors));
cleanup:
    free(Z);
    free(sizes);
    free(lambda);
    free(widths);
    return status;
}
