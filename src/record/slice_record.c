/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/slice_record.h>

#include "record/fields_private.h"
#include "record/spectra_private.h"

/* Comparable with eigenvalues. */
static tw_json *rayleigh(const void *record) {
    const tw_slice_curvature *k = record;
    return tw_json_number(k->hessian / (k->length * k->length));
}

static const tw_field curvature_rows[] = {
    TW_NUMBER(tw_slice_curvature, length, "length", .title = "length",
              .meaning = "of the direction u"),
    TW_NUMBER(tw_slice_curvature, slope, "slope", .title = "slope", .meaning = "g^T u"),
    TW_NUMBER(tw_slice_curvature, hessian, "hessian_curvature", .title = "v'Hv",
              .meaning = "u^T H u, exact"),
    TW_NUMBER(tw_slice_curvature, slice, "slice_curvature", .title = "slice f''",
              .meaning = "second difference over `slice_step`, along the direction as it stands"),
    TW_MADE("rayleigh", rayleigh, .title = "v'Hv/v'v", .meaning = "u^T H u / u^T u"),
    TW_NUMBER(tw_slice_curvature, step, "slice_step", .meaning = "one step of the grid"),
    TW_NUMBER(tw_slice_curvature, rounding, "slice_rounding", .meaning = "of `slice_curvature`"),
};
static TW_TABLE(curvature_fields, "curvature of a slice", tw_slice_curvature, curvature_rows);

static const tw_field direction_rows[] = {
    TW_CHARS(tw_slice_direction, kind, "kind", .meaning = "`eigen`"),
    TW_CHARS(tw_slice_direction, name, "name", .title = "direction",
             .meaning = "as given, `eigen:-1`"),
    TW_COUNT(tw_slice_direction, seed, "seed", .meaning = "`--seed`"),
    TW_MEMBERS(tw_slice_direction, curvature, curvature_fields),
};
static TW_TABLE(direction_fields, "a direction of a slice", tw_slice_direction, direction_rows);

static const tw_field aligned_rows[] = {
    TW_NUMBER(tw_alignment_result, distance_before, "distance_before", .title = "distance before",
              .digits = 8, .meaning = "of both points as their files have them"),
    TW_NUMBER(tw_alignment_result, distance, "distance", .title = "distance", .digits = 8,
              .meaning = "after alignment"),
    TW_SIZE(tw_alignment_result, sweeps, "sweeps", .title = "sweeps",
            .meaning = "over all rotated spaces"),
    TW_BOOLEAN(tw_alignment_result, converged, "converged", .title = "converged",
               .meaning = "whether the last one gained nothing"),
    TW_SIZE(tw_alignment_result, exchanged, "exchanged",
            .meaning = "classes that changed their place"),
};
static TW_TABLE(aligned_fields, "an alignment", tw_alignment_result, aligned_rows);

static const tw_field alignment_rows[] = {
    TW_TEXT(tw_slice_alignment, file, "file", .title = "file", .meaning = "the second file"),
    TW_MEMBERS(tw_slice_alignment, result, aligned_fields),
};
static TW_TABLE(alignment_fields, "alignment", tw_slice_alignment, alignment_rows);

static const tw_field barrier_rows[] = {
    TW_NUMBER(tw_barrier, height, "height", .title = "above the higher end", .digits = 8,
              .meaning = "above the higher end"),
    TW_NUMBER(tw_barrier, top, "top", .title = "highest value", .digits = 10,
              .meaning = "the highest value met"),
    TW_NUMBER(tw_barrier, at, "s", .title = "  at s", .meaning = "where"),
    TW_NUMBER(tw_barrier, first, "first", .title = "value at the first end", .digits = 10,
              .meaning = "value at the first end"),
    TW_NUMBER(tw_barrier, second, "second", .title = "value at the second end", .digits = 10,
              .meaning = "value at the second end"),
};
static TW_TABLE(barrier_fields, "barrier", tw_barrier, barrier_rows);

/* ---- The grid ---- */

static tw_json *axis_item(const void *axis, size_t index) {
    return tw_json_number(tw_axis_at(axis, index));
}

static tw_json *axis_json(const tw_axis *axis) {
    return tw_list_json(axis->count, axis_item, axis);
}

static tw_json *first_axis(const void *record) {
    return axis_json(&((const tw_point_slice *)record)->axes[0]);
}

static tw_json *second_axis(const void *record) {
    return axis_json(&((const tw_point_slice *)record)->axes[1]);
}

static bool is_plane(const void *record) {
    return ((const tw_point_slice *)record)->axis_count == 2;
}

static tw_json *row_item(const void *record, size_t index) {
    const tw_point_slice *s = record;
    return tw_json_numbers(s->axes[0].count, s->values + index * s->axes[0].count);
}

/* A list, or one for each point of the second axis. */
static tw_json *values(const void *record) {
    const tw_point_slice *s = record;
    if (is_plane(s)) return tw_list_json(s->done, row_item, s);
    return tw_json_numbers(s->done ? s->axes[0].count : 0, s->values);
}

static tw_json *cancelled(const void *record) {
    return tw_json_boolean(!tw_point_slice_is_whole(record));
}

static tw_json *reason(const void *record) {
    return tw_json_string(tw_point_slice_reason(record));
}

/* ---- A slice ---- */

#define DIRECTIONS                                                                                 \
    TW_OBJECTS(tw_point_slice, directions, made, "directions", direction_fields,                   \
               .size = TW_SLICE_AXES, .title = "directions",                                       \
               .meaning = "one object a direction that was made")
#define ALIGNMENT                                                                                  \
    TW_OBJECT(tw_point_slice, alignment, "alignment", alignment_fields, .title = "alignment",      \
              .pointed = true, .optional = true, .meaning = "with a second file")

static const tw_field rows[] = {
    TW_SIZE(tw_point_slice, axis_count, "dimension", .meaning = "1 or 2, as asked"),
    DIRECTIONS,
    TW_NUMBER(tw_point_slice, center, "center_loss", .title = "f at the point", .digits = 15,
              .meaning = "f at the point"),
    TW_MEMBERS(tw_point_slice, kinks, tw_kinked_fields),
    TW_CHARS(tw_point_slice, doubt, "doubt", .title = "v'Hv does not stand", .quiet = true,
             .meaning = "why v'Hv does not stand, else empty"),
    ALIGNMENT,
    TW_OBJECT(tw_point_slice, barrier, "barrier", barrier_fields, .title = "barrier",
              .pointed = true, .optional = true, .meaning = "with `to`"),
    TW_MADE("s", first_axis, .meaning = "grid of the first direction"),
    TW_MADE("t", second_axis, .known = is_plane, .optional = true,
            .meaning = "for a plane, that of the second"),
    TW_MADE("values", values,
            .meaning = "a list; for a plane one list for each t. `null` where f is not finite"),
    TW_MADE("cancelled", cancelled, .meaning = "whether it was ended early"),
    TW_MADE("reason", reason, .title = "outcome",
            .meaning = "`complete`, or what it was cancelled before"),
    TW_TEXT(tw_point_slice, file, "file", .meaning = "where the arrays went, or `null`"),
};
TW_TABLE(tw_slice_fields, "slice", tw_point_slice, rows);

static const tw_field origin_rows[] = {DIRECTIONS, ALIGNMENT};
TW_TABLE(tw_slice_origin_fields, "origin of a slice", tw_point_slice, origin_rows);
