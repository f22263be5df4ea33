/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines with their widths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/lines_private.h"

enum { GAP = 2 };

static const char *cell_of(const tw_json *row, size_t column) {
    const char *text = tw_json_as_string(tw_json_at(row, column));
    return text ? text : "";
}

/* Of a column in rows of as many cells; labels are aligned over all rows. */
static int width_of(const tw_json *rows, size_t cells, size_t column) {
    size_t widest = 0;
    for (size_t i = 0; i < tw_json_size(rows); i++) {
        const tw_json *row = tw_json_at(rows, i);
        bool counts = tw_json_is_array(row) && (column == 0 || tw_json_size(row) == cells);
        size_t length = counts ? strlen(cell_of(row, column)) : 0;
        if (length > widest) widest = length;
    }
    return (int)widest;
}

/* Without what is empty at the end. */
static size_t used_cells(const tw_json *row) {
    size_t used = tw_json_size(row);
    while (used > 0 && cell_of(row, used - 1)[0] == '\0') used--;
    return used;
}

static void print_row(const tw_json *lines, const tw_json *row, FILE *stream) {
    size_t cells = tw_json_size(row), last = used_cells(row);
    fputs("  ", stream);
    for (size_t j = 0; j < last; j++) {
        int width = j + 1 < last ? width_of(lines, cells, j) + GAP : 0;
        fprintf(stream, "%-*s", width, cell_of(row, j));
    }
    fputc('\n', stream);
}

static bool is_number(const char *text) {
    return text[0] == '\0' || strchr("0123456789+-.[><", text[0]) != NULL;
}

/* Columns of numbers stand at the right, their titles likewise. */
static bool is_right(const tw_json *rows, size_t column) {
    for (size_t i = 1; i < tw_json_size(rows); i++)
        if (!is_number(cell_of(tw_json_at(rows, i), column))) return false;
    return true;
}

static void print_table(const tw_json *rows, FILE *stream) {
    for (size_t i = 0; i < tw_json_size(rows); i++) {
        const tw_json *row = tw_json_at(rows, i);
        size_t cells = tw_json_size(row), last = used_cells(row);
        for (size_t j = 0; j < last; j++) {
            bool right = is_right(rows, j);
            int width = right || j + 1 < last ? width_of(rows, cells, j) : 0;
            fprintf(stream, right ? "%*s%*s" : "%*s%-*s", GAP, "", width, cell_of(row, j));
        }
        fputc('\n', stream);
    }
}

static void print_lines(const tw_json *lines, FILE *stream) {
    for (size_t i = 0; i < tw_json_size(lines); i++) {
        const tw_json *line = tw_json_at(lines, i);
        if (tw_json_is_array(line))
            print_row(lines, line, stream);
        else if (tw_json_is_object(line))
            print_table(tw_json_get(line, "rows"), stream);
        else
            fprintf(stream, "%s%s\n", i ? "\n" : "", tw_json_as_string(line));
    }
}

tw_status tw_lines_text(const tw_json *lines, char **text) {
    size_t bytes;
    char *made = NULL;
    FILE *stream = open_memstream(&made, &bytes);
    if (stream) print_lines(lines, stream);
    bool failed = stream == NULL || ferror(stream);
    if (stream) failed = fclose(stream) != 0 || failed;
    if (failed) {
        free(made);
        return tw_fail(TW_ERR_MEMORY, "no memory for a text");
    }
    *text = made;
    return TW_OK;
}
