/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sector spectrum against all eigenvalues of the dense Hessian. Tolerance: both sides are
 * backward stable, so they differ by at most a few P eps ||H||. */
#include "support/test.h"

#include <stdio.h>
#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/point.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/optima/sectors.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/training/newton.h>

#include "support/built.h"

static double norm_of(size_t n, const double *x) {
    double norm = 0.0;
    for (size_t i = 0; i < n; i++) norm = hypot(norm, x[i]);
    return norm;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *expand(const tw_levels *levels, size_t n) {
    double *values = calloc(n, sizeof *values);
    size_t at = 0;
    assert_int_equal(tw_levels_total(levels), n);
    for (size_t i = 0; i < levels->count; i++)
        for (uint64_t c = 0; c < levels->rows[i].copies; c++) values[at++] = levels->rows[i].value;
    qsort(values, n, sizeof *values, ascending);
    return values;
}

/* The sums over the sectors against those over all eigenvalues. `slack`: distance of the spectra
 * over ||H||; a sum of n values is off by n times that, a logarithm by it over the smallest. */
static void compare_sums(const tw_sectors *sectors, const tw_linop *H, double slack) {
    tw_trace_result ours, theirs;
    const double n = (double)H->n;
    assert_ok(tw_sectors_trace(sectors, NULL, &ours));
    assert_ok(tw_trace_estimate(H, NULL, &theirs));
    assert_string_equal(ours.method, "sectors");
    assert_int_equal(ours.products, 0);
    assert_int_equal(ours.reason, TW_ESTIMATE_COMPLETE);
    const tw_estimate *a[] = {&ours.trace, &ours.frobenius, &ours.frobenius_squared, &ours.log_det,
                              &ours.zero_modes};
    const tw_estimate *b[] = {&theirs.trace, &theirs.frobenius, &theirs.frobenius_squared,
                              &theirs.log_det, &theirs.zero_modes};
    const double off[] = {n * slack * theirs.norm, sqrt(n) * slack * theirs.norm,
                          2.0 * n * slack * theirs.norm * theirs.norm,
                          n * slack * theirs.norm / theirs.smallest_nonzero, 0.0};
    for (size_t i = 0; i < 5; i++) {
        assert_true(a[i]->exact && a[i]->error == 0.0);
        assert_true(a[i]->low == a[i]->value && a[i]->high == a[i]->value);
        assert_near(a[i]->value, b[i]->value, off[i]);
    }
    assert_near(ours.smallest_nonzero, theirs.smallest_nonzero, slack * theirs.norm);
    assert_true(ours.largest_zero <= slack * theirs.norm);
}

/* The same atoms with the same copies, and the same curve of what is simple when few are asked
 * for. */
static void compare_densities(const tw_sectors *sectors, const tw_linop *H, double slack) {
    tw_density_options options = TW_DENSITY_DEFAULTS;
    for (options.steps = 1; options.steps <= 81; options.steps += 80) {
        tw_density_result ours, theirs;
        assert_ok(tw_sectors_density(sectors, &options, &ours));
        assert_ok(tw_density_estimate(H, &options, &theirs));
        assert_string_equal(ours.method, "sectors");
        assert_true(ours.products == 0 && ours.probes == 0);
        assert_int_equal(ours.atom_count, theirs.atom_count);
        for (size_t i = 0; i < ours.atom_count; i++) {
            const tw_atom *a = &ours.atoms[i], *b = &theirs.atoms[i];
            assert_near(a->value, b->value, slack * theirs.norm);
            assert_true(a->mass.exact && isnan(a->residual));
            assert_near(a->mass.value, b->mass.value, (double)H->n * DBL_EPSILON);
        }
        assert_near(ours.continuous.value, theirs.continuous.value, (double)H->n * DBL_EPSILON);
        assert_int_equal(ours.curve.count, theirs.curve.count);
        tw_density_result_clear(&ours);
        tw_density_result_clear(&theirs);
    }
}

/* theta is evaluated, diagonalised, and compared. Returns the worst difference over ||H||. */
static double compare(const tw_dufm *model, const double *theta) {
    tw_evaluator *evaluator = NULL;
    tw_sectors sectors;
    tw_dense_result dense = {0};
    tw_hessian hessian;
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    size_t n = tw_dufm_parameters(model);
    double value, *gradient = calloc(n, sizeof *gradient);
    assert_ok(tw_sectors_of_point(model, theta, &options, &sectors));
    if (!sectors.applicable) fail_msg("not applicable: %s", sectors.refusal);
    assert_ok(tw_evaluator_create(model, &evaluator));
    tw_objective objective = tw_evaluator_objective(evaluator);
    assert_ok(objective.eval(objective.self, theta, &value, gradient));
    hessian = tw_hessian_at(&objective, theta);
    tw_linop H = tw_hessian_linop(&hessian);
    assert_ok(tw_spectrum_dense(&H, &TW_DENSE_DEFAULTS, &dense));
    double *values = expand(&sectors.levels, n);
    double worst = test_distance(n, values, dense.pairs.values) / dense.norm;
    assert_near(sectors.norm / dense.norm, 1.0, 1e-12);
    /* A point that is critical only up to its defects has a spectrum that is off by as much. */
    const tw_sector_evidence *e = &sectors.evidence;
    double defects = e->stationary + e->balanced + e->collapsed + e->confined + e->dropped;
    double slack = 4.0 * (double)n * DBL_EPSILON + defects;
    assert_true(worst <= slack);
    compare_sums(&sectors, &H, slack);
    compare_densities(&sectors, &H, slack);
    free(values);
    free(gradient);
    tw_dense_result_clear(&dense);
    tw_sectors_clear(&sectors);
    tw_evaluator_destroy(evaluator);
    return worst;
}

static void golden_points(void **state) {
    (void)state;
    static const char *const names[] = {"ce-L1-K5-nc",    "ce-L2-K4-dnc",   "ce-L2-K4-rank2",
                                        "ce-L3-K4-dnc",   "ce-L3-K4-rank2", "ce-L4-K6-rank2",
                                        "ce-L4-K6-rank3", "mse-L2-K4-dnc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        tw_bundle bundle = {0};
        tw_point point = {0};
        snprintf(path, sizeof path, "%s/%s.npz", TEST_DATA, names[i]);
        assert_ok(tw_bundle_read(path, &bundle));
        assert_ok(tw_point_from_bundle(&bundle, &point));
        assert_true(compare(&point.model, point.theta) <= 1e-13);
        tw_point_clear(&point);
        tw_bundle_clear(&bundle);
    }
}

/* A random small model: unequal widths, ridges and class sizes; descended to a critical point. */
static bool random_optimum(uint64_t seed, tw_dufm *model, double **theta) {
    tw_random stream;
    tw_evaluator *evaluator = NULL;
    tw_newton_result result;
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_random_init(&stream, seed, TW_PURPOSE_TEST, 0);
    size_t layers = 1 + (size_t)(3.0 * tw_random_uniform(&stream)), K = 3, sizes[3], samples = 0;
    for (size_t k = 0; k < K; k++)
        samples += sizes[k] = 1 + (size_t)(3.0 * tw_random_uniform(&stream));
    assert_ok(tw_dufm_init(model, layers, samples));
    for (size_t l = 0; l < layers; l++) {
        model->widths[l] = 3 + (size_t)(4.0 * tw_random_uniform(&stream));
        model->lambda_W[l] = 2e-3 * (1.0 + tw_random_uniform(&stream));
    }
    model->widths[layers] = K;
    model->lambda_H = 2e-3 * (1.0 + tw_random_uniform(&stream));
    size_t at = 0;
    for (size_t k = 0; k < K; k++)
        for (size_t i = 0; i < sizes[k]; i++) model->labels[at++] = (int)k;
    model->loss = tw_loss_at(seed % 2);
    model->activation = tw_activation_find("linear");
    assert_ok(tw_evaluator_create(model, &evaluator));
    size_t n = tw_dufm_parameters(model);
    *theta = calloc(n, sizeof **theta);
    tw_random_fill_normal(&stream, n, *theta);
    tw_objective objective = tw_evaluator_objective(evaluator);
    assert_ok(tw_newton(&objective, &options, *theta, &result));
    tw_evaluator_destroy(evaluator);
    return result.reason == TW_NEWTON_CONVERGED;
}

static void fifty_random_optima(void **state) {
    (void)state;
    size_t compared = 0;
    double worst = 0.0;
    for (uint64_t seed = 0; compared < 50 && seed < 100; seed++) {
        tw_dufm model;
        double *theta = NULL;
        if (random_optimum(seed, &model, &theta)) {
            worst = fmax(worst, compare(&model, theta));
            compared++;
        }
        free(theta);
        tw_dufm_clear(&model);
    }
    assert_int_equal(compared, 50);
    assert_true(worst <= 1e-13);
}

/* Each precondition broken alone is named in the refusal. */
static void refusals_say_what_fails(void **state) {
    (void)state;
    tw_dufm model;
    double *theta = NULL;
    tw_sectors sectors;
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    uint64_t seed = 0;
    while (!random_optimum(seed, &model, &theta) || model.layers < 2 || model.samples < 6) {
        free(theta);
        tw_dufm_clear(&model);
        seed++;
    }
    tw_block H = tw_dufm_factor(&model, 0), W = tw_dufm_factor(&model, 1);
    theta[H.offset] += 1e-3; /* one sample moves away from its class */
    assert_ok(tw_sectors_of_point(&model, theta, &options, &sectors));
    assert_false(sectors.applicable);
    assert_int_equal(sectors.levels.count, 0);
    tw_sectors_clear(&sectors);
    theta[H.offset] -= 1e-3;
    for (size_t i = 0; i < W.rows * W.cols; i++) theta[W.offset + i] *= 1.01;
    for (size_t i = 0; i < H.rows * H.cols; i++) theta[H.offset + i] /= 1.01; /* same logits */
    assert_ok(tw_sectors_of_point(&model, theta, &options, &sectors));
    assert_false(sectors.applicable);
    assert_true(sectors.evidence.balanced > 1e-3 && sectors.evidence.collapsed < 1e-9);
    assert_non_null(strstr(sectors.refusal, "stationary"));
    tw_sectors_clear(&sectors);
    model.activation = tw_activation_find("tanh");
    assert_ok(tw_sectors_of_point(&model, theta, &options, &sectors));
    assert_non_null(strstr(sectors.refusal, "linear"));
    tw_sectors_clear(&sectors);
    free(theta);
    tw_dufm_clear(&model);
}

/* What no spectrum is needed for costs none: the norm stays 0. The gradient is then known from
 * below, never above what the dense route says of the same point (one sample a class, square
 * factors: the reduced model is the model). */
static void random_points_are_refused_without_a_spectrum(void **state) {
    (void)state;
    for (size_t i = 0; i < 24; i++) {
        const test_case c = {i % 2 ? "ce" : "mse", "linear", 4, 1, 4, 1 + i % 3, 0.01};
        built b = build(&c, i < 12 ? "random:normal:0.7" : "random:normal:3", i);
        tw_objective objective = tw_evaluator_objective(b.evaluator);
        tw_hessian hessian = tw_hessian_at(&objective, b.point.theta);
        tw_dense_result dense;
        tw_sectors sectors;
        double value, gradient[64];
        assert_true(objective.n <= 64);
        assert_ok(objective.eval(objective.self, b.point.theta, &value, gradient));
        tw_linop H = tw_hessian_linop(&hessian);
        assert_ok(tw_spectrum_dense(&H, NULL, &dense));
        assert_ok(tw_sectors_of_point(&b.point.model, b.point.theta, NULL, &sectors));
        double size = fmax(1.0, norm_of(objective.n, b.point.theta));
        double truth = norm_of(objective.n, gradient) / (dense.norm * size);
        assert_false(sectors.applicable);
        assert_non_null(strstr(sectors.refusal, "not stationary: relative gradient at least"));
        assert_true(sectors.norm == 0.0 && sectors.levels.count == 0);
        assert_true(sectors.evidence.stationary <= truth * (1.0 + 1e-9));
        assert_true(sectors.evidence.stationary >= 1e-3 * truth);
        tw_sectors_clear(&sectors);
        tw_dense_result_clear(&dense);
        built_clear(&b);
    }
}

static void a_large_signal_sector_is_refused(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 4, 1, 5, 2, 0.005};
    built b = build(&c, "dnc", 3);
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    tw_sectors sectors;
    options.budget.dense_limit = 9 + 24; /* (L - 1) r^2 + 2 K r */
    assert_ok(tw_sectors_of_point(&b.point.model, b.point.theta, &options, &sectors));
    assert_true(sectors.applicable);
    tw_sectors_clear(&sectors);
    options.budget.dense_limit--;
    assert_ok(tw_sectors_of_point(&b.point.model, b.point.theta, &options, &sectors));
    assert_string_equal(sectors.refusal,
                        "the signal sector has 33 coordinates, above the dense limit 32");
    options.budget.dense_limit++;
    options.budget.deadline = 1e-9;
    assert_ok(tw_sectors_of_point(&b.point.model, b.point.theta, &options, &sectors));
    assert_false(sectors.applicable);
    assert_string_equal(sectors.refusal, "ended before the signal sector of 33 coordinates");
    built_clear(&b);
}

/* theta = 0 at L >= 2: lambda everywhere, whatever the model. */
static void the_origin_has_the_ridges_alone(void **state) {
    (void)state;
    tw_dufm model;
    double *theta = NULL;
    uint64_t seed = 0;
    while (!random_optimum(seed, &model, &theta) || model.layers < 2) {
        free(theta);
        tw_dufm_clear(&model);
        seed++;
    }
    memset(theta, 0, tw_dufm_parameters(&model) * sizeof *theta);
    compare(&model, theta);
    free(theta);
    tw_dufm_clear(&model);
}

/* The same spectrum from the class logits of a golden point as from the point. */
static void logits_alone_are_enough(void **state) {
    (void)state;
    static const char *const names[] = {"ce-L1-K5-nc", "ce-L3-K4-rank2", "mse-L2-K4-dnc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[512];
        tw_bundle bundle = {0};
        tw_point point = {0};
        tw_evaluator *evaluator = NULL;
        tw_sectors of_point, of_logits;
        const tw_sector_options options = TW_SECTOR_DEFAULTS;
        double Z[36], sizes[6] = {0};
        snprintf(path, sizeof path, "%s/%s.npz", TEST_DATA, names[i]);
        assert_ok(tw_bundle_read(path, &bundle));
        assert_ok(tw_point_from_bundle(&bundle, &point));
        assert_ok(tw_evaluator_create(&point.model, &evaluator));
        assert_ok(tw_evaluator_linearise(evaluator, point.theta));
        size_t K = tw_dufm_classes(&point.model);
        for (size_t s = 0; s < point.model.samples; s++) {
            size_t k = (size_t)point.model.labels[s];
            sizes[k] += 1.0;
            memcpy(Z + K * k, tw_evaluator_logits(evaluator) + K * s, K * sizeof *Z);
        }
        const tw_class_logits logits = {.Z = Z,
                                        .class_sizes = sizes,
                                        .layers = point.model.layers,
                                        .widths = point.model.widths,
                                        .lambda_W = point.model.lambda_W,
                                        .lambda_H = point.model.lambda_H,
                                        .loss = point.model.loss};
        assert_ok(tw_sectors_of_point(&point.model, point.theta, &options, &of_point));
        assert_ok(tw_sectors_of_logits(&logits, &options, &of_logits));
        assert_true(of_logits.applicable);
        size_t n = tw_dufm_parameters(&point.model);
        double *a = expand(&of_point.levels, n), *b = expand(&of_logits.levels, n);
        assert_near(test_distance(n, a, b) / of_point.norm, 0.0, 4.0 * (double)n * DBL_EPSILON);
        free(a);
        free(b);
        tw_sectors_clear(&of_point);
        tw_sectors_clear(&of_logits);
        tw_evaluator_destroy(evaluator);
        tw_point_clear(&point);
        tw_bundle_clear(&bundle);
    }
}

static void sums_of_refused_sectors_are_refused(void **state) {
    (void)state;
    const tw_sectors refused = {.refusal = "the point is not balanced"};
    tw_trace_result trace;
    tw_density_result density;
    assert_int_equal(tw_sectors_trace(&refused, NULL, &trace), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "not balanced"));
    assert_int_equal(tw_sectors_density(&refused, NULL, &density), TW_ERR_ARGUMENT);
    assert_null(density.atoms);
}

/* K = 4, L = 2: r^2 + 8 r coordinates of "blocks:2,2"; "dnc" has a formula. */
static void a_form_costs_its_signal_sector(void **state) {
    (void)state;
    const tw_closed_case given = {4, 2, 5, 2, 0.01, tw_loss_find("ce")};
    tw_closed_form blocks = {0}, dnc = {0};
    tw_cost cost;
    assert_ok(tw_closed_form_solve(&given, "blocks:2,2", &blocks));
    double r = (double)blocks.rank, order = r * r + 8.0 * r;
    assert_near(tw_closed_form_sector_order(&blocks), order, 0.0);
    tw_closed_form_cost(&blocks, &cost);
    assert_near(cost.flops, 4.5 * order * order * order, 1e-9);
    assert_true(cost.bytes >= 8.0 * order * order);
    assert_ok(tw_closed_form_solve(&given, "dnc", &dnc));
    tw_closed_form_cost(&dnc, &cost);
    assert_true(cost.flops == 0.0 && cost.bytes == 0.0);
    tw_closed_form_clear(&blocks);
    tw_closed_form_clear(&dnc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_points),
        cmocka_unit_test(fifty_random_optima),
        cmocka_unit_test(refusals_say_what_fails),
        cmocka_unit_test(random_points_are_refused_without_a_spectrum),
        cmocka_unit_test(a_large_signal_sector_is_refused),
        cmocka_unit_test(a_form_costs_its_signal_sector),
        cmocka_unit_test(the_origin_has_the_ridges_alone),
        cmocka_unit_test(sums_of_refused_sectors_are_refused),
        cmocka_unit_test(logits_alone_are_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
