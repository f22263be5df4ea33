/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors spread over owners: every algorithm that takes a space gives all owners the same bits,
 * gives them what one owner gets up to rounding, and leaves nobody waiting. */
#include "support/spread.h"

#include <thalweg/curvature/degeneracy.h>
#include <thalweg/curvature/flatness.h>
#include <thalweg/curvature/lowest.h>
#include <thalweg/curvature/slice.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/interior.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/trace.h>
#include <thalweg/training/descent.h>
#include <thalweg/training/newton.h>

#define AGREE 1e-7 /* of numbers that Lanczos makes, whose rounding may grow along the way */

enum { MOST_COLUMNS = 64 };

static tw_budget iterative(void) {
    tw_budget budget = TW_BUDGET_DEFAULTS;
    budget.dense_limit = 0;
    return budget;
}

static void tell_estimate(told *out, tw_estimate e) {
    owner_tell(out, e.value);
    owner_tell(out, e.error);
    owner_tell(out, e.low);
    owner_tell(out, e.high);
}

/* ---- Comparing ---- */

static bool alike(double a, double b, double tolerance) {
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= tolerance * fmax(1.0, fabs(b));
}

/* All cuts against one owner; pairs: the first numbers are a count and so many values, and the
 * gathered columns have to be their unit eigenvectors. */
static void check(owner_job job, spread_problem *problem, double tolerance, bool pairs) {
    static double gathered[SPREAD_MOST * MOST_COLUMNS], image[SPREAD_MOST];
    told one, many;
    assert_ok(owners_alone(job, problem, problem->n, gathered, &one));
    owner whole = {.n = problem->n, .whole = problem->n, .problem = problem};
    for (size_t c = 0; c < OWNERS_CUTS; c++) {
        tw_status status =
            owners_together(job, problem, problem->n, &owners_cuts[c], gathered, &many);
        assert_int_equal(status, TW_OK);
        assert_int_equal(many.count, one.count);
        for (size_t i = 0; i < one.count; i++)
            if (!alike(many.numbers[i], one.numbers[i], tolerance))
                fail_msg("number %zu of %zu owners: %.17g, of one %.17g", i, owners_cuts[c].owners,
                         many.numbers[i], one.numbers[i]);
        for (size_t j = 0; pairs && j < (size_t)many.numbers[0]; j++) {
            double *v = gathered + j * problem->n, value = many.numbers[1 + j];
            spread_apply(&whole, 1, v, problem->n, image, problem->n);
            for (size_t i = 0; i < problem->n; i++) image[i] -= value * v[i];
            assert_near(sqrt(spread_dot(&whole, v, v)), 1.0, 1e-12);
            assert_near(sqrt(spread_dot(&whole, image, image)), 0.0, 1e-8);
        }
    }
}

/* ---- Random vectors ---- */

static void parts_of_a_random_vector_are_parts_of_one(void **state) {
    (void)state;
    static double whole[200000], part[200000];
    const size_t lengths[] = {1, 1000, 65536, 131072, 150001};
    const double fractions[] = {0.0, 0.01, 0.4369, 0.5, 0.87, 1.0};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        size_t n = lengths[l];
        tw_random stream, all;
        tw_random_init(&all, 5, TW_PURPOSE_TEST, 1);
        tw_random_fill_normal(&all, n, whole);
        double next = tw_random_normal(&all), mean = 0.0;
        for (size_t i = 0; i < n; i++) mean += whole[i] / (double)n;
        assert_near(mean, 0.0, 5.0 / sqrt((double)n));
        for (size_t a = 0; a < 6; a++)
            for (size_t b = a; b < 6; b++) {
                size_t from = (size_t)(fractions[a] * (double)n);
                size_t to = (size_t)(fractions[b] * (double)n);
                tw_random_init(&stream, 5, TW_PURPOSE_TEST, 1);
                tw_random_fill_normal_part(&stream, n, from, to - from, part);
                assert_memory_equal(part, whole + from, (to - from) * sizeof *part);
                assert_true(tw_random_normal(&stream) == next);
            }
    }
}

/* ---- Spectra ---- */

static tw_status search_end(owner *o, told *out, tw_end end, double beyond) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result result = {0};
    tw_linop A = spread_operator(o);
    options.end = end;
    options.count = 12;
    options.beyond = beyond;
    options.within.space = o->space;
    tw_status status = tw_spectrum_search(&A, &options, &result);
    if (status != TW_OK) return status;
    owner_tell(out, (double)result.pairs.count);
    for (size_t i = 0; i < result.pairs.count; i++) owner_tell(out, result.pairs.values[i]);
    owner_tell(out, (double)result.reason);
    owner_tell(out, result.cluster_cut);
    owner_tell(out, result.next);
    owner_gather(o, result.pairs.count, result.pairs.vectors);
    tw_search_result_clear(&result);
    return TW_OK;
}

static tw_status search_low(owner *o, told *out) {
    return search_end(o, out, TW_END_SMALLEST, (double)NAN);
}

static tw_status search_high(owner *o, told *out) {
    return search_end(o, out, TW_END_LARGEST, 2.2);
}

static tw_status tell_interior(owner *o, told *out, tw_interior_result *r) {
    owner_tell(out, (double)r->pairs.count);
    for (size_t i = 0; i < r->pairs.count; i++) owner_tell(out, r->pairs.values[i]);
    owner_tell(out, (double)r->reason);
    owner_tell(out, r->method[0]);
    owner_tell(out, r->inertia_checked);
    owner_gather(o, r->pairs.count, r->pairs.vectors);
    tw_interior_result_clear(r);
    return TW_OK;
}

static tw_status interval(owner *o, told *out) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result result = {0};
    tw_linop A = spread_operator(o);
    options.inertia_limit = 0;
    options.within.space = o->space;
    tw_status status = tw_spectrum_interval(&A, 0.45, 0.55, &options, &result);
    return status == TW_OK ? tell_interior(o, out, &result) : status;
}

static tw_status nearest(owner *o, told *out) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    tw_interior_result result = {0};
    tw_linop A = spread_operator(o);
    options.inertia_limit = 0;
    options.max_steps = 40;
    options.within.space = o->space;
    tw_status status = tw_spectrum_nearest(&A, 1.0, 5, &options, &result);
    return status == TW_OK ? tell_interior(o, out, &result) : status;
}

static void eigenpairs_agree(void **state) {
    (void)state;
    for (size_t n = 11; n <= 130; n += 109) {
        check(search_low, spread_make(n, 4), AGREE, true);
        check(search_high, spread_make(n, 0), AGREE, true);
    }
}

static void interior_pairs_agree(void **state) {
    (void)state;
    check(interval, spread_make(90, 4), AGREE, true);
    check(interval, spread_make(210, 0), AGREE, true);
    check(nearest, spread_make(90, 30), AGREE, true);
    check(nearest, spread_make(210, 0), AGREE, true);
}

/* ---- Estimates ---- */

static tw_status trace(owner *o, told *out) {
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result r;
    tw_linop A = spread_operator(o);
    options.within.space = o->space;
    options.budget = iterative();
    tw_status status = tw_trace_estimate(&A, &options, &r);
    if (status != TW_OK) return status;
    tell_estimate(out, r.trace);
    tell_estimate(out, r.frobenius_squared);
    tell_estimate(out, r.log_det);
    tell_estimate(out, r.zero_modes);
    owner_tell(out, r.norm);
    owner_tell(out, (double)r.sketch);
    owner_tell(out, (double)r.reason);
    return TW_OK;
}

static tw_status density(owner *o, told *out) {
    tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_density_result r = {0};
    tw_linop A = spread_operator(o);
    options.probes = 6;
    options.within.space = o->space;
    options.budget = iterative();
    tw_status status = tw_density_estimate(&A, &options, &r);
    if (status != TW_OK) return status;
    owner_tell(out, (double)r.atom_count);
    for (size_t i = 0; i < r.atom_count; i++) {
        owner_tell(out, r.atoms[i].value);
        tell_estimate(out, r.atoms[i].mass);
    }
    tell_estimate(out, r.continuous);
    owner_tell(out, r.norm);
    for (size_t i = 0; i < r.curve.count; i += 20) owner_tell(out, r.curve.density[i]);
    tw_density_result_clear(&r);
    return TW_OK;
}

static void estimates_agree(void **state) {
    (void)state;
    const size_t orders[] = {12, 130};
    for (size_t i = 0; i < 2; i++) {
        check(trace, spread_make(orders[i], 4), AGREE, false);
        check(trace, spread_make(orders[i], 0), AGREE, false);
        check(density, spread_make(orders[i], 4), AGREE, false);
        check(density, spread_make(orders[i], 0), AGREE, false);
    }
}

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
    const char *const methods[] = {"gd", "momentum", "newton"};
    tw_objective f = ring_objective(o);
    const tw_descent_problem problem = {.objective = &f};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.space = o->space;
    options.rate = 0.1;
    options.max_steps = 60;
    tw_status status = TW_OK;
    for (size_t i = 0; i < 3 && status == TW_OK; i++) {
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
    options.budget = iterative();
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
        check(newton, spread_make(n, 0), 1e-9, false);
        check(descend, spread_make(n, 0), 1e-9, false);
    }
}

/* Known: one negative mode, and the orbit's. */
static void modes_agree(void **state) {
    (void)state;
    told out;
    spread_problem *p = spread_make(160, 0);
    check(degeneracy, p, 1e-9, false);
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
    options.budget = iterative();
    tw_status status = tw_flatness_measure(&f, x, &options, &r);
    if (status == TW_OK) status = tw_lowest_curvature(&f, x, NULL, o->space, &lowest);
    if (status == TW_OK) status = tw_slice_compare(&f, x, x, 1e-3, o->space, &along);
    const tw_flat_part *parts[] = {&r.whole, &r.off_orbit};
    for (size_t i = 0; i < 2 && status == TW_OK; i++) {
        owner_tell(out, (double)parts[i]->dimension);
        tell_estimate(out, parts[i]->largest);
        tell_estimate(out, parts[i]->trace);
        tell_estimate(out, parts[i]->zero_modes);
        owner_tell(out, parts[i]->sharpness[0].rise);
        tell_estimate(out, parts[i]->rises[0].rise);
    }
    const double numbers[] = {r.norm,        lowest.value, lowest.negative, along.length,
                              along.hessian, along.slope,  along.slice};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) owner_tell(out, numbers[i]);
    tw_flatness_clear(&r);
    return status;
}

static void figures_agree(void **state) {
    (void)state;
    check(figures, spread_make(140, 0), 1e-6, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_random_vector_are_parts_of_one),
        cmocka_unit_test(eigenpairs_agree),
        cmocka_unit_test(interior_pairs_agree),
        cmocka_unit_test(estimates_agree),
        cmocka_unit_test(newton_and_descent_agree),
        cmocka_unit_test(modes_agree),
        cmocka_unit_test(figures_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
