/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims, campaigns, densities and free energies as texts. */
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

static size_t count_of(const char *text, char letter) {
    size_t count = 0;
    for (; *text; text++) count += *text == letter;
    return count;
}

/* 33 grid points: two to a row; a quarter of the mass in the first row, the rest in the last. */
static void a_density_as_bars(void **state) {
    (void)state;
    double grid[33], cumulative[33];
    for (size_t i = 0; i < 33; i++) {
        grid[i] = (double)i;
        cumulative[i] = i == 0 ? 0.0 : i < 31 ? 0.25 : i == 31 ? 0.5 : 1.0;
    }
    tw_curve curve = {.count = 33, .width = 0.125, .grid = grid, .cumulative = cumulative};
    char *text = NULL;
    assert_ok(tw_curve_text(&curve, &text));
    const char *head = "\nthe curve, in 16 parts (every value widened by 0.125)\n\n";
    assert_memory_equal(text, head, strlen(head));
    assert_non_null(strstr(text, "             0 .. 2              0.250000  ################\n"));
    assert_non_null(strstr(text, "             2 .. 4              0.000000  \n"));
    assert_non_null(strstr(text, "            30 .. 32             0.750000  ####"));
    assert_int_equal(count_of(text, '#'), 16 + 48);
    free(text);
    curve.count = 16;
    assert_ok(tw_curve_text(&curve, &text));
    assert_string_equal(text, "");
    free(text);
}

static void weights_by_temperature(void **state) {
    (void)state;
    tw_weights w = {0};
    const double betas[] = {10.0, 1e6};
    assert_ok(tw_weights_init(2, 1, 2, betas, &w));
    tw_weighed *optima = w.scales[0].optima;
    optima[0] = (tw_weighed){"low.h5", {.defined = true, .loss = 1.0, .parameters = 4}};
    optima[1] =
        (tw_weighed){"flat.h5", {.defined = true, .loss = 1.01, .parameters = 4, .zero_modes = 2}};
    char *text = NULL;
    tw_weights_compare(&w);
    assert_ok(tw_weights_text(&w, &text));
    /* 10 + 2 log(10/2 pi) and 10.1 + log(10/2 pi) */
    assert_non_null(
        strstr(text, "\nF(beta)\n  10                   10.92941605         10.56470803\n"));
    assert_non_null(strstr(text, "Above beta* low.h5 has the larger weight, below it the other"));
    free(text);
    optima[1].laplace.zero_modes = 0;
    tw_weights_compare(&w);
    assert_ok(tw_weights_text(&w, &text));
    assert_non_null(strstr(text, "\nlow.h5 and flat.h5 weigh the same at no beta.\n"));
    free(text);
    tw_weights_clear(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_in_three_formats), cmocka_unit_test(an_empty_campaign_says_nothing),
        cmocka_unit_test(a_curve_without_a_half),  cmocka_unit_test(a_density_as_bars),
        cmocka_unit_test(weights_by_temperature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
