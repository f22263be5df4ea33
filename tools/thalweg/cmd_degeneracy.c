/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/point_record.h>

#include "comparison.h"

typedef struct degeneracy_settings {
    cli_common common;
    cli_examining examining;
} degeneracy_settings;

static tw_status record_degeneracy(const cli_invocation *run, const cli_comparison *c) {
    return show_result(run, subject_input(&c->subjects[0]), &tw_examination_fields,
                       &c->examinations[0]);
}

static int run_degeneracy(const cli_invocation *run) {
    const degeneracy_settings *s = run->settings;
    return comparison_run(run, &s->examining, record_degeneracy);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(examining_options, degeneracy_settings, examining),
    EMBED(seconds_options, degeneracy_settings, common),
    EMBED(memory_options, degeneracy_settings, common),
    EMBED(plan_options, degeneracy_settings, examining.budget),
    {0},
};

const cli_command degeneracy_command = {
    "degeneracy",
    "FILE",
    "count negative, zero and positive modes, and explain the zero ones",
    "Polishes the point, counts the modes of its Hessian, and matches zero modes to the symmetry "
    "orbit's tangent space: found, by symmetry, unexplained, with the gap that justifies the "
    "threshold. Verdicts: minimum (modulo symmetry), strict saddle, degenerate (zero modes that no "
    "symmetry explains), not stationary, ambiguous. Exit code 4 for the last two.",
    {1, 1},
    {options, sizeof(degeneracy_settings)},
    run_degeneracy};
