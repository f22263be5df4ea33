/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/record/file_record.h>

#include "outputs.h"
#include "subject.h"

typedef struct convert_settings {
    cli_common common;
    cli_reading reading;
} convert_settings;

/* The rest of a file of which one group is rewritten would be lost. */
static tw_status check_whole(const char *from, const char *to) {
    char *file = NULL;
    const char *inside;
    tw_status status = tw_path_split(from, &file, &inside);
    if (status == TW_OK && *inside && is_one_file(file, to))
        status = tw_fail(TW_ERR_ARGUMENT, "%s is the input %s: its other groups would be lost", to,
                         from);
    free(file);
    return status;
}

static tw_status run_convert(const cli_invocation *run) {
    tw_status status = TW_OK;
    const convert_settings *s = run->settings;
    cli_subject subject = {0};
    TW_TRY(tw_format_for_path(run->operands[1])
               ? TW_OK
               : tw_fail(TW_ERR_ARGUMENT, "no format has the extension of '%s'; see 'thalweg help'",
                         run->operands[1]));
    TW_TRY(check_whole(run->operands[0], run->operands[1]));
    TW_TRY(subject_open(&subject, run->operands[0], &s->reading, run->common));
    TW_TRY(tw_bundle_write(run->operands[1], &subject.bundle));
    if (wants_table(run))
        printf("%s: %zu arrays, %zu metadata entries\n", run->operands[1],
               subject.bundle.array_count, subject.bundle.metadata_count);
    const tw_convert_record record = {run->operands[1], subject.bundle.array_count};
    TW_TRY(write_result(run, subject_input(&subject), &tw_convert_fields, &record));
cleanup:
    subject_close(&subject);
    return status;
}

static const cli_option options[] = {
    TABLE(common_options, 0),
    EMBED(saying_options, convert_settings, reading),
    {0},
};

const cli_command convert_command = {
    "convert",
    "IN OUT",
    "rewrite a point in another format",
    "The formats follow the extensions: .safetensors, .npz (with its metadata in a .json file "
    "beside it), .h5. The input is checked as a model first; nothing is written when it does not "
    "hold together. Arrays keep their element type, unknown metadata is carried along.",
    {2, 2},
    {options, sizeof(convert_settings)},
    run_convert};
