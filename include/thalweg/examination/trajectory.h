/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a DUFM looks like along a descent: an observer that measures chosen points. */
#ifndef THALWEG_TRAJECTORY_H
#define THALWEG_TRAJECTORY_H

#include <thalweg/examination/collapse.h>
#include <thalweg/files/bundle.h>
#include <thalweg/training/descent.h>

typedef struct tw_trajectory_options {
    size_t every;          /* rows at the steps that it divides; 0: at steps 0, 1, 2, ... that grow
                              by a twentieth each, about 50 a decade, and where the time of a
                              flow has grown by a quarter; default 0 */
    double rank_tolerance; /* in (0, 1); default 1e-3 */
    bool smallest;         /* the smallest eigenvalue of the Hessian in every row; default false */
    uint64_t seed;         /* of the eigenvalue searches; default 1 */
    const tw_monitor *monitor; /* borrowed: a row that it ends is left out; default NULL */
} tw_trajectory_options;

#define TW_TRAJECTORY_DEFAULTS ((tw_trajectory_options){.rank_tolerance = 1e-3, .seed = 1})

typedef struct tw_trajectory tw_trajectory; /* opaque: an evaluator of its own, and the rows */

TW_API tw_status tw_trajectory_create(const tw_dufm *model, const tw_trajectory_options *options,
                                      tw_trajectory **trajectory);
TW_API void tw_trajectory_destroy(tw_trajectory *trajectory); /* NULL-safe */

/* A tw_observer's `see`, self: a tw_trajectory. */
TW_API tw_status tw_trajectory_see(void *self, const tw_descent_view *view);

/* The view as the last row, unless it is already. */
TW_API tw_status tw_trajectory_close(tw_trajectory *trajectory, const tw_descent_view *view);

/* Drop the rows after a step, from where a run is taken up again. */
TW_API void tw_trajectory_rewind(tw_trajectory *trajectory, size_t step);

/* Rows so far, and one of the columns of one entry a row (values: room for them); false when there
 * is no such column. */
TW_API size_t tw_trajectory_rows(const tw_trajectory *trajectory);
TW_API bool tw_trajectory_read(const tw_trajectory *trajectory, const char *name, double *values);

/* Rows as arrays (r entries, or r x c): step, time, loss, gradient_norm, logit_rank,
 * singular_value (c = min(K, N)), nc1, nc2, nc3 (c = L; -1 where they are undefined),
 * smallest_eigenvalue (when it was asked for), normalised_margin (smallest margin over
 * ||theta||^{L+1}, when there is no ridge and no bias and the logits are homogeneous). Names follow
 * `prefix`. Reading replaces all rows; TW_ERR_DATA when they are those of another model. */
TW_API tw_status tw_trajectory_to_bundle(const tw_trajectory *trajectory, const char *prefix,
                                         tw_bundle *bundle);
TW_API tw_status tw_trajectory_from_bundle(tw_trajectory *trajectory, const char *prefix,
                                           const tw_bundle *bundle);

#endif
