/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <thalweg/files/csv.h>

#include "slice.h"

static tw_status add_array(tw_bundle *bundle, const char *name, size_t rank, const size_t *shape,
                           const double *values) {
    tw_array *array;
    tw_status status = tw_bundle_add(bundle, name, TW_F64, rank, shape, &array);
    if (status == TW_OK) memcpy(array->values, values, tw_array_length(array) * sizeof *values);
    return status;
}

static tw_status add_axis(tw_bundle *bundle, const char *name, const tw_axis *axis, size_t count) {
    tw_array *array;
    tw_status status = tw_bundle_add(bundle, name, TW_F64, 1, &count, &array);
    for (size_t i = 0; status == TW_OK && i < count; i++) array->values[i] = tw_axis_at(axis, i);
    return status;
}

/* slice.s, slice.t, slice.values (row i: point i of t), slice.direction_1 and _2. */
static tw_status add_arrays(const cli_slice *c, tw_bundle *bundle) {
    tw_status status = TW_OK;
    bool plane = c->made.axis_count == 2;
    const size_t shape[] = {c->made.done, c->made.axes[0].count};
    static const char *const names[] = {"slice.direction_1", "slice.direction_2"};
    TW_TRY(add_axis(bundle, "slice.s", &c->made.axes[0], c->made.axes[0].count));
    if (plane) TW_TRY(add_axis(bundle, "slice.t", &c->made.axes[1], c->made.done));
    TW_TRY(add_array(bundle, "slice.values", plane ? 2 : 1, plane ? shape : shape + 1, c->values));
    for (size_t i = 0; i < c->made.axis_count; i++)
        TW_TRY(add_array(bundle, names[i], 1, &c->n, c->directions[i]));
cleanup:
    return status;
}

static tw_status write_bundle(const cli_invocation *run, cli_slice *c) {
    tw_status status = TW_OK;
    tw_json *json = run_provenance(run);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(json, "input", subject_input(&c->subject)));
    TW_TRY(tw_fields_write(&tw_slice_origin_fields, &c->made, json));
    TW_TRY(add_arrays(c, &c->subject.bundle));
    status = keep_provenance(&c->subject.bundle, json);
    json = NULL;
    TW_TRY(status);
    TW_TRY(tw_bundle_write(run->settings.output, &c->subject.bundle));
cleanup:
    tw_json_destroy(json);
    return status;
}

/* Columns s, t and value; one line a grid point. */
static tw_status write_csv(const char *path, const cli_slice *c) {
    tw_status status = TW_OK;
    size_t columns = c->made.axes[0].count, count = columns * c->made.done;
    tw_bundle table = {0};
    tw_array *s, *t;
    TW_TRY(tw_bundle_add(&table, "s", TW_F64, 1, &count, &s));
    for (size_t i = 0; i < count; i++) s->values[i] = tw_axis_at(&c->made.axes[0], i % columns);
    if (c->made.axis_count == 2) {
        TW_TRY(tw_bundle_add(&table, "t", TW_F64, 1, &count, &t));
        for (size_t i = 0; i < count; i++) t->values[i] = tw_axis_at(&c->made.axes[1], i / columns);
    }
    TW_TRY(add_array(&table, "value", 1, &count, c->values));
    TW_TRY(tw_csv_write(path, &table));
cleanup:
    tw_bundle_clear(&table);
    return status;
}

tw_status slice_write(const cli_invocation *run, cli_slice *c) {
    tw_status status = TW_OK;
    if (c->made.done == 0) return TW_OK;
    if (run->settings.csv) TW_TRY(write_csv(run->settings.csv, c));
    if (run->settings.output) TW_TRY(write_bundle(run, c));
cleanup:
    return status;
}
