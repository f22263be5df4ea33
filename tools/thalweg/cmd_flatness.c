/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "estimation.h"
#include "progress.h"
#include "table.h"

/* The measurement with what its options borrow. */
typedef struct cli_flatness {
    cli_estimation e;
    double *radii, *deviations;
    tw_flat_block *blocks;
    tw_block *described; /* the names of blocks */
    tw_flatness_options options;
    tw_flatness result;
} cli_flatness;

static void close_flatness(cli_flatness *f) {
    tw_flatness_clear(&f->result);
    estimation_close(&f->e);
    free(f->radii);
    free(f->deviations);
    free(f->blocks);
    free(f->described);
}

/* ---- Options ---- */

static tw_status list_blocks(cli_flatness *f) {
    const tw_dufm *model = &f->e.subject.point.model;
    size_t count = tw_dufm_block_count(model);
    f->blocks = calloc(count, sizeof *f->blocks);
    f->described = calloc(count, sizeof *f->described);
    if (f->blocks == NULL || f->described == NULL)
        return tw_fail(TW_ERR_MEMORY, "no memory for %zu blocks", count);
    for (size_t i = 0; i < count; i++) {
        f->described[i] = tw_dufm_block(model, i);
        f->blocks[i] = (tw_flat_block){
            .name = f->described[i].name,
            .slice = {f->described[i].offset, f->described[i].rows * f->described[i].cols}};
    }
    f->options.block_count = count;
    f->options.blocks = f->blocks;
    return TW_OK;
}

static tw_status set_options(const cli_invocation *run, cli_flatness *f) {
    tw_status status = TW_OK;
    const cli_settings *settings = &run->settings;
    f->options = TW_FLATNESS_DEFAULTS;
    f->options.trace.probes = settings->probes;
    f->options.trace.steps = settings->steps;
    f->options.sharpness.starts = settings->ascents;
    f->options.rise.pairs = settings->pairs;
    f->options.budget = progress_budget(settings);
    TW_TRY(number_list_read(settings->radii, &f->options.sharpness.radius_count, &f->radii));
    TW_TRY(number_list_read(settings->sigmas, &f->options.rise.deviation_count, &f->deviations));
    f->options.sharpness.radii = f->radii;
    f->options.rise.deviations = f->deviations;
    TW_TRY(list_blocks(f));
cleanup:
    return status;
}

/* ---- For people ---- */

static void cell(cli_table *table, const tw_estimate *e) {
    if (isnan(e->value))
        table_cell(table, "-");
    else if (e->exact)
        table_cell(table, "%.10g", e->value);
    else
        table_cell(table, "%.7g +- %.2g", e->value, e->error);
}

static const tw_flat_part *part_at(const tw_flatness *r, size_t i) {
    return i == 0 ? &r->whole : i == 1 ? &r->off_orbit : &r->blocks[i - 2];
}

static void rows_of_figures(cli_table *table, const tw_flatness *r) {
    const tw_flat_figure *figure;
    table_row(table, "dimension");
    for (size_t i = 0; i < r->block_count + 2; i++)
        table_cell(table, "%zu", part_at(r, i)->dimension);
    for (size_t k = 0; (figure = tw_flat_figure_at(k)); k++) {
        if (figure->offset == SIZE_MAX) continue;
        table_row(table, figure->title);
        for (size_t i = 0; i < r->block_count + 2; i++)
            cell(table, tw_flat_figure_of(figure, part_at(r, i)));
    }
}

static void rows_of_sharpness(cli_table *table, const tw_flatness *r) {
    char label[80];
    table_section(table, "worst rise found in a ball (by second order)");
    for (size_t j = 0; j < r->whole.radius_count; j++) {
        snprintf(label, sizeof label, "epsilon %g", r->whole.sharpness[j].epsilon);
        table_row(table, label);
        for (size_t i = 0; i < r->block_count + 2; i++) {
            const tw_flat_part *part = part_at(r, i);
            double rise = part->sharpness[j].rise;
            table_cell(table, isnan(rise) ? "-" : "%.6g (%.4g)", rise,
                       part->sharpness[j].quadratic);
        }
    }
}

static void rows_of_noise(cli_table *table, const tw_flatness *r) {
    char label[80];
    table_section(table, "mean rise under noise, 95 % interval");
    for (size_t j = 0; j < r->whole.deviation_count; j++) {
        snprintf(label, sizeof label, "sigma %g", r->whole.rises[j].sigma);
        table_row(table, label);
        for (size_t i = 0; i < r->block_count + 2; i++) {
            const tw_estimate *e = &part_at(r, i)->rises[j].rise;
            table_cell(table, isnan(e->value) ? "-" : "%.6g +- %.1e", e->value,
                       0.5 * (e->high - e->low));
        }
    }
}

static void print_invariances(void) {
    const tw_flat_figure *figure;
    printf("\nWhat a figure is invariant to (all: %s):\n", tw_flat_common_invariance());
    for (size_t k = 0; (figure = tw_flat_figure_at(k)); k++)
        printf("  %-26s  %s\n", figure->title, figure->invariance);
}

static tw_status print_flatness(const cli_flatness *f) {
    tw_status status = TW_OK;
    const tw_flatness *r = &f->result;
    cli_table *table = NULL;
    TW_TRY(table_create(r->block_count + 2, &table));
    estimation_print(&f->e, r->whole.method, r->norm);
    table_row(table, "");
    for (size_t i = 0; i < r->block_count + 2; i++) table_cell(table, "%s", part_at(r, i)->name);
    rows_of_figures(table, r);
    rows_of_sharpness(table, r);
    rows_of_noise(table, r);
    table_print(table, stdout);
    printf(
        "\nThe worst rise was reached by an ascent: it is a lower bound of the worst case. In "
        "parentheses:\nepsilon ||g|| + (epsilon^2/2) largest eigenvalue.\n");
    print_invariances();
    if (r->reason != TW_ESTIMATE_COMPLETE)
        printf("\nunfinished: %s.\n", tw_estimate_reason_name(r->reason));
cleanup:
    table_destroy(table);
    return status;
}

static tw_status record_flatness(const cli_invocation *run, const cli_flatness *f) {
    const tw_flatness *r = &f->result;
    tw_orbit_record orbit;
    const tw_flatness_record made = {
        f->e.subject.path, estimation_record(&f->e, r->whole.method, r->norm, r->reason, &orbit),
        r};
    return write_result(run, subject_input(&f->e.subject), &tw_flatness_fields, &made);
}

int run_flatness(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_flatness f = {0};
    int code = EXIT_DONE;
    tw_cost work = {0};
    TW_TRY(estimation_start(run, &f.e));
    f.e.at.options.blocks = true;
    TW_TRY(estimation_choose(&run->settings, &f.e));
    TW_TRY(set_options(run, &f));
    TW_TRY(tw_estimation_flatness_cost(&f.e.at, &f.options, &work));
    if (run->settings.plan) {
        status = estimation_plan(run, &f.e, &work);
        goto cleanup;
    }
    TW_TRY(estimation_claim(run, &f.e, &work));
    TW_TRY(tw_estimation_flatness(&f.e.at, &f.options, &f.result));
    progress_clear();
    estimation_warn(&f.e);
    code = estimation_code(&f.e, f.result.reason);
    if (wants_table(run)) TW_TRY(print_flatness(&f));
    if (wants_record(run)) TW_TRY(record_flatness(run, &f));
cleanup:
    progress_clear();
    close_flatness(&f);
    return status == TW_OK ? code : report_failure(status);
}
