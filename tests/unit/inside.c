/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists inside the spectrum of a diagonal matrix, with its null space set aside or not; as many
 * pairs as fit; and costs as seconds. */
#include <math.h>
#include <thalweg/spectrum/inside.h>
#include <thalweg/spectrum/rates.h>

#include "support/test.h"

enum { N = 40, NULLS = 12 };

/* 12 times 0, 8 times 0.5, 1, 1.1, .. 2.9 */
static double value_at(size_t i) {
    if (i < NULLS) return 0.0;
    return i < NULLS + 8 ? 0.5 : 1.0 + 0.1 * (double)(i - NULLS - 8);
}

static tw_status diagonal(void *self, size_t k, const double *X, size_t ldx, double *Y,
                          size_t ldy) {
    size_t *calls = self;
    if (calls) ++*calls;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < N; i++) Y[i + j * ldy] = value_at(i) * X[i + j * ldx];
    return TW_OK;
}

static tw_status outside_nulls(void *self, size_t k, const double *X, size_t ldx, double *Y,
                               size_t ldy) {
    (void)self;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < N; i++) Y[i + j * ldy] = i < NULLS ? 0.0 : X[i + j * ldx];
    return TW_OK;
}

static const tw_linop A = {.n = N, .apply = diagonal, .self = NULL},
                      keep = {.n = N, .apply = outside_nulls, .self = NULL};

static tw_inside_options without_nulls(void) {
    tw_inside_options o = TW_INSIDE_DEFAULTS;
    o.search.within = (tw_subspace){.keep = &keep, .removed = NULLS};
    o.null_residual = 1e-15;
    o.null_label = "known";
    return o;
}

static void list(const tw_inside_options *o, tw_listing *s) {
    tw_interior_result result = {0};
    *s = (tw_listing){0};
    assert_ok(tw_listing_inside(&A, o, &result, s));
    assert_int_equal(s->parameters, N);
    assert_near(s->norm, 2.9, 1e-12);
    tw_interior_result_clear(&result);
}

static void assert_level(const tw_level *level, double value, uint64_t copies, bool cut) {
    assert_near(level->value, value, 1e-10);
    assert_int_equal(level->copies, copies);
    assert_int_equal(level->cut, cut);
}

/* What is set aside is listed where zero belongs to the range, and only there. */
static void the_null_space_belongs_to_ranges_with_zero(void **state) {
    (void)state;
    tw_inside_options o = without_nulls();
    tw_listing s;
    o.low = 0.25;
    o.high = 1.05;
    list(&o, &s);
    assert_true(s.converged && s.levels.count == 2);
    assert_level(&s.levels.rows[0], 0.5, 8, false);
    assert_level(&s.levels.rows[1], 1.0, 1, false);
    tw_listing_clear(&s);
    o.low = -1.0;
    list(&o, &s);
    assert_true(s.converged && s.levels.count == 3 && !s.counted);
    assert_level(&s.levels.rows[0], 0.0, NULLS, false);
    assert_string_equal(s.levels.rows[0].label, "known");
    assert_near(s.levels.rows[0].residual, 2.9e-15, 1e-25);
    assert_level(&s.levels.rows[1], 0.5, 8, false);
    tw_listing_clear(&s);
}

/* Three of eight copies: there are more, and the list says so. */
static void the_nearest_are_marked_where_the_list_cuts_them(void **state) {
    (void)state;
    tw_inside_options o = without_nulls();
    tw_listing s;
    o.nearest = 3;
    list(&o, &s);
    assert_int_equal(s.levels.count, 2);
    assert_level(&s.levels.rows[0], 0.0, NULLS, false);
    assert_level(&s.levels.rows[1], 0.5, 3, true);
    tw_listing_clear(&s);
    o = TW_INSIDE_DEFAULTS;
    o.nearest = NULLS;
    list(&o, &s);
    assert_int_equal(s.levels.count, 1);
    assert_near(s.levels.rows[0].value, 0.0, 1e-12);
    assert_int_equal(s.levels.rows[0].copies, NULLS);
    assert_null(s.levels.rows[0].label);
    tw_listing_clear(&s);
}

static void as_many_pairs_as_fit(void **state) {
    (void)state;
    tw_interior_options o = TW_INTERIOR_DEFAULTS, fifty = TW_INTERIOR_DEFAULTS;
    tw_cost cost;
    fifty.max_count = 50;
    tw_interior_cost(10000, &fifty, &cost);
    assert_int_equal(tw_interior_fit(10000, &o, cost.bytes, 0), 50);
    assert_int_equal(tw_interior_fit(10000, &o, cost.bytes, 80), 81);
    assert_int_equal(tw_interior_fit(10000, &o, INFINITY, 0), o.max_count);
    assert_int_equal(tw_interior_fit(10000, &o, 0.0, o.max_count), o.max_count);
}

/* Every part of a cost is timed that it has, and no other. */
static void a_cost_takes_seconds(void **state) {
    (void)state;
    size_t calls = 0;
    const tw_linop counted = {.n = N, .apply = diagonal, .self = &calls};
    tw_cost cost = {0};
    tw_cost_seconds s;
    assert_ok(tw_cost_time(&counted, &cost, &s));
    assert_true(calls == 0 && s.product == 0.0 && s.least == 0.0 && s.most == 0.0);
    cost.products = 3.0;
    cost.products_most = 5.0;
    assert_ok(tw_cost_time(&counted, &cost, &s));
    assert_true(calls > 0 && s.product > 0.0);
    assert_near(s.least, 3.0 * s.product, 1e-12 * s.product);
    assert_near(s.most, 5.0 * s.product, 1e-12 * s.product);
    cost.flops = 1e9;
    tw_cost_seconds dense;
    assert_ok(tw_cost_time(NULL, &cost, &dense));
    assert_true(dense.product == 0.0 && dense.least > 1e-4 && dense.least == dense.most);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_null_space_belongs_to_ranges_with_zero),
        cmocka_unit_test(the_nearest_are_marked_where_the_list_cuts_them),
        cmocka_unit_test(as_many_pairs_as_fit),
        cmocka_unit_test(a_cost_takes_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
