/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worst and mean rise against functions whose answer is known: quadratic forms, a maximum inside
 * the ball, and the linear model with squared error, whose mean under noise is a polynomial. */
#include <thalweg/base/random.h>
#include <thalweg/curvature/perturbation.h>

#include "support/built.h"

/* f = (1/2) sum a_i x_i^2 - (b/4) ||x||^4 + g x_0; refuses, as models do, what is not finite. */
typedef struct bowl {
    size_t n;
    const double *a;
    double b, g;
} bowl;

static tw_status bowl_eval(void *self, const double *x, double *value, double *gradient) {
    const bowl *q = self;
    double square = 0.0;
    *value = q->g * x[0];
    for (size_t i = 0; i < q->n; i++) {
        *value += 0.5 * q->a[i] * x[i] * x[i];
        square += x[i] * x[i];
    }
    *value -= 0.25 * q->b * square * square;
    if (!isfinite(*value)) return TW_ERR_NUMERIC;
    for (size_t i = 0; gradient && i < q->n; i++)
        gradient[i] = q->a[i] * x[i] - q->b * square * x[i] + (i == 0 ? q->g : 0.0);
    return TW_OK;
}

/* At x = 0. */
static tw_status bowl_hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                              double *Y, size_t ldy) {
    const bowl *q = self;
    (void)x;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < q->n; i++) Y[i + j * ldy] = q->a[i] * V[i + j * ldv];
    return TW_OK;
}

static tw_objective bowl_objective(bowl *q) {
    return (tw_objective){.n = q->n, .eval = bowl_eval, .hessian = bowl_hessian, .self = q};
}

/* Leaves out the first coordinate. */
static tw_status drop_first(void *self, size_t k, const double *X, size_t ldx, double *Y,
                            size_t ldy) {
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < *(size_t *)self; i++) Y[i + j * ldy] = i == 0 ? 0.0 : X[i + j * ldx];
    return TW_OK;
}

enum { N = 6 };

static const double curvatures[N] = {3.0, 2.0, 1.0, 0.5, 0.0, -1.0};
static const double origin[N] = {0};

static tw_sharpness sharpest(bowl *q, double epsilon, const tw_linop *keep) {
    tw_sharpness_options options = TW_SHARPNESS_DEFAULTS;
    tw_objective f = bowl_objective(q);
    tw_sharpness row;
    options.radius_count = 1;
    options.radii = &epsilon;
    options.max_steps = 1000;
    options.tolerance = 1e-9;
    options.within.keep = keep;
    assert_ok(tw_sharpness_search(&f, origin, &options, &row));
    assert_true(row.converged || row.rise == 0.0);
    return row;
}

/* The worst case is (1/2) largest epsilon^2; a linear term adds to it; a direction that is left out
 * does not count. Steps of 1e-9 epsilon leave an error of its square. */
static void worst_of_a_quadratic_form(void **state) {
    (void)state;
    bowl q = {N, curvatures, 0.0, 0.0};
    size_t n = N;
    tw_linop keep = {.n = N, .apply = drop_first, .self = &n};
    assert_near(sharpest(&q, 0.3, NULL).rise, 0.5 * 3.0 * 0.09, 1e-12);
    assert_near(sharpest(&q, 0.3, &keep).rise, 0.5 * 2.0 * 0.09, 1e-12);
    q.g = 0.2;
    assert_near(sharpest(&q, 0.3, NULL).rise, 0.5 * 3.0 * 0.09 + 0.2 * 0.3, 1e-12);
    assert_near(sharpest(&q, 0.3, &keep).rise, 0.5 * 2.0 * 0.09, 1e-12);
}

/* A gradient of subnormal numbers has a direction, though no double holds 1/||g||. */
static void a_gradient_that_underflows(void **state) {
    (void)state;
    double faint[N];
    for (size_t i = 0; i < N; i++) faint[i] = 1e-310 * curvatures[i];
    bowl q = {N, faint, 0.0, 0.0};
    assert_near(ldexp(sharpest(&q, 0.3, NULL).rise, 1000), ldexp(0.135e-310, 1000), 1e-18);
}

/* Nothing rises above a maximum. */
static void no_rise_at_a_maximum(void **state) {
    (void)state;
    const double down[N] = {-1.0, -2.0, -3.0, -1.0, -1.0, -1.0};
    bowl q = {N, down, 0.0, 0.0};
    assert_true(sharpest(&q, 0.5, NULL).rise == 0.0);
}

/* a x^2/2 - b x^4/4 has its maximum a^2/(4 b) at x^2 = a/b, inside the ball. */
static void a_maximum_inside_the_ball(void **state) {
    (void)state;
    bowl q = {N, curvatures, 4.0, 0.0};
    assert_near(sharpest(&q, 5.0, NULL).rise, 9.0 / 16.0, 1e-9);
    assert_near(sharpest(&q, 0.3, NULL).rise, 0.5 * 3.0 * 0.09 - 0.0081, 1e-12);
}

/* E = (sigma^2/2) trace - (b/4) sigma^4 n (n + 2), with and without the trace, off x_0 too. */
static void mean_of_a_bowl(void **state) {
    (void)state;
    const double sigmas[] = {0.01, 0.4};
    bowl q = {N, curvatures, 0.7, 0.3};
    size_t n = N;
    tw_linop keep = {.n = N, .apply = drop_first, .self = &n};
    for (int left_out = 0; left_out < 2; left_out++)
        for (int known = 0; known < 2; known++) {
            double trace = left_out ? 2.5 : 5.5, m = N - left_out;
            tw_rise_options options = TW_RISE_DEFAULTS;
            tw_objective f = bowl_objective(&q);
            tw_rise rows[2];
            options.deviation_count = 2;
            options.deviations = sigmas;
            options.pairs = 400;
            options.within.keep = left_out ? &keep : NULL;
            if (known) options.trace = trace;
            assert_ok(tw_rise_estimate(&f, origin, &options, rows));
            for (int j = 0; j < 2; j++) {
                double square = sigmas[j] * sigmas[j];
                double want = 0.5 * square * trace - 0.25 * q.b * square * square * m * (m + 2.0);
                assert_near(rows[j].rise.value, want, 4.5 * rows[j].rise.error + DBL_EPSILON);
                assert_true(isnan(rows[j].quadratic) || known);
                /* the control takes the second order out: what is left is of fourth order */
                if (known) assert_true(rows[j].rise.error < square * square);
            }
        }
}

/* ---- The linear model with squared error ---- */

/* E f(theta + sigma xi): factors are independent, so E Z is Z, and E ||Z||^2 follows from
 * E (W + sigma A)^T M (W + sigma A) = W^T M W + sigma^2 tr(M) I, from the last layer down. */
static double mean_of_model(const tw_dufm *model, const double *theta, double sigma) {
    size_t L = model->layers, N_samples = model->samples, rows = model->widths[L];
    double M[64] = {0}, next[64], square = sigma * sigma, penalty = 0.0;
    for (size_t i = 0; i < rows; i++) M[i + rows * i] = 1.0;
    for (size_t l = L + 1; l-- > 0;) {
        tw_block F = tw_dufm_factor(model, l);
        const double *W = theta + F.offset;
        double trace = 0.0, size = (double)(F.rows * F.cols), norm = 0.0;
        for (size_t i = 0; i < F.rows; i++) trace += M[i + F.rows * i];
        for (size_t i = 0; i < F.rows * F.cols; i++) norm += W[i] * W[i];
        penalty += 0.5 * F.lambda * (norm + square * size);
        assert_true(F.cols * F.cols <= 64);
        for (size_t i = 0; i < F.cols; i++)
            for (size_t j = 0; j < F.cols; j++) {
                double sum = i == j ? square * trace : 0.0;
                for (size_t p = 0; p < F.rows; p++)
                    for (size_t r = 0; r < F.rows; r++)
                        sum += W[p + F.rows * i] * M[p + F.rows * r] * W[r + F.rows * j];
                next[i + F.cols * j] = sum;
            }
        memcpy(M, next, F.cols * F.cols * sizeof *M);
    }
    double squares = 0.0; /* the trace over samples of E Z^T Z */
    for (size_t i = 0; i < N_samples; i++) squares += M[i + N_samples * i];
    return penalty + 0.5 * (squares + (double)N_samples) / (double)N_samples;
}

/* - (1/N) sum of the true class's logit, which noise leaves alone on average. */
static double mean_target(built *b) {
    const tw_dufm *model = &b->point.model;
    const double *Z = tw_evaluator_logits(b->evaluator);
    double sum = 0.0;
    for (size_t i = 0; i < model->samples; i++)
        sum -= Z[(size_t)model->labels[i] + tw_dufm_classes(model) * i];
    return sum / (double)model->samples;
}

static double trace_of(built *b) {
    tw_objective f = tw_evaluator_objective(b->evaluator);
    double value = 0.0, trace = 0.0, *v = calloc(3 * f.n, sizeof *v), *Hv = v + f.n;
    assert_ok(f.eval(f.self, b->point.theta, &value, v + 2 * f.n));
    for (size_t i = 0; i < f.n; i++) {
        v[i] = 1.0;
        assert_ok(f.hessian(f.self, b->point.theta, 1, v, f.n, Hv, f.n));
        trace += Hv[i];
        v[i] = 0.0;
    }
    free(v);
    return trace;
}

enum { SEEDS = 60 };

/* 95 % intervals: of 180, fewer than 160 hold the truth once in 2e4 times. */
static void intervals_hold_the_mean_of_the_model(void **state) {
    (void)state;
    const test_case c = {"mse", "linear", 3, 2, 4, 2, 0.01};
    const double sigmas[] = {1e-3, 0.05, 0.3};
    built b = build(&c, "dnc", 5);
    double before = loss_at(&b), target = mean_target(&b);
    tw_objective f = tw_evaluator_objective(b.evaluator);
    double trace = trace_of(&b);
    size_t hits = 0;
    assert_near(mean_of_model(&b.point.model, b.point.theta, 0.0) + target, before, 1e-13);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        tw_rise_options options = TW_RISE_DEFAULTS;
        tw_rise rows[3];
        options.deviation_count = 3;
        options.deviations = sigmas;
        options.pairs = 32;
        options.budget.seed = seed;
        if (seed % 2 == 0) options.trace = trace;
        assert_ok(tw_rise_estimate(&f, b.point.theta, &options, rows));
        for (int j = 0; j < 3; j++) {
            double want = mean_of_model(&b.point.model, b.point.theta, sigmas[j]) + target - before;
            hits += rows[j].rise.low <= want && want <= rows[j].rise.high;
        }
    }
    assert_true(hits >= 160);
    built_clear(&b);
}

/* ---- Refusals ---- */

static void nonsense_is_refused(void **state) {
    (void)state;
    bowl q = {N, curvatures, 0.0, 0.0};
    tw_objective f = bowl_objective(&q);
    const double bad = -1.0, good = 1.0;
    tw_sharpness_options s = TW_SHARPNESS_DEFAULTS;
    tw_rise_options r = TW_RISE_DEFAULTS;
    tw_sharpness worst;
    tw_rise mean;
    s.radius_count = r.deviation_count = 1;
    s.radii = r.deviations = &bad;
    assert_int_equal(tw_sharpness_search(&f, origin, &s, &worst), TW_ERR_ARGUMENT);
    assert_int_equal(tw_rise_estimate(&f, origin, &r, &mean), TW_ERR_ARGUMENT);
    s.radii = r.deviations = &good;
    s.max_steps = 0;
    r.pairs = 1;
    assert_int_equal(tw_sharpness_search(&f, origin, &s, &worst), TW_ERR_ARGUMENT);
    assert_int_equal(tw_rise_estimate(&f, origin, &r, &mean), TW_ERR_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst_of_a_quadratic_form),
        cmocka_unit_test(a_gradient_that_underflows),
        cmocka_unit_test(no_rise_at_a_maximum),
        cmocka_unit_test(a_maximum_inside_the_ball),
        cmocka_unit_test(mean_of_a_bowl),
        cmocka_unit_test(intervals_hold_the_mean_of_the_model),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
