/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/examination/examination.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/optima/balanced.h>
#include <thalweg/optima/closed_form.h>

#include "claims/selftest_private.h"

enum { CLASSES = 4, SAMPLES = 2, WIDTH = 6, LAYERS = 3, ENDS = 12 };
#define LAMBDA 2e-3
#define EXACT 1e-12 /* of ||H||: rounding of a few hundred coordinates, with room */

/* One optimum with all that is compared. */
typedef struct optimum {
    const char *name;
    char label[48]; /* loss and name */
    tw_closed_form form;
    tw_point point;
    tw_sectors sectors;
    tw_evaluator *evaluator;
    tw_hessian hessian;
    tw_objective objective;
    tw_linop H;
    tw_dense_result dense;
    double *gradient;
} optimum;

static void optimum_clear(optimum *o) {
    tw_dense_result_clear(&o->dense);
    tw_evaluator_destroy(o->evaluator);
    tw_sectors_clear(&o->sectors);
    tw_point_clear(&o->point);
    tw_closed_form_clear(&o->form);
    free(o->gradient);
}

static tw_status make_point(optimum *o, const char *loss, uint64_t seed) {
    tw_status status = TW_OK;
    const tw_closed_case given = {CLASSES, SAMPLES, WIDTH, LAYERS, LAMBDA, tw_loss_find(loss)};
    const double sizes[CLASSES] = {SAMPLES, SAMPLES, SAMPLES, SAMPLES};
    const double lambda[LAYERS] = {LAMBDA, LAMBDA, LAMBDA};
    const size_t widths[LAYERS + 1] = {WIDTH, WIDTH, WIDTH, CLASSES};
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    double Z[CLASSES * CLASSES];
    TW_TRY(tw_closed_form_solve(&given, o->name, &o->form));
    TW_TRY(tw_closed_form_class_logits(&o->form, Z));
    const tw_class_logits logits = {Z, sizes, LAYERS, widths, lambda, LAMBDA, given.loss};
    TW_TRY(tw_balanced_point(&logits, seed, &o->point));
    TW_TRY(tw_sectors_of_point(&o->point.model, o->point.theta, &options, &o->sectors));
cleanup:
    return status;
}

static tw_status evaluate(optimum *o, tw_selftest_result *checks) {
    tw_status status = TW_OK;
    double value = 0.0, norm = 0.0;
    TW_TRY(tw_evaluator_create(&o->point.model, &o->evaluator));
    o->objective = tw_evaluator_objective(o->evaluator);
    o->gradient = calloc(o->objective.n, sizeof *o->gradient);
    TW_TRY(o->gradient ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for a gradient"));
    TW_TRY(o->objective.eval(o->objective.self, o->point.theta, &value, o->gradient));
    o->hessian = tw_hessian_at(&o->objective, o->point.theta);
    o->H = tw_hessian_linop(&o->hessian);
    for (size_t i = 0; i < o->objective.n; i++) norm = hypot(norm, o->gradient[i]);
    tw_checks_add(checks, norm, 1e-13, "%s: gradient norm at the closed form", o->label);
    tw_checks_add(checks, fabs(value - o->form.loss), 1e-14, "%s: loss against its formula",
                  o->label);
    TW_TRY(tw_spectrum_dense(&o->H, &TW_DENSE_DEFAULTS, &o->dense));
    tw_checks_add(checks, o->dense.asymmetry / o->dense.norm, EXACT, "%s: asymmetry of products",
                  o->label);
cleanup:
    return status;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Worst difference between levels, copies written out, and the dense spectrum, over ||H||. */
static double distance(const tw_levels *levels, const tw_dense_result *dense) {
    size_t n = dense->pairs.count, at = 0;
    double worst = 0.0, *values = tw_levels_total(levels) == n ? calloc(n, sizeof *values) : NULL;
    if (values == NULL) return NAN;
    for (size_t i = 0; i < levels->count; i++)
        for (uint64_t c = 0; c < levels->rows[i].copies; c++) values[at++] = levels->rows[i].value;
    qsort(values, n, sizeof *values, ascending);
    for (size_t i = 0; i < n; i++) worst = fmax(worst, fabs(values[i] - dense->pairs.values[i]));
    free(values);
    return worst / dense->norm;
}

/* Both ends by an engine against the dense spectrum. */
static tw_status compare_engine(const optimum *o, const char *engine, tw_selftest_result *checks) {
    tw_status status = TW_OK;
    double worst = 0.0;
    for (tw_end end = TW_END_SMALLEST; end <= TW_END_LARGEST; end++) {
        tw_search_options options = TW_SEARCH_DEFAULTS;
        tw_search_result search;
        options.end = end;
        options.count = ENDS;
        options.engine = engine;
        options.budget.seed = checks->seed;
        TW_TRY(tw_spectrum_search(&o->H, &options, &search));
        size_t from = end == TW_END_SMALLEST ? 0 : o->dense.pairs.count - ENDS;
        if (search.pairs.count != ENDS) worst = NAN;
        for (size_t i = 0; i < search.pairs.count && i < ENDS; i++)
            worst = fmax(worst, fabs(search.pairs.values[i] - o->dense.pairs.values[from + i]));
        tw_search_result_clear(&search);
    }
    tw_checks_add(checks, worst / o->dense.norm, 1e-10, "%s: %d at either end by %s against dense",
                  o->label, ENDS, engine);
cleanup:
    return status;
}

static tw_status compare_counts(optimum *o, tw_selftest_result *checks) {
    tw_status status = TW_OK;
    tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    tw_examination e = {0};
    options.degeneracy.budget.dense_limit = 1;
    options.degeneracy.budget.seed = checks->seed;
    TW_TRY(tw_point_examine(o->evaluator, &options, o->point.theta, &e));
    double predicted = (double)(o->form.orbit_zero_modes + o->form.other_zero_modes);
    tw_checks_add(checks, fabs((double)e.degeneracy.zero_modes - predicted), 0.0,
                  "%s: zero modes by deflation against the formula", o->label);
    tw_checks_add(checks, e.routes == TW_ROUTES_AGREE ? 0.0 : 1.0, 0.0,
                  "%s: deflation and sectors agree", o->label);
cleanup:
    tw_examination_clear(&e);
    return status;
}

static tw_status check_optimum(const char *name, const char *loss, tw_selftest_result *checks) {
    tw_status status = TW_OK;
    optimum o = {.name = name};
    snprintf(o.label, sizeof o.label, "%s %s", loss, name);
    TW_TRY(make_point(&o, loss, checks->seed));
    TW_TRY(evaluate(&o, checks));
    tw_checks_add(checks, distance(&o.sectors.levels, &o.dense), EXACT, "%s: sectors against dense",
                  o.label);
    if (o.form.has_spectrum)
        tw_checks_add(checks, distance(&o.form.levels, &o.dense), EXACT,
                      "%s: formula against dense", o.label);
    for (size_t i = 0; tw_engine_at(i); i++) TW_TRY(compare_engine(&o, tw_engine_at(i), checks));
    TW_TRY(compare_counts(&o, checks));
cleanup:
    optimum_clear(&o);
    return status;
}

tw_status tw_selftest_optima(tw_selftest_result *checks) {
    tw_status status = TW_OK;
    TW_TRY(check_optimum("dnc", "ce", checks));
    TW_TRY(check_optimum("cross-polytope", "ce", checks));
    TW_TRY(check_optimum("zero", "ce", checks));
    TW_TRY(check_optimum("dnc", "mse", checks));
    TW_TRY(check_optimum("projector:2", "mse", checks));
cleanup:
    return status;
}
