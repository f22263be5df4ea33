/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of claims: every row computed, each with each of its constants wrong once, and the
 * parts that decide. */
#include <thalweg/claims/claim_list.h>

#include "support/test.h"

#include <stdio.h>

/* Another value for each constant, and what the claim then is. */
static const struct {
    const char *id, *constant;
    double value;
    tw_claim_answer answer;
} wrong[] = {
    {"a", "bound", 0.95, TW_CLAIM_FAILS},    {"b", "bound", 0.95, TW_CLAIM_FAILS},
    {"c", "factor", 2.2, TW_CLAIM_FAILS},    {"c", "ratio", 1.6, TW_CLAIM_FAILS},
    {"h", "power", 0.95, TW_CLAIM_FAILS},    {"h", "spectral", 1.01, TW_CLAIM_FAILS},
    {"i", "outlier", 1.001, TW_CLAIM_FAILS}, {"i", "exponent", 1.0, TW_CLAIM_FAILS},
    {"i", "cross", 2.0, TW_CLAIM_FAILS},     {"j", "survivors", 1.0, TW_CLAIM_FAILS},
    {"j", "survivors", 3.0, TW_CLAIM_HOLDS}, {"k", "linear", 1.0001, TW_CLAIM_FAILS},
    {"k", "relu", 0.9, TW_CLAIM_FAILS},      {"l", "exponent", 0.51, TW_CLAIM_FAILS},
    {"d", "depth", 1.0, TW_CLAIM_FAILS},     {"e", "K-deep", 3.0, TW_CLAIM_FAILS},
    {"e", "K-two", 5.0, TW_CLAIM_FAILS},     {"f", "threshold", 1.05, TW_CLAIM_FAILS},
    {"f", "divisor", 1.0, TW_CLAIM_FAILS},   {"g", "rotations", 1.0, TW_CLAIM_HOLDS},
    {"g", "rotations", 0.5, TW_CLAIM_FAILS},
};
enum { WRONG = sizeof wrong / sizeof *wrong };

static bool slow(const char *id) {
    return strcmp(id, "e") == 0; /* tests/cli/verify.py computes it */
}

static tw_claim_result evaluate(const tw_claim *claim, const double *constants) {
    tw_claim_options options = TW_CLAIM_DEFAULTS;
    tw_claim_result result;
    options.quick = true;
    options.constants = constants;
    assert_ok(tw_claim_evaluate(claim, &options, &result));
    return result;
}

static void rows_are_whole(void **state) {
    (void)state;
    for (size_t i = 0; tw_claim_at(i); i++) {
        const tw_claim *claim = tw_claim_at(i);
        assert_ptr_equal(tw_claim_find(claim->id), claim);
        assert_true(strlen(claim->source) > 20 && strlen(claim->statement) > 40);
        assert_true(tw_claim_constants(claim) >= 1);
        for (size_t c = 0; c < tw_claim_constants(claim); c++) {
            bool tried = false;
            for (size_t w = 0; w < WRONG; w++)
                tried = tried || (strcmp(wrong[w].id, claim->id) == 0 &&
                                  strcmp(wrong[w].constant, claim->constants[c].name) == 0);
            if (!tried)
                fail_msg("claim %s: no wrong %s is tried", claim->id, claim->constants[c].name);
        }
    }
    assert_null(tw_claim_find("no such"));
}

static void wrong_constants_come_out(void **state) {
    (void)state;
    for (size_t w = 0; w < WRONG; w++) {
        const tw_claim *claim = tw_claim_find(wrong[w].id);
        double constants[TW_CLAIM_CONSTANTS] = {0};
        if (slow(claim->id)) continue;
        for (size_t c = 0; c < tw_claim_constants(claim); c++) {
            bool meant = strcmp(claim->constants[c].name, wrong[w].constant) == 0;
            constants[c] = meant ? wrong[w].value : claim->constants[c].value;
        }
        tw_claim_result result = evaluate(claim, constants);
        if (result.answer != wrong[w].answer)
            fail_msg("claim %s with %s = %g %s", claim->id, wrong[w].constant, wrong[w].value,
                     tw_claim_answer_name(result.answer));
    }
}

/* Every answer is the expected one, every comparison what its numbers say, and the answer what they
 * say together. */
static void answers_follow_from_figures(void **state) {
    (void)state;
    for (size_t i = 0; tw_claim_at(i); i++) {
        if (slow(tw_claim_at(i)->id)) continue;
        tw_claim_result r = evaluate(tw_claim_at(i), NULL);
        bool all = true;
        if (r.answer != tw_claim_at(i)->expected)
            fail_msg("claim %s %s: %s", tw_claim_at(i)->id, tw_claim_answer_name(r.answer),
                     r.doubt);
        assert_true(r.computed[0] != '\0' && r.figure_count > 0);
        for (size_t f = 0; f < r.figure_count; f++) {
            const tw_claim_figure *figure = &r.figures[f];
            double x = figure->value, y = figure->reference;
            const char *relation = figure->relation;
            bool holds = strcmp(relation, "=") == 0    ? fabs(x - y) <= figure->tolerance
                         : strcmp(relation, "<=") == 0 ? x <= y
                         : strcmp(relation, ">=") == 0 ? x >= y
                         : strcmp(relation, "<") == 0  ? x < y
                         : strcmp(relation, ">") == 0  ? x > y
                                                       : strcmp(relation, "") == 0;
            assert_int_equal(figure->holds, holds);
            all = all && holds;
        }
        if (!all) assert_int_equal(r.answer, TW_CLAIM_FAILS);
        if (all) assert_int_equal(r.answer, r.doubt[0] ? TW_CLAIM_UNDECIDED : TW_CLAIM_HOLDS);
    }
}

static bool stop(void *self, const char *stage, double done, double total) {
    (void)self;
    (void)stage;
    (void)done;
    (void)total;
    return true;
}

static void a_cancelled_claim_is_undecided(void **state) {
    (void)state;
    const tw_monitor monitor = {.report = stop};
    for (size_t i = 0; tw_claim_at(i); i++) {
        tw_claim_options options = TW_CLAIM_DEFAULTS;
        tw_claim_result result;
        options.monitor = &monitor;
        assert_ok(tw_claim_evaluate(tw_claim_at(i), &options, &result));
        assert_int_equal(result.answer, TW_CLAIM_UNDECIDED);
        assert_true(result.doubt[0] != '\0');
    }
}

static void constants_have_a_range(void **state) {
    (void)state;
    static const double values[] = {NAN, INFINITY, -1e7};
    tw_claim_options options = TW_CLAIM_DEFAULTS;
    tw_claim_result result;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const double constants[TW_CLAIM_CONSTANTS] = {values[i], 1.0, 1.0};
        options.constants = constants;
        assert_int_equal(tw_claim_evaluate(tw_claim_at(0), &options, &result), TW_ERR_ARGUMENT);
    }
}

static void lists_keep_the_order_of_the_table(void **state) {
    (void)state;
    tw_claim_list list = {0};
    assert_ok(tw_claim_list_init(&list, "f,a"));
    assert_int_equal(list.count, 2);
    assert_ptr_equal(list.claims[0].claim, tw_claim_find("a"));
    assert_ptr_equal(list.claims[1].claim, tw_claim_find("f"));
    assert_true(list.claims[1].constants[0] == tw_claim_find("f")->constants[0].value);
    assert_ok(tw_claim_list_set(&list, "a.bound=0.95,f.divisor=3"));
    assert_true(list.claims[0].constants[0] == 0.95);
    static const char *const bad[] = {"a.bound", "a.bound=", "a.bound=1x", "b.bound=1", "a=1", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(tw_claim_list_set(&list, bad[i]), TW_ERR_ARGUMENT);
    assert_true(list.claims[0].constants[0] == 0.95);
    assert_ok(tw_claim_list_evaluate(&list, &(tw_claim_options){.quick = true, .seed = 1}));
    assert_int_equal(list.claims[0].result.answer, TW_CLAIM_FAILS); /* as the bad constant is */
    assert_true(!tw_claim_is_expected(&list.claims[0]) && list.claims[0].seconds > 0.0);
    tw_claim_list_clear(&list);
    assert_int_equal(tw_claim_list_init(&list, "a,"), TW_ERR_ARGUMENT);
    assert_null(list.claims);
    assert_ok(tw_claim_list_init(&list, NULL));
    assert_null(tw_claim_at(list.count));
    tw_claim_list_clear(&list);
    tw_claim_list_clear(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(wrong_constants_come_out),
        cmocka_unit_test(answers_follow_from_figures),
        cmocka_unit_test(a_cancelled_claim_is_undecided),
        cmocka_unit_test(constants_have_a_range),
        cmocka_unit_test(lists_keep_the_order_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
