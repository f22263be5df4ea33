/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/record.h>

#include "comparison.h"

/* input: a list of files; result: {points: [...]}. */
static tw_status record_comparison(const cli_invocation *run, const cli_comparison *c) {
    tw_status status = TW_OK;
    tw_json *inputs = tw_json_array(), *result = tw_json_object(), *points = tw_json_array();
    TW_TRY(inputs && result ? TW_OK : TW_ERR_MEMORY);
    for (size_t i = 0; i < c->count; i++) {
        TW_TRY(tw_json_append(inputs, subject_input(&c->subjects[i])));
        tw_json *point = comparison_point(c, i);
        TW_TRY(tw_json_append(points, point));
        TW_TRY(tw_json_set(point, "file", tw_json_string(c->subjects[i].path)));
    }
    status = tw_json_set(result, "points", points);
    points = NULL;
    TW_TRY(status);
    status = write_record(run, inputs, result);
    inputs = result = NULL;
cleanup:
    tw_json_destroy(inputs);
    tw_json_destroy(result);
    tw_json_destroy(points);
    return status;
}

int run_compare(const cli_invocation *run) {
    return comparison_run(run, record_comparison);
}
