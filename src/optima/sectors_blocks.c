/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The diagonal blocks of the Hessian. Z is linear in each factor alone, so that a block is the
 * curvature of the loss seen through the other factors, and the ridge. Outside the signal spaces
 * these let nothing through: there it is the ridge alone. Inside it is the block of the signal
 * sector, and for the features also their spread within a class. */
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"
#include "optima/sectors_private.h"

/* The block of the signal sector, whose whole Hessian is H. */
static tw_status signal_block(const tw_reduced *x, const double *H, size_t l, tw_levels *levels) {
    tw_status status = TW_OK;
    size_t p = tw_reduced_parameters(x), m = tw_reduced_length(x, l);
    const double *from = H + (p + 1) * tw_reduced_start(x, l);
    double *part = NULL, *values = NULL;
    TW_TRY(TW_NEW(part, m * m));
    TW_TRY(TW_NEW(values, m));
    for (size_t j = 0; j < m; j++) tw_copy(m, from + p * j, part + m * j);
    TW_TRY(tw_symmetric_values(m, part, values));
    for (size_t i = 0; i < m; i++) TW_TRY(tw_levels_add(levels, values[i], 1, "class mean"));
cleanup:
    free(part);
    free(values);
    return status;
}

static tw_status block(const tw_reduced *x, const double *H, size_t l, tw_levels *levels) {
    tw_status status = TW_OK;
    size_t below = l == 0 ? x->classes : x->widths[l - 1];
    size_t rows = l == x->layers ? x->classes : x->widths[l];
    uint64_t rest = (uint64_t)rows * below - tw_reduced_length(x, l);
    TW_TRY(signal_block(x, H, l, levels));
    TW_TRY(tw_levels_add(levels, l == 0 ? x->lambda_H : x->lambda_W[l - 1], rest, "ridge"));
    if (l == 0) TW_TRY(tw_sectors_within_class(x, levels));
cleanup:
    return status;
}

tw_status tw_sectors_blocks(const tw_reduced *x, const tw_monitor *monitor, tw_sectors *sectors) {
    tw_status status = TW_OK;
    size_t p = tw_reduced_parameters(x);
    double *H = NULL;
    TW_TRY(TW_NEW(sectors->blocks, x->layers + 1));
    sectors->block_count = x->layers + 1;
    TW_TRY(TW_NEW(H, p * p));
    TW_TRY(tw_reduced_hessian(x, monitor, H));
    for (size_t l = 0; l <= x->layers; l++) {
        TW_TRY(block(x, H, l, &sectors->blocks[l]));
        tw_levels_join(&sectors->blocks[l], TW_SECTORS_JOIN * sectors->norm);
    }
cleanup:
    free(H);
    return status;
}
