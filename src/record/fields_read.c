/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON as structs by their tables. Pointers are set after what they point to is complete, so that a
 * record that was read in part can be cleared. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "record/fields_private.h"

static void *at(const tw_field *field, void *record) {
    return (char *)record + field->offset;
}

static tw_status of_another_kind(const tw_field *field) {
    return tw_fail(TW_ERR_DATA, "member '%s' of a record is of another kind", field->key);
}

static bool is_null(const tw_json *value) {
    double number;
    long long integer;
    bool boolean;
    return value && !tw_json_as_number(value, &number) && !tw_json_as_integer(value, &integer) &&
           !tw_json_as_boolean(value, &boolean) && !tw_json_as_string(value) &&
           !tw_json_is_array(value) && !tw_json_is_object(value);
}

static void set_pointer(const tw_field *field, void *record, const void *pointer) {
    memcpy(at(field, record), &pointer, sizeof pointer);
}

static void set_items(size_t offset, void *record, size_t items) {
    memcpy((char *)record + offset, &items, sizeof items);
}

/* ---- One value of each kind ---- */

static tw_status number(const tw_field *field, const tw_json *value, void *record) {
    return tw_json_as_number(value, at(field, record)) ? TW_OK : of_another_kind(field);
}

static tw_status whole(const tw_field *field, const tw_json *value, void *record) {
    long long integer;
    if (!tw_json_as_integer(value, &integer)) return of_another_kind(field);
    if (integer < 0 && field->kind != TW_FIELD_INTEGER)
        return tw_fail(TW_ERR_DATA, "member '%s' of a record is negative", field->key);
    if (field->kind == TW_FIELD_SIZE)
        *(size_t *)at(field, record) = (size_t)integer;
    else if (field->kind == TW_FIELD_COUNT)
        *(uint64_t *)at(field, record) = (uint64_t)integer;
    else
        *(long *)at(field, record) = (long)integer;
    return TW_OK;
}

static tw_status boolean(const tw_field *field, const tw_json *value, void *record) {
    return tw_json_as_boolean(value, at(field, record)) ? TW_OK : of_another_kind(field);
}

static tw_status name(const tw_field *field, const tw_json *value, void *record) {
    const char *word = tw_json_as_string(value);
    if (word == NULL) return of_another_kind(field);
    for (int i = 0; i < (int)field->names; i++)
        if (strcmp(field->name(i), word) == 0) {
            memcpy(at(field, record), &i, sizeof i);
            return TW_OK;
        }
    return tw_fail(TW_ERR_DATA, "member '%s' of a record is '%.60s', which is no name for it",
                   field->key, word);
}

static tw_status text(const tw_field *field, const tw_json *value, void *record) {
    const char *string = tw_json_as_string(value);
    if (string == NULL) return of_another_kind(field);
    set_pointer(field, record, string);
    return TW_OK;
}

static tw_status chars(const tw_field *field, const tw_json *value, void *record) {
    const char *string = tw_json_as_string(value);
    if (string == NULL) return of_another_kind(field);
    if (strlen(string) >= field->size)
        return tw_fail(TW_ERR_DATA, "member '%s' of a record has more than %zu bytes", field->key,
                       field->size - 1);
    memcpy(at(field, record), string, strlen(string) + 1);
    return TW_OK;
}

/* A list of numbers into room for them; null is NAN. */
static tw_status fill(const tw_field *field, const tw_json *list, double *out) {
    for (size_t i = 0; i < tw_json_size(list); i++) {
        const tw_json *item = tw_json_at(list, i);
        out[i] = (double)NAN;
        if (!is_null(item) && !tw_json_as_number(item, &out[i])) return of_another_kind(field);
    }
    return TW_OK;
}

static tw_status numbers(const tw_field *field, const tw_json *value, void *record) {
    tw_status status = TW_OK;
    double *values = NULL;
    size_t items = tw_json_size(value);
    TW_TRY(tw_json_is_array(value) ? TW_OK : of_another_kind(field));
    TW_TRY(TW_NEW(values, items));
    TW_TRY(fill(field, value, values));
    set_pointer(field, record, values);
    set_items(field->count, record, items);
    return TW_OK;
cleanup:
    free(values);
    return status;
}

static tw_status sizes(const tw_field *field, const tw_json *value, void *record) {
    tw_status status = TW_OK;
    size_t *values = NULL, items = tw_json_size(value);
    TW_TRY(tw_json_is_array(value) ? TW_OK : of_another_kind(field));
    TW_TRY(TW_NEW(values, items));
    for (size_t i = 0; i < items; i++) {
        long long integer;
        bool fits = tw_json_as_integer(tw_json_at(value, i), &integer) && integer >= 0;
        TW_TRY(fits ? TW_OK : of_another_kind(field));
        values[i] = (size_t)integer;
    }
    set_pointer(field, record, values);
    set_items(field->count, record, items);
    return TW_OK;
cleanup:
    free(values);
    return status;
}

static tw_status matrix(const tw_field *field, const tw_json *value, void *record) {
    tw_status status = TW_OK;
    double *values = NULL;
    size_t rows = tw_json_size(value), columns = rows ? tw_json_size(tw_json_at(value, 0)) : 0;
    TW_TRY(tw_json_is_array(value) ? TW_OK : of_another_kind(field));
    TW_TRY(TW_NEW(values, rows * columns));
    for (size_t i = 0; i < rows; i++) {
        const tw_json *row = tw_json_at(value, i);
        bool fits = tw_json_is_array(row) && tw_json_size(row) == columns;
        TW_TRY(fits ? fill(field, row, values + columns * i) : of_another_kind(field));
    }
    set_pointer(field, record, values);
    set_items(field->rows, record, rows);
    set_items(field->count, record, columns);
    return TW_OK;
cleanup:
    free(values);
    return status;
}

static tw_status read_members(const tw_fields *fields, const tw_json *object, void *record);

/* The struct that a row is about. Several rows may be about one that is pointed to: the first of
 * them makes it. NULL when memory is short. */
static void *struct_of(const tw_field *field, void *record) {
    void *made = (void *)tw_field_struct(field, record);
    if (made) return made;
    made = tw_alloc(1, field->of->size);
    set_pointer(field, record, made);
    return made;
}

static tw_status object(const tw_field *field, const tw_json *value, void *record) {
    if (!tw_json_is_object(value)) return of_another_kind(field);
    void *into = struct_of(field, record);
    return into ? read_members(field->of, value, into) : TW_ERR_MEMORY;
}

static tw_status objects(const tw_field *field, const tw_json *value, void *record) {
    tw_status status = TW_OK;
    size_t items = tw_json_size(value);
    if (!tw_json_is_array(value)) return of_another_kind(field);
    if (!field->pointed && items > field->size)
        return tw_fail(TW_ERR_DATA, "member '%s' of a record has more than %zu entries", field->key,
                       field->size);
    char *fresh = field->pointed ? tw_alloc(items, field->of->size) : at(field, record);
    if (fresh == NULL) return TW_ERR_MEMORY;
    if (field->pointed) set_pointer(field, record, fresh);
    set_items(field->count, record, items);
    for (size_t i = 0; status == TW_OK && i < items; i++) {
        const tw_json *item = tw_json_at(value, i);
        status = tw_json_is_object(item)
                     ? read_members(field->of, item, fresh + field->of->size * i)
                     : of_another_kind(field);
    }
    return status;
}

static tw_status (*const readers[])(const tw_field *field, const tw_json *value, void *record) = {
    [TW_FIELD_NUMBER] = number,  [TW_FIELD_SIZE] = whole,      [TW_FIELD_COUNT] = whole,
    [TW_FIELD_INTEGER] = whole,  [TW_FIELD_BOOLEAN] = boolean, [TW_FIELD_NAME] = name,
    [TW_FIELD_TEXT] = text,      [TW_FIELD_CHARS] = chars,     [TW_FIELD_NUMBERS] = numbers,
    [TW_FIELD_SIZES] = sizes,    [TW_FIELD_MATRIX] = matrix,   [TW_FIELD_OBJECT] = object,
    [TW_FIELD_OBJECTS] = objects};

/* ---- Objects ---- */

/* Is any of these members there? */
static bool any_member(const tw_fields *fields, const tw_json *from) {
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *row = &fields->rows[i];
        if (row->key ? tw_json_get(from, row->key) != NULL : any_member(row->of, from)) return true;
    }
    return false;
}

/* Members that stand in this object: those of a pointed struct get one. */
static tw_status members(const tw_field *field, const tw_json *value, void *record) {
    if (field->pointed && !any_member(field->of, value)) return TW_OK;
    void *into = struct_of(field, record);
    return into ? read_members(field->of, value, into) : TW_ERR_MEMORY;
}

static tw_status read_field(const tw_field *field, const tw_json *from, void *record) {
    if (field->kind == TW_FIELD_MADE) return TW_OK;
    if (field->kind == TW_FIELD_MEMBERS) return members(field, from, record);
    const tw_json *value = tw_json_get(from, field->key);
    if (value && !is_null(value)) return readers[field->kind](field, value, record);
    if (field->kind == TW_FIELD_NUMBER) *(double *)at(field, record) = (double)NAN;
    return TW_OK;
}

static tw_status read_members(const tw_fields *fields, const tw_json *from, void *record) {
    tw_status status = TW_OK;
    for (size_t i = 0; status == TW_OK && i < fields->count; i++)
        status = read_field(&fields->rows[i], from, record);
    return status;
}

tw_status tw_fields_read(const tw_fields *fields, const tw_json *from, void *record) {
    memset(record, 0, fields->size);
    if (!tw_json_is_object(from)) return tw_fail(TW_ERR_DATA, "%s: no object", fields->name);
    tw_status status = read_members(fields, from, record);
    if (status != TW_OK) tw_fields_clear(fields, record);
    return status;
}

/* ---- Clearing ---- */

static bool is_list(tw_field_kind kind) {
    return kind == TW_FIELD_NUMBERS || kind == TW_FIELD_SIZES || kind == TW_FIELD_MATRIX;
}

/* What a struct or several of them own. */
static void clear_structs(const tw_field *field, void *record) {
    char *first = (char *)tw_field_struct(field, record);
    size_t items = field->kind == TW_FIELD_OBJECTS ? tw_field_items(field, record) : 1;
    for (size_t i = 0; first && i < items; i++)
        tw_fields_clear(field->of, first + field->of->size * i);
    if (field->pointed) free(first);
    if (field->pointed) set_pointer(field, record, NULL);
}

void tw_fields_clear(const tw_fields *fields, void *record) {
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *field = &fields->rows[i];
        if (is_list(field->kind)) {
            void *list;
            memcpy(&list, at(field, record), sizeof list);
            free(list);
            set_pointer(field, record, NULL);
        } else if (field->of && field->kind != TW_FIELD_MADE) {
            clear_structs(field, record);
        }
    }
}
