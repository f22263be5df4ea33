/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/operator/hessian.h>

tw_hessian tw_hessian_at(const tw_objective *objective, const double *x) {
    return (tw_hessian){.objective = objective, .x = x, .distance = TW_BESIDE_ROUNDING};
}

static tw_status apply(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy) {
    tw_hessian *hessian = self;
    const tw_objective *f = hessian->objective;
    hessian->products += k;
    return f->hessian(f->self, hessian->x, k, X, ldx, Y, ldy);
}

static tw_status draft(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy) {
    tw_hessian *hessian = self;
    const tw_objective *f = hessian->objective;
    hessian->products += k;
    const tw_beside at = {hessian->x, hessian->distance};
    return f->draft(f->self, &at, k, X, ldx, Y, ldy);
}

tw_linop tw_hessian_linop(tw_hessian *hessian) {
    return (tw_linop){.n = hessian->objective->n,
                      .apply = apply,
                      .self = hessian,
                      .draft = hessian->objective->draft ? draft : NULL};
}
