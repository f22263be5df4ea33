/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: what is read, what is refused, and that numbers come back as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/files/json.h>
#include <unistd.h>

#include "support/scratch.h"

static tw_json *parse(const char *text) {
    tw_json *value = NULL;
    assert_int_equal(tw_json_parse(text, strlen(text), &value), TW_OK);
    return value;
}

static void values_of_every_kind_are_read(void **state) {
    (void)state;
    tw_json *value = parse(
        " {\"s\": \"x\\u00fc\", \"n\": 2.5, \"i\": -7, \"t\": true, \"z\": null,"
        " \"a\": [1, [2]], \"o\": {}} ");
    double number;
    long long integer;
    bool boolean;
    assert_true(tw_json_is_object(value) && !tw_json_is_array(value));
    assert_int_equal(tw_json_size(value), 7);
    assert_string_equal(tw_json_as_string(tw_json_get(value, "s")), "x\xC3\xBC");
    assert_true(tw_json_as_number(tw_json_get(value, "n"), &number) && number == 2.5);
    assert_true(tw_json_as_number(tw_json_get(value, "i"), &number) && number == -7);
    assert_true(tw_json_as_integer(tw_json_get(value, "i"), &integer) && integer == -7);
    assert_true(tw_json_as_boolean(tw_json_get(value, "t"), &boolean) && boolean);
    const tw_json *array = tw_json_get(value, "a");
    assert_true(tw_json_is_array(array) && tw_json_size(array) == 2);
    assert_true(tw_json_as_integer(tw_json_at(tw_json_at(array, 1), 0), &integer) && integer == 2);
    assert_true(tw_json_is_object(tw_json_get(value, "o")));
    tw_json_destroy(value);
}

static void getters_decline_other_kinds(void **state) {
    (void)state;
    tw_json *value = parse("{\"s\": \"1\", \"n\": 2.5}");
    double number;
    long long integer;
    bool boolean;
    assert_null(tw_json_get(value, "absent"));
    assert_null(tw_json_at(value, 0));
    assert_null(tw_json_get(tw_json_get(value, "s"), "x"));
    assert_null(tw_json_as_string(tw_json_get(value, "n")));
    assert_false(tw_json_as_number(tw_json_get(value, "s"), &number));
    assert_false(tw_json_as_integer(tw_json_get(value, "n"), &integer));
    assert_false(tw_json_as_boolean(tw_json_get(value, "n"), &boolean));
    assert_int_equal(tw_json_size(tw_json_get(value, "s")), 0);
    assert_int_equal(tw_json_size(NULL), 0);
    assert_null(tw_json_get(NULL, "x"));
    assert_null(tw_json_as_string(NULL));
    tw_json_destroy(value);
    tw_json_destroy(NULL);
}

static void members_keep_the_order_of_the_file(void **state) {
    (void)state;
    tw_json *value = parse("{\"z\": 0, \"a\": 1, \"m\": 2}");
    const char *const names[] = {"z", "a", "m"};
    const char *key = NULL;
    for (size_t i = 0; i < 3; i++) {
        long long integer;
        assert_true(tw_json_as_integer(tw_json_next(value, &key), &integer));
        assert_int_equal(integer, i);
        assert_string_equal(key, names[i]);
    }
    assert_null(tw_json_next(value, &key));
    tw_json_destroy(value);
}

static void malformed_text_is_refused_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "line 1"},
        {"{", "line 1"},
        {"{\"a\": 1,\n \"a\": 2}", "line 2, column 4"},
        {"[1] x", "end of file expected"},
        {"[1,]", "line 1"},
        {"{\"a\": 01}", "line 1"},
        {"nan", "line 1"},
        {"[NaN]", "line 1"},
        {"1e999", "line 1"},
        {"9223372036854775808", "too big"},
        {"\"\\u0000\"", "\\u0000"},
        {"{\"a\\u0000b\": 1}", "line 1"},
        {"\"\xFF\"", "line 1"},
        {"\"\\ud800\"", "line 1"},
        {"'a'", "line 1"},
        {"\"tab\there\"", "line 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tw_json *value = (tw_json *)&i;
        tw_status status = tw_json_parse(cases[i].text, strlen(cases[i].text), &value);
        if (!strstr(tw_last_error(), cases[i].part)) print_error("%s\n", tw_last_error());
        assert_int_equal(status, TW_ERR_FORMAT);
        assert_non_null(strstr(tw_last_error(), cases[i].part));
        assert_ptr_equal(value, &i);
    }
    tw_json *value;
    assert_int_equal(tw_json_parse("[1]\0", 4, &value), TW_ERR_FORMAT);
    assert_int_equal(tw_json_parse(NULL, 0, &value), TW_ERR_FORMAT);
}

static void nesting_has_a_limit(void **state) {
    (void)state;
    char text[300] = "";
    tw_json *value;
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    tw_json_destroy(parse(text));
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_int_equal(tw_json_parse(text, 130, &value), TW_ERR_FORMAT);
    assert_non_null(strstr(tw_last_error(), "line 1, column 65"));
    memset(text, '[', 200); /* now in a string, behind an escaped quote */
    memcpy(text, "\"\\\"", 3);
    text[200] = '"';
    tw_json_destroy(parse(text));
    size_t bytes = 10 << 20;
    char *bomb = malloc(bytes);
    memset(bomb, '[', bytes);
    assert_int_equal(tw_json_parse(bomb, bytes, &value), TW_ERR_FORMAT);
    free(bomb);
}

static void check_number(double number, const char *expected) {
    tw_json *value = tw_json_number(number);
    char *text = tw_json_text(value, 0);
    assert_string_equal(text, expected);
    free(text);
    tw_json_destroy(value);
}

static void doubles_are_written_with_the_fewest_digits(void **state) {
    (void)state;
    check_number(0.1, "0.1");
    check_number(0.004, "0.004");
    check_number(1, "1.0");
    check_number(-0.0, "-0.0");
    check_number(0.1 + 0.2, "0.30000000000000004");
    check_number(1e100, "1e+100");
    check_number(DBL_MAX, "1.7976931348623157e+308");
    check_number(DBL_TRUE_MIN, "4.94065645841247e-324");
    check_number(1.0 / 3,
                 "0.333333333333333"
                 "3");
    check_number(INFINITY, "null");
    check_number(NAN, "null");
}

/* Doubles of random bits, so of all magnitudes: written and read back they are the same bits. */
static void random_doubles_survive(void **state) {
    enum { N = 20000 };
    static double numbers[N];
    (void)state;
    tw_random stream;
    tw_random_init(&stream, 7, TW_PURPOSE_TEST, 0);
    for (int i = 0; i < N; i++) {
        uint64_t bits = (uint64_t)(tw_random_uniform(&stream) * 0x1p53) << 11 ^
                        (uint64_t)(tw_random_uniform(&stream) * 0x1p53);
        memcpy(&numbers[i], &bits, sizeof bits);
        if (!isfinite(numbers[i])) numbers[i] = i;
    }
    tw_json *written = tw_json_numbers(N, numbers);
    char *text = tw_json_text(written, 2);
    tw_json *read = parse(text);
    for (size_t i = 0; i < N; i++) {
        double number;
        assert_true(tw_json_as_number(tw_json_at(read, i), &number));
        assert_memory_equal(&number, &numbers[i], sizeof number);
    }
    free(text);
    tw_json_destroy(written);
    tw_json_destroy(read);
}

static tw_json *build_sample(void) {
    tw_json *object = tw_json_object(), *list = tw_json_array();
    const double numbers[] = {1.5, NAN, -INFINITY};
    assert_int_equal(tw_json_set(object, "text", tw_json_string("a\"b\\c\n\x01")), TW_OK);
    assert_int_equal(tw_json_set(object, "numbers", tw_json_numbers(3, numbers)), TW_OK);
    assert_int_equal(tw_json_append(list, tw_json_object()), TW_OK);
    assert_int_equal(tw_json_append(list, tw_json_array()), TW_OK);
    assert_int_equal(tw_json_append(list, tw_json_integer(-3)), TW_OK);
    assert_int_equal(tw_json_set(object, "list", list), TW_OK);
    assert_int_equal(tw_json_set(object, "yes", tw_json_boolean(true)), TW_OK);
    assert_int_equal(tw_json_set(object, "none", tw_json_string("replaced")), TW_OK);
    assert_int_equal(tw_json_set(object, "none", tw_json_null()), TW_OK);
    return object;
}

static void text_is_compact_or_indented(void **state) {
    (void)state;
    tw_json *object = build_sample();
    char *line = tw_json_text(object, 0), *lines = tw_json_text(object, 1);
    assert_string_equal(line,
                        "{\"text\":\"a\\\"b\\\\c\\n\\u0001\",\"numbers\":[1.5,null,null],"
                        "\"list\":[{},[],-3],\"yes\":true,\"none\":null}");
    assert_string_equal(lines,
                        "{\n \"text\": \"a\\\"b\\\\c\\n\\u0001\",\n"
                        " \"numbers\": [1.5, null, null],\n"
                        " \"list\": [\n  {},\n  [],\n  -3\n ],\n"
                        " \"yes\": true,\n \"none\": null\n}");
    free(line);
    free(lines);
    tw_json_destroy(object);
}

static void long_lists_fill_their_lines(void **state) {
    (void)state;
    double numbers[200];
    for (int i = 0; i < 200; i++) numbers[i] = sqrt(i);
    tw_json *list = tw_json_numbers(200, numbers);
    char *text = tw_json_text(list, 2);
    size_t lines = 1, column = 0;
    for (const char *c = text; *c; c++) {
        lines += *c == '\n';
        column = *c == '\n' ? 0 : column + 1;
        assert_true(column <= 120);
    }
    assert_true(lines > 20 && lines < 60);
    free(text);
    tw_json_destroy(list);
}

static void bad_utf8_becomes_the_replacement_character(void **state) {
    (void)state;
    tw_json *object = tw_json_object();
    assert_int_equal(
        tw_json_set(object, "k\xC0", tw_json_string("\xC3\xBC\xFF\xE2\x82|\xED\xA0\x80|\xF4\x90")),
        TW_OK);
    const char *key = NULL;
    const char *text = tw_json_as_string(tw_json_next(object, &key));
    assert_string_equal(key, "k\xEF\xBF\xBD");
    assert_string_equal(text,
                        "\xC3\xBC\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF"
                        "\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD");
    tw_json_destroy(object);
}

static void wrong_parents_take_the_member_with_them(void **state) {
    (void)state;
    tw_json *number = tw_json_number(1), *object = tw_json_object();
    assert_int_equal(tw_json_set(number, "a", tw_json_array()), TW_ERR_ARGUMENT);
    assert_int_equal(tw_json_append(object, tw_json_array()), TW_ERR_ARGUMENT);
    assert_int_equal(tw_json_set(object, "a", NULL), TW_ERR_MEMORY);
    assert_int_equal(tw_json_set(NULL, "a", tw_json_array()), TW_ERR_MEMORY);
    assert_int_equal(tw_json_append(NULL, tw_json_array()), TW_ERR_MEMORY);
    tw_json_destroy(number);
    tw_json_destroy(object);
}

static void files_are_written_and_read(void **state) {
    (void)state;
    const char *path = scratch_path("a.json");
    tw_json *object = build_sample(), *again = NULL;
    assert_int_equal(tw_json_write(object, path), TW_OK);
    assert_int_equal(tw_json_read(path, &again), TW_OK);
    char *before = tw_json_text(object, 0), *after = tw_json_text(again, 0);
    assert_string_equal(before, after);
    free(before);
    free(after);
    tw_json_destroy(object);
    tw_json_destroy(again);
}

static void files_that_cannot_be_read_are_named(void **state) {
    (void)state;
    tw_json *value = NULL;
    const char *path = scratch_path("absent.json");
    assert_int_equal(tw_json_read(path, &value), TW_ERR_IO);
    assert_memory_equal(tw_last_error(), path, strlen(path));
    path = scratch_write("bad.json", "{\n]", 3);
    assert_int_equal(tw_json_read(path, &value), TW_ERR_FORMAT);
    assert_memory_equal(tw_last_error(), path, strlen(path));
    assert_non_null(strstr(tw_last_error(), "line 2"));
    assert_null(value);
}

static void the_library_has_a_name(void **state) {
    (void)state;
    assert_memory_equal(tw_json_library(), "jansson 2.", 10);
}

static void numbers_are_read_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool list;
        size_t count;
        double last;
    } good[] = {
        {"1", false, 1, 1},         {".5", false, 1, 0.5},        {"1.", false, 1, 1},
        {"+2", false, 1, 2},        {" -1e-3 ", false, 1, -1e-3}, {"\"0.25\"", false, 1, 0.25},
        {"[]", true, 0, 0},         {"[ .5 ]", true, 1, 0.5},     {"[1, .5,2e0]", true, 3, 2},
        {"[\".5\",1]", true, 2, 1}, {" [3] ", true, 1, 3}};
    static const char *const bad[] = {
        "",     "x", "1 2", "1,2",   "[1",   "1]",  "[1,]",  "[,1]", "[1]x", "nan", "inf", "1e999",
        "0x10", "-", ".",   "[[1]]", "null", "\"1", "[1 2]", "+-1",  "\"\"", "--1", "1e",  "{}"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        bool list = false;
        size_t count = 9;
        double *values = NULL;
        assert_int_equal(tw_json_parse_numbers(good[i].text, &list, &count, &values), TW_OK);
        assert_true(list == good[i].list && count == good[i].count);
        if (count > 0) assert_true(values[count - 1] == good[i].last);
        free(values);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bool list = false;
        size_t count = 9;
        double *values = NULL;
        if (tw_json_parse_numbers(bad[i], &list, &count, &values) != TW_ERR_DATA)
            fail_msg("'%s' was read", bad[i]);
        assert_null(values);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_kind_are_read),
        cmocka_unit_test(getters_decline_other_kinds),
        cmocka_unit_test(members_keep_the_order_of_the_file),
        cmocka_unit_test(malformed_text_is_refused_with_its_place),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(doubles_are_written_with_the_fewest_digits),
        cmocka_unit_test(random_doubles_survive),
        cmocka_unit_test(text_is_compact_or_indented),
        cmocka_unit_test(long_lists_fill_their_lines),
        cmocka_unit_test(bad_utf8_becomes_the_replacement_character),
        cmocka_unit_test(wrong_parents_take_the_member_with_them),
        cmocka_unit_test(files_are_written_and_read),
        cmocka_unit_test(files_that_cannot_be_read_are_named),
        cmocka_unit_test(numbers_are_read_as_people_write_them),
        cmocka_unit_test(the_library_has_a_name),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
