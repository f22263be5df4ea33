/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "certificate/certificate_ball_private.h"

#include <arb_hypgeom.h>
#include <string.h>
#include <thalweg/certificate/certificate_ball.h>

const char *tw_enclosure_library(void) {
    return "Arb " ARB_VERSION;
}

/* ---- Activations ---- */

static bool linear(double sharpness, const arb_t s, arb_ptr d, slong bits) {
    (void)sharpness;
    (void)bits;
    arb_set(d, s);
    arb_one(d + 1);
    arb_zero(d + 2);
    return true;
}

/* max(s, slope s) for a slope in [0, 1). */
static bool rectify(double slope, const arb_t s, arb_ptr d, slong bits) {
    arb_set_d(d + 1, slope);
    arb_mul(d + 2, d + 1, s, bits);
    arb_max(d, s, d + 2, bits);
    arb_zero(d + 2);
    if (arb_is_positive(s)) arb_one(d + 1);
    if (arb_is_positive(s) || arb_is_negative(s)) return true;
    arb_indeterminate(d + 1);
    arb_indeterminate(d + 2);
    return false;
}

static bool relu(double sharpness, const arb_t s, arb_ptr d, slong bits) {
    (void)sharpness;
    return rectify(0.0, s, d, bits);
}

static bool leaky_relu(double sharpness, const arb_t s, arb_ptr d, slong bits) {
    (void)sharpness;
    return rectify(0.01, s, d, bits); /* the double beside 1/100, as in src/model */
}

/* phi' = 1 - phi^2, phi'' = -2 phi phi'. */
static bool hyperbolic_tangent(double sharpness, const arb_t s, arb_ptr d, slong bits) {
    (void)sharpness;
    arb_tanh(d, s, bits);
    arb_one(d + 1);
    arb_submul(d + 1, d, d, bits);
    arb_mul(d + 2, d, d + 1, bits);
    arb_mul_si(d + 2, d + 2, -2, bits);
    return true;
}

/* log(1 + e)/beta with e = exp(beta s), phi' = e/(1 + e), phi'' = beta phi' (1 - phi'). */
static bool softplus(double sharpness, const arb_t s, arb_ptr d, slong bits) {
    arb_t beta, e, one;
    arb_init(beta);
    arb_init(e);
    arb_init(one);
    arb_set_d(beta, sharpness);
    arb_mul(e, beta, s, bits);
    arb_exp(e, e, bits);
    arb_log1p(d, e, bits);
    arb_div(d, d, beta, bits);
    arb_add_ui(one, e, 1, bits);
    arb_div(d + 1, e, one, bits);
    arb_div(d + 2, d + 1, one, bits);
    arb_mul(d + 2, d + 2, beta, bits);
    arb_clear(beta);
    arb_clear(e);
    arb_clear(one);
    return true;
}

/* s Phi(s), Phi = (1 + erf(s/sqrt 2))/2 with the density q = exp(-s^2/2)/sqrt(2 pi):
 * phi' = Phi + s q, phi'' = (2 - s^2) q. */
static bool gelu(double sharpness, const arb_t s, arb_ptr d, slong bits) {
    (void)sharpness;
    arb_t q, square;
    arb_init(q);
    arb_init(square);
    arb_sqrt_ui(q, 2, bits);
    arb_div(q, s, q, bits);
    arb_neg(q, q);
    arb_hypgeom_erfc(d + 1, q, bits);
    arb_mul_2exp_si(d + 1, d + 1, -1);
    arb_mul(d, s, d + 1, bits);
    arb_sqr(square, s, bits);
    arb_mul_2exp_si(q, square, -1);
    arb_neg(q, q);
    arb_exp(q, q, bits);
    arb_const_pi(d + 2, bits);
    arb_mul_2exp_si(d + 2, d + 2, 1);
    arb_rsqrt(d + 2, d + 2, bits);
    arb_mul(q, q, d + 2, bits);
    arb_addmul(d + 1, s, q, bits);
    arb_sub_ui(square, square, 2, bits);
    arb_mul(d + 2, square, q, bits);
    arb_neg(d + 2, d + 2);
    arb_clear(q);
    arb_clear(square);
    return true;
}

static const tw_ball_phi phis[] = {{"linear", linear},         {"relu", relu},
                                   {"leaky-relu", leaky_relu}, {"tanh", hyperbolic_tangent},
                                   {"softplus", softplus},     {"gelu", gelu}};

const tw_ball_phi *tw_ball_phi_find(const char *name) {
    for (size_t i = 0; i < sizeof phis / sizeof *phis; i++)
        if (strcmp(phis[i].name, name) == 0) return &phis[i];
    return NULL;
}

/* ---- Cross entropy ---- */

/* e (orders, out) = exp(z_j - z_y) as a series. */
static void odds(const tw_ball_sample *sample, slong j, arb_ptr e, slong bits) {
    arb_ptr u = sample->room;
    for (slong k = 0; k < sample->orders; k++) {
        arb_srcptr z = sample->z + k * sample->classes;
        arb_sub(u + k, z + j, z + sample->label, bits);
    }
    arb_exp(e, u, bits);
    if (sample->orders > 1) arb_mul(e + 1, e, u + 1, bits);
    if (sample->orders > 2) {
        arb_sqr(u, u + 1, bits);
        arb_mul_2exp_si(u, u, -1);
        arb_add(u, u, u + 2, bits);
        arb_mul(e + 2, e, u, bits);
    }
}

/* log(1 + s_0 + s_1 t + s_2 t^2), s the summed odds: the coefficients are log(1 + s_0), q and
 * s_2/(1 + s_0) - q^2/2 with q = s_1/(1 + s_0). */
static void add_cross_entropy(const tw_ball_sample *sample, arb_ptr sum, slong bits) {
    arb_ptr s = sample->room + 3, e = s + 3, log = e + 3;
    for (slong k = 0; k < sample->orders; k++) arb_zero(s + k);
    for (slong j = 0; j < sample->classes; j++) {
        if (j == sample->label) continue;
        odds(sample, j, e, bits);
        for (slong k = 0; k < sample->orders; k++) arb_add(s + k, s + k, e + k, bits);
    }
    arb_log1p(log, s, bits);
    arb_add(sum, sum, log, bits);
    arb_add_ui(s, s, 1, bits);
    for (slong k = 1; k < sample->orders; k++) {
        arb_div(s + k, s + k, s, bits);
        arb_add(sum + k, sum + k, s + k, bits);
    }
    if (sample->orders > 2) {
        arb_sqr(s + 1, s + 1, bits);
        arb_mul_2exp_si(s + 1, s + 1, -1);
        arb_sub(sum + 2, sum + 2, s + 1, bits);
    }
}

static void cross_entropy_gradient(const tw_ball_sample *sample, arb_ptr d, slong bits) {
    tw_ball_sample values = *sample;
    arb_t total;
    arb_init(total);
    values.orders = 1;
    for (slong j = 0; j < sample->classes; j++) {
        if (j == sample->label) continue;
        odds(&values, j, d + j, bits);
        arb_add(total, total, d + j, bits);
    }
    arb_neg(d + sample->label, total);
    arb_add_ui(total, total, 1, bits);
    for (slong j = 0; j < sample->classes; j++) arb_div(d + j, d + j, total, bits);
    arb_clear(total);
}

/* ---- Squared error ---- */

static void squared_error_gradient(const tw_ball_sample *sample, arb_ptr d, slong bits) {
    for (slong j = 0; j < sample->classes; j++)
        arb_sub_ui(d + j, sample->z + j, j == sample->label, bits);
}

/* With e = z_0 - e_y: e.e/2, e.z_1, z_1.z_1/2 + e.z_2. */
static void add_squared_error(const tw_ball_sample *sample, arb_ptr sum, slong bits) {
    slong classes = sample->classes;
    arb_srcptr z1 = sample->z + classes, z2 = z1 + classes;
    arb_ptr product = sample->room, e = product + 1;
    squared_error_gradient(sample, e, bits);
    arb_dot(product, NULL, 0, e, 1, e, 1, classes, bits);
    arb_mul_2exp_si(product, product, -1);
    arb_add(sum, sum, product, bits);
    if (sample->orders > 1) arb_dot(sum + 1, sum + 1, 0, e, 1, z1, 1, classes, bits);
    if (sample->orders > 2) {
        arb_dot(product, NULL, 0, z1, 1, z1, 1, classes, bits);
        arb_mul_2exp_si(product, product, -1);
        arb_dot(product, product, 0, e, 1, z2, 1, classes, bits);
        arb_add(sum + 2, sum + 2, product, bits);
    }
}

static const tw_ball_loss losses[] = {{"ce", add_cross_entropy, cross_entropy_gradient},
                                      {"mse", add_squared_error, squared_error_gradient}};

const tw_ball_loss *tw_ball_loss_find(const char *name) {
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (strcmp(losses[i].name, name) == 0) return &losses[i];
    return NULL;
}
