/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run: a descent of a DUFM that is kept in a file and can be taken up again, with the same bits
 * at the end as without the interruption. The file is a point like any other; an unfinished run
 * also keeps in it
 *     resume.x, resume.memory, resume.counters, resume.rows.*   the state and the trajectory
 * and every run the metadata entry "training", its settings, a JSON object:
 *     method        a name of tw_descent_method_at ("lbfgs")
 *     init          the law of the start (initialisation.h; TW_RUN_LAW)
 *     seed, restart the start is number `restart` (0) of the seed (1)
 *     tolerance, steps, checkpoint, lr, momentum, batch, t_end, accuracy
 *                   tw_descent_options, where `checkpoint` is a segment and `lr` the rate
 *     trajectory    where the rows go: a file of a known format, or .csv; absent: no rows
 *     every, lambda_min   tw_trajectory_options; the smallest eigenvalue in every row
 *     polish        finish with Newton steps
 *     smooth        relu: finish at a first-order optimal point (smoothing.h)
 * What is asked for now wins over what the file says, and that over the defaults; method, law and
 * seeds of a run that has begun stay. */
#ifndef THALWEG_RUN_H
#define THALWEG_RUN_H

#include <thalweg/examination/examination.h>
#include <thalweg/examination/trajectory.h>
#include <thalweg/files/json.h>
#include <thalweg/model/batch.h>
#include <thalweg/model/point.h>
#include <thalweg/spectrum/rates.h>
#include <thalweg/stratum/smoothing.h>
#include <thalweg/training/descent.h>

#define TW_RUN_LAW "H:normal:1,W:uniform-fanin" /* as PyTorch draws linear layers and features */

/* Initialise as {.output = ...}; all else is filled by the functions. Release with tw_run_clear. */
typedef struct tw_run {
    /* Asked for; borrowed. */
    const char *output;        /* the run's file; of a known format */
    const tw_monitor *monitor; /* NULL: none */
    double rank_tolerance;     /* of the trajectory; in (0, 1) */
    /* The run. Owned. */
    tw_point point;         /* the model; theta: the last point */
    tw_bundle bundle;       /* what the file holds beside the point; metadata set here are kept */
    tw_json *settings;      /* the metadata entry */
    char digest[65];        /* of the file that was taken up; "" for a fresh start */
    const char *law, *rows; /* of settings, borrowed from them; rows NULL: nowhere */
    uint64_t restart;
    bool polish, smooth;
    const tw_descent_method *method;
    tw_descent_options options;
    tw_descent_state state;
    tw_evaluator *evaluator;
    tw_objective objective; /* of the evaluator */
    tw_batch *batch;        /* NULL: whole gradients */
    tw_minibatch minibatch;
    tw_trajectory *trajectory; /* NULL: not asked for, and the model has a ridge */
    double last_kept;          /* clock, seconds */
    /* How it went. */
    tw_descent_result result; /* with polishing and smoothing in its counts */
    bool smoothed;            /* then the next says how it went */
    tw_smoothing_result smoothing;
    bool polished; /* then the next says how it went */
    tw_polishing polishing;
} tw_run;

/* A fresh start of a model (taken over, whatever the status). given: members as above, NULL: none.
 * TW_ERR_ARGUMENT with a sentence that names the member. */
TW_API tw_status tw_run_begin(tw_run *run, tw_dufm *model, const tw_json *given);

/* The run in a file. TW_ERR_DATA when there is none, or it has ended; TW_ERR_ARGUMENT where `given`
 * contradicts it. */
TW_API tw_status tw_run_take_up(tw_run *run, const char *path, const tw_json *given);

/* Descend; smooth or polish when asked to. The file is brought up to date twice a second. */
TW_API tw_status tw_run_descend(tw_run *run);

/* Write the file and the trajectory's, as they stay. */
TW_API tw_status tw_run_write(tw_run *run);

TW_API void tw_run_clear(tw_run *run); /* idempotent, NULL-safe */

/* A descent of a model, at its point and evaluator: the method and its minibatches. */
TW_API void tw_model_descent_cost(const tw_dufm *model, const tw_descent_method *method,
                                  const tw_descent_options *options, tw_cost *cost);

/* A run that is open, and the description of where it ends. Gradients and Hessian products as in
 * tw_descent_cost, with those of the finish that was asked for; INFINITY where there is no bound.
 * No search from a stationary start is among them. */
TW_API void tw_run_cost(const tw_run *run, tw_cost *cost);

/* Seconds of that, by short runs of a gradient and, where they occur, a Hessian product at the
 * point. TW_ERR_MEMORY, TW_ERR_NUMERIC. */
TW_API tw_status tw_run_time(const tw_run *run, const tw_cost *cost, tw_cost_seconds *seconds);

#endif
