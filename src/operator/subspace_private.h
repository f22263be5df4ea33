/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TW_SUBSPACE_PRIVATE_H
#define TW_SUBSPACE_PRIVATE_H

#include <thalweg/operator/subspace.h>

/* Is `length` that of a standard normal vector of n entries after the projection? TW_ERR_DATA when
 * it contradicts the dimension that is said to be removed, TW_ERR_NUMERIC when it is 0 or none. */
tw_status tw_subspace_check_length(const tw_subspace *within, size_t n, double length);

#endif
