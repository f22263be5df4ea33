/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scale of a block (docs/mathematics.md, (4.1) and (5.1), and their form for any block).
 *
 * Along the family x -> x S_k (ce) or q Pi (mse) a balanced point is critical when the pull of the
 * loss on the logits balances the ridge. With c = (L-1)/(L+1) that is one equation,
 *
 *     residual(x) x^c = target = lambda K n^{1/(L+1)},
 *     ce:   residual = 1 - p_t + p_o = 1/(1 + w),  w = e^{-a/k} (e^a - 1) / (K - k + k e^{-a/k})
 *     mse:  residual = 1 - q
 *
 * for a block of k among K classes whose other logits are 0 (k = K: residual = K p_o). It is solved
 * for the logarithm, in a variable t that keeps its digits at both ends: t = log a, and t = log(q /
 * (1-q)), so that neither a barrier at a = 1e-300 nor q = 1 - 1e-300 cancels:
 *
 *     h(t) = log x^c residual = c t - softplus(log w)                 ce
 *                             = -c softplus(-t) - softplus(t)         mse
 *
 * softplus(v) = log(1 + e^v). h has one peak (none, but the limit 0 at t = -infinity, for L = 1):
 * concave for mse and for k = K, checked on a grid of K, k, L for the others. Left and right of it
 * h is monotone, so bisection to adjacent numbers is safe, and cheap enough.
 *
 * From the root x the residual is target / x^c: near q = 1, and for ce with large a, this does not
 * feel the error of t. */
#include "optima/closed_form_private.h"

#include <math.h>

double tw_bisect(tw_scalar_fn f, const void *self, double positive, double negative) {
    for (;;) {
        double middle = positive + 0.5 * (negative - positive);
        if (middle == positive || middle == negative) return positive;
        if (f(self, middle) > 0.0)
            positive = middle;
        else
            negative = middle;
    }
}

/* The first of start + step, start + 2 step, start + 4 step, ... where f > 0 is `wanted`; there is
 * one, as every f here has that sign at the end it is sent to. */
static double walk(tw_scalar_fn f, const void *self, double start, double step, bool wanted) {
    while ((f(self, start + step) > 0.0) != wanted) step *= 2.0;
    return start + step;
}

static double softplus(double v) {
    return v > 0.0 ? v + log1p(exp(-v)) : log1p(exp(v));
}

/* 1/(1 + e^{-v}), the slope of softplus. */
static double logistic(double v) {
    return 1.0 / (1.0 + exp(-v));
}

/* log w; -infinity at a = 0. For k = K the denominator is k e^{-a/k}, which may underflow. */
static double log_odds(const tw_pull *pull, double a) {
    double k = pull->size, others = pull->classes - k;
    double log_denominator = others > 0.0 ? log(others + k * exp(-a / k)) : log(k) - a / k;
    return a * (k - 1.0) / k + log(-expm1(-a)) - log_denominator;
}

static double log_odds_slope(const tw_pull *pull, double a) {
    double k = pull->size, others = pull->classes - k, outside = exp(-a / k);
    return (k - 1.0) / k + 1.0 / expm1(a) +
           (others > 0.0 ? outside / (others + k * outside) : 1.0 / k);
}

static double log_target(const tw_pull *pull, double t) {
    if (!pull->ce) return -pull->power * softplus(-t) - softplus(t);
    return pull->power * t - softplus(log_odds(pull, exp(t)));
}

static double log_target_slope(const void *self, double t) {
    const tw_pull *pull = self;
    double a = exp(t);
    if (!pull->ce) return pull->power * logistic(-t) - logistic(t);
    return pull->power - a * log_odds_slope(pull, a) * logistic(log_odds(pull, a));
}

double tw_pull_peak(const tw_pull *pull) {
    double left = walk(log_target_slope, pull, 0.0, -1.0, true);
    double right = walk(log_target_slope, pull, 0.0, 1.0, false);
    return tw_bisect(log_target_slope, pull, left, right);
}

double tw_pull_target(const tw_pull *pull, double t) {
    return exp(log_target(pull, t));
}

double tw_pull_fold(const tw_pull *pull) {
    return pull->power > 0.0 ? tw_pull_target(pull, tw_pull_peak(pull)) : 1.0;
}

/* h(t) - log target. */
typedef struct equation {
    const tw_pull *pull;
    double log_target;
} equation;

static double excess(const void *self, double t) {
    const equation *wanted = self;
    return log_target(wanted->pull, t) - wanted->log_target;
}

static double to_x(const tw_pull *pull, double t) {
    return pull->ce ? exp(t) : logistic(t);
}

bool tw_pull_solve(const tw_pull *pull, double target, tw_pull_root *root) {
    equation wanted = {pull, log(target)};
    double inside = 0.0;
    if (pull->power > 0.0) {
        inside = tw_pull_peak(pull);
        /* Compared as targets: a lambda read off the fold is still on it. */
        if (target > tw_pull_target(pull, inside)) return false;
    } else {
        if (!(wanted.log_target < 0.0)) return false;
        inside = walk(excess, &wanted, 1.0, -1.0, true);
    }
    root->x =
        to_x(pull, tw_bisect(excess, &wanted, inside, walk(excess, &wanted, inside, 1.0, false)));
    root->residual = target * pow(root->x, -pull->power);
    return true;
}

double tw_pull_other(const tw_pull *pull, double target) {
    equation wanted = {pull, log(target)};
    if (!(pull->power > 0.0)) return NAN;
    double peak = tw_pull_peak(pull);
    return to_x(pull, tw_bisect(excess, &wanted, peak, walk(excess, &wanted, peak, -1.0, false)));
}

/* ce: -log p_t = log(1 + (k-1) e^{-a} + (K-k) e^{-a(k-1)/k}). */
double tw_pull_fit(const tw_pull *pull, const tw_pull_root *root) {
    double k = pull->size;
    if (!pull->ce) return 0.5 * root->residual * root->residual;
    return log1p((k - 1.0) * exp(-root->x) + (pull->classes - k) * exp(-root->x * (k - 1.0) / k));
}
