/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optima weighed against each other, as tables. */
#ifndef CLI_FREE_ENERGY_H
#define CLI_FREE_ENERGY_H

#include <thalweg/curvature/weights.h>

tw_status weights_print(const tw_weights *w);

#endif
