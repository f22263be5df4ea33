/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Complete Hessian spectra (docs/mathematics.md, (4.3) and (5.4)), and the one at zero.
 *
 * Written so that nothing cancels for large a: D = (1 - e^{-a}) p_t, 1 + (K-1) D = K p_t with p_t =
 * 1/(1 + (K-1) e^{-a}), and the smaller root of the 2 x 2 matrix [[u, c], [c, v]],
 *     u = (L+1) k (1 + (K-2) D) - (L-1),  v = 1 + k + k D,  c^2 = (L+1) k^2 D^2 (K-2),
 * as determinant over larger root, with the determinant
 *     u v - c^2 = ((L+1) k - (L-1)) v + (L+1) k (K-2) D (1 + k). */
#include "optima/closed_form_private.h"

#include <float.h>
#include <math.h>

typedef struct row {
    double value;
    uint64_t copies;
    const char *label;
} row;

static tw_status add_rows(tw_levels *levels, size_t count, const row *rows) {
    for (size_t i = 0; i < count; i++) {
        tw_status status = tw_levels_add(levels, rows[i].value, rows[i].copies, rows[i].label);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

/* The rotations of the hidden spaces and the changes of balance: the same for every loss, as all
 * singular values agree. */
static tw_status add_chain(tw_levels *levels, const tw_closed_form *form) {
    uint64_t L = form->given.layers, d = form->given.width, r = form->rank;
    const row rows[] = {
        {0.0, form->orbit_zero_modes, "gauge"},
        {2.0 * form->given.lambda, L * (r * (d - r) + r * (r + 1) / 2), "imbalance"},
    };
    return add_rows(levels, sizeof rows / sizeof *rows, rows);
}

/* The symmetric changes of the class logits and the means: (4.3) from the seventh row on. For K = 2
 * the seventh row has -1 copies and the 2 x 2 matrix is diagonal: they cancel, and v is left. */
static tw_status add_ce_shapes(tw_levels *levels, const tw_closed_form *form, double k, double D) {
    double lambda = form->given.lambda, K = (double)form->given.classes;
    double more = (double)(form->given.layers + 1), less = more - 2.0;
    double pairs = more * k - less;
    double u = pairs + more * k * (K - 2.0) * D, v = 1.0 + k + k * D;
    double large = 0.5 * (u + v) + hypot(0.5 * (u - v), k * D * sqrt(more * (K - 2.0)));
    double small = (pairs * v + more * k * (K - 2.0) * D * (1.0 + k)) / large;
    uint64_t count = form->given.classes;
    if (count == 2) return tw_levels_add(levels, lambda * v, 1, "class mean, stiff");
    const row rows[] = {
        {lambda * pairs, count * (count - 3) / 2, "class pairs"},
        {lambda * small, count - 1, "class mean, soft"},
        {lambda * large, count - 1, "class mean, stiff"},
    };
    return add_rows(levels, sizeof rows / sizeof *rows, rows);
}

static tw_status add_ce(tw_levels *levels, const tw_closed_form *form) {
    tw_status status = TW_OK;
    double lambda = form->given.lambda, a = form->parts[0].class_singular,
           others = (double)form->rank;
    double more = (double)(form->given.layers + 1), k = a / (others + 1.0);
    double p_t = 1.0 / (1.0 + others * exp(-a)), D = -expm1(-a) * p_t;
    uint64_t L = form->given.layers, d = form->given.width, r = form->rank, K = r + 1;
    uint64_t spread = K * (form->given.samples - 1);
    const row rows[] = {
        {lambda, (L - 1) * (d - r) * (d - r) + d + (d - r) + spread * (d - r), "ridge"},
        {lambda * (1.0 + k), spread * (K - 2), "within class"},
        {lambda * (1.0 + a * p_t), spread, "within class, margin"},
        {lambda * more * (1.0 + k), r * (r - 1) / 2, "logit rotation"},
        {lambda * (more * a * p_t - (more - 2.0)), 1, "scale"},
    };
    TW_TRY(add_rows(levels, sizeof rows / sizeof *rows, rows));
    TW_TRY(add_ce_shapes(levels, form, k, D));
cleanup:
    return status;
}

/* lambda kap = lambda q/(1-q) stays finite where kap alone would not. */
static tw_status add_mse(tw_levels *levels, const tw_closed_form *form) {
    double lambda = form->given.lambda, more = (double)(form->given.layers + 1);
    double pull = lambda / form->parts[0].residual * form->parts[0].class_singular;
    uint64_t L = form->given.layers, d = form->given.width, K = form->rank;
    uint64_t spread = K * (form->given.samples - 1);
    const row rows[] = {
        {lambda, (L - 1) * (d - K) * (d - K) + (d - K) * spread, "ridge"},
        {lambda + pull, spread * K, "within class"},
        {more * pull - lambda * (more - 2.0), K * (K + 1) / 2, "logit stretch"},
        {more * (lambda + pull), K * (K - 1) / 2, "logit rotation"},
    };
    return add_rows(levels, sizeof rows / sizeof *rows, rows);
}

uint64_t tw_closed_growth_pairs(const tw_closed_case *given) {
    uint64_t K = given->classes;
    return given->layers > 1 ? 0 : given->width * (tw_closed_is_ce(given) ? K - 1 : K);
}

bool tw_closed_is_marginal(const tw_closed_case *given) {
    return given->layers == 1 &&
           fabs(given->lambda * tw_closed_target_scale(given) - 1.0) <= 4.0 * DBL_EPSILON;
}

/* Each hidden coordinate couples a column of W with a row of H through G = D_L at Z = 0, which is
 * -S (x) 1^T/N (ce) or -I (x) 1^T/N (mse): singular values 1/(K sqrt n). */
static tw_status add_zero(tw_levels *levels, const tw_closed_form *form) {
    const tw_closed_case *given = &form->given;
    double lambda = given->lambda, c = 1.0 / tw_closed_target_scale(given);
    uint64_t pairs = tw_closed_growth_pairs(given);
    const row rows[] = {
        {tw_closed_is_marginal(given) ? 0.0 : lambda - c, pairs, "growth"},
        {lambda, form->parameters - 2 * pairs, "ridge"},
        {lambda + c, pairs, "counter-growth"},
    };
    return add_rows(levels, sizeof rows / sizeof *rows, rows);
}

bool tw_closed_is_collapse(const tw_closed_form *form) {
    const tw_closed_part *part = form->parts;
    return form->part_count == 1 && part->count == 1 && part->size == form->given.classes &&
           (tw_closed_is_ce(&form->given) || part->rank == form->given.classes);
}

#define KNOWN 4.0 /* eps ||H||: rounding of the formulas and of the root that they start from */

static void count_zeros(tw_closed_form *form) {
    double eps = 0.0;
    for (size_t i = 0; i < form->levels.count; i++)
        eps = fmax(eps, DBL_EPSILON * fabs(form->levels.rows[i].value));
    form->zero = tw_zero_rule_resolved(KNOWN * eps);
    form->zero.error = eps;
    form->zero.explained = form->orbit_zero_modes;
    tw_zero_rule_count_levels(&form->zero, &form->levels);
}

tw_status tw_closed_spectrum(tw_closed_form *form) {
    tw_status status = TW_OK;
    if (form->part_count > 0 && !tw_closed_is_collapse(form)) return TW_OK;
    form->has_spectrum = true;
    if (form->part_count == 0) {
        TW_TRY(add_zero(&form->levels, form));
    } else {
        bool ce = tw_closed_is_ce(&form->given);
        TW_TRY(add_chain(&form->levels, form));
        TW_TRY(ce ? add_ce(&form->levels, form) : add_mse(&form->levels, form));
    }
    tw_levels_join(&form->levels, 0.0);
    count_zeros(form);
cleanup:
    return status;
}
