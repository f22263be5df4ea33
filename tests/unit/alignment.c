/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points brought near each other over the symmetry group. */
#include <thalweg/symmetry/alignment.h>

#include "support/built.h"
#include "support/test.h"

static double size(const double *x, size_t n) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

/* Every product of d x d matrices rounds by d eps at most, relative; three a space and a pass. */
static double rounding(const built *b, size_t spaces, size_t sweeps) {
    size_t n = tw_dufm_parameters(&b->point.model), d = b->point.model.widths[0];
    return 10.0 * (double)(d * spaces * (sweeps + 1)) * DBL_EPSILON * size(b->point.theta, n);
}

/* A point and its random rotation are one point: at an optimum, and anywhere. */
static void rotated_points(void **state) {
    (void)state;
    static const char *const names[] = {"dnc", "cross-polytope", "random:normal:0.7", "random"};
    static const test_case cases[] = {{"ce", "linear", 4, 1, 5, 1, 4e-3},
                                      {"ce", "linear", 4, 2, 7, 2, 4e-3},
                                      {"ce", "linear", 4, 1, 40, 1, 4e-3},
                                      {"ce", "linear", 6, 2, 8, 3, 1e-3}};
    for (size_t c = 0; c < 4; c++)
        for (size_t i = 0; i < 4; i++)
            for (uint64_t seed = 2; seed < 6; seed++) {
                built a = build(&cases[c], names[i], 1), b = build(&cases[c], names[i], seed);
                size_t n = tw_dufm_parameters(&a.point.model);
                tw_alignment_result result;
                double before = loss_at(&b);
                assert_true(test_distance(n, a.point.theta, b.point.theta) > 0.1);
                assert_ok(tw_align(&a.point.model, a.point.theta, NULL, b.point.theta, &result));
                assert_near(result.distance, 0.0, rounding(&a, cases[c].layers, result.sweeps));
                assert_near(test_distance(n, a.point.theta, b.point.theta), 0.0,
                            result.distance * (1.0 + 1e-12));
                assert_true(result.converged);
                assert_near(loss_at(&b), before, 1e3 * DBL_EPSILON * before);
                built_clear(&a);
                built_clear(&b);
            }
}

/* Space 0 far wider than what two different points span: moved in the small space and back, theta
 * has come nearer by what is said, and its loss is the same. */
static void wide_points(void **state) {
    (void)state;
    static const test_case cases[] = {{"ce", "linear", 3, 1, 60, 1, 4e-3},
                                      {"mse", "linear", 2, 2, 60, 2, 4e-3},
                                      {"ce", "tanh", 3, 1, 60, 2, 4e-3}};
    for (size_t c = 0; c < 3; c++) {
        tw_dufm model = test_model(&cases[c]);
        if (model.layers == 2) model.widths[1] = 3;
        tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
        built a = build_with(&model, "random:normal:0.7", &options);
        options.seed = 2;
        built b = build_with(&model, "random:normal:0.7", &options);
        size_t n = tw_dufm_parameters(&model);
        tw_alignment_result result;
        double before = loss_at(&b), sum = 0.0;
        assert_ok(tw_align(&a.point.model, a.point.theta, NULL, b.point.theta, &result));
        for (size_t i = 0; i < n; i++) sum += pow(a.point.theta[i] - b.point.theta[i], 2);
        /* the logits are of degree L + 1 in theta, the loss of degree two in them */
        double relative = rounding(&b, model.layers, result.sweeps) / size(b.point.theta, n);
        assert_near(result.distance, sqrt(sum), relative * sqrt(sum));
        assert_true(result.distance < 0.9 * result.distance_before);
        assert_near(loss_at(&b), before, 2.0 * (double)(model.layers + 1) * relative * before);
        built_clear(&a);
        built_clear(&b);
        tw_dufm_clear(&model);
    }
}

/* Space 0 alone turns with another phi: towards a different point the loss stays. */
static void nonlinear(void **state) {
    (void)state;
    const test_case c = {"ce", "tanh", 4, 2, 5, 2, 4e-3};
    tw_dufm model = test_model(&c);
    tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
    built a = build_with(&model, "random:normal:0.7", &options);
    options.seed = 2;
    built b = build_with(&model, "random:normal:0.7", &options);
    tw_alignment_result result;
    double before = loss_at(&b);
    assert_ok(tw_align(&a.point.model, a.point.theta, NULL, b.point.theta, &result));
    assert_true(result.distance < result.distance_before);
    assert_near(loss_at(&b), before, 1e3 * DBL_EPSILON * before);
    built_clear(&a);
    built_clear(&b);
    tw_dufm_clear(&model);
}

/* Different points: nearer than before, and no rotation of a single space brings them nearer. */
static void different_points(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 4, 1, 5, 2, 4e-3};
    built a = build(&c, "dnc", 1), b = build(&c, "cross-polytope", 2);
    size_t n = tw_dufm_parameters(&a.point.model);
    tw_alignment_result result, again;
    double *kept = malloc(n * sizeof *kept);
    assert_ok(tw_align(&a.point.model, a.point.theta, NULL, b.point.theta, &result));
    assert_true(result.distance < result.distance_before);
    memcpy(kept, b.point.theta, n * sizeof *kept);
    for (size_t i = 0; i + 1 < 5; i++) { /* a small rotation in the plane of two units of space 0 */
        tw_block H = tw_dufm_factor(&a.point.model, 0), W = tw_dufm_factor(&a.point.model, 1);
        double cosine = cos(1e-3), sine = sin(1e-3), sum = 0.0;
        memcpy(b.point.theta, kept, n * sizeof *kept);
        for (size_t j = 0; j < H.cols; j++) {
            double *h = b.point.theta + H.offset + j * H.rows, x = h[i], y = h[i + 1];
            h[i] = cosine * x - sine * y;
            h[i + 1] = sine * x + cosine * y;
        }
        for (size_t j = 0; j < W.rows; j++) {
            double *w = b.point.theta + W.offset + j, x = w[i * W.rows], y = w[(i + 1) * W.rows];
            w[i * W.rows] = cosine * x - sine * y;
            w[(i + 1) * W.rows] = sine * x + cosine * y;
        }
        for (size_t j = 0; j < n; j++)
            sum += (b.point.theta[j] - a.point.theta[j]) * (b.point.theta[j] - a.point.theta[j]);
        assert_true(sqrt(sum) >= result.distance * (1.0 - 1e-14));
    }
    memcpy(b.point.theta, kept, n * sizeof *kept);
    assert_ok(tw_align(&a.point.model, a.point.theta, NULL, b.point.theta, &again));
    assert_near(again.distance, result.distance, 1e-7 * result.distance);
    free(kept);
    built_clear(&a);
    built_clear(&b);
}

/* Classes 0 and 2 exchanged, and turned: found with permutations, not without. */
static void exchanged_classes(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 4, 2, 5, 2, 4e-3};
    built a = build(&c, "random:normal:0.7", 1), b = build(&c, "random:normal:0.7", 5);
    tw_alignment_options options = TW_ALIGNMENT_DEFAULTS;
    tw_alignment_result result;
    tw_block W = tw_dufm_factor(&a.point.model, 2), H = tw_dufm_factor(&a.point.model, 0);
    for (size_t j = 0; j < W.cols; j++) {
        double *w = b.point.theta + W.offset + j * W.rows, kept = w[0];
        w[0] = w[2];
        w[2] = kept;
    }
    for (size_t j = 0; j < 2 * H.rows; j++) { /* samples 0, 1 and 4, 5 */
        double *h = b.point.theta + H.offset, kept = h[j];
        h[j] = h[4 * H.rows + j];
        h[4 * H.rows + j] = kept;
    }
    double *copy = malloc(tw_dufm_parameters(&a.point.model) * sizeof *copy);
    memcpy(copy, b.point.theta, tw_dufm_parameters(&a.point.model) * sizeof *copy);
    assert_ok(tw_align(&a.point.model, a.point.theta, &options, copy, &result));
    assert_true(result.distance > 0.1);
    assert_int_equal(result.exchanged, 0);
    options.permute = true;
    assert_ok(tw_align(&a.point.model, a.point.theta, &options, b.point.theta, &result));
    assert_near(result.distance, 0.0, rounding(&a, 2, result.sweeps));
    assert_true(result.exchanged >= 1);
    free(copy);
    built_clear(&a);
    built_clear(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotated_points),    cmocka_unit_test(wide_points),
        cmocka_unit_test(nonlinear),         cmocka_unit_test(different_points),
        cmocka_unit_test(exchanged_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
