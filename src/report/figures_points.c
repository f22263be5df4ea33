/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures that set optima side by side: loss, zero modes, singular values, class logits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "report/assets_private.h"
#include "report/figures_private.h"

#define ROW_HEIGHT 26.0
/* Of all heat maps of a figure together: each is a polygon of the page */
#define MOST_CELLS 10000

/* ---- Loss ladder ---- */

typedef struct rung {
    size_t point;
    double loss;
} rung;

static int by_loss(const void *a, const void *b) {
    double x = ((const rung *)a)->loss, y = ((const rung *)b)->loss;
    return (x > y) - (x < y);
}

static void write_rung(const tw_dossier *dossier, const rung *at, size_t row, tw_figure *figure) {
    const tw_dossier_point *point = &dossier->points[at->point];
    tw_writer *csv = &figure->csv;
    tw_writer_format(csv, "%zu,", row + 1);
    tw_figure_cell(csv, point->label);
    tw_writer_text(csv, ",");
    tw_writer_number(csv, at->loss);
    tw_writer_text(csv, ",");
    tw_writer_number(csv, tw_number_at(point->result, "fit"));
    tw_writer_text(csv, ",");
    tw_writer_number(csv, tw_number_at(point->result, "penalty"));
    tw_writer_text(csv, "\n");
    tw_figure_string(figure, row, point->label);
}

static bool fill_ladder(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    size_t n = dossier->point_count;
    if (index > 0 || n < 2) return false;
    rung *rungs = tw_alloc(n, sizeof *rungs);
    if (rungs == NULL) figure->csv.status = TW_ERR_MEMORY;
    for (size_t i = 0; rungs && i < n; i++)
        rungs[i] = (rung){i, tw_number_at(dossier->points[i].result, "loss")};
    if (rungs) qsort(rungs, n, sizeof *rungs, by_loss);
    tw_writer_text(&figure->csv, "rung,point,loss,fit,penalty\n");
    tw_figure_array(figure, "name", n);
    for (size_t i = 0; rungs && i < n; i++) write_rung(dossier, &rungs[i], i, figure);
    tw_figure_array_end(figure);
    tw_writer_format(&figure->variables, "points = %zu\n", n);
    if (rungs) tw_figure_step(figure, rungs[0].loss, rungs[n - 1].loss);
    figure->height = 110.0 + ROW_HEIGHT * (double)n;
    free(rungs);
    return true;
}

/* ---- Zero-mode ledger ---- */

/* A bar's piece of `modes` modes from *at on. */
static void write_piece(tw_writer *csv, const tw_dossier_point *point, size_t row, size_t part,
                        const char *name, double *at, double modes) {
    tw_writer_format(csv, "%zu,", row + 1);
    tw_figure_cell(csv, point->label);
    tw_writer_format(csv, ",%zu,", part + 1);
    tw_figure_cell(csv, name);
    tw_writer_format(csv, ",%.0f,%.0f,%.0f\n", modes, *at, *at + modes);
    *at += modes;
}

static size_t most_spaces(const tw_dossier *dossier) {
    size_t most = 0;
    for (size_t i = 0; i < dossier->point_count; i++) {
        size_t spaces = tw_size_at(dossier->points[i].result, "hidden_spaces");
        if (spaces > most) most = spaces;
    }
    return most;
}

/* Where a route lost modes, `unexplained` is negative: a bar cannot show that, the table does.
 * Returns where the bar ends. */
static double write_bar(const tw_dossier_point *point, size_t row, size_t spaces, tw_writer *csv) {
    double at = 0.0, unexplained = tw_number_at(point->result, "zero_modes.unexplained");
    double shift = tw_number_at(point->result, "bias_shift");
    const tw_json *list = tw_at(point->result, "hidden_spaces");
    for (size_t l = 0; l < tw_size_at(point->result, "hidden_spaces"); l++) {
        char name[40];
        snprintf(name, sizeof name, "space %zu", l);
        write_piece(csv, point, row, l, name, &at, tw_number_at(tw_json_at(list, l), "modes"));
    }
    if (shift > 0.0) write_piece(csv, point, row, spaces, "bias shift", &at, shift);
    if (unexplained > 0.0)
        write_piece(csv, point, row, spaces + 1, "unexplained", &at, unexplained);
    return at;
}

static bool any_above_zero(const tw_dossier *dossier, const char *path) {
    for (size_t i = 0; i < dossier->point_count; i++)
        if (tw_number_at(dossier->points[i].result, path) > 0.0) return true;
    return false;
}

/* The parts that some bar has, so that the key names no others. */
static void write_present(const tw_dossier *dossier, size_t spaces, tw_figure *figure) {
    tw_writer_text(&figure->variables, "present = '");
    for (size_t l = 0; l < spaces; l++) tw_writer_format(&figure->variables, "%zu ", l + 1);
    if (any_above_zero(dossier, "bias_shift"))
        tw_writer_format(&figure->variables, "%zu ", spaces + 1);
    if (any_above_zero(dossier, "zero_modes.unexplained"))
        tw_writer_format(&figure->variables, "%zu ", spaces + 2);
    tw_writer_text(&figure->variables, "'\n");
}

static bool fill_ledger(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    double widest = 1.0;
    size_t spaces = most_spaces(dossier);
    if (index > 0 || spaces == 0) return false;
    tw_writer_text(&figure->csv, "row,point,part,what,modes,from,to\n");
    tw_figure_names(figure, dossier);
    for (size_t i = 0; i < dossier->point_count; i++)
        widest = fmax(widest, write_bar(&dossier->points[i], i, spaces, &figure->csv));
    tw_figure_array(figure, "part", spaces + 2);
    for (size_t l = 0; l < spaces; l++) {
        char name[40];
        snprintf(name, sizeof name, "hidden space %zu", l);
        tw_figure_string(figure, l, name);
    }
    tw_figure_string(figure, spaces, "bias shift");
    tw_figure_string(figure, spaces + 1, "unexplained");
    tw_figure_array_end(figure);
    tw_writer_format(&figure->variables, "parts = %zu; widest = %.0f\n", spaces + 2, widest);
    tw_figure_step(figure, 0.0, widest);
    write_present(dossier, spaces, figure);
    figure->height = 124.0 + (ROW_HEIGHT + 6.0) * (double)dossier->point_count +
                     18.0 * (double)((spaces + 2) / 3);
    return true;
}

/* ---- Logit singular values ---- */

static bool fill_singular(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    size_t most = 0;
    if (index > 0 || dossier->point_count == 0) return false;
    tw_writer_text(&figure->csv, "row,point,index,value\n");
    tw_figure_names(figure, dossier);
    for (size_t i = 0; i < dossier->point_count; i++) {
        const tw_dossier_point *point = &dossier->points[i];
        const tw_json *list = tw_at(point->result, "logit_singular_values");
        if (tw_json_size(list) > most) most = tw_json_size(list);
        for (size_t j = 0; j < tw_json_size(list); j++) {
            tw_writer_format(&figure->csv, "%zu,", i + 1);
            tw_figure_cell(&figure->csv, point->label);
            tw_writer_format(&figure->csv, ",%zu,", j + 1);
            tw_writer_number(&figure->csv, tw_number_of(tw_json_at(list, j)));
            tw_writer_text(&figure->csv, "\n");
        }
    }
    tw_writer_format(&figure->variables, "rank = %zu\n", most);
    figure->height += 18.0 * (double)dossier->point_count;
    return true;
}

/* ---- Class logits ---- */

static double largest_logit(const tw_json *matrix, size_t shown) {
    double largest = 0.0;
    for (size_t k = 0; k < shown; k++)
        for (size_t j = 0; j < shown; j++) {
            double value = fabs(tw_number_of(tw_json_at(tw_json_at(matrix, k), j)));
            if (value > largest) largest = value;
        }
    return largest;
}

static void write_matrix(tw_figure *figure, const tw_dossier_point *point, size_t panel,
                         size_t shown) {
    const tw_json *matrix = tw_at(point->result, "class_logits");
    for (size_t k = 0; k < shown; k++)
        for (size_t j = 0; j < shown; j++) {
            tw_writer_format(&figure->csv, "%zu,", panel);
            tw_figure_cell(&figure->csv, point->label);
            tw_writer_format(&figure->csv, ",%zu,%zu,", k, j);
            tw_writer_number(&figure->csv, tw_number_of(tw_json_at(tw_json_at(matrix, k), j)));
            tw_writer_text(&figure->csv, "\n");
        }
}

/* How many classes fit, and how many matrices there are. */
static size_t count_matrices(const tw_dossier *dossier, size_t *classes) {
    size_t panels = 0;
    *classes = 0;
    for (size_t i = 0; i < dossier->point_count; i++) {
        size_t K = tw_size_at(dossier->points[i].result, "class_logits");
        if (K > 0) panels++;
        if (K > *classes) *classes = K;
    }
    return panels;
}

static bool fill_logits(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    size_t classes, panels = count_matrices(dossier, &classes), panel = 0, shown = classes;
    double largest = 0.0;
    if (index > 0 || panels == 0) return false;
    while (shown > 2 && shown * shown * panels > MOST_CELLS) shown--;
    tw_writer_text(&figure->csv, "panel,point,class,logit,value\n");
    tw_figure_array(figure, "name", panels);
    for (size_t i = 0; i < dossier->point_count; i++) {
        const tw_dossier_point *point = &dossier->points[i];
        size_t K = tw_size_at(point->result, "class_logits");
        if (K == 0) continue;
        tw_figure_string(figure, panel++, point->label);
        write_matrix(figure, point, panel, K < shown ? K : shown);
        largest = fmax(largest, largest_logit(tw_at(point->result, "class_logits"), shown));
    }
    tw_figure_array_end(figure);
    size_t columns = panels < 3 ? panels : 3, rows = (panels + columns - 1) / columns;
    tw_writer_format(&figure->variables,
                     "panels = %zu; columns = %zu; rows = %zu; classes = %zu; largest = %.17g\n"
                     "every = %zu\n",
                     panels, columns, rows, shown, largest > 0.0 ? largest : 1.0,
                     1 + (shown - 1) * columns / 14);
    if (shown < classes)
        tw_writer_format(&figure->note, "Only the first %zu of %zu classes are drawn.", shown,
                         classes);
    figure->height = 104.0 + (double)rows * (columns == 1 ? 420.0 : columns == 2 ? 270.0 : 200.0);
    return true;
}

static const tw_figure_kind rows[] = {
    {"loss-ladder", "Loss ladder", "loss f (mean over samples, with ridges)", "",
     "Each optimum at its loss, the lowest on top. A lower rung says which optimum is better, "
     "not which one descent finds.",
     fill_ladder, tw_asset_ladder_gp, false},
    {"zero-modes", "Zero-mode ledger", "zero modes (number of directions)", "",
     "Flat directions of each optimum: those that rotations of a hidden space explain, those of "
     "the bias, and those that nothing explains. Every piece but the last follows from ranks and "
     "widths; counts compare only between models of equal widths.",
     fill_ledger, tw_asset_ledger_gp, false},
    {"singular-values", "Singular values of the logits", "number, from the largest on",
     "singular value of Z (nats)",
     "Those far below the largest are rounding of zero. The number of large ones is the rank; "
     "a low rank alone says nothing about the loss.",
     fill_singular, tw_asset_singular_gp, true},
    {"class-logits", "Class-mean logits", "true class", "logit of class",
     "Column k: the mean logits of the samples of class k. All panels share one scale. Equal "
     "panels up to a permutation of the classes are the same optimum; the picture shows neither "
     "the spread within a class nor what the weights are.",
     fill_logits, tw_asset_logits_gp, false},
};

const tw_figure_table tw_point_figures = {rows, sizeof rows / sizeof *rows};
