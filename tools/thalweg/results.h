/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run leaves: files of arrays with their provenance, records, pages, tables. */
#ifndef RESULTS_H
#define RESULTS_H

#include <thalweg/base/monitor.h>
#include <thalweg/files/bundle.h>
#include <thalweg/files/csv.h>
#include <thalweg/record/point_record.h>

#include "command.h"

/* What the provenance of a file holds beside the run. */
typedef struct cli_origin {
    tw_input input;          /* the file it was made of; its name NULL: none */
    const char *key;         /* of the object that says how; NULL: among the run's own members */
    const tw_fields *fields; /* NULL: nothing */
    const void *made;
} cli_origin;

/* The provenance of this run into a bundle's metadata, and into a file with it; origin: NULL for
 * the run alone. */
tw_status keep_provenance(const cli_invocation *run, tw_bundle *bundle, const cli_origin *origin);
tw_status write_bundle(const cli_invocation *run, const char *path, tw_bundle *bundle,
                       const cli_origin *origin);

/* Is any of --report (or -o of `report`), --figures, --markdown, --latex given? */
bool reports_wanted(const cli_invocation *run);

/* Write what is asked for, about all records together; a warning where figures could not be
 * drawn. monitor: NULL for the pages of a result, which are drawn whatever ended its computation.
 */
tw_status reports_write(const cli_invocation *run, const tw_monitor *monitor, size_t count,
                        const tw_json *const *records);

/* Is a record wanted, to be written or made into a page? */
bool wants_record(const cli_invocation *run);

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

#endif
