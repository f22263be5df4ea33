/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/file_record.h>

#include "record/fields_private.h"

static const tw_field convert_rows[] = {
    TW_TEXT(tw_convert_record, output, "output", .meaning = "path written"),
    TW_SIZE(tw_convert_record, arrays, "arrays", .meaning = "how many arrays it holds"),
};
TW_TABLE(tw_convert_fields, "convert", tw_convert_record, convert_rows);

static const tw_field source_rows[] = {
    TW_TEXT(tw_page_source, file, "file", .meaning = "as given"),
    TW_TEXT(tw_page_source, schema, "schema", .meaning = "of the record in it"),
};
static TW_TABLE(source_fields, "a source of a page", tw_page_source, source_rows);

static const tw_field page_rows[] = {
    TW_OBJECTS(tw_page_record, files, count, "files", source_fields, .pointed = true,
               .meaning = "the records that the page was made of"),
};
TW_TABLE(tw_page_fields, "report", tw_page_record, page_rows);
