/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The volume of a symmetry orbit of a DUFM (docs/mathematics.md, (7.4)): half the log-determinant
 * of the Gram matrix of the generators E_ij - E_ji, plus the volumes of the Stiefel manifolds that
 * they sweep. Nothing here depends on the size of a width but through its number. */
#ifndef THALWEG_ORBIT_VOLUME_H
#define THALWEG_ORBIT_VOLUME_H

#include <thalweg/base/monitor.h>
#include <thalweg/symmetry/symmetry.h>

typedef struct tw_orbit_volume {
    double log_volume; /* gram + stiefel; INFINITY with a free shift of the bias */
    double gram;       /* half the log-determinant */
    double stiefel;    /* sum over the rotated spaces of log Vol V_r(R^d): both components of O(d)
                          where r = d */
} tw_orbit_volume;

/* log prod_{i<r} 2 pi^{(d-i)/2} / Gamma((d-i)/2), 0 <= r <= d. */
TW_API double tw_log_stiefel_volume(double width, size_t rank);

/* At any point, balanced or not; phi other than the identity: of space 0 alone. TW_ERR_UNSUPPORTED
 * when a space has more than 100 signal dimensions, and where rotations move nothing
 * (tw_symmetry_stabilisers); TW_STOPPED when the monitor (may be NULL) ended it: r^6/2 flops a
 * space of r signal dimensions. */
TW_API tw_status tw_orbit_volume_of_symmetry(const tw_symmetry *symmetry, const tw_monitor *monitor,
                                             tw_orbit_volume *volume);

/* At a balanced point of the linear model. widths: L; factors: rank x (L + 1), column l the
 * singular values of F_l in one order for all l. */
TW_API tw_status tw_orbit_volume_of_balanced(size_t layers, const size_t *widths, size_t rank,
                                             const double *factors, tw_orbit_volume *volume);

#endif
