/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs: cut short and taken up they end in the same bits; what has begun is not contradicted. */
#include <thalweg/examination/run_outcome.h>
#include <thalweg/model/dufm_json.h>

#include "support/scratch.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static tw_json *json_of(const char *text) {
    tw_json *json = NULL;
    assert_ok(tw_json_parse(text, strlen(text), &json));
    return json;
}

static tw_dufm model_of(const char *more) {
    char text[256];
    tw_dufm model = {0};
    snprintf(text, sizeof text, "{\"classes\":3,\"samples\":4,\"width\":5%s%s}",
             strstr(more, "depth") ? "" : ",\"depth\":2", more);
    tw_json *json = json_of(text);
    assert_ok(tw_dufm_from_json(json, &model));
    tw_json_destroy(json);
    return model;
}

#define RIDGES ",\"lambda\":0.01"

/* Ends the descent at the third report and at every later one. */
static bool cut(void *self, const char *stage, double done, double total) {
    size_t *reports = self;
    (void)stage;
    (void)done;
    (void)total;
    return ++*reports > 2;
}

static void begin(tw_run *run, const char *path, const char *given, const tw_monitor *monitor) {
    tw_dufm model = model_of(RIDGES);
    tw_json *json = json_of(given);
    *run = (tw_run){.output = path, .rank_tolerance = 1e-3, .monitor = monitor};
    assert_ok(tw_run_begin(run, &model, json));
    assert_null(model.widths); /* taken over */
    tw_json_destroy(json);
    assert_ok(tw_run_descend(run));
    assert_ok(tw_run_write(run));
}

static const char *const methods[] = {"gd", "sgd", "adam", "lbfgs", "newton", "flow"};

static void a_run_cut_short_ends_in_the_same_bits(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char given[200], whole_path[256], cut_path[256];
        tw_run whole, first, second = {.output = cut_path, .rank_tolerance = 1e-3};
        size_t reports = 0;
        const tw_monitor monitor = {cut, &reports};
        snprintf(whole_path, sizeof whole_path, "%s", scratch_path("whole.safetensors"));
        snprintf(cut_path, sizeof cut_path, "%s", scratch_path("cut.safetensors"));
        snprintf(given, sizeof given,
                 "{\"method\":\"%s\",\"steps\":40,\"checkpoint\":4,\"tolerance\":1e-300,"
                 "\"seed\":5,\"restart\":2,\"init\":\"normal:0.5\"}",
                 methods[i]);
        begin(&whole, whole_path, given, NULL);
        begin(&first, cut_path, given, &monitor);
        assert_int_equal(first.result.reason, TW_DESCENT_CANCELLED);
        assert_ok(tw_run_take_up(&second, cut_path, NULL));
        assert_int_equal(second.restart, 2);
        assert_true(second.options.segment == 4 && second.method == whole.method);
        assert_ok(tw_run_descend(&second));
        assert_int_equal(second.result.reason, whole.result.reason);
        assert_memory_equal(second.point.theta, whole.point.theta,
                            whole.objective.n * sizeof(double));
        tw_run_clear(&whole);
        tw_run_clear(&first);
        tw_run_clear(&second);
        tw_run_clear(&second);
    }
}

/* What a short run of the model with `more` members led to. */
static tw_run_outcome outcome_of(const char *more, const char *given) {
    tw_run run = {.output = scratch_path("judged.safetensors"), .rank_tolerance = 1e-3};
    tw_dufm model = model_of(more);
    tw_json *json = json_of(given);
    tw_run_outcome outcome = {0};
    assert_ok(tw_run_begin(&run, &model, json));
    assert_ok(tw_run_descend(&run));
    assert_ok(tw_run_judge(&run, &outcome));
    tw_json_destroy(json);
    tw_run_clear(&run);
    return outcome;
}

/* Descent comes to a minimum or is cut short; from zero it does not move, which is a saddle of one
 * layer with a small ridge and the minimum of two. */
static void outcomes_are_judged(void **state) {
    (void)state;
    static const struct {
        const char *more, *given;
        bool reached, judged, negative;
    } cases[] = {
        {RIDGES, "{}", true, false, false},
        {RIDGES, "{\"steps\":1}", false, false, false},
        {RIDGES, "{\"method\":\"gd\",\"t_end\":0.5}", true, false, false},
        {RIDGES, "{\"init\":\"zero\"}", true, true, false},
        {RIDGES ",\"depth\":1", "{\"init\":\"zero\"}", false, true, true},
        {RIDGES, "{\"method\":\"gd\",\"steps\":50,\"tolerance\":1e-9,\"polish\":true}", true, false,
         false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tw_run_outcome o = outcome_of(cases[i].more, cases[i].given);
        if (o.reached != cases[i].reached || o.judged != cases[i].judged ||
            o.lowest.negative != cases[i].negative)
            fail_msg("case %zu: reached %d, judged %d, negative %d", i, o.reached, o.judged,
                     o.lowest.negative);
        assert_false(o.has_direction || o.has_kinks);
    }
    const tw_run_outcome relu =
        outcome_of(RIDGES ",\"activation\":\"relu\"", "{\"init\":\"zero\"}");
    assert_true(relu.has_kinks && relu.clarke.on_kink > 0 && !relu.judged);
    const tw_run_outcome free = outcome_of(",\"lambda\":0", "{\"method\":\"gd\",\"t_end\":3}");
    assert_true(free.has_direction && free.direction.separation.bound > 0.0);
}

static void refuses(tw_status status, const char *part) {
    assert_int_not_equal(status, TW_OK);
    if (strstr(tw_last_error(), part) == NULL) fail_msg("%s: no '%s'", tw_last_error(), part);
}

static void contradictions_are_refused(void **state) {
    (void)state;
    char path[256];
    tw_run run;
    size_t reports = 0;
    const tw_monitor monitor = {cut, &reports};
    static const struct {
        const char *given, *part;
    } wrong[] = {{"{\"method\":\"adam\"}", "begun with 'gd'"},
                 {"{\"init\":\"zero\"}", "begun with 'normal:0.5'"},
                 {"{\"seed\":2}", "seed: the run was begun with 1"},
                 {"{\"batch\":2}", "batch goes with method sgd, adam; this is gd"},
                 {"{\"every\":2}", "every goes with a trajectory"},
                 {"{\"smooth\":true}", "relu, not for linear"}};
    snprintf(path, sizeof path, "%s", scratch_path("begun.safetensors"));
    begin(&run, path, "{\"method\":\"gd\",\"init\":\"normal:0.5\"}", &monitor);
    tw_run_clear(&run);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        tw_json *given = json_of(wrong[i].given);
        run = (tw_run){.output = path, .rank_tolerance = 1e-3};
        refuses(tw_run_take_up(&run, path, given), wrong[i].part);
        tw_run_clear(&run);
        tw_json_destroy(given);
    }
}

static void a_run_that_has_ended_is_not_taken_up(void **state) {
    (void)state;
    char path[256];
    tw_run run;
    snprintf(path, sizeof path, "%s", scratch_path("ended.safetensors"));
    begin(&run, path, "{\"method\":\"newton\"}", NULL);
    assert_int_equal(run.result.reason, TW_DESCENT_CONVERGED);
    tw_run_clear(&run);
    run = (tw_run){.output = path, .rank_tolerance = 1e-3};
    refuses(tw_run_take_up(&run, path, NULL), "the one in it has ended");
    tw_run_clear(&run);
}

/* ---- Models from members ---- */

static void models_are_refused_by_the_member(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } wrong[] = {
        {"{\"samples\":1,\"width\":2,\"depth\":1,\"lambda\":1}", "'classes' is missing"},
        {"{\"classes\":1,\"samples\":1,\"width\":2,\"depth\":1,\"lambda\":1}", "'classes' is 1"},
        {"{\"classes\":3,\"width\":2,\"depth\":1,\"lambda\":1}", "'samples' is missing"},
        {"{\"classes\":3,\"samples\":[1,2],\"width\":2,\"depth\":1,\"lambda\":1}",
         "lists 2 numbers where 3"},
        {"{\"classes\":3,\"samples\":0,\"width\":2,\"depth\":1,\"lambda\":1}", "'samples' needs"},
        {"{\"classes\":3,\"samples\":1,\"width\":2.5,\"depth\":1,\"lambda\":1}", "'width' needs"},
        {"{\"classes\":3,\"samples\":1,\"width\":2,\"lambda\":1}", "'depth' is missing"},
        {"{\"classes\":3,\"samples\":1,\"depth\":1,\"lambda\":1}", "'width' or 'widths'"},
        {"{\"classes\":3,\"samples\":1,\"widths\":[2,3],\"depth\":1,\"lambda\":1}",
         "2 widths, but the depth is 1"},
        {"{\"classes\":3,\"samples\":1,\"widths\":[2],\"width\":2,\"lambda\":1}", "exclude"},
        {"{\"classes\":3,\"samples\":1,\"width\":2,\"depth\":1}", "'lambda'"},
        {"{\"classes\":3,\"samples\":1,\"width\":2,\"depth\":1,\"lambda\":-1}", "'lambda'"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        tw_dufm model = {0};
        tw_json *json = json_of(wrong[i].text);
        refuses(tw_dufm_from_json(json, &model), wrong[i].part);
        assert_null(model.widths);
        tw_json_destroy(json);
    }
}

static void a_wide_model_keeps_all_but_its_widths(void **state) {
    (void)state;
    tw_dufm narrow = model_of(",\"lambda_W\":[0.1,0.2],\"lambda_H\":0.3,\"loss\":\"mse\""), wide;
    tw_json *json = json_of("{\"widths\":[9,8]}");
    assert_ok(tw_dufm_widen(&narrow, json, &wide));
    assert_true(wide.widths[0] == 9 && wide.widths[1] == 8 && wide.widths[2] == 3);
    memcpy(wide.widths, narrow.widths, 3 * sizeof *wide.widths);
    assert_null(tw_dufm_difference(&narrow, &wide));
    tw_dufm_clear(&narrow);
    tw_dufm_clear(&wide);
    tw_json_destroy(json);
}

static void models_are_alike_where_parameters_mean_the_same(void **state) {
    (void)state;
    tw_dufm a = model_of(",\"lambda\":0.1,\"loss\":\"mse\""), b = model_of(",\"lambda\":0.2");
    assert_true(tw_dufm_is_alike(&a, &b));
    assert_non_null(tw_dufm_difference(&a, &b));
    b.widths[1]++;
    assert_false(tw_dufm_is_alike(&a, &b));
    b.widths[1]--;
    b.labels[0] = b.labels[b.samples - 1]; /* another class than the first */
    assert_false(tw_dufm_is_alike(&a, &b));
    b.labels[0] = a.labels[0];
    b.bias = !b.bias;
    assert_false(tw_dufm_is_alike(&a, &b));
    tw_dufm_clear(&a);
    tw_dufm_clear(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_cut_short_ends_in_the_same_bits),
        cmocka_unit_test(outcomes_are_judged),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(a_run_that_has_ended_is_not_taken_up),
        cmocka_unit_test(models_are_refused_by_the_member),
        cmocka_unit_test(a_wide_model_keeps_all_but_its_widths),
        cmocka_unit_test(models_are_alike_where_parameters_mean_the_same),
    };
    return cmocka_run_group_tests_name("run", tests, scratch_setup, scratch_teardown);
}
