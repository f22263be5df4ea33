/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sharpened softplus and what the table says of its rows; values and derivatives of the rows as
 * they stand are checked in tests/conformance/objective.c. */
#include <thalweg/model/activation.h>

#include "support/test.h"

#include <thalweg/model/point.h>

enum { COUNT = 9 };
static const double S[COUNT] = {-1e3, -2.0, -0.3, -1e-7, 0.0, 1e-7, 0.3, 2.0, 1e3};

/* phi_beta(s) = phi_1(beta s)/beta, to the last bits: beta is a power of two. */
static void softplus_scales_with_its_sharpness(void **state) {
    (void)state;
    const tw_activation *plain = tw_activation_find("softplus");
    for (int power = -3; power <= 20; power++) {
        double beta = ldexp(1.0, power), scaled[COUNT], expected[3][COUNT], got[3][COUNT];
        tw_activation sharp = *plain;
        sharp.sharpness = beta;
        for (size_t i = 0; i < COUNT; i++) scaled[i] = beta * S[i];
        plain->eval(plain, COUNT, scaled, expected[0], expected[1], expected[2]);
        sharp.eval(&sharp, COUNT, S, got[0], got[1], got[2]);
        for (size_t i = 0; i < COUNT; i++) {
            assert_near(got[0][i], expected[0][i] / beta, 4 * DBL_EPSILON * fmax(1.0, fabs(S[i])));
            assert_near(got[1][i], expected[1][i], 4 * DBL_EPSILON);
            assert_near(got[2][i], expected[2][i] * beta, 4 * DBL_EPSILON * beta);
        }
    }
}

/* 0 <= phi_beta(s) - max(s, 0) <= log(2)/beta. */
static void sharp_softplus_is_nearly_relu(void **state) {
    (void)state;
    tw_activation sharp = *tw_activation_find("softplus");
    double value[COUNT], first[COUNT], second[COUNT];
    sharp.sharpness = 1e9;
    sharp.eval(&sharp, COUNT, S, value, first, second);
    for (size_t i = 0; i < COUNT; i++) {
        double above = value[i] - fmax(S[i], 0.0);
        assert_true(above >= 0.0 && above <= log(2.0) / 1e9 * (1.0 + 4 * DBL_EPSILON));
        if (S[i] != 0.0) assert_near(first[i], S[i] > 0.0 ? 1.0 : 0.0, 1e-12);
    }
}

static void homogeneous_rows_are_marked(void **state) {
    (void)state;
    const tw_activation *a;
    for (size_t index = 0; (a = tw_activation_at(index)) != NULL; index++) {
        double twice[COUNT], value[COUNT], doubled[COUNT], first[COUNT], second[COUNT];
        bool homogeneous = true;
        for (size_t i = 0; i < COUNT; i++) twice[i] = 2.0 * S[i];
        a->eval(a, COUNT, S, value, first, second);
        a->eval(a, COUNT, twice, doubled, first, second);
        for (size_t i = 0; i < COUNT; i++)
            homogeneous = homogeneous && doubled[i] == 2.0 * value[i];
        assert_int_equal(a->homogeneous, homogeneous);
        assert_true(a->sharpness == 1.0);
    }
}

static void no_file_holds_another_sharpness(void **state) {
    (void)state;
    tw_activation sharp = *tw_activation_find("softplus");
    tw_point point = {0};
    tw_bundle bundle = {0};
    double theta[4] = {1.0, 2.0, 3.0, 4.0};
    sharp.sharpness = 2.0;
    assert_ok(tw_dufm_init(&point.model, 1, 2));
    point.model.widths[0] = 1;
    point.model.widths[1] = 2;
    point.model.labels[1] = 1;
    point.model.loss = tw_loss_find("ce");
    point.model.activation = &sharp;
    point.theta = theta;
    assert_int_equal(tw_point_to_bundle(&point, &bundle), TW_ERR_UNSUPPORTED);
    assert_non_null(strstr(tw_last_error(), "sharpness 2"));
    sharp.sharpness = 1.0;
    assert_ok(tw_point_to_bundle(&point, &bundle));
    tw_bundle_clear(&bundle);
    tw_dufm_clear(&point.model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(softplus_scales_with_its_sharpness),
        cmocka_unit_test(sharp_softplus_is_nearly_relu),
        cmocka_unit_test(homogeneous_rows_are_marked),
        cmocka_unit_test(no_file_holds_another_sharpness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
