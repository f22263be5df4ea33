/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The spectral density: quadrature nodes or eigenvalues, sorted into atoms and a curve. */
#include <thalweg/spectrum/density.h>

#include <math.h>
#include <stdlib.h>
#include <thalweg/spectrum/spectrum.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/assemble_private.h"
#include "spectrum/density_private.h"
#include "spectrum/estimate_private.h"
#include "spectrum/slq_private.h"

void tw_density_result_clear(tw_density_result *result) {
    if (result == NULL) return;
    free(result->atoms);
    free(result->curve.grid);
    free(result->curve.density);
    free(result->curve.density_error);
    free(result->curve.cumulative);
    free(result->curve.cumulative_error);
    *result = (tw_density_result){0};
}

static tw_status check(const tw_density_options *options) {
    if (options->probes < 2)
        return tw_fail(TW_ERR_ARGUMENT, "%zu probes tell nothing about the error: at least 2",
                       options->probes);
    if (options->steps == 0) return tw_fail(TW_ERR_ARGUMENT, "0 Lanczos steps");
    if (!(options->tolerance > 0.0 && options->tolerance < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "tolerance %g is not between 0 and 1", options->tolerance);
    if (options->points < 2)
        return tw_fail(TW_ERR_ARGUMENT, "a curve needs at least 2 points, not %zu",
                       options->points);
    if (!(options->width >= 0.0) || !isfinite(options->width))
        return tw_fail(TW_ERR_ARGUMENT, "width %g is negative or not finite", options->width);
    return TW_OK;
}

/* ---- Dense route: every eigenvalue is a node of weight 1/n. ---- */

tw_status tw_density_from_values(tw_node_pool *pool, const tw_density_options *options,
                                 tw_density_result *result) {
    tw_status status = TW_OK;
    TW_TRY(check(options));
    pool->exact = true;
    pool->probes = 1;
    pool->distinct = options->steps;
    tw_node_pool_sort(pool);
    result->norm = pool->norm;
    for (size_t i = 0; i < pool->count; i++)
        tw_zero_rule_count(&pool->zero, pool->nodes[i].value,
                           (uint64_t)llround(pool->nodes[i].weight * (double)pool->n));
    result->zero = pool->zero;
    TW_TRY(tw_atoms_find(pool, options->tolerance, result));
    TW_TRY(tw_curve_draw(pool, options, result));
cleanup:
    return status;
}

static tw_status from_eigenvalues(const tw_dense_result *dense, const tw_density_options *options,
                                  tw_density_result *result) {
    tw_status status = TW_OK;
    const tw_eigenpairs *pairs = &dense->pairs;
    tw_node_pool pool = {.count = pairs->count, .rank = pairs->n, .n = pairs->n};
    tw_zero_evidence zero = options->zero;
    zero.rounding =
        tw_zero_rounding(pairs->n, dense->norm, pairs->count, pairs->values, pairs->residuals);
    pool.zero = tw_zero_rule_make(&zero, TW_ZERO_GAP);
    TW_TRY(TW_NEW(pool.nodes, pool.count));
    for (size_t i = 0; i < pool.count; i++)
        pool.nodes[i] = (tw_node){.value = pairs->values[i],
                                  .weight = 1.0 / (double)pairs->n,
                                  .residual = pairs->residuals[i]};
    TW_TRY(tw_density_from_values(&pool, options, result));
cleanup:
    free(pool.nodes);
    return status;
}

static tw_status estimate_dense(const tw_linop *A, const tw_density_options *options,
                                tw_density_result *result) {
    tw_status status = TW_OK;
    tw_dense_options dense_options = TW_DENSE_DEFAULTS;
    tw_dense_result dense = {0};
    const tw_monitor monitor = tw_budget_monitor(&options->budget);
    dense_options.monitor = &monitor;
    result->method = "dense";
    TW_TRY(tw_spectrum_dense(A, &dense_options, &dense));
    result->products = dense.products;
    result->reason = dense.cancelled ? TW_ESTIMATE_CANCELLED : TW_ESTIMATE_COMPLETE;
    if (!dense.cancelled) TW_TRY(from_eigenvalues(&dense, options, result));
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

/* ---- Lanczos quadrature. ---- */

/* What it knows as zero: threshold tolerance ||A||, unless the point asks for more. */
static tw_zero_rule rule_of(const tw_density_options *options, double norm) {
    tw_zero_evidence zero = options->zero;
    zero.rounding = 0.1 * options->tolerance * norm;
    return tw_zero_rule_make(&zero, TW_ZERO_GAP);
}

/* All nodes of all probes; the eigenvectors of the last probe's T stay in slq. */
static tw_status pool_nodes(tw_slq *slq, tw_node_pool *pool) {
    tw_status status = TW_OK;
    tw_nodes nodes = {0};
    TW_TRY(TW_NEW(nodes.value, slq->steps));
    TW_TRY(TW_NEW(nodes.weight, slq->steps));
    TW_TRY(TW_NEW(nodes.residual, slq->steps));
    TW_TRY(TW_NEW(pool->nodes, slq->steps * slq->done));
    for (size_t i = 0; i < slq->done; i++) {
        TW_TRY(tw_slq_nodes(slq, i, slq->count[i], nodes));
        for (size_t j = 0; j < slq->count[i]; j++)
            pool->nodes[pool->count++] = (tw_node){.value = nodes.value[j],
                                                   .weight = nodes.weight[j],
                                                   .residual = nodes.residual[j],
                                                   .probe = i,
                                                   .place = j};
    }
    tw_node_pool_sort(pool);
cleanup:
    free(nodes.value);
    free(nodes.weight);
    free(nodes.residual);
    return status;
}

/* The heaviest node of probe `probe` in atom `atom`. */
static const tw_node *find_member(const tw_node_pool *pool, size_t probe, size_t atom) {
    const tw_node *found = NULL;
    for (size_t i = 0; i < pool->count; i++) {
        const tw_node *node = &pool->nodes[i];
        if (node->atom != atom || node->probe != probe) continue;
        if (found == NULL || node->weight > found->weight) found = node;
    }
    return found;
}

/* Residuals of all atoms by fresh products with the last probe's Ritz vectors. */
static tw_status verify_atoms(tw_slq *slq, const tw_node_pool *pool, tw_density_result *result) {
    tw_probes *source = slq->source;
    size_t n = source->A->n;
    for (size_t a = 0; a < result->atom_count && slq->intact; a++) {
        const tw_node *node = find_member(pool, slq->done - 1, a);
        if (node == NULL) continue; /* the known null space alone, tested apart */
        if (!tw_probes_allow(source, 1)) return TW_OK;
        tw_slq_vector(slq, node->place, slq->X);
        tw_scale(n, 1.0 / tw_norm(source->within.space, n, slq->X), slq->X);
        tw_status status = tw_probes_product(source, 1, slq->X, slq->Y);
        if (status != TW_OK) return status;
        tw_axpy(n, -result->atoms[a].value, slq->X, slq->Y);
        result->atoms[a].residual = tw_norm(source->within.space, n, slq->Y);
    }
    return TW_OK;
}

/* The zero atom answers for the known null space as well. */
static void add_null_residual(double residual, tw_density_result *result) {
    for (size_t a = 0; a < result->atom_count; a++)
        if (result->atoms[a].value == 0.0)
            result->atoms[a].residual = fmax(result->atoms[a].residual, residual);
}

static void describe_probes(const tw_slq *slq, tw_density_result *result) {
    result->probes = slq->done;
    for (size_t i = 0; i < slq->done; i++) {
        result->closed += slq->closed[i];
        if (slq->count[i] > result->steps) result->steps = slq->count[i];
    }
}

/* Without a single probe the known null space is still there, tested when a product is left. */
static tw_status keep_known_zeros(tw_probes *source, const tw_density_options *options,
                                  tw_density_result *result) {
    tw_status status = TW_OK;
    double residual = (double)NAN;
    result->norm = source->size;
    if (result->null_dimension == 0) return TW_OK;
    result->zero = rule_of(options, source->size);
    TW_TRY(tw_probes_check_null(source, result->zero.threshold, &residual));
    TW_TRY(TW_NEW(result->atoms, 1));
    double share = (double)result->null_dimension / (double)source->whole;
    result->atoms[result->atom_count++] =
        (tw_atom){.mass = tw_estimate_exact(share), .residual = residual};
cleanup:
    return status;
}

static tw_status estimate_by_probes(const tw_linop *A, const tw_density_options *options,
                                    tw_density_result *result) {
    tw_status status = TW_OK;
    tw_probes source = {.A = A, .within = options->within, .budget = options->budget};
    tw_slq slq = {0};
    tw_node_pool pool = {0};
    double null_residual = (double)NAN;
    result->method = "lanczos quadrature";
    TW_TRY(tw_probes_init(&source));
    TW_TRY(tw_slq_init(&slq, &source, options->probes, options->steps, options->tolerance));
    TW_TRY(tw_slq_run(&slq));
    describe_probes(&slq, result);
    result->null_dimension = source.whole - source.rank;
    if (slq.done > 0) {
        pool.probes = slq.done;
        pool.rank = source.rank;
        pool.n = source.whole;
        TW_TRY(pool_nodes(&slq, &pool));
        result->norm = pool.norm;
        result->zero = pool.zero = rule_of(options, pool.norm);
        TW_TRY(tw_probes_check_null(&source, pool.zero.threshold, &null_residual));
        TW_TRY(tw_atoms_find(&pool, options->tolerance, result));
        TW_TRY(verify_atoms(&slq, &pool, result));
        add_null_residual(null_residual, result);
        TW_TRY(tw_curve_draw(&pool, options, result));
    } else {
        TW_TRY(keep_known_zeros(&source, options, result));
    }
    result->reason = tw_probes_reason(&source);
    result->products = source.products;
cleanup:
    free(pool.nodes);
    tw_slq_clear(&slq);
    tw_probes_clear(&source);
    return status;
}

tw_status tw_density_estimate(const tw_linop *A, const tw_density_options *options,
                              tw_density_result *result) {
    tw_density_options defaults = TW_DENSITY_DEFAULTS;
    if (options == NULL) options = &defaults;
    *result = (tw_density_result){.continuous = tw_estimate_unknown()};
    tw_status status = check(options);
    if (status == TW_OK) status = tw_budget_check(&options->budget);
    if (status == TW_OK) status = tw_subspace_check(&options->within, A->n);
    if (status != TW_OK) return status;
    bool dense = A->n > 0 && tw_dense_allowed(A->n, &options->within, &options->budget);
    status = dense ? estimate_dense(A, options, result) : estimate_by_probes(A, options, result);
    if (status != TW_OK) tw_density_result_clear(result);
    return status;
}

void tw_density_cost(size_t n, const tw_density_options *options, tw_cost *cost) {
    const tw_density_options defaults = TW_DENSITY_DEFAULTS;
    if (options == NULL) options = &defaults;
    if (n > 0 && tw_dense_allowed(n, &options->within, &options->budget)) {
        tw_dense_cost(n, NULL, cost);
        return;
    }
    size_t rank = tw_subspace_rank(&options->within, n);
    tw_slq_cost(n, rank, options->probes, options->steps, cost);
    double most = fmin(cost->products_most, (double)options->budget.products);
    tw_cost_set_products(cost, cost->products, most);
}
