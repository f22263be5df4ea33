/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results as text for people: the members with a title in the tables of records, in their order. */
#ifndef THALWEG_TEXT_H
#define THALWEG_TEXT_H

#include <thalweg/record/fields.h>

/* Objects of one table side by side, a column each. */
typedef struct tw_text_part {
    const tw_fields *fields;
    size_t columns;
    const tw_json *const *objects; /* columns; borrowed */
} tw_text_part;

/* Lines of at most one label and a cell a column, aligned over all parts; an object with a title is
 * a section, a list of objects a table of its own or, where its row says so, the columns. *text
 * (out): ends with a newline, owned by the caller (free). Errors: TW_ERR_MEMORY. */
TW_API tw_status tw_text_make(size_t count, const tw_text_part *parts, char **text);

/* A result with its input, an object or a list of some, as the record of `fields` has them
 * (tw_schema_at); inputs beyond TW_TEXT_COLUMNS are not shown. Likewise. */
enum { TW_TEXT_COLUMNS = 64 };
TW_API tw_status tw_record_text(const tw_fields *fields, const tw_json *input,
                                const tw_json *result, char **text);

#endif
