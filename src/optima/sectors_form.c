/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <thalweg/optima/sectors.h>

#include "base/alloc_private.h"
#include "optima/sectors_private.h"

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

/* ---- Their spectrum as a list ---- */

double tw_closed_form_sector_order(const tw_closed_form *form) {
    if (form->has_spectrum || !form->exists) return 0.0;
    return tw_signal_order(form->given.layers, form->given.classes, form->rank);
}

void tw_closed_form_cost(const tw_closed_form *form, tw_cost *cost) {
    *cost = tw_signal_cost(tw_closed_form_sector_order(form));
}

/* What the spectrum says about a form whose stability no formula knows. */
static void judge(const tw_zero_rule *zero, tw_closed_form *form) {
    if (form->stability != TW_CLOSED_UNKNOWN || tw_zero_rule_doubt(zero) != TW_ZERO_CLEAR) return;
    form->stability = zero->negative > 0 ? TW_CLOSED_SADDLE : TW_CLOSED_STABLE;
}

tw_status tw_closed_form_list(tw_closed_form *form, const tw_sector_options *options,
                              uint64_t smallest, uint64_t largest, tw_listing *listing) {
    tw_status status = TW_OK;
    tw_sectors sectors = {0};
    const tw_sector_options how = options ? *options : TW_SECTOR_DEFAULTS;
    *listing = (tw_listing){.parameters = form->parameters, .method = "closed-form"};
    if (form->has_spectrum)
        return tw_listing_take(&form->levels, &form->zero, smallest, largest, listing);
    listing->method = "sectors";
    listing->reason = "dense limit";
    if (tw_closed_form_sector_order(form) > (double)how.budget.dense_limit) return TW_OK;
    TW_TRY(tw_sectors_of_form(form, &how, &sectors));
    if (!sectors.applicable)
        TW_TRY(tw_fail(TW_ERR_UNSUPPORTED, "sectors do not apply: %s", sectors.refusal));
    judge(&sectors.zero, form);
    TW_TRY(tw_listing_take(&sectors.levels, &sectors.zero, smallest, largest, listing));
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}
