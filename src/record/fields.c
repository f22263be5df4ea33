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

/* What the items of a list are made from. */
typedef struct list_source {
    const tw_field *field;
    const void *record;
} list_source;

tw_json *tw_list_json(size_t items, tw_json *(*item)(const void *from, size_t index),
                      const void *from) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; list && i < items; i++)
        if (tw_json_append(list, item(from, i)) != TW_OK) {
            tw_json_destroy(list);
            return NULL;
        }
    return list;
}

static tw_json *size_item(const void *from, size_t index) {
    return tw_json_integer((long long)((const size_t *)from)[index]);
}

tw_json *tw_sizes_json(size_t items, const size_t *from) {
    return tw_list_json(items, size_item, from);
}

typedef struct column {
    const char *first;
    size_t size, offset;
} column;

static tw_json *column_item(const void *from, size_t index) {
    const column *c = from;
    return tw_json_number(*(const double *)(const void *)(c->first + c->size * index + c->offset));
}

tw_json *tw_column_json(size_t items, const void *first, size_t bytes, size_t offset) {
    const column c = {first, bytes, offset};
    return tw_list_json(items, column_item, &c);
}

static tw_json *sizes(const tw_field *field, const void *record) {
    return tw_sizes_json(tw_field_items(field, record), pointer_at(field, record));
}

static tw_json *row_item(const void *from, size_t index) {
    const list_source *s = from;
    size_t columns = tw_field_items(s->field, s->record);
    const double *values = pointer_at(s->field, s->record);
    return tw_json_numbers(columns, values + columns * index);
}

static tw_json *matrix(const tw_field *field, const void *record) {
    const list_source from = {field, record};
    return tw_list_json(size_at(record, field->rows), row_item, &from);
}

static tw_json *object(const tw_field *field, const void *record) {
    return tw_fields_json(field->of, tw_field_struct(field, record));
}

static tw_json *object_item(const void *from, size_t index) {
    const list_source *s = from;
    const char *first = tw_field_struct(s->field, s->record);
    return tw_fields_json(s->field->of, first + s->field->of->size * index);
}

static tw_json *objects(const tw_field *field, const void *record) {
    const list_source from = {field, record};
    return tw_list_json(tw_field_items(field, record), object_item, &from);
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
