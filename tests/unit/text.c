/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts for people: a small table of every kind of row, and what becomes of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/record/text.h>

#include "record/fields_private.h"
#include "support/oom.h"
#include "support/test.h"

typedef struct item {
    double at, value;
    size_t copies;
    const char *what;
} item;

typedef struct thing {
    const char *name;
    double mean, lost;
    size_t none;
    bool settled;
    size_t count, item_count;
    const double *numbers;
    const item *items;
} thing;

static void ratio_cell(const tw_json *object, char *text, size_t room) {
    snprintf(text, room, "%g of %g", tw_cell_number(object, "mean"),
             tw_cell_number(object, "absent"));
}

static void item_cell(const tw_json *object, char *text, size_t room) {
    snprintf(text, room, "%.2g", tw_cell_number(object, "value"));
}

static const tw_field item_rows[] = {
    TW_NUMBER(item, at, "at", .title = "at", .meaning = "."),
    TW_NUMBER(item, value, "value", .title = "value", .digits = 3, .meaning = "."),
    TW_SIZE(item, copies, "copies", .meaning = "not shown"),
    TW_TEXT(item, what, "what", .title = "what", .meaning = "."),
};
static TW_CELL_TABLE(item_fields, "an item", item, item_rows, item_cell, "at");

static const tw_field inner_rows[] = {
    TW_BOOLEAN(thing, settled, "settled", .title = "settled", .meaning = "."),
    TW_SIZE(thing, none, "none", .title = "none", .quiet = true, .meaning = "."),
};
static TW_TABLE(inner_fields, "the inside", thing, inner_rows);

static const tw_field thing_rows[] = {
    TW_OBJECTS(thing, items, item_count, "list", item_fields, .title = "list", .pointed = true,
               .spread = true, .meaning = "."),
    TW_SELF("inner", inner_fields, .title = "inside", .meaning = "."),
    TW_TEXT(thing, name, "name", .title = "", .meaning = "."),
    TW_NUMBER(thing, mean, "mean", .title = "mean", .digits = 3, .meaning = "."),
    TW_NUMBER(thing, lost, "lost", .title = "  lost", .meaning = "."),
    TW_NUMBER(thing, mean, "exact", .title = "exact", .digits = TW_SHORTEST, .meaning = "."),
    TW_NUMBER(thing, mean, "made", .title = "made", .cell = ratio_cell, .meaning = "."),
    TW_NUMBER(thing, mean, "hidden", .meaning = "not shown"),
    TW_NUMBERS(thing, numbers, count, "numbers", .title = "numbers", .meaning = "."),
    TW_OBJECTS(thing, items, item_count, "packed", item_fields, .title = "value at",
               .pointed = true, .meaning = "."),
};
static TW_TABLE(thing_fields, "a thing", thing, thing_rows);

typedef struct pair {
    thing first;
    size_t count;
    const thing *others;
} pair;

static const tw_field half_rows[] = {
    TW_TEXT(thing, name, "name", .title = "", .meaning = "."),
    TW_NUMBER(thing, mean, "mean", .title = "mean", .meaning = "."),
};
static TW_TABLE(half_fields, "a half", thing, half_rows);

static const tw_field pair_rows[] = {
    TW_OBJECT(pair, first, "first", half_fields, .title = "beside", .across = true, .meaning = "."),
    TW_OBJECTS(pair, others, count, "others", half_fields, .title = "", .across = true,
               .pointed = true, .meaning = "."),
};
static TW_TABLE(pair_fields, "a pair", pair, pair_rows);

static const double numbers[] = {1, 2, 3, 4, 5.5};
static const item items[] = {{0.5, 10, 1, "up"}, {2, -3.25, 2, NULL}};

static thing example(void) {
    return (thing){"one", 0.1234567, NAN, 0, true, 5, 2, numbers, items};
}

static char *text_of(const tw_fields *fields, const void *record) {
    char *text = NULL;
    tw_json *object = tw_fields_json(fields, record);
    const tw_json *const objects[] = {object};
    const tw_text_part part = {fields, 1, objects};
    assert_ok(tw_text_make(1, &part, &text));
    tw_json_destroy(object);
    return text;
}

/* Rows come first, then sections, whatever the order of the table. */
static void every_kind_of_row(void **state) {
    (void)state;
    static const char *const wanted =
        "                one\n"
        "  mean          0.123\n"
        "    lost        -\n"
        "  exact         0.1234567\n"
        "  made          0.123457 of nan\n"
        "  numbers       1 2 3 4\n"
        "                5.5\n"
        "  value at 0.5  10\n"
        "  value at 2    -3.2\n"
        "\n"
        "list\n"
        "   at  value  what\n"
        "  0.5     10  up\n"
        "    2  -3.25  -\n"
        "\n"
        "inside\n"
        "  settled       yes\n";
    thing one = example();
    char *text = text_of(&thing_fields, &one);
    assert_string_equal(text, wanted);
    free(text);
}

static void objects_stand_side_by_side(void **state) {
    (void)state;
    const thing others[] = {{.name = "second", .mean = 2}, {.name = "third", .mean = NAN}};
    const pair both = {example(), 2, others};
    char *text = text_of(&pair_fields, &both);
    assert_string_equal(text,
                        "beside\n"
                        "        one       second  third\n"
                        "  mean  0.123457  2       -\n");
    free(text);
}

/* Of many items both ends, and that there are others between them. */
static void long_lists_are_cut(void **state) {
    (void)state;
    item many[20];
    double range[40];
    for (size_t i = 0; i < 20; i++) many[i] = (item){(double)i, (double)i, 1, "x"};
    for (size_t i = 0; i < 40; i++) range[i] = (double)i;
    thing one = example();
    one.items = many;
    one.item_count = 20;
    one.numbers = range;
    one.count = 40;
    char *text = text_of(&thing_fields, &one);
    assert_non_null(strstr(text, "value at 3 "));
    assert_non_null(strstr(text, "  ..\n"));
    assert_null(strstr(text, "value at 4 "));
    assert_null(strstr(text, "value at 15 "));
    assert_non_null(strstr(text, "value at 16"));
    assert_non_null(strstr(text, "12 13 14 15 ..\n"));
    assert_null(strstr(text, "16 17"));
    free(text);
}

/* A table of several columns: each has what it has. */
static void columns_differ(void **state) {
    (void)state;
    thing left = example(), right = example();
    left.item_count = 1;
    right.count = 1;
    right.none = 7;
    char *text = NULL;
    tw_json *a = tw_fields_json(&thing_fields, &left), *b = tw_fields_json(&thing_fields, &right);
    const tw_json *const objects[] = {a, b};
    const tw_text_part part = {&thing_fields, 2, objects};
    assert_ok(tw_text_make(1, &part, &text));
    assert_non_null(strstr(text, "numbers       1 2 3 4          1\n                5.5\n"));
    assert_non_null(strstr(text, "value at 2                     -3.2\n"));
    assert_non_null(strstr(text, "none          0                7\n"));
    free(text);
    tw_json_destroy(a);
    tw_json_destroy(b);
}

static tw_status make(void *self) {
    char *text = NULL;
    tw_json *object = tw_fields_json(&thing_fields, self);
    if (object == NULL) return TW_ERR_MEMORY;
    const tw_json *const objects[] = {object};
    const tw_text_part part = {&thing_fields, 1, objects};
    tw_status status = tw_text_make(1, &part, &text);
    assert_true((status == TW_OK) == (text != NULL));
    free(text);
    tw_json_destroy(object);
    return status;
}

static void texts_survive_without_memory(void **state) {
    (void)state;
    thing one = example();
    assert_true(oom_check(make, &one) > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_row),
        cmocka_unit_test(objects_stand_side_by_side),
        cmocka_unit_test(long_lists_are_cut),
        cmocka_unit_test(columns_differ),
        cmocka_unit_test(texts_survive_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
