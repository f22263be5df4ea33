/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "closed_form_oracle.h"

#include <math.h>
#include <stdlib.h>

/* x^{power/(L+1)} */
static double root(const oracle_case *c, double x, double power) {
    return pow(x, power / (double)(c->layers + 1));
}

/* Probabilities in a block of k classes at scale a, outside classes having logit 0; relative to
 * the true class, so that nothing overflows, and 1 - p_t summed rather than subtracted. */
typedef struct softmax {
    double miss, other, log_true; /* 1 - p_t, p_o, log p_t */
} softmax;

static softmax block_softmax(size_t K, size_t k, double a) {
    double outside = (double)(K - k) * exp(-a * (double)(k - 1) / (double)k);
    double rest = (double)(k - 1) * exp(-a) + outside;
    return (softmax){rest / (1 + rest), exp(-a) / (1 + rest), -log1p(rest)};
}

/* Pull of the loss minus pull of the regulariser: its last change of sign is the optimum. */
static double ce_balance(const oracle_case *c, size_t block, double a) {
    softmax p = block_softmax(c->classes, block, a);
    double L = (double)c->layers;
    return root(c, a, L - 1) * (p.miss + p.other) / (double)c->classes -
           c->lambda * root(c, (double)c->per_class, 1);
}

static double mse_balance(const oracle_case *c, size_t unused, double q) {
    (void)unused;
    return (1 - q) * root(c, q, (double)c->layers - 1) -
           c->lambda * (double)c->classes * root(c, (double)c->per_class, 1);
}

/* The largest x in (0, top) where balance falls through zero: walk down, then halve. */
static int last_root(double (*balance)(const oracle_case *, size_t, double), const oracle_case *c,
                     size_t block, double top, double *x) {
    enum { STEPS = 100000 };
    double low = top, high = top;
    for (int i = 1; i < STEPS && balance(c, block, low) <= 0; i++) {
        high = low;
        low = top * (1 - (double)i / STEPS);
    }
    if (balance(c, block, low) <= 0) return -1;
    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        if (balance(c, block, middle) > 0)
            low = middle;
        else
            high = middle;
    }
    *x = low;
    return 0;
}

int oracle_ce_partition(const oracle_case *c, size_t count, const size_t *blocks,
                        double *class_logits, double *loss) {
    size_t K = c->classes, first = 0;
    double n = (double)c->per_class, L = (double)c->layers;
    for (size_t i = 0; i < K * K; i++) class_logits[i] = 0;
    *loss = 0;
    for (size_t b = 0; b < count; b++) {
        size_t k = blocks[b];
        double a;
        if (last_root(ce_balance, c, k, 100, &a)) return -1;
        for (size_t i = first; i < first + k; i++)
            for (size_t j = first; j < first + k; j++)
                class_logits[i + K * j] = a * ((i == j) - 1 / (double)k);
        *loss -= (double)k / (double)K * block_softmax(K, k, a).log_true;
        /* k-1 singular values a sqrt(n) of the logits, (L+1)/2 sigma^{2/(L+1)} each */
        *loss += c->lambda / 2 * (L + 1) * (double)(k - 1) * root(c, a * sqrt(n), 2);
        first += k;
    }
    return 0;
}

int oracle_ce_collapse(const oracle_case *c, double *a, double *loss) {
    double K = (double)c->classes, L = (double)c->layers;
    if (last_root(ce_balance, c, c->classes, 100, a)) return -1;
    *loss = log1p((K - 1) * exp(-*a)) + (L + 1) * (K - 1) / 2 * *a / (exp(*a) + K - 1);
    return 0;
}

size_t oracle_ce_spectrum(const oracle_case *c, double a, oracle_level *levels) {
    size_t K = c->classes, n = c->per_class, d = c->width, L = c->layers, r = K - 1;
    double ratio = a / (double)K, more = (double)(L + 1), classes = (double)K;
    double other = 1 / (exp(a) + classes - 1), D = exp(a) * other - other;
    double steep = ratio * (1 + (classes - 1) * D); /* k(1 + (K-1)D) */
    double upper = 2 + more * (ratio * (1 + (classes - 2) * D) - 1), lower = 1 + ratio + ratio * D;
    double coupling = sqrt(more) * a * D * sqrt(classes - 2) / classes;
    double mean = (upper + lower) / 2, spread = hypot((upper - lower) / 2, coupling);
    const oracle_level units[] = {
        {0, L * (r * (d - r) + r * (r - 1) / 2)},
        {2, L * (r * (d - r) + r * (r + 1) / 2)},
        {1, (L - 1) * (d - r) * (d - r) + d + (d - r) + K * (n - 1) * (d - r)},
        {1 + ratio, K * (n - 1) * (K - 2)},
        {1 + steep, K * (n - 1)},
        {more * (1 + ratio), r * (r - 1) / 2},
        {more * ratio - (more - 2), K * (K - 3) / 2},
        {more * steep - (more - 2), 1},
        {mean + spread, K - 1},
        {mean - spread, K - 1},
    };
    size_t count = sizeof units / sizeof units[0];
    for (size_t i = 0; i < count; i++)
        levels[i] = (oracle_level){c->lambda * units[i].value, units[i].multiplicity};
    return count;
}

int oracle_mse_collapse(const oracle_case *c, double *q) {
    return last_root(mse_balance, c, 0, 1, q);
}

double oracle_mse_loss(const oracle_case *c, double q, size_t r) {
    double K = (double)c->classes, L = (double)c->layers;
    return ((double)r * (1 - q) * (1 + L * q) + (K - (double)r)) / (2 * K);
}

size_t oracle_mse_nullity(const oracle_case *c, size_t r) {
    return c->layers * (r * c->width - r * (r + 1) / 2) + r * (c->classes - r);
}

size_t oracle_mse_spectrum(const oracle_case *c, double q, oracle_level *levels) {
    size_t K = c->classes, n = c->per_class, d = c->width, L = c->layers;
    double kappa = q / (1 - q), more = (double)(L + 1);
    const oracle_level units[] = {
        {0, L * (K * (d - K) + K * (K - 1) / 2)},
        {2, L * (K * (d - K) + K * (K + 1) / 2)},
        {1, (L - 1) * (d - K) * (d - K) + (d - K) * K * (n - 1)},
        {1 + kappa, K * K * (n - 1)},
        {more * kappa - (more - 2), K * (K + 1) / 2},
        {more * (1 + kappa), K * (K - 1) / 2},
    };
    size_t count = sizeof units / sizeof units[0];
    for (size_t i = 0; i < count; i++)
        levels[i] = (oracle_level){c->lambda * units[i].value, units[i].multiplicity};
    return count;
}

static int ascending(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

size_t oracle_expand(size_t count, const oracle_level *levels, double *values) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < levels[i].multiplicity; j++) values[total++] = levels[i].value;
    qsort(values, total, sizeof *values, ascending);
    return total;
}
