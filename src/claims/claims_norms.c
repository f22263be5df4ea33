/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claim (h): norms of the Hessian at collapse and at the cross-polytope, as lambda -> 0. Both
 * scales grow like log(1/lambda) and differ by a constant, so that a ratio of norms is R + c/a +
 * ..., with a the scale at collapse: doubling a and extrapolating takes c away. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdlib.h>
#include <thalweg/optima/sectors.h>

#include "base/alloc_private.h"

enum { NORMS = 3, DOUBLINGS = 5 };
#define FIRST_SCALE 40.0

static const char *const names[NORMS] = {"spectral norm", "Frobenius norm", "trace"};

static void norms_of(const tw_levels *levels, double *norms) {
    norms[0] = norms[1] = norms[2] = 0.0;
    for (size_t i = 0; i < levels->count; i++) {
        double t = levels->rows[i].value, copies = (double)levels->rows[i].copies;
        norms[0] = fmax(norms[0], fabs(t));
        norms[1] = hypot(norms[1], sqrt(copies) * t);
        norms[2] += copies * t;
    }
}

/* By sectors, from the class logits. norms: out, in units of lambda. */
static tw_status measure(const tw_closed_case *given, const char *name, double *norms,
                         double *zero) {
    tw_status status = TW_OK;
    tw_closed_form form = {0};
    tw_sectors sectors = {0};
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    TW_TRY(tw_closed_form_solve(given, name, &form));
    TW_TRY(tw_sectors_of_form(&form, &options, &sectors));
    if (!sectors.applicable)
        TW_TRY(tw_fail(TW_ERR_NUMERIC, "claim h, %s: %s", name, sectors.refusal));
    norms_of(&sectors.levels, norms);
    for (size_t i = 0; i < NORMS; i++) norms[i] /= given->lambda;
    *zero = (double)sectors.zero.zero;
cleanup:
    tw_closed_form_clear(&form);
    tw_sectors_clear(&sectors);
    return status;
}

/* lambda at which (4.1) has the larger root a. */
static double lambda_of(const tw_closed_case *c, double a) {
    double K = (double)c->classes, L = (double)c->layers;
    return pow(a, (L - 1) / (L + 1)) / (exp(a) + K - 1) / pow((double)c->samples, 1 / (L + 1));
}

/* Without the terms in 1/a and 1/a^2: from the scales FIRST_SCALE 2^last and the two before. */
static double limit_of(double ratios[DOUBLINGS][NORMS], size_t norm, size_t last) {
    double near = 2 * ratios[last][norm] - ratios[last - 1][norm];
    double far = 2 * ratios[last - 1][norm] - ratios[last - 2][norm];
    return (4 * near - far) / 3;
}

/* (11.7) */
static double trace_limit(const tw_closed_case *c) {
    double K = (double)c->classes, L = (double)c->layers, n = (double)c->samples;
    return (K - 1) * (1 + L * (K - 1) / (K * n)) / (K * (1 + (L + 1) / (2 * n)));
}

static void add_ratio(tw_claim_run *run, const tw_closed_case *c, size_t norm,
                      double ratios[DOUBLINGS][NORMS]) {
    double before = limit_of(ratios, norm, DOUBLINGS - 2);
    double limit = limit_of(ratios, norm, DOUBLINGS - 1);
    size_t K = c->classes, L = c->layers;
    tw_claim_add(run, (tw_claim_test){ratios[DOUBLINGS - 1][norm], "", NAN, 0},
                 "K = %zu, L = %zu, n = %zu: ratio of the %s at a = %g", K, L, c->samples,
                 names[norm], FIRST_SCALE * 16);
    tw_claim_add(run, (tw_claim_test){limit, "=", before, 2e-3 * fabs(before)},
                 "... its limit by extrapolation, against that from half the scales");
    if (norm == 0)
        tw_claim_add(run, (tw_claim_test){limit, "=", run->constants[1], 2e-3},
                     "... which is the same for both");
    if (norm == 2)
        tw_claim_add(run, (tw_claim_test){limit, "=", trace_limit(c), 2e-3}, "... by (11.7)");
}

static tw_status compare(tw_claim_run *run, const tw_closed_case *setting) {
    tw_status status = TW_OK;
    tw_closed_case c = *setting;
    double ratios[DOUBLINGS][NORMS], zero[2] = {0}, power = run->constants[0];
    for (size_t i = 0; i < DOUBLINGS; i++) {
        double dnc[NORMS], polytope[NORMS];
        c.lambda = lambda_of(&c, FIRST_SCALE * (double)(1 << i));
        TW_TRY(measure(&c, "dnc", dnc, &zero[0]));
        TW_TRY(measure(&c, "cross-polytope", polytope, &zero[1]));
        for (size_t m = 0; m < NORMS; m++)
            ratios[i][m] = dnc[m] / polytope[m] * pow(c.lambda * polytope[m], 1.0 - power);
    }
    for (size_t m = 0; m < NORMS; m++) add_ratio(run, &c, m, ratios);
    tw_claim_add(run, (tw_claim_test){zero[0] / zero[1], ">", 1.0, 0},
                 "... ratio of their zero modes, the same at every lambda");
cleanup:
    return status;
}

tw_status tw_claim_norms(tw_claim_run *run) {
    tw_status status = TW_OK;
    const tw_loss *ce = tw_loss_find("ce");
    const tw_closed_case cases[] = {
        {6, 2, 8, 2, 0.0, ce}, {4, 1, 4, 3, 0.0, ce}, {10, 5, 64, 2, 0.0, ce}};
    size_t count = run->quick ? 2 : 3;
    for (size_t i = 0; i < count && !tw_claim_stop(run, (double)i, (double)count); i++)
        TW_TRY(compare(run, &cases[i]));
    tw_claim_computed(
        run,
        "%zu models; spectra of both points by sectors at lambda where a = 40, 80, "
        "160, 320, 640 (down to 1e-278); ratios collapse over cross-polytope, and their "
        "limits by extrapolation in 1/a.",
        count);
cleanup:
    return status;
}
