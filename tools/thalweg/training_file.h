/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a training run, read and written. */
#ifndef TRAINING_FILE_H
#define TRAINING_FILE_H

#include "training.h"

/* Formats of --output and --trajectory, before any work. */
tw_status training_check_outputs(const cli_training *t);

/* The file that --resume names: point, bundle, settings. */
tw_status training_read(cli_training *t);
/* Its state, once the method is known, and its rows, once there is a trajectory. */
tw_status training_read_state(cli_training *t);
tw_status training_read_rows(cli_training *t);

/* A tw_observer's `keep`, self: a cli_training. Writes the file when the last time was a while
 * ago. */
tw_status training_keep(void *self, const tw_descent_state *state);

#endif
