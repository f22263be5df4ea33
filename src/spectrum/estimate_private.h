/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard errors and intervals. */
#ifndef TW_ESTIMATE_PRIVATE_H
#define TW_ESTIMATE_PRIVATE_H

#include <stddef.h>
#include <thalweg/spectrum/estimate.h>

/* Mean of independent samples with Student's interval; needs two samples for an error. */
tw_estimate tw_estimate_mean(size_t count, const double *samples);

/* The share that an eigenspace has of a space of dimension `rank`, from its mean weight `share` in
 * `probes` uniform random unit vectors; interval within [0, 1]. */
tw_estimate tw_estimate_share(double share, size_t probes, size_t rank);

tw_estimate tw_estimate_exact(double value);
tw_estimate tw_estimate_unknown(void); /* NAN */

/* offset + factor * estimate; factor >= 0. */
tw_estimate tw_estimate_affine(double offset, double factor, tw_estimate estimate);

/* An interval wider by `slack` on either side: what is not random (rounding, few steps). Nothing
 * happens to exact values. */
tw_estimate tw_estimate_widen(tw_estimate estimate, double slack);

/* The square root of a square and of its interval; the error to first order. */
tw_estimate tw_estimate_root(tw_estimate square);

#endif
