/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/svg_private.h"

#include <ctype.h>
#include <string.h>

#include "report/html_private.h"

/* A drawing's own colours and those of the page. */
static const struct {
    const char *from, *to;
} colours[] = {
    {"rgb(  0, 114, 178)", "var(--c1)"},
    {"rgb(213,  94,   0)", "var(--c2)"},
    {"rgb(  0, 158, 115)", "var(--c3)"},
    {"rgb(204, 121, 167)", "var(--c4)"},
    {"rgb(230, 159,   0)", "var(--c5)"},
    {"rgb( 86, 180, 233)", "var(--c6)"},
    {"rgb(140, 109,  49)", "var(--c7)"},
    {"rgb(102, 102, 102)", "var(--c8)"},
    {"rgb(204, 204, 204)", "var(--grid)"},
    {"rgb(255, 255, 255)", "var(--on)"},
    {"color=\"black\"", "color=\"inherit\""},
    {"fill=\"black\"", "fill=\"currentColor\""},
    {"'black'", "'currentColor'"},
};

static const char hypertext[] = " onmousemove=\"gnuplot_svg.showHypertext(evt,'";
static const char hypertext_end[] = "')\" onmouseout=\"gnuplot_svg.hideHypertext()\"";

/* What stands between two marks; NULL: the second is missing. */
static const char *past(const char *at, const char *mark) {
    const char *found = strstr(at, mark);
    return found ? found + strlen(mark) : NULL;
}

static bool begins(const char *at, const char *with) {
    return strncmp(at, with, strlen(with)) == 0;
}

/* Groups, titles, descriptions and filters that draw nothing. Returns the text behind, or at. */
static const char *skip(const char *at) {
    static const char *const elements[][2] = {{"<title>", "</title>"},
                                              {"<desc>", "</desc>"},
                                              {"<filter", "</filter>"},
                                              {"<script", "</script>"}};
    const char *end = NULL;
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (begins(at, elements[i][0])) end = past(at, elements[i][1]);
    if (begins(at, "<g fill=\"none\"")) {
        end = past(at, ">");
        while (end && isspace((unsigned char)*end)) end++;
        end = end && begins(end, "</g>") ? end + strlen("</g>") : NULL;
    }
    return end ? end : at;
}

/* The text of a mark, which shows when a pointer rests on it. */
static const char *write_hypertext(const char *at, tw_writer *page) {
    const char *text = at + strlen(hypertext), *end = strstr(text, hypertext_end);
    if (end == NULL) return NULL;
    tw_html_markup(page, "><title>");
    for (; text < end; text++) tw_writer_bytes(page, *text == '<' || *text == '&' ? "_" : text, 1);
    tw_html_markup(page, "</title>");
    end = past(end, "<title> </title>");
    return end;
}

/* One step; returns where to go on, NULL when the text is not what it should be. prefix NULL:
 * colours and identifiers stay. */
static const char *step(const char *at, const char *prefix, tw_writer *page) {
    const char *next = skip(at);
    if (next != at) return next;
    if (begins(at, hypertext)) return write_hypertext(at, page);
    for (size_t i = 0; prefix && *at != '<' && i < sizeof colours / sizeof *colours; i++)
        if (begins(at, colours[i].from)) {
            tw_writer_text(page, colours[i].to);
            return at + strlen(colours[i].from);
        }
    if (prefix && (begins(at, "id='") || begins(at, "id=\""))) {
        tw_writer_bytes(page, at, 4);
        tw_writer_format(page, "%s-", prefix);
        return at + 4;
    }
    if (prefix && begins(at, "'#gp")) {
        tw_writer_format(page, "'#%s-gp", prefix);
        return at + 4;
    }
    if (*at != '\t') tw_writer_bytes(page, at, 1);
    return at + 1;
}

bool tw_svg_embed(const char *svg, const char *prefix, const char *title, tw_writer *page) {
    const char *box = past(svg, "viewBox=\""), *end = box ? strchr(box, '"') : NULL;
    const char *at = end ? past(end, ">") : NULL;
    if (at == NULL) return false;
    tw_html_markup(page,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                   "xmlns:xlink=\"http://www.w3.org/1999/xlink\" role=\"img\" viewBox=\"");
    tw_writer_bytes(page, box, (size_t)(end - box));
    tw_html_markup(page, "\" aria-label=\"");
    tw_html_text(page, title);
    tw_html_markup(page, "\">");
    while (at && *at) at = step(at, prefix, page);
    return at != NULL;
}

bool tw_svg_clean(const char *svg, tw_writer *out) {
    const char *box = past(svg, "viewBox=\""), *at = box ? past(box, ">") : NULL;
    if (at == NULL) return false;
    tw_writer_bytes(out, svg, (size_t)(at - svg));
    while (at && *at) at = step(at, NULL, out);
    return at != NULL;
}
