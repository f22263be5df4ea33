/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two points of one model in the coordinates of what they span together.
 *
 * In a rotated space l that is wider than the columns of [T_l, T_{l+1}^T, F_l, F_{l+1}^T], T the
 * target's factors, both points live in the span of those columns, and so do all rotations that
 * matter between them: in an orthonormal basis B_l of it they are points of a model of that
 * width, at the same distance. */
#ifndef TW_THIN_PRIVATE_H
#define TW_THIN_PRIVATE_H

#include <thalweg/model/dufm.h>

typedef struct tw_thin_pair {
    tw_dufm model;          /* with the smaller widths */
    const tw_dufm *whole;   /* borrowed */
    size_t spaces;          /* hidden spaces that may shrink: the rotated ones */
    double **B;             /* spaces: d_l x model.widths[l]; NULL where the width stays */
    double *target, *theta; /* in the coordinates of `model` */
} tw_thin_pair;

/* model, target, theta: borrowed until the clear. */
tw_status tw_thin_pair_init(tw_thin_pair *pair, const tw_dufm *model, const double *target,
                            const double *theta);
void tw_thin_pair_clear(tw_thin_pair *pair); /* idempotent */

/* theta (out, parameters of the whole model) = the pair's theta. */
tw_status tw_thin_pair_lift(const tw_thin_pair *pair, double *theta);

#endif
