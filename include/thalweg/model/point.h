/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A point of a DUFM's parameter space, from and to named arrays.
 *
 * Arrays: H (d_0 x N), W1 .. WL (W_l: d_l x d_{l-1}), labels (N integers), optional b (K).
 * Metadata: loss, activation, lambda_W (a number, or a list of L), lambda_H, lambda_b (default 0);
 * classes, samples_per_class (a number or a list), widths (d_0 .. d_{L-1}) are checked against the
 * arrays when they stand there. Everything else is nobody's business here and stays in the bundle.
 */
#ifndef THALWEG_POINT_H
#define THALWEG_POINT_H

#include <thalweg/base/cost.h>
#include <thalweg/files/bundle.h>
#include <thalweg/model/dufm.h>

/* Owns both. */
typedef struct tw_point {
    tw_dufm model;
    double *theta; /* P doubles, layout of dufm.h */
} tw_point;

TW_API void tw_point_clear(tw_point *point); /* idempotent, NULL-safe */

/* The bundle (in/out) takes on the model's names and shapes: its metadata entry `map` is worked off
 * (names.h), labels of N x 1, 1 x N or one-hot N x K or K x N become N numbers, a bias of K x 1 or
 * 1 x K becomes K. TW_ERR_SHAPE, TW_ERR_DATA, TW_ERR_UNSUPPORTED with array names and numbers;
 * *point untouched on failure. */
TW_API tw_status tw_point_from_bundle(tw_bundle *bundle, tw_point *point);

/* Replace (or add) the point's arrays, as float64, and its metadata in a bundle; other entries
 * stay. */
TW_API tw_status tw_point_to_bundle(const tw_point *point, tw_bundle *bundle);

/* Memory of a point read from a file: its arrays as they stand in the bundle, and theta. */
TW_API void tw_point_cost(const tw_dufm *model, tw_cost *cost);

#endif
