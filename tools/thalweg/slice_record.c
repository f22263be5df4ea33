/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/csv.h>
#include <thalweg/record/record.h>

#include "slice.h"

bool slice_is_whole(const cli_slice *c) {
    return c->done == (c->axis_count == 2 ? c->axes[1].count : 1);
}

/* ---- Record ---- */

static tw_json *direction_json(const cli_slice *c, size_t i, size_t seed) {
    tw_status status = TW_OK;
    tw_json *object = tw_json_object();
    const tw_slice_curvature *k = &c->curvatures[i];
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"length", k->length},         {"slope", k->slope},     {"hessian_curvature", k->hessian},
        {"slice_curvature", k->slice}, {"slice_step", k->step}, {"slice_rounding", k->rounding}};
    char kind[SLICE_KIND];
    snprintf(kind, sizeof kind, "%.*s", (int)strcspn(c->kinds[i], ":"), c->kinds[i]);
    TW_TRY(object ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(object, "kind", tw_json_string(kind)));
    TW_TRY(tw_json_set(object, "name", tw_json_string(c->kinds[i])));
    TW_TRY(tw_json_set(object, "seed", tw_json_integer((long long)seed)));
    for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++)
        TW_TRY(tw_json_set(object, numbers[j].key, tw_json_number(numbers[j].value)));
    return object;
cleanup:
    tw_json_destroy(object);
    return NULL;
}

static tw_json *directions_json(const cli_slice *c, size_t seed) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; list && i < c->axis_count; i++) {
        if (tw_json_append(list, direction_json(c, i, seed)) == TW_OK) continue;
        tw_json_destroy(list);
        return NULL;
    }
    return list;
}

static tw_json *axis_json(const tw_axis *axis) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; list && i < axis->count; i++) {
        if (tw_json_append(list, tw_json_number(tw_axis_at(axis, i))) == TW_OK) continue;
        tw_json_destroy(list);
        return NULL;
    }
    return list;
}

/* A list, or one for each point of the second axis. */
static tw_json *values_json(const cli_slice *c) {
    size_t columns = c->axes[0].count;
    if (c->axis_count == 1) return tw_json_numbers(c->done ? columns : 0, c->values);
    tw_json *list = tw_json_array();
    for (size_t i = 0; list && i < c->done; i++) {
        if (tw_json_append(list, tw_json_numbers(columns, c->values + i * columns)) == TW_OK)
            continue;
        tw_json_destroy(list);
        return NULL;
    }
    return list;
}

static tw_status set_alignment(const cli_slice *c, tw_json *result) {
    tw_status status = TW_OK;
    if (c->other.path == NULL) return TW_OK;
    tw_json *object = tw_json_object();
    TW_TRY(object ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(object, "file", tw_json_string(c->other.path)));
    TW_TRY(tw_json_set(object, "distance_before", tw_json_number(c->alignment.distance_before)));
    TW_TRY(tw_json_set(object, "distance", tw_json_number(c->alignment.distance)));
    TW_TRY(tw_json_set(object, "sweeps", tw_json_integer((long long)c->alignment.sweeps)));
    TW_TRY(tw_json_set(object, "converged", tw_json_boolean(c->alignment.converged)));
    TW_TRY(tw_json_set(object, "exchanged", tw_json_integer((long long)c->alignment.exchanged)));
    status = tw_json_set(result, "alignment", object);
    object = NULL;
cleanup:
    tw_json_destroy(object);
    return status;
}

static tw_status set_barrier(const cli_slice *c, tw_json *result) {
    tw_status status = TW_OK;
    if (!c->has_barrier) return TW_OK;
    tw_json *object = tw_json_object();
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"height", c->barrier.height},
                   {"top", c->barrier.top},
                   {"s", c->barrier.at},
                   {"first", c->barrier.first},
                   {"second", c->barrier.second}};
    TW_TRY(object ? TW_OK : TW_ERR_MEMORY);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        TW_TRY(tw_json_set(object, numbers[i].key, tw_json_number(numbers[i].value)));
    status = tw_json_set(result, "barrier", object);
    object = NULL;
cleanup:
    tw_json_destroy(object);
    return status;
}

tw_status slice_record(const cli_invocation *run, const cli_slice *c) {
    tw_status status = TW_OK;
    const cli_settings *s = &run->settings;
    tw_json *result = tw_json_object();
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(result, "dimension", tw_json_integer((long long)c->axis_count)));
    TW_TRY(tw_json_set(result, "directions", directions_json(c, s->seed)));
    TW_TRY(tw_json_set(result, "center_loss", tw_json_number(c->center)));
    TW_TRY(set_alignment(c, result));
    TW_TRY(set_barrier(c, result));
    TW_TRY(tw_json_set(result, "s", axis_json(&c->axes[0])));
    if (c->axis_count == 2) TW_TRY(tw_json_set(result, "t", axis_json(&c->axes[1])));
    TW_TRY(tw_json_set(result, "values", values_json(c)));
    TW_TRY(tw_json_set(result, "cancelled", tw_json_boolean(!slice_is_whole(c))));
    TW_TRY(tw_json_set(result, "file", s->output ? tw_json_string(s->output) : tw_json_null()));
    status = write_record(run, subject_input(&c->subject), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    return status;
}

/* ---- Files ---- */

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
    bool plane = c->axis_count == 2;
    const size_t shape[] = {c->done, c->axes[0].count};
    static const char *const names[] = {"slice.direction_1", "slice.direction_2"};
    TW_TRY(add_axis(bundle, "slice.s", &c->axes[0], c->axes[0].count));
    if (plane) TW_TRY(add_axis(bundle, "slice.t", &c->axes[1], c->done));
    TW_TRY(add_array(bundle, "slice.values", plane ? 2 : 1, plane ? shape : shape + 1, c->values));
    for (size_t i = 0; i < c->axis_count; i++)
        TW_TRY(add_array(bundle, names[i], 1, &c->n, c->directions[i]));
cleanup:
    return status;
}

static tw_status write_bundle(const cli_invocation *run, cli_slice *c) {
    tw_status status = TW_OK;
    tw_json *json = run_provenance(run);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(json, "input", subject_input(&c->subject)));
    TW_TRY(tw_json_set(json, "directions", directions_json(c, run->settings.seed)));
    TW_TRY(set_alignment(c, json));
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
static tw_status write_grid(const cli_invocation *run, const cli_slice *c) {
    tw_status status = TW_OK;
    size_t columns = c->axes[0].count, count = columns * c->done;
    tw_bundle table = {0};
    tw_array *s, *t;
    TW_TRY(tw_bundle_add(&table, "s", TW_F64, 1, &count, &s));
    for (size_t i = 0; i < count; i++) s->values[i] = tw_axis_at(&c->axes[0], i % columns);
    if (c->axis_count == 2) {
        TW_TRY(tw_bundle_add(&table, "t", TW_F64, 1, &count, &t));
        for (size_t i = 0; i < count; i++) t->values[i] = tw_axis_at(&c->axes[1], i / columns);
    }
    TW_TRY(add_array(&table, "value", 1, &count, c->values));
    TW_TRY(write_csv(run, &(tw_csv_table){.numbers = &table}));
cleanup:
    tw_bundle_clear(&table);
    return status;
}

tw_status slice_write(const cli_invocation *run, cli_slice *c) {
    tw_status status = TW_OK;
    if (c->done == 0) return TW_OK;
    if (run->settings.csv) TW_TRY(write_grid(run, c));
    if (run->settings.output) TW_TRY(write_bundle(run, c));
cleanup:
    return status;
}
