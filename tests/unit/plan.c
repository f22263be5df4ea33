/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans and settings: what they say, and what they may not say. */
#include "support/test.h"

#include <string.h>
#include <thalweg/campaign/plan.h>
#include <thalweg/campaign/setting.h>

#define SMALL                                                                                      \
    "\"classes\":4,\"samples\":1,\"width\":6,\"depth\":3,\"lambda\":0.002,"                        \
    "\"init\":\"normal-fanin:0.6\""

static tw_plan plan_of(const char *text) {
    tw_json *json = NULL;
    tw_plan plan = {0};
    assert_ok(tw_json_parse(text, strlen(text), &json));
    assert_ok(tw_plan_from_json(json, &plan));
    tw_json_destroy(json);
    return plan;
}

/* ---- Plans ---- */

static void a_grid_is_every_combination_once(void **state) {
    (void)state;
    tw_plan plan = plan_of("{\"a\":[1,2],\"restarts\":7,\"b\":\"x\",\"c\":[[3,4],5,\"y\"]}");
    const char *expected[] = {
        "{\"a\":1,\"b\":\"x\",\"c\":[3,4]}", "{\"a\":1,\"b\":\"x\",\"c\":5}",
        "{\"a\":1,\"b\":\"x\",\"c\":\"y\"}", "{\"a\":2,\"b\":\"x\",\"c\":[3,4]}",
        "{\"a\":2,\"b\":\"x\",\"c\":5}",     "{\"a\":2,\"b\":\"x\",\"c\":\"y\"}"};
    assert_int_equal(plan.count, 6);
    assert_int_equal(plan.restarts, 7);
    for (size_t i = 0; i < 6; i++) assert_string_equal(plan.settings[i], expected[i]);
    tw_plan_clear(&plan);
    tw_plan_clear(&plan);
}

static void wrong_plans_are_refused(void **state) {
    (void)state;
    const char *wrong[] = {"[]", "{\"a\":[]}", "{\"restarts\":0}", "{\"restarts\":\"7\"}",
                           "{\"restarts\":1.5}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        tw_json *json = NULL;
        tw_plan plan = {0};
        assert_ok(tw_json_parse(wrong[i], strlen(wrong[i]), &json));
        assert_int_equal(tw_plan_from_json(json, &plan), TW_ERR_DATA);
        assert_null(plan.settings);
        tw_json_destroy(json);
    }
}

/* 10,000 settings with the same title of 20,000 bytes. */
static void a_plan_does_not_multiply_its_text_without_end(void **state) {
    (void)state;
    enum { VALUES = 10000, TITLE = 20000 };
    static char title[TITLE + 1];
    memset(title, 'x', TITLE);
    tw_json *json = tw_json_object(), *axis = tw_json_array();
    for (size_t i = 0; i < VALUES; i++) assert_ok(tw_json_append(axis, tw_json_integer(1)));
    assert_ok(tw_json_set(json, "seed", axis));
    assert_ok(tw_json_set(json, "title", tw_json_string(title)));
    tw_plan plan = {0};
    assert_int_equal(tw_plan_from_json(json, &plan), TW_ERR_DATA);
    assert_null(plan.settings);
    tw_json_destroy(json);
}

static void differences_name_what_differs(void **state) {
    (void)state;
    char text[200];
    assert_ok(tw_plan_difference("{\"a\":1,\"b\":[2,3],\"c\":4}", "{\"b\":[2,4],\"a\":1,\"d\":5}",
                                 text, sizeof text));
    assert_string_equal(text,
                        "b: [2,3] against [2,4]; c: 4 against nothing; "
                        "d: nothing against 5");
    assert_ok(tw_plan_difference("{\"a\":1}", "{\"a\":1}", text, sizeof text));
    assert_string_equal(text, "");
    char small[12]; /* cut, never overrun */
    assert_ok(tw_plan_difference("{\"a\":1}", "{\"a\":2}", small, sizeof small));
    assert_int_equal(strlen(small), sizeof small - 1);
}

/* ---- Settings ---- */

static void settings_say_what_they_mean(void **state) {
    (void)state;
    tw_setting s = {0};
    assert_ok(
        tw_setting_parse("{\"classes\":3,\"samples\":[1,2,4],\"widths\":[5,6],\"lambda\":0.1,"
                         "\"lambda_W\":[0.2,0.3],\"loss\":\"mse\",\"activation\":\"tanh\","
                         "\"method\":\"gd\",\"lr\":0.5,\"steps\":12,\"seed\":9,"
                         "\"polish\":false}",
                         &s));
    const int labels[] = {0, 1, 1, 2, 2, 2, 2};
    assert_int_equal(s.model.layers, 2);
    assert_int_equal(s.model.samples, 7);
    assert_memory_equal(s.model.labels, labels, sizeof labels);
    assert_true(s.model.widths[0] == 5 && s.model.widths[1] == 6 && s.model.widths[2] == 3);
    assert_true(s.model.lambda_W[0] == 0.2 && s.model.lambda_W[1] == 0.3);
    assert_true(s.model.lambda_H == 0.1 && !s.polish && s.descent.rate == 0.5);
    assert_true(s.descent.max_steps == 12 && s.descent.seed == 9);
    tw_setting_clear(&s);
    const char *wrong[] = {"{" SMALL ",\"widht\":3}",
                           "{" SMALL ",\"method\":\"sdg\"}",
                           "{" SMALL ",\"lr\":-1}",
                           "{" SMALL ",\"steps\":\"many\"}",
                           "{" SMALL ",\"loss\":\"hinge\"}",
                           "{" SMALL ",\"lambda_W\":[1,2]}",
                           "{" SMALL ",\"polish\":1}",
                           "{\"classes\":4}",
                           "{" SMALL ",\"init\":\"gauss:1\"}",
                           "{" SMALL ",\"count_limit\":40000}",
                           "{" SMALL ",\"around\":\"a.h5\"}",
                           "{" SMALL ",\"around\":\"/no/such.h5\",\"radius\":1}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        tw_setting none = {0};
        assert_int_not_equal(tw_setting_parse(wrong[i], &none), TW_OK);
        assert_null(none.model.widths);
    }
}

/* Sizes that no memory holds are refused before anything of these sizes is taken: P, and N times a
 * width that is small itself. */
static void hostile_sizes_are_refused_at_once(void **state) {
    (void)state;
    const char *wrong[] = {
        "{\"classes\":1000000,\"samples\":1000000000,\"width\":1,\"depth\":1,\"lambda\":1}",
        "{\"classes\":2,\"samples\":1000000000,\"width\":1,\"depth\":1,\"lambda\":1}",
        "{\"classes\":2000,\"samples\":600,\"width\":1,\"depth\":1,\"lambda\":1}",
        "{\"classes\":50000,\"samples\":1,\"width\":1,\"depth\":1,\"lambda\":1}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        tw_setting none = {0};
        tw_dufm_size size;
        assert_int_equal(tw_setting_size(wrong[i], &size), TW_ERR_DATA);
        assert_int_equal(tw_setting_parse(wrong[i], &none), TW_ERR_DATA);
        assert_non_null(strstr(tw_last_error(), "indices of BLAS"));
        assert_null(none.model.widths);
    }
    tw_dufm_size size;
    assert_ok(
        tw_setting_size("{\"classes\":3,\"samples\":[1,2,4],\"widths\":[5,6],"
                        "\"bias\":true}",
                        &size));
    assert_true(size.parameters == 7 * 5 + 5 * 6 + 6 * 3 + 3);
    assert_true(size.units == 7 * (5 + 6 + 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_is_every_combination_once),
        cmocka_unit_test(wrong_plans_are_refused),
        cmocka_unit_test(a_plan_does_not_multiply_its_text_without_end),
        cmocka_unit_test(differences_name_what_differs),
        cmocka_unit_test(settings_say_what_they_mean),
        cmocka_unit_test(hostile_sizes_are_refused_at_once),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
