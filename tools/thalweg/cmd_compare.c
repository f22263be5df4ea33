/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <thalweg/record/point_record.h>

#include "comparison.h"

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

int run_compare(const cli_invocation *run) {
    return comparison_run(run, record_comparison);
}
