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
} slicing;

static tw_status make_axis(const slicing *s, tw_point_slice *slice, size_t i) {
    tw_status status = TW_OK;
    const tw_point_slice_options *o = s->options;
    tw_slice_direction *direction = &slice->directions[i];
    tw_axis *axis = &slice->axes[i];
    const tw_direction_options options = {
        .index = i, .target = o->target, .rank_tolerance = o->rank_tolerance, .budget = o->budget};
    bool leads = direction->is->leads;
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
    TW_TRY(TW_NEW(slice->barrier, 1));
    TW_TRY(tw_slice_barrier(&s->objective, s->theta, axis->direction, o->grid, slice->barrier));
cleanup:
    return status;
}

tw_status tw_point_slice_make(tw_evaluator *evaluator, const double *theta,
                              const tw_point_slice_options *options, tw_point_slice *slice) {
    tw_status status = TW_OK;
    const tw_point_slice_options defaults = TW_POINT_SLICE_DEFAULTS;
    const slicing s = {evaluator, tw_evaluator_objective(evaluator), theta,
                       options ? options : &defaults};
    size_t grid = s.options->grid;
    if (grid < 3) return tw_fail(TW_ERR_ARGUMENT, "a grid of %zu points: 3 at least", grid);
    slice->kinks = tw_evaluator_kinks(evaluator, theta, TW_KINK_TOLERANCE);
    tw_kinks_explain(&slice->kinks, slice->doubt, sizeof slice->doubt);
    for (size_t i = 0; i < slice->axis_count; i++) TW_TRY(make_axis(&s, slice, i));
    TW_TRY(TW_NEW(slice->values, slice->axis_count == 2 ? grid * grid : grid));
    TW_TRY(tw_slice_sample(&s.objective, theta, slice->axis_count, slice->axes,
                           s.options->budget.monitor, slice->values, &slice->done));
    TW_TRY(s.objective.eval(s.objective.self, theta, &slice->center, NULL));
cleanup:
    return status;
}

bool tw_point_slice_is_whole(const tw_point_slice *s) {
    return s->done == (s->axis_count == 2 ? s->axes[1].count : 1);
}

void tw_point_slice_clear(tw_point_slice *slice) {
    if (slice == NULL) return;
    for (size_t i = 0; i < TW_SLICE_AXES; i++) free(slice->vectors[i]);
    free(slice->barrier);
    free(slice->values);
    *slice = (tw_point_slice){0};
}
