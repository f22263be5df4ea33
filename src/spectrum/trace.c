/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/spectrum/trace.h>

#include <math.h>
#include <thalweg/spectrum/spectrum.h>

#include "spectrum/assemble_private.h"
#include "spectrum/estimate_private.h"
#include "spectrum/slq_private.h"
#include "spectrum/trace_private.h"

/* ---- Dense route: sums over all eigenvalues. ---- */

void tw_trace_sum(size_t count, const double *values, const double *copies,
                  const tw_zero_rule *rule, tw_trace_result *r) {
    double trace = 0.0, square = 0.0, log_det = 0.0, zeros = 0.0;
    r->zero = tw_zero_rule_uncounted(rule);
    for (size_t i = 0; i < count; i++) {
        double value = values[i], size = fabs(value), times = copies ? copies[i] : 1.0;
        trace += times * value;
        square += times * value * value;
        tw_zero_rule_count(&r->zero, value, (uint64_t)times);
        if (tw_zero_rule_sign(rule, value) == 0)
            zeros += times;
        else
            log_det += times * log(size);
    }
    r->largest_zero = r->zero.largest_zero;
    r->smallest_nonzero = fabs(r->zero.smallest_nonzero);
    r->trace = tw_estimate_exact(trace);
    r->frobenius_squared = tw_estimate_exact(square);
    r->frobenius = tw_estimate_exact(sqrt(square));
    r->log_det = tw_estimate_exact(log_det);
    r->zero_modes = tw_estimate_exact(zeros - (double)r->null_dimension); /* 0, never -0 */
}

static tw_status estimate_dense(const tw_linop *A, const tw_trace_options *options,
                                tw_trace_result *result) {
    tw_status status = TW_OK;
    tw_dense_options dense_options = TW_DENSE_DEFAULTS;
    tw_dense_result dense = {0};
    const tw_monitor monitor = tw_budget_monitor(&options->budget);
    dense_options.monitor = &monitor;
    result->method = "dense";
    result->null_dimension = options->within.removed;
    TW_TRY(tw_spectrum_dense(A, &dense_options, &dense));
    result->products = dense.products;
    result->norm = dense.norm;
    result->reason = dense.cancelled ? TW_ESTIMATE_CANCELLED : TW_ESTIMATE_COMPLETE;
    if (dense.cancelled) goto cleanup;
    tw_zero_evidence zero = options->zero;
    zero.rounding = tw_zero_rounding(A->n, dense.norm, dense.pairs.count, dense.pairs.values,
                                     dense.pairs.residuals);
    const tw_zero_rule rule = tw_zero_rule_make(&zero, TW_ZERO_GAP);
    tw_trace_sum(dense.pairs.count, dense.pairs.values, NULL, &rule, result);
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

/* ---- Products alone. ---- */

#define QUADRATURE 1e-9 /* of ||A||: to which the nodes of a quadrature are known */

tw_zero_rule tw_trace_rule(const tw_trace_options *options, double norm) {
    tw_zero_evidence zero = options->zero;
    zero.rounding = QUADRATURE * norm;
    return tw_zero_rule_make(&zero, TW_ZERO_GAP);
}

static tw_status estimate_by_probes(const tw_linop *A, const tw_trace_options *options,
                                    tw_trace_result *result) {
    tw_status status = TW_OK;
    tw_probes source = {.A = A, .within = options->within, .budget = options->budget};
    result->method = "hutch++ and lanczos quadrature";
    TW_TRY(tw_probes_init(&source));
    result->null_dimension = source.whole - source.rank;
    TW_TRY(tw_hutchinson_run(&source, options->probes, result));
    result->norm = source.size;
    if (options->steps > 0) TW_TRY(tw_log_det_run(&source, options, result));
    result->zero = tw_trace_rule(options, result->norm);
    TW_TRY(tw_probes_check_null(&source, result->zero.threshold, &result->null_residual));
    result->reason = tw_probes_reason(&source);
    result->products = source.products;
cleanup:
    tw_probes_clear(&source);
    return status;
}

static tw_status check(const tw_linop *A, const tw_trace_options *options) {
    if (options->probes < 2)
        return tw_fail(TW_ERR_ARGUMENT, "%zu probes tell nothing about the error: at least 2",
                       options->probes);
    if (options->steps == 1)
        return tw_fail(TW_ERR_ARGUMENT, "1 Lanczos step says nothing about its own error");
    if (!(options->zero.told >= 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "zero threshold %g is negative", options->zero.told);
    tw_status status = tw_budget_check(&options->budget);
    return status == TW_OK ? tw_subspace_check(&options->within, A->n) : status;
}

void tw_trace_result_init(tw_trace_result *result) {
    const tw_estimate unknown = tw_estimate_unknown();
    *result = (tw_trace_result){.trace = unknown,
                                .frobenius_squared = unknown,
                                .frobenius = unknown,
                                .log_det = unknown,
                                .zero_modes = unknown,
                                .smallest_nonzero = (double)NAN,
                                .null_residual = (double)NAN};
}

tw_status tw_trace_estimate(const tw_linop *A, const tw_trace_options *options,
                            tw_trace_result *result) {
    tw_trace_options defaults = TW_TRACE_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_trace_result_init(result);
    tw_status status = check(A, options);
    bool dense = A->n > 0 && tw_dense_allowed(A->n, &options->within, &options->budget);
    if (status == TW_OK)
        status =
            dense ? estimate_dense(A, options, result) : estimate_by_probes(A, options, result);
    if (status != TW_OK) *result = (tw_trace_result){0};
    return status;
}

void tw_trace_cost(size_t n, const tw_trace_options *options, tw_cost *cost) {
    const tw_trace_options defaults = TW_TRACE_DEFAULTS;
    if (options == NULL) options = &defaults;
    if (n > 0 && tw_dense_allowed(n, &options->within, &options->budget)) {
        tw_dense_cost(n, NULL, cost);
        return;
    }
    tw_cost log_det = {0};
    tw_hutchinson_cost(n, options->probes, cost);
    if (options->steps > 0)
        tw_slq_cost(n, tw_subspace_rank(&options->within, n), options->probes, options->steps,
                    &log_det);
    tw_cost_then(cost, &log_det);
    double most = fmin(cost->products_most, (double)options->budget.products);
    tw_cost_set_products(cost, cost->products, most);
}
