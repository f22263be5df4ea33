/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient flow x' = -grad f(x) by an explicit formula of order 8 (Prince, Dormand) with a fine
 * tolerance: nothing but gradients goes in. */
#ifndef FLOW_ORACLE_H
#define FLOW_ORACLE_H

#include <stddef.h>

typedef struct oracle_flow {
    size_t n;
    /* gradient (n, out) at x; 0, or anything else to end the run. */
    int (*gradient)(void *self, const double *x, double *gradient);
    void *self;
    double accuracy;  /* of a step: relative to an entry and, absolutely, to one */
    double tolerance; /* the run ends where ||g|| is below it */
    size_t max_steps;
} oracle_flow;

typedef struct oracle_flow_result {
    double time, gradient_norm;
    size_t steps, evaluations;
} oracle_flow_result;

/* From x (in) to where the flow ends (out). 0: ||g|| <= tolerance was reached. */
int oracle_follow(const oracle_flow *flow, double *x, oracle_flow_result *result);

#endif
