/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectra as sticks on a symmetric-log axis, a panel a point, the zero modes as one bar. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "report/assets_private.h"
#include "report/figures_private.h"

#define MOST_STICKS 240 /* of one panel; beyond it neighbours are drawn as one */
#define MOST_SECTORS 7  /* with a colour of their own */
#define PANEL_HEIGHT 176.0

typedef struct stick {
    double value, copies, zero; /* zero: it counts as one when positive */
    const char *label;
    bool merged, named; /* named: its multiplicity is written */
} stick;

typedef struct picture {
    double linear; /* where the axis turns from linear to logarithmic */
    double low, high;
    double top; /* largest multiplicity */
    size_t sector_count;
    const char *sectors[MOST_SECTORS];
} picture;

/* Exact values with sectors where both routes agree, otherwise what was found. */
const tw_json *tw_clusters_of(const tw_json *result) {
    bool agrees = false;
    const tw_json *answer = tw_at(result, "sectors.agrees");
    const tw_json *exact = tw_at(result, "sectors.eigenvalues");
    if (answer) tw_json_as_boolean(answer, &agrees);
    return agrees && tw_json_size(exact) > 0 ? exact : tw_at(result, "eigenvalues");
}

static double place(const picture *p, double value) {
    return copysign(log10(1.0 + fabs(value) / p->linear), value);
}

/* A record without a threshold says itself what is zero: the value, to the last bit. */
static size_t read_sticks(const tw_json *result, stick *sticks) {
    const tw_json *list = tw_clusters_of(result);
    double threshold = tw_number_at(result, "zero_modes.threshold");
    size_t count = 0;
    for (size_t i = 0; list && i < tw_json_size(list); i++) {
        const tw_json *row = tw_json_at(list, i);
        double value = tw_number_at(row, "value");
        if (isnan(value)) continue;
        bool zero = fabs(value) <= (isnan(threshold) ? 0.0 : threshold);
        stick *last = count > 0 ? &sticks[count - 1] : NULL;
        if (zero && last && last->zero > 0.0) {
            last->copies += tw_number_at(row, "multiplicity");
            continue;
        }
        sticks[count++] = (stick){.value = zero ? 0.0 : value,
                                  .copies = tw_number_at(row, "multiplicity"),
                                  .zero = zero ? 1.0 : 0.0,
                                  .label = zero ? "zero modes" : tw_text_at(row, "label")};
    }
    return count;
}

static void widen(picture *p, const stick *sticks, size_t count) {
    for (size_t i = 0; i < count; i++) {
        double size = fabs(sticks[i].value);
        if (size > 0.0 && !(size >= p->linear)) p->linear = size;
        p->top = fmax(p->top, sticks[i].copies);
        p->low = fmin(p->low, sticks[i].value);
        p->high = fmax(p->high, sticks[i].value);
    }
}

/* Colour of a sector, from 1; 0: it has none, or there are too many. */
static size_t sector_of(picture *p, const char *label) {
    if (label[0] == '\0') return 0;
    for (size_t i = 0; i < p->sector_count; i++)
        if (strcmp(p->sectors[i], label) == 0) return i + 1;
    if (p->sector_count == MOST_SECTORS) return 0;
    p->sectors[p->sector_count++] = label;
    return p->sector_count;
}

/* Neighbours on the axis become one stick at their mean, until few enough are left. */
static size_t merge(const picture *p, stick *sticks, size_t count) {
    double width = (place(p, p->high) - place(p, p->low)) / MOST_STICKS;
    size_t kept = 0;
    if (count <= MOST_STICKS) return count;
    for (size_t i = 0; i < count; i++) {
        stick *last = kept > 0 ? &sticks[kept - 1] : NULL;
        if (last && last->zero == 0.0 && sticks[i].zero == 0.0 &&
            floor(place(p, last->value) / width) == floor(place(p, sticks[i].value) / width)) {
            double sum = last->copies + sticks[i].copies;
            last->value += (sticks[i].value - last->value) * sticks[i].copies / sum;
            last->copies = sum;
            last->merged = true;
        } else {
            sticks[kept++] = sticks[i];
        }
    }
    return kept;
}

/* Multiplicities are written where no larger one stands close by. */
static void name_sticks(const picture *p, stick *sticks, size_t count) {
    double room = (place(p, p->high) - place(p, p->low)) * 0.07;
    for (size_t i = 0; i < count; i++) {
        sticks[i].named = true;
        for (size_t j = 0; j < count; j++) {
            bool close = fabs(place(p, sticks[i].value) - place(p, sticks[j].value)) < room;
            bool larger = sticks[j].copies > sticks[i].copies ||
                          (sticks[j].copies == sticks[i].copies && j < i);
            if (i != j && close && larger) sticks[i].named = false;
        }
    }
}

static void write_sticks(picture *p, const tw_dossier_point *point, size_t panel,
                         const stick *sticks, size_t count, tw_writer *csv) {
    for (size_t i = 0; i < count; i++) {
        tw_writer_format(csv, "%zu,", panel);
        tw_figure_cell(csv, point->label);
        tw_writer_text(csv, ",");
        tw_writer_number(csv, sticks[i].value);
        tw_writer_format(csv, ",%.0f,", sticks[i].copies);
        tw_figure_cell(csv, sticks[i].merged     ? "several values"
                            : sticks[i].label[0] ? sticks[i].label
                                                 : "eigenvalue");
        size_t sector =
            sticks[i].zero > 0.0 || sticks[i].merged ? 0 : sector_of(p, sticks[i].label);
        tw_writer_format(csv, ",%zu,%d,%d\n", sector, sticks[i].zero > 0.0, sticks[i].named);
    }
}

static void write_tic(tw_figure *figure, const picture *p, int lead, int exponent, double value) {
    if (value < p->linear * (1.0 - 1e-9)) return;
    if (value <= p->high)
        tw_writer_format(&figure->variables, ", '%de%d' %.6f", lead, exponent, place(p, value));
    if (-value >= p->low)
        tw_writer_format(&figure->variables, ", '-%de%d' %.6f", lead, exponent, place(p, -value));
}

/* 0 and the powers of ten with a sign, at most eight a side; where there are but one or two, twice
 * and five times them as well. */
static void write_tics(tw_figure *figure, const picture *p) {
    int first = (int)ceil(log10(p->linear) - 1e-9);
    int last = (int)floor(log10(fmax(p->high, -p->low)) + 1e-9), step = 1 + (last - first) / 6;
    tw_writer_text(&figure->variables, "tics = \"set xtics ('0' 0");
    for (int k = last; k >= first; k -= step) {
        double value = pow(10.0, k);
        write_tic(figure, p, 1, k, value);
    }
    for (int m = 2; last - first < 2 && m <= 5; m += 3)
        for (int k = first - 1; k <= last; k++) write_tic(figure, p, m, k, m * pow(10.0, k));
    tw_writer_text(&figure->variables, ")\"\n");
}

static void write_variables(tw_figure *figure, const picture *p, size_t panels) {
    tw_writer_format(&figure->variables, "panels = %zu; linear = %.17g; top = %.0f\n", panels,
                     p->linear, p->top);
    tw_writer_format(&figure->variables, "left = %.6f; right = %.6f\n", place(p, p->low),
                     place(p, p->high));
    tw_figure_array(figure, "sector", p->sector_count + 1);
    for (size_t i = 0; i < p->sector_count; i++) tw_figure_string(figure, i, p->sectors[i]);
    tw_figure_string(figure, p->sector_count, "other");
    tw_figure_array_end(figure);
    tw_writer_format(&figure->variables, "sectors = %zu\n", p->sector_count);
    write_tics(figure, p);
}

/* Room for the sticks of the point that has the most, and the extent of all of them. */
static tw_status survey(const tw_dossier *dossier, stick **sticks, picture *p, size_t *panels) {
    tw_status status = TW_OK;
    size_t most = 0;
    for (size_t i = 0; i < dossier->spectrum_count; i++) {
        const tw_json *list = tw_clusters_of(dossier->spectra[i].result);
        size_t count = list ? tw_json_size(list) : 0;
        if (count > most) most = count;
        if (count > 0) (*panels)++;
    }
    TW_TRY(TW_NEW(*sticks, most));
    for (size_t i = 0; i < dossier->spectrum_count; i++)
        widen(p, *sticks, read_sticks(dossier->spectra[i].result, *sticks));
cleanup:
    return status;
}

static bool fill_spectrum(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    picture p = {.linear = NAN};
    stick *sticks = NULL;
    size_t panels = 0, panel = 0;
    if (index > 0) return false;
    figure->csv.status = survey(dossier, &sticks, &p, &panels);
    if (figure->csv.status != TW_OK || panels == 0) {
        free(sticks);
        return figure->csv.status != TW_OK;
    }
    if (isnan(p.linear)) p.linear = 1.0;
    if (p.high <= p.low) p.high = p.low + p.linear;
    tw_writer_text(&figure->csv, "panel,point,value,multiplicity,label,sector,zero,named\n");
    tw_figure_array(figure, "name", panels);
    for (size_t i = 0; i < dossier->spectrum_count; i++) {
        size_t count = read_sticks(dossier->spectra[i].result, sticks);
        if (count == 0) continue;
        count = merge(&p, sticks, count);
        name_sticks(&p, sticks, count);
        tw_figure_string(figure, panel++, dossier->spectra[i].label);
        write_sticks(&p, &dossier->spectra[i], panel, sticks, count, &figure->csv);
    }
    tw_figure_array_end(figure);
    write_variables(figure, &p, panels);
    figure->height = 102.0 + PANEL_HEIGHT * (double)panels + 18.0 * (double)(p.sector_count / 2);
    free(sticks);
    return true;
}

static const tw_figure_kind rows[] = {
    {"spectrum", "Eigenvalues of the Hessian",
     "eigenvalue t of the Hessian (loss per squared parameter)", "multiplicity",
     "Symmetric-log axis: linear about zero up to the smallest non-zero eigenvalue, logarithmic "
     "beyond. Heights are multiplicities; the bar at zero are the zero modes. Colours name the "
     "sector: what moves along these directions. Where only the ends of a spectrum were computed, "
     "what lies between them is not drawn, and a multiplicity at the cut is a lower bound.",
     fill_spectrum, tw_asset_spectrum_gp, false},
};

const tw_figure_table tw_spectrum_figures = {rows, sizeof rows / sizeof *rows};
