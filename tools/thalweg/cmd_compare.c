/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <thalweg/record/point_record.h>

#include "comparison.h"

typedef struct compare_settings {
    cli_common common;
    cli_examining examining;
} compare_settings;

static tw_status record_comparison(const cli_invocation *run, const cli_comparison *c) {
    tw_status status = TW_OK;
    tw_json *inputs = tw_json_array();
    tw_compared *points = calloc(c->count, sizeof *points);
    TW_TRY(points ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for %zu points", c->count));
    for (size_t i = 0; i < c->count; i++) {
        TW_TRY(tw_json_append(inputs, subject_input(&c->subjects[i])));
        points[i] = (tw_compared){&c->examinations[i], c->subjects[i].path};
    }
    const tw_compare_record made = {c->count, points};
    status = show_result(run, inputs, &tw_compare_fields, &made);
    inputs = NULL;
cleanup:
    tw_json_destroy(inputs);
    free(points);
    return status;
}

static int run_compare(const cli_invocation *run) {
    const compare_settings *s = run->settings;
    return comparison_run(run, &s->examining, record_comparison);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(examining_options, compare_settings, examining),
    EMBED(seconds_options, compare_settings, common),
    EMBED(memory_options, compare_settings, common),
    EMBED(plan_options, compare_settings, examining.budget),
    {0},
};

const cli_command compare_command = {
    "compare",
    "FILE...",
    "polish several optima and set them side by side",
    "Everything that info and degeneracy say, for each file, in one table. Exit code 4 when a "
    "verdict is 'not stationary' or 'ambiguous'.",
    {1, 64},
    {options, sizeof(compare_settings)},
    run_compare};
