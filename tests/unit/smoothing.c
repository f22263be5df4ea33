/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descent of relu models: entries held at zero have the derivatives they claim, and what descent
 * reaches is first-order optimal by the smallest generalised gradient and by looking around. */
#include <thalweg/stratum/smoothing.h>

#include "support/test.h"

#include <thalweg/base/random.h>

enum { K = 4, L = 3 };

typedef struct fixture {
    tw_dufm model;
    tw_evaluator *evaluator;
    tw_objective f;
    double *theta, *gradient;
} fixture;

static void fixture_init(fixture *f, size_t width, size_t n, double lambda, uint64_t seed) {
    tw_random stream;
    *f = (fixture){0};
    assert_ok(tw_dufm_init(&f->model, L, K * n));
    for (size_t l = 0; l <= L; l++) f->model.widths[l] = l < L ? width : K;
    for (size_t l = 0; l < L; l++) f->model.lambda_W[l] = lambda;
    for (size_t i = 0; i < K * n; i++) f->model.labels[i] = (int)(i / n);
    f->model.lambda_H = lambda;
    f->model.loss = tw_loss_find("ce");
    f->model.activation = tw_activation_find("relu");
    assert_ok(tw_evaluator_create(&f->model, &f->evaluator));
    f->f = tw_evaluator_objective(f->evaluator);
    f->theta = calloc(f->f.n, sizeof *f->theta);
    f->gradient = calloc(f->f.n, sizeof *f->gradient);
    tw_random_init(&stream, seed, TW_PURPOSE_POINT, 0);
    tw_random_fill_normal(&stream, f->f.n, f->theta);
    for (size_t i = 0; i < f->f.n; i++) f->theta[i] *= 1.5 / sqrt((double)width);
}

static void fixture_clear(fixture *f) {
    tw_evaluator_destroy(f->evaluator);
    tw_dufm_clear(&f->model);
    free(f->theta);
    free(f->gradient);
}

static double dot(size_t n, const double *x, const double *y) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

/* f(theta + h v), its gradient into g. */
static double value_at(fixture *f, const double *v, double h, double *g) {
    double *x = calloc(f->f.n, sizeof *x), value;
    for (size_t i = 0; i < f->f.n; i++) x[i] = f->theta[i] + h * v[i];
    assert_ok(f->f.eval(f->f.self, x, &value, g));
    free(x);
    return value;
}

/* Central differences: error h^2 times third derivatives, and eps/h; h = 1e-5 leaves 1e-9. */
static void held_entries_have_their_derivatives(void **state) {
    (void)state;
    static const char *const names[] = {"tanh", "softplus", "relu"};
    for (size_t a = 0; a < 3; a++) {
        const double h = 1e-5;
        fixture f;
        tw_random stream;
        tw_held held[] = {{1, 0, 0, 0.3, 0.0}, {1, 4, 3, -0.2, 0.0}, {2, 1, 2, 0.1, 0.0}};
        fixture_init(&f, 5, 1, 0.01, a);
        f.model.activation = tw_activation_find(names[a]);
        tw_evaluator_destroy(f.evaluator);
        assert_ok(tw_evaluator_create(&f.model, &f.evaluator));
        f.f = tw_evaluator_objective(f.evaluator);
        size_t n = f.f.n;
        double *v = calloc(n, sizeof *v), *up = calloc(n, sizeof *v), *down = calloc(n, sizeof *v);
        double *Hv = calloc(n, sizeof *v), free_value = value_at(&f, v, 0.0, f.gradient);
        assert_ok(tw_evaluator_hold(f.evaluator, 3, held, 2.5));
        tw_random_init(&stream, 3, TW_PURPOSE_TEST, a);
        tw_random_fill_normal(&stream, n, v);
        double slope = (value_at(&f, v, h, up) - value_at(&f, v, -h, down)) / (2.0 * h);
        double value = value_at(&f, v, 0.0, f.gradient);
        double scale = fmax(1.0, sqrt(dot(n, v, v)));
        assert_near(slope, dot(n, f.gradient, v), 1e-7 * scale);
        assert_ok(f.f.hessian(f.f.self, f.theta, 1, v, n, Hv, n));
        for (size_t i = 0; i < n; i++)
            assert_near(Hv[i], (up[i] - down[i]) / (2.0 * h), 1e-6 * scale);
        assert_true(fabs(value - free_value) > 1e-3 && held[2].value != 0.0);
        assert_ok(tw_evaluator_hold(f.evaluator, 0, NULL, 0.0));
        assert_true(value_at(&f, v, 0.0, f.gradient) == free_value);
        held[1].unit = 5;
        assert_int_equal(tw_evaluator_hold(f.evaluator, 3, held, 1.0), TW_ERR_ARGUMENT);
        free(v);
        free(up);
        free(down);
        free(Hv);
        fixture_clear(&f);
    }
}

/* f does not fall to first order in any of many directions, nor against the one-sided gradient:
 * what it falls by within h is h^2 times half a curvature (below 10 here). */
static void check_surroundings(fixture *f) {
    const double h = 1e-6;
    size_t n = f->f.n;
    double *v = calloc(n, sizeof *v), *scratch = calloc(n, sizeof *v);
    double here = value_at(f, v, 0.0, f->gradient);
    tw_random stream;
    tw_random_init(&stream, 9, TW_PURPOSE_TEST, n);
    for (size_t trial = 0; trial < 300; trial++) {
        if (trial == 0)
            memcpy(v, f->gradient, n * sizeof *v);
        else
            tw_random_fill_normal(&stream, n, v);
        double norm = sqrt(dot(n, v, v));
        if (norm == 0.0) continue;
        assert_true(value_at(f, v, -h / norm, scratch) >= here - 5.0 * h * h - 1e-8 * h - 1e-15);
    }
    free(v);
    free(scratch);
}

/* The last rows leave the first stage early, with wrong entries held and multipliers far off, for
 * the second one to set right. */
static void descent_ends_where_nothing_falls(void **state) {
    (void)state;
    static const struct {
        size_t width, n;
        double lambda;
        uint64_t seeds;
        const char *method;
        double last;
    } cases[] = {{6, 1, 1e-2, 6, "newton", 1e5},  {6, 2, 4e-3, 5, "newton", 1e5},
                 {12, 1, 4e-3, 2, "newton", 1e5}, {6, 1, 4e-3, 2, "lbfgs", 1e5},
                 {6, 1, 1e-2, 6, "newton", 1e2},  {6, 2, 4e-3, 5, "newton", 1e2}};
    size_t stuck = 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (uint64_t seed = 1; seed <= cases[c].seeds; seed++) {
            fixture f;
            tw_smoothing_options options = TW_SMOOTHING_DEFAULTS;
            tw_smoothing_result result;
            tw_clarke clarke;
            fixture_init(&f, cases[c].width, cases[c].n, cases[c].lambda, seed);
            options.method = cases[c].method;
            options.last = cases[c].last;
            double before = value_at(&f, f.theta, 0.0, f.gradient);
            assert_ok(tw_smoothing_descend(&f.model, &options, f.theta, &result));
            assert_int_equal(result.reason, TW_SMOOTHING_CONVERGED);
            assert_true(result.clarke.smallest <= options.goal);
            assert_true(result.clarke.on_kink > 0 && result.held > 0 && result.rounds > 0);
            assert_true(result.value < before);
            assert_near(value_at(&f, f.theta, 0.0, f.gradient), result.value, 1e-15);
            assert_ok(
                tw_clarke_measure(f.evaluator, f.theta, TW_KINK_TOLERANCE, NULL, NULL, &clarke));
            assert_near(clarke.smallest, result.clarke.smallest, 1e-12);
            stuck += clarke.one_sided > 5e-3;
            check_surroundings(&f);
            fixture_clear(&f);
        }
    assert_true(stuck >= 3); /* where the plain gradient says nothing, which is what this is for */
}

/* Above the ridge that allows any other optimum everything goes to zero. */
static void strong_ridges_end_at_zero(void **state) {
    (void)state;
    fixture f;
    tw_smoothing_options options = TW_SMOOTHING_DEFAULTS;
    tw_smoothing_result result;
    fixture_init(&f, 6, 1, 0.5, 1);
    assert_ok(tw_smoothing_descend(&f.model, &options, f.theta, &result));
    assert_int_equal(result.reason, TW_SMOOTHING_CONVERGED);
    assert_near(result.value, log((double)K), 1e-12);
    fixture_clear(&f);
}

static void limits_and_wrong_arguments(void **state) {
    (void)state;
    fixture f;
    tw_smoothing_options options = TW_SMOOTHING_DEFAULTS;
    tw_smoothing_result result;
    fixture_init(&f, 6, 1, 0.01, 3);
    options.max_rounds = 0;
    options.max_steps = 3;
    assert_ok(tw_smoothing_descend(&f.model, &options, f.theta, &result));
    assert_int_equal(result.reason, TW_SMOOTHING_ROUNDS);
    assert_string_equal(tw_smoothing_reason_name(result.reason), "round limit");
    assert_true(result.rounds == 0 && result.clarke.smallest > options.goal);
    options.method = "no such";
    assert_int_equal(tw_smoothing_descend(&f.model, &options, f.theta, &result), TW_ERR_ARGUMENT);
    options = TW_SMOOTHING_DEFAULTS;
    options.factor = 1.0;
    assert_int_equal(tw_smoothing_descend(&f.model, &options, f.theta, &result), TW_ERR_ARGUMENT);
    f.model.activation = tw_activation_find("tanh");
    options = TW_SMOOTHING_DEFAULTS;
    assert_int_equal(tw_smoothing_descend(&f.model, &options, f.theta, &result),
                     TW_ERR_UNSUPPORTED);
    fixture_clear(&f);
}

static bool stop(void *self, const char *stage, double done, double total) {
    (void)self, (void)stage, (void)total;
    return done >= 5.0;
}

static void a_monitor_ends_it(void **state) {
    (void)state;
    fixture f;
    const tw_monitor monitor = {.report = stop};
    tw_smoothing_options options = TW_SMOOTHING_DEFAULTS;
    tw_smoothing_result result;
    fixture_init(&f, 6, 1, 0.01, 3);
    options.monitor = &monitor;
    assert_ok(tw_smoothing_descend(&f.model, &options, f.theta, &result));
    assert_int_equal(result.reason, TW_SMOOTHING_CANCELLED);
    assert_near(value_at(&f, f.theta, 0.0, f.gradient), result.value, 1e-15);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_entries_have_their_derivatives),
        cmocka_unit_test(descent_ends_where_nothing_falls),
        cmocka_unit_test(strong_ridges_end_at_zero),
        cmocka_unit_test(limits_and_wrong_arguments),
        cmocka_unit_test(a_monitor_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
