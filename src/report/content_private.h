/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report says, before it is a page: paragraphs, tables and figures in their order. Texts are
 * plain; whoever writes a page, Markdown or LaTeX escapes them. Failures stick. */
#ifndef TW_CONTENT_PRIVATE_H
#define TW_CONTENT_PRIVATE_H

#include "report/figure_private.h"

/* A table, filled cell by cell, its first row being the heads. Every function takes NULL. */
typedef struct tw_sheet {
    char *title; /* owned */
    size_t columns, count, room;
    char **cells; /* owned, row by row */
    tw_status status;
} tw_sheet;

void tw_sheet_text(tw_sheet *sheet, const char *text);
void tw_sheet_value(tw_sheet *sheet, const tw_json *value); /* as tw_writer_value */
void tw_sheet_take(tw_sheet *sheet, tw_writer *text);       /* empties it */
void tw_sheet_format(tw_sheet *sheet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
size_t tw_sheet_rows(const tw_sheet *sheet);                                 /* heads included */
const char *tw_sheet_cell(const tw_sheet *sheet, size_t row, size_t column); /* never NULL */

typedef enum tw_block_kind {
    TW_BLOCK_HEADING, /* text: title; a section begins */
    TW_BLOCK_VERDICT, /* text: the answer in one sentence */
    TW_BLOCK_PROSE,   /* text: a paragraph */
    TW_BLOCK_SHEET,
    TW_BLOCK_FIGURE
} tw_block_kind;

typedef struct tw_block {
    tw_block_kind kind;
    const char *id; /* of a heading; static */
    char *text;     /* owned */
    tw_sheet sheet;
    tw_figure figure;
} tw_block;

/* Initialise with {0}. */
typedef struct tw_content {
    tw_block *blocks; /* owned */
    size_t count, room;
    tw_status status;
} tw_content;

void tw_content_clear(tw_content *content);
tw_status tw_content_status(const tw_content *content); /* the first failure of anything in it */

void tw_content_heading(tw_content *content, const char *id, const char *title);
void tw_content_text(tw_content *content, tw_block_kind kind, tw_writer *text); /* empties it */

/* A new table; borrowed until the next block is added; NULL when memory is short. */
tw_sheet *tw_content_sheet(tw_content *content, const char *title, size_t columns);

/* Take back the last block, a table that got no rows. */
void tw_content_drop(tw_content *content);

/* A figure, taken over. */
void tw_content_figure(tw_content *content, tw_figure *figure);

#endif
