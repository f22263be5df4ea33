/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for critical points: what it finds where that is known, and that a run which was ended
 * goes on to the same points. */
#include <thalweg/campaign/critical.h>

#include <stdio.h>
#include <thalweg/curvature/degeneracy.h>

#include "support/built.h"
#include "support/scratch.h"
#include "support/test.h"

static const test_case shallow = {"ce", "linear", 3, 1, 3, 1, 0.03};

static bool same_or_unknown(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static void assert_same_points(const tw_critical_result *a, const tw_critical_result *b) {
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->starts, b->starts);
    assert_int_equal(a->converged, b->converged);
    for (size_t i = 0; i < a->count; i++) {
        const tw_finding *p = &a->points[i], *q = &b->points[i];
        size_t bytes = p->parameters * sizeof *p->theta;
        assert_string_equal(p->name, q->name);
        assert_string_equal(p->verdict, q->verdict);
        assert_string_equal(p->doubt, q->doubt);
        assert_int_equal(p->index, q->index);
        assert_int_equal(p->found, q->found);
        assert_int_equal(p->first, q->first);
        assert_int_equal(p->certified, q->certified);
        assert_memory_equal(p->theta, q->theta, bytes);
        assert_true((p->direction == NULL) == (q->direction == NULL));
        if (p->direction) assert_memory_equal(p->direction, q->direction, bytes);
        assert_true(same_or_unknown(p->rayleigh_upper, q->rayleigh_upper));
        assert_true(same_or_unknown(p->decrease, q->decrease));
    }
}

/* L = 1: the minimum, and strict saddles with a proof. */
static void shallow_points(void **state) {
    (void)state;
    tw_dufm model = test_model(&shallow);
    tw_critical_options options = TW_CRITICAL_DEFAULTS;
    tw_critical_result result;
    size_t minima = 0, found = 0;
    options.starts = 40;
    assert_ok(tw_critical_search(&model, &options, NULL, &result));
    assert_int_equal(result.starts, 40);
    assert_false(result.cancelled);
    for (size_t i = 0; i < result.count; i++) {
        const tw_finding *p = &result.points[i];
        bool minimum = strcmp(p->verdict, tw_verdict_name(TW_VERDICT_MINIMUM)) == 0;
        minima += minimum;
        found += p->found;
        assert_int_equal(minimum, strcmp(p->name, "dnc") == 0);
        assert_int_equal(p->certified, !minimum);
        assert_int_equal(p->index > 0, !minimum);
        if (minimum) continue;
        assert_true(p->rayleigh_upper < 0.0 && p->decrease > 0.0);
        assert_near(p->rayleigh, p->smallest, 1e-13 * p->norm);
    }
    assert_int_equal(minima, 1);
    assert_int_equal(found, result.converged);
    assert_true(result.count >= 4); /* of rank 0, 1 and 2 */
    tw_critical_result_clear(&result);
    tw_critical_result_clear(&result);
    tw_dufm_clear(&model);
}

/* mse: directions of a projector are a family, which is one point. */
static void family(void **state) {
    (void)state;
    const test_case c = {"mse", "linear", 3, 1, 3, 1, 0.05};
    tw_dufm model = test_model(&c);
    tw_critical_options options = TW_CRITICAL_DEFAULTS;
    tw_critical_result result;
    size_t ranks[4] = {0};
    options.starts = 40;
    assert_ok(tw_critical_search(&model, &options, NULL, &result));
    for (size_t i = 0; i < result.count; i++) ranks[result.points[i].rank]++;
    for (size_t r = 0; r <= 3; r++) assert_int_equal(ranks[r], 1);
    tw_critical_result_clear(&result);
    tw_dufm_clear(&model);
}

/* Ends the search after so many starts. */
typedef struct limit {
    size_t starts;
} limit;

static bool end_after(void *self, const char *stage, double done, double total) {
    (void)stage;
    (void)total;
    return done >= (double)((const limit *)self)->starts + 0.01;
}

static void ended_and_gone_on_with(void **state) {
    (void)state;
    const char *path = scratch_path("critical.db");
    tw_dufm model = test_model(&shallow);
    tw_critical_options options = TW_CRITICAL_DEFAULTS;
    tw_critical_result whole, part, rest, read;
    tw_findings *findings;
    limit after = {9};
    const tw_monitor monitor = {end_after, &after};
    options.starts = 24;
    assert_ok(tw_critical_search(&model, &options, NULL, &whole));

    assert_ok(tw_findings_open(path, TW_STORE_CREATE, &findings));
    assert_null(tw_findings_plan(findings));
    assert_ok(tw_findings_begin(findings, "plan"));
    options.monitor = &monitor;
    assert_ok(tw_critical_search(&model, &options, findings, &part));
    assert_true(part.cancelled);
    assert_int_equal(part.starts, 9);
    tw_findings_close(findings);

    options.monitor = NULL;
    assert_ok(tw_findings_open(path, TW_STORE_WRITE, &findings));
    assert_string_equal(tw_findings_plan(findings), "plan");
    assert_int_equal(tw_findings_begin(findings, "another"), TW_ERR_DATA);
    assert_ok(tw_findings_begin(findings, "plan"));
    assert_ok(tw_critical_search(&model, &options, findings, &rest));
    assert_same_points(&whole, &rest);
    for (size_t i = 1; i < whole.count; i++)
        assert_true(whole.points[i - 1].loss <= whole.points[i].loss);
    assert_ok(tw_critical_search(&model, &options, findings, &read)); /* nothing is left to do */
    assert_same_points(&whole, &read);
    tw_findings_close(findings);

    tw_critical_result *all[] = {&whole, &part, &rest, &read};
    for (size_t i = 0; i < 4; i++) tw_critical_result_clear(all[i]);
    tw_dufm_clear(&model);
}

static void refused(void **state) {
    (void)state;
    const char *path = scratch_path("campaign.db");
    tw_store *store;
    tw_findings *findings;
    assert_ok(tw_store_open(path, TW_STORE_CREATE, &store));
    tw_store_close(store);
    assert_int_equal(tw_findings_open(path, TW_STORE_WRITE, &findings), TW_ERR_FORMAT);
    assert_non_null(strstr(tw_last_error(), "no search for critical points"));

    path = scratch_path("other.db");
    assert_ok(tw_findings_open(path, TW_STORE_CREATE, &findings));
    tw_findings_close(findings);
    assert_int_equal(tw_store_open(path, TW_STORE_WRITE, &store), TW_ERR_FORMAT);

    const test_case large = {"ce", "linear", 4, 1, 64, 1, 0.01};
    test_case beyond = large;
    beyond.width = 257; /* 8 * 257 parameters */
    tw_dufm model = test_model(&beyond);
    tw_critical_options options = TW_CRITICAL_DEFAULTS;
    tw_critical_result result;
    assert_int_equal(tw_critical_search(&model, &options, NULL, &result), TW_ERR_UNSUPPORTED);
    tw_dufm_clear(&model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shallow_points),
        cmocka_unit_test(family),
        cmocka_unit_test(ended_and_gone_on_with),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
