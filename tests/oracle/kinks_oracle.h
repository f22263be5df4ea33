/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient of a model with the slopes of chosen pre-activations put in by hand. */
#ifndef ORACLE_KINKS_H
#define ORACLE_KINKS_H

#include "dufm_oracle.h"

/* A pre-activation (layer l = 1 .. L-1) and its slope in place of phi'. */
typedef struct oracle_slope {
    size_t layer, unit, sample;
    double slope;
} oracle_slope;

/* g (P, out), entry by entry from the chain rule; relu, leaky-relu and linear, ce and mse, widths
 * of at most 16, no bias. */
void oracle_gradient_with_slopes(const oracle_model *model, const double *theta, size_t count,
                                 const oracle_slope *slopes, double *g);

/* S of one layer and sample (d_l, out). */
void oracle_pre_activation(const oracle_model *model, const double *theta, size_t layer,
                           size_t sample, double *S);

#endif
