/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records as lines, by the titles of their tables. */
#include <thalweg/record/text.h>

#include <stdio.h>
#include <stdlib.h>
#include <thalweg/record/record.h>

#include "base/alloc_private.h"
#include "record/fields_private.h"
#include "record/lines_private.h"

enum { LABEL = 240 };

/* Where lines go, and which of them now. */
typedef struct pass {
    tw_json *lines;
    size_t columns;
    bool sections;
} pass;

static tw_status walk(tw_json *lines, const tw_fields *fields, size_t columns,
                      const tw_json *const *objects);

/* ---- Rows ---- */

static const tw_json *first_of(size_t columns, const tw_json *const *values) {
    for (size_t i = 0; i < columns; i++)
        if (values[i] && !tw_json_is_null(values[i])) return values[i];
    return NULL;
}

static tw_status add_row(tw_json *lines, const tw_field *field, size_t columns,
                         const tw_json *const *objects, const tw_json *const *values, size_t row) {
    tw_status status = TW_OK;
    char label[LABEL];
    const tw_json *longest = first_of(columns, values);
    for (size_t i = 0; i < columns; i++)
        if (tw_cell_rows(values[i]) > row && tw_json_is_array(values[i])) longest = values[i];
    tw_json *cells = tw_json_array();
    tw_cell_label(field, longest, row, label, sizeof label);
    TW_TRY(tw_json_append(cells, tw_json_string(label)));
    for (size_t i = 0; i < columns; i++)
        TW_TRY(tw_json_append(cells, tw_cell_at(field, objects[i], values[i], row)));
    return tw_json_append(lines, cells);
cleanup:
    tw_json_destroy(cells);
    return status;
}

static tw_status add_rows(tw_json *lines, const tw_field *field, size_t columns,
                          const tw_json *const *objects, const tw_json *const *values) {
    tw_status status = TW_OK;
    size_t rows = field->cell ? 1 : 0;
    for (size_t i = 0; field->cell == NULL && i < columns; i++)
        if (tw_cell_rows(values[i]) > rows) rows = tw_cell_rows(values[i]);
    for (size_t row = 0; row < rows; row++)
        TW_TRY(add_row(lines, field, columns, objects, values, row));
cleanup:
    return status;
}

/* ---- Lists as tables ---- */

/* Cells of one item, or the titles above them. */
static tw_status add_leaves(tw_json *row, const tw_fields *fields, bool titles,
                            const tw_json *object) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *field = &fields->rows[i];
        const tw_json *value = field->key ? tw_json_get(object, field->key) : NULL;
        if (field->kind == TW_FIELD_MEMBERS)
            TW_TRY(add_leaves(row, field->of, titles, object));
        else if (field->title && field->kind == TW_FIELD_OBJECT && !field->of->cell)
            TW_TRY(add_leaves(row, field->of, titles, value));
        else if (field->across)
            continue; /* no room for it in a row */
        else if (field->title && titles)
            TW_TRY(tw_json_append(row, tw_json_string(field->title)));
        else if (field->title)
            TW_TRY(tw_json_append(row, tw_cell_at(field, object, value, 0)));
    }
cleanup:
    return status;
}

static tw_status add_item(tw_json *rows, const tw_fields *fields, bool titles,
                          const tw_json *object) {
    tw_json *row = tw_json_array();
    tw_status status = row ? add_leaves(row, fields, titles, object) : TW_ERR_MEMORY;
    if (status == TW_OK) return tw_json_append(rows, row);
    tw_json_destroy(row);
    return status;
}

static tw_status add_table(tw_json *lines, const tw_fields *fields, const tw_json *list) {
    tw_status status = TW_OK;
    tw_json *table = tw_json_object(), *rows = tw_json_array();
    TW_TRY(rows ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(add_item(rows, fields, true, NULL));
    for (size_t i = 0; i < tw_json_size(list); i++)
        TW_TRY(add_item(rows, fields, false, tw_json_at(list, i)));
    status = tw_json_set(table, "rows", rows);
    rows = NULL;
    TW_TRY(status);
    return tw_json_append(lines, table);
cleanup:
    tw_json_destroy(rows);
    tw_json_destroy(table);
    return status;
}

/* Has an item tables or sections of its own? */
static bool is_deep(const tw_fields *fields) {
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *field = &fields->rows[i];
        bool list = field->title && field->of && field->kind != TW_FIELD_OBJECT;
        if (field->kind == TW_FIELD_MEMBERS ? is_deep(field->of) : list) return true;
    }
    return false;
}

static tw_status add_heading(tw_json *lines, const char *title) {
    return title && *title ? tw_json_append(lines, tw_json_string(title)) : TW_OK;
}

static tw_status add_sections(tw_json *lines, const tw_field *field, const tw_json *list) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < tw_json_size(list); i++) {
        char heading[LABEL];
        const tw_json *item = tw_json_at(list, i);
        snprintf(heading, sizeof heading, "%s %zu", field->title, i);
        TW_TRY(add_heading(lines, heading));
        TW_TRY(walk(lines, field->of, 1, &item));
    }
cleanup:
    return status;
}

static tw_status add_list(tw_json *lines, const tw_field *field, const tw_json *list) {
    if (!field->spread && is_deep(field->of)) return add_sections(lines, field, list);
    tw_status status = add_heading(lines, field->title);
    return status == TW_OK ? add_table(lines, field->of, list) : status;
}

/* ---- Side by side ---- */

/* The objects of neighbouring rows of a table. *items NULL: count them. */
static size_t collect(const tw_field *field, size_t rows, const tw_json *object,
                      const tw_json **items) {
    size_t count = 0;
    for (size_t i = 0; i < rows; i++) {
        const tw_json *value = tw_json_get(object, field[i].key);
        bool list = tw_json_is_array(value);
        for (size_t j = 0; j < (list ? tw_json_size(value) : value != NULL); j++, count++)
            if (items) items[count] = list ? tw_json_at(value, j) : value;
    }
    return count;
}

static tw_status add_across(tw_json *lines, const tw_field *field, size_t rows,
                            const tw_json *object) {
    tw_status status = TW_OK;
    const tw_json **items = NULL;
    size_t count = collect(field, rows, object, NULL);
    if (count == 0) return TW_OK;
    TW_TRY(TW_NEW(items, count));
    collect(field, rows, object, items);
    TW_TRY(add_heading(lines, field->title));
    TW_TRY(walk(lines, field->of, count, items));
cleanup:
    free(items);
    return status;
}

/* ---- All members ---- */

static bool is_blank(const tw_json *value) {
    double number;
    bool flag;
    const char *string = tw_json_as_string(value);
    if (string) return *string == '\0';
    if (tw_json_as_boolean(value, &flag)) return !flag;
    if (tw_json_as_number(value, &number)) return number == 0.0;
    return tw_json_size(value) == 0;
}

static bool are_blank(size_t columns, const tw_json *const *values) {
    for (size_t i = 0; i < columns; i++)
        if (!is_blank(values[i])) return false;
    return true;
}

static bool are_absent(size_t columns, const tw_json *const *values) {
    for (size_t i = 0; i < columns; i++)
        if (values[i]) return false;
    return true;
}

static bool is_shown(const tw_field *field, size_t columns, const tw_json *const *values) {
    return !are_absent(columns, values) && !(field->quiet && are_blank(columns, values));
}

static void get_values(const tw_field *field, size_t columns, const tw_json *const *objects,
                       const tw_json **values) {
    for (size_t i = 0; i < columns; i++) values[i] = tw_json_get(objects[i], field->key);
}

/* Is anything to be shown of these objects? */
static bool is_there(const tw_fields *fields, size_t columns, const tw_json *const *objects,
                     const tw_json **values) {
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *field = &fields->rows[i];
        if (field->kind == TW_FIELD_MEMBERS && is_there(field->of, columns, objects, values))
            return true;
        if (field->kind == TW_FIELD_MEMBERS || field->title == NULL) continue;
        get_values(field, columns, objects, values);
        if (is_shown(field, columns, values)) return true;
    }
    return false;
}

static tw_status add_section(tw_json *lines, const tw_field *field, size_t columns,
                             const tw_json *const *objects) {
    tw_status status = TW_OK;
    const tw_json **values = NULL;
    TW_TRY(TW_NEW(values, columns));
    if (is_there(field->of, columns, objects, values)) {
        TW_TRY(add_heading(lines, field->title));
        TW_TRY(walk(lines, field->of, columns, objects));
    }
cleanup:
    free(values);
    return status;
}

/* An object without a title of its own stands in the section of its parent. */
static bool is_inline(const tw_field *field) {
    return field->title == NULL || field->title[0] == '\0';
}

static bool is_row(const tw_field *field) {
    return field->cell || field->of == NULL || (field->of->cell && !field->spread);
}

/* One row, section or table. */
static tw_status show(const pass *p, const tw_field *field, const tw_json *const *objects,
                      const tw_json *const *values) {
    const tw_json *first = first_of(p->columns, values);
    if (is_row(field))
        return p->sections ? TW_OK : add_rows(p->lines, field, p->columns, objects, values);
    if (first == NULL || !p->sections) return TW_OK;
    if (!tw_json_is_array(first)) return add_section(p->lines, field, p->columns, values);
    return tw_json_size(first) ? add_list(p->lines, field, first) : TW_OK;
}

static tw_status show_all(const pass *p, const tw_fields *fields, const tw_json *const *objects) {
    tw_status status = TW_OK;
    const tw_json **values = NULL;
    TW_TRY(TW_NEW(values, p->columns));
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *field = &fields->rows[i];
        bool members = field->kind == TW_FIELD_MEMBERS;
        size_t beside = 0;
        if (!members && field->title == NULL) continue;
        while (i + beside < fields->count && field[beside].across) beside++;
        if (!members) get_values(field, p->columns, objects, values);
        if (beside > 0) {
            if (p->sections) TW_TRY(add_across(p->lines, field, beside, objects[0]));
            i += beside - 1;
        } else if (members && is_inline(field)) {
            TW_TRY(show_all(p, field->of, objects));
        } else if (members) {
            if (p->sections) TW_TRY(add_section(p->lines, field, p->columns, objects));
        } else if (!is_shown(field, p->columns, values)) {
            continue;
        } else if (!is_row(field) && is_inline(field) &&
                   tw_json_is_object(first_of(p->columns, values))) {
            TW_TRY(show_all(p, field->of, values));
        } else {
            TW_TRY(show(p, field, objects, values));
        }
    }
cleanup:
    free(values);
    return status;
}

/* Rows first, then what has a heading: a row below a section would seem to belong to it. */
static tw_status walk(tw_json *lines, const tw_fields *fields, size_t columns,
                      const tw_json *const *objects) {
    const pass rows = {lines, columns, false}, sections = {lines, columns, true};
    tw_status status = show_all(&rows, fields, objects);
    return status == TW_OK ? show_all(&sections, fields, objects) : status;
}

static const tw_fields *input_of(const tw_fields *result) {
    const tw_schema *schema;
    for (size_t i = 0; (schema = tw_schema_at(i)); i++)
        if (schema->result == result) return schema->input;
    return NULL;
}

tw_status tw_record_text(const tw_fields *fields, const tw_json *input, const tw_json *result,
                         char **text) {
    const tw_json *inputs[TW_TEXT_COLUMNS];
    size_t count = 0, given = tw_json_is_array(input) ? tw_json_size(input) : 1;
    const tw_fields *of = input_of(fields);
    for (; of && count < given && count < TW_TEXT_COLUMNS; count++)
        inputs[count] = tw_json_is_array(input) ? tw_json_at(input, count) : input;
    const tw_text_part parts[] = {{of, count, inputs}, {fields, 1, &result}};
    return of ? tw_text_make(2, parts, text) : tw_text_make(1, parts + 1, text);
}

tw_status tw_text_make(size_t count, const tw_text_part *parts, char **text) {
    tw_status status = TW_OK;
    tw_json *lines = tw_json_array();
    TW_TRY(lines ? TW_OK : TW_ERR_MEMORY);
    for (size_t i = 0; i < count; i++)
        TW_TRY(walk(lines, parts[i].fields, parts[i].columns, parts[i].objects));
    TW_TRY(tw_lines_text(lines, text));
cleanup:
    tw_json_destroy(lines);
    return status;
}
