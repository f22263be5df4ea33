/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether intervals hold the truth as often as they promise: exactly where all outcomes can be
 * summed, else by seeded simulated campaigns. A count of successes may stray from its expectation
 * by four standard deviations. */
#include "support/test.h"

#include <thalweg/base/random.h>
#include <thalweg/campaign/statistics.h>

enum { CAMPAIGNS = 2000 };

static size_t draw_count(tw_random *stream, size_t n, double p) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += tw_random_uniform(stream) < p;
    return count;
}

static double four_deviations(double level) {
    return 4.0 * sqrt(level * (1.0 - level) / CAMPAIGNS);
}

/* Probability that the interval from n draws holds p: a sum over all counts. */
static double coverage(size_t n, double p, double level) {
    double sum = 0.0, weight = pow(1.0 - p, (double)n);
    for (size_t k = 0; k <= n; k++) {
        tw_interval f = tw_fraction(k, n, level);
        if (f.low <= p && p <= f.high) sum += weight;
        weight *= (double)(n - k) / (double)(k + 1) * p / (1.0 - p);
    }
    return sum;
}

static void fractions_are_covered_at_every_p(void **state) {
    (void)state;
    const size_t sizes[] = {1, 10, 40};
    for (size_t i = 0; i < 3; i++)
        for (double p = 0.005; p < 1.0; p += 0.015) {
            assert_true(coverage(sizes[i], p, 0.95) >= 0.95 - 1e-12);
            assert_true(coverage(sizes[i], p, 0.8) >= 0.8 - 1e-12);
        }
}

/* Two classes, as in a campaign of 40 restarts; the reference fractions of such campaigns. */
static void fractions_are_covered_in_simulated_campaigns(void **state) {
    (void)state;
    const double truths[] = {0.025, 0.15, 0.35, 0.6, 0.85};
    for (size_t i = 0; i < 5; i++) {
        size_t held = 0;
        for (size_t c = 0; c < CAMPAIGNS; c++) {
            tw_random stream;
            tw_random_init(&stream, 100 + i, TW_PURPOSE_TEST, c);
            tw_interval f = tw_fraction(draw_count(&stream, 40, truths[i]), 40, 0.95);
            held += f.low <= truths[i] && truths[i] <= f.high;
        }
        double rate = (double)held / CAMPAIGNS;
        assert_near(rate, coverage(40, truths[i], 0.95), four_deviations(0.95));
        assert_true(rate >= 0.95 - four_deviations(0.95));
    }
}

enum { CLASSES = 200 };

/* One campaign: counts of the classes, and the mass of those that were not met. */
static double simulate_classes(size_t draws, const double *mass, uint64_t seed, size_t *counts) {
    tw_random stream;
    double unmet = 0.0;
    memset(counts, 0, CLASSES * sizeof *counts);
    tw_random_init(&stream, seed, TW_PURPOSE_TEST, 0);
    for (size_t i = 0; i < draws; i++) {
        double u = tw_random_uniform(&stream);
        size_t class = 0;
        for (; class + 1 < CLASSES && u >= mass[class]; class ++) u -= mass[class];
        counts[class]++;
    }
    for (size_t i = 0; i < CLASSES; i++) unmet += counts[i] == 0 ? mass[i] : 0.0;
    return unmet;
}

static void make_masses(double power, double *mass) {
    double sum = 0.0;
    for (size_t i = 0; i < CLASSES; i++) sum += mass[i] = pow((double)i + 1.0, -power);
    for (size_t i = 0; i < CLASSES; i++) mass[i] /= sum;
}

/* The bound holds for every law, so for these it holds with room; the estimate is right on average,
 * up to the 1/n by which a draw more would have met something new. */
static void unseen_mass_is_bounded(void **state) {
    (void)state;
    const double powers[] = {0.0, 1.0, 2.5};
    const size_t draws[] = {20, 100, 400};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            double mass[CLASSES], bias = 0.0, square = 0.0;
            size_t counts[CLASSES], held = 0;
            enum { RUNS = 400 };
            make_masses(powers[i], mass);
            for (size_t c = 0; c < RUNS; c++) {
                double truth = simulate_classes(draws[j], mass, 1000 * (3 * i + j) + c, counts);
                tw_interval u = tw_unseen_mass(CLASSES, counts, 0.9);
                held += truth <= u.high;
                bias += (u.value - truth) / RUNS;
                square += (u.value - truth) * (u.value - truth) / RUNS;
            }
            assert_true((double)held / RUNS >= 0.9);
            assert_near(bias, 0.5 / (double)draws[j],
                        0.5 / (double)draws[j] + 4.0 * sqrt(square / RUNS));
        }
}

/* Return probabilities on a logistic curve, ten radii, 100 trials each. The linearised error is off
 * by terms of one over the number of trials that matter, a few hundred: 0.01 is room enough. */
static void half_radii_are_covered(void **state) {
    (void)state;
    enum { RADII = 10, TRIALS = 100 };
    const double slopes[] = {2.0, 6.0};
    for (size_t i = 0; i < 2; i++) {
        size_t held = 0;
        for (size_t c = 0; c < CAMPAIGNS; c++) {
            tw_random stream;
            double radius[RADII];
            size_t hits[RADII], trials[RADII];
            tw_random_init(&stream, 500 + i, TW_PURPOSE_TEST, c);
            for (size_t j = 0; j < RADII; j++) {
                radius[j] = exp(0.3 * (double)j - 1.6);
                trials[j] = TRIALS;
                hits[j] =
                    draw_count(&stream, TRIALS, 1.0 / (1.0 + pow(radius[j] / 0.7, slopes[i])));
            }
            tw_interval half;
            assert_ok(tw_half_radius(RADII, radius, hits, trials, 0.95, &half));
            held += half.low <= 0.7 && 0.7 <= half.high;
        }
        assert_near((double)held / CAMPAIGNS, 0.95, 0.01 + four_deviations(0.95));
    }
}

/* A tenth of the starts comes back from anywhere, the others from within 0.7 as before: no logistic
 * curve, and one that is one half where 0.9/(1 + (r/0.7)^6) = 0.4. The limits hold for any falling
 * probability, so for this one with room. */
static void half_radii_of_other_shapes_are_covered(void **state) {
    (void)state;
    enum { RADII = 7, TRIALS = 400 };
    const double truth = 0.7 * pow(1.25, 1.0 / 6.0);
    size_t held = 0;
    for (size_t c = 0; c < CAMPAIGNS; c++) {
        tw_random stream;
        double radius[RADII];
        size_t hits[RADII], trials[RADII];
        tw_random_init(&stream, 700, TW_PURPOSE_TEST, c);
        for (size_t j = 0; j < RADII; j++) {
            radius[j] = 0.2 * pow(1.6, (double)j);
            trials[j] = TRIALS;
            hits[j] = draw_count(&stream, TRIALS, 0.1 + 0.9 / (1.0 + pow(radius[j] / 0.7, 6.0)));
        }
        tw_interval half;
        assert_ok(tw_half_radius(RADII, radius, hits, trials, 0.95, &half));
        assert_true(half.low <= half.value && half.value <= half.high);
        held += half.low <= truth && truth <= half.high;
    }
    assert_true((double)held / CAMPAIGNS >= 0.95 - four_deviations(0.95));
}

/* Under equal settings a p-value is below alpha at most that often: Fisher's test is exact. */
static void equal_settings_seldom_differ(void **state) {
    (void)state;
    size_t rejected = 0;
    for (size_t c = 0; c < CAMPAIGNS; c++) {
        tw_random stream;
        tw_random_init(&stream, 900, TW_PURPOSE_TEST, c);
        size_t a = draw_count(&stream, 40, 0.4), b = draw_count(&stream, 40, 0.4);
        rejected += tw_fisher_exact(a, 40, b, 40) <= 0.05;
    }
    assert_true((double)rejected / CAMPAIGNS <= 0.05 + four_deviations(0.05));
    assert_true(rejected > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fractions_are_covered_at_every_p),
        cmocka_unit_test(fractions_are_covered_in_simulated_campaigns),
        cmocka_unit_test(unseen_mass_is_bounded),
        cmocka_unit_test(half_radii_are_covered),
        cmocka_unit_test(half_radii_of_other_shapes_are_covered),
        cmocka_unit_test(equal_settings_seldom_differ),
    };
    return cmocka_run_group_tests_name("statistics_coverage", tests, NULL, NULL);
}
