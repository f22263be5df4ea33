/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands beside a certificate: the null space against a tangent space, the test of global
 * optimality at L = 1, and the file. */
#include <thalweg/base/random.h>
#include <thalweg/certificate/certification.h>

#include "support/built.h"

#define N 7

/* The tangent of the first m coordinates of R^N. */
static tw_status drop_first(void *self, size_t k, const double *X, size_t ldx, double *Y,
                            size_t ldy) {
    const size_t *m = self;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < N; i++) Y[i + j * ldy] = i < *m ? 0.0 : X[i + j * ldx];
    return TW_OK;
}

/* Columns e_0 .. e_{count-1}, the second of them turned by `angle` towards e_{N-1}. */
static tw_null_match match_turned(size_t dimension, size_t count, double angle) {
    double null[N * N] = {0};
    tw_null_match match;
    tw_tangent tangent = {.dimension = dimension,
                          .complement = {.n = N, .apply = drop_first, .self = &dimension},
                          .self = &dimension};
    for (size_t j = 0; j < count; j++) null[j + j * N] = 1.0;
    null[1 + N] = cos(angle);
    null[N - 1 + N] = sin(angle);
    assert_ok(tw_null_space_match(&tangent, N, count, null, &match));
    assert_true(match.matched && match.found == count && match.symmetry == dimension);
    return match;
}

static void a_turned_null_vector_is_seen(void **state) {
    (void)state;
    const double angles[] = {0.0, 1e-13, 1e-5, 0.3, 1.2};
    for (size_t i = 0; i < sizeof angles / sizeof *angles; i++)
        for (size_t count = 3; count < 6; count++) /* as many null vectors as tangents, and more */
            assert_near(match_turned(3, count, angles[i]).angle, angles[i], 8 * DBL_EPSILON);
    assert_true(isnan(match_turned(4, 3, 0.0).angle));
    assert_near(match_turned(0, 2, 0.3).angle, 0.0, 0.0);
}

/* One layer, unequal ridges, unequal classes: at zero, where G is known. */
static tw_dufm one_layer(size_t width) {
    const int labels[6] = {0, 0, 0, 1, 1, 2};
    tw_dufm model;
    assert_ok(tw_dufm_init(&model, 1, 6));
    model.widths[0] = width;
    model.widths[1] = 3;
    memcpy(model.labels, labels, sizeof labels);
    model.lambda_W[0] = 0.002;
    model.lambda_H = 0.05;
    model.loss = tw_loss_find("mse");
    model.activation = tw_activation_find("linear");
    assert_ok(tw_dufm_check(&model));
    return model;
}

/* At zero G = -Y/N with the singular values sqrt(n_k)/N. */
static void the_closed_form_has_the_curvature_it_says(void **state) {
    (void)state;
    tw_dufm model = one_layer(4);
    built b = build_with(&model, "random:normal:1", &TW_CONSTRUCT_DEFAULTS);
    size_t n = b.seen.parameters;
    double *v = calloc(n, sizeof *v), value = 0.0, *g = calloc(n, sizeof *g), length = 0.0;
    tw_objective objective = tw_evaluator_objective(b.evaluator);
    tw_global_test test;
    tw_certificate c;
    memset(b.point.theta, 0, n * sizeof *v);
    assert_ok(objective.eval(objective.self, b.point.theta, &value, g));
    assert_ok(tw_point_global_test(b.evaluator, b.point.theta, v, &test));
    assert_true(test.applicable && test.room);
    assert_near(test.slope, sqrt(3.0) / 6.0, 4 * DBL_EPSILON);
    assert_near(test.bound, 0.01, 4 * DBL_EPSILON);
    for (size_t i = 0; i < n; i++) length += v[i] * v[i];
    assert_near(length, 1.0, 8 * DBL_EPSILON);
    assert_near(test.curvature, -2.0 * (test.slope - test.bound) / (5.0 + 0.2), 8 * DBL_EPSILON);
    assert_ok(tw_certificate_prove(&b.point, v, NULL, &c));
    assert_true(c.proved);
    assert_near(c.rayleigh.value, test.curvature, 8 * DBL_EPSILON);
    free(v);
    free(g);
    built_clear(&b);
    tw_dufm_clear(&model);
}

/* A width that the factors use up leaves no such direction; more than one layer no such test. */
static void no_room_and_no_test_are_said(void **state) {
    (void)state;
    tw_dufm model = one_layer(3);
    built b = build_with(&model, "random:normal:1", &TW_CONSTRUCT_DEFAULTS);
    double *v = calloc(b.seen.parameters, sizeof *v);
    tw_global_test test;
    assert_ok(tw_point_global_test(b.evaluator, b.point.theta, v, &test));
    assert_true(test.applicable && !test.room);
    assert_true(test_largest(b.seen.parameters, v) == 0.0);
    free(v);
    built_clear(&b);
    tw_dufm_clear(&model);
    const test_case deep = {"ce", "linear", 4, 1, 5, 2, 0.004};
    b = build(&deep, "dnc", 3);
    assert_ok(tw_point_global_test(b.evaluator, b.point.theta, NULL, &test));
    assert_true(!test.applicable && test.slope == 0.0);
    built_clear(&b);
}

static void a_file_says_what_was_proved(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 4, 2, 5, 1, 0.02};
    built b = build(&c, "cross-polytope", 3);
    tw_certification_options options = TW_CERTIFICATION_DEFAULTS;
    tw_certification made;
    tw_bundle bundle = {0};
    tw_point point = {0};
    tw_certificate claim, verdict;
    double *v = NULL;
    assert_ok(tw_point_certify(b.evaluator, &options, b.point.theta, &made));
    assert_true(made.certificate.proved && made.null_match.matched && made.global.applicable);
    assert_string_equal(made.source, "closed form");
    assert_true(made.null_match.angle <= 1e-10);
    assert_ok(tw_certificate_to_bundle(&b.point, made.direction, &made.certificate, &bundle));
    assert_ok(tw_certificate_from_bundle(&bundle, &point, &v, &claim));
    size_t n = tw_dufm_parameters(&point.model);
    assert_memory_equal(point.theta, b.point.theta, n * sizeof *v);
    assert_memory_equal(v, made.direction, n * sizeof *v);
    assert_true(claim.rayleigh.upper == made.certificate.rayleigh.upper);
    assert_true(claim.step == made.certificate.step && !claim.proved);
    assert_ok(tw_certificate_check(&point, v, &claim, NULL, &verdict));
    assert_true(verdict.proved);
    free(v);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
    tw_certification_clear(&made);
    built_clear(&b);
}

static void incomplete_files_are_named(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 4, 1, 5, 1, 0.02};
    built b = build(&c, "zero", 3);
    const char *const names[] = {"rayleigh", "gradient_norm", "step", "decrease", "v_H", "v_W1"};
    tw_certificate claim = {.proved = true, .refuted = ""};
    double *v = calloc(b.seen.parameters, sizeof *v), *read = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tw_bundle bundle = {0};
        tw_point point = {0};
        assert_ok(tw_certificate_to_bundle(&b.point, v, &claim, &bundle));
        for (size_t j = 0; j < bundle.array_count; j++)
            if (strcmp(bundle.arrays[j].name, names[i]) == 0) bundle.arrays[j].name[0] = '!';
        assert_int_equal(tw_certificate_from_bundle(&bundle, &point, &read, &claim), TW_ERR_DATA);
        assert_non_null(strstr(tw_last_error(), names[i]));
        assert_ok(tw_bundle_set_metadata(&bundle, "certificate", "something else"));
        assert_int_equal(tw_certificate_from_bundle(&bundle, &point, &read, &claim), TW_ERR_DATA);
        assert_true(read == NULL && point.theta == NULL);
        tw_bundle_clear(&bundle);
    }
    claim.proved = false;
    tw_bundle bundle = {0};
    assert_int_equal(tw_certificate_to_bundle(&b.point, v, &claim, &bundle), TW_ERR_ARGUMENT);
    assert_int_equal(bundle.array_count, 0);
    free(v);
    built_clear(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_turned_null_vector_is_seen),
        cmocka_unit_test(the_closed_form_has_the_curvature_it_says),
        cmocka_unit_test(no_room_and_no_test_are_said),
        cmocka_unit_test(a_file_says_what_was_proved),
        cmocka_unit_test(incomplete_files_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
