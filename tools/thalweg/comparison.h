/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examinations of one point or of several, which degeneracy and compare share. */
#ifndef COMPARISON_H
#define COMPARISON_H

#include "subject.h"

typedef struct cli_comparison {
    size_t count;
    cli_subject *subjects;
    tw_examination *examinations;
} cli_comparison;

/* Open and examine every operand, and let `record` show the result. Returns the
 * exit code. */
typedef tw_status (*comparison_record)(const cli_invocation *run, const cli_comparison *comparison);
int comparison_run(const cli_invocation *run, const cli_examining *how, comparison_record record);

#endif
