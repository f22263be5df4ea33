/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a computation may spend, where it draws its random numbers from, and whom it tells how far
 * it is. One struct for all of them, embedded in their options.
 *
 * Every field means what it says, also when it is zero: a budget of all zeros allows no product and
 * no dense matrix, and has no deadline. Start from TW_BUDGET_DEFAULTS. */
#ifndef THALWEG_BUDGET_H
#define THALWEG_BUDGET_H

#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/monitor.h>

typedef struct tw_budget {
    size_t products;    /* single-vector products of the operator at most; default 200000 */
    size_t dense_limit; /* matrices are assembled up to this order; default 6000 */
    double bytes;       /* memory that it may hold at a time, beyond the operator and its inputs (as
                           tw_cost counts it), as far as it has a choice; 0: as much as is best;
                           default 0 */
    double deadline;    /* on the clock of tw_clock_seconds: a stage that comes to it ends as if the
                           monitor had asked for it; > 0; 0: none; default 0 */
    uint64_t seed;      /* of all random streams; default 1 */
    const tw_monitor *monitor; /* borrowed; default NULL */
} tw_budget;

#define TW_BUDGET_DEFAULTS ((tw_budget){.products = 200000, .dense_limit = 6000, .seed = 1})

/* TW_ERR_ARGUMENT when the deadline is negative or no number. */
TW_API tw_status tw_budget_check(const tw_budget *budget);

/* Tells the monitor; true: end with what there is, because it says so or the deadline is past. */
TW_API bool tw_budget_report(const tw_budget *budget, const char *stage, double done, double total);

/* The budget as a monitor, for what takes nothing else; `budget` is borrowed. */
TW_API tw_monitor tw_budget_monitor(const tw_budget *budget);

/* What is left of the products after `used`; 0 when they were overdrawn. */
TW_API size_t tw_budget_left(const tw_budget *budget, size_t used);

/* The same budget for what comes after `used` products. */
TW_API tw_budget tw_budget_after(tw_budget budget, size_t used);

#endif
