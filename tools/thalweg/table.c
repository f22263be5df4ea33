/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_BYTES = 64, MAX_ROWS = 256, GAP = 2 };

typedef struct cli_row {
    char label[CELL_BYTES];
    bool section;
    size_t filled;
    char (*cells)[CELL_BYTES]; /* columns; part of the table's */
} cli_row;

struct cli_table {
    size_t columns, count;
    bool overflow;
    char (*cells)[CELL_BYTES]; /* MAX_ROWS x columns: filling a table cannot fail */
    cli_row rows[MAX_ROWS];
};

tw_status table_create(size_t columns, cli_table **created) {
    cli_table *table = calloc(1, sizeof *table);
    if (table) table->cells = calloc(MAX_ROWS * columns, CELL_BYTES);
    if (table == NULL || table->cells == NULL) {
        table_destroy(table);
        return tw_fail(TW_ERR_MEMORY, "no memory for a table");
    }
    table->columns = columns;
    *created = table;
    return TW_OK;
}

void table_destroy(cli_table *table) {
    if (table == NULL) return;
    free(table->cells);
    free(table);
}

static cli_row *add_row(cli_table *table, const char *label) {
    if (table->count == MAX_ROWS) {
        table->overflow = true;
        return NULL;
    }
    cli_row *added = &table->rows[table->count];
    added->cells = table->cells + table->count++ * table->columns;
    snprintf(added->label, sizeof added->label, "%s", label);
    return added;
}

void table_row(cli_table *table, const char *label) {
    add_row(table, label);
}

void table_section(cli_table *table, const char *title) {
    cli_row *added = add_row(table, title);
    if (added) added->section = true;
}

void table_cell(cli_table *table, const char *format, ...) {
    if (table->count == 0 || table->overflow) return;
    cli_row *last = &table->rows[table->count - 1];
    if (last->filled == table->columns) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last->cells[last->filled++], CELL_BYTES, format, arguments);
    va_end(arguments);
}

static size_t wider(size_t width, const char *text) {
    size_t length = strlen(text);
    return length > width ? length : width;
}

void table_print(const cli_table *table, FILE *stream) {
    size_t label_width = 0;
    for (size_t i = 0; i < table->count; i++)
        if (!table->rows[i].section) label_width = wider(label_width, table->rows[i].label);
    for (size_t i = 0; i < table->count; i++) {
        const cli_row *row = &table->rows[i];
        if (row->section) {
            fprintf(stream, "\n%s\n", row->label);
            continue;
        }
        fprintf(stream, "  %-*s", (int)(label_width + GAP), row->label);
        for (size_t column = 0; column < row->filled; column++) {
            size_t width = 0;
            for (size_t j = 0; j < table->count; j++)
                width = wider(width, table->rows[j].cells[column]);
            bool last = column + 1 == row->filled;
            fprintf(stream, "%-*s", last ? 0 : (int)(width + GAP), row->cells[column]);
        }
        fputc('\n', stream);
    }
    if (table->overflow) fprintf(stream, "(more rows than the table holds)\n");
}
