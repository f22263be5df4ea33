/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One descent of the command line: its settings, the file it is kept in, and how it is taken up
 * again. The file is a point like any other; an unfinished run also keeps in it
 *     resume.x, resume.memory, resume.counters, resume.rows.*   the state and the trajectory
 * and every run the metadata entry "training" (method, law, seed, numbers; JSON). */
#ifndef TRAINING_H
#define TRAINING_H

#include <thalweg/examination/examination.h>
#include <thalweg/examination/trajectory.h>
#include <thalweg/files/json.h>
#include <thalweg/model/batch.h>
#include <thalweg/stratum/smoothing.h>
#include <thalweg/training/descent.h>

#include "subject.h"

typedef struct cli_training {
    const cli_invocation *run;
    const char *output; /* where the point goes; NULL: nowhere */
    char digest[65];    /* of the resumed file; "" for a fresh start */
    tw_point point;     /* the model; theta: the last point */
    tw_bundle bundle;   /* what the file holds beside the point */
    tw_json *settings;  /* the metadata entry */
    const char *law;    /* of the start; borrowed from settings */
    uint64_t restart;   /* number of the start */
    const char *rows;   /* where the trajectory goes, NULL: nowhere; borrowed from settings */
    bool polish, smooth;
    const tw_descent_method *method;
    tw_descent_options options;
    tw_descent_state state;
    tw_descent_result result;
    tw_evaluator *evaluator;
    tw_objective objective;
    double *gradient; /* P, for looks at the last point */
    tw_batch *batch;  /* NULL: whole gradients */
    tw_minibatch minibatch;
    tw_trajectory *trajectory; /* NULL: not asked for */
    bool smoothed;             /* then the next says how it went */
    tw_smoothing_result smoothing;
    bool polished; /* then the next says how it went */
    tw_polishing polishing;
    double last_kept; /* clock, seconds */
} cli_training;

/* A fresh start from the options, or the state of the file that --resume names. */
tw_status training_open(cli_training *t, const cli_invocation *run);
void training_close(cli_training *t); /* idempotent */

/* Descend; polish when asked to. The file is brought up to date every few seconds. */
tw_status training_run(cli_training *t);

/* ---- Settings (training_settings.c) ---- */

/* Law and seeds of the start, for a model that is known; then the rest of the settings. */
tw_status training_settle_start(cli_training *t);
tw_status training_settle(cli_training *t, tw_trajectory_options *rows);

/* ---- The file (training_file.c) ---- */

/* Whether --output and the trajectory can be written, before any work. */
tw_status training_check_output(const cli_training *t);
tw_status training_check_rows(const cli_training *t);

/* The file that --resume names: point, bundle, settings. */
tw_status training_read(cli_training *t);
/* Its state, once the method is known, and its rows, once there is a trajectory. */
tw_status training_read_state(cli_training *t);
tw_status training_read_rows(cli_training *t);

/* A tw_observer's `keep`, self: a cli_training. Writes the file when the last time was a while
 * ago. */
tw_status training_keep(void *self, const tw_descent_state *state);

/* The file and the trajectory's, as they stay. */
tw_status training_store(cli_training *t);

#endif
