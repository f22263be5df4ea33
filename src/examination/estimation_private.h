/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the estimates of a point share. */
#ifndef TW_ESTIMATION_PRIVATE_H
#define TW_ESTIMATION_PRIVATE_H

#include <thalweg/examination/estimation.h>

/* On kinks, what hangs on the signs of eigenvalues: the counts of a rule, and sums over those that
 * are zero or not. All else is a figure of one branch, and may stand as one. */
void tw_estimation_withdraw(const tw_estimation *e, tw_zero_rule *counted, tw_estimate *log_det,
                            tw_estimate *zero_modes);

#endif
