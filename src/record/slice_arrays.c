/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slices as arrays: what does not fit into a record. */
#include <string.h>
#include <thalweg/record/slice_record.h>

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

tw_status tw_slice_to_bundle(const tw_point_slice *c, size_t n, tw_bundle *bundle) {
    tw_status status = TW_OK;
    bool plane = c->axis_count == 2;
    const size_t shape[] = {c->done, c->axes[0].count};
    static const char *const names[] = {"slice.direction_1", "slice.direction_2"};
    TW_TRY(add_axis(bundle, "slice.s", &c->axes[0], c->axes[0].count));
    if (plane) TW_TRY(add_axis(bundle, "slice.t", &c->axes[1], c->done));
    TW_TRY(add_array(bundle, "slice.values", plane ? 2 : 1, plane ? shape : shape + 1, c->values));
    for (size_t i = 0; i < c->axis_count; i++)
        TW_TRY(add_array(bundle, names[i], 1, &n, c->axes[i].direction));
cleanup:
    return status;
}

tw_status tw_slice_table(const tw_point_slice *c, tw_bundle *table) {
    tw_status status = TW_OK;
    size_t columns = c->axes[0].count, count = columns * c->done;
    tw_array *s, *t;
    TW_TRY(tw_bundle_add(table, "s", TW_F64, 1, &count, &s));
    for (size_t i = 0; i < count; i++) s->values[i] = tw_axis_at(&c->axes[0], i % columns);
    if (c->axis_count == 2) {
        TW_TRY(tw_bundle_add(table, "t", TW_F64, 1, &count, &t));
        for (size_t i = 0; i < count; i++) t->values[i] = tw_axis_at(&c->axes[1], i / columns);
    }
    TW_TRY(add_array(table, "value", 1, &count, c->values));
cleanup:
    return status;
}
