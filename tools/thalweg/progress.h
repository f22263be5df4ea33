/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of progress on the terminal, and Ctrl-C as the wish to stop with what there is. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <thalweg/base/budget.h>

#include "settings.h"

/* Starts listening to Ctrl-C, and the clock: after max_seconds (0: never) the monitor asks to stop.
 * The second Ctrl-C ends the program. */
void progress_start(double max_seconds);

/* The monitor for library calls; shows a line on standard error when that is a terminal. */
const tw_monitor *progress_monitor(void);

/* --max-products, --dense-limit, --seed and --max-seconds, with the monitor. */
tw_budget progress_budget(const cli_settings *settings);

/* A few words behind the line, until the next note; self is not used. */
void progress_note(void *self, const char *text);

/* Wipe the line before other output. */
void progress_clear(void);

#endif
