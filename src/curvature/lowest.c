/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/curvature/lowest.h>

#include <math.h>
#include <stdlib.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/spectrum.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

#define ROUGH 1e-6 /* times ||H||: a residual that moves v'Hv by its square over the gap */

tw_status tw_lowest_curvature(const tw_objective *f, const double *x, const tw_tangent *tangent,
                              const tw_budget *budget, const tw_space *space, tw_lowest *lowest) {
    tw_status status = TW_OK;
    tw_search_options search = TW_SEARCH_DEFAULTS;
    tw_search_result found = {0};
    tw_hessian hessian = tw_hessian_at(f, x);
    tw_zero_evidence zero = {.explained = tangent ? tangent->dimension : 0};
    double value, *gradient = NULL;
    search.count = 1;
    search.tolerance = ROUGH;
    search.confirmations = 1;
    search.within.space = space;
    search.budget = budget ? *budget : TW_LOWEST_BUDGET;
    TW_TRY(TW_NEW(gradient, f->n));
    TW_TRY(f->eval(f->self, x, &value, gradient));
    tw_linop H = tw_hessian_linop(&hessian);
    TW_TRY(tw_spectrum_search(&H, &search, &found));
    double lowest_value = found.pairs.count ? found.pairs.values[0] : (double)NAN;
    status =
        tw_zero_probe_tangent(&H, tangent, TW_ZERO_PROBES, &search.budget, space, &zero.tangent);
    if (status == TW_STOPPED) lowest_value = (double)NAN;
    TW_TRY(status == TW_STOPPED ? TW_OK : status);
    zero.gradient = tw_norm(space, f->n, gradient);
    zero.rounding = tw_zero_rounding(tw_space_dimension(space, f->n), found.norm, 0, NULL, NULL);
    *lowest = (tw_lowest){.value = lowest_value,
                          .zero = tw_zero_rule_make(&zero, TW_ZERO_GAP),
                          .products = hessian.products};
    lowest->negative = tw_zero_rule_sign(&lowest->zero, lowest_value) < 0;
cleanup:
    tw_search_result_clear(&found);
    free(gradient);
    return status;
}
