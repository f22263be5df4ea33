/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "operator/subspace_private.h"

#include <math.h>

#include "dense/vector_private.h"

#define TAIL 40.0 /* exp(-TAIL): chance of a false alarm about the rank */

tw_status tw_subspace_check(const tw_subspace *within, size_t n) {
    bool fits = within->keep == NULL || within->keep->n == n;
    if (tw_space_any_of(within->space, !fits))
        return tw_fail(TW_ERR_SHAPE, "the projector has order %zu, the operator %zu%s",
                       within->keep ? within->keep->n : 0, n,
                       fits ? " (elsewhere they differ)" : "");
    tw_status status = tw_space_check(within->space, n);
    if (status != TW_OK) return status;
    size_t whole = tw_space_dimension(within->space, n);
    if (within->removed > whole)
        return tw_fail(TW_ERR_ARGUMENT, "%zu dimensions are removed from a space of %zu",
                       within->removed, whole);
    if (within->removed > 0 && within->keep == NULL)
        return tw_fail(TW_ERR_ARGUMENT,
                       "a subspace of %zu of %zu dimensions without the projector onto it",
                       whole - within->removed, whole);
    return TW_OK;
}

size_t tw_subspace_rank(const tw_subspace *within, size_t n) {
    return tw_space_dimension(within->space, n) - within->removed;
}

tw_subspace tw_subspace_outside(const tw_tangent *tangent, const tw_space *space) {
    bool whole = tangent == NULL || tangent->dimension == 0;
    return (tw_subspace){.keep = whole ? NULL : &tangent->complement,
                         .removed = whole ? 0 : tangent->dimension,
                         .space = space};
}

bool tw_subspace_is_spread(const tw_subspace *within) {
    return tw_space_is_spread(within->space);
}

/* The square s of the length of a projected normal vector is chi-squared with r degrees of freedom:
 * each of s - r > 2 sqrt(r t) + 2 t and r - s > 2 sqrt(r t) has a probability below exp(-t)
 * (Laurent, Massart, Ann. Statist. 28, 2000). */
tw_status tw_subspace_check_length(const tw_subspace *within, size_t n, double length) {
    size_t rank = tw_subspace_rank(within, n);
    double r = (double)rank, excess = length * length - r, reach = 2.0 * sqrt(r * TAIL);
    if (!isfinite(length) || length == 0.0)
        return tw_fail(TW_ERR_NUMERIC, "the projector gave a vector of length %g", length);
    if (excess > reach + 2.0 * TAIL || -excess > reach)
        return tw_fail(TW_ERR_DATA,
                       "the projector keeps about %.0f of %zu dimensions of a random vector, but "
                       "%zu are said to be removed, which leaves %zu",
                       length * length, tw_space_dimension(within->space, n), within->removed,
                       rank);
    return TW_OK;
}
