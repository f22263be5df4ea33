/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the stated 95 % intervals hold the truth in 95 % of the seeds? Prints one line a quantity; the
 * fractions have to lie between 90 % and 99 % (for few seeds: within what chance allows then).
 *     coverage [SEEDS] */
#include "support/test.h"

#include <stdio.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/point.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/trace.h>
#include <thalweg/symmetry/symmetry.h>

#include "conformance/planted.h"

enum { MAX_ATOMS = 64 };

/* An operator with its answers. */
typedef struct subject {
    const char *name;
    tw_linop A;
    tw_subspace within;
    size_t atoms; /* distinct values; 0: too many for atoms */
    double value[MAX_ATOMS], mass[MAX_ATOMS];
    double trace, square, log_det;
} subject;

static size_t seeds = 60, failures;

static void judge(const char *subject_name, const char *quantity, size_t probes, size_t hits) {
    double n = (double)seeds, fraction = (double)hits / n;
    /* below 200 seeds: three standard deviations of a coverage at the edge of the band */
    double low = seeds >= 200 ? 0.90 : 0.90 - 3.0 * sqrt(0.90 * 0.10 / n);
    double high = seeds >= 200 ? 0.99 : 1.0;
    bool right = fraction >= low && fraction <= high;
    failures += !right;
    printf("  %-24s %-22s %2zu probes  %5.1f %%%s\n", subject_name, quantity, probes,
           100.0 * fraction, right ? "" : "  OUTSIDE");
}

static bool holds(const tw_estimate *estimate, double truth) {
    return estimate->low <= truth && truth <= estimate->high;
}

/* Everything the truth says, from all eigenvalues ascending. */
static void set_truth(subject *s, size_t n, const double *values) {
    double norm = fmax(fabs(values[0]), fabs(values[n - 1]));
    for (size_t i = 0; i < n; i++) {
        s->trace += values[i];
        s->square += values[i] * values[i];
        if (fabs(values[i]) > 1e-8 * norm) s->log_det += log(fabs(values[i]));
        if (i > 0 && values[i] - values[i - 1] <= 1e-8 * norm) {
            s->mass[s->atoms - 1] += 1.0 / (double)n;
        } else if (s->atoms < MAX_ATOMS) {
            s->value[s->atoms] = values[i];
            s->mass[s->atoms++] = 1.0 / (double)n;
        }
    }
    if (s->atoms == MAX_ATOMS) s->atoms = 0;
}

/* ---- Masses ---- */

static void cover_masses(const subject *s, size_t probes) {
    size_t hits[MAX_ATOMS] = {0};
    double norm = fmax(fabs(s->value[0]), fabs(s->value[s->atoms - 1]));
    for (size_t seed = 1; seed <= seeds; seed++) {
        tw_density_options options = TW_DENSITY_DEFAULTS;
        tw_density_result result;
        options.budget.dense_limit = 0;
        options.probes = probes;
        options.budget.seed = seed;
        options.within = s->within;
        assert_ok(tw_density_estimate(&s->A, &options, &result));
        assert_int_equal(result.atom_count, s->atoms);
        for (size_t a = 0; a < s->atoms; a++) {
            assert_near(result.atoms[a].value, s->value[a], 1e-12 * norm);
            hits[a] += holds(&result.atoms[a].mass, s->mass[a]) ||
                       (result.atoms[a].mass.exact &&
                        fabs(result.atoms[a].mass.value - s->mass[a]) <= 1e-13);
        }
        tw_density_result_clear(&result);
    }
    for (size_t a = 0; a < s->atoms; a++) {
        char quantity[40];
        bool known = s->within.keep && fabs(s->value[a]) < 1e-8 * norm;
        snprintf(quantity, sizeof quantity, "mass of %.4g", known ? 0.0 : s->value[a]);
        if (!known)
            judge(s->name, quantity, probes, hits[a]);
        else if (hits[a] != seeds)
            judge(s->name, "known zero mass", probes, 0);
    }
}

/* ---- Trace and its kin ---- */

static void cover_trace(const subject *s, size_t probes) {
    size_t trace = 0, square = 0, norm = 0, log_det = 0;
    for (size_t seed = 1; seed <= seeds; seed++) {
        tw_trace_options options = TW_TRACE_DEFAULTS;
        tw_trace_result result;
        options.budget.dense_limit = 0;
        options.probes = probes;
        options.budget.seed = seed;
        options.within = s->within;
        assert_ok(tw_trace_estimate(&s->A, &options, &result));
        trace += holds(&result.trace, s->trace);
        square += holds(&result.frobenius_squared, s->square);
        norm += holds(&result.frobenius, sqrt(s->square));
        log_det += holds(&result.log_det, s->log_det);
    }
    judge(s->name, "trace", probes, trace);
    judge(s->name, "squared Frobenius norm", probes, square);
    if (norm != square) judge(s->name, "Frobenius norm", probes, 0);
    judge(s->name, "log-determinant", probes, log_det);
}

static void cover(const subject *s) {
    const size_t probes[] = {2, 4, 16};
    for (size_t i = 0; i < 3; i++) {
        if (s->atoms > 0) cover_masses(s, probes[i]);
        cover_trace(s, probes[i]);
    }
}

/* ---- Subjects ---- */

static void cover_planted(const char *name, planted *plan) {
    subject s = {.name = name, .A = planted_operator(plan)};
    set_truth(&s, plan->n, plan->values);
    cover(&s);
    planted_free(plan);
}

static void cover_six_values(void) {
    const double six[][2] = {{0, 66}, {.005, 96}, {.01, 78}, {.1646, 64}, {.6285, 10}, {.6585, 6}};
    planted plan = planted_copies(6, six, 5);
    cover_planted("six values", &plan);
}

/* Quantiles of the Marchenko-Pastur law of ratio 1/2: the spectrum of a large Wishart matrix. */
static void cover_wishart(void) {
    enum { N = 320, GRID = 200000 };
    double values[N], low = pow(1.0 - sqrt(0.5), 2), high = pow(1.0 + sqrt(0.5), 2), mass = 0.0;
    for (size_t i = 0, g = 0; i < N && g < GRID; g++) {
        double x = low + (high - low) * ((double)g + 0.5) / GRID;
        mass += sqrt((high - x) * (x - low)) / (acos(-1.0) * x) * (high - low) / GRID;
        while (i < N && mass >= ((double)i + 0.5) / N) values[i++] = x;
    }
    planted plan = planted_make(N, values, 7);
    cover_planted("Wishart", &plan);
}

/* A golden Hessian, its symmetry orbit deflated. */
static void cover_golden(const char *path) {
    tw_bundle bundle = {0};
    tw_point point = {0};
    tw_evaluator *evaluator = NULL;
    tw_symmetry *symmetry = NULL;
    tw_hessian hessian;
    tw_dense_result dense;
    double value = 0.0;
    assert_ok(tw_bundle_read(path, &bundle));
    assert_ok(tw_point_from_bundle(&bundle, &point));
    assert_ok(tw_evaluator_create(&point.model, &evaluator));
    assert_ok(tw_symmetry_create(&point.model, point.theta, TW_RANK_TOLERANCE, NULL, &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    tw_objective objective = tw_evaluator_objective(evaluator);
    double *gradient = calloc(objective.n, sizeof *gradient);
    assert_ok(objective.eval(objective.self, point.theta, &value, gradient));
    hessian = tw_hessian_at(&objective, point.theta);
    subject s = {.name = strrchr(path, '/') + 1,
                 .A = tw_hessian_linop(&hessian),
                 .within = tw_subspace_outside(&tangent, NULL)};
    assert_ok(tw_spectrum_dense(&s.A, NULL, &dense));
    set_truth(&s, objective.n, dense.pairs.values);
    cover(&s);
    tw_dense_result_clear(&dense);
    free(gradient);
    tw_symmetry_destroy(symmetry);
    tw_evaluator_destroy(evaluator);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
}

static void intervals_hold_the_truth(void **state) {
    (void)state;
    printf("truth inside the 95 %% interval, %zu seeds\n", seeds);
    cover_six_values();
    cover_wishart();
    cover_golden(TEST_DATA "/ce-L2-K4-dnc.npz");
    cover_golden(TEST_DATA "/ce-L3-K4-rank2.npz");
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_hold_the_truth)};
    if (argc > 1) seeds = (size_t)strtoul(argv[1], NULL, 10);
    if (seeds == 0) return 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
