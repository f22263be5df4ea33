/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claim (j): which singular values a deep optimum keeps, by bounds that hold at every global
 * minimum (docs/mathematics.md (11.1) to (11.3)). f_2: the loss of K classes on a regular polygon,
 * of rank 2; no global minimum has more. */
#include "claims/claims_private.h"

#include <math.h>

typedef struct bounds {
    double loss;          /* f_2 */
    double second, third; /* sigma_2 is at least, sigma_3 at most this */
} bounds;

/* Loss of Z = b cos(2 pi (j - k)/K): two singular values b K sqrt(n)/2. */
static double polygon(double K, double n, double L, double lambda, double b) {
    double others = 0.0, turn = 2.0 * acos(-1.0) / K;
    for (double j = 1; j < K; j++) others += exp(b * (cos(turn * j) - 1.0));
    return log1p(others) + lambda * (L + 1) * pow(0.5 * b * K * sqrt(n), 2.0 / (L + 1));
}

/* The lowest of a fine geometric grid of b; any b gives a valid bound. */
static double lowest_polygon(double K, double n, double L, double lambda) {
    double lowest = INFINITY;
    for (double b = 0.5; b < 1e5; b *= 1.01) lowest = fmin(lowest, polygon(K, n, L, lambda, b));
    return lowest;
}

/* sigma_2 >= margin/sqrt 2 with margin the smallest that N f_2 allows a sample; what the two
 * largest singular values leave of the penalty bounds the third. */
static bounds bound(double K, double n, double L, double lambda) {
    bounds b = {.third = INFINITY};
    b.loss = lowest_polygon(K, n, L, lambda);
    double margin = -log(expm1(K * n * b.loss));
    if (!(margin > 0.0)) return b;
    b.second = margin / sqrt(2.0);
    double left = 2.0 * b.loss / (lambda * (L + 1)) - 2.0 * pow(b.second, 2.0 / (L + 1));
    b.third = pow(fmax(left, 0.0), 0.5 * (L + 1));
    return b;
}

/* The singular value number survivors + 1: an upper bound from the third on, a lower one before. */
static double next_value(const bounds *b, double survivors) {
    return survivors >= 2.0 ? b->third : b->second;
}

static void add_depths(tw_claim_run *run, double K, double n, double power) {
    static const double depths[] = {25, 50, 100, 200, 400, 1600};
    size_t count = run->quick ? 4 : 6, rising = 0;
    double before = INFINITY, last = INFINITY, middle = NAN;
    for (size_t i = 0; i < count; i++) {
        double L = depths[i];
        bounds b = bound(K, n, L, pow(L, -power));
        last = next_value(&b, run->constants[0]);
        rising += last > before;
        if (L == 100) middle = last;
        before = last;
    }
    tw_claim_add(run, (tw_claim_test){last, "<=", 1e-6, 0},
                 "K = %g, n = %g, lambda = L^-%g: bound on the next singular value at L = %g", K, n,
                 power, depths[count - 1]);
    tw_claim_add(run, (tw_claim_test){(double)rising, "=", 0, 0},
                 "... depths where it is above that before");
    tw_claim_add(run, (tw_claim_test){middle, "", NAN, 0}, "... at L = 100");
}

tw_status tw_claim_survivors(tw_claim_run *run) {
    static const double models[][3] = {{4, 1, 2}, {3, 2, 2}, {6, 1, 1.5}, {10, 1, 2}, {5, 5, 3}};
    size_t count = run->quick ? 3 : sizeof models / sizeof *models;
    for (size_t i = 0; i < count && !tw_claim_stop(run, (double)i, (double)count); i++)
        add_depths(run, models[i][0], models[i][1], models[i][2]);
    tw_claim_computed(run,
                      "%zu models of rising depth with lambda = L^-1.5 .. L^-3: bounds on sigma_2 "
                      "from below and sigma_3 from above at every global minimum, (11.1) to "
                      "(11.3), from the loss of a regular polygon. No descent is involved.",
                      count);
    return TW_OK;
}
