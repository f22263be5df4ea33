/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace, Frobenius norm, log-determinant and density from the sectors: sums over few distinct
 * values with their copies, nothing random and no product. */
#include <thalweg/optima/sectors.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "spectrum/density_private.h"
#include "spectrum/trace_private.h"

static tw_status check(const tw_sectors *sectors) {
    if (sectors->applicable && sectors->levels.count > 0) return TW_OK;
    return tw_fail(TW_ERR_ARGUMENT, "sectors do not apply: %s", sectors->refusal);
}

tw_status tw_sectors_trace(const tw_sectors *sectors, const tw_trace_options *options,
                           tw_trace_result *result) {
    tw_status status = TW_OK;
    const tw_levels *levels = &sectors->levels;
    tw_trace_options defaults = TW_TRACE_DEFAULTS;
    double *values = NULL, *copies = NULL;
    if (options == NULL) options = &defaults;
    *result = (tw_trace_result){0};
    TW_TRY(check(sectors));
    TW_TRY(TW_NEW(values, levels->count));
    TW_TRY(TW_NEW(copies, levels->count));
    for (size_t i = 0; i < levels->count; i++) {
        values[i] = levels->rows[i].value;
        copies[i] = (double)levels->rows[i].copies;
    }
    tw_trace_result_init(result);
    result->method = "sectors";
    result->norm = sectors->norm;
    tw_zero_evidence told = {.told = options->zero.told};
    const tw_zero_rule rule =
        told.told > 0.0 ? tw_zero_rule_make(&told, TW_ZERO_GAP) : sectors->zero;
    tw_trace_sum(levels->count, values, copies, &rule, result);
cleanup:
    free(values);
    free(copies);
    return status;
}

tw_status tw_sectors_density(const tw_sectors *sectors, const tw_density_options *options,
                             tw_density_result *result) {
    tw_status status = TW_OK;
    const tw_levels *levels = &sectors->levels;
    tw_density_options defaults = TW_DENSITY_DEFAULTS;
    tw_node_pool pool = {0};
    if (options == NULL) options = &defaults;
    *result = (tw_density_result){0};
    TW_TRY(check(sectors));
    uint64_t total = tw_levels_total(levels);
    pool.rank = pool.n = (size_t)total;
    pool.zero = tw_zero_rule_uncounted(&sectors->zero);
    TW_TRY(TW_NEW(pool.nodes, levels->count));
    for (size_t i = 0; i < levels->count; i++)
        pool.nodes[pool.count++] =
            (tw_node){.value = levels->rows[i].value,
                      .weight = (double)levels->rows[i].copies / (double)total};
    result->method = "sectors";
    TW_TRY(tw_density_from_values(&pool, options, result));
    for (size_t a = 0; a < result->atom_count; a++) result->atoms[a].residual = (double)NAN;
cleanup:
    free(pool.nodes);
    if (status != TW_OK) tw_density_result_clear(result);
    return status;
}
