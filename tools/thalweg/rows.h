/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the tables that several subcommands print: one call a block of rows, all columns at once.
 */
#ifndef ROWS_H
#define ROWS_H

#include <thalweg/examination/examination.h>

#include "subject.h"
#include "table.h"

/* File names and models. */
void rows_of_inputs(cli_table *table, const cli_subject *subjects, size_t count);

/* Loss, gradient, rank, singular values, collapse, kinks. `at(self, i)` gives column i. */
typedef const tw_description *(*description_at)(const void *self, size_t column);
void rows_of_descriptions(cli_table *table, description_at at, const void *self, size_t count);

/* What polishing did. */
void rows_of_polish(cli_table *table, const tw_examination *examinations, size_t count);

/* Eigenvalues, counts, ledger, verdict. */
void rows_of_modes(cli_table *table, const tw_examination *examinations, size_t count);

/* After the table, one sentence a line: points that polishing led far away, doubts behind verdicts.
 */
void print_doubts(const cli_subject *subjects, const tw_examination *examinations, size_t count);

#endif
