/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/point_record.h>

#include "comparison.h"

static tw_status record_degeneracy(const cli_invocation *run, const cli_comparison *c) {
    return show_result(run, subject_input(&c->subjects[0]), &tw_examination_fields,
                       &c->examinations[0]);
}

int run_degeneracy(const cli_invocation *run) {
    return comparison_run(run, record_degeneracy);
}
