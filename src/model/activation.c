/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/model/activation.h>

#include <math.h>
#include <string.h>

#define LEAKY_SLOPE 0.01 /* PyTorch's default */

static void linear(const tw_activation *self, size_t n, const double *S, double *value,
                   double *first, double *second) {
    (void)self;
    for (size_t i = 0; i < n; i++) {
        value[i] = S[i];
        first[i] = 1.0;
        second[i] = 0.0;
    }
}

static void rectify(size_t n, double slope, const double *S, double *value, double *first,
                    double *second) {
    for (size_t i = 0; i < n; i++) {
        first[i] = S[i] > 0.0 ? 1.0 : slope;
        value[i] = first[i] * S[i];
        second[i] = 0.0;
    }
}

static void relu(const tw_activation *self, size_t n, const double *S, double *value, double *first,
                 double *second) {
    (void)self;
    rectify(n, 0.0, S, value, first, second);
}

static void leaky_relu(const tw_activation *self, size_t n, const double *S, double *value,
                       double *first, double *second) {
    (void)self;
    rectify(n, LEAKY_SLOPE, S, value, first, second);
}

static void hyperbolic_tangent(const tw_activation *self, size_t n, const double *S, double *value,
                               double *first, double *second) {
    (void)self;
    for (size_t i = 0; i < n; i++) {
        double t = tanh(S[i]), c = 1.0 / cosh(S[i]);
        value[i] = t;
        first[i] = c * c; /* not 1 - t^2, which cancels for large |S| */
        second[i] = -2.0 * t * c * c;
    }
}

/* log(1 + exp(beta s))/beta. */
static void softplus(const tw_activation *self, size_t n, const double *S, double *value,
                     double *first, double *second) {
    double beta = self->sharpness;
    for (size_t i = 0; i < n; i++) {
        double s = S[i], e = exp(-beta * fabs(s)); /* in (0, 1]: no overflow on either side */
        double sigmoid = s >= 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
        value[i] = fmax(s, 0.0) + log1p(e) / beta;
        first[i] = sigmoid;
        second[i] = beta * e / ((1.0 + e) * (1.0 + e));
    }
}

/* gelu(s) = s Phi(s) with the normal distribution function (the exact form, not the tanh fit). */
static void gelu(const tw_activation *self, size_t n, const double *S, double *value, double *first,
                 double *second) {
    (void)self;
    const double inverse_root_two = 0.70710678118654752440,
                 inverse_root_two_pi = 0.39894228040143267794;
    for (size_t i = 0; i < n; i++) {
        double s = S[i];
        double distribution = 0.5 * erfc(-s * inverse_root_two);
        double density = inverse_root_two_pi * exp(-0.5 * s * s);
        value[i] = s * distribution;
        first[i] = distribution + s * density;
        second[i] = (2.0 - s * s) * density;
    }
}

static const tw_activation activations[] = {
    {"linear", "s", true, false, true, NULL, 1.0, linear},
    {"relu", "max(s, 0)", false, true, true, "softplus", 1.0, relu},
    {"leaky-relu", "max(s, s/100)", false, true, true, NULL, 1.0, leaky_relu},
    {"tanh", "tanh(s)", false, false, false, NULL, 1.0, hyperbolic_tangent},
    {"softplus", "log(1 + exp(s))", false, false, false, NULL, 1.0, softplus},
    {"gelu", "s Phi(s), Phi the normal distribution function", false, false, false, NULL, 1.0,
     gelu},
};

const tw_activation *tw_activation_at(size_t index) {
    return index < sizeof activations / sizeof activations[0] ? &activations[index] : NULL;
}

const tw_activation *tw_activation_find(const char *name) {
    const tw_activation *activation = NULL;
    for (size_t i = 0; (activation = tw_activation_at(i)) != NULL; i++)
        if (strcmp(activation->name, name) == 0) break;
    return activation;
}
