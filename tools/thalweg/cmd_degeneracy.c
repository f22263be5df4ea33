/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "comparison.h"

static tw_status record_degeneracy(const cli_invocation *run, const cli_comparison *c) {
    tw_json *result = comparison_point(c, 0);
    if (result == NULL) return TW_ERR_MEMORY;
    return write_record(run, subject_input(&c->subjects[0]), result);
}

int run_degeneracy(const cli_invocation *run) {
    return comparison_run(run, record_degeneracy);
}
