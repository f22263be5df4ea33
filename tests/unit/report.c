/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of any origin on its way to a page, a figure and a drawing. */
#include <stdio.h>
#include <thalweg/report/report.h>

#include "report/figure_private.h"
#include "report/html_private.h"
#include "report/svg_private.h"
#include "support/oom.h"
#include "support/scratch.h"
#include "support/test.h"

static void markup_becomes_text(void **state) {
    (void)state;
    tw_writer page = {0};
    tw_html_text(&page, "<script>\"a\" & 'b'</script>\x01\n\xc3\xa4");
    assert_string_equal(page.bytes,
                        "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;"
                        "\xef\xbf\xbd\n\xc3\xa4");
    tw_writer_clear(&page);
}

static void base64_of_the_standard(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
    for (size_t i = 0; i < 6; i++) {
        tw_writer page = {0};
        tw_writer_text(&page, "");
        tw_html_base64(&page, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(page.bytes, pairs[i][1]);
        tw_writer_clear(&page);
    }
}

/* Nothing is left that ends a string of gnuplot's or of SVG, whole characters stay. */
static void labels_are_harmless(void **state) {
    (void)state;
    char room[64];
    assert_string_equal(tw_harmless("a'b\"c`d$e\\f{g}<h>&|;\n\x7f", room, sizeof room),
                        "a_b_c_d_e_f_g__h______");
    assert_string_equal(tw_harmless("\xc3\xa4 1e-3, W1=2", room, sizeof room),
                        "\xc3\xa4 1e-3, W1=2");
    assert_string_equal(tw_harmless("\xc3(", room, sizeof room), "_(");
    assert_string_equal(tw_harmless("abc\xc3\xa4", room, 5), "abc");
    assert_string_equal(tw_harmless("%s 5%", room, sizeof room), "_s 5_"); /* tic labels: formats */
    assert_string_equal(tw_file_name("a/b/c.h5"), "c.h5");
    assert_string_equal(tw_file_name("c.h5"), "c.h5");
}

static void values_have_the_records_digits(void **state) {
    (void)state;
    static const char text[] = "[0.1, 1e-300, -3, true, null, \"x\", [1.5, 2]]";
    tw_json *list = NULL;
    tw_writer out = {0};
    assert_ok(tw_json_parse(text, strlen(text), &list));
    tw_writer_value(&out, list);
    tw_writer_text(&out, ";");
    tw_writer_value(&out, NULL);
    assert_string_equal(out.bytes, "0.1, 1e-300, -3, yes, -, x, 1.5, 2;-");
    tw_writer_clear(&out);
    tw_json_destroy(list);
}

static const char drawing[] =
    "<?xml version=\"1.0\"?>\n<svg \n viewBox=\"0 0 5 6\"\n xmlns=\"x\"\n>\n<title>Gnuplot</title>"
    "<script>alert(1)</script>\n<g id=\"gnuplot_canvas\"><use xlink:href='#gpPt6' color='rgb(  0, "
    "114, 178)'/><g fill=\"none\" a=\"b\">\n</g><g "
    "onmousemove=\"gnuplot_svg.showHypertext(evt,'t<1'"
    ")\" onmouseout=\"gnuplot_svg.hideHypertext()\"><title> </title></g></g></svg>";

static void drawings_join_a_page(void **state) {
    (void)state;
    tw_writer page = {0};
    assert_true(tw_svg_embed(drawing, "f", "a<b", &page));
    assert_non_null(strstr(page.bytes, "viewBox=\"0 0 5 6\" aria-label=\"a&lt;b\">"));
    assert_non_null(strstr(page.bytes, "id=\"f-gnuplot_canvas\""));
    assert_non_null(strstr(page.bytes, "'#f-gpPt6' color='var(--c1)'"));
    assert_non_null(strstr(page.bytes, "<g><title>t_1</title></g>"));
    assert_null(strstr(page.bytes, "script"));
    assert_null(strstr(page.bytes, "Gnuplot"));
    assert_null(strstr(page.bytes, "onmouse"));
    assert_null(strstr(page.bytes, "a=\"b\""));
    tw_writer_clear(&page);
    assert_false(tw_svg_embed("<svg viewBox=\"0 0", "f", "t", &page));
    assert_false(tw_svg_embed("no drawing", "f", "t", &page));
    tw_writer_clear(&page);
    assert_true(tw_svg_clean(drawing, &page));
    assert_non_null(strstr(page.bytes, "id=\"gnuplot_canvas\""));
    assert_non_null(strstr(page.bytes, "rgb(  0, 114, 178)"));
    assert_null(strstr(page.bytes, "script"));
    tw_writer_clear(&page);
}

static const char sample[] =
    "{\"schema\": \"compare/1\", \"thalweg\": \"0\", \"provenance\": {\"seed\": 1}, \"input\": "
    "[{\"file\": \"a\"}, {\"file\": \"b\"}], \"result\": {\"points\": [{\"loss\": 0.25, "
    "\"verdict\": "
    "\"minimum\", \"logit_singular_values\": [2.0, 1.0], \"zero_modes\": {\"found\": 3, "
    "\"unexplained\": 0}, \"eigenvalues\": [{\"value\": 0.0, \"multiplicity\": 3}]}, {\"loss\": "
    "0.125, \"logit_singular_values\": [2.0, 1.0]}]}}";

static tw_status write_markdown(void *self) {
    return tw_report_markdown(1, self, scratch_path("sample.md"));
}

static void tables_survive_without_memory(void **state) {
    (void)state;
    tw_json *record = NULL;
    assert_ok(tw_json_parse(sample, strlen(sample), &record));
    const tw_json *records[] = {record};
    assert_true(oom_check(write_markdown, records) > 50);
    tw_json_destroy(record);
}

/* One content, one name on the whole page; long names keep both their ends. */
static void files_have_the_name_of_their_point(void **state) {
    (void)state;
    static const char text[] =
        "{\"schema\": \"degeneracy/1\", \"input\": {\"file\": "
        "\"a/width-64-and-lambda-0.001-seed-\\u00e4"
        "17.safetensors\", \"sha256\": \"12\"}, \"result\": {\"loss\": 1, "
        "\"logit_singular_values\": [1]}}";
    char room[TW_LABEL_BYTES];
    tw_json *record = NULL;
    tw_dossier dossier;
    assert_int_equal(tw_json_parse(text, sizeof text - 1, &record), TW_OK);
    assert_int_equal(tw_dossier_open(&dossier, 1, (const tw_json *const[]){record}), TW_OK);
    const char *name = dossier.points[0].label;
    assert_string_equal(name,
                        "A width-64-and...001-seed-\xc3\xa4"
                        "17");
    assert_string_equal(tw_dossier_label(&dossier, "moved.h5", "12", room), name);
    assert_string_equal(tw_dossier_label(&dossier, dossier.points[0].file, "", room), name);
    assert_string_equal(tw_dossier_label(&dossier, dossier.points[0].file, "34", room),
                        "width-64-and...001-seed-\xc3\xa4"
                        "17");
    assert_string_equal(tw_dossier_label(&dossier, "", "", room), "");
    tw_dossier_close(&dossier);
    tw_json_destroy(record);
}

static void what_is_no_record_is_refused(void **state) {
    (void)state;
    assert_int_equal(tw_report_write(0, NULL, scratch_path("no.html"), NULL, NULL),
                     TW_ERR_ARGUMENT);
    assert_int_equal(tw_report_latex(0, NULL, scratch_path("no.tex")), TW_ERR_ARGUMENT);
    static const char *const texts[] = {"{}", "[]", "3", "{\"schema\": 1, \"result\": {}}",
                                        "{\"schema\": \"info/1\"}"};
    for (size_t i = 0; i < 5; i++) {
        tw_json *record = NULL;
        assert_ok(tw_json_parse(texts[i], strlen(texts[i]), &record));
        const tw_json *records[] = {record};
        assert_int_equal(tw_report_markdown(1, records, scratch_path("no.md")), TW_ERR_DATA);
        tw_json_destroy(record);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_becomes_text),
        cmocka_unit_test(base64_of_the_standard),
        cmocka_unit_test(labels_are_harmless),
        cmocka_unit_test(values_have_the_records_digits),
        cmocka_unit_test(drawings_join_a_page),
        cmocka_unit_test(tables_survive_without_memory),
        cmocka_unit_test(files_have_the_name_of_their_point),
        cmocka_unit_test(what_is_no_record_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
