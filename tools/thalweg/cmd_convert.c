/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/record/file_record.h>

#include "subject.h"

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

int run_convert(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_subject subject = {0};
    TW_TRY(tw_format_for_path(run->operands[1])
               ? TW_OK
               : tw_fail(TW_ERR_ARGUMENT, "no format has the extension of '%s'; see 'thalweg help'",
                         run->operands[1]));
    TW_TRY(check_whole(run->operands[0], run->operands[1]));
    TW_TRY(subject_open(&subject, run->operands[0], &run->settings));
    TW_TRY(tw_bundle_write(run->operands[1], &subject.bundle));
    if (wants_table(run))
        printf("%s: %zu arrays, %zu metadata entries\n", run->operands[1],
               subject.bundle.array_count, subject.bundle.metadata_count);
    const tw_convert_record record = {run->operands[1], subject.bundle.array_count};
    TW_TRY(write_result(run, subject_input(&subject), &tw_convert_fields, &record));
cleanup:
    subject_close(&subject);
    return status == TW_OK ? EXIT_DONE : report_failure(status);
}
