/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of constructions: what every row keeps to, and what it refuses. */
#include <thalweg/optima/construction.h>

#include <stdio.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/optima/closed_form.h>

#include "support/built.h"
#include "support/oom.h"

/* A case that each row of the table is for. */
static const struct {
    const char *text;
    test_case c;
} samples[] = {
    {"zero", {"ce", "tanh", 4, 2, 5, 2, 1e-2}},
    {"dnc", {"ce", "linear", 4, 2, 5, 3, 1e-3}},
    {"cross-polytope", {"ce", "linear", 4, 2, 5, 3, 1e-3}},
    {"blocks:3,2", {"ce", "linear", 5, 2, 5, 2, 1e-3}},
    {"projector:2", {"mse", "linear", 4, 2, 5, 2, 1e-3}},
    {"srg:4", {"mse", "relu", 6, 2, 7, 3, 1e-3}},
    {"padded:", {"ce", "gelu", 4, 2, 6, 3, 1e-3}},
    {"random", {"mse", "tanh", 4, 2, 5, 3, 1e-3}},
    {"random:normal:0.5", {"ce", "linear", 4, 2, 5, 3, 1e-3}},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

/* Any point will do for padding. */
static built sample(size_t i, uint64_t gauge_seed) {
    const test_case small = {"ce", "gelu", 4, 2, 3, 3, 1e-3};
    tw_dufm model = test_model(&samples[i].c);
    built narrow = build(&small, "random", 5);
    tw_construct_options options = {.seed = 9, .gauge_seed = gauge_seed, .narrow = &narrow.point};
    built b = build_with(&model, samples[i].text, &options);
    tw_dufm_clear(&model);
    built_clear(&narrow);
    return b;
}

static void every_row_has_a_sample(void **state) {
    (void)state;
    for (size_t i = 0; tw_construction_at(i); i++) {
        bool found = false;
        for (size_t j = 0; j < SAMPLES; j++) {
            const tw_construction *row = NULL;
            const char *argument;
            assert_ok(tw_construction_read(samples[j].text, &row, &argument));
            found = found || row == tw_construction_at(i);
        }
        if (!found) fail_msg("%s has no sample here", tw_construction_at(i)->name);
    }
    for (size_t i = 0; tw_closed_kind_at(i); i++) {
        const tw_construction *row = NULL;
        const char *argument;
        char text[64];
        const tw_closed_kind *kind = tw_closed_kind_at(i);
        snprintf(text, sizeof text, "%s%s", kind->name, kind->argument ? ":1" : "");
        assert_ok(tw_construction_read(text, &row, &argument));
    }
}

static tw_dense_result eigenvalues(built *b) {
    tw_objective objective = tw_evaluator_objective(b->evaluator);
    tw_hessian hessian = tw_hessian_at(&objective, b->point.theta);
    tw_dense_result dense = {0};
    tw_linop H = tw_hessian_linop(&hessian);
    assert_ok(tw_spectrum_dense(&H, &TW_DENSE_DEFAULTS, &dense));
    return dense;
}

/* The same seed gives the same bits, another one the same point seen from elsewhere. Loss and
 * spectrum: rounding, a few P eps of their size. On kinks the Hessian is that of whichever branch
 * rounding chose. */
static void seeds_only_turn(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        built a = sample(i, 1), same = sample(i, 1), other = sample(i, 2);
        size_t n = tw_dufm_parameters(&a.point.model), zero = strcmp(samples[i].text, "zero") == 0;
        double *theta = a.point.theta;
        assert_memory_equal(theta, same.point.theta, n * sizeof *theta);
        assert_true(zero || test_distance(n, theta, other.point.theta) > 1e-2);
        assert_near(a.seen.loss, other.seen.loss, (double)n * DBL_EPSILON);
        if (a.seen.kinks.on_kink == 0) {
            tw_dense_result x = eigenvalues(&a), y = eigenvalues(&other);
            assert_true(test_distance(n, x.pairs.values, y.pairs.values) <=
                        4.0 * (double)n * DBL_EPSILON * x.norm);
            tw_dense_result_clear(&x);
            tw_dense_result_clear(&y);
        }
        built_clear(&a);
        built_clear(&same);
        built_clear(&other);
    }
}

/* Zeros and a symmetry change no logit. The bias comes along. */
static void embedding_keeps_the_logits(void **state) {
    (void)state;
    const char *const activations[] = {"linear", "relu", "tanh", "softplus"};
    const size_t widths[] = {9, 4, 7};
    for (size_t i = 0; i < 4; i++) {
        const test_case c = {"ce", activations[i], 3, 2, 4, 3, 1e-3};
        tw_dufm model = test_model(&c);
        tw_point wide = {0};
        tw_evaluator *evaluator = NULL;
        double value;
        model.bias = true;
        built b = build_with(&model, "random", &TW_CONSTRUCT_DEFAULTS);
        size_t P = tw_dufm_parameters(&model);
        for (size_t k = 0; k < 3; k++) b.point.theta[P - 1 - k] = 1.0 + (double)k;
        loss_at(&b);
        assert_ok(tw_evaluator_linearise(b.evaluator, b.point.theta));
        assert_ok(tw_point_embed(&b.point, widths, 4, &wide));
        assert_ok(tw_evaluator_create(&wide.model, &evaluator));
        tw_objective objective = tw_evaluator_objective(evaluator);
        assert_ok(objective.eval(objective.self, wide.theta, &value, NULL));
        assert_ok(tw_evaluator_linearise(evaluator, wide.theta));
        assert_near(
            test_distance(18, tw_evaluator_logits(evaluator), tw_evaluator_logits(b.evaluator)),
            0.0, 1e-14);
        assert_near(tw_evaluator_penalty(evaluator), tw_evaluator_penalty(b.evaluator), 1e-15);
        assert_memory_equal(wide.theta + tw_dufm_parameters(&wide.model) - 3, b.point.theta + P - 3,
                            3 * sizeof(double));
        tw_evaluator_destroy(evaluator);
        tw_point_clear(&wide);
        built_clear(&b);
        tw_dufm_clear(&model);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Whether factor l of both points holds the same entries in any order. */
static bool same_entries(built *a, built *b, size_t l) {
    size_t n, m;
    double *x = block_of(a, l, &n), *y = block_of(b, l, &m);
    assert_int_equal(n, m);
    qsort(x, n, sizeof *x, ascending);
    qsort(y, n, sizeof *y, ascending);
    return memcmp(x, y, n * sizeof *x) == 0;
}

/* Behind a nonlinear phi units change places and nothing more: W_2 and W_3 keep their entries. The
 * features' space is rotated all the same. */
static void nonlinear_units_are_permuted(void **state) {
    (void)state;
    const test_case c = {"ce", "relu", 3, 2, 6, 3, 1e-3};
    built a = build(&c, "random", 1), b = build(&c, "random", 2);
    for (size_t l = 0; l <= 3; l++) assert_int_equal(same_entries(&a, &b, l), l > 1);
    built_clear(&a);
    built_clear(&b);
}

/* No entry of a rotation has a sign of its own: of 32 draws, all equal with probability 2^-31. */
static void rotations_have_no_preferred_sign(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 2, 1, 1, 1, 1e-3};
    const size_t wide[] = {3};
    size_t positive = 0, length;
    built b = build(&c, "random", 1);
    for (uint64_t seed = 1; seed <= 32; seed++) {
        built turned = {0};
        assert_ok(tw_point_embed(&b.point, wide, seed, &turned.point));
        positive += *block_of(&turned, 0, &length) > 0.0;
        tw_point_clear(&turned.point);
    }
    assert_in_range(positive, 1, 31);
    built_clear(&b);
}

/* Standard deviations as asked for: of n entries, within 5 standard errors 1/sqrt(2n). */
static void random_entries_have_their_deviation(void **state) {
    (void)state;
    const test_case c = {"ce", "relu", 20, 20, 50, 3, 1e-3};
    for (int given = 0; given < 2; given++) {
        built b = build(&c, given ? "random:normal:0.01" : "random", 1);
        for (size_t l = 0; l <= 3; l++) {
            size_t n;
            double *F = block_of(&b, l, &n), squares = 0.0;
            for (size_t i = 0; i < n; i++) squares += F[i] * F[i];
            double deviation = given ? 0.01 : 1.0 / sqrt(50.0);
            assert_near(sqrt(squares / (double)n) / deviation, 1.0, 5.0 / sqrt(2.0 * (double)n));
        }
        built_clear(&b);
    }
}

/* One row with allocations that fail. */
typedef struct attempt {
    const char *text;
    tw_dufm model;
    built narrow;
} attempt;

static tw_status try_construct(void *self) {
    attempt *a = self;
    tw_construct_options options = {.seed = 1, .gauge_seed = 1, .narrow = &a->narrow.point};
    tw_construct_result result = {0};
    tw_point point = {0};
    tw_status status = tw_construct(&a->model, a->text, &options, &result, &point);
    tw_construct_result_clear(&result);
    tw_point_clear(&point);
    return status;
}

static void short_memory_leaves_nothing_behind(void **state) {
    (void)state;
    const test_case small = {"ce", "gelu", 4, 2, 3, 3, 1e-3};
    for (size_t i = 0; i < SAMPLES; i++) {
        attempt a = {samples[i].text, test_model(&samples[i].c), build(&small, "random", 5)};
        assert_true(oom_check(try_construct, &a) > 0);
        tw_dufm_clear(&a.model);
        built_clear(&a.narrow);
    }
}

static void beyond_the_fold_is_an_answer(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 10, 5, 10, 2, .0505};
    built b = build(&c, "dnc", 1);
    assert_false(b.result.exists);
    assert_null(b.point.theta);
    assert_near(b.result.fold_lambda, .050446, 0.5e-6);
    assert_true(isnan(b.result.scales[0]));
    built_clear(&b);
}

static void misfits_are_refused(void **state) {
    (void)state;
    const test_case ce = {"ce", "linear", 4, 2, 5, 2, 1e-3};
    const test_case mse = {"mse", "linear", 4, 2, 5, 2, 1e-3};
    const test_case relu = {"ce", "relu", 4, 2, 5, 2, 1e-3};
    const test_case graph = {"mse", "relu", 6, 2, 6, 3, 1e-3};
    const test_case shallow = {"mse", "relu", 6, 2, 6, 2, 1e-3};
    const test_case narrow = {"mse", "relu", 6, 2, 5, 3, 1e-3};
    const test_case thin = {"ce", "linear", 4, 2, 2, 2, 1e-3};
    const test_case bare = {"ce", "linear", 4, 2, 5, 2, 0.0};
    const struct {
        const char *text, *part;
        const test_case *c;
    } cases[] = {{"nothing", "no construction", &ce},
                 {"", "no construction", &ce},
                 {"dnc:3", "no argument", &ce},
                 {"blocks", "needs an argument", &ce},
                 {"blocks:3", "sum to 3", &ce},
                 {"blocks:", "needs an argument", &ce},
                 {"cross-polytope", "loss ce", &mse},
                 {"projector:2", "loss mse", &ce},
                 {"dnc", "activation linear", &relu},
                 {"dnc", "rank 3", &thin},
                 {"dnc", "ridges > 0", &bare},
                 {"srg:4", "3 weight matrices", &shallow},
                 {"srg:4", "width 6 in space 2", &narrow},
                 {"srg:5", "does not fit 6", &graph},
                 {"srg:x", "whole number", &graph},
                 {"srg:18446744073709551616", "whole number", &graph},
                 {"random:normal:0", "positive number", &ce},
                 {"random:normal", "positive number", &ce},
                 {"random:", "needs an argument", &ce},
                 {"random:1", "law", &ce},
                 {"padded:x", "needs a point", &ce}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_dufm model = test_model(cases[i].c);
        tw_construct_result result = {0};
        tw_point point = {0};
        assert_int_equal(
            tw_construct(&model, cases[i].text, &TW_CONSTRUCT_DEFAULTS, &result, &point),
            TW_ERR_ARGUMENT);
        if (!strstr(tw_last_error(), cases[i].part))
            fail_msg("%s: '%s' without '%s'", cases[i].text, tw_last_error(), cases[i].part);
        assert_null(point.theta);
        assert_null(result.scales);
        tw_dufm_clear(&model);
    }
}

static void misfitting_models_are_refused(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 4, 2, 5, 2, 1e-3};
    const test_case deep = {"ce", "linear", 4, 2, 5, 3, 1e-3};
    tw_dufm model = test_model(&c), deeper = test_model(&deep);
    tw_construct_result result = {0};
    tw_point point = {0};
    tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
    built b = build(&c, "random", 1);
    options.narrow = &b.point;
    assert_int_equal(tw_construct(&deeper, "padded:", &options, &result, &point), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "depth"));
    model.widths[1] = 4;
    assert_int_equal(tw_construct(&model, "padded:", &options, &result, &point), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "too narrow"));
    model.widths[1] = 2;
    assert_int_equal(tw_construct(&model, "dnc", &options, &result, &point), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "dnc has rank 3, which does not fit into width 2"));
    model.widths[1] = 5;
    model.labels[0] = 1;
    model.labels[2] = 0;
    assert_int_equal(tw_construct(&model, "dnc", &options, &result, &point), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "ascend"));
    model.labels[0] = 0;
    assert_int_equal(tw_construct(&model, "dnc", &options, &result, &point), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "one size"));
    model.labels[2] = 1;
    model.bias = true;
    assert_int_equal(tw_construct(&model, "dnc", &options, &result, &point), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "bias"));
    assert_null(point.theta);
    built_clear(&b);
    tw_dufm_clear(&model);
    tw_dufm_clear(&deeper);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_sample),
        cmocka_unit_test(seeds_only_turn),
        cmocka_unit_test(embedding_keeps_the_logits),
        cmocka_unit_test(nonlinear_units_are_permuted),
        cmocka_unit_test(rotations_have_no_preferred_sign),
        cmocka_unit_test(random_entries_have_their_deviation),
        cmocka_unit_test(short_memory_leaves_nothing_behind),
        cmocka_unit_test(beyond_the_fold_is_an_answer),
        cmocka_unit_test(misfits_are_refused),
        cmocka_unit_test(misfitting_models_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
