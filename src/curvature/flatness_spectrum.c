/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <thalweg/spectrum/spectrum.h>

#include "base/alloc_private.h"
#include "curvature/flatness_private.h"
#include "dense/vector_private.h"
#include "spectrum/assemble_private.h"
#include "spectrum/estimate_private.h"
#include "spectrum/search_private.h"
#include "spectrum/trace_private.h"

enum { NORM_PRODUCTS = 100 }; /* of the loosely estimated norm */

/* The rule of a route that has these pairs. */
static tw_zero_rule rule_of(const tw_flat_measurement *m, const tw_flat_space *s, double norm,
                            const tw_eigenpairs *pairs) {
    tw_zero_evidence zero = m->zero;
    size_t n = s->A.n;
    if (s->alone) zero = (tw_zero_evidence){.gradient = zero.gradient, .told = zero.told};
    zero.rounding = tw_zero_rounding(tw_space_dimension(m->options->space, n), norm, pairs->count,
                                     pairs->values, pairs->residuals);
    return tw_zero_rule_make(&zero, TW_ZERO_GAP);
}

static void set_sums(const tw_trace_result *r, const tw_flat_space *s, tw_flat_part *part) {
    part->method = r->method;
    part->zero = r->zero;
    part->trace = r->trace;
    part->frobenius = r->frobenius;
    part->log_det = r->log_det;
    part->zero_modes = tw_estimate_affine((double)s->known_zeros, 1.0, r->zero_modes);
}

/* A value whose residual bounds its error. */
static tw_estimate within(double value, double residual) {
    return (tw_estimate){value, residual, value - residual, value + residual, false};
}

static void set_condition(double norm, double error, tw_flat_part *part) {
    const tw_estimate *small = &part->smallest;
    double value = norm / small->value;
    if (isnan(value)) return;
    part->condition = small->exact && error == 0.0
                          ? tw_estimate_exact(value)
                          : within(value, value * (error / norm + small->error / small->value));
}

static void keep_top(tw_flat_measurement *m, const tw_flat_space *s, const double *v) {
    double *at = m->top + m->objective->n * m->top_count++;
    for (size_t i = 0; i < m->objective->n; i++) at[i] = 0.0;
    tw_copy(s->A.n, v, at + s->start);
}

static tw_status measure_dense(tw_flat_measurement *m, const tw_flat_space *s, tw_flat_part *part) {
    tw_status status = TW_OK;
    const tw_monitor monitor = tw_budget_monitor(&m->options->budget);
    tw_dense_options options = {.block = 64, .keep_vectors = true, .monitor = &monitor};
    tw_dense_result dense = {0};
    tw_trace_result sums = {0};
    TW_TRY(tw_spectrum_dense(&s->A, &options, &dense));
    if (dense.cancelled) {
        m->result->reason = TW_ESTIMATE_CANCELLED;
        goto cleanup;
    }
    size_t n = s->A.n;
    tw_trace_result_init(&sums);
    sums.method = "dense";
    sums.null_dimension = s->known;
    const tw_zero_rule rule = rule_of(m, s, dense.norm, &dense.pairs);
    tw_trace_sum(n, dense.pairs.values, NULL, &rule, &sums);
    set_sums(&sums, s, part);
    part->largest = tw_estimate_exact(dense.pairs.values[n - 1]);
    if (isfinite(sums.smallest_nonzero)) part->smallest = tw_estimate_exact(sums.smallest_nonzero);
    set_condition(dense.norm, 0.0, part);
    for (size_t i = 0; i < TW_FLAT_TOP && i < n; i++)
        keep_top(m, s, dense.pairs.vectors + n * (n - 1 - i));
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

static tw_subspace subspace(const tw_flat_measurement *m, const tw_flat_space *s) {
    return (tw_subspace){
        .keep = s->keep, .removed = s->keep ? s->known : 0, .space = m->options->space};
}

static tw_search_options search_options(const tw_flat_measurement *m, tw_end end,
                                        const tw_flat_space *s) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.end = end;
    options.count = 1;
    options.within = subspace(m, s);
    options.budget = tw_flat_budget(m);
    return options;
}

static void note_end(tw_flat_measurement *m, tw_search_reason reason) {
    if (reason == TW_SEARCH_CANCELLED) m->result->reason = TW_ESTIMATE_CANCELLED;
    if (reason == TW_SEARCH_PRODUCTS && m->result->reason == TW_ESTIMATE_COMPLETE)
        m->result->reason = TW_ESTIMATE_PRODUCTS;
}

/* The largest eigenvalue with its vector; *norm (out) of the operator, from below. */
static tw_status search_top(tw_flat_measurement *m, const tw_flat_space *s, tw_flat_part *part,
                            double *norm) {
    tw_status status = TW_OK;
    tw_search_options options = search_options(m, TW_END_LARGEST, s);
    tw_search_result found = {0};
    TW_TRY(tw_spectrum_search(&s->A, &options, &found));
    note_end(m, found.reason);
    *norm = found.norm;
    if (found.pairs.count > 0) {
        if (!part->largest.exact)
            part->largest = within(found.pairs.values[0], found.pairs.residuals[0]);
        keep_top(m, s, found.pairs.vectors);
    }
cleanup:
    tw_search_result_clear(&found);
    return status;
}

/* Everything from below up to the first eigenvalue above the largest threshold that the pairs may
 * ask for. */
static tw_status search_bottom(tw_flat_measurement *m, const tw_flat_space *s, double norm,
                               tw_flat_part *part) {
    tw_status status = TW_OK;
    tw_search_options options = search_options(m, TW_END_SMALLEST, s);
    tw_search_result found = {0};
    tw_zero_evidence worst = m->zero;
    worst.rounding = options.tolerance * norm;
    options.beyond = tw_zero_rule_make(&worst, TW_ZERO_GAP).threshold;
    TW_TRY(tw_spectrum_search(&s->A, &options, &found));
    note_end(m, found.reason);
    if (found.reason != TW_SEARCH_COMPLETE && found.reason != TW_SEARCH_ALL) goto cleanup;
    const tw_zero_rule rule = rule_of(m, s, norm, &found.pairs);
    for (size_t i = 0; i < found.pairs.count; i++) {
        double size = fabs(found.pairs.values[i]);
        if (tw_zero_rule_sign(&rule, found.pairs.values[i]) != 0 && !(size >= part->smallest.value))
            part->smallest = within(size, found.pairs.residuals[i]);
    }
    double low = found.pairs.count ? found.pairs.values[0] : 0.0;
    set_condition(fmax(part->largest.value, -low), part->largest.error, part);
cleanup:
    tw_search_result_clear(&found);
    return status;
}

static tw_status measure_by_products(tw_flat_measurement *m, const tw_flat_space *s,
                                     tw_flat_part *part) {
    tw_status status = TW_OK;
    tw_trace_options options = m->options->trace;
    options.zero = m->zero;
    tw_trace_result sums = {0};
    double norm = 0.0;
    options.within = subspace(m, s);
    options.budget = tw_flat_budget(m);
    options.budget.dense_limit = 0;
    TW_TRY(tw_trace_estimate(&s->A, &options, &sums));
    set_sums(&sums, s, part);
    m->result->reason = sums.reason;
    if (sums.reason == TW_ESTIMATE_CANCELLED) goto cleanup;
    TW_TRY(search_top(m, s, part, &norm));
    /* Directions of an orbit that is not null would be found one by one. */
    bool searchable = s->keep || m->options->tangent == NULL || m->flat;
    if (m->result->reason != TW_ESTIMATE_CANCELLED && searchable)
        TW_TRY(search_bottom(m, s, norm, part));
cleanup:
    return status;
}

static tw_status measure_sectors(tw_flat_measurement *m, const tw_flat_space *s,
                                 tw_flat_part *part) {
    tw_status status = TW_OK;
    const tw_levels *levels = s->sectors;
    tw_trace_result sums = {0};
    const tw_zero_rule *told = m->options->sectors_zero;
    const tw_eigenpairs none = {0};
    double largest = -INFINITY, norm = 0.0, *values = NULL, *copies = NULL;
    TW_TRY(TW_NEW(values, levels->count));
    TW_TRY(TW_NEW(copies, levels->count));
    for (size_t i = 0; i < levels->count; i++) {
        values[i] = levels->rows[i].value;
        copies[i] = (double)levels->rows[i].copies;
        largest = fmax(largest, values[i]);
        norm = fmax(norm, fabs(values[i]));
    }
    tw_trace_result_init(&sums);
    sums.method = "sectors";
    const tw_zero_rule rule = told ? *told : rule_of(m, s, norm, &none);
    sums.null_dimension = s->known;
    tw_trace_sum(levels->count, values, copies, &rule, &sums);
    set_sums(&sums, s, part);
    part->largest = tw_estimate_exact(largest);
    if (isfinite(sums.smallest_nonzero)) part->smallest = tw_estimate_exact(sums.smallest_nonzero);
    set_condition(norm, 0.0, part);
    if (m->options->sharpness.radius_count > 0) TW_TRY(search_top(m, s, part, &norm));
cleanup:
    free(values);
    free(copies);
    return status;
}

tw_status tw_flat_eigenvalues(tw_flat_measurement *m, const tw_flat_space *s, tw_flat_part *part) {
    if (s->sectors) return measure_sectors(m, s, part);
    const tw_budget left = tw_flat_budget(m);
    const tw_subspace whole = {.space = m->options->space};
    if (tw_dense_allowed(s->A.n, &whole, &left)) return measure_dense(m, s, part);
    return measure_by_products(m, s, part);
}

tw_status tw_flat_norm(tw_flat_measurement *m) {
    tw_status status = TW_OK;
    const tw_flat_space whole = {.A = m->H};
    tw_search_options options = search_options(m, TW_END_LARGEST, &whole);
    tw_search_result found = {0};
    options.tolerance = 1e-2;
    if (options.budget.products > NORM_PRODUCTS) options.budget.products = NORM_PRODUCTS;
    TW_TRY(tw_spectrum_search(&m->H, &options, &found));
    if (found.reason == TW_SEARCH_CANCELLED) note_end(m, found.reason); /* a norm needs no end */
    m->result->norm = found.norm;
cleanup:
    tw_search_result_clear(&found);
    return status;
}

/* ---- Cost ---- */

/* One end of a part of n dimensions. */
static void search_cost(size_t n, const tw_flatness_options *options, tw_cost *cost) {
    tw_search_options search = TW_SEARCH_DEFAULTS;
    search.budget = options->budget;
    search.budget.dense_limit = 0;
    search.count = 1;
    tw_search_cost(n, &search, cost);
}

/* The eigenvalues of a part of n dimensions. */
static void spectral_cost(size_t n, const tw_flatness_options *options, tw_cost *cost) {
    const tw_subspace whole = {.space = options->space};
    const tw_dense_options dense = {.block = 64, .keep_vectors = true};
    tw_trace_options trace = options->trace;
    tw_cost part = {0};
    if (tw_dense_allowed(n, &whole, &options->budget)) {
        tw_dense_cost(n, &dense, cost);
        return;
    }
    trace.budget = options->budget;
    trace.budget.dense_limit = 0;
    tw_trace_cost(n, &trace, cost);
    for (int end = 0; end < 2; end++) {
        search_cost(n, options, &part);
        tw_cost_then(cost, &part);
    }
}

/* Perturbations of one part: six vectors for ascents, three for noise. */
static void perturbation_cost(size_t n, const tw_flatness_options *options, tw_cost *cost) {
    double radii = (double)options->sharpness.radius_count;
    double sigmas = (double)options->rise.deviation_count, pairs = (double)options->rise.pairs;
    double ascents = (double)options->sharpness.starts + 2.0 * TW_FLAT_TOP + 1.0;
    double values = 2.0 * pairs * sigmas, vectors = radii > 0.0 ? 6.0 : sigmas > 0.0 ? 3.0 : 0.0;
    *cost = (tw_cost){.bytes = 8.0 * vectors * (double)n};
    tw_cost_set_products(cost, values + 2.0 * radii * ascents,
                         values + radii * ascents * 30.0 * (double)options->sharpness.max_steps);
}

/* Columns that pass through the operator of a part at a time. */
static double columns_abreast(size_t order, const tw_flatness_options *options, double most) {
    const tw_subspace whole = {.space = options->space};
    double probes = (double)options->trace.probes, search = TW_SEARCH_BLOCK;
    if (tw_dense_allowed(order, &whole, &options->budget)) return most;
    return fmin(most, fmax(probes, search));
}

/* Of the restricted or projected operator: arguments and images in theta. */
static double operator_bytes(size_t n, double columns) {
    return 8.0 * 2.0 * columns * (double)n;
}

void tw_flatness_cost(size_t n, const tw_flatness_options *options, tw_cost *cost) {
    const tw_flatness_options defaults = TW_FLATNESS_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_cost part = {0};
    *cost = (tw_cost){.products = 1.0, .products_most = NORM_PRODUCTS};
    for (size_t i = 0; i < options->block_count + 2; i++) {
        bool block = i < options->block_count;
        size_t order = block ? options->blocks[i].slice.length : n;
        double most = block ? TW_RESTRICTED_BLOCK : TW_FLAT_BLOCK;
        double held = operator_bytes(n, columns_abreast(order, options, most));
        if (!(block ? options->blocks[i].sectors : options->sectors)) {
            spectral_cost(order, options, &part);
            part.bytes += held;
            tw_cost_then(cost, &part);
        } else if (options->sharpness.radius_count > 0) {
            search_cost(order, options, &part);
            tw_cost_then(cost, &part);
        }
        perturbation_cost(n, options, &part);
        part.bytes += held;
        tw_cost_then(cost, &part);
    }
    cost->bytes += 8.0 * (double)n * (1.0 + TW_FLAT_TOP); /* gradient, starts of ascents */
}
