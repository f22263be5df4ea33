/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points spread over owners: polishing, descent, modes and figures of curvature are those of one
 * owner. */
#include "support/spread.h"

#include <thalweg/curvature/degeneracy.h>
#include <thalweg/curvature/flatness.h>
#include <thalweg/curvature/lowest.h>
#include <thalweg/curvature/slice.h>
#include <thalweg/training/descent.h>
#include <thalweg/training/newton.h>

/* ---- Points ---- */

/* From a point off the sphere. Without its lowest entry of a the ring ends on the orbit. */
static double *start(const owner *o) {
    const spread_problem *p = o->problem;
    double *x = calloc(o->n + 1, sizeof *x);
    for (size_t i = 0; i < o->n; i++) {
        size_t at = o->offset + i;
        x[i] = 1.3 * p->x[at] + (at == p->ring ? 0.0 : 0.05 * sin((double)(3 * at + 1)));
    }
    return x;
}

/* How many of the last steps still halve the gradient is up to rounding: no count of them. */
static tw_status newton(owner *o, told *out) {
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result r;
    tw_objective f = ring_objective(o);
    double *x = start(o);
    options.space = o->space;
    tw_status status = tw_newton(&f, &options, x, &r);
    owner_gather(o, 1, x);
    free(x);
    if (status != TW_OK) return status;
    const double numbers[] = {(double)r.reason, r.value, r.curvature, r.moved, r.size};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) owner_tell(out, numbers[i]);
    return TW_OK;
}

static tw_status descend(owner *o, told *out) {
    const char *const methods[] = {"gd", "momentum", "newton", "lbfgs"};
    tw_objective f = ring_objective(o);
    const tw_descent_problem problem = {.objective = &f};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.space = o->space;
    options.rate = 0.1;
    options.max_steps = 60;
    tw_status status = TW_OK;
    for (size_t i = 0; i < 4 && status == TW_OK; i++) {
        const tw_descent_method *method = tw_descent_method_find(methods[i]);
        tw_descent_state at = {0};
        tw_descent_result r = {0};
        double *x = start(o);
        status = tw_descent_state_init(&at, method, o->n, x);
        if (status == TW_OK) status = tw_descend(method, &problem, &options, &at, x, &r);
        owner_tell(out, r.value);
        owner_tell(out, (double)r.step);
        owner_tell(out, (double)r.reason);
        tw_descent_state_clear(&at);
        free(x);
    }
    return status;
}

static tw_status degeneracy(owner *o, told *out) {
    const spread_problem *p = o->problem;
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    tw_degeneracy_result r = {0};
    tw_objective f = ring_objective(o);
    tw_tangent tangent = ring_tangent(o);
    options.space = o->space;
    options.tangent = &tangent;
    options.budget = spread_budget();
    tw_status status = tw_degeneracy_analyse(&f, p->x + o->offset, &options, &r);
    if (status != TW_OK) return status;
    const double numbers[] = {(double)r.parameters,
                              (double)r.negative_modes,
                              (double)r.zero_modes,
                              (double)r.positive_modes,
                              (double)r.symmetry_modes,
                              (double)r.unexplained,
                              (double)r.verdict,
                              r.smallest,
                              r.norm,
                              (double)r.high.count};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) owner_tell(out, numbers[i]);
    tw_degeneracy_result_clear(&r);
    return TW_OK;
}

static void newton_and_descent_agree(void **state) {
    (void)state;
    for (size_t n = 15; n < 300; n += 130) {
        check_spread(newton, spread_make(n, 0), 1e-9, false);
        check_spread(descend, spread_make(n, 0), 1e-9, false);
    }
}

/* Known: one negative mode, and the orbit's. */
static void modes_agree(void **state) {
    (void)state;
    told out;
    spread_problem *p = spread_make(160, 0);
    check_spread(degeneracy, p, 1e-9, false);
    assert_ok(owners_together(degeneracy, p, p->n, &owners_cuts[2], NULL, &out));
    const double known[] = {160, 1, 6, 153, 6, 0, TW_VERDICT_STRICT_SADDLE, -0.3, 2.0};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_near(out.numbers[i], known[i], 1e-9);
}

/* ---- Figures of a point ---- */

static tw_status figures(owner *o, told *out) {
    static const double radii[] = {0.05}, deviations[] = {0.01};
    const spread_problem *p = o->problem;
    tw_flatness_options options = TW_FLATNESS_DEFAULTS;
    tw_flatness r = {0};
    tw_lowest lowest = {0};
    tw_slice_curvature along = {0};
    tw_objective f = ring_objective(o);
    tw_tangent tangent = ring_tangent(o);
    const double *x = p->x + o->offset;
    options.space = o->space;
    options.tangent = &tangent;
    options.sharpness.radius_count = options.rise.deviation_count = 1;
    options.sharpness.radii = radii;
    options.rise.deviations = deviations;
    options.budget = spread_budget();
    tw_status status = tw_flatness_measure(&f, x, &options, &r);
    if (status == TW_OK) status = tw_lowest_curvature(&f, x, &tangent, NULL, o->space, &lowest);
    if (status == TW_OK) status = tw_slice_compare(&f, x, x, 1e-3, o->space, &along);
    const tw_flat_part *parts[] = {&r.whole, &r.off_orbit};
    for (size_t i = 0; i < 2 && status == TW_OK; i++) {
        owner_tell(out, (double)parts[i]->dimension);
        owner_tell_estimate(out, parts[i]->largest);
        owner_tell_estimate(out, parts[i]->trace);
        owner_tell_estimate(out, parts[i]->zero_modes);
        owner_tell(out, parts[i]->sharpness[0].rise);
        owner_tell_estimate(out, parts[i]->rises[0].rise);
    }
    const double numbers[] = {r.norm,       lowest.value,  lowest.zero.threshold, lowest.negative,
                              along.length, along.hessian, along.slope,           along.slice};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) owner_tell(out, numbers[i]);
    tw_flatness_clear(&r);
    return status;
}

/* One step from one random start, so that the start matters. */
static tw_status first_ascent(owner *o, told *out) {
    static const double radii[] = {0.05};
    const spread_problem *p = o->problem;
    tw_sharpness_options options = TW_SHARPNESS_DEFAULTS;
    tw_sharpness row = {0};
    tw_objective f = ring_objective(o);
    options.radius_count = options.starts = options.max_steps = 1;
    options.radii = radii;
    options.within.space = o->space;
    tw_status status = tw_sharpness_search(&f, p->x + o->offset, &options, &row);
    owner_tell(out, row.rise);
    return status;
}

static void figures_agree(void **state) {
    (void)state;
    check_spread(first_ascent, spread_make(140, 0), 1e-12, false);
    check_spread(figures, spread_make(140, 0), 1e-6, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newton_and_descent_agree),
        cmocka_unit_test(modes_agree),
        cmocka_unit_test(figures_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
