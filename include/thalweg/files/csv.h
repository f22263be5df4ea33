/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables as comma-separated text, for plots. Written only: a table has no types to read back. */
#ifndef THALWEG_CSV_H
#define THALWEG_CSV_H

#include <thalweg/files/bundle.h>

/* A column of words. */
typedef struct tw_csv_words {
    const char *name;
    const char *const *words; /* one a row */
} tw_csv_words;

/* Columns of numbers and behind them columns of words; all borrowed. */
typedef struct tw_csv_table {
    const tw_bundle *numbers;
    size_t word_columns;
    const tw_csv_words *words;
} tw_csv_table;

/* Every array of rank 1 (r entries) or 2 (r x c) is one column, or c of them named NAME_1 ..
 * NAME_c; all with the same r. One line of names, r lines of numbers with the digits that read back
 * the same. Words with a comma, a quote or a line break are quoted. Written to a temporary name and
 * renamed. TW_ERR_SHAPE when the arrays do not fit, TW_ERR_DATA for a value that is not finite,
 * TW_ERR_IO. */
TW_API tw_status tw_csv_write(const char *path, const tw_csv_table *table);

/* The same as one text (out, owned: free), of which nothing is written. */
TW_API tw_status tw_csv_print(const tw_csv_table *table, char **text);

#endif
