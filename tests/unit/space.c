/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors spread over owners: every algorithm that takes a space gives all owners the same bits,
 * gives them what one owner gets up to rounding, and leaves nobody waiting. */
#include "support/spread.h"

#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/interior.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/trace.h>

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
    for (size_t n = 11; n <= 100; n += 79) {
        check_spread(search_low, spread_make(n, 4), SPREAD_AGREE, true);
        check_spread(search_high, spread_make(n, 0), SPREAD_AGREE, true);
    }
}

static void interior_pairs_agree(void **state) {
    (void)state;
    check_spread(interval, spread_make(90, 4), SPREAD_AGREE, true);
    check_spread(interval, spread_make(150, 0), SPREAD_AGREE, true);
    check_spread(nearest, spread_make(90, 30), SPREAD_AGREE, true);
    check_spread(nearest, spread_make(150, 0), SPREAD_AGREE, true);
}

/* ---- Estimates ---- */

static tw_status trace(owner *o, told *out) {
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result r;
    tw_linop A = spread_operator(o);
    options.probes = 6;
    options.steps = 30;
    options.within.space = o->space;
    options.budget = spread_budget();
    tw_status status = tw_trace_estimate(&A, &options, &r);
    if (status != TW_OK) return status;
    owner_tell_estimate(out, r.trace);
    owner_tell_estimate(out, r.frobenius_squared);
    owner_tell_estimate(out, r.log_det);
    owner_tell_estimate(out, r.zero_modes);
    owner_tell(out, r.norm);
    owner_tell(out, (double)r.sketch);
    owner_tell(out, (double)r.null_dimension);
    owner_tell(out, (double)r.reason);
    return TW_OK;
}

static tw_status density_by(owner *o, told *out, size_t probes, size_t steps) {
    tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_density_result r = {0};
    tw_linop A = spread_operator(o);
    options.probes = probes;
    options.steps = steps;
    options.within.space = o->space;
    options.budget = spread_budget();
    tw_status status = tw_density_estimate(&A, &options, &r);
    if (status != TW_OK) return status;
    owner_tell(out, (double)r.atom_count);
    for (size_t i = 0; i < r.atom_count; i++) {
        owner_tell(out, r.atoms[i].value);
        owner_tell_estimate(out, r.atoms[i].mass);
    }
    owner_tell_estimate(out, r.continuous);
    owner_tell(out, r.norm);
    for (size_t i = 0; i < r.curve.count; i += 20) owner_tell(out, r.curve.density[i]);
    tw_density_result_clear(&r);
    return TW_OK;
}

static tw_status density(owner *o, told *out) {
    return density_by(o, out, 4, 30);
}

/* Above what one basis may hold of a whole vector, though not of a slice: rooms and blocks have to
 * be those of the whole. The search is cut short after its first restart. */
static tw_status search_briefly(owner *o, told *out) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result result = {0};
    tw_linop A = spread_operator(o);
    options.count = 2;
    options.within.space = o->space;
    options.budget.products = 130;
    tw_status status = tw_spectrum_search(&A, &options, &result);
    owner_tell(out, (double)result.reason);
    owner_tell(out, result.norm);
    tw_search_result_clear(&result);
    return status;
}

static tw_status density_of_long_runs(owner *o, told *out) {
    return density_by(o, out, 9, 2000);
}

static void rooms_and_blocks_are_those_of_the_whole(void **state) {
    (void)state;
    check_spread(search_briefly, spread_make(12000, 0), SPREAD_AGREE, false);
    check_spread(density_of_long_runs, spread_make(8000, 4), SPREAD_AGREE, false);
}

static void estimates_agree(void **state) {
    (void)state;
    const size_t orders[] = {12, 130};
    for (size_t i = 0; i < 2; i++) {
        check_spread(trace, spread_make(orders[i], 4), SPREAD_AGREE, false);
        check_spread(trace, spread_make(orders[i], 0), SPREAD_AGREE, false);
        check_spread(density, spread_make(orders[i], 4), SPREAD_AGREE, false);
        check_spread(density, spread_make(orders[i], 0), SPREAD_AGREE, false);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_random_vector_are_parts_of_one),
        cmocka_unit_test(eigenpairs_agree),
        cmocka_unit_test(interior_pairs_agree),
        cmocka_unit_test(estimates_agree),
        cmocka_unit_test(rooms_and_blocks_are_those_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
