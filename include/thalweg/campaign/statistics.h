/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts into statements: intervals, unseen mass, tests, a dose-response fit. */
#ifndef THALWEG_STATISTICS_H
#define THALWEG_STATISTICS_H

#include <stddef.h>
#include <thalweg/base/status.h>

typedef struct tw_interval {
    double value, low, high;
} tw_interval;

/* count of total (total >= 1), with the interval that holds the true fraction with probability at
 * least `level` (in (0, 1)): Clopper, Pearson, Biometrika 26 (1934). */
TW_API tw_interval tw_fraction(size_t count, size_t total, double level);

/* Probability that the next draw falls in a class that no draw has met yet: the fraction of draws
 * whose class was met once (Good, Biometrika 40 (1953)); low = 0; high holds with probability at
 * least `level` (McAllester, Schapire, COLT 2000, with a smaller constant:
 * value + (1 + sqrt 2) sqrt(log(2/(1 - level))/draws)), at most 1. counts: of each class met;
 * without a draw all is unseen. */
TW_API tw_interval tw_unseen_mass(size_t classes, const size_t *counts, double level);

/* Two-sided p-value of Fisher's exact test: a of m against b of n; the probability of all tables
 * that are no more probable than this one, given the sums. */
TW_API double tw_fisher_exact(size_t a, size_t m, size_t b, size_t n);

/* Holm's adjusted p-values (Scand. J. Stat. 6 (1979)) of p (count), into adjusted (out; may be p).
 * TW_ERR_MEMORY. */
TW_API tw_status tw_holm(size_t count, const double *p, double *adjusted);

/* Two-sided exact p-value of McNemar's test on paired outcomes: how often only the first of a pair
 * had the property, and only the second. */
TW_API double tw_mcnemar_exact(size_t only_first, size_t only_second);

/* Radius at which a falling success probability is one half, from successes[i] of trials[i] at
 * radius[i] > 0: logit p = a - b log radius by maximum likelihood; the interval from the linearised
 * error of log radius, at `level`. All three NAN when the fit does not fall or is one half at none
 * of the radii tried and between. When no failure lies below a success the fit is a step: value is
 * the radius with both, else the geometric mean of those on either side; low and high are the radii
 * with certain outcomes beside it (0 and infinity where there is none), at no particular level.
 * When the counts contradict the logistic curve (deviance, 5 %), value is interpolated in log
 * radius between the most likely fractions that nowhere rise, and low and high are the last radii,
 * from either end, whose own fraction is certainly on that side of one half (0 and infinity where
 * there is none): at `level`, for any probability that falls. TW_ERR_MEMORY. */
TW_API tw_status tw_half_radius(size_t count, const double *radius, const size_t *successes,
                                const size_t *trials, double level, tw_interval *half);

#endif
