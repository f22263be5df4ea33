/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flatness of collapsed optima against their closed spectra, by every route; what the figures are
 * invariant to. */
#include <thalweg/curvature/flatness.h>
#include <thalweg/optima/closed_form.h>
#include <thalweg/symmetry/symmetry.h>

#include "support/built.h"

static const test_case cases[] = {
    {"ce", "linear", 4, 2, 6, 2, 4e-3},
    {"ce", "linear", 5, 3, 7, 1, 1e-2},
    {"ce", "linear", 3, 2, 5, 3, 2e-3},
    {"mse", "linear", 4, 2, 6, 2, 4e-3},
};

enum { CASES = sizeof cases / sizeof *cases };

/* The exact figures, from the closed form. */
typedef struct truth {
    double largest, smallest, trace, frobenius, log_det, zeros;
} truth;

static truth truth_of(const test_case *c) {
    tw_closed_case given = {c->classes, c->samples, c->width,
                            c->layers,  c->lambda,  tw_loss_find(c->loss)};
    tw_closed_form form = {0};
    truth t = {.smallest = INFINITY};
    assert_ok(tw_closed_form_solve(&given, "dnc", &form));
    assert_true(form.has_spectrum);
    for (size_t i = 0; i < form.levels.count; i++) {
        double value = form.levels.rows[i].value, copies = (double)form.levels.rows[i].copies;
        t.largest = fmax(t.largest, value);
        t.trace += copies * value;
        t.frobenius += copies * value * value;
        if (value > 0.0) {
            t.smallest = fmin(t.smallest, value);
            t.log_det += copies * log(value);
        } else {
            t.zeros += copies;
        }
    }
    t.frobenius = sqrt(t.frobenius);
    tw_closed_form_clear(&form);
    return t;
}

/* A point with everything that a measurement borrows. */
typedef struct subject {
    built b;
    tw_symmetry *symmetry;
    tw_tangent tangent;
    tw_sectors sectors;
    tw_block described[8];
    tw_flat_block blocks[8];
    tw_flatness_options options;
} subject;

static subject subject_make(const test_case *c, uint64_t gauge_seed) {
    subject s = {.b = build(c, "dnc", gauge_seed)};
    const tw_dufm *model = &s.b.point.model;
    tw_sector_options sectors = TW_SECTOR_DEFAULTS;
    assert_ok(tw_symmetry_create(model, s.b.point.theta, TW_RANK_TOLERANCE, NULL, &s.symmetry));
    assert_ok(tw_sectors_of_point(model, s.b.point.theta, &sectors, &s.sectors));
    s.tangent = tw_symmetry_tangent(s.symmetry);
    s.options = TW_FLATNESS_DEFAULTS;
    s.options.block_count = tw_dufm_block_count(model);
    for (size_t i = 0; i < s.options.block_count; i++) {
        s.described[i] = tw_dufm_block(model, i);
        s.blocks[i].slice =
            (tw_slice){s.described[i].offset, s.described[i].rows * s.described[i].cols};
    }
    return s;
}

static void measure(subject *s, tw_flatness *result) {
    tw_objective objective = tw_evaluator_objective(s->b.evaluator);
    s->options.tangent = &s->tangent;
    s->options.blocks = s->blocks;
    for (size_t i = 0; i < s->options.block_count; i++) s->blocks[i].name = s->described[i].name;
    assert_ok(tw_flatness_measure(&objective, s->b.point.theta, &s->options, result));
    assert_int_equal(result->reason, TW_ESTIMATE_COMPLETE);
}

static void subject_clear(subject *s) {
    tw_symmetry_destroy(s->symmetry);
    tw_sectors_clear(&s->sectors);
    built_clear(&s->b);
}

/* Values are right to 1e-9, the task's figure; estimates within `errors` of their own. */
static void check_one(const tw_estimate *e, double want, double errors) {
    double slack = 1e-9 * fmax(1.0, fabs(want));
    if (e->exact) assert_true(e->error == 0.0);
    assert_near(e->value, want, errors * e->error + slack);
}

static void check_part(const tw_flat_part *part, const truth *t, double zeros, double errors) {
    check_one(&part->largest, t->largest, errors);
    check_one(&part->smallest, t->smallest, errors);
    check_one(&part->condition, t->largest / t->smallest, errors);
    check_one(&part->trace, t->trace, errors);
    check_one(&part->frobenius, t->frobenius, errors);
    check_one(&part->log_det, t->log_det, errors);
    check_one(&part->zero_modes, zeros, errors);
}

enum { DENSE, SECTORS, PRODUCTS, ROUTES };

/* Six intervals a part; 6 standard errors of Student's t with 15 degrees of freedom are left once
 * in 4e4 times. */
static void collapse_by_every_route(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        truth t = truth_of(&cases[i]);
        subject s = subject_make(&cases[i], 3);
        for (int route = DENSE; route < ROUTES; route++) {
            tw_flatness r;
            s.options.budget.dense_limit = route == PRODUCTS ? 0 : 6000;
            s.options.sectors = route == SECTORS ? &s.sectors.levels : NULL;
            measure(&s, &r);
            assert_int_equal(r.whole.trace.exact, route != PRODUCTS);
            assert_int_equal(r.off_orbit.log_det.exact, route != PRODUCTS);
            check_part(&r.whole, &t, t.zeros, 6.0);
            check_part(&r.off_orbit, &t, 0.0, 6.0);
            assert_int_equal(r.off_orbit.dimension, r.parameters - (size_t)t.zeros);
            assert_true(r.tangent_residual < 1e-12);
            tw_flatness_clear(&r);
        }
        subject_clear(&s);
    }
}

/* Blocks are principal submatrices: traces add up, and no eigenvalue leaves the whole's range. */
static void blocks_are_principal_submatrices(void **state) {
    (void)state;
    subject s = subject_make(&cases[0], 3);
    tw_flatness dense, products;
    double sum = 0.0;
    measure(&s, &dense);
    s.options.budget.dense_limit = 0;
    measure(&s, &products);
    assert_int_equal(dense.block_count, 3);
    for (size_t i = 0; i < dense.block_count; i++) {
        const tw_flat_part *exact = &dense.blocks[i], *random = &products.blocks[i];
        sum += exact->trace.value;
        assert_true(exact->largest.value <= dense.whole.largest.value * (1.0 + 1e-12));
        check_one(&random->largest, exact->largest.value, 6.0);
        check_one(&random->trace, exact->trace.value, 6.0);
        check_one(&random->frobenius, exact->frobenius.value, 6.0);
    }
    assert_near(sum, dense.whole.trace.value, 1e-12 * sum);
    tw_flatness_clear(&dense);
    tw_flatness_clear(&products);
    subject_clear(&s);
}

/* Turned spaces: the same figures, sampled ones too up to the noise of another xi. */
static void rotations_change_nothing(void **state) {
    (void)state;
    const double radii[] = {0.05, 0.5}, sigmas[] = {1e-3, 0.1};
    tw_flatness r[2];
    for (uint64_t seed = 0; seed < 2; seed++) {
        subject s = subject_make(&cases[0], 11 + seed);
        s.options.sharpness.radius_count = s.options.rise.deviation_count = 2;
        s.options.sharpness.radii = radii;
        s.options.sharpness.max_steps = 2000;
        s.options.rise.deviations = sigmas;
        measure(&s, &r[seed]);
        subject_clear(&s);
    }
    const tw_flat_figure *figure;
    for (size_t k = 0; (figure = tw_flat_figure_at(k)); k++) {
        assert_true(strlen(figure->invariance) > 0);
        if (figure->offset == SIZE_MAX) continue;
        const tw_estimate *one = tw_flat_figure_of(figure, &r[0].whole);
        check_one(one, tw_flat_figure_of(figure, &r[1].whole)->value, 0.0);
    }
    for (size_t j = 0; j < 2; j++) {
        const tw_rise *a = &r[0].whole.rises[j], *b = &r[1].whole.rises[j];
        const tw_sharpness *u = &r[0].off_orbit.sharpness[j], *v = &r[1].off_orbit.sharpness[j];
        assert_near(a->rise.value, b->rise.value, 6.0 * hypot(a->rise.error, b->rise.error));
        assert_near(u->rise, v->rise, 1e-3 * v->rise);
    }
    tw_flatness_clear(&r[0]);
    tw_flatness_clear(&r[1]);
}

/* c f. */
typedef struct scaled {
    tw_objective f;
    double c;
} scaled;

static tw_status scaled_eval(void *self, const double *x, double *value, double *gradient) {
    scaled *s = self;
    tw_status status = s->f.eval(s->f.self, x, value, gradient);
    *value *= s->c;
    for (size_t i = 0; gradient && i < s->f.n; i++) gradient[i] *= s->c;
    return status;
}

static tw_status scaled_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                                double *Y, size_t ldy) {
    scaled *s = self;
    tw_status status = s->f.hessian(s->f.self, x, k, V, ldv, Y, ldy);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < s->f.n; i++) Y[i + j * ldy] *= s->c;
    return status;
}

static void a_multiple_of_the_loss_scales_the_figures(void **state) {
    (void)state;
    const double c = 1e-3;
    truth t = truth_of(&cases[0]);
    subject s = subject_make(&cases[0], 3);
    scaled of = {tw_evaluator_objective(s.b.evaluator), c};
    tw_objective objective = {
        .n = of.f.n, .eval = scaled_eval, .hessian = scaled_hessian, .self = &of};
    tw_flatness r;
    s.options.tangent = &s.tangent;
    s.options.block_count = 0;
    assert_ok(tw_flatness_measure(&objective, s.b.point.theta, &s.options, &r));
    truth want = {c * t.largest, c * t.smallest, c * t.trace, c * t.frobenius, 0.0, t.zeros};
    want.log_det = t.log_det + ((double)r.parameters - t.zeros) * log(c);
    check_part(&r.whole, &want, t.zeros, 0.0);
    tw_flatness_clear(&r);
    subject_clear(&s);
}

/* Away from a critical point the orbit is not null: the whole sees its curvature, off the orbit
 * does not, by both routes. */
static void off_a_critical_point_both_are_measured(void **state) {
    (void)state;
    subject s = subject_make(&cases[0], 3);
    tw_random stream;
    tw_flatness dense, products;
    size_t P = tw_dufm_parameters(&s.b.point.model);
    tw_random_init(&stream, 5, TW_PURPOSE_TEST, 0);
    for (size_t i = 0; i < P; i++) s.b.point.theta[i] += 0.05 * tw_random_normal(&stream);
    tw_symmetry_destroy(s.symmetry);
    assert_ok(tw_symmetry_create(&s.b.point.model, s.b.point.theta, TW_RANK_TOLERANCE, NULL,
                                 &s.symmetry));
    s.tangent = tw_symmetry_tangent(s.symmetry);
    measure(&s, &dense);
    s.options.budget.dense_limit = 0;
    measure(&s, &products);
    assert_true(dense.tangent_residual > 1e-4);
    assert_true(fabs(dense.whole.trace.value - dense.off_orbit.trace.value) > 1e-6);
    assert_near(dense.off_orbit.zero_modes.value, 0.0, 0.0);
    check_one(&products.off_orbit.largest, dense.off_orbit.largest.value, 6.0);
    check_one(&products.off_orbit.trace, dense.off_orbit.trace.value, 6.0);
    check_one(&products.off_orbit.frobenius, dense.off_orbit.frobenius.value, 6.0);
    tw_flatness_clear(&dense);
    tw_flatness_clear(&products);
    subject_clear(&s);
}

static bool stop(void *self, const char *stage, double done, double total) {
    (void)stage;
    (void)done;
    (void)total;
    return ++*(size_t *)self > 2;
}

static void cancelling_leaves_gaps(void **state) {
    (void)state;
    size_t calls = 0;
    tw_monitor monitor = {stop, &calls};
    subject s = subject_make(&cases[0], 3);
    tw_objective objective = tw_evaluator_objective(s.b.evaluator);
    tw_flatness r;
    s.options.budget.monitor = &monitor;
    s.options.budget.dense_limit = 0;
    s.options.block_count = 0;
    assert_ok(tw_flatness_measure(&objective, s.b.point.theta, &s.options, &r));
    assert_int_equal(r.reason, TW_ESTIMATE_CANCELLED);
    assert_true(isnan(r.off_orbit.condition.value));
    tw_flatness_clear(&r);
    subject_clear(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collapse_by_every_route),
        cmocka_unit_test(blocks_are_principal_submatrices),
        cmocka_unit_test(rotations_change_nothing),
        cmocka_unit_test(a_multiple_of_the_loss_scales_the_figures),
        cmocka_unit_test(off_a_critical_point_both_are_measured),
        cmocka_unit_test(cancelling_leaves_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
