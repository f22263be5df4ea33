/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descent when any one allocation of ours fails: the status says so and nothing leaks. And where
 * memory must not be asked for: from one step to the next. */
#include "support/descents.h"
#include "support/oom.h"

typedef struct job {
    const tw_descent_method *method;
    size_t steps;
} job;

static tw_status descend(void *self) {
    const job *j = self;
    tw_status status = TW_OK;
    double x[BOWLS];
    tw_descent_state state = {0};
    tw_descent_result result;
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    options.rate = tuning_of(j->method)->bowl;
    options.batch = 8;
    options.max_steps = j->steps;
    options.tolerance = 0.0;
    options.accuracy = 1e-10; /* more steps than either run takes */
    TW_TRY(tw_descent_state_init(&state, j->method, BOWLS, bowl_start));
    TW_TRY(tw_descend(j->method, &bowl_problem, &options, &state, x, &result));
cleanup:
    tw_descent_state_clear(&state);
    return status;
}

static void survives(const tw_descent_method *method, const tuning *t) {
    job j = {method, 3};
    (void)t;
    assert_true(oom_check(descend, &j) >= 6); /* the state's two arrays and the run's four */
}

static void descents_survive(void **state) {
    (void)state;
    with_each(survives);
}

static void counts_allocations(const tw_descent_method *method, const tuning *t) {
    size_t made[2];
    (void)t;
    for (size_t i = 0; i < 2; i++) {
        job j = {method, i == 0 ? 1 : 100};
        oom_mark();
        assert_ok(descend(&j));
        made[i] = oom_since_mark();
    }
    assert_int_equal(made[0], made[1]);
}

static void steps_allocate_nothing(void **state) {
    (void)state;
    with_each(counts_allocations);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descents_survive),
        cmocka_unit_test(steps_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
