/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constructions against the figures of docs/mathematics.md, sections 3 to 5. */
#include <thalweg/optima/construction.h>

#include <stdio.h>
#include <thalweg/optima/closed_form.h>

#include "support/built.h"

/* Negative eigenvalues by the dense route, which the sectors confirm where they apply. */
static size_t negative_modes(built *b) {
    tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    tw_examination e = {0};
    options.polish = false;
    assert_ok(tw_point_examine(b->evaluator, &options, b->point.theta, &e));
    assert_true(e.degeneracy.counted);
    assert_true(e.routes != TW_ROUTES_DISAGREE);
    size_t negative = e.degeneracy.negative_modes;
    tw_examination_clear(&e);
    return negative;
}

/* docs/mathematics.md, section 4: K = 10, n = 5, L = 2, lambda = 2^-10; negative eigenvalues at
 * n = 1, d = 10 and the same lambda n^{1/3}. */
static const struct {
    const char *text;
    size_t rank;
    double loss;
    size_t negative;
} partitions[] = {
    {"dnc", 9, .09066218, 0},
    {"blocks:10", 9, .09066218, 0},
    {"blocks:8,2", 8, .08843342, 0},
    {"blocks:6,2,2", 7, .08608160, 0},
    {"blocks:4,2,2,2", 6, .08345981, 5},
    {"blocks:2,2,2,2,2", 5, .08001266, 0},
    {"cross-polytope", 5, .08001266, 0},
    {"blocks:7,3", 8, .08918839, 2},
    {"blocks:5,5", 8, .08962967, 18},
    {"blocks:5,3,2", 7, .08673088, 11},
    {"blocks:4,4,2", 7, .08690696, 10},
    {"blocks:3,3,2,2", 6, .08383209, 4},
};
enum { PARTITIONS = sizeof partitions / sizeof *partitions };

static void partitions_have_their_losses_at_any_width(void **state) {
    (void)state;
    const size_t widths[] = {10, 70, 512};
    for (size_t w = 0; w < 3; w++)
        for (size_t i = 0; i < PARTITIONS; i++) {
            const test_case c = {"ce", "linear", 10, 5, widths[w], 2, 0x1p-10};
            built b = build(&c, partitions[i].text, 1);
            assert_near(b.seen.loss, partitions[i].loss, 0.5000001e-8);
            assert_true(b.seen.gradient_norm <= 1e-13);
            assert_int_equal(b.seen.shape.logit_rank, partitions[i].rank);
            assert_int_equal(b.point.model.widths[1], widths[w]);
            built_clear(&b);
        }
}

static void partitions_have_their_negative_modes(void **state) {
    (void)state;
    for (size_t i = 0; i < PARTITIONS; i++) {
        const test_case c = {"ce", "linear", 10, 1, 10, 2, 0x1p-10 * cbrt(5.0)};
        built b = build(&c, partitions[i].text, 3);
        assert_near(b.seen.loss, partitions[i].loss, 0.5000001e-8);
        assert_int_equal(negative_modes(&b), partitions[i].negative);
        built_clear(&b);
    }
}

/* Section 5, for every rank: q of (1-q) q^{1/3} = lambda K n^{1/3} by plain bisection. */
static void projectors_have_their_losses(void **state) {
    (void)state;
    const size_t widths[] = {10, 70, 512};
    const double target = 0x1p-10 * 10.0 * cbrt(5.0);
    double low = 0.5, high = 1.0;
    for (int i = 0; i < 60; i++) {
        double q = 0.5 * (low + high);
        if ((1.0 - q) * cbrt(q) > target)
            low = q;
        else
            high = q;
    }
    for (size_t w = 0; w < 3; w++)
        for (size_t r = 1; r <= 10; r++) {
            const test_case c = {"mse", "linear", 10, 5, widths[w], 2, 0x1p-10};
            char text[32];
            snprintf(text, sizeof text, "projector:%zu", r);
            built b = build(&c, r == 10 ? "dnc" : text, 1);
            double rank = (double)r;
            double expected = (rank * (1.0 - low) * (1.0 + 2.0 * low) + (10.0 - rank)) / 20.0;
            assert_near(b.seen.loss, expected, 1e-14);
            assert_true(b.seen.gradient_norm <= 1e-13);
            assert_int_equal(b.seen.shape.logit_rank, r);
            assert_near(b.result.scales[0], low, 1e-14);
            built_clear(&b);
        }
}

/* Only the geometric mean of the ridges counts: a critical point with the loss of that one ridge.
 */
static void ridges_and_widths_may_differ(void **state) {
    (void)state;
    const char *const texts[] = {"dnc", "cross-polytope", "blocks:4,2"};
    const double lambda_W[3] = {1e-3, 8e-3, 2e-3}, lambda_H = 5e-4;
    for (size_t i = 0; i < 3; i++) {
        const test_case c = {"ce", "linear", 6, 3, 6, 3, 1e-3};
        tw_dufm model = test_model(&c);
        tw_closed_form form = {0};
        model.lambda_H = lambda_H;
        for (size_t l = 0; l < 3; l++) {
            model.widths[l] = 9 - 2 * l;
            model.lambda_W[l] = lambda_W[l];
        }
        built b = build_with(&model, texts[i], &TW_CONSTRUCT_DEFAULTS);
        double mean = pow(1e-3 * 8e-3 * 2e-3 * 5e-4, 0.25);
        const tw_closed_case one = {6, 3, 6, 3, mean, model.loss};
        assert_ok(tw_closed_form_solve(&one, texts[i], &form));
        assert_true(b.seen.gradient_norm <= 1e-13);
        assert_near(b.seen.loss, form.loss, 1e-14);
        assert_near(b.seen.shape.balance_defect, 0.0, 1e-13);
        assert_near(b.result.lambda, mean, 1e-17);
        assert_near(b.result.fold_lambda, form.fold_lambda, 1e-13);
        tw_closed_form_clear(&form);
        built_clear(&b);
        tw_dufm_clear(&model);
    }
}

/* The best of some descents of the narrow model. */
static built narrow_optimum(size_t width, size_t layers) {
    const test_case c = {"ce", "linear", 5, 2, width, layers, 1e-2};
    tw_newton_options newton = TW_NEWTON_DEFAULTS;
    built best = {0};
    newton.tolerance = 1e-14;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        tw_dufm model = test_model(&c);
        tw_construct_options options = {.seed = seed, .gauge_seed = 1};
        tw_newton_result result;
        built b = build_with(&model, "random:normal:1", &options);
        tw_objective objective = tw_evaluator_objective(b.evaluator);
        assert_ok(tw_newton(&objective, &newton, b.point.theta, &result));
        assert_true(result.gradient_norm <= 1e-12);
        b.seen.loss = result.value;
        tw_dufm_clear(&model);
        if (best.evaluator == NULL || b.seen.loss < best.seen.loss) {
            built_clear(&best);
            best = b;
        } else {
            built_clear(&b);
        }
    }
    return best;
}

/* Section 3: at L = 1 every narrow optimum becomes a strict saddle, at L >= 2 none does. */
static void padded_optima_are_saddles_at_one_layer_only(void **state) {
    (void)state;
    const size_t expected[] = {32, 21, 12, 5, 0};
    for (size_t L = 1; L <= 3; L++)
        for (size_t r = 0; r <= 4; r++) {
            const test_case wide = {"ce", "linear", 5, 2, 8, L, 1e-2};
            tw_dufm model = test_model(&wide);
            built narrow = {0};
            tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
            if (r > 0) narrow = narrow_optimum(r, L);
            options.narrow = &narrow.point;
            built b = build_with(&model, r > 0 ? "padded:" : "zero", &options);
            if (r > 0) assert_near(b.seen.loss, narrow.seen.loss, 1e-14);
            assert_true(b.seen.gradient_norm <= 2e-12);
            if (L == 1) assert_int_equal(b.seen.shape.logit_rank, r);
            assert_int_equal(negative_modes(&b), L == 1 ? expected[r] : 0);
            built_clear(&b);
            built_clear(&narrow);
            tw_dufm_clear(&model);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partitions_have_their_losses_at_any_width),
        cmocka_unit_test(partitions_have_their_negative_modes),
        cmocka_unit_test(projectors_have_their_losses),
        cmocka_unit_test(ridges_and_widths_may_differ),
        cmocka_unit_test(padded_optima_are_saddles_at_one_layer_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
