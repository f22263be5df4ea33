/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spectrum/estimate_private.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define LEVEL 0.975         /* of two tails: 95 % between them */
#define NORMAL 1.9599639845 /* the normal quantile at LEVEL */

const char *tw_estimate_reason_name(tw_estimate_reason reason) {
    static const char *const names[] = {"complete", "products", "cancelled"};
    return (size_t)reason < sizeof names / sizeof *names ? names[reason] : "unknown";
}

tw_estimate tw_estimate_exact(double value) {
    return (tw_estimate){.value = value, .low = value, .high = value, .exact = true};
}

tw_estimate tw_estimate_unknown(void) {
    return (tw_estimate){
        .value = (double)NAN, .error = (double)NAN, .low = -INFINITY, .high = INFINITY};
}

tw_estimate tw_estimate_mean(size_t count, const double *samples) {
    tw_estimate e = tw_estimate_unknown();
    double sum = 0.0, square = 0.0;
    if (count == 0) return e;
    for (size_t i = 0; i < count; i++) sum += samples[i];
    e.value = sum / (double)count;
    if (count == 1) return e;
    for (size_t i = 0; i < count; i++) square += (samples[i] - e.value) * (samples[i] - e.value);
    e.error = sqrt(square / (double)(count - 1) / (double)count);
    double reach = gsl_cdf_tdist_Pinv(LEVEL, (double)(count - 1)) * e.error;
    e.low = e.value - reach;
    e.high = e.value + reach;
    return e;
}

/* The weight of an eigenspace of dimension m in a uniform random unit vector of R^r is distributed
 * as Beta(m/2, (r-m)/2): mean u = m/r, variance 2 u (1-u)/(r+2). So the error is known from the
 * mean alone and needs no sample variance, which for a rare eigenvalue (few degrees of freedom,
 * skewed) would be too small just when the mean is. The interval holds every u that is at most
 * NORMAL of *its own* standard deviations from the mean x (Wilson's score interval):
 *     (x - u)^2 <= c u (1-u),  c = NORMAL^2 2/(p (r+2)),
 * a quadratic in u. For one copy and p probes (chi-squared with p degrees of freedom) it holds the
 * truth with probability .948, .951, .956, .952 at p = 2, 4, 16, 64. */
tw_estimate tw_estimate_share(double share, size_t probes, size_t rank) {
    if (probes == 0) return tw_estimate_unknown();
    double x = fmin(fmax(share, 0.0), 1.0);
    double scale = 2.0 / ((double)probes * ((double)rank + 2.0));
    double c = NORMAL * NORMAL * scale;
    double middle = (x + 0.5 * c) / (1.0 + c);
    double reach = sqrt(c * x * (1.0 - x) + 0.25 * c * c) / (1.0 + c);
    return (tw_estimate){.value = share,
                         .error = sqrt(scale * x * (1.0 - x)),
                         .low = fmax(0.0, middle - reach),
                         .high = fmin(1.0, middle + reach)};
}

tw_estimate tw_estimate_affine(double offset, double factor, tw_estimate e) {
    e.value = offset + factor * e.value;
    e.error *= factor;
    e.low = offset + factor * e.low;
    e.high = offset + factor * e.high;
    return e;
}

tw_estimate tw_estimate_widen(tw_estimate e, double slack) {
    if (e.exact) return e;
    e.low -= slack;
    e.high += slack;
    return e;
}

/* sqrt is increasing, so the ends of the interval are those of the square's: the coverage stays. */
tw_estimate tw_estimate_root(tw_estimate square) {
    tw_estimate e = square;
    e.value = sqrt(fmax(0.0, square.value));
    e.low = sqrt(fmax(0.0, square.low));
    e.high = sqrt(fmax(0.0, square.high));
    if (isnan(square.value)) e.value = square.value;
    if (square.error > 0.0) e.error = square.error / (2.0 * e.value);
    return e;
}
