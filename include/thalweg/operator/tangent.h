/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directions known to be flat at a point: the tangent space of a symmetry orbit, as its orthogonal
 * projector. What counts zero modes sees a symmetry as this and nothing more. */
#ifndef THALWEG_TANGENT_H
#define THALWEG_TANGENT_H

#include <thalweg/base/random.h>
#include <thalweg/operator/linop.h>

/* By value; `self` is borrowed. */
typedef struct tw_tangent {
    size_t dimension;    /* of the tangent space */
    tw_linop complement; /* V -> V - (its part in the tangent space) */
    /* v (n, out): a random unit vector of the tangent space; zero when the dimension is 0. The
     * stream moves on alike at all owners of a spread vector. */
    tw_status (*sample)(void *self, tw_random *stream, double *v);
    void *self;
} tw_tangent;

#endif
