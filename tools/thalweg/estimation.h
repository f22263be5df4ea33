/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What density, trace and flatness share: the one operand, and the route that --method means for
 * it. */
#ifndef ESTIMATION_H
#define ESTIMATION_H

#include <thalweg/examination/estimation.h>
#include <thalweg/record/estimate_record.h>

#include "subject.h"

typedef struct cli_estimation {
    cli_subject subject;
    tw_estimation at;
} cli_estimation;

/* The operand and the Hessian alone. */
tw_status estimation_start(const cli_invocation *run, const cli_reading *reading,
                           const tw_estimation_options *options, cli_estimation *e);
void estimation_close(cli_estimation *e); /* idempotent */

/* Of counts that do not stand, on standard error. */
void estimation_warn(const cli_estimation *e);

/* One estimate under way. */
typedef struct cli_estimate {
    const cli_invocation *run;
    const cli_estimating *how;
    tw_budget budget;
    cli_estimation e;
    tw_cost *cost;             /* NULL: estimate and show it; else only say what that takes */
    tw_estimate_reason reason; /* out: how it ended */
} cli_estimate;

/* A run of it: open the one operand, choose the route, claim the memory, try the orbit, estimate;
 * or, with --plan, say what that takes. blocks: there are figures of parameter blocks.
 * TW_ERR_ARGUMENT, TW_ERR_DATA when --method asks for a route that cannot be gone. */
tw_status estimation_run(const cli_invocation *run, const cli_estimating *how, bool blocks,
                         tw_status (*figure)(cli_estimate *x));

/* What the records of all of them hold. *orbit (out) is borrowed by it. */
tw_estimation_record estimation_record(const cli_estimation *e, const char *method, double norm,
                                       tw_estimate_reason reason, tw_orbit_record *orbit);
tw_orbit_record estimation_orbit(const cli_estimation *e);

#endif
