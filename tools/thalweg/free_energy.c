/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "free_energy.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "table.h"

tw_status weights_init(const cli_settings *settings, size_t count, size_t scales, cli_weights *w) {
    w->count = count;
    w->scales = calloc(scales, sizeof *w->scales);
    if (w->names == NULL) w->names = calloc(count, sizeof *w->names);
    if (w->scales == NULL || w->names == NULL)
        return tw_fail(TW_ERR_MEMORY, "no memory for a list");
    for (; w->scale_count < scales; w->scale_count++) {
        cli_scale *scale = &w->scales[w->scale_count];
        scale->names = w->names;
        scale->rows = calloc(count, sizeof *scale->rows);
        if (scale->rows == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu optima", count);
    }
    return number_list_read(settings->betas, &w->beta_count, &w->betas);
}

void weights_clear(cli_weights *w) {
    for (size_t s = 0; s < w->scale_count; s++) free(w->scales[s].rows);
    free(w->scales);
    free(w->betas);
    free(w->names);
    free(w->text);
    *w = (cli_weights){0};
}

void weights_cross(cli_weights *w) {
    for (size_t s = 0; s < w->scale_count; s++) {
        cli_scale *scale = &w->scales[s];
        scale->crossing = tw_laplace_cross(&scale->rows[0], &scale->rows[w->count > 1]);
        if (w->count < 2) scale->crossing.exists = false;
    }
}

bool weights_defined(const cli_weights *w) {
    for (size_t s = 0; s < w->scale_count; s++)
        for (size_t i = 0; i < w->count; i++)
            if (!w->scales[s].rows[i].defined) return false;
    return true;
}

/* ---- For people ---- */

static void rows_of_parts(cli_table *table, const cli_scale *scale, size_t count) {
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
    for (size_t i = 0; i < count; i++) table_cell(table, "%s", scale->names[i]);
    table_row(table, "parameters");
    for (size_t i = 0; i < count; i++) table_cell(table, "%" PRIu64, scale->rows[i].parameters);
    table_row(table, "zero modes");
    for (size_t i = 0; i < count; i++) table_cell(table, "%" PRIu64, scale->rows[i].zero_modes);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        table_row(table, numbers[k].label);
        for (size_t i = 0; i < count; i++) {
            const char *row = (const char *)&scale->rows[i];
            table_cell(table, "%.12g", *(const double *)(const void *)(row + numbers[k].offset));
        }
    }
}

static void rows_of_curve(cli_table *table, const cli_weights *w, const cli_scale *scale) {
    char label[64];
    table_section(table, "F(beta)");
    for (size_t b = 0; b < w->beta_count; b++) {
        snprintf(label, sizeof label, "beta %g", w->betas[b]);
        table_row(table, label);
        for (size_t i = 0; i < w->count; i++)
            table_cell(table, "%.10g", tw_laplace_free_energy(&scale->rows[i], w->betas[b]));
    }
}

static void print_crossing(const cli_scale *scale) {
    const tw_crossing *c = &scale->crossing;
    const tw_laplace *a = &scale->rows[0], *b = &scale->rows[1];
    if (!c->exists) {
        if (a->defined && b->defined)
            printf("\n%s and %s weigh the same at no beta.\n", scale->names[0], scale->names[1]);
        return;
    }
    printf("\nbeta* = %.12g +- %.2g: above it %s has the larger weight, below it the other one",
           c->beta, c->error, scale->names[c->slope > 0.0]);
    if (isfinite(c->lower)) printf(" (down to beta = %.6g)", c->lower);
    printf(".\nThe expansion asks for a large beta times the smallest curvature: %.3g here.\n",
           c->beta * fmin(a->smallest, b->smallest));
}

static tw_status print_scale(const cli_weights *w, const cli_scale *scale) {
    tw_status status = TW_OK;
    cli_table *table = NULL;
    TW_TRY(table_create(w->count, &table));
    if (scale->width > 0) printf("width %zu\n", scale->width);
    rows_of_parts(table, scale, w->count);
    rows_of_curve(table, w, scale);
    table_print(table, stdout);
    for (size_t i = 0; i < w->count; i++)
        if (!scale->rows[i].defined)
            printf("\n%s: F is not defined: %s.\n", scale->names[i], scale->rows[i].refusal);
    if (w->count > 1) print_crossing(scale);
cleanup:
    table_destroy(table);
    return status;
}

static tw_status print_sweep(const cli_weights *w) {
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
        const cli_scale *scale = &w->scales[s];
        const tw_laplace *a = &scale->rows[0], *b = &scale->rows[1];
        snprintf(label, sizeof label, "%zu", scale->width);
        table_row(table, label);
        table_cell(table, "%.0f", (double)a->zero_modes - (double)b->zero_modes);
        table_cell(table, scale->crossing.exists ? "%.12g" : "-", scale->crossing.beta);
        if (!scale->crossing.exists) continue;
        table_cell(table, "%.2g", scale->crossing.error);
        table_cell(table, "%.4g", scale->crossing.beta * fmin(a->smallest, b->smallest));
    }
    printf("\n%s and %s\n", w->names[0], w->names[1]);
    table_print(table, stdout);
cleanup:
    table_destroy(table);
    return status;
}

tw_status weights_print(const cli_weights *w) {
    tw_status status = TW_OK;
    TW_TRY(print_scale(w, &w->scales[0]));
    TW_TRY(print_sweep(w));
cleanup:
    return status;
}

/* ---- The record ---- */

static tw_json *row_json(const char *name, const tw_laplace *x) {
    tw_status status = TW_OK;
    double error = x->log_det.exact ? x->log_det_rounding : x->log_det.error;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_set(row, "file", tw_json_string(name)));
    TW_TRY(tw_json_set(row, "loss", tw_json_number(x->loss)));
    TW_TRY(tw_json_set(row, "parameters", tw_json_integer((long long)x->parameters)));
    TW_TRY(tw_json_set(row, "zero_modes", tw_json_integer((long long)x->zero_modes)));
    TW_TRY(tw_json_set(row, "log_orbit_volume", tw_json_number(x->log_orbit_volume)));
    TW_TRY(tw_json_set(row, "log_stiefel_volume", tw_json_number(x->log_stiefel)));
    TW_TRY(tw_json_set(row, "log_copies", tw_json_number(x->log_copies)));
    TW_TRY(tw_json_set(row, "log_unit_copies", tw_json_number(x->log_unit_copies)));
    TW_TRY(tw_json_set(row, "log_det_nonzero", tw_json_number(x->log_det.value)));
    TW_TRY(tw_json_set(row, "log_det_error", tw_json_number(error)));
    TW_TRY(tw_json_set(row, "log_det_exact", tw_json_boolean(x->log_det.exact)));
    TW_TRY(tw_json_set(row, "smallest_nonzero", tw_json_number(x->smallest)));
    TW_TRY(tw_json_set(row, "defined", tw_json_boolean(x->defined)));
    TW_TRY(tw_json_set(row, "refusal", tw_json_string(x->refusal)));
cleanup:
    if (status == TW_OK) return row;
    tw_json_destroy(row);
    return NULL;
}

/* points, beta_star, .. of one scale. */
static tw_status set_scale(const cli_weights *w, const cli_scale *scale, tw_json *object) {
    tw_status status = TW_OK;
    const tw_crossing *c = &scale->crossing;
    double nothing = (double)NAN;
    tw_json *points = tw_json_array();
    TW_TRY(tw_json_set(object, "points", points));
    for (size_t i = 0; i < w->count; i++)
        TW_TRY(tw_json_append(points, row_json(scale->names[i], &scale->rows[i])));
    TW_TRY(tw_json_set(object, "beta_star", tw_json_number(c->exists ? c->beta : nothing)));
    TW_TRY(tw_json_set(object, "beta_star_error", tw_json_number(c->exists ? c->error : nothing)));
    TW_TRY(tw_json_set(object, "beta_lower", tw_json_number(c->exists ? c->lower : nothing)));
cleanup:
    return status;
}

static tw_json *curve_json(const cli_weights *w) {
    tw_status status = TW_OK;
    tw_json *curve = tw_json_object(), *lists = NULL;
    TW_TRY(tw_json_set(curve, "beta", tw_json_numbers(w->beta_count, w->betas)));
    lists = tw_json_array();
    TW_TRY(tw_json_set(curve, "free_energy", lists));
    for (size_t i = 0; i < w->count; i++) {
        tw_json *values = tw_json_array();
        TW_TRY(tw_json_append(lists, values));
        for (size_t b = 0; b < w->beta_count; b++)
            TW_TRY(tw_json_append(values, tw_json_number(tw_laplace_free_energy(
                                              &w->scales[0].rows[i], w->betas[b]))));
    }
cleanup:
    if (status == TW_OK) return curve;
    tw_json_destroy(curve);
    return NULL;
}

/* All pairs: crossings[].first and .second count from 0. */
static tw_json *crossings_json(const cli_weights *w) {
    tw_status status = TW_OK;
    const tw_laplace *rows = w->scales[0].rows;
    tw_json *list = tw_json_array();
    TW_TRY(list ? TW_OK : TW_ERR_MEMORY);
    for (size_t j = 1; j < w->count; j++)
        for (size_t i = 0; i < j; i++) {
            tw_crossing c = tw_laplace_cross(&rows[i], &rows[j]);
            tw_json *row = tw_json_object();
            TW_TRY(tw_json_append(list, row));
            TW_TRY(tw_json_set(row, "first", tw_json_integer((long long)i)));
            TW_TRY(tw_json_set(row, "second", tw_json_integer((long long)j)));
            TW_TRY(tw_json_set(row, "beta_star", tw_json_number(c.beta)));
            TW_TRY(tw_json_set(row, "beta_star_error", tw_json_number(c.error)));
            TW_TRY(tw_json_set(row, "beta_lower", tw_json_number(c.lower)));
        }
cleanup:
    if (status == TW_OK) return list;
    tw_json_destroy(list);
    return NULL;
}

tw_json *weights_json(const cli_weights *w) {
    tw_status status = TW_OK;
    tw_json *result = tw_json_object(), *sweep = NULL;
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(set_scale(w, &w->scales[0], result));
    TW_TRY(tw_json_set(result, "crossings", crossings_json(w)));
    TW_TRY(tw_json_set(result, "curve", curve_json(w)));
    sweep = tw_json_array();
    TW_TRY(tw_json_set(result, "sweep", sweep));
    for (size_t s = 0; s < w->scale_count && w->scales[s].width > 0; s++) {
        tw_json *row = tw_json_object();
        TW_TRY(tw_json_append(sweep, row));
        TW_TRY(tw_json_set(row, "width", tw_json_integer((long long)w->scales[s].width)));
        TW_TRY(set_scale(w, &w->scales[s], row));
    }
cleanup:
    if (status == TW_OK) return result;
    tw_json_destroy(result);
    return NULL;
}
