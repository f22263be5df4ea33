/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of densities share. */
#ifndef TEST_DENSITIES_H
#define TEST_DENSITIES_H

#include <thalweg/spectrum/density.h>

static inline tw_density_options by_probes(void) {
    tw_density_options options = TW_DENSITY_DEFAULTS;
    options.budget.dense_limit = 0;
    return options;
}

static inline double total_mass(const tw_density_result *r) {
    double sum = r->continuous.value;
    for (size_t a = 0; a < r->atom_count; a++) sum += r->atoms[a].mass.value;
    return sum;
}

#endif
