/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TW_PERTURBATION_PRIVATE_H
#define TW_PERTURBATION_PRIVATE_H

#include <thalweg/curvature/perturbation.h>

/* What perturbations of n entries have in common: their budget, their subspace, and `count` sizes,
 * called `name`, which must be positive. TW_ERR_ARGUMENT. */
tw_status tw_perturbation_check(size_t n, const tw_budget *budget, const tw_subspace *within,
                                const char *name, size_t count, const double *sizes);

#endif
