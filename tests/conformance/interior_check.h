/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks every claim of an interior result against the planted spectrum. */
#ifndef TEST_INTERIOR_CHECK_H
#define TEST_INTERIOR_CHECK_H

#include <stdio.h>
#include <thalweg/spectrum/interior.h>

#include "conformance/planted.h"
#include "support/test.h"

static inline double planted_rounding(const planted *plan) {
    return ((double)plan->n + 10.0) * DBL_EPSILON * planted_norm(plan);
}

/* Orthonormal, and with the residuals they claim. */
static inline void check_interior_vectors(planted *plan, const tw_interior_options *options,
                                          const tw_interior_result *result) {
    const tw_eigenpairs *pairs = &result->pairs;
    size_t n = plan->n, products = plan->products;
    double *image = calloc(n ? n : 1, sizeof *image);
    for (size_t j = 0; j < pairs->count; j++) {
        const double *v = pairs->vectors + j * n;
        planted_apply(plan, 1, v, n, image, n);
        double square = 0.0;
        for (size_t i = 0; i < n; i++) {
            double entry = image[i] - pairs->values[j] * v[i];
            square += entry * entry;
        }
        assert_near(sqrt(square), pairs->residuals[j], planted_rounding(plan));
        assert_true(pairs->residuals[j] <= options->tolerance * result->norm);
        for (size_t i = 0; i <= j; i++) {
            double dot = 0.0;
            for (size_t r = 0; r < n; r++) dot += v[r] * pairs->vectors[r + i * n];
            assert_near(dot, i == j, 40.0 * sqrt((double)n) * DBL_EPSILON);
        }
    }
    plan->products = products;
    free(image);
}

static inline void check_interior_complete(planted *plan, const tw_interior_options *options,
                                           const tw_interior_result *result) {
    if (result->reason != TW_INTERIOR_COMPLETE)
        fail_msg("%s: %s after %zu products, %zu pairs", result->method,
                 tw_interior_reason_name(result->reason), result->products, result->pairs.count);
    assert_int_equal(result->products, plan->products);
    assert_true(result->norm <= planted_norm(plan) * (1.0 + 1e-12));
    assert_true(result->norm >= 0.5 * planted_norm(plan));
    check_interior_vectors(plan, options, result);
    if (getenv("TEST_SHOW"))
        printf("  %zu pairs, %s, %zu products, degree %zu, %zu rounds\n", result->pairs.count,
               result->method, result->products, result->degree, result->rounds);
}

/* Every value of [low, high], no other; by which method. */
static inline const char *check_interval(planted *plan, double low, double high,
                                         const tw_interior_options *options) {
    tw_interior_result result;
    tw_linop A = planted_operator(plan);
    double slack = options->tolerance * planted_norm(plan);
    size_t found = 0;
    plan->products = 0;
    if (getenv("TEST_SHOW")) printf("[%g, %g] of %zu:\n", low, high, plan->n);
    assert_ok(tw_spectrum_interval(&A, low, high, options, &result));
    check_interior_complete(plan, options, &result);
    if (plan->n <= options->inertia_limit && slack > 0.0) assert_true(result.inertia_checked);
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->values[i] < low - slack || plan->values[i] > high + slack) continue;
        assert_true(found < result.pairs.count);
        assert_near(result.pairs.values[found], plan->values[i], planted_rounding(plan));
        found++;
    }
    assert_int_equal(found, result.pairs.count);
    const char *method = result.method;
    tw_interior_result_clear(&result);
    return method;
}

/* Distances of the planted values, ascending. */
static inline double *planted_distances(const planted *plan, double target) {
    double *distances = calloc(plan->n, sizeof *distances);
    for (size_t i = 0; i < plan->n; i++) distances[i] = fabs(plan->values[i] - target);
    qsort(distances, plan->n, sizeof *distances, planted_order);
    return distances;
}

static inline const char *check_nearest(planted *plan, double target, size_t count,
                                        const tw_interior_options *options) {
    tw_interior_result result;
    tw_linop A = planted_operator(plan);
    double *expected = planted_distances(plan, target), *found = calloc(count, sizeof *found);
    double slack = options->tolerance * planted_norm(plan);
    plan->products = 0;
    if (getenv("TEST_SHOW")) printf("%zu nearest to %g of %zu:\n", count, target, plan->n);
    assert_ok(tw_spectrum_nearest(&A, target, count, options, &result));
    if (count > plan->n) count = plan->n;
    check_interior_complete(plan, options, &result);
    assert_int_equal(result.pairs.count, count);
    for (size_t i = 0; i < count; i++) found[i] = fabs(result.pairs.values[i] - target);
    qsort(found, count, sizeof *found, planted_order);
    for (size_t i = 0; i < count; i++) /* two within the tolerance may stand for each other */
        assert_near(found[i], expected[i], 2.0 * slack);
    if (count < plan->n && expected[count] <= expected[count - 1] + slack)
        assert_true(result.cluster_cut);
    if (count == plan->n) assert_false(result.cluster_cut);
    const char *method = result.method;
    tw_interior_result_clear(&result);
    free(expected);
    free(found);
    return method;
}

#endif
