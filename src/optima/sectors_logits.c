/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reduced model of a critical point that is given by its class logits alone.
 *
 * Balance fixes the factors up to rotations: with Z diag(sqrt(n_k)) = sum_i sigma_i u_i v_i^T every
 * factor has the singular values c_i/sqrt(lambda_l), c_i^{L+1} = sigma_i prod_l sqrt(lambda_l). */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/optima/sectors.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "optima/sectors_private.h"

/* SVD of the logits in unit coordinates. */
typedef struct decomposed {
    double *values, *U, *Vt; /* K; K x K each */
    size_t rank;
} decomposed;

static void decomposed_clear(decomposed *s) {
    free(s->values);
    free(s->U);
    free(s->Vt);
}

static tw_status decompose(const tw_class_logits *logits, double tolerance, decomposed *s,
                           tw_sector_evidence *evidence) {
    tw_status status = TW_OK;
    size_t K = logits->widths[logits->layers];
    double *scaled = NULL;
    TW_TRY(TW_NEW(scaled, K * K));
    TW_TRY(TW_NEW(s->values, K));
    TW_TRY(TW_NEW(s->U, K * K));
    TW_TRY(TW_NEW(s->Vt, K * K));
    for (size_t k = 0; k < K; k++)
        for (size_t i = 0; i < K; i++)
            scaled[i + K * k] = sqrt(logits->class_sizes[k]) * logits->Z[i + K * k];
    TW_TRY(tw_singular_values(K, K, scaled, s->values, s->U, s->Vt));
    while (s->rank < K && s->values[s->rank] > tolerance * s->values[0]) s->rank++;
    evidence->kept = s->rank ? s->values[s->rank - 1] / s->values[0] : 1.0;
    evidence->dropped = s->rank > 0 && s->rank < K ? s->values[s->rank] / s->values[0] : 0.0;
cleanup:
    free(scaled);
    return status;
}

static double ridge(const tw_class_logits *logits, size_t l) {
    return l == 0 ? logits->lambda_H : logits->lambda_W[l - 1];
}

static void set_cores(const tw_class_logits *logits, const decomposed *s, tw_reduced *x) {
    size_t K = x->classes, r = x->rank, L = x->layers;
    double log_ridges = 0.0;
    for (size_t l = 0; l <= L; l++) log_ridges += 0.5 * log(ridge(logits, l));
    for (size_t i = 0; i < r; i++) {
        double c = exp((log(s->values[i]) + log_ridges) / (double)(L + 1));
        for (size_t l = 1; l < L; l++) x->core[l][i + r * i] = c / sqrt(ridge(logits, l));
        for (size_t k = 0; k < K; k++) {
            x->core[L][k + K * i] = c / sqrt(ridge(logits, L)) * s->U[k + K * i];
            x->core[0][i + r * k] = c / sqrt(ridge(logits, 0)) * s->Vt[i + K * k];
        }
    }
}

static tw_status check_case(const tw_class_logits *logits) {
    size_t K = logits->widths[logits->layers];
    for (size_t l = 0; l <= logits->layers; l++)
        if (!(ridge(logits, l) > 0.0))
            return tw_fail(TW_ERR_ARGUMENT, "ridge %g of factor %zu: balance needs positive ones",
                           ridge(logits, l), l);
    for (size_t k = 0; k < K; k++)
        if (!(logits->class_sizes[k] >= 1.0))
            return tw_fail(TW_ERR_ARGUMENT, "class %zu has %g samples", k, logits->class_sizes[k]);
    return TW_OK;
}

tw_status tw_reduced_from_logits(const tw_class_logits *logits, double rank_tolerance,
                                 tw_reduced *reduced, tw_sector_evidence *evidence) {
    tw_status status = TW_OK;
    decomposed s = {0};
    size_t K = logits->widths[logits->layers];
    TW_TRY(check_case(logits));
    TW_TRY(decompose(logits, rank_tolerance, &s, evidence));
    for (size_t l = 0; l < logits->layers; l++)
        if (logits->widths[l] < s.rank) {
            status = tw_fail(TW_ERR_ARGUMENT, "logits of rank %zu do not fit width d_%zu = %zu",
                             s.rank, l, logits->widths[l]);
            goto cleanup;
        }
    TW_TRY(tw_reduced_init(reduced, logits->layers, K, s.rank));
    reduced->widths = logits->widths;
    reduced->lambda_W = logits->lambda_W;
    reduced->lambda_H = logits->lambda_H;
    reduced->loss = logits->loss;
    for (size_t k = 0; k < K; k++) {
        reduced->sizes[k] = logits->class_sizes[k];
        reduced->total += logits->class_sizes[k];
    }
    set_cores(logits, &s, reduced);
cleanup:
    decomposed_clear(&s);
    return status;
}

tw_status tw_sectors_of_logits(const tw_class_logits *logits, const tw_sector_options *options,
                               tw_sectors *sectors) {
    tw_status status = TW_OK;
    const tw_sector_options defaults = TW_SECTOR_DEFAULTS;
    tw_reduced x = {0};
    if (options == NULL) options = &defaults;
    *sectors = (tw_sectors){0};
    TW_TRY(tw_reduced_from_logits(logits, options->rank_tolerance, &x, &sectors->evidence));
    TW_TRY(tw_sectors_finish(&x, options, sectors));
cleanup:
    if (status != TW_OK) tw_sectors_clear(sectors);
    tw_reduced_clear(&x);
    return status;
}
