/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <thalweg/files/csv.h>
#include <thalweg/record/slice_record.h>

#include "progress.h"
#include "subject.h"

typedef struct slice_settings {
    cli_common common;
    cli_reading reading;
    const char *along, *output;
    size_t grid, dense_limit;
    cli_range range;
    bool permute_classes;
} slice_settings;

/* One slice under way. */
typedef struct cli_slice {
    cli_subject subject, other; /* other: FILE2, aligned; path NULL without one */
    tw_slice_alignment alignment;
    tw_point_slice made; /* borrows from the others */
} cli_slice;

static void slice_close(cli_slice *c) {
    tw_point_slice_clear(&c->made);
    subject_close(&c->subject);
    subject_close(&c->other);
}

/* ---- What is asked for ---- */

static tw_status read_directions(const cli_invocation *run, cli_slice *c) {
    const slice_settings *s = run->settings;
    tw_status status =
        tw_point_slice_read(s->along, run->operand_count == 2, s->common.seed, &c->made);
    return status == TW_OK ? TW_OK : tw_fail_in(status, "--along: ");
}

static tw_status check_options(const cli_invocation *run) {
    const slice_settings *s = run->settings;
    if (s->permute_classes && run->operand_count < 2)
        return tw_fail(TW_ERR_ARGUMENT, "--permute-classes means nothing without a second file");
    if (s->range.given == 2 && !(s->range.ends[0] < s->range.ends[1]))
        return tw_fail(TW_ERR_ARGUMENT, "--range: %g is not below %g", s->range.ends[0],
                       s->range.ends[1]);
    return TW_OK;
}

static tw_status open_other(const cli_invocation *run, cli_slice *c) {
    tw_status status = TW_OK;
    const slice_settings *s = run->settings;
    tw_alignment_options options = TW_ALIGNMENT_DEFAULTS;
    if (run->operand_count < 2) return TW_OK;
    TW_TRY(subject_open(&c->other, run->operands[1], &s->reading, run->common));
    if (!tw_dufm_is_alike(&c->subject.point.model, &c->other.point.model))
        return tw_fail(TW_ERR_SHAPE, "%s and %s have different shapes or labels", c->subject.path,
                       c->other.path);
    options.permute = s->permute_classes;
    TW_TRY(tw_align(&c->subject.point.model, c->subject.point.theta, &options, c->other.point.theta,
                    &c->alignment.result));
    c->alignment.file = c->other.path;
    c->made.alignment = &c->alignment;
cleanup:
    return status;
}

static tw_status evaluate(const cli_invocation *run, cli_slice *c) {
    const slice_settings *s = run->settings;
    tw_point_slice_options options = TW_POINT_SLICE_DEFAULTS;
    options.budget.dense_limit = s->dense_limit;
    options.budget.seed = s->common.seed;
    options.budget.monitor = progress_monitor();
    options.grid = s->grid;
    options.target = c->other.point.theta;
    options.rank_tolerance = s->reading.rank_tolerance;
    if (s->range.given == 2) {
        options.from = s->range.ends[0];
        options.to = s->range.ends[1];
    }
    tw_status status =
        tw_point_slice_make(c->subject.evaluator, c->subject.point.theta, &options, &c->made);
    if (c->made.done > 0) c->made.file = s->output;
    return status;
}

/* ---- Files ---- */

static tw_status write_arrays(const cli_invocation *run, cli_slice *c) {
    const slice_settings *s = run->settings;
    const cli_origin origin = {subject_source(&c->subject), NULL, &tw_slice_origin_fields,
                               &c->made};
    tw_status status = tw_slice_to_bundle(&c->made, tw_dufm_parameters(&c->subject.point.model),
                                          &c->subject.bundle);
    return status == TW_OK ? write_bundle(run, s->output, &c->subject.bundle, &origin) : status;
}

static tw_status write_grid(const cli_invocation *run, const cli_slice *c) {
    tw_status status = TW_OK;
    tw_bundle table = {0};
    TW_TRY(tw_slice_table(&c->made, &table));
    TW_TRY(write_csv(run, &(tw_csv_table){.numbers = &table}));
cleanup:
    tw_bundle_clear(&table);
    return status;
}

static tw_status write_files(const cli_invocation *run, cli_slice *c) {
    tw_status status = TW_OK;
    const slice_settings *s = run->settings;
    if (c->made.done == 0) return TW_OK;
    if (s->common.csv) TW_TRY(write_grid(run, c));
    if (s->output) TW_TRY(write_arrays(run, c));
cleanup:
    return status;
}

/* ---- Table ---- */

static void print_notes(const cli_slice *c) {
    printf(
        "\nslice f'' is the second difference over one grid step, along its direction alone; v'Hv "
        "is %s.\nOther directions may curve otherwise: see 'thalweg degeneracy'.\n",
        c->made.doubt[0] ? "that of one branch" : "exact");
    if (c->made.axis_count != 1 || c->made.done == 0) return;
    printf("\n%14s %22s\n", "s", "f");
    for (size_t i = 0; i < c->made.axes[0].count; i++)
        printf("%14.8g %22.15g\n", tw_axis_at(&c->made.axes[0], i), c->made.values[i]);
}

static tw_status run_slice(const cli_invocation *run) {
    tw_status status = TW_OK;
    const slice_settings *s = run->settings;
    cli_slice c = {.made.axis_count = 0};
    TW_TRY(read_directions(run, &c));
    TW_TRY(check_options(run));
    TW_TRY(subject_open(&c.subject, run->operands[0], &s->reading, run->common));
    TW_TRY(open_other(run, &c));
    TW_TRY(evaluate(run, &c));
    TW_TRY(write_files(run, &c));
    TW_TRY(show_result(run, subject_input(&c.subject), &tw_slice_fields, &c.made));
    if (wants_table(run)) print_notes(&c);
    if (!tw_point_slice_is_whole(&c.made)) *run->code = EXIT_NOT_CONVERGED;
cleanup:
    slice_close(&c);
    return status;
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(reading_options, slice_settings, reading),
    EMBED(seconds_options, slice_settings, common),
    EMBED(output_options, slice_settings, output),
    PLAIN(OPTION_TEXT, slice_settings, along, "along", "KIND[,KIND]",
          "one or two directions: random (each filter with the norm of the point's), eigen:K (the "
          "K-th largest eigenvalue's), eigen:-K (the K-th smallest's), gauge (the symmetry orbit's "
          "tangent) or to (FILE2); without it: to with FILE2, else random"),
    RANGED(OPTION_COUNT, slice_settings, grid, "grid", "N", 3, 1e5, "41",
           "points of each axis, both ends included"),
    RANGED(OPTION_RANGE, slice_settings, range, "range", "A B", -1e300, 1e300, NULL,
           "ends of each axis in lengths of its direction; without it: -1 to 1, and 0 to 1 for to"),
    FLAG(slice_settings, permute_classes, "permute-classes",
         "align FILE2 over exchanges of classes of equal size too"),
    RANGED(OPTION_COUNT, slice_settings, dense_limit, "dense-limit", "P", 1, 32000, "1000",
           "largest number of parameters for eigenvectors from the whole spectrum"),
    PLAIN(OPTION_RESULT, slice_settings, common.csv, "csv", "FILE",
          "write the grid: one line a point; - is standard output, and the table is left out"),
    {0},
};

const cli_command slice_command = {
    "slice",
    "FILE [FILE2]",
    "values of the loss on a line or a plane through a point",
    "Along random directions that are normalised by filters, eigenvectors of the Hessian, tangents "
    "of the symmetry orbit, or the line to a second point, which is aligned first over the "
    "rotations of the hidden spaces. Values are exact. The curvature that the slice shows stands "
    "beside v'Hv: one says nothing about the other directions. Between two points the height of "
    "the barrier is given. With --output the point, the grid, the values and the directions are "
    "written as arrays.",
    {1, 2},
    {options, sizeof(slice_settings)},
    run_slice};
