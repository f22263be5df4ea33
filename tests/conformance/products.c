/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hessian products are at the x that is passed, whatever was evaluated before: every objective of
 * the library, and those that the tests use. */
#include "support/test.h"

#include "conformance/dufm_cases.h"
#include "support/descents.h"
#include "support/products.h"
#include "support/ring.h"

static double *somewhere(const fixture *f) {
    double *y = calloc(f->n, sizeof *y);
    tw_random stream;
    tw_random_init(&stream, 12, TW_PURPOSE_TEST, f->n);
    tw_random_fill_normal(&stream, f->n, y);
    return y;
}

/* Values are computed beside the linearisation; products are at their own point. */
static void check_linearisation(fixture *f) {
    double *y = somewhere(f), value, slope;
    const double *Z = tw_evaluator_logits(f->evaluator);
    size_t K = f->model.widths[f->model.layers], bytes = K * CASE_SAMPLES * sizeof *Z;
    double *before = malloc(bytes);
    tw_objective objective = tw_evaluator_objective(f->evaluator);
    memcpy(before, Z, bytes);
    assert_ok(objective.eval(objective.self, y, &value, NULL)); /* beside the linearisation */
    assert_memory_equal(Z, before, bytes);
    assert_near(value, oracle_value(&f->oracle, y), 10.0 * f->tolerance * fmax(1.0, value));
    assert_near(tw_evaluator_fit(f->evaluator) + tw_evaluator_penalty(f->evaluator), value, 0.0);
    assert_ok(objective.eval(objective.self, y, &slope, f->gradient));
    assert_true(slope == value);
    assert_ok(tw_evaluator_linearise(f->evaluator, f->theta));
    assert_memory_equal(Z, before, bytes);
    assert_true(tw_evaluator_fit(f->evaluator) + tw_evaluator_penalty(f->evaluator) == value);
    free(before);
    tw_evaluator *fresh;
    assert_ok(tw_evaluator_create(&f->model, &fresh));
    objective = tw_evaluator_objective(fresh);
    check_products_at_x(&objective, f->theta, y, false);
    tw_evaluator_destroy(fresh);
    free(y);
}

static void products_are_at_x(void **state) {
    (void)state;
    for_every_case(check_linearisation);
}

/* Slopes in other hands, and entries that are held from then on. */
static void products_are_those_of_the_function_as_it_is(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, 3, 0, 3, false);
    size_t n = f.n;
    double *y = somewhere(&f), *Y = calloc(2 * n, sizeof *Y), *held_Y = Y + n;
    tw_held held[] = {{1, 0, 0, 0.3, 0.0}, {2, 1, 3, -0.2, 0.0}};
    tw_objective objective = tw_evaluator_objective(f.evaluator);
    assert_ok(objective.hessian(objective.self, f.theta, 1, y, n, Y, n));
    tw_evaluator_slopes(f.evaluator, 1)[0] += 1.0;
    tw_evaluator_regrade(f.evaluator, held_Y);
    assert_ok(objective.hessian(objective.self, f.theta, 1, y, n, held_Y, n));
    assert_memory_equal(Y, held_Y, n * sizeof *Y);
    assert_ok(tw_evaluator_hold(f.evaluator, 2, held, 2.0));
    assert_ok(objective.hessian(objective.self, f.theta, 1, y, n, held_Y, n));
    assert_true(test_distance(n, Y, held_Y) > 1e-3);
    assert_ok(tw_evaluator_hold(f.evaluator, 0, NULL, 0.0));
    assert_ok(objective.hessian(objective.self, f.theta, 1, y, n, held_Y, n));
    assert_memory_equal(Y, held_Y, n * sizeof *Y);
    assert_ok(tw_evaluator_hold(f.evaluator, 2, held, 2.0));
    check_products_at_x(&objective, f.theta, y, false);
    free(y);
    free(Y);
    fixture_clear(&f);
}

/* Those that the tests use, and through them the example of the contract. */
static void test_objectives_keep_the_contract(void **state) {
    (void)state;
    const double c[] = {0.5, 2.0}, x[] = {0.3, -0.7, 1.1, 0.4}, y[] = {1.0, 0.2, -0.5, 2.0};
    ring r = {.n = 4, .scale = 1.5, .c = c};
    bowls b = {4, 3};
    const tw_objective round = ring_objective(&r);
    const tw_objective mean = {.n = 4, .eval = bowls_eval, .hessian = bowls_hessian, .self = &b};
    check_products_at_x(&round, x, y, false);
    check_products_at_x(&mean, x, y, true);
    check_products_at_x(&valley, x, y, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_at_x),
        cmocka_unit_test(products_are_those_of_the_function_as_it_is),
        cmocka_unit_test(test_objectives_keep_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
