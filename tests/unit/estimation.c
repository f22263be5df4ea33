/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What zero means at a point, and a list that sectors settle. */
#include <thalweg/examination/estimation.h>
#include <thalweg/examination/examination.h>

#include "support/built.h"

static const test_case small = {"ce", "linear", 3, 1, 4, 2, 0.01};

typedef struct fixture {
    built optimum;
    tw_estimation at;
} fixture;

static void begin(fixture *f, const char *construction) {
    f->optimum = build(&small, construction, 1);
    f->at = (tw_estimation){0};
    assert_ok(tw_estimation_start(f->optimum.evaluator, f->optimum.point.theta, NULL, &f->at));
}

static void end(fixture *f) {
    tw_estimation_clear(&f->at);
    built_clear(&f->optimum);
}

static tw_status apply_twice_identity(void *self, size_t count, const double *X, size_t ldx,
                                      double *Y, size_t ldy) {
    const size_t *n = self;
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < *n; i++) Y[i + j * ldy] = 2.0 * X[i + j * ldx];
    return TW_OK;
}

/* Unit vectors of the tangent, through twice the identity and through the Hessian at an optimum. */
static void evidence_is_of_the_operator(void **state) {
    (void)state;
    fixture f;
    tw_zero_evidence zero;
    begin(&f, "dnc");
    size_t n = f.at.H.n;
    const tw_linop twice = {.n = n, .apply = apply_twice_identity, .self = &n};
    assert_ok(tw_estimation_evidence(&f.at, &twice, &zero));
    assert_near(zero.tangent, 2.0, 1e-12);
    assert_true(zero.gradient == f.at.gradient_norm);
    assert_true(zero.explained > 0 && zero.explained == f.at.tangent.dimension);
    assert_ok(tw_estimation_evidence(&f.at, &f.at.H, &zero));
    assert_true(zero.tangent < 1e-10);
    assert_false(f.at.stationary); /* nothing was tried */
    end(&f);
}

/* The diagonal of the Hessian is that of its blocks. */
static void blocks_are_those_of_the_parameters(void **state) {
    (void)state;
    fixture f = {.optimum = build(&small, "dnc", 1)};
    const tw_estimation_options options = {.rank_tolerance = 1e-3, .blocks = true};
    tw_flatness flat;
    double trace = 0.0;
    assert_ok(tw_estimation_start(f.optimum.evaluator, f.optimum.point.theta, &options, &f.at));
    assert_int_equal(f.at.block_count, tw_dufm_block_count(&f.optimum.point.model));
    assert_ok(tw_estimation_flatness(&f.at, NULL, &flat));
    assert_int_equal(flat.block_count, f.at.block_count);
    for (size_t i = 0; i < flat.block_count; i++) {
        assert_string_equal(flat.blocks[i].name, tw_dufm_block(&f.optimum.point.model, i).name);
        trace += flat.blocks[i].trace.value;
    }
    assert_near(trace, flat.whole.trace.value, 1e-12 * fabs(trace));
    tw_flatness_clear(&flat);
    end(&f);
}

/* Products that the estimates make, and none where sectors are the route. */
static void costs_follow_the_route(void **state) {
    (void)state;
    fixture f;
    tw_cost cost, symmetry;
    double kept = 0.0;
    tw_trace_result trace;
    begin(&f, "dnc");
    f.at.route = TW_ROUTE_DENSE;
    tw_estimation_trace_cost(&f.at, NULL, &cost);
    assert_ok(tw_estimation_trace(&f.at, NULL, &trace));
    assert_true((double)trace.products >= cost.products);
    assert_true((double)trace.products <= cost.products_most && cost.flops > 0.0);
    tw_estimation_density_cost(&f.at, NULL, &cost);
    assert_true(cost.products > 0.0 && cost.flops > 0.0);
    const double probes = cost.products, bytes = cost.bytes;
    tw_estimation_add_evidence(&f.optimum.point.model, f.optimum.point.theta, &cost);
    tw_symmetry_cost(&f.optimum.point.model, f.optimum.point.theta, &kept, &symmetry);
    assert_near(cost.bytes, fmax(bytes + kept, symmetry.bytes) + 8.0 * (double)f.at.H.n, 1e-9);
    assert_true(cost.products == probes);
    f.at.route = TW_ROUTE_PROBES;
    tw_estimation_trace_cost(&f.at, NULL, &cost);
    assert_true(cost.products_most > 0.0 && cost.flops == 0.0);
    f.at.route = TW_ROUTE_SECTORS;
    tw_estimation_trace_cost(&f.at, NULL, &cost);
    assert_true(cost.products_most == 0.0 && cost.bytes == 0.0);
    tw_estimation_density_cost(&f.at, NULL, &cost);
    assert_true(cost.products_most == 0.0 && cost.bytes == 0.0);
    end(&f);
}

static void find(fixture *f, tw_listing *list) {
    tw_listing_options options = TW_LISTING_DEFAULTS;
    options.dense = true;
    options.size = f->at.size;
    assert_ok(tw_estimation_evidence(&f->at, &f->at.H, &options.zero));
    assert_ok(tw_listing_find(&f->at.H, &options, list));
    assert_true(list->counted && list->converged);
    assert_null(list->levels.rows[0].label);
}

static void sectors_settle_a_list(void **state) {
    (void)state;
    fixture f;
    tw_sectors sectors = {0};
    tw_listing list = {0};
    begin(&f, "dnc");
    find(&f, &list);
    tw_routes_settle(&sectors, &list); /* they do not apply: nothing happens */
    assert_null(list.levels.rows[0].label);
    assert_ok(tw_sectors_of_point(&f.optimum.point.model, f.at.theta, NULL, &sectors));
    assert_true(sectors.applicable);
    const tw_zero_rule counted = list.zero;
    tw_routes_settle(&sectors, &list);
    assert_true(list.counted && list.converged && list.zero.zero == counted.zero);
    for (size_t i = 0; i < list.levels.count; i++) assert_non_null(list.levels.rows[i].label);
    list.zero.positive = 0; /* fewer than sectors prove */
    tw_routes_settle(&sectors, &list);
    assert_false(list.counted || list.converged);
    assert_string_equal(list.reason, "disagrees");
    tw_sectors_clear(&sectors);
    tw_listing_clear(&list);
    end(&f);
}

/* What sectors resolve and a list does not is decided by them. */
static void sectors_resolve_a_list(void **state) {
    (void)state;
    fixture f;
    tw_sectors sectors = {0};
    tw_listing list = {0};
    begin(&f, "dnc");
    find(&f, &list);
    assert_ok(tw_sectors_of_point(&f.optimum.point.model, f.at.theta, NULL, &sectors));
    list.zero.zero++; /* one that is positive, within its blur */
    list.zero.positive--;
    list.zero.threshold = list.norm;
    tw_routes_settle(&sectors, &list);
    assert_true(list.counted && list.converged);
    assert_true(list.zero.threshold == sectors.zero.threshold);
    assert_int_equal(list.zero.zero, sectors.zero.zero);
    tw_sectors_clear(&sectors);
    tw_listing_clear(&list);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_is_of_the_operator),
        cmocka_unit_test(blocks_are_those_of_the_parameters),
        cmocka_unit_test(costs_follow_the_route),
        cmocka_unit_test(sectors_settle_a_list),
        cmocka_unit_test(sectors_resolve_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
