/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of records: every one of them is walked, written and read back. */
#include <stdio.h>
#include <thalweg/base/random.h>
#include <thalweg/record/record.h>

#include "support/oom.h"
#include "support/test.h"

enum { ROOM = 256, ITEMS = 3 };

typedef struct tables {
    const tw_fields *list[ROOM];
    size_t count;
} tables;

static void gather(tables *t, const tw_fields *fields) {
    if (fields == NULL) return;
    for (size_t i = 0; i < t->count; i++)
        if (t->list[i] == fields) return;
    assert_true(t->count < ROOM);
    t->list[t->count++] = fields;
    for (size_t i = 0; i < fields->count; i++) gather(t, fields->rows[i].of);
}

static tables all_tables(void) {
    tables t = {.count = 0};
    const tw_schema *schema;
    gather(&t, &tw_provenance_fields);
    for (size_t i = 0; (schema = tw_schema_at(i)) != NULL; i++) {
        gather(&t, schema->input);
        gather(&t, schema->result);
    }
    return t;
}

/* ---- The tables themselves ---- */

/* Keys of one object, those of members that stand in it included. */
static size_t list_keys(const tw_fields *fields, const char **keys, size_t count) {
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *row = &fields->rows[i];
        if (row->kind == TW_FIELD_MEMBERS) {
            assert_non_null(row->of);
            count = list_keys(row->of, keys, count);
            continue;
        }
        assert_true(row->key && row->key[0] && row->meaning && row->meaning[0]);
        assert_true((row->make != NULL) == (row->kind == TW_FIELD_MADE));
        assert_true((row->name != NULL) == (row->kind == TW_FIELD_NAME));
        assert_true(count < ROOM);
        keys[count++] = row->key;
    }
    return count;
}

static void every_key_stands_once(void **state) {
    (void)state;
    tables t = all_tables();
    assert_true(t.count > 80);
    for (size_t i = 0; i < t.count; i++) {
        const char *keys[ROOM];
        size_t count = list_keys(t.list[i], keys, 0);
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < a; b++)
                if (strcmp(keys[a], keys[b]) == 0)
                    fail_msg("%s: '%s' twice", t.list[i]->name, keys[a]);
        for (size_t j = 0; j < i; j++) assert_true(strcmp(t.list[i]->name, t.list[j]->name) != 0);
    }
}

/* Every value of an enum has a name of its own, so that a name can be read back. */
static void every_name_means_one_value(void **state) {
    (void)state;
    tables t = all_tables();
    size_t enums = 0;
    for (size_t i = 0; i < t.count; i++)
        for (size_t k = 0; k < t.list[i]->count; k++) {
            const tw_field *row = &t.list[i]->rows[k];
            enums += row->kind == TW_FIELD_NAME;
            for (int a = 0; a < (int)row->names; a++)
                for (int b = 0; b < a; b++) assert_true(strcmp(row->name(a), row->name(b)) != 0);
        }
    assert_true(enums >= 9);
}

/* ---- There and back ---- */

static bool is_readable(const tw_fields *fields) {
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *row = &fields->rows[i];
        if (row->kind == TW_FIELD_MADE || (row->of && !is_readable(row->of))) return false;
    }
    return true;
}

static void *at(const tw_field *field, void *record) {
    return (char *)record + field->offset;
}

static void *zeros(size_t count, size_t size) {
    void *block = calloc(count, size);
    assert_non_null(block);
    return block;
}

static void put(const void *value, size_t size, const tw_field *field, void *record) {
    memcpy(at(field, record), value, size);
}

static void fill(const tw_fields *fields, void *record, tw_random *stream);

static void fill_structs(const tw_field *field, void *record, tw_random *stream) {
    size_t items = field->kind == TW_FIELD_OBJECTS ? (field->pointed ? ITEMS : 1) : 1;
    void *place = at(field, record);
    char *first = place;
    if (field->pointed) memcpy(&first, place, sizeof(char *)); /* another row may have made it */
    if (first == NULL) {
        first = zeros(items, field->of->size);
        put(&first, sizeof first, field, record);
    }
    for (size_t i = 0; i < items; i++) fill(field->of, first + field->of->size * i, stream);
    if (field->kind == TW_FIELD_OBJECTS)
        memcpy((char *)record + field->count, &items, sizeof items);
}

static void fill_list(const tw_field *field, void *record, tw_random *stream) {
    size_t items = ITEMS, entries = field->kind == TW_FIELD_MATRIX ? ITEMS * ITEMS : ITEMS;
    double *numbers = zeros(entries, sizeof *numbers); /* size_t is not larger */
    for (size_t i = 0; i < entries && field->kind != TW_FIELD_SIZES; i++)
        numbers[i] = tw_random_normal(stream);
    for (size_t i = 0; i < entries && field->kind == TW_FIELD_SIZES; i++)
        ((size_t *)(void *)numbers)[i] = 10 * i + 1;
    put(&numbers, sizeof numbers, field, record);
    memcpy((char *)record + field->count, &items, sizeof items);
    if (field->kind == TW_FIELD_MATRIX) memcpy((char *)record + field->rows, &items, sizeof items);
}

/* Any value that is none of those that a zeroed struct has. */
static void fill_value(const tw_field *field, void *record, tw_random *stream) {
    const double number = tw_random_normal(stream);
    const uint64_t whole = 1 + (uint64_t)(fabs(number) * 1e6);
    const long negative = -(long)whole;
    const int name = field->names > 1 ? (int)(whole % (field->names - 1)) + 1 : 0;
    const char *word = "a word";
    const bool yes = true;
    if (field->kind == TW_FIELD_NUMBER) put(&number, sizeof number, field, record);
    if (field->kind == TW_FIELD_SIZE || field->kind == TW_FIELD_COUNT)
        put(&whole, sizeof whole, field, record);
    if (field->kind == TW_FIELD_INTEGER) put(&negative, sizeof negative, field, record);
    if (field->kind == TW_FIELD_BOOLEAN) put(&yes, sizeof yes, field, record);
    if (field->kind == TW_FIELD_NAME) put(&name, sizeof name, field, record);
    if (field->kind == TW_FIELD_TEXT) put(&word, sizeof word, field, record);
    if (field->kind == TW_FIELD_CHARS) snprintf(at(field, record), field->size, "%s", word);
}

static void fill(const tw_fields *fields, void *record, tw_random *stream) {
    for (size_t i = 0; i < fields->count; i++) fill_value(&fields->rows[i], record, stream);
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *row = &fields->rows[i];
        if (row->of)
            fill_structs(row, record, stream);
        else if (row->kind == TW_FIELD_NUMBERS || row->kind == TW_FIELD_SIZES ||
                 row->kind == TW_FIELD_MATRIX)
            fill_list(row, record, stream);
    }
}

static char *text_of(const tw_fields *fields, const void *record) {
    tw_json *json = tw_fields_json(fields, record);
    assert_non_null(json);
    char *text = tw_json_text(json, 0);
    assert_non_null(text);
    tw_json_destroy(json);
    return text;
}

static void check_round_trip(const tw_fields *fields, tw_random *stream) {
    void *record = zeros(1, fields->size), *back = zeros(1, fields->size);
    tw_json *json = NULL;
    fill(fields, record, stream);
    char *text = text_of(fields, record);
    assert_ok(tw_json_parse(text, strlen(text), &json));
    assert_ok(tw_fields_read(fields, json, back));
    char *again = text_of(fields, back);
    assert_string_equal(text, again);
    assert_true(strlen(text) > 8);
    tw_fields_clear(fields, record);
    tw_fields_clear(fields, back);
    tw_json_destroy(json);
    free(record);
    free(back);
    free(text);
    free(again);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    tables t = all_tables();
    size_t readable = 0;
    tw_random stream;
    tw_random_init(&stream, 11, TW_PURPOSE_TEST, 0);
    for (size_t i = 0; i < t.count; i++) {
        if (!is_readable(t.list[i])) continue;
        check_round_trip(t.list[i], &stream);
        readable++;
    }
    assert_true(readable >= 50);
}

static const tw_fields *table_named(const char *name) {
    tables t = all_tables();
    for (size_t i = 0; i < t.count; i++)
        if (strcmp(t.list[i]->name, name) == 0) return t.list[i];
    fail_msg("no table '%s'", name);
    return NULL;
}

/* Nothing of another kind is taken, and nothing is kept of a record that was refused. */
static void wrong_records_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *table, *text, *sentence;
    } cases[] = {
        {"a class", "{\"loss\": \"x\"}", "member 'loss' of a record is of another kind"},
        {"a class", "{\"count\": -1}", "member 'count' of a record is negative"},
        {"a class", "{\"count\": 1.5}", "member 'count' of a record is of another kind"},
        {"a class", "[]", "a class: no object"},
        {"polish", "{\"outcome\": \"perhaps\"}",
         "member 'outcome' of a record is 'perhaps', which is no name for it"},
        {"curve", "{\"grid\": [1, true]}", "member 'grid' of a record is of another kind"},
        {"curve of the free energy", "{\"beta\": [1], \"free_energy\": [[1, 2], [3]]}",
         "member 'free_energy' of a record is of another kind"},
        {"a return curve", "{\"settings\": [0, -1]}",
         "member 'settings' of a record is of another kind"},
        {"a transition", "{\"cells\": [{\"from\": \"a\"}, 7]}",
         "member 'cells' of a record is of another kind"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const tw_fields *fields = table_named(cases[i].table);
        void *record = zeros(1, fields->size);
        tw_json *json = NULL;
        assert_ok(tw_json_parse(cases[i].text, strlen(cases[i].text), &json));
        assert_int_equal(tw_fields_read(fields, json, record), TW_ERR_DATA);
        assert_string_equal(tw_last_error(), cases[i].sentence);
        tw_json_destroy(json);
        free(record);
    }
}

/* ---- Without memory ---- */

typedef struct trip {
    const tw_fields *fields;
    const void *record;
} trip;

static tw_status there_and_back(void *self) {
    const trip *t = self;
    tw_status status = TW_OK;
    static max_align_t back[64];
    tw_json *json = tw_fields_json(t->fields, t->record);
    assert_true(t->fields->size <= sizeof back);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_fields_read(t->fields, json, back));
    tw_fields_clear(t->fields, back);
cleanup:
    tw_json_destroy(json);
    return status;
}

static void tables_survive_without_memory(void **state) {
    (void)state;
    static const char *const names[] = {"polish", "a transition", "curve", "a crossing"};
    tw_random stream;
    tw_random_init(&stream, 12, TW_PURPOSE_TEST, 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const tw_fields *fields = table_named(names[i]);
        void *record = zeros(1, fields->size);
        fill(fields, record, &stream);
        trip t = {fields, record};
        assert_true(oom_check(there_and_back, &t) >= 1);
        tw_fields_clear(fields, record);
        free(record);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_stands_once),
        cmocka_unit_test(every_name_means_one_value),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(wrong_records_are_refused),
        cmocka_unit_test(tables_survive_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
