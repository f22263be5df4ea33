/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs as JSON by their tables. */
#include <string.h>

#include "record/fields_private.h"

static const void *at(const tw_field *field, const void *record) {
    return (const char *)record + field->offset;
}

static const void *pointer_at(const tw_field *field, const void *record) {
    const void *pointer;
    memcpy(&pointer, at(field, record), sizeof pointer);
    return pointer;
}

static size_t size_at(const void *record, size_t offset) {
    return *(const size_t *)(const void *)((const char *)record + offset);
}

size_t tw_field_items(const tw_field *field, const void *record) {
    return size_at(record, field->count);
}

const void *tw_field_struct(const tw_field *field, const void *record) {
    return field->pointed ? pointer_at(field, record) : at(field, record);
}

/* ---- One value of each kind ---- */

static tw_json *number(const tw_field *field, const void *record) {
    return tw_json_number(*(const double *)at(field, record));
}

static tw_json *size(const tw_field *field, const void *record) {
    return tw_json_integer((long long)*(const size_t *)at(field, record));
}

static tw_json *count(const tw_field *field, const void *record) {
    return tw_json_integer((long long)*(const uint64_t *)at(field, record));
}

static tw_json *integer(const tw_field *field, const void *record) {
    return tw_json_integer(*(const long *)at(field, record));
}

static tw_json *boolean(const tw_field *field, const void *record) {
    return tw_json_boolean(*(const bool *)at(field, record));
}

static tw_json *name(const tw_field *field, const void *record) {
    int value;
    memcpy(&value, at(field, record), sizeof value);
    return tw_json_string(field->name(value));
}

static tw_json *text(const tw_field *field, const void *record) {
    const char *string = pointer_at(field, record);
    return string ? tw_json_string(string) : tw_json_null();
}

static tw_json *chars(const tw_field *field, const void *record) {
    return tw_json_string(at(field, record));
}

static tw_json *numbers(const tw_field *field, const void *record) {
    return tw_json_numbers(tw_field_items(field, record), pointer_at(field, record));
}

/* A list of what `item` makes for each index; NULL when memory is short. */
typedef tw_json *(*item_maker)(const tw_field *field, const void *from, size_t index);

static tw_json *list(const tw_field *field, const void *from, size_t items, item_maker item) {
    tw_json *array = tw_json_array();
    for (size_t i = 0; array && i < items; i++)
        if (tw_json_append(array, item(field, from, i)) != TW_OK) {
            tw_json_destroy(array);
            return NULL;
        }
    return array;
}

static tw_json *size_item(const tw_field *field, const void *from, size_t index) {
    (void)field;
    return tw_json_integer((long long)((const size_t *)from)[index]);
}

static tw_json *sizes(const tw_field *field, const void *record) {
    return list(field, pointer_at(field, record), tw_field_items(field, record), size_item);
}

static tw_json *row_item(const tw_field *field, const void *record, size_t index) {
    size_t columns = tw_field_items(field, record);
    const double *values = pointer_at(field, record);
    return tw_json_numbers(columns, values + columns * index);
}

static tw_json *matrix(const tw_field *field, const void *record) {
    return list(field, record, size_at(record, field->rows), row_item);
}

static tw_json *object(const tw_field *field, const void *record) {
    return tw_fields_json(field->of, tw_field_struct(field, record));
}

static tw_json *object_item(const tw_field *field, const void *first, size_t index) {
    return tw_fields_json(field->of, (const char *)first + field->of->size * index);
}

static tw_json *objects(const tw_field *field, const void *record) {
    return list(field, tw_field_struct(field, record), tw_field_items(field, record), object_item);
}

static tw_json *made(const tw_field *field, const void *record) {
    return field->make(record);
}

static tw_json *(*const makers[])(const tw_field *field, const void *record) = {
    [TW_FIELD_NUMBER] = number,   [TW_FIELD_SIZE] = size,       [TW_FIELD_COUNT] = count,
    [TW_FIELD_INTEGER] = integer, [TW_FIELD_BOOLEAN] = boolean, [TW_FIELD_NAME] = name,
    [TW_FIELD_TEXT] = text,       [TW_FIELD_CHARS] = chars,     [TW_FIELD_NUMBERS] = numbers,
    [TW_FIELD_SIZES] = sizes,     [TW_FIELD_MATRIX] = matrix,   [TW_FIELD_OBJECT] = object,
    [TW_FIELD_OBJECTS] = objects, [TW_FIELD_MADE] = made};

/* ---- Objects ---- */

/* Is there a value? A struct behind a null pointer is none. */
static bool is_known(const tw_field *field, const void *record) {
    if (field->known && !field->known(record)) return false;
    return field->kind == TW_FIELD_OBJECTS || !field->pointed || pointer_at(field, record) != NULL;
}

static tw_status write_field(const tw_field *field, const void *record, tw_json *object_) {
    if (!is_known(field, record)) {
        if (field->optional || field->kind == TW_FIELD_MEMBERS) return TW_OK;
        return tw_json_set(object_, field->key, tw_json_null());
    }
    if (field->kind == TW_FIELD_MEMBERS)
        return tw_fields_write(field->of, tw_field_struct(field, record), object_);
    return tw_json_set(object_, field->key, makers[field->kind](field, record));
}

tw_status tw_fields_write(const tw_fields *fields, const void *record, tw_json *object_) {
    tw_status status = TW_OK;
    for (size_t i = 0; status == TW_OK && i < fields->count; i++)
        status = write_field(&fields->rows[i], record, object_);
    return status;
}

tw_json *tw_fields_json(const tw_fields *fields, const void *record) {
    tw_json *made_ = tw_json_object();
    if (made_ && tw_fields_write(fields, record, made_) == TW_OK) return made_;
    tw_json_destroy(made_);
    return NULL;
}
