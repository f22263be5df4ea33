/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points made from logits: the right logits, balanced, critical where the logits are, other frames
 * for other seeds. */
#include "support/test.h"

#include <thalweg/examination/examination.h>
#include <thalweg/optima/balanced.h>
#include <thalweg/optima/closed_form.h>

enum { K = 6 };

typedef struct made {
    tw_closed_form form;
    tw_point point;
    tw_evaluator *evaluator;
    double Z[K * K];
} made;

static void make(made *m, const char *name, const char *loss, size_t layers, uint64_t seed) {
    const tw_closed_case given = {.classes = K,
                                  .samples = 3,
                                  .width = 8,
                                  .layers = layers,
                                  .lambda = 2e-3,
                                  .loss = tw_loss_find(loss)};
    const double sizes[K] = {3, 3, 3, 3, 3, 3}, lambda[4] = {2e-3, 2e-3, 2e-3, 2e-3};
    const size_t widths[5] = {8, layers > 1 ? 8 : K, layers > 2 ? 8 : K, layers > 3 ? 8 : K, K};
    *m = (made){0};
    assert_ok(tw_closed_form_solve(&given, name, &m->form));
    assert_true(m->form.exists);
    assert_ok(tw_closed_form_class_logits(&m->form, m->Z));
    const tw_class_logits logits = {m->Z, sizes, layers, widths, lambda, 2e-3, given.loss};
    assert_ok(tw_balanced_point(&logits, seed, &m->point));
    assert_ok(tw_evaluator_create(&m->point.model, &m->evaluator));
}

static void made_clear(made *m) {
    tw_evaluator_destroy(m->evaluator);
    tw_point_clear(&m->point);
    tw_closed_form_clear(&m->form);
}

static void closed_forms_become_critical_points(void **state) {
    (void)state;
    const struct {
        const char *name, *loss;
    } cases[] = {{"dnc", "ce"},  {"cross-polytope", "ce"}, {"blocks:4,2", "ce"},
                 {"dnc", "mse"}, {"projector:3", "mse"},   {"zero", "ce"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t layers = 1; layers <= 4; layers++) {
            made m;
            tw_description d;
            make(&m, cases[i].name, cases[i].loss, layers, 7);
            assert_ok(tw_point_describe(m.evaluator, m.point.theta, 1e-3, NULL, &d));
            assert_near(d.gradient_norm, 0.0, 1e-13);
            assert_near(d.loss, m.form.loss, 1e-14);
            assert_int_equal(d.shape.logit_rank, m.form.rank);
            assert_near(d.shape.balance_defect, 0.0, 1e-13);
            for (size_t s = 0; s < m.point.model.samples; s++)
                assert_near(test_distance(K, tw_evaluator_logits(m.evaluator) + K * s,
                                          m.Z + K * (size_t)m.point.model.labels[s]),
                            0.0, 1e-13 * fmax(1.0, test_largest(K * K, m.Z)));
            tw_description_clear(&d);
            made_clear(&m);
        }
}

static void seeds_turn_the_frames(void **state) {
    (void)state;
    made a, b, c;
    make(&a, "dnc", "ce", 3, 1);
    make(&b, "dnc", "ce", 3, 1);
    make(&c, "dnc", "ce", 3, 2);
    size_t n = tw_dufm_parameters(&a.point.model);
    assert_memory_equal(a.point.theta, b.point.theta, n * sizeof *a.point.theta);
    assert_true(test_distance(n, a.point.theta, c.point.theta) > 0.1);
    made_clear(&a);
    made_clear(&b);
    made_clear(&c);
}

/* Small singular values are part of the logits; only rounding is not. */
static void small_logits_are_kept(void **state) {
    (void)state;
    double Z[9] = {1, 0, 0, 0, 1e-6, 0, 0, 0, 1e-17};
    const double sizes[3] = {1, 1, 1}, lambda[2] = {0.1, 0.2};
    const size_t widths[3] = {4, 5, 3};
    tw_point point = {0};
    tw_evaluator *evaluator = NULL;
    double value;
    const tw_class_logits logits = {Z, sizes, 2, widths, lambda, 0.1, tw_loss_find("ce")};
    assert_ok(tw_balanced_point(&logits, 1, &point));
    assert_ok(tw_evaluator_create(&point.model, &evaluator));
    tw_objective objective = tw_evaluator_objective(evaluator);
    assert_ok(objective.eval(objective.self, point.theta, &value, NULL));
    assert_ok(tw_evaluator_linearise(evaluator, point.theta));
    assert_near(test_distance(9, tw_evaluator_logits(evaluator), Z), 0.0, 1e-14);
    double sum = 0.0; /* balanced: the penalty is that of the logits, without the rounding's root */
    for (size_t i = 0; i < 2; i++) sum += 1.5 * cbrt(0.1 * 0.1 * 0.2 * Z[4 * i] * Z[4 * i]);
    assert_near(tw_evaluator_penalty(evaluator), sum, 1e-14);
    tw_evaluator_destroy(evaluator);
    tw_point_clear(&point);
}

static void too_narrow_a_width_is_refused(void **state) {
    (void)state;
    double Z[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const double sizes[3] = {1, 1, 1}, lambda[1] = {0.1}, none[1] = {0.0};
    const size_t widths[2] = {2, 3}, wide[2] = {3, 3};
    tw_point point = {0};
    tw_class_logits logits = {Z, sizes, 1, widths, lambda, 0.1, tw_loss_find("ce")};
    assert_int_equal(tw_balanced_point(&logits, 1, &point), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "rank 3"));
    logits.widths = wide;
    logits.lambda_W = none;
    assert_int_equal(tw_balanced_point(&logits, 1, &point), TW_ERR_ARGUMENT);
    assert_null(point.theta);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_forms_become_critical_points),
        cmocka_unit_test(seeds_turn_the_frames),
        cmocka_unit_test(small_logits_are_kept),
        cmocka_unit_test(too_narrow_a_width_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
