/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page of one optimum or of several says about them. */
#include <stdio.h>
#include <string.h>

#include "report/figures_private.h"
#include "report/sections_private.h"

#define MOST_CLUSTERS 40 /* rows of a spectrum's table */

/* A key of the result, or of the input behind "input.". */
static const tw_json *member(const tw_dossier_point *point, const char *path) {
    bool given = strncmp(path, "input.", 6) == 0;
    return given ? tw_at(point->input, path + 6) : tw_at(point->result, path);
}

static bool any_has(const tw_dossier *dossier, const char *path) {
    for (size_t i = 0; i < dossier->point_count; i++)
        if (member(&dossier->points[i], path)) return true;
    return false;
}

void tw_points_sheet(const tw_dossier *dossier, tw_content *content, const char *title,
                     const tw_row *rows, size_t count) {
    size_t kept = 0;
    if (dossier->point_count == 0) return;
    tw_sheet *sheet = tw_content_sheet(content, title, dossier->point_count + 1);
    tw_sheet_text(sheet, "");
    for (size_t i = 0; i < dossier->point_count; i++)
        tw_sheet_text(sheet, dossier->points[i].letter);
    for (size_t r = 0; r < count; r++) {
        if (!any_has(dossier, rows[r].path)) continue;
        kept++;
        tw_sheet_text(sheet, rows[r].title);
        for (size_t i = 0; i < dossier->point_count; i++)
            tw_sheet_value(sheet, member(&dossier->points[i], rows[r].path));
    }
    if (kept == 0) tw_content_drop(content);
}

/* ---- The answer ---- */

/* The point with the smallest (sign 1) or largest (sign -1) number; NULL when one has none. */
static const tw_dossier_point *extreme(const tw_dossier *dossier, const char *path, double sign) {
    const tw_dossier_point *best = NULL;
    for (size_t i = 0; i < dossier->point_count; i++) {
        const tw_dossier_point *point = &dossier->points[i];
        double value = tw_number_at(point->result, path);
        if (isnan(value)) return NULL;
        if (best == NULL || sign * value < sign * tw_number_at(best->result, path)) best = point;
    }
    return best;
}

static void say_value(tw_writer *text, const char *before, const tw_json *value,
                      const char *after) {
    tw_writer_text(text, before);
    tw_writer_value(text, value);
    tw_writer_text(text, after);
}

static void say_zero_modes(tw_writer *text, const tw_dossier_point *point) {
    say_value(text, " (", tw_at(point->result, "zero_modes.found"), " of ");
    say_value(text, "", tw_at(point->result, "parameters"), " directions, ");
    say_value(text, "", tw_at(point->result, "zero_modes.unexplained"),
              " of them not explained by symmetry)");
}

/* "B has the lowest loss (0.098) and A the most zero modes (1062 of 11136 ...)" */
static void compare_points(tw_writer *text, const tw_dossier *dossier) {
    const tw_dossier_point *low = extreme(dossier, "loss", 1.0);
    const tw_dossier_point *flat = extreme(dossier, "zero_modes.found", -1.0);
    if (low == NULL) return;
    tw_writer_format(text, "Of %zu optima %s has the lowest loss (", dossier->point_count,
                     low->letter);
    say_value(text, "", tw_at(low->result, "loss"), ")");
    if (flat == low)
        tw_writer_text(text, " and also the most zero modes");
    else if (flat)
        tw_writer_format(text, ", and %s, at loss ", flat->letter);
    if (flat && flat != low)
        say_value(text, "", tw_at(flat->result, "loss"), ", has the most zero modes");
    if (flat) say_zero_modes(text, flat);
    if (flat && flat != low) {
        tw_writer_format(text, "; %s has ", low->letter);
        say_value(text, "", tw_at(low->result, "zero_modes.found"), "");
    }
    tw_writer_text(text, ".");
}

static void describe_point(tw_writer *text, const tw_dossier_point *point) {
    const char *verdict = tw_text_at(point->result, "verdict");
    say_value(text, "The point has loss ", tw_at(point->result, "loss"), "");
    say_value(text, ", logit rank ", tw_at(point->result, "logit_rank"), "");
    if (tw_at(point->result, "zero_modes.found")) {
        say_value(text, ", ", tw_at(point->result, "zero_modes.found"), " zero modes");
        say_zero_modes(text, point);
        say_value(text, " and ", tw_at(point->result, "negative_modes"), " negative modes");
    }
    if (verdict[0]) tw_writer_format(text, ": %s", verdict);
    tw_writer_text(text, ".");
}

/* Files behind the letters; doubts where there are any. */
static void write_names(const tw_dossier *dossier, tw_content *content) {
    static const char *const heads[] = {"", "file", "verdict", "doubt"};
    size_t columns = 3;
    for (size_t i = 0; i < dossier->point_count; i++)
        if (tw_text_at(dossier->points[i].result, "doubt")[0]) columns = 4;
    tw_sheet *sheet = tw_content_sheet(content, "Names", columns);
    for (size_t j = 0; j < columns; j++) tw_sheet_text(sheet, heads[j]);
    for (size_t i = 0; i < dossier->point_count; i++) {
        const tw_dossier_point *point = &dossier->points[i];
        tw_sheet_text(sheet, point->letter);
        tw_sheet_text(sheet, point->file);
        tw_sheet_value(sheet, tw_at(point->result, "verdict"));
        if (columns == 4) tw_sheet_text(sheet, tw_text_at(point->result, "doubt"));
    }
}

void tw_section_verdict(const tw_dossier *dossier, tw_content *content) {
    tw_writer text = {0};
    if (dossier->point_count == 0) return;
    if (dossier->point_count > 1)
        compare_points(&text, dossier);
    else
        describe_point(&text, &dossier->points[0]);
    tw_writer_text(
        &text, isnan(tw_number_at(tw_dossier_record(dossier, "free-energy", 0), "result.beta_star"))
                   ? ""
                   : " ");
    tw_say_crossing(dossier, &text);
    tw_content_text(content, TW_BLOCK_VERDICT, &text);
    write_names(dossier, content);
}

/* ---- Tables ---- */

#define SHEET(title, rows)                                                                         \
    tw_points_sheet(dossier, content, title, rows, sizeof(rows) / sizeof *(rows))

void tw_section_optima(const tw_dossier *dossier, tw_content *content) {
    static const tw_row model[] = {
        {"loss function", "input.loss"}, {"activation", "input.activation"},
        {"classes K", "input.classes"},  {"samples N", "input.samples"},
        {"layers L", "input.layers"},    {"widths d_0 .. d_(L-1)", "input.widths"},
        {"lambda_W", "input.lambda_W"},  {"lambda_H", "input.lambda_H"},
        {"lambda_b", "input.lambda_b"},  {"parameters P", "parameters"},
    };
    static const tw_row point[] = {
        {"loss f", "loss"},
        {"fit", "fit"},
        {"penalty", "penalty"},
        {"gradient norm", "gradient_norm"},
        {"logit rank", "logit_rank"},
        {"NC1 of the features", "collapse.nc1"},
        {"NC2", "collapse.nc2"},
        {"NC3", "collapse.nc3"},
        {"balance defect", "balance_defect"},
        {"pre-activations on a kink", "kinks"},
    };
    tw_points_sheet(dossier, content, "At the point", point, sizeof point / sizeof *point);
    tw_points_sheet(dossier, content, "Model", model, sizeof model / sizeof *model);
}

void tw_section_ledger(const tw_dossier *dossier, tw_content *content) {
    static const tw_row rows[] = {
        {"negative modes", "negative_modes"},
        {"zero modes found", "zero_modes.found"},
        {"by symmetry", "zero_modes.symmetry"},
        {"unexplained", "zero_modes.unexplained"},
        {"positive modes", "positive_modes"},
        {"zero means |t| up to", "zero_modes.threshold"},
        {"largest |t| counted as zero", "zero_modes.largest_zero"},
        {"smallest non-zero t", "smallest_nonzero"},
        {"its distance from the threshold (factor)", "zero_modes.gap"},
    };
    SHEET("Counts, and what justifies them", rows);
}

void tw_section_logits(const tw_dossier *dossier, tw_content *content) {
    static const tw_row rows[] = {{"logit rank", "logit_rank"},
                                  {"singular values of Z", "logit_singular_values"}};
    SHEET("Logits", rows);
}

void tw_section_evidence(const tw_dossier *dossier, tw_content *content) {
    static const tw_row rows[] = {
        {"with respect to symmetry", "morse_bott"},
        {"strict saddle proved", "proved"},
        {"v^T H v over v^T v, at least", "rayleigh.lower"},
        {"at most", "rayleigh.upper"},
        {"||g||, at most", "gradient.upper"},
        {"decrease that is proved", "decrease"},
        {"polishing", "polish.outcome"},
        {"gradient norm before", "polish.gradient_norm_before"},
        {"gradient norm after", "polish.gradient_norm"},
        {"moved by", "polish.moved"},
        {"||theta||", "polish.theta_norm"},
        {"route to the spectrum", "method"},
        {"Hessian products", "products"},
        {"||H||", "hessian_norm"},
        {"||H v|| over random tangent vectors, largest", "zero_modes.tangent_residual"},
        {"rotations that move nothing", "stabilisers.count"},
        {"smallest relative movement of the others", "stabilisers.smallest_kept"},
        {"counts by inertia agree", "inertia.agrees"},
        {"margin of the inertia", "inertia.margin"},
        {"sectors apply", "sectors.applicable"},
        {"why not", "sectors.refusal"},
        {"counts by sectors agree", "sectors.agrees"},
        {"defect: stationary", "sectors.stationary"},
        {"defect: balanced", "sectors.balanced"},
        {"defect: collapsed", "sectors.collapsed"},
        {"defect: confined", "sectors.confined"},
    };
    SHEET("Evidence", rows);
}

/* ---- Spectra ---- */

static void write_cluster(tw_sheet *sheet, const tw_json *row) {
    const tw_json *exact = tw_at(row, "exact"), *residual = tw_at(row, "residual");
    tw_sheet_value(sheet, tw_at(row, "value"));
    tw_sheet_value(sheet, tw_at(row, "multiplicity"));
    tw_sheet_text(sheet, tw_text_at(row, "label"));
    if (tw_at(row, "cut"))
        tw_sheet_text(sheet, "multiplicity is a lower bound");
    else if (exact)
        tw_sheet_text(sheet, "exact, by sectors or formula");
    else
        tw_sheet_value(sheet, residual);
}

static void write_spectrum(const tw_dossier_point *point, tw_content *content) {
    const tw_json *list = tw_clusters_of(point->result);
    size_t count = list ? tw_json_size(list) : 0;
    char title[160];
    if (count == 0) return;
    if (count > MOST_CLUSTERS)
        snprintf(title, sizeof title, "Spectrum of %s: the lowest %d of %zu values", point->letter,
                 MOST_CLUSTERS, count);
    else
        snprintf(title, sizeof title, "Spectrum of %s", point->letter);
    tw_say_doubt(point->result, point->letter, content);
    tw_sheet *sheet = tw_content_sheet(content, title, 4);
    tw_sheet_text(sheet, "eigenvalue");
    tw_sheet_text(sheet, "multiplicity");
    tw_sheet_text(sheet, "sector");
    tw_sheet_text(sheet, "residual over ||H||");
    for (size_t i = 0; i < count && i < MOST_CLUSTERS; i++)
        write_cluster(sheet, tw_json_at(list, i));
}

void tw_section_spectra(const tw_dossier *dossier, tw_content *content) {
    for (size_t i = 0; i < dossier->spectrum_count; i++)
        write_spectrum(&dossier->spectra[i], content);
}
