/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What density and trace share: the Hessian at a point, the route that --method means for it, and
 * for random probes its symmetry orbit, deflated where the point is stationary enough for the orbit
 * to be null. */
#ifndef ESTIMATION_H
#define ESTIMATION_H

#include <thalweg/operator/hessian.h>
#include <thalweg/optima/sectors.h>
#include <thalweg/spectrum/estimate.h>
#include <thalweg/symmetry/symmetry.h>

#include "subject.h"

typedef struct cli_estimation {
    cli_subject subject;
    tw_objective objective;
    tw_hessian hessian; /* counts all products; borrows the two above */
    tw_linop H;
    double gradient_norm;
    tw_kinks kinks;
    bool dense;            /* the route: all eigenvalues; else sectors when they are applicable; */
    tw_sectors sectors;    /* else random probes */
    tw_symmetry *symmetry; /* NULL but for random probes: the other routes need none */
    tw_tangent tangent;
    double tangent_residual; /* largest ||H v||/||H|| over random unit tangent vectors; NAN */
    tw_subspace within;      /* outside the orbit; the whole space when nothing is deflated */
} cli_estimation;

/* Open the one operand, evaluate the Hessian, choose the route. TW_ERR_ARGUMENT, TW_ERR_DATA when
 * --method asks for a route that cannot be gone. */
tw_status estimation_open(const cli_invocation *run, cli_estimation *e);

/* Claim the memory of `work`, then try the orbit for random probes; or, with --plan, say what it
 * takes. */
tw_status estimation_claim(const cli_invocation *run, cli_estimation *e, const tw_cost *work);
tw_status estimation_plan(const cli_invocation *run, const cli_estimation *e, const tw_cost *work);

/* Its parts: the operand and the Hessian; the orbit. */
tw_status estimation_start(const cli_invocation *run, cli_estimation *e);
tw_status estimation_symmetry(const cli_invocation *run, cli_estimation *e); /* its tangent alone */
tw_status estimation_try_orbit(const cli_invocation *run, cli_estimation *e);
void estimation_close(cli_estimation *e); /* idempotent */

/* File, method, products, norm; what was done about the orbit. */
void estimation_print(const cli_estimation *e, const char *method, double norm);
void estimation_print_orbit(const cli_estimation *e); /* the latter alone; nothing without one */
void estimation_warn(const cli_estimation *e);        /* of kinks, on standard error */

/* Members of the record that both have; in `result`, which the caller owns. */
tw_status estimation_record(const cli_estimation *e, const char *method, double norm,
                            tw_estimate_reason reason, tw_json *result);

/* {dimension, deflated, tangent_residual}; NULL when memory is short. */
tw_json *estimation_orbit_json(const cli_estimation *e);

/* {value, error, low, high, exact}; NULL when memory is short. */
tw_json *estimate_json(const tw_estimate *estimate);

#endif
