/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a run: its settings (run_settings.c) and its file (run_file.c). */
#ifndef TW_RUN_PRIVATE_H
#define TW_RUN_PRIVATE_H

#include <thalweg/examination/run.h>

/* Law and seeds of the start; then the rest, with those of the trajectory (out). */
tw_status tw_run_settle_start(tw_run *run, const tw_json *given);
tw_status tw_run_settle(tw_run *run, const tw_json *given, tw_trajectory_options *rows);

/* Whether the files can be written, before any work. */
tw_status tw_run_check_files(const tw_run *run);

/* Point, bundle and settings of a file; then its state, once the method is known, and its rows,
 * once there is a trajectory: none of a fresh start. */
tw_status tw_run_read(tw_run *run, const char *path);
tw_status tw_run_read_state(tw_run *run);
tw_status tw_run_read_rows(tw_run *run);

/* A tw_observer's `keep`, self: a tw_run. Writes the file when the last time was a while ago. */
tw_status tw_run_keep(void *self, const tw_descent_state *state);

#endif
