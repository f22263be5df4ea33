/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table for people: labelled rows, one column a point. Cells are short; a table that runs out of
 * rows drops the rest and says so. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdio.h>
#include <thalweg/base/status.h>

typedef struct cli_table cli_table; /* opaque */

tw_status table_create(size_t columns, cli_table **created);
void table_destroy(cli_table *table); /* NULL-safe */

/* Start a row; table_cell then fills its columns from the left. */
void table_row(cli_table *table, const char *label);
void table_section(cli_table *table, const char *title); /* a heading with no cells */
void table_cell(cli_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Aligned; a row without any cell but the label's is a heading. */
void table_print(const cli_table *table, FILE *stream);

#endif
