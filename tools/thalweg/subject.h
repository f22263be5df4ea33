/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One input file opened for analysis, and what subcommands do with several of them. */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <thalweg/examination/examination.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/point.h>
#include <thalweg/record/spectrum_record.h>

#include "results.h"

typedef struct cli_subject {
    const char *path; /* borrowed */
    char digest[65];
    tw_bundle bundle; /* as read, with the overrides of the command line in its metadata */
    tw_point point;
    tw_evaluator *evaluator;
} cli_subject;

/* Read, check, apply --loss and its kin. Sentences start with the path. */
tw_status subject_open(cli_subject *subject, const char *path, const cli_reading *reading,
                       const cli_common *common);
void subject_close(cli_subject *subject); /* idempotent */

/* {file, sha256, ...} of the record, borrowed from the subject, and as a value of its own. */
tw_input subject_source(const cli_subject *subject);
tw_json *subject_input(const cli_subject *subject);

/* --plan: what work at this point would cost, by products of A (NULL: the Hessian). */
tw_status subject_plan(const cli_subject *subject, const tw_linop *A, const char *route,
                       const tw_cost *work, tw_plan_record *plan);

/* Claim the memory of that work; or, with --plan, say what it would cost, to people and in the
 * record. */
tw_status subject_price(const cli_invocation *run, const cli_budget *budget,
                        const cli_subject *subject, const tw_linop *A, const char *route,
                        const tw_cost *work);

/* `status`, its sentence with the file's name before it: the library's own know arrays, not
 * files. */
tw_status fail_in_file(tw_status status, const char *path);

/* The budget of work at a point of the model: of memory what the point leaves. */
tw_budget budget_at(const cli_common *common, const cli_budget *budget, const tw_dufm *model);

/* The options of an examination as the command line wishes them. */
tw_examination_options examination_options(const cli_common *common, const cli_examining *examining,
                                           const tw_dufm *model);

/* Why counts at `subject` do not stand, on standard error; nothing for "". */
void warn_of_counts(const char *subject, const char *doubt);

/* Behind the text of examinations, a sentence each: points that polishing led far away, doubts
 * behind verdicts. */
void print_doubts(const cli_subject *subjects, const tw_examination *examinations, size_t count);

#endif
