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

/* Open the one operand, evaluate the Hessian, choose the route; blocks: sectors are to tell the
 * spectra of parameter blocks too. TW_ERR_ARGUMENT, TW_ERR_DATA when
 * --method asks for a route that cannot be gone. */
tw_status estimation_open(const cli_invocation *run, const cli_estimating *how, bool blocks,
                          cli_estimation *e);

/* Claim the memory of `work`, then try the orbit; or, with --plan, say what it
 * takes. */
tw_status estimation_claim(const cli_invocation *run, cli_estimation *e, const tw_cost *work);
tw_status estimation_plan(const cli_invocation *run, const cli_estimation *e, const tw_cost *work);

/* The operand and the Hessian alone. */
tw_status estimation_start(const cli_invocation *run, const cli_reading *reading,
                           const tw_estimation_options *options, cli_estimation *e);
void estimation_close(cli_estimation *e); /* idempotent */

/* Of counts that do not stand, on standard error; and the exit code that follows from them and how
 * the estimate ended. */
void estimation_warn(const cli_estimation *e);
int estimation_code(const cli_estimation *e, tw_estimate_reason reason);

/* What the records of all of them hold. *orbit (out) is borrowed by it. */
tw_estimation_record estimation_record(const cli_estimation *e, const char *method, double norm,
                                       tw_estimate_reason reason, tw_orbit_record *orbit);
tw_orbit_record estimation_orbit(const cli_estimation *e);

#endif
