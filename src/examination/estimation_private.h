/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the estimates of a point share. */
#ifndef TW_ESTIMATION_PRIVATE_H
#define TW_ESTIMATION_PRIVATE_H

#include <thalweg/examination/estimation.h>

/* The symmetry with its tangent, once; none where the budget ends it. */
tw_status tw_estimation_symmetry(tw_estimation *estimation);

/* Judge the counts of an exact route, all P of them (others pass). Where sectors apply and the
 * dense route cannot tell a value next to zero, sectors are the route from here on and *again is
 * true: the estimate has to be made anew. estimation->doubt then says why counts do not stand.
 * Counts of two routes that contradict each other, and those at a point that is not stationary or
 * that sits on kinks, are taken out of the rule (in/out). */
tw_status tw_estimation_settle(tw_estimation *estimation, tw_zero_rule *counted, bool *again);

/* On kinks, what hangs on the signs of eigenvalues: the counts of a rule, and sums over those that
 * are zero or not. All else is a figure of one branch, and may stand as one. */
void tw_estimation_withdraw(const tw_estimation *e, tw_zero_rule *counted, tw_estimate *log_det,
                            tw_estimate *zero_modes);

#endif
