/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of a trace estimation. Both fill their part of the result. */
#ifndef TW_TRACE_PRIVATE_H
#define TW_TRACE_PRIVATE_H

#include <thalweg/spectrum/trace.h>

#include "spectrum/probes_private.h"

/* Nothing is known yet. */
void tw_trace_result_init(tw_trace_result *result);

#define TW_RITZ 1e-8 /* of ||A||: residual of a Ritz pair that counts as converged */

/* The rule for what quadratures say of an operator. */
tw_zero_rule tw_trace_rule(const tw_trace_options *options, double norm);

/* Exact sums over all eigenvalues: copies[i] (NULL: one) of values[i], counted in result->zero. */
void tw_trace_sum(size_t count, const double *values, const double *copies,
                  const tw_zero_rule *rule, tw_trace_result *result);

/* Trace and Frobenius norm by Hutch++. */
void tw_hutchinson_cost(size_t n, size_t probes, tw_cost *cost);
tw_status tw_hutchinson_run(tw_probes *source, size_t probes, tw_trace_result *result);

/* Log-determinant and zero modes by Lanczos quadrature. */
tw_status tw_log_det_run(tw_probes *source, const tw_trace_options *options,
                         tw_trace_result *result);

#endif
