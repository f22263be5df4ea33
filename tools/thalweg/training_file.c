/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/csv.h>
#include <thalweg/record/record.h>

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

tw_status training_check_output(const cli_training *t) {
    if (t->output == NULL) return tw_fail(TW_ERR_ARGUMENT, "--output FILE is missing");
    if (tw_format_for_path(t->output) == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "--output: no format has the extension of '%s'", t->output);
    return tw_file_check_writable(t->output);
}

tw_status training_check_rows(const cli_training *t) {
    if (t->rows == NULL) return TW_OK;
    if (!is_csv(t->rows) && tw_format_for_path(t->rows) == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "--trajectory: '%s' is neither .csv nor a known format",
                       t->rows);
    if (strcmp(t->rows, t->output) == 0)
        return tw_fail(TW_ERR_ARGUMENT, "--trajectory and --output are one file, '%s'", t->output);
    return tw_file_check_writable(t->rows);
}

static tw_status in_file(tw_status status, const cli_training *t) {
    char prefix[512];
    if (status == TW_OK || status == TW_ERR_MEMORY) return status;
    snprintf(prefix, sizeof prefix, "%.500s: ", t->run->settings.resume);
    return tw_fail_in(status, prefix);
}

tw_status training_read(cli_training *t) {
    tw_status status = TW_OK;
    const char *path = t->run->settings.resume;
    TW_TRY(tw_bundle_read(path, &t->bundle));
    TW_TRY(tw_file_digest(path, t->digest));
    TW_TRY(in_file(tw_point_from_bundle(&t->bundle, &t->point), t));
    const char *text = tw_bundle_metadata(&t->bundle, "training");
    if (text == NULL || tw_bundle_find(&t->bundle, "resume.x") == NULL)
        return tw_fail(TW_ERR_DATA, "%s: holds no %straining run%s", path,
                       text ? "unfinished " : "", text ? ": the one in it has ended" : "");
    TW_TRY(in_file(tw_json_parse(text, strlen(text), &t->settings), t));
    if (!tw_json_is_object(t->settings))
        status = tw_fail(TW_ERR_DATA, "%s: metadata 'training' is no object", path);
cleanup:
    return status;
}

/* The entries of an array of the file, which has to have that many. */
static tw_status read_array(const cli_training *t, const char *name, size_t count, double *out) {
    const tw_array *array = tw_bundle_find(&t->bundle, name);
    if (count == 0) return TW_OK;
    if (array == NULL || tw_array_length(array) != count)
        return tw_fail(TW_ERR_DATA, "%s: array '%s' has %zu entries where the run needs %zu",
                       t->run->settings.resume, name, array ? tw_array_length(array) : 0, count);
    memcpy(out, array->values, count * sizeof *out);
    return TW_OK;
}

tw_status training_read_state(cli_training *t) {
    tw_status status = TW_OK;
    double counters[COUNTERS];
    TW_TRY(tw_descent_state_init(&t->state, t->method, t->objective.n, t->point.theta));
    TW_TRY(read_array(t, "resume.x", t->state.n, t->state.x));
    TW_TRY(read_array(t, "resume.memory", t->state.n * t->state.vectors, t->state.memory));
    TW_TRY(read_array(t, "resume.counters", COUNTERS, counters));
    unpack(counters, &t->state);
cleanup:
    return status;
}

tw_status training_read_rows(cli_training *t) {
    tw_status status = in_file(tw_trajectory_from_bundle(t->trajectory, ROWS, &t->bundle), t);
    tw_trajectory_rewind(t->trajectory, t->state.step);
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

static tw_status add_state(const cli_training *t, tw_bundle *bundle) {
    tw_status status = TW_OK;
    double counters[COUNTERS];
    pack(&t->state, counters);
    TW_TRY(add_array(bundle, "resume.x", t->state.n, t->state.x));
    TW_TRY(add_array(bundle, "resume.memory", t->state.n * t->state.vectors, t->state.memory));
    TW_TRY(add_array(bundle, "resume.counters", COUNTERS, counters));
    if (t->trajectory) TW_TRY(tw_trajectory_to_bundle(t->trajectory, ROWS, bundle));
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

/* A run that is taken up again keeps the provenance of its beginning: interrupted or not, it ends
 * in the same file. */
static tw_status add_provenance(const cli_training *t, tw_bundle *bundle) {
    if (tw_bundle_metadata(bundle, "provenance")) return TW_OK;
    return keep_provenance(bundle, run_provenance(t->run));
}

static tw_status write_file(const cli_training *t, const double *theta, bool unfinished) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    tw_point point = t->point;
    point.theta = (double *)theta;
    TW_TRY(copy_metadata(&t->bundle, &bundle));
    TW_TRY(tw_point_to_bundle(&point, &bundle));
    TW_TRY(set_json(&bundle, "training", t->settings));
    TW_TRY(add_provenance(t, &bundle));
    if (unfinished) TW_TRY(add_state(t, &bundle));
    TW_TRY(tw_bundle_write(t->output, &bundle));
cleanup:
    tw_bundle_clear(&bundle);
    return status;
}

tw_status training_keep(void *self, const tw_descent_state *state) {
    cli_training *t = self;
    double now = tw_clock_seconds();
    if (now - t->last_kept < KEEP_SECONDS) return TW_OK;
    t->last_kept = now;
    return write_file(t, state->x, true);
}

static tw_status write_rows(const cli_training *t) {
    tw_status status = TW_OK;
    const char *path = t->rows;
    tw_bundle table = {0};
    if (path == NULL) return TW_OK;
    TW_TRY(tw_trajectory_to_bundle(t->trajectory, "", &table));
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
tw_status training_store(cli_training *t) {
    tw_status status = TW_OK;
    const tw_descent_view last = {t->result.step, t->result.time, t->point.theta, t->result.value,
                                  t->result.gradient_norm};
    TW_TRY(write_file(t, t->point.theta, can_go_on(t->result.reason)));
    if (t->trajectory) TW_TRY(tw_trajectory_close(t->trajectory, &last));
    TW_TRY(write_rows(t));
cleanup:
    return status;
}
