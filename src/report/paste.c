/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Content as Markdown and as LaTeX, to be pasted: sentences and tables, no figures. */
#include <string.h>

#include "files/text_private.h"
#include "report/page_private.h"

typedef struct escape {
    char from;
    const char *to;
} escape;

/* Text with the characters that mean something replaced; line ends become blanks. */
static void write_escaped(tw_writer *out, const char *text, const escape *table, size_t count) {
    for (; *text; text++) {
        const char *to = *text == '\n' ? " " : NULL;
        for (size_t i = 0; to == NULL && i < count; i++)
            if (table[i].from == *text) to = table[i].to;
        if (to)
            tw_writer_text(out, to);
        else
            tw_writer_bytes(out, text, 1);
    }
}

void tw_markdown_escape(tw_writer *out, const char *text) {
    static const escape table[] = {{'|', "\\|"}, {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"},
                                   {'`', "\\`"}, {'*', "\\*"},  {'_', "\\_"},  {'[', "\\["},
                                   {']', "\\]"}, {'\\', "\\\\"}};
    write_escaped(out, text, table, sizeof table / sizeof *table);
}

void tw_latex_escape(tw_writer *out, const char *text) {
    static const escape table[] = {{'&', "\\&"},
                                   {'%', "\\%"},
                                   {'$', "\\$"},
                                   {'#', "\\#"},
                                   {'_', "\\_"},
                                   {'{', "\\{"},
                                   {'}', "\\}"},
                                   {'~', "\\textasciitilde{}"},
                                   {'^', "\\textasciicircum{}"},
                                   {'\\', "\\textbackslash{}"},
                                   {'<', "\\textless{}"},
                                   {'>', "\\textgreater{}"},
                                   {'|', "\\textbar{}"},
                                   {'"', "\\textquotedbl{}"}};
    write_escaped(out, text, table, sizeof table / sizeof *table);
}

static void markdown_row(tw_writer *out, const tw_sheet *sheet, size_t row) {
    for (size_t j = 0; j < sheet->columns; j++) {
        tw_writer_text(out, "| ");
        tw_markdown_escape(out, tw_sheet_cell(sheet, row, j));
        tw_writer_text(out, " ");
    }
    tw_writer_text(out, "|\n");
}

static void markdown_sheet(tw_writer *out, const tw_sheet *sheet) {
    tw_writer_text(out, "**");
    tw_markdown_escape(out, sheet->title);
    tw_writer_text(out, "**\n\n");
    markdown_row(out, sheet, 0);
    for (size_t j = 0; j < sheet->columns; j++) tw_writer_text(out, "|---");
    tw_writer_text(out, "|\n");
    for (size_t i = 1; i < tw_sheet_rows(sheet); i++) markdown_row(out, sheet, i);
    tw_writer_text(out, "\n");
}

void tw_markdown_write(const tw_content *content, tw_writer *text) {
    tw_writer_text(text, "");
    for (size_t i = 0; i < content->count; i++) {
        const tw_block *block = &content->blocks[i];
        if (block->kind == TW_BLOCK_FIGURE) continue;
        if (block->kind == TW_BLOCK_SHEET) {
            markdown_sheet(text, &block->sheet);
            continue;
        }
        if (block->kind == TW_BLOCK_HEADING) tw_writer_text(text, "## ");
        tw_markdown_escape(text, block->text);
        tw_writer_text(text, "\n\n");
    }
}

static void latex_row(tw_writer *out, const tw_sheet *sheet, size_t row) {
    for (size_t j = 0; j < sheet->columns; j++) {
        if (j > 0) tw_writer_text(out, " & ");
        tw_latex_escape(out, tw_sheet_cell(sheet, row, j));
    }
    tw_writer_text(out, " \\\\\n");
}

static void latex_sheet(tw_writer *out, const tw_sheet *sheet) {
    tw_writer_text(out, "\\begin{table}\n\\caption{");
    tw_latex_escape(out, sheet->title);
    tw_writer_text(out, "}\n\\begin{tabular}{l");
    for (size_t j = 1; j < sheet->columns; j++) tw_writer_text(out, "r");
    tw_writer_text(out, "}\n\\hline\n");
    latex_row(out, sheet, 0);
    tw_writer_text(out, "\\hline\n");
    for (size_t i = 1; i < tw_sheet_rows(sheet); i++) latex_row(out, sheet, i);
    tw_writer_text(out, "\\hline\n\\end{tabular}\n\\end{table}\n\n");
}

void tw_latex_write(const tw_content *content, tw_writer *text) {
    tw_writer_text(text, "");
    for (size_t i = 0; i < content->count; i++) {
        const tw_block *block = &content->blocks[i];
        if (block->kind == TW_BLOCK_FIGURE) continue;
        if (block->kind == TW_BLOCK_SHEET) {
            latex_sheet(text, &block->sheet);
            continue;
        }
        if (block->kind == TW_BLOCK_HEADING) tw_writer_text(text, "\\section*{");
        tw_latex_escape(text, block->text);
        tw_writer_text(text, block->kind == TW_BLOCK_HEADING ? "}\n\n" : "\n\n");
    }
}
