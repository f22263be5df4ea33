/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that were made of others, as records (docs/formats/results.md). Everything is borrowed. */
#ifndef THALWEG_FILE_RECORD_H
#define THALWEG_FILE_RECORD_H

#include <thalweg/record/fields.h>

/* What `convert` answers. */
typedef struct tw_convert_record {
    const char *output;
    size_t arrays;
} tw_convert_record;

/* A record that a page was made of. */
typedef struct tw_page_source {
    const char *file, *schema; /* "compare/1"; "" when it has none */
} tw_page_source;

/* What `report` answers. */
typedef struct tw_page_record {
    size_t count;
    const tw_page_source *files;
} tw_page_record;

TW_API_DATA const tw_fields tw_convert_fields; /* of a tw_convert_record */
TW_API_DATA const tw_fields tw_page_fields;    /* of a tw_page_record */

#endif
