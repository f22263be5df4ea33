/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/content_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc_private.h"

/* ---- Tables ---- */

static void sheet_clear(tw_sheet *sheet) {
    for (size_t i = 0; i < sheet->count; i++) free(sheet->cells[i]);
    free(sheet->cells);
    free(sheet->title);
    *sheet = (tw_sheet){0};
}

/* Takes over `text`; NULL: memory was short. */
static void put_cell(tw_sheet *sheet, char *text) {
    if (text && sheet->count == sheet->room) {
        char **cells = tw_resize(sheet->cells, 2 * sheet->room + 32, sizeof *cells);
        if (cells) {
            sheet->cells = cells;
            sheet->room = 2 * sheet->room + 32;
        }
    }
    if (text == NULL || sheet->count == sheet->room) {
        sheet->status = TW_ERR_MEMORY;
        free(text);
        return;
    }
    sheet->cells[sheet->count++] = text;
}

void tw_sheet_text(tw_sheet *sheet, const char *text) {
    if (sheet && sheet->status == TW_OK) put_cell(sheet, tw_copy_string(text));
}

void tw_sheet_value(tw_sheet *sheet, const tw_json *value) {
    tw_writer text = {0};
    if (sheet == NULL || sheet->status != TW_OK) return;
    tw_writer_text(&text, "");
    tw_writer_value(&text, value);
    put_cell(sheet, tw_writer_take(&text));
}

void tw_sheet_take(tw_sheet *sheet, tw_writer *text) {
    char *cell = tw_writer_take(text);
    if (sheet && sheet->status == TW_OK)
        put_cell(sheet, cell);
    else
        free(cell);
}

void tw_sheet_format(tw_sheet *sheet, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tw_sheet_text(sheet, text);
}

size_t tw_sheet_rows(const tw_sheet *sheet) {
    return sheet->columns > 0 ? sheet->count / sheet->columns : 0;
}

const char *tw_sheet_cell(const tw_sheet *sheet, size_t row, size_t column) {
    return sheet->cells[row * sheet->columns + column];
}

/* ---- Blocks ---- */

static void block_clear(tw_block *block) {
    free(block->text);
    sheet_clear(&block->sheet);
    tw_figure_clear(&block->figure);
    *block = (tw_block){0};
}

void tw_content_clear(tw_content *content) {
    for (size_t i = 0; i < content->count; i++) block_clear(&content->blocks[i]);
    free(content->blocks);
    *content = (tw_content){0};
}

tw_status tw_content_status(const tw_content *content) {
    tw_status status = content->status;
    for (size_t i = 0; status == TW_OK && i < content->count; i++) {
        status = content->blocks[i].sheet.status;
        if (status == TW_OK) status = tw_figure_status(&content->blocks[i].figure);
    }
    return status;
}

static tw_block *add(tw_content *content, tw_block_kind kind) {
    if (content->status != TW_OK) return NULL;
    if (content->count == content->room) {
        size_t room = 2 * content->room + 16;
        tw_block *blocks = tw_resize(content->blocks, room, sizeof *blocks);
        if (blocks == NULL) {
            content->status = TW_ERR_MEMORY;
            return NULL;
        }
        content->blocks = blocks;
        content->room = room;
    }
    tw_block *block = &content->blocks[content->count++];
    *block = (tw_block){.kind = kind};
    return block;
}

/* Takes over `text`. */
static tw_block *add_text(tw_content *content, tw_block_kind kind, char *text) {
    tw_block *block = text ? add(content, kind) : NULL;
    if (block)
        block->text = text;
    else
        free(text);
    if (block == NULL) content->status = TW_ERR_MEMORY;
    return block;
}

void tw_content_heading(tw_content *content, const char *id, const char *title) {
    tw_block *block = add_text(content, TW_BLOCK_HEADING, tw_copy_string(title));
    if (block) block->id = id;
}

void tw_content_text(tw_content *content, tw_block_kind kind, tw_writer *text) {
    add_text(content, kind, tw_writer_take(text));
}

tw_sheet *tw_content_sheet(tw_content *content, const char *title, size_t columns) {
    tw_block *block = add(content, TW_BLOCK_SHEET);
    if (block == NULL) return NULL;
    block->sheet.columns = columns;
    block->sheet.title = tw_copy_string(title);
    if (block->sheet.title == NULL) content->status = TW_ERR_MEMORY;
    return &block->sheet;
}

void tw_content_drop(tw_content *content) {
    if (content->status != TW_OK || content->count == 0) return;
    tw_block *last = &content->blocks[--content->count];
    content->status = last->sheet.status;
    block_clear(last);
}

void tw_content_figure(tw_content *content, tw_figure *figure) {
    tw_block *block = add(content, TW_BLOCK_FIGURE);
    if (block)
        block->figure = *figure;
    else
        tw_figure_clear(figure);
    *figure = (tw_figure){0};
}
