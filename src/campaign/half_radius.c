/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a falling probability is one half. A logistic curve in log radius uses all radii at once; a
 * basin need not have that shape, so where the counts contradict it (by their deviance) the answer
 * comes from the radii beside the crossing, and takes no more for granted than that the probability
 * falls. */
#include <thalweg/campaign/statistics.h>

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc_private.h"

#define MISFIT 0.05 /* of the deviance: below, the logistic curve is given up */

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

/* Twice the log-likelihood that is missing to a probability of its own for every radius, and how
 * probable a larger one is when the curve is right. */
static bool fits_badly(const sample *s, const fit *f) {
    double best = 0.0, freedom = -2.0;
    for (size_t i = 0; i < s->count; i++) {
        double n = (double)s->trials[i], hits = (double)s->successes[i], misses = n - hits;
        freedom += n > 0.0;
        if (hits > 0.0) best += hits * log(hits / n);
        if (misses > 0.0) best += misses * log(misses / n);
    }
    if (freedom < 1.0) return false;
    return gsl_cdf_chisq_Q(fmax(0.0, 2.0 * (best - f->likelihood)), freedom) < MISFIT;
}

/* ---- Falling, and no more ---- */

/* One radius, and its share of the falling curve. */
typedef struct rung {
    double radius, successes, trials, fraction;
} rung;

static int by_radius(const void *a, const void *b) {
    double x = ((const rung *)a)->radius, y = ((const rung *)b)->radius;
    return (x > y) - (x < y);
}

/* Radii with trials, ascending, each once; returns how many. */
static size_t make_rungs(const sample *s, rung *rungs) {
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->trials[i] > 0)
            rungs[count++] =
                (rung){s->radius[i], (double)s->successes[i], (double)s->trials[i], 0.0};
    qsort(rungs, count, sizeof *rungs, by_radius);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && rungs[kept - 1].radius == rungs[i].radius) {
            rungs[kept - 1].successes += rungs[i].successes;
            rungs[kept - 1].trials += rungs[i].trials;
        } else {
            rungs[kept++] = rungs[i];
        }
    }
    return kept;
}

/* The most likely fractions that nowhere rise: neighbours that do are pooled. */
static void make_falling(size_t count, rung *rungs) {
    for (size_t i = 0; i < count; i++) {
        double hits = rungs[i].successes, draws = rungs[i].trials;
        size_t first = i;
        while (first > 0 && rungs[first - 1].fraction <= hits / draws) {
            double fraction = rungs[first - 1].fraction;
            while (first > 0 && rungs[first - 1].fraction == fraction) {
                first--;
                hits += rungs[first].successes;
                draws += rungs[first].trials;
            }
        }
        for (size_t j = first; j <= i; j++) rungs[j].fraction = hits / draws;
    }
}

/* From either end inwards as long as a radius is certainly on its side: in that order no error adds
 * up, and both limits hold together at `level`. */
static void limit(size_t count, const rung *rungs, double level, tw_interval *half) {
    half->low = 0.0;
    half->high = INFINITY;
    for (size_t i = 0; i < count; i++) {
        tw_interval f = tw_fraction((size_t)rungs[i].successes, (size_t)rungs[i].trials, level);
        if (!(f.low > 0.5)) break;
        half->low = rungs[i].radius;
    }
    for (size_t i = count; i-- > 0;) {
        tw_interval f = tw_fraction((size_t)rungs[i].successes, (size_t)rungs[i].trials, level);
        if (!(f.high < 0.5)) break;
        half->high = rungs[i].radius;
    }
}

static tw_status cross(const sample *s, double level, tw_interval *half) {
    rung *rungs;
    size_t at = 0;
    if (TW_NEW(rungs, s->count) != TW_OK) return TW_ERR_MEMORY;
    size_t count = make_rungs(s, rungs);
    make_falling(count, rungs);
    while (at < count && rungs[at].fraction >= 0.5) at++;
    if (at > 0 && at < count) {
        const rung *a = &rungs[at - 1], *b = &rungs[at];
        double share = (a->fraction - 0.5) / (a->fraction - b->fraction);
        half->value = a->radius * pow(b->radius / a->radius, share);
        limit(count, rungs, level, half);
    }
    free(rungs);
    return TW_OK;
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
    if (!maximise(&s, e.centre, &f)) return TW_OK;
    if (fits_badly(&s, &f)) return cross(&s, level, half);
    if (!(f.b > 0.0)) return TW_OK;
    double x = f.a / f.b, value = exp(e.centre + x);
    if (!(value >= e.least && value <= e.most)) return TW_OK;
    double variance = (f.information[2] + 2.0 * x * f.information[1] + x * x * f.information[0]) /
                      (determinant(&f) * f.b * f.b);
    double reach = gsl_cdf_ugaussian_Pinv(0.5 + 0.5 * level) * sqrt(variance);
    *half = (tw_interval){value, value * exp(-reach), value * exp(reach)};
    return TW_OK;
}
