/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log |det A| over the eigenvalues that are not zero:
 *
 *     sum log |t_i| over |t_i| > zero         =   r mean of z^T f(A) z,   f(t) = log |t| or 0,
 *
 * z uniform on the unit sphere of the r-dimensional subspace, each z^T f(A) z by Gauss quadrature.
 * Across probes the error is statistical. Within a probe the quadrature has a bias of its own that
 * no number of probes shows: it vanishes when the Krylov space closes, decays geometrically for a
 * spectrum away from zero, and like a power of the steps m for one that reaches down to it. Its
 * size is taken from the same probes with half of the steps: a bias that decays like 1/m or faster
 * is at most that change, and one like m^-0.6 twice it, as where eigenvalues of both signs reach
 * down to zero. The interval is wider by twice the change. (Before the steps see the small end at
 * all the decay is slower, and the change understates the bias: six decades without a gap need some
 * 40 steps. No rule that knows products alone can tell.)
 *
 * Ritz values within the threshold are zero modes outside the known null space. Their number is r
 * times their mean weight; a multiple of it enters the log-determinant's error when the unit of A
 * is far from 1, as it must: |c A| has log c more for every mode that is not zero. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "spectrum/estimate_private.h"
#include "spectrum/slq_private.h"
#include "spectrum/trace_private.h"

#define SLOW 2.0 /* bias over the change by half of the steps, 1/(2^p - 1) for m^-p: p = 0.58 */

typedef struct log_det {
    tw_slq slq;
    tw_nodes nodes; /* steps each */
    double *sample; /* probes: r z^T f(A) z */
    double *coarse; /* the same by fewer steps */
    double zero;    /* threshold of the rule, absolute */
    double share;   /* summed weight of zero modes */
    double rounding;
} log_det;

static tw_status allocate(log_det *d) {
    tw_status status = TW_OK;
    TW_TRY(TW_NEW(d->nodes.value, d->slq.steps));
    TW_TRY(TW_NEW(d->nodes.weight, d->slq.steps));
    TW_TRY(TW_NEW(d->nodes.residual, d->slq.steps));
    TW_TRY(TW_NEW(d->sample, d->slq.wanted));
    TW_TRY(TW_NEW(d->coarse, d->slq.wanted));
cleanup:
    return status;
}

static void release(log_det *d) {
    free(d->nodes.value);
    free(d->nodes.weight);
    free(d->nodes.residual);
    free(d->sample);
    free(d->coarse);
    tw_slq_clear(&d->slq);
}

static tw_status measure_norm(log_det *d, tw_trace_result *r) {
    for (size_t i = 0; i < d->slq.done; i++) {
        size_t count = d->slq.count[i];
        tw_status status = tw_slq_nodes(&d->slq, i, count, d->nodes);
        if (status != TW_OK) return status;
        for (size_t j = 0; j < count; j++) r->norm = fmax(r->norm, fabs(d->nodes.value[j]));
    }
    return TW_OK;
}

/* z^T f(A) z from the nodes in d->nodes. */
static double integrate(const log_det *d, size_t count) {
    double sum = 0.0;
    for (size_t j = 0; j < count; j++) {
        double value = fabs(d->nodes.value[j]);
        if (value > d->zero) sum += d->nodes.weight[j] * log(value);
    }
    return sum;
}

/* Evidence and rounding: an eigenvalue t is known to rounding ||A||, its logarithm to that over t.
 */
static void inspect(log_det *d, size_t count, tw_trace_result *r) {
    for (size_t j = 0; j < count; j++) {
        double value = fabs(d->nodes.value[j]), weight = d->nodes.weight[j];
        if (weight <= TW_NODE_DUST) continue;
        if (value <= d->zero) {
            r->largest_zero = fmax(r->largest_zero, value);
            d->share += weight;
        } else {
            r->smallest_nonzero = fmin(r->smallest_nonzero, value);
            d->rounding += weight * (r->norm / value + fabs(log(value)));
        }
    }
}

static tw_status integrate_all(log_det *d, tw_trace_result *r) {
    tw_status status = TW_OK;
    double rank = (double)d->slq.source->rank;
    r->smallest_nonzero = INFINITY;
    for (size_t i = 0; i < d->slq.done; i++) {
        size_t count = d->slq.count[i], fewer = count - count / 2;
        r->closed += d->slq.closed[i];
        TW_TRY(tw_slq_nodes(&d->slq, i, count, d->nodes));
        d->sample[i] = d->coarse[i] = rank * integrate(d, count);
        inspect(d, count, r);
        if (d->slq.closed[i]) continue;
        TW_TRY(tw_slq_nodes(&d->slq, i, fewer, d->nodes));
        d->coarse[i] = rank * integrate(d, fewer);
    }
cleanup:
    if (isinf(r->smallest_nonzero)) r->smallest_nonzero = (double)NAN;
    return status;
}

static tw_estimate count_zeros(const log_det *d) {
    double share = d->share / (double)d->slq.done, rank = (double)d->slq.source->rank;
    if (d->share == 0.0) return tw_estimate_exact(0.0);
    return tw_estimate_affine(0.0, rank,
                              tw_estimate_share(share, d->slq.done, d->slq.source->rank));
}

static void report(log_det *d, tw_trace_result *r) {
    size_t done = d->slq.done;
    double rank = (double)d->slq.source->rank;
    r->log_det_probes = done;
    if (done == 0) return;
    r->log_det = tw_estimate_mean(done, d->sample);
    r->few_steps = fabs(r->log_det.value - tw_estimate_mean(done, d->coarse).value);
    r->zero_modes = count_zeros(d);
    double rounding = rank * d->rounding / (double)done * tw_probes_rounding(d->slq.source);
    r->log_det = tw_estimate_widen(r->log_det, SLOW * r->few_steps + rounding);
}

tw_status tw_log_det_run(tw_probes *source, const tw_trace_options *options,
                         tw_trace_result *result) {
    tw_status status = TW_OK;
    log_det d = {0};
    TW_TRY(tw_slq_init(&d.slq, source, options->probes, options->steps, TW_RITZ));
    TW_TRY(allocate(&d));
    TW_TRY(tw_slq_run(&d.slq));
    TW_TRY(measure_norm(&d, result));
    d.zero = tw_trace_rule(options, result->norm).threshold;
    TW_TRY(integrate_all(&d, result));
    report(&d, result);
cleanup:
    release(&d);
    return status;
}
