/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace, Frobenius norm and log-determinant of a symmetric operator, each with a standard error and
 * a 95 % interval; exact up to the dense limit of the budget, above it from products alone. */
#ifndef THALWEG_TRACE_H
#define THALWEG_TRACE_H

#include <thalweg/base/budget.h>
#include <thalweg/base/cost.h>
#include <thalweg/operator/subspace.h>
#include <thalweg/spectrum/estimate.h>
#include <thalweg/spectrum/zero_rule.h>

typedef struct tw_trace_options {
    size_t probes;         /* random vectors of each estimate, and as many of the sketch that takes
                           the largest part off the trace; >= 2; default 16 */
    size_t steps;          /* Lanczos steps a probe for the log-determinant; 0: leave it out,
                            1 is too few;
                           default 80 */
    tw_zero_evidence zero; /* what zero means at this point; default: the route's own error alone,
                              for products 1e-9 ||A||, to which a quadrature knows a value */
    tw_subspace within;    /* its projector commutes with A, and lies on the complement of a known
                           null space: A v = 0 for what it removes, which one product tests;
                           default: the whole space */
    tw_budget budget;      /* up to dense_limit by the dense route, exact; streams (seed,
                           TW_PURPOSE_PROBE, .) */
} tw_trace_options;

#define TW_TRACE_DEFAULTS                                                                          \
    ((tw_trace_options){.probes = 16, .steps = 80, .budget = TW_BUDGET_DEFAULTS})

typedef struct tw_trace_result {
    tw_estimate trace;
    tw_estimate frobenius_squared; /* sum of the squared eigenvalues */
    tw_estimate frobenius;         /* its root; the error to first order */
    tw_estimate log_det;     /* sum of log |eigenvalue| over those that do not count as zero */
    tw_estimate zero_modes;  /* eigenvalues that count as zero outside the known null space:
                                0 and exact when no probe saw one. By the dense route the
                                count found less the dimensions removed: negative when these
                                are not all null */
    double few_steps;        /* change of the log-determinant when half of the Lanczos steps is
                                left out; its interval is wider by that on either side. 0 when
                                every probe closed. Few steps on a spectrum of many decades may
                                hide more: raise them until this is below the error */
    double smallest_nonzero; /* smallest |value| met that does not count as zero; NAN: none */
    double largest_zero;     /* largest |value| met that does; 0: none */
    tw_zero_rule zero;       /* the rule; its counts are of exact routes alone */
    double norm;             /* ||A||_2; from below by products */
    size_t null_dimension;   /* dimensions removed: eigenvalues known to be zero */
    double null_residual;    /* ||A v|| of a random unit vector among them; NAN: not tested */
    size_t sketch;           /* vectors whose part of the trace is exact */
    size_t probes;           /* of the trace and the Frobenius norm, finished; 0 when exact */
    size_t log_det_probes;   /* of the log-determinant, finished */
    size_t closed;           /* of these, those whose nodes have all converged: exact quadratures */
    size_t products;
    const char *method;        /* "dense", "sectors" or "hutch++ and lanczos quadrature"; static */
    tw_estimate_reason reason; /* complete: or what is missing; values without a probe are NAN */
} tw_trace_result;

/* Errors: TW_ERR_ARGUMENT, TW_ERR_SHAPE, TW_ERR_DATA (keep removes another dimension than said, or
 * what is not null), TW_ERR_NUMERIC (NaN or Inf in a product), TW_ERR_MEMORY, errors of A; the
 * result is zero on failure. Nothing to clear. Memory: n * (probes + steps) doubles and a few
 * blocks; dense: 3 n^2. */
TW_API tw_status tw_trace_estimate(const tw_linop *A, const tw_trace_options *options,
                                   tw_trace_result *result);

/* The sketch and the samples, then the Lanczos steps of the log-determinant at most. */
TW_API void tw_trace_cost(size_t n, const tw_trace_options *options, tw_cost *cost);

#endif
