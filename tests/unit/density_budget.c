/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectral densities on short budgets, stopped by monitors, and of operators that fail. */
#include "support/densities.h"
#include "support/estimates.h"

static void budgets_are_kept(void **state) {
    (void)state;
    planted plan = six_make(1.0);
    tw_linop A = planted_operator(&plan);
    tw_density_options options = by_probes();
    options.probes = 5;
    for (size_t budget = 0; budget <= 40; budget++) {
        tw_density_result r;
        options.budget.products = budget;
        plan.products = 0;
        assert_ok(tw_density_estimate(&A, &options, &r));
        assert_int_equal(r.products, plan.products);
        assert_true(r.products <= budget);
        assert_int_equal(r.reason, budget < 36 ? TW_ESTIMATE_PRODUCTS : TW_ESTIMATE_COMPLETE);
        assert_int_equal(r.atom_count, r.probes ? SIX_VALUES : 0);
        if (r.probes == 0)
            assert_true(isnan(r.continuous.value) && r.curve.count == 0);
        else
            assert_near(total_mass(&r), 1.0, 4.0 * DBL_EPSILON);
        if (budget >= 36) assert_int_equal(r.probes, 5);
        tw_density_result_clear(&r);
    }
    planted_free(&plan);
}

static void known_zeros_outlast_the_budget(void **state) {
    (void)state;
    planted plan = six_make(1.0), keep_plan = keep_make(SIX_ORDER, SIX_ZEROS, SIX_SEED);
    tw_linop A = planted_operator(&plan), keep = planted_operator(&keep_plan);
    tw_density_options options = by_probes();
    options.within.keep = &keep;
    options.within.removed = SIX_ZEROS;
    for (options.budget.products = 0; options.budget.products < 5; options.budget.products++) {
        tw_density_result r;
        assert_ok(tw_density_estimate(&A, &options, &r));
        assert_int_equal(r.reason, TW_ESTIMATE_PRODUCTS);
        assert_true(r.probes == 0 && r.atom_count == 1 && isnan(r.continuous.value));
        assert_true(r.atoms[0].value == 0.0 && r.atoms[0].mass.exact);
        assert_near(r.atoms[0].mass.value, (double)SIX_ZEROS / SIX_ORDER, 1e-15);
        assert_true(isnan(r.atoms[0].residual)); /* no product left to test it */
        tw_density_result_clear(&r);
    }
    planted_free(&keep_plan);
    planted_free(&plan);
}

static void a_monitor_can_stop_it(void **state) {
    (void)state;
    planted plan = bulk_make();
    tw_linop A = planted_operator(&plan);
    for (size_t limit = 1; limit <= 173; limit += 43) {
        stopper stop = {.limit = limit};
        const tw_monitor monitor = {stopper_report, &stop};
        tw_density_options options = by_probes();
        tw_density_result r;
        options.budget.monitor = &monitor;
        assert_ok(tw_density_estimate(&A, &options, &r));
        assert_int_equal(r.reason, TW_ESTIMATE_CANCELLED);
        assert_int_equal(stop.calls, limit);
        assert_int_equal(r.probes, limit > 160 ? 9 : limit > 80 ? 1 : 0);
        tw_density_result_clear(&r);
        stop.calls = 0;
        options.budget.dense_limit = 6000;
        if (limit > 30) continue; /* the dense route reports once a block */
        assert_ok(tw_density_estimate(&A, &options, &r));
        assert_int_equal(r.reason, TW_ESTIMATE_CANCELLED);
        assert_int_equal(r.atom_count, 0);
        tw_density_result_clear(&r);
    }
    planted_free(&plan);
}

static void failing_operators_are_reported(void **state) {
    (void)state;
    planted plan = six_make(1.0);
    tw_linop A = planted_operator(&plan);
    tw_density_options options = by_probes();
    tw_density_result r;
    for (size_t at = 1; at <= 100; at += 33) {
        plan.products = 0;
        plan.nan_from = at;
        assert_int_equal(tw_density_estimate(&A, &options, &r), TW_ERR_NUMERIC);
        assert_non_null(strstr(tw_last_error(), "not finite"));
        assert_null(r.atoms);
        plan.products = plan.nan_from = 0;
        plan.fail_from = at;
        assert_int_equal(tw_density_estimate(&A, &options, &r), TW_ERR_DATA);
        plan.fail_from = 0;
    }
    planted_free(&plan);
}

static void refuse(tw_status expected, const tw_linop *A, const tw_density_options *options) {
    tw_density_result r;
    assert_int_equal(tw_density_estimate(A, options, &r), expected);
    assert_true(r.atoms == NULL && r.atom_count == 0);
    tw_density_result_clear(&r);
}

static void wrong_options_are_refused(void **state) {
    (void)state;
    planted plan = six_make(1.0), small = keep_make(10, 1, 1);
    tw_linop A = planted_operator(&plan), keep = planted_operator(&small), empty = A;
    const tw_density_options good = by_probes();
    tw_density_options bad[7] = {good, good, good, good, good, good, good};
    bad[0].probes = 1;
    bad[1].steps = 0;
    bad[2].tolerance = 0.0;
    bad[3].points = 1;
    bad[4].width = -1.0;
    bad[5].within.removed = SIX_ORDER + 1;
    bad[6].within.removed = 10; /* without a projector */
    for (size_t i = 0; i < 7; i++) refuse(TW_ERR_ARGUMENT, &A, &bad[i]);
    tw_density_options shaped = good;
    shaped.within.keep = &keep;
    refuse(TW_ERR_SHAPE, &A, &shaped);
    empty.n = 0;
    refuse(TW_ERR_ARGUMENT, &empty, &good);
    planted_free(&small);
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budgets_are_kept),
        cmocka_unit_test(known_zeros_outlast_the_budget),
        cmocka_unit_test(a_monitor_can_stop_it),
        cmocka_unit_test(failing_operators_are_reported),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
