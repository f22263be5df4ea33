/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of one record each: density, slices, flatness. */
#include <stdio.h>
#include <string.h>

#include "report/assets_private.h"
#include "report/figures_private.h"

#define MOST_FILES 8
#define MOST_SAMPLES 1201 /* of a line */
#define MOST_SIDE 101     /* of a plane, each way */

static void write_numbers(tw_writer *csv, size_t count, const double *values) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0) tw_writer_text(csv, ",");
        tw_writer_number(csv, values[i]);
    }
    tw_writer_text(csv, "\n");
}

static double list_at(const tw_json *value, const char *path, size_t index) {
    return tw_number_of(tw_json_at(tw_at(value, path), index));
}

/* ---- Density ---- */

static bool fill_atoms(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    const tw_json *record = tw_dossier_record(dossier, "density", index);
    const tw_json *atoms = tw_at(record, "result.atoms");
    size_t count = tw_size_at(record, "result.atoms");
    if (count == 0) return false;
    tw_writer_text(&figure->csv, "value,mass,low,high\n");
    for (size_t i = 0; i < count; i++) {
        const tw_json *atom = tw_json_at(atoms, i);
        write_numbers(&figure->csv, 4,
                      (double[]){tw_number_at(atom, "value"), tw_number_at(atom, "mass"),
                                 tw_number_at(atom, "low"), tw_number_at(atom, "high")});
    }
    return true;
}

static bool fill_curve(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    const tw_json *curve = NULL;
    size_t count = 0;
    for (size_t i = 0; count == 0; i++) {
        const tw_json *record = tw_dossier_record(dossier, "density", i);
        if (record == NULL) return false;
        curve = tw_at(record, "result.curve");
        count = tw_size_at(curve, "grid");
        if (count > 0 && index-- > 0) count = 0;
    }
    tw_writer_text(&figure->csv, "value,density,error\n");
    for (size_t i = 0; i < count; i++)
        write_numbers(&figure->csv, 3,
                      (double[]){list_at(curve, "grid", i), list_at(curve, "density", i),
                                 list_at(curve, "error", i)});
    tw_writer_text(&figure->note,
                   "Every eigenvalue is widened to a Gaussian of standard deviation ");
    tw_writer_value(&figure->note, tw_at(curve, "width"));
    tw_writer_text(&figure->note, ".");
    return true;
}

/* ---- Slices ---- */

static const tw_json *slice_at(const tw_dossier *dossier, double dimension, size_t index) {
    const tw_json *record = NULL;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "slice", i)) != NULL; i++)
        if (tw_number_at(record, "result.dimension") == dimension && index-- == 0) break;
    return tw_at(record, "result");
}

/* Every how many-th sample is drawn; the note says so when it is not each. */
static size_t stride_of(size_t count, size_t most, tw_figure *figure) {
    size_t stride = (count + most - 1) / most;
    if (stride > 1)
        tw_writer_format(&figure->note, "One of %zu samples is drawn; the record has all. ",
                         stride);
    return stride > 0 ? stride : 1;
}

static void note_directions(const tw_json *slice, tw_figure *figure) {
    const tw_json *list = tw_at(slice, "directions");
    for (size_t i = 0; i < tw_size_at(slice, "directions"); i++) {
        const tw_json *direction = tw_json_at(list, i);
        tw_writer_format(&figure->note, "%sDirection %zu: ", i ? " " : "", i + 1);
        tw_writer_value(&figure->note, tw_at(direction, "name"));
        tw_writer_text(&figure->note, ", curvature along it by the Hessian ");
        tw_writer_value(&figure->note, tw_at(direction, "hessian_curvature"));
        tw_writer_text(&figure->note, ", by the slice ");
        tw_writer_value(&figure->note, tw_at(direction, "slice_curvature"));
        tw_writer_text(&figure->note, ".");
    }
}

static bool fill_line(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    const tw_json *slice = slice_at(dossier, 1.0, index);
    const tw_json *direction = tw_json_at(tw_at(slice, "directions"), 0);
    double center = tw_number_at(slice, "center_loss"), slope = tw_number_at(direction, "slope");
    double bend = tw_number_at(direction, "hessian_curvature");
    size_t count = tw_size_at(slice, "s");
    if (count == 0 || tw_size_at(slice, "values") != count) return false;
    size_t stride = stride_of(count, MOST_SAMPLES, figure);
    tw_writer_text(&figure->csv, "s,value,second_order\n");
    for (size_t i = 0; i < count; i += stride) {
        double s = list_at(slice, "s", i);
        write_numbers(&figure->csv, 3,
                      (double[]){s, list_at(slice, "values", i),
                                 center + (isnan(slope) ? 0.0 : slope * s) + 0.5 * bend * s * s});
    }
    note_directions(slice, figure);
    return true;
}

static bool fill_plane(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    const tw_json *slice = slice_at(dossier, 2.0, index), *values = tw_at(slice, "values");
    size_t rows = tw_size_at(slice, "t"), columns = tw_size_at(slice, "s");
    if (rows == 0 || columns == 0 || tw_size_at(slice, "values") != rows) return false;
    size_t stride = stride_of(rows > columns ? rows : columns, MOST_SIDE, figure);
    tw_writer_text(&figure->csv, "s,t,value\n");
    for (size_t j = 0; j < rows; j += stride) {
        if (j > 0) tw_writer_text(&figure->csv, "\n");
        for (size_t i = 0; i < columns; i += stride)
            write_numbers(&figure->csv, 3,
                          (double[]){list_at(slice, "s", i), list_at(slice, "t", j),
                                     tw_number_of(tw_json_at(tw_json_at(values, j), i))});
    }
    note_directions(slice, figure);
    figure->height = 440.0;
    return true;
}

/* ---- Flatness ---- */

static void write_rise(const tw_json *part, size_t file, const char *where, const char *list,
                       const char *radius, tw_figure *figure) {
    const tw_json *rows = tw_at(part, list);
    for (size_t i = 0; i < tw_size_at(part, list); i++) {
        const tw_json *row = tw_json_at(rows, i);
        double at = tw_number_at(row, radius), second = tw_number_at(row, "quadratic");
        if (isnan(second)) second = 0.5 * at * at * tw_number_at(part, "trace.value");
        tw_writer_format(&figure->csv, "%zu,", file);
        tw_figure_cell(&figure->csv, where);
        tw_writer_text(&figure->csv, ",");
        write_numbers(&figure->csv, 5,
                      (double[]){at, tw_number_at(row, "value"), tw_number_at(row, "low"),
                                 tw_number_at(row, "high"), second});
    }
}

static const char *name_of(const tw_dossier *dossier, const tw_json *record,
                           char room[TW_LABEL_BYTES]) {
    return tw_dossier_label(dossier, tw_text_at(record, "input.file"),
                            tw_text_at(record, "input.sha256"), room);
}

static bool fill_rise(const tw_dossier *dossier, const char *list, const char *radius,
                      tw_figure *figure) {
    const tw_json *record;
    size_t count = 0;
    tw_writer_text(&figure->csv, "series,where,radius,value,low,high,second_order\n");
    for (; (record = tw_dossier_record(dossier, "flatness", count)) && count < MOST_FILES;
         count++) {
        char room[TW_LABEL_BYTES];
        const char *name = name_of(dossier, record, room);
        write_rise(tw_at(record, "result.whole"), count + 1, name, list, radius, figure);
    }
    if (count == 0) return false;
    tw_figure_array(figure, "name", count);
    for (size_t i = 0; i < count; i++) {
        char room[TW_LABEL_BYTES];
        record = tw_dossier_record(dossier, "flatness", i);
        tw_figure_string(figure, i, name_of(dossier, record, room));
    }
    tw_figure_array_end(figure);
    tw_writer_format(&figure->variables, "series = %zu\n", count);
    figure->height += 18.0 * (double)count;
    return true;
}

static bool fill_worst(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    return index == 0 && fill_rise(dossier, "sharpness", "epsilon", figure);
}

static bool fill_mean(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    return index == 0 && fill_rise(dossier, "mean_rise", "sigma", figure);
}

static const tw_figure_kind rows[] = {
    {"atoms", "Eigenvalues that many directions share", "eigenvalue t (loss per squared parameter)",
     "fraction of the spectrum",
     "Each stick is the fraction of all eigenvalues at one value, with its 95 % interval where it "
     "was estimated. A fraction times the number of parameters is a multiplicity.",
     fill_atoms, tw_asset_atoms_gp, true},
    {"density", "Density of the other eigenvalues", "eigenvalue t (loss per squared parameter)",
     "density (squared parameters per loss)",
     "The spectrum outside the atoms; the band is one standard error. Structure narrower than the "
     "widening does not show.",
     fill_curve, tw_asset_curve_gp, true},
    {"slice", "Slice through the loss", "position s (lengths of the direction)", "loss f",
     "Values are exact on the grid. The curvature of a slice is that of one direction: it says "
     "nothing about the others, and a line between two points is not the path of least rise.",
     fill_line, tw_asset_line_gp, true},
    {"plane", "Plane through the loss", "position s (lengths of direction 1)",
     "position t (lengths of direction 2)",
     "Contours of the loss, from values that are exact on the grid. A plane through a point in "
     "many dimensions shows neither its most negative nor its flattest directions unless these "
     "were asked for.",
     fill_plane, tw_asset_plane_gp, true},
    {"worst-rise", "Worst rise in a ball", "radius epsilon (units of theta)", "rise of the loss",
     "Marks: the worst rise that an ascent reached, a lower bound of the worst. Dashed: what "
     "second order says. Radii are absolute: rescaled parameters have other ones.",
     fill_worst, tw_asset_rise_gp, false},
    {"mean-rise", "Mean rise under noise", "standard deviation sigma (units of theta)",
     "mean rise of the loss",
     "With 95 % intervals. Dashed: (sigma^2/2) trace. More parameters rise more at the same sigma.",
     fill_mean, tw_asset_rise_gp, false},
};

const tw_figure_table tw_record_figures = {rows, sizeof rows / sizeof *rows};
