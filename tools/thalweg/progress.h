/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of progress on the terminal, and the wish to stop with what there is. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <thalweg/base/budget.h>

#include "options.h"

/* Starts listening to Ctrl-C (SIGINT, SIGTERM), and the clock: after max_seconds (NAN: never) the
 * monitor asks to stop. A stage that does not come back within a second of it is ended with the
 * program (exit code 4, no temporary file left), and so is everything at the second signal. */
void progress_start(double max_seconds);

/* Has a stage been told to stop? What it gave is part of an answer then. */
bool progress_was_stopped(void);

/* The monitor for library calls; shows a line on standard error when that is a terminal. */
const tw_monitor *progress_monitor(void);

/* --max-products, --dense-limit, --seed and --max-seconds, with the monitor. */
tw_budget progress_budget(const cli_common *common, const cli_budget *budget);

/* A few words behind the line, until the next note; self is not used. */
void progress_note(void *self, const char *text);

/* A sentence on standard error, "thalweg: ..", in place of the line; work may go on. */
void progress_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Wipe the line before other output. Until the next report the program is writing what it has, and
 * is not ended for taking its time. */
void progress_clear(void);

#endif
