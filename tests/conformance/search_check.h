/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks every claim of a search result against the planted spectrum. */
#ifndef TEST_SEARCH_CHECK_H
#define TEST_SEARCH_CHECK_H

#include <thalweg/spectrum/spectrum.h>

#include "conformance/planted.h"
#include "support/test.h"

/* The i-th value from the wanted end. */
static inline double planted_from(const planted *plan, tw_end end, size_t i) {
    return plan->values[end == TW_END_SMALLEST ? i : plan->n - 1 - i];
}

/* Rounding of a product and of a sum of n terms. A Ritz value errs by residual^2 / gap, which the
 * engines push below that. */
static inline double planted_rounding(const planted *plan) {
    return ((double)plan->n + 10.0) * DBL_EPSILON * planted_norm(plan);
}

static inline void check_vectors(planted *plan, const tw_search_options *options,
                                 const tw_search_result *result) {
    const tw_eigenpairs *pairs = &result->pairs;
    size_t n = plan->n;
    double *image = calloc(n, sizeof *image);
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
            assert_near(dot, i == j, 20.0 * sqrt((double)n) * DBL_EPSILON);
        }
    }
    free(image);
}

/* Values, order, multiplicities (copy by copy), the cut and the value behind it. */
static inline void check_values(const planted *plan, const tw_search_options *options,
                                const tw_search_result *result) {
    size_t count = result->pairs.count;
    double rounding = planted_rounding(plan);
    for (size_t i = 0; i < count; i++) {
        size_t place = options->end == TW_END_SMALLEST ? i : count - 1 - i;
        assert_near(result->pairs.values[i], planted_from(plan, options->end, place), rounding);
    }
    if (count == plan->n) {
        assert_false(result->cluster_cut);
        return;
    }
    double inner = planted_from(plan, options->end, count - 1);
    double next = planted_from(plan, options->end, count);
    double same = 2.0 * options->tolerance * planted_norm(plan);
    assert_int_equal(result->cluster_cut, fabs(next - inner) <= same);
    assert_near(result->next, next, rounding);
}

/* Run the search and check a complete answer of `count` pairs; was the cluster cut? */
static inline bool check_search(planted *plan, const tw_search_options *options, size_t count) {
    tw_search_result result;
    tw_linop A = planted_operator(plan);
    plan->products = 0;
    assert_ok(tw_spectrum_search(&A, options, &result));
    assert_int_equal(result.products, plan->products);
    if (count == plan->n || result.reason != TW_SEARCH_COMPLETE)
        assert_int_equal(result.reason, TW_SEARCH_ALL);
    assert_int_equal(result.pairs.count, count);
    assert_true(result.norm <= planted_norm(plan) * (1.0 + 1e-12));
    assert_true(result.norm >= 0.5 * planted_norm(plan));
    check_values(plan, options, &result);
    check_vectors(plan, options, &result);
    bool cut = result.cluster_cut;
    tw_search_result_clear(&result);
    return cut;
}

#endif
