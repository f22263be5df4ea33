/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both losses are written so that nothing cancels where optima live, at p_y -> 1: the gradient's
 * p_y - 1 is summed as -(the others), log sum exp z - z_y goes through log1p, and the Hessian
 * product works with r - r_y (the Hessian annihilates constants), so that p.r has no large term. */
#include <thalweg/model/loss.h>

#include <math.h>
#include <string.h>

static size_t largest_index(size_t count, const double *z) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (z[i] > z[best]) best = i;
    return best;
}

/* One sample: p = softmax(z); returns log sum exp z - z_y. */
static double sample_cross_entropy(size_t classes, size_t label, const double *z, double *p) {
    size_t top = largest_index(classes, z);
    double others = 0.0;
    for (size_t i = 0; i < classes; i++) {
        p[i] = exp(z[i] - z[top]);
        if (i != top) others += p[i];
    }
    for (size_t i = 0; i < classes; i++) p[i] /= 1.0 + others;
    return z[top] - z[label] + log1p(others);
}

static double cross_entropy(const tw_logits *logits, double *D) {
    size_t classes = logits->classes;
    double scale = 1.0 / (double)logits->samples, sum = 0.0;
    for (size_t s = 0; s < logits->samples; s++) {
        double *p = logits->P + s * classes;
        size_t label = (size_t)logits->labels[s];
        sum += sample_cross_entropy(classes, label, logits->Z + s * classes, p);
        if (D == NULL) continue;
        double *d = D + s * classes, others = 0.0;
        for (size_t i = 0; i < classes; i++) {
            d[i] = p[i] * scale;
            if (i != label) others += d[i];
        }
        d[label] = -others;
    }
    return sum * scale;
}

/* RD = p * (r - p.r) / N (theory section 2). */
static void cross_entropy_product(const tw_logits *logits, size_t k, const double *R, double *RD) {
    size_t classes = logits->classes;
    double scale = 1.0 / (double)logits->samples;
    for (size_t s = 0; s < logits->samples; s++) {
        const double *p = logits->P + s * classes;
        size_t label = (size_t)logits->labels[s];
        for (size_t j = 0; j < k; j++) {
            const double *r = R + classes * (j + k * s);
            double *out = RD + classes * (j + k * s), origin = r[label], mean = 0.0;
            for (size_t i = 0; i < classes; i++) mean += p[i] * (r[i] - origin);
            for (size_t i = 0; i < classes; i++) out[i] = scale * p[i] * (r[i] - origin - mean);
        }
    }
}

static double squared_error(const tw_logits *logits, double *D) {
    size_t classes = logits->classes;
    double scale = 1.0 / (double)logits->samples, sum = 0.0;
    for (size_t s = 0; s < logits->samples; s++)
        for (size_t i = 0; i < classes; i++) {
            double target = (size_t)logits->labels[s] == i ? 1.0 : 0.0;
            double error = logits->Z[i + s * classes] - target;
            sum += 0.5 * error * error;
            if (D) D[i + s * classes] = scale * error;
        }
    return sum * scale;
}

static void squared_error_product(const tw_logits *logits, size_t k, const double *R, double *RD) {
    double scale = 1.0 / (double)logits->samples;
    size_t count = logits->classes * logits->samples * k;
    for (size_t i = 0; i < count; i++) RD[i] = scale * R[i];
}

static const tw_loss losses[] = {
    {"ce", "log sum exp z - z_y", true, true, cross_entropy, cross_entropy_product},
    {"mse", "(1/2) ||z - e_y||^2", false, false, squared_error, squared_error_product},
};

const tw_loss *tw_loss_at(size_t index) {
    return index < sizeof losses / sizeof losses[0] ? &losses[index] : NULL;
}

const tw_loss *tw_loss_find(const char *name) {
    const tw_loss *loss = NULL;
    for (size_t i = 0; (loss = tw_loss_at(i)) != NULL; i++)
        if (strcmp(loss->name, name) == 0) break;
    return loss;
}
