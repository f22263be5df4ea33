/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One input file opened for analysis, and what subcommands do with several of them. */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <thalweg/examination/examination.h>
#include <thalweg/files/csv.h>
#include <thalweg/files/json.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/point.h>
#include <thalweg/record/fields.h>
#include <thalweg/record/spectrum_record.h>

#include "command.h"

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

/* {file, sha256, ...} of the record. */
tw_json *subject_input(const cli_subject *subject);

/* --plan: what work at this point would cost, by products of A (NULL: the Hessian). */
tw_status subject_plan(const cli_subject *subject, const tw_linop *A, const char *route,
                       const tw_cost *work, tw_plan_record *plan);

/* The same, said to people and in the record. */
tw_status subject_show_plan(const cli_invocation *run, const cli_subject *subject,
                            const tw_linop *A, const char *route, const tw_cost *work);

/* A plan, said to people under this name and in the record; takes over input. */
tw_status show_plan(const cli_invocation *run, const char *name, tw_json *input,
                    const tw_plan_record *plan);

/* `status`, its sentence with the file's name before it: the library's own know arrays, not
 * files. */
tw_status fail_in_file(tw_status status, const char *path);

/* Do two paths lead to one file that is there? */
bool is_one_file(const char *a, const char *b);

/* Is a result about to replace one of the inputs? TW_ERR_ARGUMENT with both names; path may be
 * NULL. */
tw_status check_not_input(const cli_invocation *run, const char *path);

/* The options of an examination as the command line wishes them. */
tw_examination_options examination_options(const cli_common *common,
                                           const cli_examining *examining);

/* Is a record wanted, to be written or made into a page? */
bool wants_record(const cli_invocation *run);

/* What the provenance of a file holds beside the run. */
typedef struct cli_origin {
    const cli_subject *subject; /* the file it was made of; NULL: none */
    const char *key;            /* of the object that says how; NULL: among the run's own members */
    const tw_fields *fields;    /* NULL: nothing */
    const void *made;
} cli_origin;

/* The provenance of this run into a bundle's metadata, and into a file with it; origin: NULL for
 * the run alone. */
tw_status keep_provenance(const cli_invocation *run, tw_bundle *bundle, const cli_origin *origin);
tw_status write_bundle(const cli_invocation *run, const char *path, tw_bundle *bundle,
                       const cli_origin *origin);

/* A record of this run; takes over both values; NULL: out of memory. */
tw_json *make_record(const cli_invocation *run, tw_json *input, tw_json *result);

/* Where --json says ("-": standard output); nowhere without it. */
tw_status store_record(const cli_invocation *run, const tw_json *record);

/* Wrap a result and write what --json, --report, --figures, --markdown and --latex ask for; takes
 * over both values. Nothing without any of them. */
tw_status write_record(const cli_invocation *run, tw_json *input, tw_json *result);

/* The same for a result with a table; nothing is made when no record is wanted. Takes over input.
 */
tw_status write_result(const cli_invocation *run, tw_json *input, const tw_fields *fields,
                       const void *result);

/* The same, and the text of it for people before. */
tw_status show_result(const cli_invocation *run, tw_json *input, const tw_fields *fields,
                      const void *result);

/* The table as --csv says: a file, or standard output for "-". */
tw_status write_csv(const cli_invocation *run, const tw_csv_table *table);

/* Are tables for people wanted? Not when the record or the CSV goes to standard output. */
bool wants_table(const cli_invocation *run);

/* Why counts at `subject` do not stand, on standard error; nothing for "". */
void warn_of_counts(const char *subject, const char *doubt);

/* Behind the text of examinations, a sentence each: points that polishing led far away, doubts
 * behind verdicts. */
void print_doubts(const cli_subject *subjects, const tw_examination *examinations, size_t count);

#endif
