/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "examination/run_private.h"

#include <stdlib.h>
#include <string.h>
#include <thalweg/files/csv.h>

#include "files/text_private.h"

#define KEEP_SECONDS 0.5 /* between writes: what a kill may cost */
#define ROWS "resume.rows."

enum { COUNTERS = 6 };

/* The scalars of a state, in the order of resume.counters. */
static void pack(const tw_descent_state *state, double counters[COUNTERS]) {
    const double packed[COUNTERS] = {(double)state->step,    state->time,
                                     state->scale,           (double)state->evaluations,
                                     (double)state->batches, (double)state->products};
    memcpy(counters, packed, sizeof packed);
}

static void unpack(const double counters[COUNTERS], tw_descent_state *state) {
    state->step = (size_t)counters[0];
    state->time = counters[1];
    state->scale = counters[2];
    state->evaluations = (size_t)counters[3];
    state->batches = (size_t)counters[4];
    state->products = (size_t)counters[5];
}

/* ---- Reading ---- */

static bool is_csv(const char *path) {
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".csv") == 0;
}

static tw_status check_rows(const tw_run *run) {
    if (run->rows == NULL) return TW_OK;
    if (!is_csv(run->rows) && tw_format_for_path(run->rows) == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "trajectory: '%s' is neither .csv nor a known format",
                       run->rows);
    if (strcmp(run->rows, run->output) == 0)
        return tw_fail(TW_ERR_ARGUMENT, "the trajectory and the point are to be one file, '%s'",
                       run->output);
    return tw_file_check_writable(run->rows);
}

tw_status tw_run_check_files(const tw_run *run) {
    tw_status status = TW_OK;
    if (tw_format_for_path(run->output) == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "no format has the extension of '%s'", run->output);
    TW_TRY(check_rows(run));
    TW_TRY(tw_file_check_writable(run->output));
cleanup:
    return status;
}

tw_status tw_run_read(tw_run *run, const char *path) {
    tw_status status = TW_OK;
    TW_TRY(tw_bundle_read(path, &run->bundle));
    TW_TRY(tw_file_digest(path, run->digest));
    TW_TRY(tw_fail_in_file(tw_point_from_bundle(&run->bundle, &run->point), path));
    const char *text = tw_bundle_metadata(&run->bundle, "training");
    if (text == NULL || tw_bundle_find(&run->bundle, "resume.x") == NULL)
        return tw_fail(TW_ERR_DATA, "%s: holds no %straining run%s", path,
                       text ? "unfinished " : "", text ? ": the one in it has ended" : "");
    TW_TRY(tw_fail_in_file(tw_json_parse(text, strlen(text), &run->settings), path));
    if (!tw_json_is_object(run->settings))
        status = tw_fail(TW_ERR_DATA, "%s: metadata 'training' is no object", path);
cleanup:
    return status;
}

/* The entries of an array of the file, which has to have that many. */
static tw_status read_array(const tw_run *run, const char *name, size_t count, double *out) {
    const tw_array *array = tw_bundle_find(&run->bundle, name);
    if (count == 0) return TW_OK;
    if (array == NULL || tw_array_length(array) != count)
        return tw_fail(TW_ERR_DATA, "array '%s' has %zu entries where the run needs %zu", name,
                       array ? tw_array_length(array) : 0, count);
    memcpy(out, array->values, count * sizeof *out);
    return TW_OK;
}

tw_status tw_run_read_state(tw_run *run) {
    tw_status status = TW_OK;
    double counters[COUNTERS];
    if (run->digest[0] == '\0') return TW_OK;
    TW_TRY(read_array(run, "resume.x", run->state.n, run->state.x));
    TW_TRY(read_array(run, "resume.memory", run->state.n * run->state.vectors, run->state.memory));
    TW_TRY(read_array(run, "resume.counters", COUNTERS, counters));
    unpack(counters, &run->state);
cleanup:
    return status;
}

tw_status tw_run_read_rows(tw_run *run) {
    tw_status status = tw_trajectory_from_bundle(run->trajectory, ROWS, &run->bundle);
    tw_trajectory_rewind(run->trajectory, run->state.step);
    return status;
}

/* ---- Writing ---- */

static tw_status add_array(tw_bundle *bundle, const char *name, size_t count,
                           const double *values) {
    tw_array *array = NULL;
    if (count == 0) return TW_OK;
    tw_status status = tw_bundle_add(bundle, name, TW_F64, 1, &count, &array);
    if (status == TW_OK) memcpy(array->values, values, count * sizeof *values);
    return status;
}

static tw_status add_state(const tw_run *run, tw_bundle *bundle) {
    tw_status status = TW_OK;
    double counters[COUNTERS];
    pack(&run->state, counters);
    TW_TRY(add_array(bundle, "resume.x", run->state.n, run->state.x));
    TW_TRY(
        add_array(bundle, "resume.memory", run->state.n * run->state.vectors, run->state.memory));
    TW_TRY(add_array(bundle, "resume.counters", COUNTERS, counters));
    if (run->trajectory) TW_TRY(tw_trajectory_to_bundle(run->trajectory, ROWS, bundle));
cleanup:
    return status;
}

/* Metadata of the bundle that the run began with stays, its arrays do not: the point's are new, a
 * state's would be old. */
static tw_status copy_metadata(const tw_bundle *from, tw_bundle *to) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < from->metadata_count; i++)
        TW_TRY(tw_bundle_set_metadata(to, from->metadata[i].key, from->metadata[i].text));
cleanup:
    return status;
}

static tw_status set_json(tw_bundle *bundle, const char *key, const tw_json *json) {
    char *text = json ? tw_json_text(json, 0) : NULL;
    tw_status status = text ? tw_bundle_set_metadata(bundle, key, text) : TW_ERR_MEMORY;
    free(text);
    return status;
}

static tw_status write_file(const tw_run *run, const double *theta, bool unfinished) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    tw_point point = run->point;
    point.theta = (double *)theta;
    TW_TRY(copy_metadata(&run->bundle, &bundle));
    TW_TRY(tw_point_to_bundle(&point, &bundle));
    TW_TRY(set_json(&bundle, "training", run->settings));
    if (unfinished) TW_TRY(add_state(run, &bundle));
    TW_TRY(tw_bundle_write(run->output, &bundle));
cleanup:
    tw_bundle_clear(&bundle);
    return status;
}

tw_status tw_run_keep(void *self, const tw_descent_state *state) {
    tw_run *run = self;
    double now = tw_clock_seconds();
    if (now - run->last_kept < KEEP_SECONDS) return TW_OK;
    run->last_kept = now;
    return write_file(run, state->x, true);
}

static tw_status write_rows(const tw_run *run) {
    tw_status status = TW_OK;
    const char *path = run->rows;
    tw_bundle table = {0};
    if (path == NULL) return TW_OK;
    TW_TRY(tw_trajectory_to_bundle(run->trajectory, "", &table));
    TW_TRY(is_csv(path) ? tw_csv_write(path, &(tw_csv_table){.numbers = &table})
                        : tw_bundle_write(path, &table));
cleanup:
    tw_bundle_clear(&table);
    return status;
}

/* May the run go on with a larger budget? */
static bool can_go_on(tw_descent_reason reason) {
    return reason == TW_DESCENT_STEPS || reason == TW_DESCENT_TIME ||
           reason == TW_DESCENT_CANCELLED;
}

/* The last point gets its row only after the file: it need not be one where a row was due, and the
 * run that goes on would see it. */
tw_status tw_run_write(tw_run *run) {
    tw_status status = TW_OK;
    const tw_descent_view last = {run->result.step, run->result.time, run->point.theta,
                                  run->result.value, run->result.gradient_norm};
    TW_TRY(write_file(run, run->point.theta, can_go_on(run->result.reason)));
    if (run->trajectory) TW_TRY(tw_trajectory_close(run->trajectory, &last));
    TW_TRY(write_rows(run));
cleanup:
    return status;
}
