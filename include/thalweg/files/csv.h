/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables as comma-separated text, for plots. Written only: a table has no types to read back. */
#ifndef THALWEG_CSV_H
#define THALWEG_CSV_H

#include <thalweg/files/bundle.h>

/* Every array of rank 1 (r entries) or 2 (r x c) is one column, or c of them named NAME_1 ..
 * NAME_c; all with the same r. One line of names, r lines of numbers with the digits that read back
 * the same. Written to a temporary name and renamed. TW_ERR_SHAPE when the arrays do not fit,
 * TW_ERR_DATA for a value that is not finite, TW_ERR_IO. */
TW_API tw_status tw_csv_write(const char *path, const tw_bundle *table);

#endif
