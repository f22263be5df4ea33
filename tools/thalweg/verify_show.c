/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "verify.h"

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
static void print_paragraph(const char *text, int indent) {
    int column = 0;
    for (const char *at = text; *at;) {
        int length = (int)strcspn(at, " ");
        if (column > 0 && column + 1 + length > 96 - indent) {
            printf("\n");
            column = 0;
        }
        column += column > 0 ? printf(" %.*s", length, at)
                             : printf("%*s%.*s", indent, "", length, at) - indent;
        at += length;
        while (*at == ' ') at++;
    }
    printf("\n");
}

static const char *deviation(const tw_claim_verdict *v) {
    return tw_claim_is_expected(v) ? "" : "   (not what was expected)";
}

static void print_verdict(const tw_claim_verdict *v) {
    char text[120];
    printf("(%s) %s%s\n", v->claim->id, tw_claim_answer_name(v->result.answer), deviation(v));
    print_paragraph(v->claim->statement, 4);
    print_paragraph(v->claim->source, 4);
    print_paragraph(v->result.computed, 4);
    for (size_t c = 0; c < tw_claim_constants(v->claim); c++)
        printf("    %s = %g: %s\n", v->claim->constants[c].name, v->constants[c],
               v->claim->constants[c].meaning);
    for (size_t i = 0; i < v->result.figure_count; i++) {
        const tw_claim_figure *f = &v->result.figures[i];
        figure_text(f, text, sizeof text);
        printf("      %-66s  %s%s\n", f->name, text, f->holds ? "" : "   NOT SO");
    }
    if (v->result.doubt[0]) print_paragraph(v->result.doubt, 4);
    printf("\n");
}

static size_t count_answers(const tw_claim_list *v, tw_claim_answer answer) {
    size_t count = 0;
    for (size_t i = 0; i < v->count; i++) count += v->claims[i].result.answer == answer;
    return count;
}

void print_verdicts(const tw_claim_list *v) {
    for (size_t i = 0; i < v->count; i++) print_verdict(&v->claims[i]);
    printf("%zu hold, %zu fail, %zu undecided\n", count_answers(v, TW_CLAIM_HOLDS),
           count_answers(v, TW_CLAIM_FAILS), count_answers(v, TW_CLAIM_UNDECIDED));
}

/* ---- Markdown and LaTeX: one row a claim ---- */

/* How a format writes characters that mean something to it. */
typedef struct escapes {
    const char *characters;
    const char *const *written; /* one a character */
} escapes;

static const char *const markdown_written[] = {"\\|", "\\_", "\\*", "&lt;", "&gt;", "&amp;"};
static const escapes markdown = {"|_*<>&", markdown_written};
static const char *const latex_written[] = {"\\&",
                                            "\\%",
                                            "\\$",
                                            "\\#",
                                            "\\_",
                                            "\\{",
                                            "\\}",
                                            "\\textasciitilde{}",
                                            "\\textasciicircum{}",
                                            "\\textbackslash{}",
                                            "\\textless{}",
                                            "\\textgreater{}",
                                            "\\textbar{}"};
static const escapes latex = {"&%$#_{}~^\\<>|", latex_written};

static void print_escaped(const char *text, const escapes *e) {
    for (; *text; text++) {
        const char *special = strchr(e->characters, *text);
        if (special)
            fputs(e->written[special - e->characters], stdout);
        else
            putchar(*text);
    }
}

/* The figures that are compared, one after the other. */
static void print_figures(const tw_claim_verdict *v, const escapes *e, const char *between) {
    char text[120];
    bool first = true;
    for (size_t i = 0; i < v->result.figure_count; i++) {
        const tw_claim_figure *f = &v->result.figures[i];
        if (f->relation[0] == '\0') continue;
        fputs(first ? "" : between, stdout);
        first = false;
        print_escaped(f->name, e);
        fputs(": ", stdout);
        figure_text(f, text, sizeof text);
        print_escaped(text, e);
    }
    if (v->result.doubt[0]) {
        fputs(between, stdout);
        print_escaped(v->result.doubt, e);
    }
}

/* Cells of one row with what stands between them. */
static void print_row(const tw_claim_verdict *v, const escapes *e, const char *cell,
                      const char *line) {
    printf("(%s)", v->claim->id);
    const char *texts[] = {v->claim->source, v->claim->statement, v->result.computed};
    for (size_t i = 0; i < 3; i++) {
        fputs(cell, stdout);
        print_escaped(texts[i], e);
    }
    fputs(cell, stdout);
    print_figures(v, e, line);
    printf("%s%s", cell, tw_claim_answer_name(v->result.answer));
}

void print_markdown(const tw_claim_list *v) {
    printf(
        "| claim | source | statement | computed | figures | answer |\n"
        "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < v->count; i++) {
        printf("| ");
        print_row(&v->claims[i], &markdown, " | ", "<br>");
        printf(" |\n");
    }
}

void print_latex(const tw_claim_list *v) {
    printf(
        "\\begin{longtable}{lp{.16\\textwidth}p{.22\\textwidth}p{.22\\textwidth}"
        "p{.2\\textwidth}l}\n"
        "claim & source & statement & computed & figures & answer \\\\ \\hline\n");
    for (size_t i = 0; i < v->count; i++) {
        print_row(&v->claims[i], &latex, " & ", "; ");
        printf(" \\\\\n");
    }
    printf("\\end{longtable}\n");
}
