/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals, tests and a fit for counts.
 *
 * Quantiles are found by bisection of GSL's distribution functions: its own quantiles of the beta
 * distribution do not return for some arguments. */
#include <thalweg/statistics.h>

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc_private.h"

#define EXACT_TOTAL                                                                                \
    1e6          /* GSL's continued fraction for the beta distribution converges up to here */
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

/* ---- Dose and response ---- */

/* Where the successes end and the failures begin. */
typedef struct extent {
    double least, most;                   /* radii with trials */
    double first_failure, last_success;   /* 0: none */
    double before_overlap, after_overlap; /* radii next to last_success; 0 and infinity: none */
    double overlap_successes, overlap_trials;
    double centre; /* mean log radius */
} extent;

/* The data of a fit, borrowed. */
typedef struct sample {
    size_t count;
    const double *radius;
    const size_t *successes, *trials;
} sample;

static extent measure(const sample *s) {
    extent e = {.least = INFINITY, .first_failure = INFINITY, .after_overlap = INFINITY};
    double draws = 0.0;
    for (size_t i = 0; i < s->count; i++) {
        double r = s->radius[i], n = (double)s->trials[i];
        if (s->trials[i] == 0) continue;
        e.least = fmin(e.least, r);
        e.most = fmax(e.most, r);
        if (s->successes[i] > 0) e.last_success = fmax(e.last_success, r);
        if (s->successes[i] < s->trials[i]) e.first_failure = fmin(e.first_failure, r);
        e.centre += n * log(r);
        draws += n;
    }
    e.centre /= draws;
    for (size_t i = 0; i < s->count; i++) {
        double r = s->radius[i];
        if (s->trials[i] == 0) continue;
        if (r < e.last_success) e.before_overlap = fmax(e.before_overlap, r);
        if (r > e.last_success) e.after_overlap = fmin(e.after_overlap, r);
        if (r != e.last_success) continue;
        e.overlap_successes += (double)s->successes[i];
        e.overlap_trials += (double)s->trials[i];
    }
    return e;
}

/* No failure before the last success: the likelihood grows with the slope without end, towards a
 * step. It stands at the one radius with both, or anywhere between two; the data say no more than
 * between which radii. */
static tw_interval step_between(const extent *e) {
    const tw_interval none = {NAN, NAN, NAN};
    double low = e->last_success, high = e->first_failure;
    if (low < high) return (tw_interval){sqrt(low) * sqrt(high), low, high};
    if (e->least == e->most) return none;
    bool is_first = e->before_overlap == 0.0, is_last = isinf(e->after_overlap);
    if (is_first && 2.0 * e->overlap_successes < e->overlap_trials) return none;
    if (is_last && 2.0 * e->overlap_successes > e->overlap_trials) return none;
    return (tw_interval){low, e->before_overlap, e->after_overlap};
}

/* logit p = level - slope x at x = log radius - centre: log-likelihood, its gradient, and minus its
 * second derivatives (aa, ab, bb). */
typedef struct fit {
    double a, b;
    double likelihood, gradient[2], information[3];
} fit;

static void evaluate(const sample *s, double centre, fit *f) {
    f->likelihood = f->gradient[0] = f->gradient[1] = 0.0;
    f->information[0] = f->information[1] = f->information[2] = 0.0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->trials[i] == 0) continue;
        double n = (double)s->trials[i], hits = (double)s->successes[i];
        double x = log(s->radius[i]) - centre, logit = f->a - f->b * x;
        double small = exp(-fabs(logit)), p = (logit > 0.0 ? 1.0 : small) / (1.0 + small);
        double weight = n * small / ((1.0 + small) * (1.0 + small)), miss = hits - n * p;
        f->likelihood += hits * logit - n * (fmax(logit, 0.0) + log1p(small));
        f->gradient[0] += miss;
        f->gradient[1] -= miss * x;
        f->information[0] += weight;
        f->information[1] -= weight * x;
        f->information[2] += weight * x * x;
    }
}

static double determinant(const fit *f) {
    return f->information[0] * f->information[2] - f->information[1] * f->information[1];
}

/* Newton's method with halved steps on a concave function that has a maximum. Ends when the next
 * step is 1e-10 standard errors long, or no longer goes up. */
static bool maximise(const sample *s, double centre, fit *f) {
    enum { STEPS = 200, HALVINGS = 60 };
    *f = (fit){0};
    evaluate(s, centre, f);
    for (int i = 0; i < STEPS; i++) {
        double det = determinant(f), *g = f->gradient, *H = f->information;
        if (!(det > 0.0)) return false;
        double da = (H[2] * g[0] - H[1] * g[1]) / det, db = (H[0] * g[1] - H[1] * g[0]) / det;
        if (da * g[0] + db * g[1] <= 1e-20) return true;
        double scale = 1.0;
        fit next = *f;
        for (int j = 0; j < HALVINGS; j++, scale *= 0.5) {
            next.a = f->a + scale * da;
            next.b = f->b + scale * db;
            evaluate(s, centre, &next);
            if (next.likelihood > f->likelihood) break;
        }
        if (!(next.likelihood > f->likelihood)) return true;
        *f = next;
    }
    return true;
}

tw_status tw_half_radius(size_t count, const double *radius, const size_t *successes,
                         const size_t *trials, double level, tw_interval *half) {
    const sample s = {count, radius, successes, trials};
    const extent e = measure(&s);
    fit f;
    *half = (tw_interval){NAN, NAN, NAN};
    if (e.last_success == 0.0 || isinf(e.first_failure)) return TW_OK;
    if (e.last_success <= e.first_failure) {
        *half = step_between(&e);
        return TW_OK;
    }
    if (!maximise(&s, e.centre, &f) || !(f.b > 0.0)) return TW_OK;
    double x = f.a / f.b, value = exp(e.centre + x);
    if (!(value >= e.least && value <= e.most)) return TW_OK;
    double variance = (f.information[2] + 2.0 * x * f.information[1] + x * x * f.information[0]) /
                      (determinant(&f) * f.b * f.b);
    double reach = gsl_cdf_ugaussian_Pinv(0.5 + 0.5 * level) * sqrt(variance);
    *half = (tw_interval){value, value * exp(-reach), value * exp(reach)};
    return TW_OK;
}
