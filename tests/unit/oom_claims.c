/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims while memory runs short: the first case of those that are cheap enough to be computed once
 * for every allocation. */
#include <thalweg/claims/claims.h>

#include "support/oom.h"
#include "support/test.h"

/* Ends a claim after its first case. */
static bool after_one(void *self, const char *stage, double done, double total) {
    int *calls = self;
    (void)stage;
    (void)done;
    (void)total;
    return ++*calls > 1;
}

static tw_status evaluate(void *self) {
    const char *id = self;
    int calls = 0;
    const tw_monitor monitor = {.report = after_one, .self = &calls};
    tw_claim_options options = TW_CLAIM_DEFAULTS;
    tw_claim_result result;
    options.quick = true;
    options.monitor = &monitor;
    return tw_claim_evaluate(tw_claim_find(id), &options, &result);
}

static void nothing_is_left_behind(void **state) {
    (void)state;
    static char ids[][2] = {"g", "i"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_true(oom_check(evaluate, ids[i]) > 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_left_behind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
