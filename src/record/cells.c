/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cell of a text says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "files/text_private.h"
#include "record/fields_private.h"
#include "record/lines_private.h"

enum {
    CELL = 240,
    DIGITS = 6,
    PER_ROW = 4, /* numbers of a list in a row */
    NUMBERS = 16,
    ENDS = 4 /* items that are shown of each end of a long list */
};

double tw_cell_number(const tw_json *object, const char *key) {
    double number = NAN;
    return tw_json_as_number(tw_json_get(object, key), &number) ? number : NAN;
}

void tw_file_cell(const tw_json *object, char *text, size_t room) {
    const char *path = tw_json_as_string(tw_json_get(object, "file"));
    const char *slash = path ? strrchr(path, '/') : NULL;
    snprintf(text, room, "%s", slash ? slash + 1 : path ? path : "");
}

static void scalar_text(const tw_field *field, const tw_json *value, char *text, size_t room) {
    bool flag;
    long long integer;
    double number;
    const char *string = tw_json_as_string(value);
    if (string)
        snprintf(text, room, "%s", string);
    else if (tw_json_as_boolean(value, &flag))
        snprintf(text, room, "%s", flag ? "yes" : "no");
    else if (tw_json_as_integer(value, &integer))
        snprintf(text, room, "%lld", integer);
    else if (tw_json_as_number(value, &number) && field->digits == TW_SHORTEST)
        tw_number_text(number, text);
    else if (tw_json_as_number(value, &number))
        snprintf(text, room, "%.*g", field->digits ? field->digits : DIGITS, number);
    else
        snprintf(text, room, "%s", value ? "-" : "");
}

static void numbers_text(const tw_field *field, const tw_json *list, size_t row, char *text,
                         size_t room) {
    size_t count = tw_json_size(list), used = 0;
    for (size_t i = row * PER_ROW; i < count && i < (row + 1) * PER_ROW && used < room; i++) {
        char number[CELL];
        scalar_text(field, tw_json_at(list, i), number, sizeof number);
        used += (size_t)snprintf(text + used, room - used, "%s%s", used ? " " : "", number);
    }
    if (count > NUMBERS && (row + 1) * PER_ROW >= NUMBERS && used < room)
        snprintf(text + used, room - used, " ..");
}

/* The item that a row shows of a list: both ends of a long one. NULL: what is between them. */
static const tw_json *item_at(const tw_json *list, size_t row) {
    size_t count = tw_json_size(list);
    if (count <= 2 * ENDS + 1 || row < ENDS) return tw_json_at(list, row);
    return row == ENDS ? NULL : tw_json_at(list, count - (2 * ENDS + 1) + row);
}

static bool is_list_of_objects(const tw_json *value) {
    return tw_json_is_array(value) && tw_json_is_object(tw_json_at(value, 0));
}

size_t tw_cell_rows(const tw_json *value) {
    size_t count = tw_json_size(value);
    if (!tw_json_is_array(value)) return 1;
    if (is_list_of_objects(value)) return count <= 2 * ENDS + 1 ? count : 2 * ENDS + 1;
    return ((count < NUMBERS ? count : NUMBERS) + PER_ROW - 1) / PER_ROW;
}

tw_json *tw_cell_at(const tw_field *field, const tw_json *object, const tw_json *value,
                    size_t row) {
    char text[CELL] = "";
    if (field->cell == NULL && row >= tw_cell_rows(value)) return tw_json_string("");
    bool list = is_list_of_objects(value);
    const tw_json *item = list ? item_at(value, row) : value;
    if (field->cell)
        field->cell(object, text, sizeof text);
    else if (list && item == NULL)
        snprintf(text, sizeof text, "..");
    else if (tw_json_is_object(item))
        field->of->cell(item, text, sizeof text);
    else if (tw_json_is_array(value))
        numbers_text(field, value, row, text, sizeof text);
    else if (tw_json_as_string(value))
        return tw_json_string(tw_json_as_string(value)); /* however long */
    else
        scalar_text(field, value, text, sizeof text);
    return tw_json_string(text);
}

void tw_cell_label(const tw_field *field, const tw_json *value, size_t row, char *text,
                   size_t room) {
    const char *key = field->of ? field->of->label : NULL;
    if (key && field->cell == NULL && is_list_of_objects(value))
        snprintf(text, room, "%s %g", field->title, tw_cell_number(item_at(value, row), key));
    else
        snprintf(text, room, "%s", row == 0 ? field->title : "");
}
