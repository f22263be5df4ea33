/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "free_energy.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "table.h"

static void rows_of_parts(cli_table *table, const tw_weight_scale *scale, size_t count) {
    const struct {
        const char *label;
        size_t offset;
    } numbers[] = {{"loss", offsetof(tw_laplace, loss)},
                   {"log volume of the orbit", offsetof(tw_laplace, log_orbit_volume)},
                   {"log copies by classes", offsetof(tw_laplace, log_copies)},
                   {"log copies by hidden units", offsetof(tw_laplace, log_unit_copies)},
                   {"log |det|, non-zero modes", offsetof(tw_laplace, log_det.value)},
                   {"smallest non-zero |t|", offsetof(tw_laplace, smallest)}};
    table_row(table, "");
    for (size_t i = 0; i < count; i++) table_cell(table, "%s", scale->optima[i].name);
    table_row(table, "parameters");
    for (size_t i = 0; i < count; i++)
        table_cell(table, "%" PRIu64, scale->optima[i].laplace.parameters);
    table_row(table, "zero modes");
    for (size_t i = 0; i < count; i++)
        table_cell(table, "%" PRIu64, scale->optima[i].laplace.zero_modes);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        table_row(table, numbers[k].label);
        for (size_t i = 0; i < count; i++) {
            const char *row = (const char *)&scale->optima[i].laplace;
            table_cell(table, "%.12g", *(const double *)(const void *)(row + numbers[k].offset));
        }
    }
}

static void rows_of_curve(cli_table *table, const tw_weights *w, const tw_weight_scale *scale) {
    char label[64];
    table_section(table, "F(beta)");
    for (size_t b = 0; b < w->listed; b++) {
        snprintf(label, sizeof label, "beta %g", w->betas[b]);
        table_row(table, label);
        for (size_t i = 0; i < w->count; i++)
            table_cell(table, "%.10g",
                       tw_laplace_free_energy(&scale->optima[i].laplace, w->betas[b]));
    }
}

static void print_crossing(const tw_weight_scale *scale) {
    const tw_crossing *c = &scale->crossing;
    const tw_laplace *a = &scale->optima[0].laplace, *b = &scale->optima[1].laplace;
    if (!c->exists) {
        if (a->defined && b->defined)
            printf("\n%s and %s weigh the same at no beta.\n", scale->optima[0].name,
                   scale->optima[1].name);
        return;
    }
    printf("\nbeta* = %.12g +- %.2g: above it %s has the larger weight, below it the other one",
           c->beta, c->error, scale->optima[c->slope > 0.0].name);
    if (isfinite(c->lower)) printf(" (down to beta = %.6g)", c->lower);
    printf(".\nThe expansion asks for a large beta times the smallest curvature: %.3g here.\n",
           c->beta * fmin(a->smallest, b->smallest));
}

static tw_status print_scale(const tw_weights *w, const tw_weight_scale *scale) {
    tw_status status = TW_OK;
    cli_table *table = NULL;
    TW_TRY(table_create(w->count, &table));
    if (scale->width > 0) printf("width %zu\n", scale->width);
    rows_of_parts(table, scale, w->count);
    rows_of_curve(table, w, scale);
    table_print(table, stdout);
    for (size_t i = 0; i < w->count; i++)
        if (!scale->optima[i].laplace.defined)
            printf("\n%s: F is not defined: %s.\n", scale->optima[i].name,
                   scale->optima[i].laplace.refusal);
    if (w->count > 1) print_crossing(scale);
cleanup:
    table_destroy(table);
    return status;
}

static tw_status print_sweep(const tw_weights *w) {
    tw_status status = TW_OK;
    cli_table *table = NULL;
    char label[64];
    if (w->scale_count < 2 || w->count < 2) return TW_OK;
    TW_TRY(table_create(4, &table));
    table_row(table, "width");
    table_cell(table, "zero modes apart");
    table_cell(table, "beta*");
    table_cell(table, "error");
    table_cell(table, "beta* smallest |t|");
    for (size_t s = 0; s < w->scale_count; s++) {
        const tw_weight_scale *scale = &w->scales[s];
        const tw_laplace *a = &scale->optima[0].laplace, *b = &scale->optima[1].laplace;
        snprintf(label, sizeof label, "%zu", scale->width);
        table_row(table, label);
        table_cell(table, "%.0f", (double)a->zero_modes - (double)b->zero_modes);
        table_cell(table, scale->crossing.exists ? "%.12g" : "-", scale->crossing.beta);
        if (!scale->crossing.exists) continue;
        table_cell(table, "%.2g", scale->crossing.error);
        table_cell(table, "%.4g", scale->crossing.beta * fmin(a->smallest, b->smallest));
    }
    printf("\n%s and %s\n", w->scales[0].optima[0].name, w->scales[0].optima[1].name);
    table_print(table, stdout);
cleanup:
    table_destroy(table);
    return status;
}

tw_status weights_print(const tw_weights *w) {
    tw_status status = TW_OK;
    TW_TRY(print_scale(w, &w->scales[0]));
    TW_TRY(print_sweep(w));
cleanup:
    return status;
}
