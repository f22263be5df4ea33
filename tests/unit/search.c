/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search driver: wishes beyond a count, deflation, budgets, cancellation, bad operators. */
#include "support/test.h"

#include <thalweg/base/monitor.h>

#include "conformance/search_check.h"

static const double six[][2] = {{0, 66},     {.005, 96},  {.01, 78},
                                {.1646, 64}, {.6285, 10}, {.6585, 6}};

static void beyond_gives_all_below_and_one_above(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.count = 1;
    options.beyond = 1e-3;
    check_search(&plan, &options, 67); /* 66 zeros and the first above */
    options.beyond = -1.0;             /* met by the first pair */
    check_search(&plan, &options, 1);
    options.end = TW_END_LARGEST;
    options.beyond = 0.3;
    check_search(&plan, &options, 17);
    options.count = 40; /* the wish is already met by the count */
    check_search(&plan, &options, 40);
    planted_free(&plan);
}

static void beyond_the_spectrum_finds_all_of_it(void **state) {
    (void)state;
    const double rows[][2] = {{-1, 3}, {2, 9}, {5, 20}};
    planted plan = planted_copies(3, rows, 7);
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.count = 2;
    options.beyond = 6.0;
    check_search(&plan, &options, 32);
    planted_free(&plan);
}

/* The projector onto the complement of the zero modes of a planted operator: U D U with D = 1
 * where the planted value is not 0. */
static planted keeper(const planted *plan) {
    planted keep = *plan;
    keep.values = calloc(plan->n, sizeof(double));
    keep.u = calloc(plan->n, sizeof(double));
    for (size_t i = 0; i < plan->n; i++) {
        keep.values[i] = plan->values[i] != 0.0;
        keep.u[i] = plan->u[i];
    }
    return keep;
}

static void deflated_zero_modes_stay_out_of_the_list(void **state) {
    (void)state;
    const double rows[][2] = {{-.1, 3}, {0, 200}, {.005, 5}, {.3, 40}, {.31, 60}};
    planted plan = planted_copies(5, rows, 3), keep = keeper(&plan);
    tw_linop A = planted_operator(&plan), P = planted_operator(&keep);
    for (size_t e = 0; tw_engine_at(e); e++) {
        tw_search_options options = TW_SEARCH_DEFAULTS;
        options.engine = tw_engine_at(e);
        options.count = 10;
        options.within.keep = &P;
        options.within.removed = 200;
        tw_search_result result;
        assert_ok(tw_spectrum_search(&A, &options, &result));
        assert_int_equal(result.reason, TW_SEARCH_COMPLETE);
        for (size_t i = 0; i < 10; i++)
            assert_near(result.pairs.values[i],
                        i < 3   ? -.1
                        : i < 8 ? .005
                                : .3,
                        planted_rounding(&plan));
        assert_true(result.cluster_cut);
        tw_search_result_clear(&result);
    }
    planted_free(&plan);
    planted_free(&keep);
}

/* All of what is kept, with and without its dimension told. */
static void the_deflated_space_can_be_exhausted(void **state) {
    (void)state;
    const double rows[][2] = {{-.1, 3}, {0, 30}, {.005, 5}};
    planted plan = planted_copies(3, rows, 3), keep = keeper(&plan);
    tw_linop A = planted_operator(&plan), P = planted_operator(&keep);
    for (size_t told = 0; told < 2; told++) {
        tw_search_options options = TW_SEARCH_DEFAULTS;
        options.count = 20;
        options.within.keep = &P;
        options.within.removed = told ? 30 : 0;
        tw_search_result result;
        assert_ok(tw_spectrum_search(&A, &options, &result));
        assert_int_equal(result.reason, TW_SEARCH_ALL);
        assert_int_equal(result.pairs.count, 8);
        assert_false(result.cluster_cut);
        assert_true(isnan(result.next));
        tw_search_result_clear(&result);
    }
    planted_free(&plan);
    planted_free(&keep);
}

/* At any budget the products stay within it and what is listed is verified. */
static void the_budget_is_kept(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    for (size_t e = 0; tw_engine_at(e); e++)
        for (size_t budget = 0; budget < 400; budget += 1 + budget / 4) {
            tw_search_options options = TW_SEARCH_DEFAULTS;
            options.engine = tw_engine_at(e);
            options.count = 70;
            options.budget.products = budget;
            tw_search_result result;
            plan.products = 0;
            assert_ok(tw_spectrum_search(&A, &options, &result));
            assert_int_equal(result.reason, TW_SEARCH_PRODUCTS);
            assert_int_equal(result.products, plan.products);
            assert_true(result.products <= budget);
            check_vectors(&plan, &options, &result);
            tw_search_result_clear(&result);
        }
    planted_free(&plan);
}

static bool stop_after(void *self, const char *stage, double done, double total) {
    size_t *calls = self;
    (void)stage;
    assert_true(done >= 0.0 && total > 0.0);
    return *calls == 0 || --*calls == 0;
}

static void the_monitor_ends_a_search(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    for (size_t e = 0; tw_engine_at(e); e++)
        for (size_t stop = 1; stop < 300; stop += 37) {
            size_t calls = stop;
            tw_monitor monitor = {stop_after, &calls};
            tw_search_options options = TW_SEARCH_DEFAULTS;
            options.engine = tw_engine_at(e);
            options.count = 70;
            options.budget.monitor = &monitor;
            tw_search_result result;
            assert_ok(tw_spectrum_search(&A, &options, &result));
            assert_int_equal(result.reason, TW_SEARCH_CANCELLED);
            check_vectors(&plan, &options, &result);
            tw_search_result_clear(&result);
        }
    planted_free(&plan);
}

static void bad_products_are_errors_and_clear_the_result(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    for (size_t e = 0; tw_engine_at(e); e++)
        for (size_t from = 1; from < 60; from += 4) {
            tw_search_options options = TW_SEARCH_DEFAULTS;
            options.engine = tw_engine_at(e);
            tw_search_result result;
            plan.products = 0;
            plan.nan_from = from;
            assert_int_equal(tw_spectrum_search(&A, &options, &result), TW_ERR_NUMERIC);
            assert_true(result.pairs.values == NULL && result.pairs.vectors == NULL);
            plan.products = plan.nan_from = 0;
            plan.fail_from = from;
            assert_int_equal(tw_spectrum_search(&A, &options, &result), TW_ERR_DATA);
            plan.fail_from = 0;
        }
    planted_free(&plan);
}

/* No pair can have a residual of 1e-30 ||A||: the search says so, and ends. */
static void an_impossible_tolerance_stalls(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    for (size_t e = 0; tw_engine_at(e); e++) {
        tw_search_options options = TW_SEARCH_DEFAULTS;
        options.engine = tw_engine_at(e);
        options.end = TW_END_LARGEST;
        options.tolerance = 1e-30;
        tw_search_result result;
        assert_ok(tw_spectrum_search(&A, &options, &result));
        assert_int_equal(result.reason, TW_SEARCH_STALLED);
        assert_int_equal(result.pairs.count, 0);
        tw_search_result_clear(&result);
    }
    planted_free(&plan);
}

static void the_same_seed_gives_the_same_answer(void **state) {
    (void)state;
    planted plan = planted_copies(6, six, 1);
    tw_linop A = planted_operator(&plan);
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.budget.seed = 4711;
    tw_search_result first, second;
    assert_ok(tw_spectrum_search(&A, &options, &first));
    assert_ok(tw_spectrum_search(&A, &options, &second));
    assert_int_equal(first.products, second.products);
    assert_memory_equal(first.pairs.vectors, second.pairs.vectors,
                        plan.n * first.pairs.count * sizeof(double));
    tw_search_result_clear(&first);
    tw_search_result_clear(&second);
    planted_free(&plan);
}

/* "All" would hang on a dimension that nobody looked after. */
static void a_wrong_dimension_is_no_complete_list(void **state) {
    (void)state;
    double values[50], kept[50];
    for (size_t i = 0; i < 50; i++) values[i] = i < 42 ? 0.0 : (double)i;
    for (size_t i = 0; i < 50; i++) kept[i] = i < 42 ? 0.0 : 1.0;
    planted plan = planted_make(50, values, 3), keep = planted_make(50, kept, 3);
    tw_linop A = planted_operator(&plan), P = planted_operator(&keep);
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result result;
    options.count = 10;
    options.within.removed = 47;
    assert_int_equal(tw_spectrum_search(&A, &options, &result), TW_ERR_ARGUMENT);
    assert_non_null(strstr(tw_last_error(), "3 of 50 dimensions without the projector"));
    for (size_t e = 0; tw_engine_at(e); e++) {
        options.engine = tw_engine_at(e);
        options.within = (tw_subspace){.keep = &P, .removed = 47}; /* it keeps 8, not 3 */
        assert_int_equal(tw_spectrum_search(&A, &options, &result), TW_ERR_DATA);
        assert_non_null(strstr(tw_last_error(), "more than the 3 of 50"));
        options.within.removed = 42;
        assert_ok(tw_spectrum_search(&A, &options, &result));
        assert_int_equal(result.reason, TW_SEARCH_ALL);
        assert_int_equal(result.pairs.count, 8);
        tw_search_result_clear(&result);
    }
    planted_free(&plan);
    planted_free(&keep);
}

static void an_unknown_engine_is_told_the_names(void **state) {
    (void)state;
    const double values[] = {1, 2, 3};
    planted plan = planted_make(3, values, 1);
    tw_linop A = planted_operator(&plan);
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result result;
    options.engine = "magic";
    assert_int_equal(tw_spectrum_search(&A, &options, &result), TW_ERR_ARGUMENT);
    assert_string_equal(tw_last_error(), "no engine \"magic\": there are lanczos, arpack");
    planted_free(&plan);
}

static void wrong_options_are_refused(void **state) {
    (void)state;
    const double values[] = {1, 2, 3};
    planted plan = planted_make(3, values, 1);
    tw_linop A = planted_operator(&plan), P = {.n = 2, .apply = planted_apply, .self = &plan};
    tw_search_options wrong[8];
    for (size_t i = 0; i < 8; i++) wrong[i] = TW_SEARCH_DEFAULTS;
    wrong[0].count = 0;
    wrong[1].tolerance = 0.0;
    wrong[2].tolerance = (double)NAN;
    wrong[3].engine = "magic";
    wrong[4].within.removed = 2; /* of what */
    wrong[5].confirmations = 0;
    wrong[6].within.removed = 4;
    wrong[7].within.keep = &P;
    tw_search_result result;
    for (size_t i = 0; i < 8; i++) {
        tw_status status = tw_spectrum_search(&A, &wrong[i], &result);
        assert_int_equal(status, i == 7 ? TW_ERR_SHAPE : TW_ERR_ARGUMENT);
        assert_true(strlen(tw_last_error()) > 5);
    }
    assert_int_equal(plan.products, 0);
    planted_free(&plan);
}

/* What little memory allows, with restarts, is the same list; and the cost is within it. */
static void little_memory_is_enough(void **state) {
    (void)state;
    enum { ORDER = 900, VECTORS = 24 };
    double values[ORDER];
    for (size_t i = 0; i < ORDER; i++) values[i] = sqrt((double)(i / 2));
    planted plan = planted_make(ORDER, values, 2);
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_cost free_cost, cost;
    tw_search_cost(ORDER, &options, &free_cost);
    options.budget.bytes = VECTORS * 8.0 * ORDER;
    tw_search_cost(ORDER, &options, &cost);
    assert_true(cost.bytes <= options.budget.bytes);
    assert_true(free_cost.bytes > 2.0 * options.budget.bytes);
    for (tw_end end = TW_END_SMALLEST; end <= TW_END_LARGEST; end++) {
        options.end = end;
        check_search(&plan, &options, options.count);
    }
    options.budget.bytes = 1.0; /* there is a least room */
    check_search(&plan, &options, options.count);
    planted_free(&plan);
}

/* One planted operator that judges, and one whose products are its drafts. */
typedef struct drafted {
    planted judge, look;
} drafted;

static tw_status drafted_apply(void *self, size_t k, const double *X, size_t ldx, double *Y,
                               size_t ldy) {
    return planted_apply(&((drafted *)self)->judge, k, X, ldx, Y, ldy);
}

static tw_status drafted_draft(void *self, size_t k, const double *X, size_t ldx, double *Y,
                               size_t ldy) {
    return planted_apply(&((drafted *)self)->look, k, X, ldx, Y, ldy);
}

/* Drafts look, the operator judges: right ones lead to the list for as many products of the
 * operator as it has pairs; those of another operator are found out, and the search does without.
 */
static void drafts_propose_and_products_judge(void **state) {
    (void)state;
    enum { ORDER = 300, SAME = 4, OTHER = 5 };
    double values[ORDER];
    for (size_t i = 0; i < ORDER; i++) values[i] = pow((double)(i / 3), 1.5);
    for (uint64_t seed = SAME; seed <= OTHER; seed++) {
        drafted d = {planted_make(ORDER, values, SAME), planted_make(ORDER, values, seed)};
        const tw_linop A = {.n = ORDER, .apply = drafted_apply, .self = &d, .draft = drafted_draft};
        tw_search_options options = TW_SEARCH_DEFAULTS;
        tw_search_result result;
        options.end = TW_END_LARGEST;
        assert_ok(tw_spectrum_search(&A, &options, &result));
        assert_int_equal(result.reason, TW_SEARCH_COMPLETE);
        assert_int_equal(result.pairs.count, options.count);
        for (size_t i = 0; i < result.pairs.count; i++)
            assert_near(result.pairs.values[i], d.judge.values[ORDER - result.pairs.count + i],
                        1e-11 * result.norm);
        assert_int_equal(result.products, d.judge.products + d.look.products);
        if (seed == SAME) assert_int_equal(d.judge.products, options.count);
        tw_search_result_clear(&result);
        planted_free(&d.judge);
        planted_free(&d.look);
    }
}

static void reasons_have_names(void **state) {
    (void)state;
    assert_string_equal(tw_search_reason_name(TW_SEARCH_COMPLETE), "complete");
    assert_string_equal(tw_search_reason_name(TW_SEARCH_CANCELLED), "cancelled");
    assert_string_equal(tw_search_reason_name((tw_search_reason)99), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beyond_gives_all_below_and_one_above),
        cmocka_unit_test(beyond_the_spectrum_finds_all_of_it),
        cmocka_unit_test(deflated_zero_modes_stay_out_of_the_list),
        cmocka_unit_test(the_deflated_space_can_be_exhausted),
        cmocka_unit_test(the_budget_is_kept),
        cmocka_unit_test(the_monitor_ends_a_search),
        cmocka_unit_test(bad_products_are_errors_and_clear_the_result),
        cmocka_unit_test(an_impossible_tolerance_stalls),
        cmocka_unit_test(the_same_seed_gives_the_same_answer),
        cmocka_unit_test(a_wrong_dimension_is_no_complete_list),
        cmocka_unit_test(an_unknown_engine_is_told_the_names),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(little_memory_is_enough),
        cmocka_unit_test(drafts_propose_and_products_judge),
        cmocka_unit_test(reasons_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
