/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flatness by the route of an estimation. Its counts are judged like all others. Where the dense
 * route cannot tell a value next to zero, sectors tell those of the whole and of every part. */
#include <thalweg/examination/estimation.h>

#include <stdlib.h>

#include "base/alloc_private.h"
#include "examination/estimation_private.h"

/* The spectrum by sectors of this block of coordinates; NULL: they do not know it. */
static const tw_levels *levels_of(const tw_estimation *e, tw_slice slice) {
    const tw_dufm *model = tw_evaluator_model(e->evaluator);
    for (size_t l = 0; l < e->sectors.block_count; l++) {
        tw_block factor = tw_dufm_factor(model, l);
        if (factor.offset == slice.start && factor.rows * factor.cols == slice.length)
            return &e->sectors.blocks[l];
    }
    return NULL;
}

static size_t count_blocks(const tw_estimation *e, const tw_flatness_options *options) {
    return options->block_count > 0 ? options->block_count : e->block_count;
}

/* Options of the route as it stands; blocks (out): count_blocks. */
static tw_flatness_options by_route(const tw_estimation *e, const tw_flatness_options *options,
                                    tw_flat_block *blocks) {
    tw_flatness_options how = *options;
    bool sectors = e->route == TW_ROUTE_SECTORS;
    const tw_flat_block *asked = options->block_count > 0 ? options->blocks : e->blocks;
    how.tangent = e->symmetry ? &e->tangent : NULL;
    how.sectors = sectors ? &e->sectors.levels : NULL;
    how.sectors_zero = &e->sectors.zero;
    if (e->route == TW_ROUTE_PROBES) how.budget.dense_limit = 0;
    how.block_count = count_blocks(e, options);
    for (size_t i = 0; i < how.block_count; i++) {
        blocks[i] = asked[i];
        blocks[i].sectors = sectors ? levels_of(e, blocks[i].slice) : NULL;
    }
    how.blocks = blocks;
    return how;
}

/* A part has counts where the whole has some. */
static void settle_part(const tw_estimation *e, bool counted, tw_flat_part *part) {
    if (!counted) part->zero.negative = part->zero.zero = part->zero.positive = 0;
    tw_estimation_withdraw(e, &part->zero, &part->log_det, &part->zero_modes);
}

static void settle_parts(const tw_estimation *e, tw_flatness *result) {
    bool counted = tw_zero_rule_saw(&result->whole.zero, e->H.n);
    settle_part(e, counted, &result->whole);
    settle_part(e, counted, &result->off_orbit);
    for (size_t i = 0; i < result->block_count; i++) settle_part(e, counted, &result->blocks[i]);
}

tw_status tw_estimation_flatness(tw_estimation *e, const tw_flatness_options *options,
                                 tw_flatness *result) {
    tw_status status = TW_OK;
    const tw_flatness_options defaults = TW_FLATNESS_DEFAULTS;
    tw_flat_block *blocks = NULL;
    bool again = false;
    if (options == NULL) options = &defaults;
    *result = (tw_flatness){0};
    TW_TRY(tw_estimation_symmetry(e));
    TW_TRY(TW_NEW(blocks, count_blocks(e, options)));
    do {
        const tw_flatness_options how = by_route(e, options, blocks);
        tw_flatness_clear(result);
        TW_TRY(tw_flatness_measure(&e->objective, e->theta, &how, result));
        TW_TRY(tw_estimation_settle(e, &result->whole.zero, &again));
    } while (again);
    settle_parts(e, result);
    e->tangent_residual = result->tangent_residual;
    e->hessian.products = result->products;
cleanup:
    if (status != TW_OK) tw_flatness_clear(result);
    free(blocks);
    return status;
}

tw_status tw_estimation_flatness_cost(const tw_estimation *e, const tw_flatness_options *options,
                                      tw_cost *cost) {
    tw_status status = TW_OK;
    const tw_flatness_options defaults = TW_FLATNESS_DEFAULTS;
    tw_flat_block *blocks = NULL;
    if (options == NULL) options = &defaults;
    TW_TRY(TW_NEW(blocks, count_blocks(e, options)));
    const tw_flatness_options how = by_route(e, options, blocks);
    tw_flatness_cost(e->H.n, &how, cost);
cleanup:
    free(blocks);
    return status;
}
