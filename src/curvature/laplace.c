/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/curvature/laplace.h>

#include <float.h>
#include <math.h>

enum { HALVINGS = 200 };

/* log Vol(M) with the copies. */
static double log_volume(const tw_laplace *x) {
    return x->log_orbit_volume + x->log_copies + x->log_unit_copies;
}

static double log_units(double beta) {
    return log(beta / (2.0 * acos(-1.0)));
}

double tw_laplace_free_energy(const tw_laplace *x, double beta) {
    if (!x->defined) return (double)NAN;
    double modes = (double)(x->parameters - x->zero_modes);
    return beta * x->loss - log_volume(x) + 0.5 * (x->log_det.value + modes * log_units(beta));
}

/* F_a - F_b at beta = 2 pi exp(t). */
static double difference(const tw_crossing *c, double t) {
    return c->slope * 2.0 * acos(-1.0) * exp(t) + c->constant - 0.5 * c->excess * t;
}

/* A root between t where the difference has the sign of `from` and t where it has the other one. */
static double bisect(const tw_crossing *c, double from, double to) {
    bool positive = difference(c, from) > 0.0;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (from + to);
        if ((difference(c, middle) > 0.0) == positive)
            from = middle;
        else
            to = middle;
    }
    return 0.5 * (from + to);
}

/* Go from `t` by growing steps until the sign has changed; NAN: exp overflows before. */
static double bracket(const tw_crossing *c, double t, double direction) {
    bool positive = difference(c, t) > 0.0;
    for (double reach = 1.0; reach < 700.0; reach *= 1.5) {
        double at = t + direction * reach;
        if (!isfinite(difference(c, at))) break;
        if ((difference(c, at) > 0.0) != positive) return bisect(c, t, at);
    }
    return (double)NAN;
}

static double beta_at(double t) {
    return 2.0 * acos(-1.0) * exp(t);
}

static void find_roots(tw_crossing *c) {
    double ratio = 0.5 * c->excess / c->slope;
    if (c->slope == 0.0 || !isfinite(ratio)) {
        if (c->excess != 0.0) c->beta = beta_at(2.0 * c->constant / c->excess);
    } else if (ratio > 0.0) { /* an extremum at beta = ratio, and a root on either side or none */
        double t = log_units(ratio);
        if ((difference(c, t) > 0.0) != (c->slope > 0.0)) {
            c->beta = beta_at(bracket(c, t, 1.0));
            c->lower = beta_at(bracket(c, t, -1.0));
        }
    } else { /* monotone */
        double up = bracket(c, 0.0, 1.0);
        c->beta = beta_at(isnan(up) ? bracket(c, 0.0, -1.0) : up);
    }
    c->exists = isfinite(c->beta) && c->beta > 0.0;
}

static double log_det_error(const tw_laplace *x) {
    return x->log_det.exact ? x->log_det_rounding : x->log_det.error;
}

static double half_constant(const tw_laplace *x) {
    return 0.5 * x->log_det.value - log_volume(x);
}

tw_crossing tw_laplace_cross(const tw_laplace *a, const tw_laplace *b) {
    tw_crossing c = {.beta = (double)NAN, .error = (double)NAN, .lower = (double)NAN};
    if (!a->defined || !b->defined) return c;
    c.slope = a->loss - b->loss;
    c.constant = half_constant(a) - half_constant(b);
    c.excess = (double)a->zero_modes - (double)b->zero_modes -
               ((double)a->parameters - (double)b->parameters);
    find_roots(&c);
    if (!c.exists) return c;
    double turn = fabs(c.slope - 0.5 * c.excess / c.beta); /* d(F_a - F_b)/d beta */
    double shift = 0.5 * hypot(log_det_error(a), log_det_error(b));
    c.error = (shift + c.beta * hypot(a->loss_error, b->loss_error)) / turn;
    return c;
}
