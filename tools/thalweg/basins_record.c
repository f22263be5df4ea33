/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is shown of a campaign, as a record. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "basins.h"

static tw_json *interval_json(const tw_interval *interval) {
    tw_json *object = tw_json_object();
    if (tw_json_set(object, "value", tw_json_number(interval->value)) != TW_OK ||
        tw_json_set(object, "high", tw_json_number(interval->high)) != TW_OK) {
        tw_json_destroy(object);
        return NULL;
    }
    return object;
}

static tw_status append_class(tw_json *list, const tw_campaign_class *c) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_set(row, "name", tw_json_string(c->name)));
    TW_TRY(tw_json_set(row, "rank", tw_json_integer((long long)c->rank)));
    TW_TRY(tw_json_set(row, "loss", tw_json_number(c->loss)));
    TW_TRY(tw_json_set(row, "count", tw_json_integer((long long)c->count)));
    TW_TRY(tw_json_set(row, "first", tw_json_integer((long long)c->first)));
    TW_TRY(tw_json_set(row, "fraction", tw_json_number(c->fraction.value)));
    TW_TRY(tw_json_set(row, "low", tw_json_number(c->fraction.low)));
    TW_TRY(tw_json_set(row, "high", tw_json_number(c->fraction.high)));
cleanup:
    return status;
}

enum { STOPS = 48, RUNNING_CLASSES = 8 };

/* Numbers of restarts at which counts are kept: in equal ratios up to all of them. */
static size_t choose_stops(size_t done, size_t *stops) {
    size_t count = 0;
    for (size_t i = 1; i <= STOPS; i++) {
        size_t stop = (size_t)llround(pow((double)done, (double)i / STOPS));
        if (stop > 0 && (count == 0 || stop > stops[count - 1])) stops[count++] = stop;
    }
    return count;
}

static tw_status append_running(tw_json *classes, const tw_campaign_table *t, size_t class,
                                const size_t *stops, size_t count) {
    tw_status status = TW_OK;
    size_t met = 0, next = 0;
    tw_json *row = tw_json_object(), *counts = NULL;
    TW_TRY(tw_json_append(classes, row));
    counts = tw_json_array();
    TW_TRY(tw_json_set(row, "counts", counts));
    TW_TRY(tw_json_set(row, "name", tw_json_string(t->classes[class].name)));
    for (size_t i = 0; i < t->done && next < count; i++) {
        if (t->member[i] == class) met++;
        if (i + 1 != stops[next]) continue;
        TW_TRY(tw_json_append(counts, tw_json_integer((long long)met)));
        next++;
    }
cleanup:
    return status;
}

/* {restarts: [..], classes: [{name, counts: [..]}]}: how the counts of the most frequent classes
 * came about. */
static tw_status append_course(tw_json *row, const tw_campaign_table *t) {
    tw_status status = TW_OK;
    size_t stops[STOPS], count = choose_stops(t->done, stops);
    tw_json *running = tw_json_object(), *restarts = NULL, *classes = NULL;
    TW_TRY(tw_json_set(row, "running", running));
    restarts = tw_json_array();
    TW_TRY(tw_json_set(running, "restarts", restarts));
    for (size_t i = 0; i < count; i++)
        TW_TRY(tw_json_append(restarts, tw_json_integer((long long)stops[i])));
    classes = tw_json_array();
    TW_TRY(tw_json_set(running, "classes", classes));
    for (size_t c = 0; c < t->count && c < RUNNING_CLASSES; c++)
        TW_TRY(append_running(classes, t, c, stops, count));
cleanup:
    return status;
}

static tw_status append_table(tw_json *list, const tw_campaign_table *t) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object(), *setting = NULL, *classes = NULL;
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_parse(t->setting, strlen(t->setting), &setting));
    TW_TRY(tw_json_set(row, "setting", setting));
    TW_TRY(tw_json_set(row, "asked", tw_json_integer((long long)t->asked)));
    TW_TRY(tw_json_set(row, "restarts", tw_json_integer((long long)t->done)));
    classes = tw_json_array();
    TW_TRY(tw_json_set(row, "classes", classes));
    for (size_t i = 0; i < t->count; i++) TW_TRY(append_class(classes, &t->classes[i]));
    TW_TRY(tw_json_set(row, "unseen_mass", interval_json(&t->unseen)));
    TW_TRY(append_course(row, t));
    TW_TRY(tw_json_set(row, "evaluations", tw_json_integer((long long)t->evaluations)));
    TW_TRY(tw_json_set(row, "products", tw_json_integer((long long)t->products)));
cleanup:
    return status;
}

static tw_status append_difference(tw_json *list, const tw_difference *d) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_set(row, "first", tw_json_integer((long long)d->first)));
    TW_TRY(tw_json_set(row, "second", tw_json_integer((long long)d->second)));
    TW_TRY(tw_json_set(row, "class", tw_json_string(d->name)));
    TW_TRY(tw_json_set(row, "p", tw_json_number(d->p)));
    TW_TRY(tw_json_set(row, "p_holm", tw_json_number(d->adjusted)));
cleanup:
    return status;
}

static tw_status append_cells(tw_json *list, const basins_shown *s, const tw_transition *t) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < t->columns; j++) {
            if (t->counts[i * t->columns + j] == 0) continue;
            tw_json *cell = tw_json_object();
            TW_TRY(tw_json_append(list, cell));
            TW_TRY(tw_json_set(cell, "from", tw_json_string(s->tables[t->first].classes[i].name)));
            TW_TRY(tw_json_set(cell, "to", tw_json_string(s->tables[t->second].classes[j].name)));
            TW_TRY(tw_json_set(cell, "count",
                               tw_json_integer((long long)t->counts[i * t->columns + j])));
        }
cleanup:
    return status;
}

static tw_status append_transition(tw_json *list, const basins_shown *s, const tw_transition *t) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object(), *cells = NULL;
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_set(row, "first", tw_json_integer((long long)t->first)));
    TW_TRY(tw_json_set(row, "second", tw_json_integer((long long)t->second)));
    TW_TRY(tw_json_set(row, "pairs", tw_json_integer((long long)t->pairs)));
    TW_TRY(tw_json_set(row, "same", tw_json_integer((long long)t->same)));
    TW_TRY(tw_json_set(row, "class", tw_json_string(t->name)));
    TW_TRY(tw_json_set(row, "p", tw_json_number(t->p)));
    cells = tw_json_array();
    TW_TRY(tw_json_set(row, "cells", cells));
    TW_TRY(append_cells(cells, s, t));
cleanup:
    return status;
}

/* An array of whole numbers. */
static tw_json *counts_json(size_t count, const size_t *counts) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; i < count; i++)
        if (tw_json_append(list, tw_json_integer((long long)counts[i])) != TW_OK) {
            tw_json_destroy(list);
            return NULL;
        }
    return list;
}

/* value, low and high of intervals, each an array. */
static tw_status set_intervals(tw_json *row, size_t count, const tw_interval *f) {
    tw_status status = TW_OK;
    tw_json *value = tw_json_array(), *low = NULL, *high = NULL;
    TW_TRY(tw_json_set(row, "fraction", value));
    low = tw_json_array();
    TW_TRY(tw_json_set(row, "low", low));
    high = tw_json_array();
    TW_TRY(tw_json_set(row, "high", high));
    for (size_t i = 0; i < count; i++) {
        TW_TRY(tw_json_append(value, tw_json_number(f[i].value)));
        TW_TRY(tw_json_append(low, tw_json_number(f[i].low)));
        TW_TRY(tw_json_append(high, tw_json_number(f[i].high)));
    }
cleanup:
    return status;
}

static tw_status set_half(tw_json *row, const tw_interval *half) {
    tw_status status = TW_OK;
    tw_json *object = tw_json_object();
    TW_TRY(tw_json_set(row, "half_radius", object));
    TW_TRY(tw_json_set(object, "value", tw_json_number(half->value)));
    TW_TRY(tw_json_set(object, "low", tw_json_number(half->low)));
    TW_TRY(tw_json_set(object, "high", tw_json_number(half->high)));
cleanup:
    return status;
}

static tw_status append_curve(tw_json *list, const tw_return_curve *c) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_set(row, "optimum", tw_json_string(c->optimum)));
    TW_TRY(tw_json_set(row, "direction", tw_json_string(c->direction)));
    TW_TRY(tw_json_set(row, "method", tw_json_string(c->method)));
    TW_TRY(tw_json_set(row, "settings", counts_json(c->count, c->setting)));
    TW_TRY(tw_json_set(row, "radius", tw_json_numbers(c->count, c->radius)));
    TW_TRY(tw_json_set(row, "restarts", counts_json(c->count, c->done)));
    TW_TRY(tw_json_set(row, "returned", counts_json(c->count, c->returned)));
    TW_TRY(set_intervals(row, c->count, c->fraction));
    TW_TRY(set_half(row, &c->half));
cleanup:
    return status;
}

static tw_status set_scan(const basins_shown *s, tw_json *result) {
    tw_status status = TW_OK;
    tw_json *scan = tw_json_object(), *classes = NULL;
    TW_TRY(tw_json_set(result, "tolerance_scan", scan));
    TW_TRY(tw_json_set(scan, "tolerance", tw_json_numbers(SCANNED, basins_tolerances)));
    classes = tw_json_array();
    TW_TRY(tw_json_set(scan, "classes", classes));
    for (size_t i = 0; i < s->count; i++)
        TW_TRY(tw_json_append(classes, counts_json(SCANNED, &s->scan[i * SCANNED])));
cleanup:
    return status;
}

static tw_status fill_lists(const basins_shown *s, tw_json *result) {
    tw_status status = TW_OK;
    tw_json *settings = tw_json_array(), *differences = NULL, *transitions = NULL, *curves = NULL;
    TW_TRY(tw_json_set(result, "settings", settings));
    differences = s->too_many ? tw_json_null() : tw_json_array();
    TW_TRY(tw_json_set(result, "differences", differences));
    transitions = tw_json_array();
    TW_TRY(tw_json_set(result, "transitions", transitions));
    curves = tw_json_array();
    TW_TRY(tw_json_set(result, "return_curves", curves));
    for (size_t i = 0; i < s->count; i++) TW_TRY(append_table(settings, &s->tables[i]));
    for (size_t i = 0; i < s->difference_count; i++)
        TW_TRY(append_difference(differences, &s->differences[i]));
    for (size_t i = 0; i < s->transition_count; i++)
        TW_TRY(append_transition(transitions, s, &s->transitions[i]));
    for (size_t i = 0; i < s->curve_count; i++) TW_TRY(append_curve(curves, &s->curves[i]));
    if (s->scan) TW_TRY(set_scan(s, result));
cleanup:
    return status;
}

tw_status basins_record(const cli_invocation *run, tw_store *store, const basins_shown *s) {
    tw_status status = TW_OK;
    const char *plan = tw_store_plan(store);
    tw_json *input = NULL, *result = tw_json_object();
    if (!wants_record(run)) goto cleanup;
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_parse(plan, strlen(plan), &input));
    TW_TRY(fill_lists(s, result));
    status = write_record(run, input, result);
    input = result = NULL;
cleanup:
    tw_json_destroy(input);
    tw_json_destroy(result);
    return status;
}
