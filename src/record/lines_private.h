/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of a text before their widths are known: a JSON list of headings (strings), rows (lists
 * of strings: a label, then the cells) and tables (objects with `rows`, the first of titles). */
#ifndef TW_LINES_PRIVATE_H
#define TW_LINES_PRIVATE_H

#include <thalweg/record/fields.h>

/* *text (out): owned by the caller. TW_ERR_MEMORY. */
tw_status tw_lines_text(const tw_json *lines, char **text);

/* Rows that a value takes: numbers of a list four in each, objects one each, of many the ends. */
size_t tw_cell_rows(const tw_json *value);

/* A new string: what `row` of them says of `value`, a member of `object`. NULL when memory is
 * short. */
tw_json *tw_cell_at(const tw_field *field, const tw_json *object, const tw_json *value, size_t row);

/* What stands before them all. */
void tw_cell_label(const tw_field *field, const tw_json *value, size_t row, char *text,
                   size_t room);

#endif
