/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/point_slice.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/stratum/kinks.h>

#include "base/alloc_private.h"

/* ---- Directions ---- */

static tw_status read_direction(const char *text, size_t length, bool second, uint64_t seed,
                                tw_slice_direction *direction) {
    *direction = (tw_slice_direction){.seed = seed};
    if (length >= TW_SLICE_KIND) length = TW_SLICE_KIND - 1;
    memcpy(direction->name, text, length);
    memcpy(direction->kind, direction->name, strcspn(direction->name, ":"));
    tw_status status = tw_direction_read(direction->name, &direction->is);
    if (status == TW_OK && direction->is->leads && !second)
        return tw_fail(TW_ERR_ARGUMENT, "%s needs a second file", direction->name);
    return status;
}

tw_status tw_point_slice_read(const char *along, bool second, uint64_t seed,
                              tw_point_slice *slice) {
    tw_status status = TW_OK;
    if (along == NULL) along = second ? "to" : "random";
    for (size_t count = 0; along; slice->axis_count = ++count) {
        size_t length = strcspn(along, ",");
        tw_slice_direction *d = &slice->directions[count];
        if (count == TW_SLICE_AXES) return tw_fail(TW_ERR_ARGUMENT, "more than two directions");
        TW_TRY(read_direction(along, length, second, seed, d));
        if (count == 1 && !d->is->drawn && strcmp(d->name, d[-1].name) == 0)
            return tw_fail(TW_ERR_ARGUMENT, "%s twice is a line, not a plane", d->name);
        along = along[length] ? along + length + 1 : NULL;
    }
cleanup:
    return status;
}

/* ---- Values ---- */

/* What is sliced, and how. */
typedef struct slicing {
    tw_evaluator *evaluator;
    tw_objective objective;
    const double *theta;
    const tw_point_slice_options *options;
    tw_monitor monitor; /* the budget's */
} slicing;

/* A line more: its direction, what the Hessian says along it, the barrier. */
static tw_status make_axis(const slicing *s, tw_point_slice *slice, size_t i) {
    tw_status status = TW_OK;
    const tw_point_slice_options *o = s->options;
    tw_slice_direction *direction = &slice->directions[i];
    tw_axis *axis = &slice->axes[i];
    const tw_direction_options options = {
        .index = i, .target = o->target, .rank_tolerance = o->rank_tolerance, .budget = o->budget};
    bool leads = direction->is->leads;
    tw_barrier barrier;
    TW_TRY(TW_NEW(slice->vectors[i], s->objective.n));
    TW_TRY(tw_direction_make(s->evaluator, s->theta, direction->name, &options, slice->vectors[i]));
    *axis = (tw_axis){.direction = slice->vectors[i],
                      .from = isnan(o->from) ? (leads ? 0.0 : -1.0) : o->from,
                      .to = isnan(o->to) ? 1.0 : o->to,
                      .count = o->grid};
    TW_TRY(tw_slice_compare(&s->objective, s->theta, axis->direction,
                            (axis->to - axis->from) / (double)(o->grid - 1), NULL,
                            &direction->curvature));
    if (!leads) return TW_OK;
    TW_TRY(
        tw_slice_barrier(&s->objective, s->theta, axis->direction, o->grid, &s->monitor, &barrier));
    TW_TRY(TW_NEW(slice->barrier, 1));
    *slice->barrier = barrier;
cleanup:
    return status;
}

tw_status tw_point_slice_make(tw_evaluator *evaluator, const double *theta,
                              const tw_point_slice_options *options, tw_point_slice *slice) {
    tw_status status = TW_OK;
    const tw_point_slice_options defaults = TW_POINT_SLICE_DEFAULTS;
    if (options == NULL) options = &defaults;
    const slicing s = {evaluator, tw_evaluator_objective(evaluator), theta, options,
                       tw_budget_monitor(&options->budget)};
    size_t grid = options->grid;
    if (grid < 3) return tw_fail(TW_ERR_ARGUMENT, "a grid of %zu points: 3 at least", grid);
    slice->kinks = tw_evaluator_kinks(evaluator, theta, TW_KINK_TOLERANCE);
    tw_kinks_explain(&slice->kinks, slice->doubt, sizeof slice->doubt);
    TW_TRY(s.objective.eval(s.objective.self, theta, &slice->center, NULL));
    for (; slice->made < slice->axis_count; slice->made++) {
        status = make_axis(&s, slice, slice->made);
        if (status == TW_STOPPED) return TW_OK; /* with the directions that there are */
        TW_TRY(status);
    }
    TW_TRY(TW_NEW(slice->values, slice->axis_count == 2 ? grid * grid : grid));
    TW_TRY(tw_slice_sample(&s.objective, theta, slice->axis_count, slice->axes, &s.monitor,
                           slice->values, &slice->done));
cleanup:
    return status;
}

bool tw_point_slice_is_whole(const tw_point_slice *s) {
    return s->made == s->axis_count && s->done == (s->made == 2 ? s->axes[1].count : 1);
}

const char *tw_point_slice_reason(const tw_point_slice *s) {
    if (tw_point_slice_is_whole(s)) return "complete";
    return s->made < s->axis_count ? "cancelled before the directions were made"
                                   : "cancelled before all values were there";
}

void tw_point_slice_clear(tw_point_slice *slice) {
    if (slice == NULL) return;
    for (size_t i = 0; i < TW_SLICE_AXES; i++) free(slice->vectors[i]);
    free(slice->barrier);
    free(slice->values);
    *slice = (tw_point_slice){0};
}
