/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals and tests for counts.
 *
 * Quantiles are found by bisection of GSL's distribution functions: its own quantiles of the beta
 * distribution do not return for some arguments. */
#include <thalweg/campaign/statistics.h>

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc_private.h"

/* GSL's continued fraction for the beta distribution converges up to here */
#define EXACT_TOTAL 1e6
#define TIE 1e-7 /* outcomes count as equally probable within this, relative */

/* ---- Fractions ---- */

/* P(X >= count) for `total` draws of probability p, count >= 1; beyond EXACT_TOTAL Chernoff's bound
 * of it, exp(-total KL(count/total, p)), which is good for p below the fraction. */
static double upper_tail(double count, double total, double p) {
    if (total <= EXACT_TOTAL) return gsl_cdf_beta_P(p, count, total - count + 1.0);
    double f = count / total;
    if (p >= f) return 1.0;
    double divergence = f * log(f / p) + (f < 1.0 ? (1.0 - f) * log((1.0 - f) / (1.0 - p)) : 0.0);
    return exp(-total * divergence);
}

/* The largest p found with P(X >= count) <= tail: rounded towards zero, so that an interval gets
 * wider. */
static double lower_limit(double count, double total, double tail) {
    double low = 0.0, high = count / total;
    if (count == 0.0) return 0.0;
    for (;;) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high) return low;
        if (upper_tail(count, total, middle) <= tail) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

tw_interval tw_fraction(size_t count, size_t total, double level) {
    double hits = (double)count, draws = (double)total, tail = 0.5 * (1.0 - level);
    return (tw_interval){.value = hits / draws,
                         .low = lower_limit(hits, draws, tail),
                         .high = 1.0 - lower_limit(draws - hits, draws, tail)};
}

/* With G the fraction of draws that met a class alone and M the mass that was not met, E M <= E G.
 * One draw moves G by at most 2/n, so that P(G < E G - e) <= exp(-n e^2/2) (McDiarmid), and
 * P(M > E M + e) <= exp(-n e^2) (McAllester, Ortiz, JMLR 4 (2003); Berend, Kontorovich, Electron.
 * Commun. Probab. 18 (2013)). Either gets half of what may go wrong. */
tw_interval tw_unseen_mass(size_t classes, const size_t *counts, double level) {
    double draws = 0.0, alone = 0.0;
    for (size_t i = 0; i < classes; i++) {
        draws += (double)counts[i];
        alone += counts[i] == 1;
    }
    if (draws == 0.0) return (tw_interval){.value = 1.0, .low = 0.0, .high = 1.0};
    double excess = (1.0 + sqrt(2.0)) * sqrt(log(2.0 / (1.0 - level)) / draws);
    return (tw_interval){
        .value = alone / draws, .low = 0.0, .high = fmin(1.0, alone / draws + excess)};
}

/* ---- Exact tests ---- */

/* Outcomes low .. high whose probabilities rise to the mode and fall from there; only ratios of
 * neighbours are known, ratio = p(k + 1)/p(k). */
typedef struct law {
    double low, high, mode;
    double (*ratio)(const struct law *law, double k);
    double marked, others, drawn; /* of hypergeometric draws; binomial: drawn alone */
} law;

static double hypergeometric_ratio(const law *l, double k) {
    return (l->marked - k) * (l->drawn - k) / ((k + 1.0) * (l->others - l->drawn + k + 1.0));
}

static double even_binomial_ratio(const law *l, double k) {
    return (l->drawn - k) / (k + 1.0);
}

/* Sums of weights, all outcomes and those that weigh at most `limit`, when the mode weighs 1. */
static void sum_weights(const law *l, double limit, double *all, double *below) {
    double weight = 1.0;
    *all = *below = 0.0;
    for (double k = l->mode; k <= l->high && weight > 0.0; k++) {
        *all += weight;
        *below += weight <= limit ? weight : 0.0;
        weight *= l->ratio(l, k);
    }
    weight = 1.0;
    for (double k = l->mode - 1.0; k >= l->low && weight > 0.0; k--) {
        weight /= l->ratio(l, k);
        *all += weight;
        *below += weight <= limit ? weight : 0.0;
    }
}

/* Probability of all outcomes that are no more probable than the one observed. */
static double two_sided(const law *l, double observed) {
    double weight = 1.0, all, below;
    for (double k = l->mode; k < observed; k++) weight *= l->ratio(l, k);
    for (double k = l->mode - 1.0; k >= observed; k--) weight /= l->ratio(l, k);
    sum_weights(l, weight * (1.0 + TIE), &all, &below);
    return fmin(1.0, below / all);
}

double tw_fisher_exact(size_t a, size_t m, size_t b, size_t n) {
    law l = {.marked = (double)m, .others = (double)n, .drawn = (double)a + (double)b};
    l.ratio = hypergeometric_ratio;
    l.low = fmax(0.0, l.drawn - l.others);
    l.high = fmin(l.marked, l.drawn);
    l.mode = floor((l.drawn + 1.0) * (l.marked + 1.0) / (l.marked + l.others + 2.0));
    l.mode = fmin(fmax(l.mode, l.low), l.high);
    return two_sided(&l, (double)a);
}

double tw_mcnemar_exact(size_t only_first, size_t only_second) {
    law l = {.drawn = (double)only_first + (double)only_second};
    l.ratio = even_binomial_ratio;
    l.high = l.drawn;
    l.mode = floor(0.5 * l.drawn);
    return two_sided(&l, (double)only_first);
}

/* ---- Many tests ---- */

typedef struct ranked {
    double p;
    size_t place;
} ranked;

static int by_p(const void *a, const void *b) {
    double x = ((const ranked *)a)->p, y = ((const ranked *)b)->p;
    return (x > y) - (x < y);
}

tw_status tw_holm(size_t count, const double *p, double *adjusted) {
    ranked *order;
    if (TW_NEW(order, count) != TW_OK) return TW_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) order[i] = (ranked){p[i], i};
    qsort(order, count, sizeof *order, by_p);
    double largest = 0.0;
    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, fmin(1.0, (double)(count - i) * order[i].p));
        adjusted[order[i].place] = largest;
    }
    free(order);
    return TW_OK;
}
