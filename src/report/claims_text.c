/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims with what came out, as text, as a Markdown table and as a LaTeX longtable. */
#include <thalweg/report/texts.h>

#include <stdio.h>
#include <string.h>

#include "report/page_private.h"

/* "0.0000e+00 = 0" and the like, without the name of the figure. */
static void figure_text(const tw_claim_figure *figure, char *text, size_t room) {
    snprintf(text, room, "%.9g", figure->value);
    size_t used = strlen(text);
    if (figure->relation[0])
        snprintf(text + used, room - used, " %s %.9g", figure->relation, figure->reference);
    used = strlen(text);
    if (figure->tolerance > 0.0) snprintf(text + used, room - used, " +- %.1g", figure->tolerance);
}

/* ---- For people ---- */

/* Words of a text in lines of at most 96 columns behind `indent` blanks. */
static void write_paragraph(tw_writer *out, const char *text, int indent) {
    int column = 0;
    for (const char *at = text; *at;) {
        int length = (int)strcspn(at, " ");
        if (column > 0 && column + 1 + length > 96 - indent) {
            tw_writer_text(out, "\n");
            column = 0;
        }
        tw_writer_format(out, "%*s%.*s", column > 0 ? 1 : indent, "", length, at);
        column += length + (column > 0);
        at += length;
        while (*at == ' ') at++;
    }
    tw_writer_text(out, "\n");
}

static const char *deviation(const tw_claim_verdict *v) {
    return tw_claim_is_expected(v) ? "" : "   (not what was expected)";
}

static void write_verdict(tw_writer *out, const tw_claim_verdict *v) {
    char text[120];
    tw_writer_format(out, "(%s) %s%s\n", v->claim->id, tw_claim_answer_name(v->result.answer),
                     deviation(v));
    write_paragraph(out, v->claim->statement, 4);
    write_paragraph(out, v->claim->source, 4);
    write_paragraph(out, v->result.computed, 4);
    for (size_t c = 0; c < tw_claim_constants(v->claim); c++)
        tw_writer_format(out, "    %s = %g: %s\n", v->claim->constants[c].name, v->constants[c],
                         v->claim->constants[c].meaning);
    for (size_t i = 0; i < v->result.figure_count; i++) {
        const tw_claim_figure *f = &v->result.figures[i];
        figure_text(f, text, sizeof text);
        tw_writer_format(out, "      %-66s  %s%s\n", f->name, text, f->holds ? "" : "   NOT SO");
    }
    if (v->result.doubt[0]) write_paragraph(out, v->result.doubt, 4);
    tw_writer_text(out, "\n");
}

static size_t count_answers(const tw_claim_list *v, tw_claim_answer answer) {
    size_t count = 0;
    for (size_t i = 0; i < v->count; i++) count += v->claims[i].result.answer == answer;
    return count;
}

static void write_verdicts(tw_writer *out, const tw_claim_list *v) {
    for (size_t i = 0; i < v->count; i++) write_verdict(out, &v->claims[i]);
    tw_writer_format(out, "%zu hold, %zu fail, %zu undecided\n", count_answers(v, TW_CLAIM_HOLDS),
                     count_answers(v, TW_CLAIM_FAILS), count_answers(v, TW_CLAIM_UNDECIDED));
}

/* ---- Markdown and LaTeX: one row a claim ---- */

typedef void (*escaper)(tw_writer *out, const char *text);

/* The figures that are compared, one after the other. */
static void write_figures(tw_writer *out, const tw_claim_verdict *v, escaper write,
                          const char *between) {
    char text[120];
    bool first = true;
    for (size_t i = 0; i < v->result.figure_count; i++) {
        const tw_claim_figure *f = &v->result.figures[i];
        if (f->relation[0] == '\0') continue;
        tw_writer_text(out, first ? "" : between);
        first = false;
        write(out, f->name);
        tw_writer_text(out, ": ");
        figure_text(f, text, sizeof text);
        write(out, text);
    }
    if (v->result.doubt[0]) {
        tw_writer_text(out, between);
        write(out, v->result.doubt);
    }
}

/* Cells of one row with what stands between them. */
static void write_row(tw_writer *out, const tw_claim_verdict *v, escaper write, const char *cell,
                      const char *line) {
    tw_writer_format(out, "(%s)", v->claim->id);
    const char *texts[] = {v->claim->source, v->claim->statement, v->result.computed};
    for (size_t i = 0; i < 3; i++) {
        tw_writer_text(out, cell);
        write(out, texts[i]);
    }
    tw_writer_text(out, cell);
    write_figures(out, v, write, line);
    tw_writer_format(out, "%s%s", cell, tw_claim_answer_name(v->result.answer));
}

static void write_markdown(tw_writer *out, const tw_claim_list *v) {
    tw_writer_text(out,
                   "| claim | source | statement | computed | figures | answer |\n"
                   "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < v->count; i++) {
        tw_writer_text(out, "| ");
        write_row(out, &v->claims[i], tw_markdown_escape, " | ", "<br>");
        tw_writer_text(out, " |\n");
    }
}

static void write_latex(tw_writer *out, const tw_claim_list *v) {
    tw_writer_text(out,
                   "\\begin{longtable}{lp{.16\\textwidth}p{.22\\textwidth}p{.22\\textwidth}"
                   "p{.2\\textwidth}l}\n"
                   "claim & source & statement & computed & figures & answer \\\\ \\hline\n");
    for (size_t i = 0; i < v->count; i++) {
        write_row(out, &v->claims[i], tw_latex_escape, " & ", "; ");
        tw_writer_text(out, " \\\\\n");
    }
    tw_writer_text(out, "\\end{longtable}\n");
}

tw_status tw_claims_text(const tw_claim_list *list, tw_text_format format, char **text) {
    static void (*const writers[])(tw_writer * out, const tw_claim_list *v) = {
        [TW_TEXT_PLAIN] = write_verdicts,
        [TW_TEXT_MARKDOWN] = write_markdown,
        [TW_TEXT_LATEX] = write_latex};
    tw_writer out = {0};
    writers[format](&out, list);
    return tw_writer_finish(&out, text);
}
