/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the parts of a closed form to its scales, loss, counts and verdict. */
#include "optima/closed_form_private.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *tw_closed_stability_name(tw_closed_stability stability) {
    static const char *const names[] = {"unknown", "stable", "saddle"};
    return names[stability];
}

bool tw_closed_is_ce(const tw_closed_case *given) {
    return given->loss->separates;
}

static tw_status check_case(const tw_closed_case *given) {
    if (given->classes < 2 || given->samples < 1 || given->width < 1 || given->layers < 1)
        return tw_fail(TW_ERR_ARGUMENT,
                       "a closed form needs K >= 2, n, d, L >= 1: K = %zu, n = %zu, d = %zu, "
                       "L = %zu",
                       given->classes, given->samples, given->width, given->layers);
    if (!(given->lambda >= DBL_MIN && given->lambda <= DBL_MAX))
        return tw_fail(TW_ERR_ARGUMENT, "a closed form needs a positive lambda, not %g",
                       given->lambda);
    if (given->loss == NULL) return tw_fail(TW_ERR_ARGUMENT, "a closed form needs a loss");
    return TW_OK;
}

/* P = (L-1) d^2 + K d + K n d; every multiplicity is at most that. */
static tw_status count_parameters(const tw_closed_case *given, uint64_t *parameters) {
    uint64_t d = given->width, rows_of_d, more;
    if (__builtin_mul_overflow((uint64_t)given->layers - 1, d, &rows_of_d) ||
        __builtin_mul_overflow((uint64_t)given->classes, (uint64_t)given->samples, &more) ||
        __builtin_add_overflow(rows_of_d, more, &rows_of_d) ||
        __builtin_add_overflow(rows_of_d, (uint64_t)given->classes, &rows_of_d) ||
        __builtin_mul_overflow(rows_of_d, d, parameters))
        return tw_fail(TW_ERR_ARGUMENT, "the model has more than 2^64 parameters");
    return TW_OK;
}

/* Scales; NAN throughout when a block has no root. */
static void solve_scales(tw_closed_form *form, double unit) {
    const tw_closed_case *given = &form->given;
    double target = given->lambda * tw_closed_target_scale(given), n = (double)given->samples;
    form->exists = true;
    for (size_t i = 0; i < form->part_count; i++) {
        tw_closed_part *part = &form->parts[i];
        tw_pull pull = tw_closed_pull(given, part);
        tw_pull_root root;
        form->exists = form->exists && tw_pull_solve(&pull, target, &root);
        if (!form->exists) break;
        part->class_singular = root.x;
        part->scale = root.x / unit;
        part->other_scale = tw_pull_other(&pull, target) / unit;
        part->residual = root.residual;
        part->logit_singular = root.x * sqrt(n);
        part->factor_singular = pow(part->logit_singular, 1.0 / (double)(given->layers + 1));
        form->fit += (double)part->count * (pull.ce ? pull.size : (double)part->rank) *
                     tw_pull_fit(&pull, &root) / pull.classes;
        form->penalty += (double)(part->count * part->rank) * root.x * root.residual *
                         (double)(given->layers + 1) / (2.0 * pull.classes);
    }
    for (size_t i = 0; !form->exists && i < form->part_count; i++) {
        tw_closed_part *part = &form->parts[i];
        part->scale = part->other_scale = part->residual = NAN;
        part->class_singular = part->logit_singular = part->factor_singular = NAN;
    }
}

static void finish_loss(tw_closed_form *form) {
    double K = (double)form->given.classes;
    if (!tw_closed_is_ce(&form->given))
        form->fit += (K - (double)form->rank) / (2.0 * K); /* targets outside the range of Pi */
    else if (form->part_count == 0)
        form->fit = log(K);
    if (!form->exists) form->fit = form->penalty = NAN;
    form->loss = form->fit + form->penalty;
}

static void count_zero_modes(tw_closed_form *form) {
    uint64_t L = form->given.layers, d = form->given.width, r = form->rank;
    form->orbit_zero_modes = L * (r * (d - r) + r * (r - 1) / 2);
    form->other_zero_modes = tw_closed_is_ce(&form->given) ? 0 : r * (form->given.classes - r);
    if (form->part_count == 0 && tw_closed_is_marginal(&form->given))
        form->other_zero_modes = tw_closed_growth_pairs(&form->given);
}

static void judge(tw_closed_form *form) {
    const tw_closed_case *given = &form->given;
    bool zero = form->part_count == 0, stable = given->lambda <= form->stable_lambda;
    if (zero)
        stable = given->layers > 1 || tw_closed_is_marginal(given) ||
                 given->lambda * tw_closed_target_scale(given) >= 1.0;
    if (!form->exists || (!zero && isnan(form->stable_lambda))) return;
    form->stability = stable ? TW_CLOSED_STABLE : TW_CLOSED_SADDLE;
}

static tw_status complete(tw_closed_form *form, double unit) {
    if (form->rank > form->given.width)
        return tw_fail(TW_ERR_ARGUMENT, "%s has rank %zu, which does not fit into width %zu",
                       form->kind->name, form->rank, form->given.width);
    solve_scales(form, unit);
    finish_loss(form);
    count_zero_modes(form);
    tw_closed_thresholds(form);
    judge(form);
    return form->exists ? tw_closed_spectrum(form) : TW_OK;
}

tw_status tw_closed_form_solve(const tw_closed_case *given, const char *text,
                               tw_closed_form *form) {
    tw_status status = TW_OK;
    tw_closed_form solved = {.given = *given};
    const tw_closed_row *row;
    const char *argument;
    TW_TRY(check_case(given));
    TW_TRY(tw_closed_read(text, given->loss, &row, &argument));
    solved.kind = &row->kind;
    TW_TRY(count_parameters(given, &solved.parameters));
    TW_TRY(row->arrange(argument, &solved));
    solved.symbol = solved.part_count == 0 || tw_closed_is_ce(given) ? row->symbol : "q";
    TW_TRY(complete(&solved, row->unit));
    *form = solved;
    solved = (tw_closed_form){0};
cleanup:
    tw_closed_form_clear(&solved);
    return status;
}

static tw_status fail_beyond_fold(const tw_closed_form *form) {
    return tw_fail(TW_ERR_DATA, "%s does not exist at lambda = %g: its fold is at %g",
                   form->kind->name, form->given.lambda, form->fold_lambda);
}

/* Entry (i, j) of a block with nonzero singular value x: x (delta_ij - 1/k) for ce; the first
 * `rank` classes for mse. */
static double block_entry(const tw_closed_form *form, const tw_closed_part *part, size_t i,
                          size_t j) {
    double x = part->class_singular;
    if (tw_closed_is_ce(&form->given)) return x * ((i == j) - 1.0 / (double)part->size);
    return i == j && i < part->rank ? x : 0.0;
}

tw_status tw_closed_form_class_logits(const tw_closed_form *form, double *class_logits) {
    size_t K = form->given.classes, first = 0;
    if (!form->exists) return fail_beyond_fold(form);
    memset(class_logits, 0, K * K * sizeof *class_logits);
    for (size_t p = 0; p < form->part_count; p++) {
        const tw_closed_part *part = &form->parts[p];
        for (size_t b = 0; b < part->count; b++, first += part->size)
            for (size_t j = 0; j < part->size; j++)
                for (size_t i = 0; i < part->size; i++)
                    class_logits[first + i + K * (first + j)] = block_entry(form, part, i, j);
    }
    return TW_OK;
}

tw_status tw_closed_form_singular_values(const tw_closed_form *form, double *logits,
                                         double *factors) {
    size_t filled = 0;
    if (!form->exists) return fail_beyond_fold(form);
    for (size_t p = 0; p < form->part_count; p++) {
        const tw_closed_part *part = &form->parts[p];
        for (size_t i = 0; i < part->count * part->rank; i++, filled++) {
            if (logits) logits[filled] = part->logit_singular;
            if (factors) factors[filled] = part->factor_singular;
        }
    }
    return TW_OK;
}

void tw_closed_form_clear(tw_closed_form *form) {
    if (form == NULL) return;
    free(form->parts);
    tw_levels_clear(&form->levels);
    *form = (tw_closed_form){0};
}
