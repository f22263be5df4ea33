/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <thalweg/record/point_record.h>

#include "progress.h"
#include "subject.h"

typedef struct info_settings {
    cli_common common;
    cli_reading reading;
} info_settings;

/* The shapes of a square H fit either way round. */
static void note_square(const cli_subject *subject) {
    const tw_dufm *model = &subject->point.model;
    if (model->samples != model->widths[0]) return;
    progress_warn(
        "note: %s: 'H' is square (d_0 = N = %zu): no shape tells whether a sample is a column of "
        "it, as it has to be, or a row",
        subject->path, model->samples);
}

static tw_status run_info(const cli_invocation *run) {
    tw_status status = TW_OK;
    const info_settings *s = run->settings;
    cli_subject subject = {0};
    tw_description description = {0};
    TW_TRY(subject_open(&subject, run->operands[0], &s->reading, run->common));
    TW_TRY(tw_point_describe(subject.evaluator, subject.point.theta, s->reading.rank_tolerance,
                             progress_monitor(), &description));
    note_square(&subject);
    TW_TRY(show_result(run, subject_input(&subject), &tw_description_fields, &description));
cleanup:
    tw_description_clear(&description);
    subject_close(&subject);
    return status;
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(reading_options, info_settings, reading),
    EMBED(seconds_options, info_settings, common),
    {0},
};

const cli_command info_command = {
    "info",
    "FILE",
    "describe a point as the file has it",
    "Prints the loss with its two parts, the gradient norm, the rank and singular values of the "
    "logits, the neural-collapse measures of every hidden space, the balance defect, and how many "
    "pre-activations sit on a kink.",
    {1, 1},
    {options, sizeof(info_settings)},
    run_info};
