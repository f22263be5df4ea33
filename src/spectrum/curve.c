/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of the spectrum that is no atom, widened: every node becomes a Gaussian of its weight,
 * and the cumulative curve is the integral of that density. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "spectrum/density_private.h"
#include "spectrum/slq_private.h"

#define BEYOND 3.0 /* widths that the grid goes on behind the outermost nodes */

/* Extent of the nodes without an atom. */
typedef struct extent {
    double low, high;
    size_t count;
} extent;

static bool belongs(const tw_node *node) {
    return node->atom == TW_NO_ATOM && node->weight > TW_NODE_DUST;
}

static extent measure(const tw_node_pool *pool) {
    extent e = {0};
    for (size_t i = 0; i < pool->count; i++) {
        const tw_node *node = &pool->nodes[i];
        if (!belongs(node)) continue;
        if (e.count++ == 0) e.low = node->value;
        e.high = node->value;
    }
    return e;
}

/* Lanczos places its nodes about one to an interval that it can resolve, so their mean distance is
 * the width at which the curve neither shows single nodes nor hides more than it must. */
static double choose_width(const tw_node_pool *pool, const extent *e,
                           const tw_density_options *options) {
    if (options->width > 0.0) return options->width;
    double each = (double)e->count / (double)pool->probes;
    double width = (e->high - e->low) / fmax(each, 1.0);
    return fmax(width, options->tolerance * pool->norm);
}

/* One probe's density and mass below x, as shares of the whole spectrum. */
static void add_probe(const tw_node_pool *pool, double x, double width, double *density,
                      double *below) {
    double share = (double)pool->rank / (double)pool->n, root = sqrt(2.0);
    double top = sqrt(2.0 * acos(-1.0)) * width;
    for (size_t i = 0; i < pool->count; i++) {
        const tw_node *node = &pool->nodes[i];
        if (!belongs(node)) continue;
        double u = (x - node->value) / width, w = share * node->weight;
        density[node->probe] += w * exp(-0.5 * u * u) / top;
        below[node->probe] += w * 0.5 * erfc(-u / root);
    }
}

static void mean_and_error(size_t count, double *sample, bool exact, double *mean, double *error) {
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < count; i++) sum += sample[i];
    *mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) square += (sample[i] - *mean) * (sample[i] - *mean);
    *error = exact       ? 0.0
             : count > 1 ? sqrt(square / (double)(count - 1) / (double)count)
                         : (double)NAN;
    for (size_t i = 0; i < count; i++) sample[i] = 0.0;
}

static tw_status allocate(size_t points, tw_curve *curve) {
    tw_status status = TW_OK;
    TW_TRY(TW_NEW(curve->grid, points));
    TW_TRY(TW_NEW(curve->density, points));
    TW_TRY(TW_NEW(curve->density_error, points));
    TW_TRY(TW_NEW(curve->cumulative, points));
    TW_TRY(TW_NEW(curve->cumulative_error, points));
    curve->count = points;
cleanup:
    return status;
}

tw_status tw_curve_draw(const tw_node_pool *pool, const tw_density_options *options,
                        tw_density_result *result) {
    tw_status status = TW_OK;
    double *density = NULL, *below = NULL;
    tw_curve *curve = &result->curve;
    extent e = measure(pool);
    if (e.count == 0 || result->continuous.value <= 0.0) return TW_OK;
    TW_TRY(allocate(options->points, curve));
    TW_TRY(TW_NEW(density, pool->probes));
    TW_TRY(TW_NEW(below, pool->probes));
    curve->width = choose_width(pool, &e, options);
    double low = e.low - BEYOND * curve->width, high = e.high + BEYOND * curve->width;
    for (size_t i = 0; i < curve->count; i++) {
        double x = low + (high - low) * (double)i / (double)(curve->count - 1);
        curve->grid[i] = x;
        add_probe(pool, x, curve->width, density, below);
        mean_and_error(pool->probes, density, pool->exact, &curve->density[i],
                       &curve->density_error[i]);
        mean_and_error(pool->probes, below, pool->exact, &curve->cumulative[i],
                       &curve->cumulative_error[i]);
    }
cleanup:
    free(density);
    free(below);
    return status;
}
