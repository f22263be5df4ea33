/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectral densities of planted operators: atoms with their masses, the curve. */
#include "support/densities.h"
#include "support/estimates.h"

/* Estimate, and check what holds of every complete result. */
static tw_density_result estimate(planted *plan, const tw_density_options *options) {
    tw_density_result r;
    tw_linop A = planted_operator(plan);
    double rounding = ((double)plan->n + 10.0) * DBL_EPSILON * planted_norm(plan);
    plan->products = 0;
    assert_ok(tw_density_estimate(&A, options, &r));
    assert_int_equal(r.reason, TW_ESTIMATE_COMPLETE);
    assert_int_equal(r.products, plan->products);
    assert_near(r.norm, planted_norm(plan), 0.5 * planted_norm(plan));
    assert_near(total_mass(&r), 1.0, 4.0 * DBL_EPSILON);
    for (size_t a = 0; a < r.atom_count; a++) {
        assert_true(a == 0 || r.atoms[a].value > r.atoms[a - 1].value);
        assert_true(r.atoms[a].mass.value > 0.0 && r.atoms[a].mass.error >= 0.0);
        assert_true(r.atoms[a].residual <= options->tolerance * planted_norm(plan) + rounding);
        assert_true(r.atoms[a].residual > 0.0 || plan->n < 10 || r.atoms[a].value == 0.0);
    }
    return r;
}

/* The atoms are exactly the distinct values of the plan, with masses within three errors. */
static void check_atoms(const planted *plan, const tw_density_result *r) {
    double norm = planted_norm(plan), n = (double)plan->n;
    size_t atom = 0;
    for (size_t i = 0, end; i < plan->n; i = end, atom++) {
        for (end = i; end < plan->n && plan->values[end] == plan->values[i];) end++;
        assert_true(atom < r->atom_count);
        assert_near(r->atoms[atom].value, plan->values[i], 100.0 * DBL_EPSILON * norm);
        check_interval(&r->atoms[atom].mass, (double)(end - i) / n, 3.0, 1e-14);
    }
    assert_int_equal(r->atom_count, atom);
    assert_true(r->continuous.exact && r->continuous.value == 0.0);
    assert_int_equal(r->curve.count, 0);
}

static void check_copies(size_t rows, const double (*row)[2]) {
    planted plan = planted_copies(rows, row, rows);
    for (size_t limit = 0; limit <= 6000; limit += 6000) {
        tw_density_options options = TW_DENSITY_DEFAULTS;
        options.budget.dense_limit = limit;
        tw_density_result r = estimate(&plan, &options);
        check_atoms(&plan, &r);
        if (limit == 0) assert_int_equal(r.closed, options.probes);
        tw_density_result_clear(&r);
    }
    planted_free(&plan);
}

static void one_value_is_one_exact_atom(void **state) {
    (void)state;
    const double rows[][2] = {{1, 100}, {0, 70}, {-7, 1}};
    for (size_t i = 0; i < 3; i++) {
        planted plan = planted_copies(1, &rows[i], 1);
        tw_density_options options = by_probes();
        tw_density_result r = estimate(&plan, &options);
        assert_int_equal(r.atom_count, 1);
        assert_int_equal(r.steps, 1);
        assert_near(r.atoms[0].value, rows[i][0], 1e-14);
        assert_true(r.atoms[0].mass.exact && r.atoms[0].mass.value == 1.0);
        assert_true(r.atoms[0].mass.low == 1.0 && r.atoms[0].mass.error == 0.0);
        tw_density_result_clear(&r);
        planted_free(&plan);
    }
}

static void few_values_are_atoms(void **state) {
    (void)state;
    const double rank_one[][2] = {{0, 199}, {3, 1}}, down[][2] = {{-2, 1}, {0, 199}};
    const double indefinite[][2] = {{-1, 20}, {-1e-3, 30}, {0, 40}, {2e-3, 7}, {1, 3}};
    check_copies(2, rank_one);
    check_copies(2, down);
    check_copies(5, indefinite);
    check_copies(SIX_VALUES, six_values);
}

static void tiny_orders(void **state) {
    (void)state;
    const double rows[][2] = {{-1, 1}, {0, 1}, {2, 1}};
    for (size_t n = 1; n <= 3; n++) check_copies(n, rows);
}

/* As many distinct values as steps: without full reorthogonalisation the largest would come back as
 * copies long before the smallest are found. */
static void every_value_of_a_graded_spectrum(void **state) {
    (void)state;
    enum { N = 60 };
    double values[N];
    for (int i = 0; i < N; i++) values[i] = pow(0.8, i);
    planted plan = planted_make(N, values, 4);
    tw_density_options options = by_probes();
    tw_density_result r = estimate(&plan, &options);
    assert_int_equal(r.atom_count, N);
    assert_int_equal(r.steps, N);
    assert_int_equal(r.closed, options.probes);
    for (size_t a = 0; a < N; a++) {
        assert_near(r.atoms[a].value, plan.values[a], 1e-13);
        assert_true(r.atoms[a].residual <= 1e-13);
        check_interval(&r.atoms[a].mass, 1.0 / N, 5.0, 0.0);
    }
    tw_density_result_clear(&r);
    planted_free(&plan);
}

/* A share of 0.8 beside one of 1e-4, as at optima of a DUFM: rounding within the large eigenspaces
 * is magnified up to 1e10 times and leaves 1e-8 and 4e-6 of ||A|| where exact arithmetic closes. */
static void noise_does_not_keep_a_probe_open(void **state) {
    (void)state;
    const double collapsed[][2] = {{0, 1062},
                                   {.0009765625, 8094},
                                   {.00101342805045, 35},
                                   {.0016138817007, 9},
                                   {.00163989268348, 720},
                                   {.001953125, 1080},
                                   {.00491967805045, 36},
                                   {.00754354160293, 90},
                                   {.017438463809475, 9},
                                   {.0187243748087923, 1}};
    const double low_rank[][2] = {{0, 610},
                                  {.0009765625, 9386},
                                  {.00141647100157, 15},
                                  {.00188647625464, 5},
                                  {.001953125, 620},
                                  {.0026368351267, 360},
                                  {.0027986716249, 5},
                                  {.00385719925183, 15},
                                  {.0040042553801, 10},
                                  {.00756279667421, 90},
                                  {.0079105053801, 10},
                                  {.0147192677781, 5},
                                  {.0187821400226, 5}};
    const struct {
        size_t rows;
        const double (*row)[2];
    } cases[] = {{10, collapsed}, {13, low_rank}};
    for (size_t c = 0; c < 2; c++) {
        planted plan = planted_copies(cases[c].rows, cases[c].row, c + 1);
        tw_density_options options = by_probes();
        tw_density_result r = estimate(&plan, &options);
        check_atoms(&plan, &r);
        assert_int_equal(r.closed, options.probes);
        assert_true(r.steps >= cases[c].rows && r.steps <= 2 * cases[c].rows);
        tw_density_result_clear(&r);
        planted_free(&plan);
    }
}

/* At the ends of a bulk some probes have converged and some have not: what is listed is right. */
static void half_converged_values_are_no_atoms(void **state) {
    (void)state;
    enum { N = 300 };
    double values[N];
    for (int i = 0; i < N; i++) values[i] = (i + 0.5) / N;
    planted plan = planted_make(N, values, 6);
    tw_density_options options = by_probes();
    size_t listed = 0;
    for (options.steps = 60; options.steps <= 160; options.steps += 5) {
        tw_density_result r = estimate(&plan, &options);
        assert_true(r.atom_count < N / 2);
        for (size_t a = 0; a < r.atom_count; a++)
            check_interval(&r.atoms[a].mass, 1.0 / N, 6.0, 0.0);
        listed += r.atom_count;
        tw_density_result_clear(&r);
    }
    assert_true(listed > 100);
    planted_free(&plan);
}

/* Zero modes show up as zero, and nothing below. */
static void six_values_have_no_negative_node(void **state) {
    (void)state;
    planted plan = six_make(1.0);
    tw_density_options options = by_probes();
    for (options.budget.seed = 1; options.budget.seed <= 50; options.budget.seed++) {
        tw_density_result r = estimate(&plan, &options);
        assert_int_equal(r.atom_count, SIX_VALUES);
        assert_true(r.atoms[0].value == 0.0);
        assert_int_equal(r.curve.count, 0);
        tw_density_result_clear(&r);
    }
    planted_free(&plan);
}

static void scaling_changes_no_mass(void **state) {
    (void)state;
    const double scales[] = {1e-12, 1e-3, 1.0, 1e6, 1e12};
    double masses[SIX_VALUES] = {0};
    for (size_t s = 0; s < 5; s++) {
        planted plan = six_make(scales[s]);
        tw_density_options options = by_probes();
        tw_density_result r = estimate(&plan, &options);
        check_atoms(&plan, &r);
        for (size_t a = 0; a < SIX_VALUES; a++) {
            if (s > 0) assert_near(r.atoms[a].mass.value, masses[a], 1e-10);
            masses[a] = r.atoms[a].mass.value;
        }
        tw_density_result_clear(&r);
        planted_free(&plan);
    }
}

static void a_known_null_space_is_exact(void **state) {
    (void)state;
    planted plan = six_make(1.0), keep_plan = keep_make(SIX_ORDER, SIX_ZEROS, SIX_SEED);
    tw_linop keep = planted_operator(&keep_plan);
    tw_density_options options = by_probes();
    tw_density_result plain = estimate(&plan, &options);
    options.within.keep = &keep;
    options.within.removed = SIX_ZEROS;
    tw_density_result deflated = estimate(&plan, &options);
    check_atoms(&plan, &deflated);
    assert_int_equal(deflated.null_dimension, SIX_ZEROS);
    assert_true(deflated.atoms[0].mass.exact);
    assert_true(deflated.atoms[0].mass.error == 0.0 && plain.atoms[0].mass.error > 0.0);
    assert_near(deflated.atoms[0].mass.value, (double)SIX_ZEROS / SIX_ORDER, 1e-15);
    for (size_t a = 1; a < SIX_VALUES; a++) { /* the law of a weight in what is left */
        double r = SIX_ORDER - SIX_ZEROS, u = six_values[a][1] / r, probes = 16.0;
        double law = sqrt(2.0 * u * (1.0 - u) / (probes * (r + 2.0))) * r / SIX_ORDER;
        assert_near(deflated.atoms[a].mass.error, law, 0.3 * law);
    }
    tw_density_result_clear(&deflated);
    tw_density_result_clear(&plain);
    planted_free(&keep_plan);
    planted_free(&plan);
}

/* 40 of 66 zero modes known: their share is exact, the others are found beside them. */
static void unknown_zeros_join_the_known_ones(void **state) {
    (void)state;
    planted plan = six_make(1.0), keep_plan = keep_make(SIX_ORDER, 40, SIX_SEED);
    tw_linop keep = planted_operator(&keep_plan);
    tw_density_options options = by_probes();
    options.within.keep = &keep;
    options.within.removed = 40;
    tw_density_result r = estimate(&plan, &options);
    check_atoms(&plan, &r);
    assert_false(r.atoms[0].mass.exact);
    assert_true(r.atoms[0].mass.low >= 40.0 / SIX_ORDER);
    tw_density_result_clear(&r);
    planted_free(&keep_plan);
    planted_free(&plan);
}

static void a_wrong_projector_is_found_out(void **state) {
    (void)state;
    planted plan = six_make(1.0), keep_plan = keep_make(SIX_ORDER, SIX_ZEROS + 1, SIX_SEED);
    tw_linop A = planted_operator(&plan), keep = planted_operator(&keep_plan);
    tw_density_options options = by_probes();
    tw_density_result r;
    options.within.keep = &keep;
    options.within.removed = SIX_ZEROS + 1;
    assert_int_equal(tw_density_estimate(&A, &options, &r), TW_ERR_DATA);
    assert_non_null(strstr(tw_last_error(), "not null"));
    options.within.removed = SIX_ORDER - 40;
    assert_int_equal(tw_density_estimate(&A, &options, &r), TW_ERR_DATA);
    assert_non_null(strstr(tw_last_error(), "which leaves 40"));
    planted_free(&keep_plan);
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_value_is_one_exact_atom),
        cmocka_unit_test(few_values_are_atoms),
        cmocka_unit_test(tiny_orders),
        cmocka_unit_test(every_value_of_a_graded_spectrum),
        cmocka_unit_test(noise_does_not_keep_a_probe_open),
        cmocka_unit_test(half_converged_values_are_no_atoms),
        cmocka_unit_test(six_values_have_no_negative_node),
        cmocka_unit_test(scaling_changes_no_mass),
        cmocka_unit_test(a_known_null_space_is_exact),
        cmocka_unit_test(unknown_zeros_join_the_known_ones),
        cmocka_unit_test(a_wrong_projector_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
