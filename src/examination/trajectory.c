/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows are kept as they will stand in a table: one line of numbers a row, columns by a table of
 * names and widths. */
#include <thalweg/examination/trajectory.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/curvature/lowest.h>
#include <thalweg/model/evaluator.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

#define GROWTH 1.05
#define TIME_GROWTH 1.25
#define UNDEFINED (-1.0)

enum { COLUMNS = 11, NAME = 64 };

typedef struct column {
    const char *name;
    tw_element element;
    bool wide;    /* rank 2 */
    size_t count; /* entries of a row; 0: not asked for */
} column;

struct tw_trajectory {
    tw_trajectory_options options;
    tw_evaluator *evaluator;
    tw_objective objective;
    double *gradient;
    column columns[COLUMNS];
    size_t width; /* entries of a row */
    double *rows; /* count x width, row by row */
    size_t count, room;
    bool ended; /* the row under way, by the monitor */
};

/* The caller's monitor, remembering what it said. */
static bool ask(void *self, const char *stage, double done, double total) {
    tw_trajectory *t = self;
    t->ended |= tw_monitor_report(t->options.monitor, stage, done, total);
    return t->ended;
}

/* Does the direction of theta say anything: no ridge, logits homogeneous in theta? */
static bool is_unregularised(const tw_dufm *model) {
    bool ridge = model->lambda_H > 0.0 || model->bias;
    for (size_t l = 0; l < model->layers; l++) ridge = ridge || model->lambda_W[l] > 0.0;
    return !ridge && (model->activation->linear || model->activation->kinked);
}

static void set_columns(tw_trajectory *t, const tw_dufm *model) {
    size_t K = tw_dufm_classes(model), values = K < model->samples ? K : model->samples;
    size_t L = model->layers;
    const column columns[COLUMNS] = {
        {"step", TW_I64, false, 1},
        {"time", TW_F64, false, 1},
        {"loss", TW_F64, false, 1},
        {"gradient_norm", TW_F64, false, 1},
        {"logit_rank", TW_I64, false, 1},
        {"singular_value", TW_F64, true, values},
        {"nc1", TW_F64, true, L},
        {"nc2", TW_F64, true, L},
        {"nc3", TW_F64, true, L},
        {"smallest_eigenvalue", TW_F64, false, t->options.smallest ? 1 : 0},
        {"normalised_margin", TW_F64, false, is_unregularised(model) ? 1 : 0},
    };
    memcpy(t->columns, columns, sizeof columns);
    for (size_t i = 0; i < COLUMNS; i++) t->width += columns[i].count;
}

tw_status tw_trajectory_create(const tw_dufm *model, const tw_trajectory_options *options,
                               tw_trajectory **trajectory) {
    tw_status status = TW_OK;
    const tw_trajectory_options defaults = TW_TRAJECTORY_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_trajectory *t = NULL;
    TW_TRY(TW_NEW(t, 1));
    t->options = *options;
    TW_TRY(tw_evaluator_create(model, &t->evaluator));
    t->objective = tw_evaluator_objective(t->evaluator);
    TW_TRY(TW_NEW(t->gradient, t->objective.n));
    set_columns(t, model);
    *trajectory = t;
    t = NULL;
cleanup:
    tw_trajectory_destroy(t);
    return status;
}

void tw_trajectory_destroy(tw_trajectory *t) {
    if (t == NULL) return;
    tw_evaluator_destroy(t->evaluator);
    free(t->gradient);
    free(t->rows);
    free(t);
}

/* ---- Measuring ---- */

static tw_status new_row(tw_trajectory *t, double **row) {
    if (t->count == t->room) {
        size_t room = 2 * t->room + 64;
        double *rows = tw_resize(t->rows, room * t->width, sizeof *rows);
        if (rows == NULL) return TW_ERR_MEMORY;
        t->rows = rows;
        t->room = room;
    }
    *row = t->rows + t->count * t->width;
    return TW_OK;
}

static double defined(double value) {
    return isfinite(value) ? value : UNDEFINED;
}

/* Behind the first five numbers: singular values and collapse measures. Returns what follows. */
static double *put_shape(const tw_shape *shape, double *out) {
    size_t L = shape->space_count;
    for (size_t i = 0; i < shape->logit_count; i++) *out++ = shape->logit_singular_values[i];
    for (size_t l = 0; l < L; l++) {
        out[l] = defined(shape->collapse[l].nc1);
        out[l + L] = defined(shape->collapse[l].nc2);
        out[l + 2 * L] = defined(shape->collapse[l].nc3);
    }
    return out + 3 * L;
}

static tw_status smallest_eigenvalue(tw_trajectory *t, const double *x, const tw_monitor *monitor,
                                     double *value) {
    tw_budget budget = TW_BUDGET_DEFAULTS;
    tw_lowest lowest;
    budget.seed = t->options.seed;
    budget.monitor = monitor;
    tw_status status = tw_lowest_curvature(&t->objective, x, NULL, &budget, NULL, &lowest);
    if (status == TW_OK) *value = defined(lowest.value);
    return status;
}

/* Smallest margin over ||theta||^{L+1}; of the linearisation at x. */
static double normalised_margin(const tw_trajectory *t, const double *x) {
    const tw_dufm *model = tw_evaluator_model(t->evaluator);
    const double *z = tw_evaluator_logits(t->evaluator);
    size_t K = tw_dufm_classes(model);
    double smallest = INFINITY;
    for (size_t i = 0; i < model->samples; i++, z += K)
        for (size_t k = 0; k < K; k++)
            if (k != (size_t)model->labels[i])
                smallest = fmin(smallest, z[model->labels[i]] - z[k]);
    return smallest / pow(tw_norm(NULL, t->objective.n, x), (double)(model->layers + 1));
}

static tw_status measure(tw_trajectory *t, const tw_descent_view *view) {
    tw_status status = TW_OK;
    tw_shape shape = {0};
    double *row, loss;
    const tw_monitor monitor = {ask, t};
    t->ended = false;
    TW_TRY(new_row(t, &row));
    TW_TRY(t->objective.eval(t->objective.self, view->x, &loss, t->gradient));
    TW_TRY(tw_shape_measure(t->evaluator, view->x, t->options.rank_tolerance, &monitor, &shape));
    if (t->ended) goto cleanup;
    row[0] = (double)view->step;
    row[1] = view->time;
    row[2] = loss;
    row[3] = tw_norm(NULL, t->objective.n, t->gradient);
    row[4] = (double)shape.logit_rank;
    double *rest = put_shape(&shape, row + 5);
    if (t->columns[COLUMNS - 1].count) rest[t->options.smallest] = normalised_margin(t, view->x);
    if (t->options.smallest) TW_TRY(smallest_eigenvalue(t, view->x, &monitor, rest));
    t->count += !t->ended;
cleanup:
    tw_shape_clear(&shape);
    return status;
}

/* ---- Choosing ---- */

static double last_step(const tw_trajectory *t) {
    return t->count ? t->rows[(t->count - 1) * t->width] : -1.0;
}

/* The step from which the next row is due. */
static double next_step(const tw_trajectory *t) {
    double last = last_step(t), every = (double)t->options.every;
    if (last < 0.0) return 0.0;
    return every > 0.0 ? (floor(last / every) + 1.0) * every
                       : fmax(last + 1.0, ceil(last * GROWTH));
}

/* A flow may cross decades of time in few steps. */
static bool is_later(const tw_trajectory *t, const tw_descent_view *view) {
    double last = t->count ? t->rows[(t->count - 1) * t->width + 1] : 0.0;
    return t->options.every == 0 && last > 0.0 && view->time >= last * TIME_GROWTH;
}

tw_status tw_trajectory_see(void *self, const tw_descent_view *view) {
    tw_trajectory *t = self;
    return (double)view->step >= next_step(t) || is_later(t, view) ? measure(t, view) : TW_OK;
}

tw_status tw_trajectory_close(tw_trajectory *t, const tw_descent_view *view) {
    return (double)view->step > last_step(t) ? measure(t, view) : TW_OK;
}

void tw_trajectory_rewind(tw_trajectory *t, size_t step) {
    while (t->count > 0 && last_step(t) > (double)step) t->count--;
}

size_t tw_trajectory_rows(const tw_trajectory *t) {
    return t->count;
}

bool tw_trajectory_read(const tw_trajectory *t, const char *name, double *values) {
    size_t offset = 0;
    for (size_t i = 0; i < COLUMNS; offset += t->columns[i++].count) {
        if (strcmp(t->columns[i].name, name) != 0 || t->columns[i].count != 1) continue;
        for (size_t row = 0; row < t->count; row++) values[row] = t->rows[row * t->width + offset];
        return true;
    }
    return false;
}

/* ---- As arrays ---- */

static void name_of(const column *c, const char *prefix, char name[NAME]) {
    snprintf(name, NAME, "%s%s", prefix, c->name);
}

tw_status tw_trajectory_to_bundle(const tw_trajectory *t, const char *prefix, tw_bundle *bundle) {
    tw_status status = TW_OK;
    size_t offset = 0;
    for (size_t i = 0; i < COLUMNS; offset += t->columns[i++].count) {
        const column *c = &t->columns[i];
        size_t shape[2] = {t->count, c->count};
        char name[NAME];
        tw_array *array;
        if (c->count == 0 || t->count == 0) continue;
        name_of(c, prefix, name);
        TW_TRY(tw_bundle_add(bundle, name, c->element, c->wide ? 2 : 1, shape, &array));
        for (size_t row = 0; row < t->count; row++)
            tw_copy(c->count, t->rows + row * t->width + offset, array->values + row * c->count);
    }
cleanup:
    return status;
}

static tw_status check_array(const tw_trajectory *t, const column *c, const tw_array *array) {
    if (array && array->rank == (c->wide ? 2 : 1) && array->shape[0] == t->count &&
        (!c->wide || array->shape[1] == c->count))
        return TW_OK;
    return tw_fail(TW_ERR_DATA, "no trajectory of this model: '%s' is not %zu x %zu", c->name,
                   t->count, c->count);
}

tw_status tw_trajectory_from_bundle(tw_trajectory *t, const char *prefix, const tw_bundle *bundle) {
    tw_status status = TW_OK;
    size_t offset = 0;
    char name[NAME];
    name_of(&t->columns[0], prefix, name);
    const tw_array *steps = tw_bundle_find(bundle, name);
    t->count = 0;
    if (steps == NULL) return TW_OK;
    double *rows = tw_resize(t->rows, steps->shape[0] * t->width, sizeof *rows);
    TW_TRY(rows ? TW_OK : TW_ERR_MEMORY);
    t->rows = rows;
    t->count = t->room = steps->shape[0];
    for (size_t i = 0; i < COLUMNS; offset += t->columns[i++].count) {
        const column *c = &t->columns[i];
        if (c->count == 0) continue;
        name_of(c, prefix, name);
        const tw_array *array = tw_bundle_find(bundle, name);
        TW_TRY(check_array(t, c, array));
        for (size_t row = 0; row < t->count; row++)
            tw_copy(c->count, array->values + row * c->count, t->rows + row * t->width + offset);
    }
cleanup:
    if (status != TW_OK) t->count = 0;
    return status;
}
