/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The representative of a symmetry orbit that is nearest to another point: rotations of the hidden
 * spaces by orthogonal Procrustes problems in turn (docs/mathematics.md, section 13). */
#ifndef THALWEG_ALIGNMENT_H
#define THALWEG_ALIGNMENT_H

#include <stdbool.h>
#include <thalweg/model/dufm.h>

typedef struct tw_alignment_options {
    size_t max_sweeps; /* over all rotated spaces, from each beginning; default 2000 */
    double tolerance;  /* a sweep that gains less than tolerance * (||theta||^2 + ||target||^2) of
                          squared distance is the last; >= 0; default 1e-16 */
    bool permute;      /* also exchange classes of equal size, where that brings the mean logits of
                          the classes nearer; default false */
} tw_alignment_options;

#define TW_ALIGNMENT_DEFAULTS ((tw_alignment_options){.max_sweeps = 2000, .tolerance = 1e-16})

typedef struct tw_alignment_result {
    double distance_before, distance; /* ||theta - target||_2 */
    size_t sweeps;                    /* from the beginning that was best */
    bool converged;                   /* the last sweep gained nothing */
    size_t exchanged;                 /* classes that changed their place */
} tw_alignment_result;

/* theta (in/out, P) is replaced by a point of its orbit near target (P), whatever the loss: with a
 * linear phi every hidden space is rotated, with another one space 0 alone. The turns start from
 * three beginnings (as it is, from the logits down, from the features up) and the nearest end is
 * kept, which is a minimum over each space by itself; theta never moves away. options: NULL for the
 * defaults. */
TW_API tw_status tw_align(const tw_dufm *model, const double *target,
                          const tw_alignment_options *options, double *theta,
                          tw_alignment_result *result);

#endif
