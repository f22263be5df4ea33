/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classes as edges of a complete graph (docs/mathematics.md, section 6). */
#include <thalweg/optima/construction.h>

#include <stdio.h>

#include "support/built.h"

/* Multiply factor l by 1 + h. */
static double stretched(built *b, size_t l, double h) {
    size_t length;
    double *F = block_of(b, l, &length), *kept = calloc(length, sizeof *kept);
    memcpy(kept, F, length * sizeof *F);
    for (size_t i = 0; i < length; i++) F[i] *= 1.0 + h;
    double loss = loss_at(b);
    memcpy(F, kept, length * sizeof *F);
    free(kept);
    return loss;
}

/* The loss is lowest in every layer scale: a central difference of step h has an error of order
 * h^2, with third derivatives below 10, and rounding eps/h. */
static void check_lowest_scales(built *b) {
    const double h = 1e-5;
    for (size_t l = 0; l <= b->point.model.layers; l++) {
        double up = stretched(b, l, h), down = stretched(b, l, -h);
        assert_near((up - down) / (2.0 * h), 0.0, 10.0 * h * h + 4.0 * DBL_EPSILON / h);
        assert_true(up > b->seen.loss && down > b->seen.loss);
    }
}

static void check_scaled_identity(built *b) {
    const tw_dufm *model = &b->point.model;
    size_t K = tw_dufm_classes(model), L = model->layers;
    const double *Z = tw_evaluator_logits(b->evaluator);
    double q = 2.0;
    for (size_t l = 0; l < L; l++) q *= b->result.scales[l];
    for (size_t s = 0; s < model->samples; s++)
        for (size_t k = 0; k < K; k++)
            assert_near(Z[k + K * s], (size_t)model->labels[s] == k ? q : 0.0, 1e-13);
}

static void edges_of_a_complete_graph_beat_collapse(void **state) {
    (void)state;
    const test_case c = {"mse", "relu", 10, 1, 12, 4, 0.004};
    const test_case linear = {"mse", "linear", 10, 1, 12, 4, 0.004};
    for (uint64_t seed = 1; seed <= 3; seed++) {
        built b = build(&c, "srg:5", seed);
        assert_near(b.seen.loss, .089471, 0.5e-6);
        check_scaled_identity(&b);
        check_lowest_scales(&b);
        assert_true(b.seen.gradient_norm > 1e-3); /* no critical point */
        built_clear(&b);
    }
    built collapse = build(&linear, "dnc", 1);
    assert_near(collapse.seen.loss, .099180, 0.5e-6);
    built_clear(&collapse);
}

static void graphs_of_any_depth_ridges_and_class_sizes(void **state) {
    (void)state;
    for (size_t L = 3; L <= 5; L++)
        for (size_t R = 3; R <= 6; R++) {
            const test_case c = {"mse", "relu", R * (R - 1) / 2, 2, R * (R - 1) / 2, L, 1e-3};
            tw_dufm model = test_model(&c);
            for (size_t l = 0; l < L; l++) {
                model.widths[l] += L - l;
                model.lambda_W[l] *= 1.0 + (double)l;
            }
            model.lambda_H = 2e-4;
            model.labels[1] = 1; /* one sample of class 0, three of class 1 */
            char text[16];
            snprintf(text, sizeof text, "srg:%zu", R);
            built b = build_with(&model, text, &TW_CONSTRUCT_DEFAULTS);
            assert_true(b.result.exists);
            check_scaled_identity(&b);
            check_lowest_scales(&b);
            built_clear(&b);
            tw_dufm_clear(&model);
        }
}

static void a_graph_ends_at_its_fold(void **state) {
    (void)state;
    test_case c = {"mse", "relu", 10, 1, 12, 4, .05};
    built b = build(&c, "srg:5", 1);
    assert_false(b.result.exists);
    double fold = b.result.fold_lambda;
    built_clear(&b);
    for (int side = -1; side <= 1; side += 2) {
        c.lambda = fold * (1.0 + side * 1e-12);
        b = build(&c, "srg:5", 1);
        assert_true(b.result.exists == (side < 0));
        built_clear(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_of_a_complete_graph_beat_collapse),
        cmocka_unit_test(graphs_of_any_depth_ridges_and_class_sizes),
        cmocka_unit_test(a_graph_ends_at_its_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
