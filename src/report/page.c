/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page_private.h"

#include <string.h>

#include "report/assets_private.h"
#include "report/html_private.h"

static void write_link(tw_writer *page, const char *name, const char *suffix, const char *media,
                       const tw_writer *bytes) {
    tw_html_markup(page, "<a download=\"");
    tw_html_text(page, name);
    tw_html_markup(page, suffix);
    tw_html_markup(page, "\" href=\"data:");
    tw_html_markup(page, media);
    tw_html_markup(page, ";charset=utf-8;base64,");
    if (bytes->bytes) tw_html_base64(page, bytes->bytes, bytes->length);
    tw_html_markup(page, "\">");
    tw_html_text(page, name);
    tw_html_markup(page, suffix);
    tw_html_markup(page, "</a> ");
}

static void write_downloads(tw_writer *page, const tw_figure *figure) {
    tw_writer script = {0};
    tw_figure_script(figure, &script);
    tw_html_markup(page, "<p class=\"data\">Data and script: ");
    write_link(page, figure->name, ".csv", "text/csv", &figure->csv);
    write_link(page, figure->name, ".gp", "text/plain", &script);
    tw_html_markup(page, "</p>");
    if (script.status != TW_OK) page->status = script.status;
    tw_writer_clear(&script);
}

/* Two drawings and two radio buttons, which work without a script. */
static void write_switch(tw_writer *page, const tw_figure *figure) {
    const char *n = figure->name;
    tw_writer_format(page,
                     "<div class=\"switch\"><input type=\"radio\" name=\"%s-axis\" id=\"%s-a\" "
                     "checked><label for=\"%s-a\">linear</label><input type=\"radio\" class=\"log\""
                     " name=\"%s-axis\" id=\"%s-b\"><label for=\"%s-b\">logarithmic</label>"
                     "<div class=\"plot linear\">",
                     n, n, n, n, n, n);
    tw_html_markup(page, figure->svg[0].bytes);
    tw_html_markup(page, "</div><div class=\"plot logarithmic\">");
    tw_html_markup(page, figure->svg[1].bytes);
    tw_html_markup(page, "</div></div>");
}

static void write_drawing(tw_writer *page, const tw_figure *figure, const char *missing) {
    if (figure->svg[0].length == 0) {
        tw_html_markup(page, "<p class=\"missing\">");
        tw_html_text(page, missing);
        tw_html_markup(page, "</p>");
    } else if (figure->svg[1].length > 0) {
        write_switch(page, figure);
    } else {
        tw_html_markup(page, "<div class=\"plot\">");
        tw_html_markup(page, figure->svg[0].bytes);
        tw_html_markup(page, "</div>");
    }
}

static void write_figure(tw_writer *page, const tw_figure *figure, const char *missing) {
    tw_writer_format(page, "<figure id=\"figure-%s\"><h3>", figure->name);
    tw_html_text(page, figure->kind->title);
    tw_html_markup(page, "</h3>");
    write_drawing(page, figure, missing);
    tw_html_markup(page, "<figcaption>");
    tw_html_text(page, figure->kind->caption);
    if (figure->note.length > 0) {
        tw_html_markup(page, " ");
        tw_html_text(page, figure->note.bytes);
    }
    tw_html_markup(page, "</figcaption>");
    write_downloads(page, figure);
    tw_html_markup(page, "</figure>\n");
}

static bool is_number(const char *text) {
    if (strchr(text, ' ')) return false; /* a list of them wraps */
    return (text[0] >= '0' && text[0] <= '9') ||
           (text[0] == '-' && (text[1] == '\0' || (text[1] >= '0' && text[1] <= '9')));
}

static void write_row(tw_writer *page, const tw_sheet *sheet, size_t row) {
    tw_html_markup(page, "<tr>");
    for (size_t j = 0; j < sheet->columns; j++) {
        const char *text = tw_sheet_cell(sheet, row, j);
        bool head = row == 0 || j == 0;
        tw_html_markup(page, row == 0          ? "<th scope=\"col\">"
                             : j == 0          ? "<th scope=\"row\">"
                             : is_number(text) ? "<td class=\"n\">"
                                               : "<td>");
        tw_html_text(page, text);
        tw_html_markup(page, head ? "</th>" : "</td>");
    }
    tw_html_markup(page, "</tr>\n");
}

static void write_sheet(tw_writer *page, const tw_sheet *sheet) {
    tw_html_markup(page, sheet->columns <= 4 ? "<div class=\"wide half\" tabindex=\"0\">"
                                             : "<div class=\"wide\" tabindex=\"0\">");
    tw_html_markup(page, "<table><caption>");
    tw_html_text(page, sheet->title);
    tw_html_markup(page, "</caption><thead>");
    write_row(page, sheet, 0);
    tw_html_markup(page, "</thead><tbody>");
    for (size_t i = 1; i < tw_sheet_rows(sheet); i++) write_row(page, sheet, i);
    tw_html_markup(page, "</tbody></table></div>\n");
}

static void write_text(tw_writer *page, const char *before, const char *text, const char *after) {
    tw_html_markup(page, before);
    tw_html_text(page, text);
    tw_html_markup(page, after);
}

static void write_heading(tw_writer *page, const tw_block *block, bool first) {
    tw_html_markup(page, first ? "<section id=\"" : "</section>\n<section id=\"");
    tw_html_text(page, block->id);
    write_text(page, "\"><h2>", block->text, "</h2>\n");
}

static void write_blocks(tw_writer *page, const tw_content *content, const char *missing) {
    bool first = true;
    for (size_t i = 0; i < content->count; i++) {
        const tw_block *block = &content->blocks[i];
        if (block->kind == TW_BLOCK_HEADING) {
            write_heading(page, block, first);
            first = false;
        } else if (block->kind == TW_BLOCK_VERDICT) {
            write_text(page, "<p class=\"verdict\">", block->text, "</p>\n");
        } else if (block->kind == TW_BLOCK_PROSE) {
            write_text(page, "<p>", block->text, "</p>\n");
        } else if (block->kind == TW_BLOCK_SHEET) {
            write_sheet(page, &block->sheet);
        } else {
            write_figure(page, &block->figure, missing);
        }
    }
    if (!first) tw_html_markup(page, "</section>\n");
}

static void write_index(tw_writer *page, const tw_content *content) {
    tw_html_markup(page, "<nav aria-label=\"Sections\">");
    for (size_t i = 0; i < content->count; i++) {
        if (content->blocks[i].kind != TW_BLOCK_HEADING) continue;
        tw_writer_format(page, "<a href=\"#%s\">", content->blocks[i].id);
        write_text(page, "", content->blocks[i].text, "</a> ");
    }
    tw_html_markup(page, "</nav>\n");
}

void tw_page_write(const tw_content *content, const char *title, const char *missing,
                   tw_writer *page) {
    tw_html_markup(page,
                   "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
                   "<meta name=\"color-scheme\" content=\"light dark\">\n"
                   "<link rel=\"icon\" href=\"data:,\">\n");
    write_text(page, "<title>", title, "</title>\n<style>\n");
    tw_html_markup(page, tw_asset_page_css);
    write_text(page, "</style></head><body><main>\n<h1>", title, "</h1>\n");
    write_index(page, content);
    write_blocks(page, content, missing);
    tw_html_markup(page, "</main><script>\n");
    tw_html_markup(page, tw_asset_page_js);
    tw_html_markup(page, "</script></body></html>\n");
}
