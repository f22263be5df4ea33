/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of free energies and of lists of critical points. */
#include <stdio.h>
#include <string.h>

#include "report/assets_private.h"
#include "report/figures_private.h"

#define BETAS 81   /* of a drawn curve */
#define AROUND 6.0 /* a curve goes from the crossing over this to the crossing times this */
#define MOST_POINTS 8

static double list_at(const tw_json *value, const char *path, size_t index) {
    return tw_number_of(tw_json_at(tw_at(value, path), index));
}

/* docs/mathematics.md, section 7: F(beta) from its parts. */
static double free_energy(const tw_json *point, double beta) {
    double modes = tw_number_at(point, "parameters") - tw_number_at(point, "zero_modes");
    double units = tw_number_at(point, "log_unit_copies");
    return beta * tw_number_at(point, "loss") - tw_number_at(point, "log_orbit_volume") -
           tw_number_at(point, "log_copies") - (isnan(units) ? 0.0 : units) +
           0.5 * (tw_number_at(point, "log_det_nonzero") +
                  modes * log(beta / (2.0 * 3.14159265358979323846)));
}

/* The parts give the record's own values, wherever it has them. */
static bool is_consistent(const tw_json *result) {
    const tw_json *points = tw_at(result, "points"), *rows = tw_at(result, "curve.free_energy");
    for (size_t p = 0; p < tw_size_at(result, "points"); p++)
        for (size_t i = 0; i < tw_size_at(result, "curve.beta"); i++) {
            double F = tw_number_of(tw_json_at(tw_json_at(rows, p), i));
            double ours = free_energy(tw_json_at(points, p), list_at(result, "curve.beta", i));
            if (!(fabs(ours - F) <= 1e-9 * fabs(F))) return false;
        }
    return true;
}

/* The line of one point, one beta after the other. */
static void write_curve(const tw_json *result, size_t point, double from, double to,
                        tw_writer *csv) {
    const tw_json *points = tw_at(result, "points");
    for (size_t i = 0; i < BETAS; i++) {
        double beta = from * pow(to / from, (double)i / (BETAS - 1)), lowest = INFINITY;
        double own = free_energy(tw_json_at(points, point), beta);
        for (size_t q = 0; q < tw_json_size(points); q++)
            lowest = fmin(lowest, free_energy(tw_json_at(points, q), beta));
        tw_writer_format(csv, "%zu,", point + 1);
        tw_writer_number(csv, beta);
        tw_writer_text(csv, ",");
        tw_writer_number(csv, own);
        tw_writer_text(csv, ",");
        tw_writer_number(csv, own - lowest);
        tw_writer_text(csv, "\n");
    }
}

static bool fill_energy(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    const tw_json *record = tw_dossier_record(dossier, "free-energy", index);
    const tw_json *result = tw_at(record, "result");
    const tw_json *points = tw_at(result, "points");
    size_t n = tw_size_at(result, "points"), count = tw_size_at(result, "curve.beta");
    double star = tw_number_at(result, "beta_star");
    if (count == 0 || n == 0 || !is_consistent(result)) return false;
    double from = isnan(star) ? list_at(result, "curve.beta", 0) : star / AROUND;
    double to = isnan(star) ? list_at(result, "curve.beta", count - 1) : star * AROUND;
    tw_writer_text(&figure->csv, "point,beta,free_energy,above_lowest\n");
    if (n > MOST_POINTS) n = MOST_POINTS;
    for (size_t p = 0; p < n; p++) write_curve(result, p, from, to, &figure->csv);
    tw_figure_array(figure, "name", n);
    for (size_t p = 0; p < n; p++) {
        char room[TW_LABEL_BYTES];
        const char *file = tw_text_at(tw_json_at(points, p), "file");
        const char *hash = tw_text_at(tw_json_at(tw_at(record, "input"), p), "sha256");
        tw_figure_string(figure, p, tw_dossier_label(dossier, file, hash, room));
    }
    tw_figure_array_end(figure);
    tw_writer_format(&figure->variables, "points = %zu; star = ", n);
    tw_writer_number(&figure->variables, star);
    tw_writer_text(&figure->variables, "\n");
    return true;
}

static bool fill_sweep(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    const tw_json *record = tw_dossier_record(dossier, "free-energy", index);
    const tw_json *rows = tw_at(record, "result.sweep");
    size_t count = tw_size_at(record, "result.sweep"), kept = 0;
    tw_writer_text(&figure->csv, "width,beta_star,error\n");
    for (size_t i = 0; i < count; i++) {
        const tw_json *row = tw_json_at(rows, i);
        double star = tw_number_at(row, "beta_star"), error = tw_number_at(row, "beta_star_error");
        if (isnan(star)) continue;
        kept++;
        tw_writer_number(&figure->csv, tw_number_at(row, "width"));
        tw_writer_text(&figure->csv, ",");
        tw_writer_number(&figure->csv, star);
        tw_writer_text(&figure->csv, ",");
        tw_writer_number(&figure->csv, isnan(error) ? 0.0 : error);
        tw_writer_text(&figure->csv, "\n");
    }
    return kept > 1;
}

/* ---- Critical points ---- */

static bool fill_critical(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    const tw_json *record = tw_dossier_record(dossier, "critical", index);
    const tw_json *points = tw_at(record, "result.points");
    size_t count = tw_size_at(record, "result.points");
    if (count == 0) return false;
    tw_writer_text(&figure->csv, "name,loss,index,rank,found,proved\n");
    for (size_t i = 0; i < count; i++) {
        const tw_json *point = tw_json_at(points, i);
        tw_figure_cell(&figure->csv, tw_text_at(point, "name"));
        tw_writer_text(&figure->csv, ",");
        tw_writer_number(&figure->csv, tw_number_at(point, "loss"));
        tw_writer_format(&figure->csv, ",%.0f,%.0f,%.0f,%d\n", tw_number_at(point, "index"),
                         tw_number_at(point, "rank"), tw_number_at(point, "found"),
                         tw_at(point, "certificate.proved") != NULL);
    }
    return true;
}

static const tw_figure_kind rows[] = {
    {"free-energy", "Free energy against inverse temperature", "inverse temperature beta",
     "F(beta) above the lowest (nats)",
     "The optimum whose curve is at zero has the largest Laplace weight; where curves change "
     "places, at beta*, degeneracy outweighs loss. The expansion is about each optimum alone: it "
     "holds for large beta.",
     fill_energy, tw_asset_energy_gp, true},
    {"beta-by-width", "Crossing by width", "width d of every hidden space",
     "inverse temperature beta*",
     "Where the two optima weigh the same, for models that differ in width alone. It follows from "
     "closed forms; no descent was run.",
     fill_sweep, tw_asset_sweep_gp, true},
    {"critical-points", "Critical points by index", "index (number of negative modes)", "loss f",
     "Every point that some start led to, once. A point that no start met is missing; the list is "
     "no count of all critical points.",
     fill_critical, tw_asset_critical_gp, false},
};

const tw_figure_table tw_energy_figures = {rows, sizeof rows / sizeof *rows};
