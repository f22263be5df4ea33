/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts and verdicts through callback objectives with known Hessians, and on golden optima whose
 * loss is rescaled: no count and no verdict may change. */
#include "support/test.h"

#include <stdio.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/curvature/lowest.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/point.h>
#include <thalweg/symmetry/symmetry.h>
#include <thalweg/training/newton.h>

#include "support/ring.h"

static const double scales[3] = {1e-3, 1.0, 1e6};

/* Analyse a ring by the dense route and by the deflated one; both must say the same. */
static void expect_ring(ring *r, const double *x, bool symmetry, size_t negative, size_t zero,
                        double smallest, tw_verdict verdict) {
    for (int dense = 0; dense < 2; dense++) {
        tw_objective objective = ring_objective(r);
        tw_tangent tangent = ring_tangent(r, x);
        tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
        tw_degeneracy_result result;
        options.budget.dense_limit = dense ? 6000 : 1;
        options.tangent = symmetry ? &tangent : NULL;
        assert_ok(tw_degeneracy_analyse(&objective, x, &options, &result));
        assert_string_equal(tw_verdict_name(result.verdict), tw_verdict_name(verdict));
        if (verdict != TW_VERDICT_NOT_STATIONARY && verdict != TW_VERDICT_AMBIGUOUS) {
            assert_int_equal(result.negative_modes, negative);
            assert_int_equal(result.zero_modes, zero);
            assert_int_equal(result.unexplained, (long)zero - (symmetry ? 1 : 0));
            assert_int_equal(result.positive_modes, r->n - negative - zero);
            assert_near(result.smallest_nonzero / r->scale, smallest, 1e-10);
            assert_string_equal(result.doubt, "");
        } else {
            assert_true(strlen(result.doubt) > 20);
        }
        tw_degeneracy_result_clear(&result);
    }
}

static void circle_is_a_minimum_modulo_symmetry(void **state) {
    (void)state;
    const double c[4] = {0.01, 0.5, 1.0, 3.0}, x[6] = {0.6, 0.8};
    for (size_t i = 0; i < 3; i++) {
        ring r = {.n = 6, .scale = scales[i], .c = c};
        expect_ring(&r, x, true, 0, 1, 0.01, TW_VERDICT_MINIMUM);
        expect_ring(&r, x, false, 0, 1, 0.01, TW_VERDICT_DEGENERATE);
    }
}

/* 2 n products and n of the inertia: what does not fit is not begun. */
static void the_dense_route_fits_the_budget(void **state) {
    (void)state;
    const double c[4] = {0.01, 0.5, 1.0, 3.0}, x[6] = {0.6, 0.8};
    ring r = {.n = 6, .scale = 1.0, .c = c};
    tw_objective objective = ring_objective(&r);
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    for (options.budget.products = 0; options.budget.products < 30; options.budget.products++) {
        tw_degeneracy_result result;
        assert_ok(tw_degeneracy_analyse(&objective, x, &options, &result));
        bool dense = strcmp(result.method, "dense") == 0;
        assert_int_equal(dense, options.budget.products >= 3 * r.n);
        assert_int_equal(result.counted && dense, dense);
        tw_degeneracy_result_clear(&result);
    }
}

static void zero_curvature_beside_the_orbit_is_unexplained(void **state) {
    (void)state;
    const double c[4] = {0.0, 0.5, 1.0, 3.0}, x[6] = {0.6, 0.8};
    for (size_t i = 0; i < 3; i++) {
        ring r = {.n = 6, .scale = scales[i], .c = c};
        expect_ring(&r, x, true, 0, 2, 0.5, TW_VERDICT_DEGENERATE);
    }
}

static void negative_curvature_makes_a_strict_saddle(void **state) {
    (void)state;
    const double c[4] = {-0.2, 0.5, 1.0, 3.0}, x[6] = {0.6, 0.8}, origin[6] = {0};
    for (size_t i = 0; i < 3; i++) {
        ring r = {.n = 6, .scale = scales[i], .c = c};
        expect_ring(&r, x, true, 1, 1, -0.2, TW_VERDICT_STRICT_SADDLE);
        expect_ring(&r, origin, false, 3, 0, -0.2, TW_VERDICT_STRICT_SADDLE);
    }
}

/* One eigenvalue beside the ring's own, by the dense route and by the deflated one. */
static void expect_beside_zero(double value, tw_verdict verdict, tw_doubt doubt) {
    for (size_t i = 0; i < 6; i++) {
        const double c[4] = {value, 0.5, 1.0, 3.0}, x[6] = {0.6, 0.8};
        ring r = {.n = 6, .scale = scales[i / 2], .c = c};
        tw_objective objective = ring_objective(&r);
        tw_tangent tangent = ring_tangent(&r, x);
        tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
        tw_degeneracy_result result;
        options.budget.dense_limit = i % 2 ? 6000 : 1;
        options.tangent = &tangent;
        assert_ok(tw_degeneracy_analyse(&objective, x, &options, &result));
        assert_string_equal(tw_verdict_name(result.verdict), tw_verdict_name(verdict));
        assert_int_equal(result.doubt_kind, doubt);
        if (doubt == TW_DOUBT_THRESHOLD) assert_non_null(strstr(result.doubt, "threshold"));
        assert_int_equal(result.negative_modes, result.zero.negative);
        assert_int_equal(result.zero_modes, result.zero.zero);
        tw_degeneracy_result_clear(&result);
    }
}

/* ||H|| is about 3, the residuals of the pairs 1e-15 of it: what lies 1e-11 from zero has a sign,
 * and what is near the threshold, on either side of it, none. */
static void an_eigenvalue_beside_zero(void **state) {
    (void)state;
    expect_beside_zero(-5e-11, TW_VERDICT_STRICT_SADDLE, TW_DOUBT_NONE);
    expect_beside_zero(5e-11, TW_VERDICT_MINIMUM, TW_DOUBT_NONE);
    expect_beside_zero(-1e-12, TW_VERDICT_AMBIGUOUS, TW_DOUBT_THRESHOLD);
    expect_beside_zero(1e-12, TW_VERDICT_AMBIGUOUS, TW_DOUBT_THRESHOLD);
    expect_beside_zero(-5e-14, TW_VERDICT_AMBIGUOUS, TW_DOUBT_THRESHOLD);
    expect_beside_zero(5e-14, TW_VERDICT_AMBIGUOUS, TW_DOUBT_THRESHOLD);
    expect_beside_zero(1e-17, TW_VERDICT_DEGENERATE, TW_DOUBT_NONE);
}

/* f = (curvature/2) ||x||^2 with nothing else: the zero Hessian, and the identity. */
static tw_status bowl_eval(void *self, const double *x, double *value, double *gradient) {
    const double *curvature = self;
    *value = 0.0;
    for (size_t i = 0; i < 12; i++) {
        *value += 0.5 * *curvature * x[i] * x[i];
        if (gradient) gradient[i] = *curvature * x[i];
    }
    return TW_OK;
}

static tw_status bowl_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                              double *Y, size_t ldy) {
    const double *curvature = self;
    (void)x;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < 12; i++) Y[i + j * ldy] = *curvature * V[i + j * ldv];
    return TW_OK;
}

static void zero_and_identity(void **state) {
    (void)state;
    const double x[12] = {0};
    for (size_t i = 0; i < 4; i++) {
        double curvature = i / 2 ? 0.25 : 0.0;
        tw_objective objective = {
            .n = 12, .eval = bowl_eval, .hessian = bowl_hessian, .self = &curvature};
        tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
        tw_degeneracy_result r;
        options.budget.dense_limit = i % 2 ? 6000 : 1;
        assert_ok(tw_degeneracy_analyse(&objective, x, &options, &r));
        assert_int_equal(r.verdict, curvature > 0.0 ? TW_VERDICT_MINIMUM : TW_VERDICT_DEGENERATE);
        assert_int_equal(r.zero_modes, curvature > 0.0 ? 0 : 12);
        assert_int_equal(r.unexplained, r.zero_modes);
        assert_int_equal(r.positive_modes, 12 - r.zero_modes);
        assert_near(r.smallest, curvature, 1e-16);
        assert_true(isnan(r.smallest_nonzero) == (curvature == 0.0));
        tw_degeneracy_result_clear(&r);
    }
}

/* Zero modes without end, counted as what lies between the others; whatever the rank that was told,
 * and where it was told wrongly. */
static void many_zeros_are_counted_from_both_ends(void **state) {
    (void)state;
    enum { N = 403 };
    double c[N - 2] = {0.5, 1.0, 3.0, 1e-3, -1e-3}, x[N] = {0.6, 0.8};
    for (int negative = 0; negative < 2; negative++) {
        if (negative == 0) c[4] = 0.0;
        if (negative == 1) c[4] = -1e-3;
        for (size_t i = 0; i < 3; i++) {
            ring r = {.n = N, .scale = scales[i], .c = c};
            tw_objective objective = ring_objective(&r);
            tw_tangent tangent = ring_tangent(&r, x);
            tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
            options.budget.dense_limit = 1;
            options.tangent = &tangent;
            for (options.rank = 1; options.rank < 10; options.rank += 4) {
                tw_degeneracy_result result;
                assert_ok(tw_degeneracy_analyse(&objective, x, &options, &result));
                assert_string_equal(result.method, "both ends");
                assert_string_equal(result.doubt, "");
                assert_int_equal(result.negative_modes, negative);
                assert_int_equal(result.positive_modes, 5);
                assert_int_equal(result.unexplained, N - 1 - 5 - negative);
                assert_near(fabs(result.smallest_nonzero) / r.scale, 1e-3, 1e-12);
                assert_true(result.zero.largest_zero <= result.zero.error);
                assert_true(result.products < 1000);
                tw_degeneracy_result_clear(&result);
            }
        }
    }
}

/* A look at the lowest curvature has the rule of the count: the gradient's, and the tangent's,
 * which at a small |y| shows the gradient over |y|. */
static void a_look_has_the_rule_of_the_count(void **state) {
    (void)state;
    const double c[4] = {0.01, 0.5, 1.0, -3e-7}, circle[6] = {0.6, 0.8}, off[6] = {0.05};
    ring r = {.n = 6, .scale = 1.0, .c = c};
    tw_objective objective = ring_objective(&r);
    const double *points[] = {circle, off};
    for (size_t i = 0; i < 2; i++) {
        tw_tangent tangent = ring_tangent(&r, points[i]);
        tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
        tw_degeneracy_result count;
        tw_lowest look;
        options.tangent = &tangent;
        assert_ok(tw_degeneracy_analyse(&objective, points[i], &options, &count));
        assert_ok(tw_lowest_curvature(&objective, points[i], &tangent, NULL, NULL, &look));
        assert_int_equal(look.zero.origin, count.zero.origin);
        assert_near(look.zero.threshold, count.zero.threshold, 1e-9 * count.zero.threshold);
        assert_int_equal(look.negative, i == 0);
        tw_degeneracy_result_clear(&count);
        assert_ok(tw_lowest_curvature(&objective, points[i], NULL, NULL, NULL, &look));
        assert_true(look.negative);
    }
}

static void a_slope_is_not_stationary(void **state) {
    (void)state;
    const double c[4] = {0.01, 0.5, 1.0, 3.0}, x[6] = {0.6, 0.8 + 1e-6};
    for (size_t i = 0; i < 3; i++) {
        ring r = {.n = 6, .scale = scales[i], .c = c};
        expect_ring(&r, x, true, 0, 0, 0.0, TW_VERDICT_NOT_STATIONARY);
    }
}

/* A tangent that is not flat must not be believed. */
static void a_wrong_symmetry_is_found_out(void **state) {
    (void)state;
    const double c[4] = {0.01, 0.5, 1.0, 3.0}, x[6] = {0.6, 0.8}, elsewhere[6] = {0.8, -0.6};
    ring r = {.n = 6, .scale = 1.0, .c = c};
    tw_objective objective = ring_objective(&r);
    tw_tangent tangent = ring_tangent(&r, elsewhere); /* the radial direction at x */
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    for (size_t limit = 1; limit <= 6000; limit += 5999) {
        tw_degeneracy_result result;
        options.budget.dense_limit = limit;
        options.tangent = &tangent;
        assert_ok(tw_degeneracy_analyse(&objective, x, &options, &result));
        assert_true(result.tangent_residual > 1.0);
        assert_int_equal(result.verdict, TW_VERDICT_AMBIGUOUS);
        tw_degeneracy_result_clear(&result);
    }
}

/* An objective times a constant. */
typedef struct scaled {
    tw_objective inner;
    double factor;
} scaled;

static tw_status scaled_eval(void *self, const double *x, double *value, double *gradient) {
    const scaled *s = self;
    tw_status status = s->inner.eval(s->inner.self, x, value, gradient);
    *value *= s->factor;
    for (size_t i = 0; gradient && i < s->inner.n; i++) gradient[i] *= s->factor;
    return status;
}

static tw_status scaled_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                                double *Y, size_t ldy) {
    const scaled *s = self;
    tw_status status = s->inner.hessian(s->inner.self, x, k, V, ldv, Y, ldy);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < s->inner.n; i++) Y[j * ldy + i] *= s->factor;
    return status;
}

static void analyse_scaled(const tw_point *point, const char *path, double factor, size_t limit) {
    tw_evaluator *evaluator = NULL;
    tw_symmetry *symmetry = NULL;
    tw_degeneracy_result result, plain;
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    assert_ok(tw_evaluator_create(&point->model, &evaluator));
    scaled s = {tw_evaluator_objective(evaluator), factor};
    tw_objective objective = {
        .n = s.inner.n, .eval = scaled_eval, .hessian = scaled_hessian, .self = &s};
    assert_ok(tw_symmetry_create(&point->model, point->theta, TW_RANK_TOLERANCE, NULL, &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    options.tangent = &tangent;
    options.budget.dense_limit = limit;
    assert_ok(tw_degeneracy_analyse(&s.inner, point->theta, &options, &plain));
    assert_ok(tw_degeneracy_analyse(&objective, point->theta, &options, &result));
    if (result.verdict != plain.verdict || result.zero_modes != plain.zero_modes ||
        result.negative_modes != plain.negative_modes ||
        result.positive_modes != plain.positive_modes)
        fail_msg("%s times %g: %s, %zu zero modes, not %s, %zu", path, factor,
                 tw_verdict_name(result.verdict), result.zero_modes, tw_verdict_name(plain.verdict),
                 plain.zero_modes);
    assert_near(result.smallest_nonzero / factor, plain.smallest_nonzero, 1e-12);
    tw_degeneracy_result_clear(&result);
    tw_degeneracy_result_clear(&plain);
    tw_symmetry_destroy(symmetry);
    tw_evaluator_destroy(evaluator);
}

static void scaling_the_loss_changes_no_count(void **state) {
    (void)state;
    static const char *const names[] = {"ce-L1-K5-nc.npz", "ce-L2-K4-rank2.npz", "ce-L3-K4-dnc.npz",
                                        "ce-L4-K6-rank3.npz", "mse-L2-K4-dnc.npz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        tw_bundle bundle = {0};
        tw_point point = {0};
        snprintf(path, sizeof path, "%s/%s", TEST_DATA, names[i]);
        assert_ok(tw_bundle_read(path, &bundle));
        assert_ok(tw_point_from_bundle(&bundle, &point));
        for (size_t j = 0; j < 3; j++)
            for (size_t limit = 1; limit <= 6000; limit += 5999)
                analyse_scaled(&point, names[i], scales[j], limit);
        tw_point_clear(&point);
        tw_bundle_clear(&bundle);
    }
}

/* The same from the float32 file: polishing a rescaled loss takes the same steps. */
static void scaling_the_loss_changes_no_polishing(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    tw_point point = {0};
    assert_ok(tw_bundle_read(EXAMPLE_DATA "/torch-linear-K4-rank2.safetensors", &bundle));
    assert_ok(tw_point_from_bundle(&bundle, &point));
    size_t n = tw_dufm_parameters(&point.model), iterations[3];
    double *theta = malloc(n * sizeof *theta);
    for (size_t j = 0; j < 3; j++) {
        tw_evaluator *evaluator = NULL;
        tw_newton_result result;
        tw_newton_options options = TW_NEWTON_DEFAULTS;
        assert_ok(tw_evaluator_create(&point.model, &evaluator));
        scaled s = {tw_evaluator_objective(evaluator), scales[j]};
        tw_objective objective = {
            .n = n, .eval = scaled_eval, .hessian = scaled_hessian, .self = &s};
        memcpy(theta, point.theta, n * sizeof *theta);
        assert_ok(tw_newton(&objective, &options, theta, &result));
        assert_int_equal(result.reason, TW_NEWTON_CONVERGED);
        iterations[j] = result.iterations;
        tw_evaluator_destroy(evaluator);
        memcpy(point.theta, theta, n * sizeof *theta);
        analyse_scaled(&point, "polished K4-rank2", scales[j], 1);
        tw_point_clear(&point);
        assert_ok(tw_point_from_bundle(&bundle, &point));
    }
    assert_int_equal(iterations[0], iterations[1]);
    assert_int_equal(iterations[2], iterations[1]);
    free(theta);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
}

static void open_verdicts_are_those_without_an_answer(void **state) {
    (void)state;
    assert_false(tw_verdict_is_open(TW_VERDICT_MINIMUM));
    assert_false(tw_verdict_is_open(TW_VERDICT_STRICT_SADDLE));
    assert_false(tw_verdict_is_open(TW_VERDICT_DEGENERATE));
    assert_true(tw_verdict_is_open(TW_VERDICT_NOT_STATIONARY));
    assert_true(tw_verdict_is_open(TW_VERDICT_AMBIGUOUS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(circle_is_a_minimum_modulo_symmetry),
        cmocka_unit_test(the_dense_route_fits_the_budget),
        cmocka_unit_test(zero_curvature_beside_the_orbit_is_unexplained),
        cmocka_unit_test(negative_curvature_makes_a_strict_saddle),
        cmocka_unit_test(an_eigenvalue_beside_zero),
        cmocka_unit_test(zero_and_identity),
        cmocka_unit_test(many_zeros_are_counted_from_both_ends),
        cmocka_unit_test(a_look_has_the_rule_of_the_count),
        cmocka_unit_test(open_verdicts_are_those_without_an_answer),
        cmocka_unit_test(a_slope_is_not_stationary),
        cmocka_unit_test(a_wrong_symmetry_is_found_out),
        cmocka_unit_test(scaling_the_loss_changes_no_count),
        cmocka_unit_test(scaling_the_loss_changes_no_polishing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
