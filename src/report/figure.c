/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The script around a figure's commands, the same for all. */
#include "report/figure_private.h"

#include <stdio.h>

#include "report/assets_private.h"

#define WIDTH 560.0
#define HEIGHT 340.0

bool tw_figure_fill(const tw_figure_kind *kind, const tw_dossier *dossier, size_t index,
                    tw_figure *figure) {
    *figure = (tw_figure){.kind = kind, .width = WIDTH, .height = HEIGHT};
    if (index == 0)
        snprintf(figure->name, sizeof figure->name, "%s", kind->id);
    else
        snprintf(figure->name, sizeof figure->name, "%s-%zu", kind->id, index + 1);
    if (kind->fill(dossier, index, figure)) return true;
    if (tw_figure_status(figure) != TW_OK) return true; /* the failure is told with the figure */
    tw_figure_clear(figure);
    return false;
}

void tw_figure_clear(tw_figure *figure) {
    tw_writer_clear(&figure->note);
    tw_writer_clear(&figure->csv);
    tw_writer_clear(&figure->variables);
    for (size_t i = 0; i < 2; i++) tw_writer_clear(&figure->svg[i]);
    *figure = (tw_figure){0};
}

tw_status tw_figure_status(const tw_figure *figure) {
    const tw_writer *const parts[] = {&figure->note, &figure->csv, &figure->variables,
                                      &figure->svg[0], &figure->svg[1]};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i]->status != TW_OK) return parts[i]->status;
    return TW_OK;
}

void tw_figure_array(tw_figure *figure, const char *name, size_t count) {
    tw_writer_format(&figure->variables, "array %s[%zu] = [", name, count);
}

void tw_figure_string(tw_figure *figure, size_t index, const char *text) {
    char room[80];
    tw_writer_format(&figure->variables, "%s'%s'", index > 0 ? ", " : "",
                     tw_harmless(text, room, sizeof room));
}

void tw_figure_array_end(tw_figure *figure) {
    tw_writer_text(&figure->variables, "]\n");
}

void tw_figure_names(tw_figure *figure, const tw_dossier *dossier) {
    tw_figure_array(figure, "name", dossier->point_count);
    for (size_t i = 0; i < dossier->point_count; i++)
        tw_figure_string(figure, i, dossier->points[i].label);
    tw_figure_array_end(figure);
    tw_writer_format(&figure->variables, "points = %zu\n", dossier->point_count);
}

void tw_figure_cell(tw_writer *csv, const char *text) {
    char room[160];
    tw_writer_format(csv, "\"%s\"", tw_harmless(text, room, sizeof room));
}

void tw_figure_step(tw_figure *figure, double low, double high) {
    double rough = high > low ? (high - low) / 3.0 : fmax(fabs(high), 1.0) / 3.0;
    double power = pow(10.0, floor(log10(rough))), lead = rough / power;
    double step = power * (lead < 1.5 ? 1.0 : lead < 3.5 ? 2.0 : lead < 7.5 ? 5.0 : 10.0);
    tw_writer_format(&figure->variables, "step = %.17g\n", step);
}

void tw_figure_script(const tw_figure *figure, tw_writer *script) {
    const char *name = figure->name;
    tw_writer_format(script, "# %s\n# gnuplot %s.gp draws %s.svg, %s.pdf and %s.png from %s.csv.\n",
                     figure->kind->title, name, name, name, name, name);
    tw_writer_text(script, tw_asset_prologue_gp);
    tw_writer_format(script, "data = '%s.csv'\nwide = %.0f; high = %.0f\n", name, figure->width,
                     figure->height);
    if (figure->variables.bytes) tw_writer_text(script, figure->variables.bytes);
    tw_writer_text(script, "do for [format in formats] {\n");
    tw_writer_text(script, "    unset label; unset arrow\n");
    tw_writer_text(script, tw_asset_terminals_gp);
    tw_writer_format(script, "    set output '%s.'.format\n", name);
    tw_writer_format(script, "    set xlabel '%s'\n    set ylabel '%s'\n", figure->kind->x_label,
                     figure->kind->y_label);
    tw_writer_text(script, figure->kind->body);
    tw_writer_text(script, "    unset output\n}\n");
}
