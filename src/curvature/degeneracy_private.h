/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TW_DEGENERACY_PRIVATE_H
#define TW_DEGENERACY_PRIVATE_H

#include <thalweg/curvature/degeneracy.h>

/* The counts of result->zero, which do not depend on how it came about. */
void tw_degeneracy_take_counts(tw_degeneracy_result *result);

/* The verdict that follows from the counts and the doubt. */
void tw_degeneracy_conclude(tw_doubt doubt, tw_degeneracy_result *result);

#endif
