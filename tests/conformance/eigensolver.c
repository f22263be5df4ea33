/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every engine of the table finds planted spectra exactly: values, copies, cut, evidence. */
#include "support/test.h"

#include "conformance/search_check.h"

/* Both ends by all engines. */
static void check_everywhere(planted *plan, size_t count, uint64_t seed) {
    size_t expected = count < plan->n ? count : plan->n;
    for (size_t e = 0; tw_engine_at(e); e++)
        for (int end = TW_END_SMALLEST; end <= TW_END_LARGEST; end++) {
            tw_search_options options = TW_SEARCH_DEFAULTS;
            options.engine = tw_engine_at(e);
            options.end = (tw_end)end;
            options.count = count;
            options.budget.seed = seed;
            check_search(plan, &options, expected);
        }
}

static void check_copies(size_t rows, const double (*row)[2], size_t most) {
    planted plan = planted_copies(rows, row, rows);
    for (size_t count = 1; count <= most; count += 1 + count / 3)
        check_everywhere(&plan, count, count);
    planted_free(&plan);
}

static void the_table_names_its_engines(void **state) {
    (void)state;
    assert_string_equal(tw_engine_at(0), "lanczos");
    assert_string_equal(tw_engine_at(1), "arpack");
    assert_null(tw_engine_at(2));
}

static void tiny_orders_are_found_whole(void **state) {
    (void)state;
    const double values[] = {3, -1, 3, 0, 0, 1e-7, 2, 2, 2, -1};
    const size_t orders[] = {1, 2, 3, 5, 10};
    for (size_t o = 0; o < 5; o++) {
        planted plan = planted_make(orders[o], values, o);
        for (size_t count = 1; count <= orders[o] + 1; count++) check_everywhere(&plan, count, 1);
        planted_free(&plan);
    }
}

static void one_value_only(void **state) {
    (void)state;
    const double identity[][2] = {{1, 100}}, zero[][2] = {{0, 100}}, negative[][2] = {{-7, 300}};
    check_copies(1, identity, 100);
    check_copies(1, zero, 30);
    check_copies(1, negative, 30);
}

static void rank_one(void **state) {
    (void)state;
    const double up[][2] = {{0, 199}, {3, 1}}, down[][2] = {{-2, 1}, {0, 199}};
    check_copies(2, up, 20);
    check_copies(2, down, 20);
}

/* Second differences on n points: 4 sin^2(pi j / (2 (n + 1))), j = 1..n. */
static void second_differences(void **state) {
    (void)state;
    enum { N = 150 };
    double values[N];
    for (int j = 0; j < N; j++)
        values[j] = 4.0 * pow(sin(acos(-1.0) * (j + 1) / (2.0 * (N + 1))), 2);
    planted plan = planted_make(N, values, 2);
    for (size_t count = 1; count <= 20; count += 5) check_everywhere(&plan, count, count);
    planted_free(&plan);
}

/* The spectrum that makes plain ARPACK drop copies; cuts through clusters included. */
static void six_values(void **state) {
    (void)state;
    const double six[][2] = {{0, 66}, {.005, 96}, {.01, 78}, {.1646, 64}, {.6285, 10}, {.6585, 6}};
    const size_t counts[] = {1, 5, 6, 7, 15, 16, 17, 40, 65, 66, 67, 80};
    planted plan = planted_copies(6, six, 5);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        check_everywhere(&plan, counts[i], i);
    planted_free(&plan);
}

static void scaling_changes_no_count(void **state) {
    (void)state;
    for (int power = -9; power <= 9; power += 3) {
        double scale = pow(10.0, power);
        const double rows[][2] = {{-.02 * scale, 4},  {-.01 * scale, 1}, {0, 50},
                                  {.0025 * scale, 9}, {.3 * scale, 70},  {.31 * scale, 3}};
        planted plan = planted_copies(6, rows, 6);
        check_everywhere(&plan, 5, 1);
        check_everywhere(&plan, 20, 2);
        planted_free(&plan);
    }
}

/* Neighbours at 1e-10 of the norm are ten tolerances apart: told apart, and no copy lost. */
static void tight_clusters_are_resolved(void **state) {
    (void)state;
    const double rows[][2] = {{-1, 3},        {-1 + 1e-10, 4}, {0, 60}, {.5, 40},
                              {1 - 2e-10, 2}, {1 - 1e-10, 3},  {1, 5}};
    check_copies(7, rows, 12);
}

/* A bulk without gaps and clusters of 1 and 9 copies above it. */
static void clusters_above_a_bulk(void **state) {
    (void)state;
    enum { N = 800 };
    double values[N];
    tw_random stream;
    tw_random_init(&stream, 3, TW_PURPOSE_TEST, 0);
    for (size_t i = 0; i < N; i++) values[i] = i < 9 ? 1.2 : tw_random_uniform(&stream);
    values[9] = 1.5;
    planted plan = planted_make(N, values, 2);
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.end = TW_END_LARGEST;
    for (size_t e = 0; tw_engine_at(e); e++)
        for (options.count = 1; options.count <= 12; options.count += 3) {
            options.engine = tw_engine_at(e);
            check_search(&plan, &options, options.count);
        }
    planted_free(&plan);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_names_its_engines),
        cmocka_unit_test(tiny_orders_are_found_whole),
        cmocka_unit_test(one_value_only),
        cmocka_unit_test(rank_one),
        cmocka_unit_test(second_differences),
        cmocka_unit_test(six_values),
        cmocka_unit_test(scaling_changes_no_count),
        cmocka_unit_test(tight_clusters_are_resolved),
        cmocka_unit_test(clusters_above_a_bulk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
