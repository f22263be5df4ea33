/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals, tests and the fit beside sums over all outcomes, closed forms and published values. */
#include "support/test.h"

#include <stdbool.h>
#include <thalweg/base/random.h>
#include <thalweg/campaign/statistics.h>

/* ---- Oracles: sums over everything that can happen ---- */

static double choose(size_t n, size_t k) {
    double product = 1.0;
    for (size_t i = 0; i < k; i++) product *= (double)(n - i) / (double)(i + 1);
    return product;
}

static double binomial(size_t k, size_t n, double p) {
    return choose(n, k) * pow(p, (double)k) * pow(1.0 - p, (double)(n - k));
}

/* P(X >= from) and P(X <= to). */
static double at_least(size_t from, size_t n, double p) {
    double sum = 0.0;
    for (size_t k = from; k <= n; k++) sum += binomial(k, n, p);
    return sum;
}

static double at_most(size_t to, size_t n, double p) {
    double sum = 0.0;
    for (size_t k = 0; k <= to; k++) sum += binomial(k, n, p);
    return sum;
}

static double fisher_by_enumeration(size_t a, size_t m, size_t b, size_t n) {
    double all = 0.0, below = 0.0, observed = choose(m, a) * choose(n, b);
    for (size_t i = 0; i <= m; i++)
        for (size_t j = 0; j <= n; j++) {
            if (i + j != a + b) continue;
            double weight = choose(m, i) * choose(n, j);
            all += weight;
            if (weight <= observed * (1.0 + 1e-9)) below += weight;
        }
    return below / all;
}

/* ---- Fractions ---- */

static void fractions_have_published_intervals(void **state) {
    (void)state;
    static const struct {
        size_t count, total;
        double level, low, high;
    } published[] = {/* R 4.2, binom.test */
                     {1, 10, 0.95, 0.002528579, 0.445016117},
                     {5, 10, 0.95, 0.187086028, 0.812913972},
                     {0, 10, 0.95, 0.0, 0.308497108},
                     {682, 925, 0.95, 0.7076683, 0.7654066}};
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        tw_interval f = tw_fraction(published[i].count, published[i].total, published[i].level);
        assert_near(f.low, published[i].low, 6e-8);
        assert_near(f.high, published[i].high, 6e-8);
    }
}

/* At the limits a tail is (1 - level)/2. The tails are sums of n + 1 terms with n factors each. */
static void limits_put_half_of_the_rest_into_each_tail(void **state) {
    (void)state;
    const double levels[] = {0.5, 0.9, 0.95, 0.999};
    for (size_t n = 1; n <= 60; n = n < 12 ? n + 1 : n + 7)
        for (size_t k = 0; k <= n; k++)
            for (size_t i = 0; i < 4; i++) {
                double tail = 0.5 * (1.0 - levels[i]), slack = 1e-10 * tail;
                tw_interval f = tw_fraction(k, n, levels[i]);
                assert_true(f.value == (double)k / (double)n && f.low >= 0.0 && f.high <= 1.0);
                if (k == 0) assert_true(f.low == 0.0);
                if (k == n) assert_true(f.high == 1.0);
                if (k > 0) assert_near(at_least(k, n, f.low), tail, slack);
                if (k < n) assert_near(at_most(k, n, f.high), tail, slack);
            }
}

static void ends_have_closed_forms_at_any_size(void **state) {
    (void)state;
    for (size_t n = 1; n < 1000000000000; n *= 10) {
        double closed = -expm1(log(0.025) / (double)n), rounding = 4.0 * DBL_EPSILON;
        assert_near(tw_fraction(0, n, 0.95).high, closed, rounding + 1e-9 * closed);
        assert_near(tw_fraction(n, n, 0.95).low, 1.0 - closed, rounding + 1e-9 * closed);
        tw_interval f = tw_fraction(n / 2, n, 0.95);
        assert_true(f.low <= f.value && f.value <= f.high && f.high - f.low <= 1.0);
    }
}

/* Beyond a million draws a bound stands for the tail: wider by 2.72/1.96 and no more. */
static void large_counts_get_a_somewhat_wider_interval(void **state) {
    (void)state;
    tw_interval exact = tw_fraction(300000, 1000000, 0.95);
    tw_interval bound = tw_fraction(300001, 1000001, 0.95);
    double error = sqrt(0.3 * 0.7 / 1e6);
    assert_near(exact.high - exact.low, 2.0 * 1.959964 * error, 0.01 * error);
    assert_near(bound.high - bound.low, 2.0 * 2.716203 * error, 0.01 * error);
    assert_true(bound.low < exact.low && bound.high > exact.high);
}

static void unseen_mass_is_what_was_met_once(void **state) {
    (void)state;
    const size_t counts[] = {1, 50, 1, 8, 40, 0};
    tw_interval u = tw_unseen_mass(6, counts, 0.95);
    assert_near(u.value, 0.02, DBL_EPSILON);
    assert_near(u.high, 0.02 + 2.414213562 * sqrt(log(40.0) / 100.0), 1e-9);
    assert_true(u.low == 0.0);
    assert_true(tw_unseen_mass(2, counts, 0.9).high < tw_unseen_mass(2, counts, 0.99).high);
    assert_true(tw_unseen_mass(1, counts, 0.95).high == 1.0);
    u = tw_unseen_mass(0, NULL, 0.95);
    assert_true(u.value == 1.0 && u.low == 0.0 && u.high == 1.0);
}

/* ---- Tests ---- */

static void exact_tests_have_published_values(void **state) {
    (void)state;
    assert_near(tw_fisher_exact(3, 4, 1, 4), 34.0 / 70.0, 1e-14); /* the lady tasting tea */
    assert_near(tw_fisher_exact(2, 17, 10, 13), 0.0005367, 5e-8); /* R, fisher.test: convictions */
    assert_near(tw_mcnemar_exact(5, 15), 43400.0 / 1048576, 1e-15); /* binom.test(5, 20) */
    assert_near(tw_mcnemar_exact(7, 7), 1.0, 0.0);
    assert_near(tw_mcnemar_exact(0, 0), 1.0, 0.0);
    assert_near(tw_fisher_exact(0, 5, 0, 9), 1.0, 0.0);
    assert_near(tw_fisher_exact(5, 5, 9, 9), 1.0, 0.0);
    assert_near(tw_fisher_exact(0, 0, 3, 9), 1.0, 0.0);
}

/* Weights are products of at most 24 ratios. */
static void fisher_is_the_sum_over_all_tables(void **state) {
    (void)state;
    for (size_t m = 0; m <= 12; m++)
        for (size_t n = 0; n <= 12; n += 3)
            for (size_t a = 0; a <= m; a++)
                for (size_t b = 0; b <= n; b++) {
                    double p = fisher_by_enumeration(a, m, b, n);
                    assert_near(tw_fisher_exact(a, m, b, n), p, 100.0 * DBL_EPSILON * p);
                    assert_near(tw_fisher_exact(b, n, a, m), p, 100.0 * DBL_EPSILON * p);
                    assert_near(tw_fisher_exact(m - a, m, n - b, n), p, 100.0 * DBL_EPSILON * p);
                }
}

static void mcnemar_is_twice_a_binomial_tail(void **state) {
    (void)state;
    for (size_t n = 1; n <= 40; n++)
        for (size_t k = 0; 2 * k < n; k++) {
            double p = fmin(1.0, 2.0 * at_most(k, n, 0.5));
            assert_near(tw_mcnemar_exact(k, n - k), p, 200.0 * DBL_EPSILON * p);
            assert_near(tw_mcnemar_exact(n - k, k), p, 200.0 * DBL_EPSILON * p);
        }
}

/* All of one against none of the other: one table in choose(2 n, n), and its mirror. */
static void far_tails_keep_their_digits(void **state) {
    (void)state;
    for (size_t n = 1; n <= 400; n *= 2) {
        double p = fmin(1.0, 2.0 / choose(2 * n, n)), few = 40.0 * (double)n * DBL_EPSILON;
        assert_near(tw_fisher_exact(n, n, 0, n) / p, 1.0, few);
        p = fmin(1.0, ldexp(2.0, -(int)n));
        assert_near(tw_mcnemar_exact(0, n) / p, 1.0, few);
    }
    assert_true(tw_fisher_exact(100000, 100000, 0, 100000) == 0.0); /* 1e-60204 */
    assert_true(tw_fisher_exact(50000, 100000, 50400, 100000) > 0.05);
    assert_near(tw_mcnemar_exact(500000, 501000), 2.0 * 0.5 * erfc(999.0 / sqrt(2.0 * 1001000)),
                1e-4);
}

/* Whether Holm's procedure rejects hypothesis `which` at the level alpha. */
static bool holm_rejects(size_t count, const double *p, size_t which, double alpha) {
    bool done[16] = {false};
    for (size_t left = count; left > 0; left--) {
        size_t least = count;
        for (size_t i = 0; i < count; i++)
            if (!done[i] && (least == count || p[i] < p[least])) least = i;
        if (p[least] > alpha / (double)left) return false;
        if (p[least] == p[which]) return true;
        done[least] = true;
    }
    return false;
}

static void holm_adjusts_by_its_definition(void **state) {
    (void)state;
    double published[] = {0.01, 0.04, 0.03, 0.005};
    const double adjusted[] = {0.03, 0.06, 0.06, 0.02};
    assert_ok(tw_holm(4, published, published));
    assert_true(test_distance(4, published, adjusted) < 1e-15);
    assert_ok(tw_holm(0, NULL, NULL));
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_TEST, 0);
    for (size_t count = 1; count <= 12; count++) {
        double p[16], q[16];
        for (size_t i = 0; i < count; i++) p[i] = pow(tw_random_uniform(&stream), 3.0);
        if (count > 3) p[2] = p[0];
        assert_ok(tw_holm(count, p, q));
        for (size_t i = 0; i < count; i++) {
            assert_true(q[i] >= p[i] && q[i] <= 1.0);
            if (q[i] < 1.0) assert_true(holm_rejects(count, p, i, q[i] * (1.0 + 1e-12)));
            assert_false(holm_rejects(count, p, i, q[i] * (1.0 - 1e-12)));
        }
    }
}

/* ---- Half radius ---- */

/* Two radii: the line goes through both points, and each logit has the variance 1/(n p (1 - p)). */
static void two_radii_have_a_closed_form(void **state) {
    (void)state;
    const double radius[] = {0.1, 0.8};
    const size_t hits[] = {45, 12}, trials[] = {50, 60};
    double l0 = log(45.0 / 5.0), l1 = log(12.0 / 48.0), x0 = log(0.1), x1 = log(0.8);
    double slope = (l0 - l1) / (x1 - x0), x = x0 + l0 / slope;
    double v0 = 1.0 / 45 + 1.0 / 5, v1 = 1.0 / 12 + 1.0 / 48, t = (x - x0) / (x1 - x0);
    double reach = 1.6448536269514722 * sqrt((1 - t) * (1 - t) * v0 + t * t * v1) / slope;
    tw_interval half;
    assert_ok(tw_half_radius(2, radius, hits, trials, 0.9, &half));
    assert_near(half.value, exp(x), 1e-9);
    assert_near(half.low, exp(x - reach), 1e-9);
    assert_near(half.high, exp(x + reach), 1e-9);
}

/* Data on a logistic curve, in any order and unit of the radius: the fit is the curve. */
static void a_logistic_curve_is_found_again(void **state) {
    (void)state;
    enum { N = 9, MANY = 1000000 };
    for (double unit = 1e-6; unit < 1e7; unit *= 1e6) {
        double radius[N + 1];
        size_t hits[N + 1], trials[N + 1];
        for (size_t i = 0; i < N; i++) {
            size_t j = (5 * i) % N;
            radius[j] = unit * exp(0.4 * (double)i - 2.0);
            trials[j] = MANY;
            hits[j] = (size_t)llround(MANY / (1.0 + exp(3.0 * (0.4 * (double)i - 1.8))));
        }
        radius[N] = unit;
        hits[N] = trials[N] = 0; /* says nothing */
        tw_interval half;
        assert_ok(tw_half_radius(N + 1, radius, hits, trials, 0.95, &half));
        assert_near(half.value / (unit * exp(-0.2)), 1.0, 1e-6);
        assert_true(half.low < half.value && half.value < half.high);
        assert_true(half.high / half.low < 1.01);
    }
}

typedef struct response {
    size_t count;
    double radius[4];
    size_t hits[4];
    double value, low, high; /* expected; of ten trials each */
} response;

static void steps_and_impossible_data_are_named(void **state) {
    (void)state;
    static const response cases[] = {
        {4, {1, 2, 8, 16}, {10, 10, 0, 0}, 4, 2, 8}, /* a clean step */
        {4, {16, 8, 2, 1}, {0, 0, 10, 10}, 4, 2, 8}, /* the order does not matter */
        {3, {1, 2, 4}, {10, 4, 0}, 2, 1, 4},         /* a step at a radius */
        {2, {1, 2}, {6, 0}, 1, 0, 2},                /* with nothing below it */
        {2, {1, 2}, {10, 4}, 2, 1, INFINITY},        /* with nothing above it */
        {2, {1, 2}, {4, 0}, NAN, NAN, NAN},          /* one half lies below all radii */
        {2, {1, 2}, {10, 6}, NAN, NAN, NAN},         /* or above */
        {3, {1, 2, 4}, {4, 3, 1}, NAN, NAN, NAN},    /* the same with a fit */
        {3, {1, 2, 4}, {9, 8, 6}, NAN, NAN, NAN},
        {3, {1, 2, 4}, {1, 5, 9}, NAN, NAN, NAN}, /* rises */
        {3, {1, 2, 4}, {0, 0, 10}, NAN, NAN, NAN},
        {3, {1, 2, 4}, {10, 10, 10}, NAN, NAN, NAN},
        {3, {1, 2, 4}, {0, 0, 0}, NAN, NAN, NAN},
        {1, {1}, {5}, NAN, NAN, NAN},
        {0, {0}, {0}, NAN, NAN, NAN},
    };
    const size_t trials[4] = {10, 10, 10, 10};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const response *c = &cases[i];
        tw_interval half = {0};
        assert_ok(tw_half_radius(c->count, c->radius, c->hits, trials, 0.95, &half));
        if (isnan(c->value)) {
            assert_true(isnan(half.value) && isnan(half.low) && isnan(half.high));
            continue;
        }
        assert_near(half.value, c->value, 1e-14);
        assert_true(half.low == c->low && half.high == c->high);
    }
}

/* Almost a step: the slope is steep, the answer is still between the two middle radii. */
static void a_steep_fall_converges(void **state) {
    (void)state;
    const double radius[] = {1, 2, 2.0001, 4};
    const size_t hits[] = {1000000, 999999, 1, 0};
    const size_t trials[] = {1000000, 1000000, 1000000, 1000000};
    tw_interval half;
    assert_ok(tw_half_radius(4, radius, hits, trials, 0.95, &half));
    assert_near(half.value, sqrt(2.0 * 2.0001), 1e-9);
    assert_true(half.low < half.value && half.high > half.value && half.high < 2.0002);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fractions_have_published_intervals),
        cmocka_unit_test(limits_put_half_of_the_rest_into_each_tail),
        cmocka_unit_test(ends_have_closed_forms_at_any_size),
        cmocka_unit_test(large_counts_get_a_somewhat_wider_interval),
        cmocka_unit_test(unseen_mass_is_what_was_met_once),
        cmocka_unit_test(exact_tests_have_published_values),
        cmocka_unit_test(fisher_is_the_sum_over_all_tables),
        cmocka_unit_test(mcnemar_is_twice_a_binomial_tail),
        cmocka_unit_test(far_tails_keep_their_digits),
        cmocka_unit_test(holm_adjusts_by_its_definition),
        cmocka_unit_test(two_radii_have_a_closed_form),
        cmocka_unit_test(a_logistic_curve_is_found_again),
        cmocka_unit_test(steps_and_impossible_data_are_named),
        cmocka_unit_test(a_steep_fall_converges),
    };
    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
