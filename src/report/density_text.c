/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curve of a density, drawn with letters. */
#include <thalweg/report/texts.h>

#include <math.h>

#include "report/writer_private.h"

enum { SKETCH_ROWS = 16, SKETCH_COLUMNS = 48 };

/* The share of row `row` of the sketch: the curve's mass between two grid points. */
static double row_mass(const tw_curve *c, size_t row, double *low, double *high) {
    size_t first = row * (c->count - 1) / SKETCH_ROWS;
    size_t last = (row + 1) * (c->count - 1) / SKETCH_ROWS;
    *low = c->grid[first];
    *high = c->grid[last];
    return c->cumulative[last] - c->cumulative[first];
}

/* One bar a row; the longest is the row with the most mass. */
static void write_rows(tw_writer *out, const tw_curve *c, double most) {
    double low, high;
    for (size_t row = 0; row < SKETCH_ROWS; row++) {
        double mass = row_mass(c, row, &low, &high);
        int length = (int)lround(SKETCH_COLUMNS * mass / most);
        tw_writer_format(out, "  %12.5g .. %-12.5g  %9.6f  ", low, high, mass);
        for (int i = 0; i < length; i++) tw_writer_text(out, "#");
        tw_writer_text(out, "\n");
    }
}

tw_status tw_curve_text(const tw_curve *curve, char **text) {
    tw_writer out = {0};
    double low, high, most = 0.0;
    for (size_t row = 0; curve->count > SKETCH_ROWS && row < SKETCH_ROWS; row++)
        most = fmax(most, row_mass(curve, row, &low, &high));
    if (most > 0.0) {
        tw_writer_format(&out, "\nthe curve, in %d parts (every value widened by %.3g)\n\n",
                         SKETCH_ROWS, curve->width);
        write_rows(&out, curve, most);
    }
    return tw_writer_finish(&out, text);
}
