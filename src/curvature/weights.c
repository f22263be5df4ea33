/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/curvature/weights.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

tw_status tw_weights_init(size_t count, size_t scales, size_t listed, const double *betas,
                          tw_weights *w) {
    tw_status status = TW_OK;
    *w = (tw_weights){.count = count, .pair_count = count * (count - 1) / 2, .listed = listed};
    TW_TRY(TW_NEW(w->scales, scales));
    for (; w->scale_count < scales; w->scale_count++) {
        tw_weight_scale *scale = &w->scales[w->scale_count];
        TW_TRY(TW_NEW(scale->optima, count));
        scale->count = count;
    }
    TW_TRY(TW_NEW(w->pairs, w->pair_count));
    TW_TRY(TW_NEW(w->betas, listed));
    TW_TRY(TW_NEW(w->energy, count * listed));
    if (listed > 0) memcpy(w->betas, betas, listed * sizeof *betas);
cleanup:
    if (status != TW_OK) tw_weights_clear(w);
    return status;
}

void tw_weights_clear(tw_weights *w) {
    if (w == NULL) return;
    for (size_t s = 0; s < w->scale_count; s++) free(w->scales[s].optima);
    free(w->scales);
    free(w->pairs);
    free(w->betas);
    free(w->names);
    free(w->energy);
    *w = (tw_weights){0};
}

static tw_crossing cross(const tw_weight_scale *scale, size_t first, size_t second) {
    return tw_laplace_cross(&scale->optima[first].laplace, &scale->optima[second].laplace);
}

void tw_weights_compare(tw_weights *w) {
    const tw_crossing none = {.beta = (double)NAN, .error = (double)NAN, .lower = (double)NAN};
    size_t pair = 0;
    for (size_t s = 0; s < w->scale_count; s++)
        w->scales[s].crossing = w->count > 1 ? cross(&w->scales[s], 0, 1) : none;
    for (size_t j = 1; j < w->count; j++)
        for (size_t i = 0; i < j; i++)
            w->pairs[pair++] = (tw_weight_pair){i, j, cross(&w->scales[0], i, j)};
    for (size_t i = 0; i < w->count; i++)
        for (size_t b = 0; b < w->listed; b++)
            w->energy[i * w->listed + b] =
                tw_laplace_free_energy(&w->scales[0].optima[i].laplace, w->betas[b]);
}

bool tw_weights_defined(const tw_weights *w) {
    for (size_t s = 0; s < w->scale_count; s++)
        for (size_t i = 0; i < w->count; i++)
            if (!w->scales[s].optima[i].laplace.defined) return false;
    return true;
}
