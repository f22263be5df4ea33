/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grouping of ascending values. */
#include "support/test.h"

#include <thalweg/spectrum/levels.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/zero_rule.h>

static void values_are_grouped_with_their_evidence(void **state) {
    (void)state;
    const double values[] = {-1.0, -1.0, 0.0, 2.0, 2.0625, 2.125, 5.0};
    const double residuals[] = {1e-9, 3e-9, 0.0, 1e-8, 2e-8, 0.0, 7e-9};
    tw_level found[7];
    size_t count = 0;
    tw_clusters_find(7, values, residuals, 0.1, NULL, found, &count);
    assert_int_equal(count, 4);
    assert_true(found[0].value == -1.0 && found[0].copies == 2);
    assert_true(found[0].residual == 3e-9);
    assert_true(found[1].value == 0.0 && found[1].copies == 1);
    assert_true(found[2].value == 2.0625);
    assert_true(found[2].copies == 3 && found[2].residual == 2e-8);
    assert_true(found[3].residual == 7e-9);
}

static void equal_values_share_a_cluster_at_tolerance_zero(void **state) {
    (void)state;
    const double values[] = {0.0, 0.0, 0.0, 1.0};
    tw_level found[4];
    size_t count = 0;
    tw_clusters_find(4, values, NULL, 0.0, NULL, found, &count);
    assert_int_equal(count, 2);
    assert_int_equal(found[0].copies, 3);
    assert_true(found[0].residual == 0.0);
}

static void members_are_linked_by_neighbours(void **state) {
    (void)state;
    const double values[] = {1.0, 1.5, 2.0, 2.75};
    tw_level found[4];
    size_t count = 0;
    tw_clusters_find(4, values, NULL, 0.5, NULL, found, &count);
    assert_int_equal(count, 2);
    assert_true(found[0].value == 1.5 && found[0].copies == 3);
}

static void the_mean_of_equal_members_is_their_value(void **state) {
    (void)state;
    double values[7];
    for (size_t i = 0; i < 7; i++) values[i] = 0.1;
    tw_level found[7];
    size_t count = 0;
    tw_clusters_find(7, values, NULL, 0.0, NULL, found, &count);
    assert_true(count == 1 && found[0].value == 0.1);
}

static void no_values_make_no_clusters(void **state) {
    (void)state;
    size_t count = 5;
    tw_clusters_find(0, NULL, NULL, 1.0, NULL, NULL, &count);
    assert_int_equal(count, 0);
}

static void clearing_pairs_is_idempotent_and_takes_null(void **state) {
    (void)state;
    tw_eigenpairs pairs = {.n = 1, .count = 1, .values = calloc(1, sizeof(double))};
    tw_eigenpairs_clear(&pairs);
    tw_eigenpairs_clear(&pairs);
    tw_eigenpairs_clear(NULL);
    assert_true(pairs.values == NULL && pairs.count == 0);
}

/* Neighbours that the rule for zero tells apart are no cluster, whatever the tolerance. */
static void a_rule_keeps_zeros_apart(void **state) {
    (void)state;
    const double values[6] = {-4e-11, -4e-11, -1e-16, 2e-16, 3e-11, 1.0};
    const tw_zero_evidence evidence = {.rounding = 1e-15};
    tw_zero_rule rule = tw_zero_rule_make(&evidence, TW_ZERO_GAP);
    tw_level found[6];
    size_t count = 0;
    tw_clusters_find(6, values, NULL, 1e-9, &rule, found, &count);
    const size_t copies[4] = {2, 2, 1, 1};
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++) assert_int_equal(found[i].copies, copies[i]);
    tw_clusters_find(6, values, NULL, 1e-9, NULL, found, &count);
    assert_int_equal(count, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_grouped_with_their_evidence),
        cmocka_unit_test(equal_values_share_a_cluster_at_tolerance_zero),
        cmocka_unit_test(members_are_linked_by_neighbours),
        cmocka_unit_test(the_mean_of_equal_members_is_their_value),
        cmocka_unit_test(no_values_make_no_clusters),
        cmocka_unit_test(clearing_pairs_is_idempotent_and_takes_null),
        cmocka_unit_test(a_rule_keeps_zeros_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
