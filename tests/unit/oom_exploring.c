/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failing allocations in the search for critical points, in alignment and in slices; and none for
 * each point of a grid. */
#include <thalweg/campaign/critical.h>
#include <thalweg/curvature/slice.h>
#include <thalweg/examination/slice_directions.h>
#include <thalweg/symmetry/alignment.h>
#include <thalweg/training/stationary.h>

#include "support/built.h"
#include "support/oom.h"
#include "support/test.h"

static const test_case small = {"ce", "linear", 3, 1, 3, 2, 0.01};

typedef struct subject {
    built a, b;
    tw_objective objective;
    size_t n, grid, starts;
    double *direction, *work, *values;
} subject;

static void subject_init(subject *s) {
    s->a = build(&small, "random:normal:0.7", 1);
    s->b = build(&small, "random:normal:0.7", 2);
    s->objective = tw_evaluator_objective(s->a.evaluator);
    s->n = s->objective.n;
    s->grid = 5;
    s->direction = calloc(s->n, sizeof *s->direction);
    s->work = calloc(s->n, sizeof *s->work);
    s->values = calloc(10000, sizeof *s->values);
    s->direction[0] = 1.0;
}

static void subject_clear(subject *s) {
    built_clear(&s->a);
    built_clear(&s->b);
    free(s->direction);
    free(s->work);
    free(s->values);
}

static tw_status run_find(void *self) {
    subject *s = self;
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result result;
    options.max_iterations = s->grid;
    memcpy(s->work, s->a.point.theta, s->n * sizeof *s->work);
    return tw_stationary_find(&s->objective, &options, s->work, &result);
}

static tw_status run_align(void *self) {
    subject *s = self;
    tw_alignment_options options = TW_ALIGNMENT_DEFAULTS;
    tw_alignment_result result;
    options.max_sweeps = s->grid;
    memcpy(s->work, s->b.point.theta, s->n * sizeof *s->work);
    s->work[0] += 0.5;
    return tw_align(&s->a.point.model, s->a.point.theta, &options, s->work, &result);
}

static tw_status run_slice(void *self) {
    subject *s = self;
    const tw_axis axes[] = {{s->direction, -1.0, 1.0, s->grid}, {s->work, -1.0, 1.0, s->grid}};
    tw_slice_curvature curvature;
    tw_barrier barrier;
    size_t done;
    tw_status status =
        tw_slice_sample(&s->objective, s->a.point.theta, 2, axes, NULL, s->values, &done);
    if (status == TW_OK)
        status =
            tw_slice_compare(&s->objective, s->a.point.theta, s->direction, 0.1, NULL, &curvature);
    if (status == TW_OK)
        status = tw_slice_barrier(&s->objective, s->a.point.theta, s->direction, s->grid, NULL,
                                  &barrier);
    return status;
}

static tw_status run_directions(void *self) {
    static const char *const names[] = {"random", "eigen:-1", "gauge"};
    subject *s = self;
    tw_direction_options options = TW_DIRECTION_DEFAULTS;
    for (size_t i = 0; i < 3; i++) {
        tw_status status =
            tw_direction_make(s->a.evaluator, s->a.point.theta, names[i], &options, s->work);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

static tw_status run_critical(void *self) {
    subject *s = self;
    tw_critical_options options = TW_CRITICAL_DEFAULTS;
    tw_critical_result result;
    options.starts = s->starts;
    tw_status status = tw_critical_search(&s->a.point.model, &options, NULL, &result);
    if (status == TW_OK) tw_critical_result_clear(&result);
    return status;
}

static void failing_allocations(void **state) {
    (void)state;
    subject s;
    subject_init(&s);
    assert_true(oom_check(run_find, &s) > 5);
    assert_true(oom_check(run_align, &s) > 5);
    assert_true(oom_check(run_slice, &s) > 3);
    assert_true(oom_check(run_directions, &s) > 5);
    subject_clear(&s);
}

/* Two starts: one is the first to come to its point, which is examined and proved. */
static void failing_searches(void **state) {
    (void)state;
    subject s;
    subject_init(&s);
    s.starts = 2;
    assert_true(oom_check(run_critical, &s) > 50);
    subject_clear(&s);
}

/* As many allocations for a fine grid as for a coarse one. */
static void grids_allocate_nothing(void **state) {
    (void)state;
    subject s;
    size_t counts[2];
    subject_init(&s);
    for (size_t j = 0; j < 2; j++) {
        s.grid = j == 0 ? 3 : 60;
        oom_mark();
        assert_ok(run_slice(&s));
        counts[j] = oom_since_mark();
    }
    assert_int_equal(counts[0], counts[1]);
    subject_clear(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failing_allocations),
        cmocka_unit_test(failing_searches),
        cmocka_unit_test(grids_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
