/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule for zero: where a threshold comes from, and which counts stand. */
#include "support/test.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/zero_rule.h>

#include "support/ring.h"

static void the_largest_error_makes_the_threshold(void **state) {
    (void)state;
    const struct {
        tw_zero_evidence evidence;
        tw_zero_origin origin;
        double error;
    } cases[] = {{{3e-15, 1e-16, 0.0, 0.0, 0}, TW_ZERO_ROUNDING, 3e-15},
                 {{3e-15, 1e-9, 4e-10, 0.0, 0}, TW_ZERO_GRADIENT, 1e-9},
                 {{3e-15, 1e-9, 2e-9, 0.0, 0}, TW_ZERO_TANGENT, 2e-9},
                 {{0.0, 0.0, 0.0, 0.0, 0}, TW_ZERO_ROUNDING, 0.0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_zero_rule rule = tw_zero_rule_make(&cases[i].evidence, 30.0);
        assert_int_equal(rule.origin, cases[i].origin);
        assert_true(rule.error == cases[i].error && rule.threshold == 10.0 * cases[i].error);
        tw_zero_evidence told = cases[i].evidence;
        told.told = 1e-3;
        rule = tw_zero_rule_make(&told, 30.0);
        assert_int_equal(rule.origin, TW_ZERO_TOLD);
        assert_true(rule.threshold == 1e-3);
    }
    const tw_zero_evidence broken = {1e-15, NAN, 0.0, 0.0, 0};
    tw_zero_rule rule = tw_zero_rule_make(&broken, 30.0);
    tw_zero_rule_count(&rule, 1.0, 1);
    assert_int_equal(tw_zero_rule_doubt(&rule), TW_ZERO_ABOVE);
}

/* Threshold 1e-9, error 1e-10. The values of each row, the last one NAN. */
typedef struct count_case {
    double values[5];
    uint64_t explained, negative, zero, positive;
    tw_zero_doubt doubt;
    double below, above;
} count_case;

static void both_sides_are_guarded(void **state) {
    (void)state;
    const count_case cases[] = {
        {{-1.0, 5e-11, 1.0, NAN}, 1, 1, 1, 1, TW_ZERO_CLEAR, 20.0, 1e9},
        {{-1.0, 5e-11, 1.0, NAN}, 0, 1, 1, 1, TW_ZERO_CLEAR, 20.0, 1e9},
        {{2e-8, 5e-11, 1.0, NAN}, 1, 0, 1, 2, TW_ZERO_ABOVE, 20.0, 20.0},
        {{-2e-8, 5e-11, 1.0, NAN}, 1, 1, 1, 1, TW_ZERO_ABOVE, 20.0, 20.0},
        {{4e-8, 5e-11, 1.0, NAN}, 1, 0, 1, 2, TW_ZERO_CLEAR, 20.0, 40.0},
        {{-4e-10, 5e-11, 1.0, NAN}, 1, 0, 2, 1, TW_ZERO_BELOW, 2.5, 1e9},
        {{-4e-10, 5e-11, 1.0, NAN}, 2, 0, 2, 1, TW_ZERO_CLEAR, 2.5, 1e9},
        /* One cluster up to the error and beyond it; a gap in it; more than 4 errors. */
        {{-1.5e-10, 7e-11, 1.0, NAN}, 0, 0, 2, 1, TW_ZERO_CLEAR, 20.0 / 3.0, 1e9},
        {{-1.5e-10, 4e-11, 1.0, NAN}, 0, 0, 2, 1, TW_ZERO_BELOW, 20.0 / 3.0, 1e9},
        {{3e-10, 1.5e-10, 7e-11, NAN}, 0, 0, 3, 0, TW_ZERO_CLEAR, 10.0 / 3.0, INFINITY},
        {{3e-10, 3e-10, 7e-11, NAN}, 0, 0, 3, 0, TW_ZERO_BELOW, 10.0 / 3.0, INFINITY},
        {{5e-10, 3e-10, 1.5e-10, 7e-11, NAN}, 0, 0, 4, 0, TW_ZERO_BELOW, 2.0, INFINITY},
        {{0.0, NAN}, 0, 0, 1, 0, TW_ZERO_CLEAR, INFINITY, INFINITY},
    };
    for (size_t i = 0; i < 3 * sizeof cases / sizeof *cases; i++) {
        const count_case *c = &cases[i / 3];
        double scale = (const double[]){1e-3, 1.0, 1e6}[i % 3];
        const tw_zero_evidence evidence = {1e-10 * scale, 1e-15 * scale, 0.0, 0.0, c->explained};
        char text[200];
        tw_zero_rule rule = tw_zero_rule_make(&evidence, 30.0);
        for (size_t j = 0; !isnan(c->values[j]); j++)
            tw_zero_rule_count(&rule, scale * c->values[j], 1);
        assert_int_equal(rule.negative, c->negative);
        assert_int_equal(rule.zero, c->zero);
        assert_int_equal(rule.positive, c->positive);
        assert_int_equal(tw_zero_rule_doubt(&rule), c->doubt);
        tw_zero_rule_explain(&rule, text, sizeof text);
        assert_int_equal(text[0] == '\0', c->doubt == TW_ZERO_CLEAR);
        if (isfinite(c->below)) assert_near(tw_zero_rule_below(&rule), c->below, 1e-9 * c->below);
        if (isfinite(c->above)) assert_near(tw_zero_rule_above(&rule), c->above, 1e-9 * c->above);
        assert_int_equal(isinf(tw_zero_rule_below(&rule)), isinf(c->below));
        assert_int_equal(isinf(tw_zero_rule_above(&rule)), isinf(c->above));
    }
}

/* Where the gradient makes the threshold, a value that the route tells from zero is none: beside a
 * stability limit it may have either sign at the critical point itself. The orbit's may be so. */
static void what_the_gradient_hides_is_in_doubt(void **state) {
    (void)state;
    const struct {
        double values[3];
        uint64_t explained;
        tw_zero_doubt doubt;
    } cases[] = {{{-5e-11, 1e-14, 1.0}, 1, TW_ZERO_BELOW},
                 {{-5e-11, 1e-14, 1.0}, 2, TW_ZERO_CLEAR},
                 {{-5e-15, 1e-15, 1.0}, 1, TW_ZERO_CLEAR}};
    const tw_zero_evidence evidence = {.rounding = 1e-15, .gradient = 1e-10};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        tw_zero_rule rule = tw_zero_rule_make(&evidence, 30.0);
        rule.explained = cases[i].explained;
        for (size_t j = 0; j < 3; j++) tw_zero_rule_count(&rule, cases[i].values[j], 1);
        assert_int_equal(rule.zero, 2);
        assert_int_equal(tw_zero_rule_doubt(&rule), cases[i].doubt);
        tw_zero_rule_explain(&rule, text, sizeof text);
        assert_int_equal(strstr(text, "1e-14") != NULL, cases[i].doubt == TW_ZERO_BELOW);
    }
}

/* Counts that the values do not put in doubt, and something else does. */
static void open_counts_do_not_stand(void **state) {
    (void)state;
    char text[200];
    tw_zero_rule rule = tw_zero_rule_resolved(1e-15);
    tw_zero_rule_count(&rule, 1.0, 3);
    assert_int_equal(tw_zero_rule_doubt(&rule), TW_ZERO_CLEAR);
    rule.open = true;
    assert_int_equal(tw_zero_rule_doubt(&rule), TW_ZERO_OPEN);
    tw_zero_rule_explain(&rule, text, sizeof text);
    assert_true(strlen(text) > 20);
    rule.threshold = 0.5; /* a value says more */
    assert_int_equal(tw_zero_rule_doubt(&rule), TW_ZERO_ABOVE);
    const tw_zero_rule anew = tw_zero_rule_uncounted(&rule);
    assert_int_equal(tw_zero_rule_doubt(&anew), TW_ZERO_CLEAR);
}

static void copies_and_levels(void **state) {
    (void)state;
    tw_levels levels = {0};
    assert_ok(tw_levels_add(&levels, -2.0, 3, "a"));
    assert_ok(tw_levels_add(&levels, -1e-16, 5, "b"));
    assert_ok(tw_levels_add(&levels, 0.5, 7, "c"));
    tw_zero_rule rule = tw_zero_rule_resolved(4.0 * DBL_EPSILON);
    tw_zero_rule_count_levels(&rule, &levels);
    assert_int_equal(rule.negative, 3);
    assert_int_equal(rule.zero, 5);
    assert_int_equal(rule.positive, 7);
    assert_true(rule.smallest_nonzero == 0.5 && rule.largest_zero == 1e-16);
    assert_int_equal(tw_zero_rule_sign(&rule, -1.0), -1);
    assert_int_equal(tw_zero_rule_sign(&rule, 15.0 * DBL_EPSILON), 0);
    assert_int_equal(tw_zero_rule_sign(&rule, 17.0 * DBL_EPSILON), 1);
    tw_zero_rule_count(&rule, 1e-15, 0);
    assert_int_equal(rule.zero, 5);
    tw_levels_clear(&levels);
}

/* ||H v|| of the ring's tangent: rounding at the minimum; off it, by (7.2), the gradient. */
static void tangents_are_probed(void **state) {
    (void)state;
    const double c[4] = {0.01, 0.5, 1.0, 3.0}, x[6] = {0.6, 0.8};
    ring r = {.n = 6, .scale = 1.0, .c = c};
    tw_objective objective = ring_objective(&r);
    tw_tangent tangent = ring_tangent(&r, x);
    tw_hessian hessian;
    double value, gradient[6], largest;
    assert_ok(objective.eval(objective.self, x, &value, gradient));
    hessian = tw_hessian_at(&objective, x);
    tw_linop H = tw_hessian_linop(&hessian);
    assert_ok(tw_zero_probe_tangent(&H, &tangent, 4, &TW_BUDGET_DEFAULTS, NULL, &largest));
    assert_true(largest < 1e-14);
    assert_int_equal(hessian.products, 4);
    const double off[6] = {0.6, 0.81};
    tangent = ring_tangent(&r, off);
    assert_ok(objective.eval(objective.self, off, &value, gradient));
    hessian = tw_hessian_at(&objective, off);
    assert_ok(tw_zero_probe_tangent(&H, &tangent, 4, &TW_BUDGET_DEFAULTS, NULL, &largest));
    assert_near(largest, hypot(gradient[0], gradient[1]) / hypot(0.6, 0.81), 1e-12);
    assert_ok(tw_zero_probe_tangent(&H, NULL, 4, &TW_BUDGET_DEFAULTS, NULL, &largest));
    assert_true(largest == 0.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_error_makes_the_threshold),
        cmocka_unit_test(both_sides_are_guarded),
        cmocka_unit_test(what_the_gradient_hides_is_in_doubt),
        cmocka_unit_test(open_counts_do_not_stand),
        cmocka_unit_test(copies_and_levels),
        cmocka_unit_test(tangents_are_probed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
