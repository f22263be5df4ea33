/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of one record each: density, slices, flatness. */
#include <stdio.h>
#include <string.h>

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

static const char atoms_body[] =
    "    set border 3; set tics nomirror; unset key; set rmargin 5; set xtics rotate by -30; set "
    "grid ytics lt 1 "
    "lc rgb '#cccccc'; set offsets graph 0.04, graph 0.04, graph 0.06, 0\n"
    "    if (logarithmic) { set logscale y } else { set yrange [0:*] }\n"
    "    plot data skip 1 using 1:2 with impulses lw 3 lc rgb colour[1], \\\n"
    "        '' skip 1 using 1:2:3:4 with yerrorbars ps 0 lc rgb colour[2], \\\n"
    "        '' skip 1 using 1:2:(sprintf('%.17g: mass %.8g [%.6g, %.6g]', $1, $2, $3, $4)) with "
    "labels hypertext point pt 7 ps 0.5 lc rgb '#666666'\n";

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

static const char curve_body[] =
    "    set border 3; set tics nomirror; unset key; set rmargin 5; set xtics rotate by -30\n"
    "    if (logarithmic) { set logscale y } else { set yrange [0:*] }\n"
    "    low(x, e) = logarithmic && x <= e ? NaN : x - e\n"
    "    plot data skip 1 using 1:(low($2, $3)):($2 + $3) with filledcurves lc rgb colour[6] fs "
    "transparent solid 0.3 noborder, '' skip 1 using 1:2 with lines lw 1.5 lc rgb colour[1]\n";

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

static const char line_body[] =
    "    set border 3; set tics nomirror; set key outside bottom center height 1 horizontal\n"
    "    if (logarithmic) { set logscale y }\n"
    "    stats data skip 1 using 2 nooutput; set yrange [*:STATS_max + 0.05 * (STATS_max - "
    "STATS_min)]\n"
    "    plot data skip 1 using 1:3 with lines dt 2 lc rgb colour[2] title 'second order at the "
    "point', '' skip 1 using 1:2 with linespoints pt 7 ps 0.3 lc rgb colour[1] title 'loss', \\\n"
    "        '' skip 1 using 1:2:(sprintf('s = %.6g: %.17g', $1, $2)) with labels hypertext point "
    "pt 7 ps 0.3 lc rgb colour[1] notitle\n";

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

static const char plane_body[] =
    "    set view map; set contour base; unset surface; unset key; set tics out\n"
    "    stats data skip 1 using 3 nooutput; low = STATS_min; span = STATS_max - STATS_min\n"
    "    if (span <= 0) { span = 1 }\n"
    "    array level[10]; do for [i = 1:10] { level[i] = low + span * (i / 11.)**(logarithmic ? 3 "
    ": 1) }\n"
    "    set cntrparam levels discrete level[1], level[2], level[3], level[4], level[5], level[6], "
    "level[7], level[8], level[9], level[10]\n"
    "    set size ratio 1; set lmargin at screen 0.12\n"
    "    set rmargin at screen 0.8; set palette defined (0 '#2a7fb8', 0.5 '#5aa469', 1 '#e08a1e')\n"
    "    set cbrange [level[1]:level[10]]; set cblabel 'loss f'; set format cb '%.3g'\n"
    "    splot data skip 1 using 1:2:3 with lines lw 1.5 lc palette z\n";

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

#define RISE                                                                                       \
    "    set border 3; set tics nomirror; set logscale xy; set format '1e%T'\n"                    \
    "    set key outside bottom center height 1 horizontal maxcols 1\n"                            \
    "    plot for [p = 1:series] data skip 1 using ($1 == p ? $3 : NaN):7 with lines dt 2 lc rgb " \
    "colour[p] title p == 1 ? 'second order' : '', \\\n"                                           \
    "        for [p = 1:series] '' skip 1 using ($1 == p ? $3 : NaN):4:5:6 with yerrorbars "       \
    "pt 4 + p ps 0.8 lc rgb colour[p] title name[p], \\\n"                                         \
    "        for [p = 1:series] '' skip 1 using ($1 == p ? $3 : NaN):4 with points pt 4 + p "      \
    "ps 0.8 lc rgb colour[p] notitle, \\\n"                                                        \
    "        '' skip 1 using 3:4:(sprintf('%s at %.6g: %.17g', strcol(2), $3, $4)) with labels "   \
    "hypertext point pt 7 ps 0.3 lc rgb '#666666' notitle\n"

static const tw_figure_kind rows[] = {
    {"atoms", "Eigenvalues that many directions share", "eigenvalue t (loss per squared parameter)",
     "fraction of the spectrum",
     "Each stick is the fraction of all eigenvalues at one value, with its 95 % interval where it "
     "was estimated. A fraction times the number of parameters is a multiplicity.",
     fill_atoms, atoms_body, true},
    {"density", "Density of the other eigenvalues", "eigenvalue t (loss per squared parameter)",
     "density (squared parameters per loss)",
     "The spectrum outside the atoms; the band is one standard error. Structure narrower than the "
     "widening does not show.",
     fill_curve, curve_body, true},
    {"slice", "Slice through the loss", "position s (lengths of the direction)", "loss f",
     "Values are exact on the grid. The curvature of a slice is that of one direction: it says "
     "nothing about the others, and a line between two points is not the path of least rise.",
     fill_line, line_body, true},
    {"plane", "Plane through the loss", "position s (lengths of direction 1)",
     "position t (lengths of direction 2)",
     "Contours of the loss, from values that are exact on the grid. A plane through a point in "
     "many dimensions shows neither its most negative nor its flattest directions unless these "
     "were asked for.",
     fill_plane, plane_body, true},
    {"worst-rise", "Worst rise in a ball", "radius epsilon (units of theta)", "rise of the loss",
     "Marks: the worst rise that an ascent reached, a lower bound of the worst. Dashed: what "
     "second order says. Radii are absolute: rescaled parameters have other ones.",
     fill_worst, RISE, false},
    {"mean-rise", "Mean rise under noise", "standard deviation sigma (units of theta)",
     "mean rise of the loss",
     "With 95 % intervals. Dashed: (sigma^2/2) trace. More parameters rise more at the same sigma.",
     fill_mean, RISE, false},
};

const tw_figure_table tw_record_figures = {rows, sizeof rows / sizeof *rows};
