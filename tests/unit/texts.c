/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims and campaigns as texts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/report/texts.h>

#include "support/test.h"

static const tw_claim claim = {.id = "x",
                               .source = "a_b",
                               .statement = "p | q",
                               .expected = TW_CLAIM_HOLDS,
                               .constants = {{.name = "c", .meaning = "a bound"}}};

static tw_claim_verdict verdict(void) {
    tw_claim_verdict v = {.claim = &claim,
                          .constants = {1.5},
                          .result = {.answer = TW_CLAIM_FAILS,
                                     .computed = "all of it",
                                     .figure_count = 2,
                                     .figures = {{"first", 0.5, "<=", 0.25, 0.0, false},
                                                 {"other", 2.0, "", NAN, 0.0, true}}}};
    return v;
}

static void assert_says(const tw_claim_list *list, tw_text_format format, const char *const *said) {
    char *text = NULL;
    assert_ok(tw_claims_text(list, format, &text));
    for (; *said; said++)
        if (strstr(text, *said) == NULL) fail_msg("no '%s' in\n%s", *said, text);
    free(text);
}

static void claims_in_three_formats(void **state) {
    (void)state;
    tw_claim_verdict v = verdict();
    const tw_claim_list list = {1, &v};
    assert_says(&list, TW_TEXT_PLAIN,
                (const char *const[]){"(x) fails   (not what was expected)\n    p | q\n    a_b\n",
                                      "    c = 1.5: a bound\n", "0.5 <= 0.25   NOT SO\n", "  2\n",
                                      "0 hold, 1 fail, 0 undecided\n", NULL});
    assert_says(&list, TW_TEXT_MARKDOWN,
                (const char *const[]){"| (x) | a\\_b | p \\| q | all of it | "
                                      "first: 0.5 &lt;= 0.25 | fails |\n",
                                      NULL});
    assert_says(&list, TW_TEXT_LATEX,
                (const char *const[]){"\\begin{longtable}", "(x) & a\\_b & p \\textbar{} q & ",
                                      "first: 0.5 \\textless{}= 0.25 & fails \\\\\n",
                                      "\\end{longtable}\n", NULL});
}

static void an_empty_campaign_says_nothing(void **state) {
    (void)state;
    tw_summary none = {0};
    char *text = NULL;
    assert_ok(tw_summary_text(&none, &text));
    assert_string_equal(text, "");
    free(text);
}

static void a_curve_without_a_half(void **state) {
    (void)state;
    double radius[] = {0.5, 2.0};
    size_t done[] = {10, 10}, returned[] = {10, 8};
    tw_interval fraction[] = {{1.0, 0.7, 1.0}, {0.8, 0.4, 0.97}};
    tw_return_curve curve = {.optimum = "a.h5",
                             .direction = "normal",
                             .method = "flow",
                             .count = 2,
                             .radius = radius,
                             .done = done,
                             .returned = returned,
                             .fraction = fraction,
                             .half = {NAN, NAN, NAN}};
    tw_summary s = {.curve_count = 1, .curves = &curve};
    char *text = NULL;
    assert_ok(tw_summary_text(&s, &text));
    assert_non_null(strstr(text, "returns to a.h5 by flow, directions normal\n"));
    assert_non_null(strstr(text, "         2    8/10    0.8000 [0.4000, 0.9700]\n"));
    assert_non_null(strstr(text, "one half at none of these radii\n"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_in_three_formats),
        cmocka_unit_test(an_empty_campaign_says_nothing),
        cmocka_unit_test(a_curve_without_a_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
