/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimation.h"

#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "progress.h"

/* What --method means here; by any other name random probes. */
static tw_estimation_route route_named(const char *method) {
    static const char *const names[] = {"auto", "dense", "sectors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], method) == 0) return (tw_estimation_route)i;
    return TW_ROUTE_PROBES;
}

tw_status estimation_start(const cli_invocation *run, const cli_reading *reading,
                           const tw_estimation_options *options, cli_estimation *e) {
    tw_status status = TW_OK;
    memset(e, 0, sizeof *e);
    TW_TRY(subject_open(&e->subject, run->operands[0], reading, run->common));
    TW_TRY(tw_estimation_start(e->subject.evaluator, e->subject.point.theta, options, &e->at));
cleanup:
    return status;
}

static tw_status refuse_dense(const cli_budget *budget, size_t n) {
    if (n > budget->dense_limit)
        return tw_fail(TW_ERR_ARGUMENT,
                       "--method dense: %zu parameters are above --dense-limit %zu", n,
                       budget->dense_limit);
    return tw_fail(TW_ERR_ARGUMENT,
                   "--method dense: %zu parameters take %zu products, more than --max-products %zu",
                   n, 2 * n, budget->max_products);
}

/* The library's own sentences know neither files nor options. */
static tw_status choose(const cli_budget *budget, cli_estimation *e) {
    tw_status status = tw_estimation_choose(&e->at);
    if (status == TW_ERR_UNSUPPORTED) return refuse_dense(budget, e->at.H.n);
    return status == TW_ERR_DATA ? fail_in_file(status, e->subject.path) : status;
}

static const char *route_name(tw_estimation_route route) {
    return route == TW_ROUTE_DENSE ? "dense" : route == TW_ROUTE_SECTORS ? "sectors" : "probes";
}

/* The orbit is tried before the estimate, and kept; sectors need none. */
static tw_status price(const cli_estimate *x, tw_cost *work) {
    const cli_subject *subject = &x->e.subject;
    tw_estimation_route route = x->e.at.route;
    if (route != TW_ROUTE_SECTORS)
        tw_estimation_add_orbit(&subject->point.model, subject->point.theta, work);
    return subject_price(x->run, &x->how->budget, subject, &x->e.at.H, route_name(route), work);
}

void estimation_close(cli_estimation *e) {
    tw_estimation_clear(&e->at);
    subject_close(&e->subject);
}

void estimation_warn(const cli_estimation *e) {
    warn_of_counts(e->subject.path, e->at.doubt);
}

tw_status estimation_run(const cli_invocation *run, const cli_estimating *how, bool blocks,
                         tw_status (*figure)(cli_estimate *x)) {
    tw_status status = TW_OK;
    tw_cost work = {0};
    cli_estimate x = {.run = run,
                      .how = how,
                      .budget = progress_budget(run->common, &how->budget),
                      .cost = &work};
    const tw_estimation_options options = {.route = route_named(how->probing.method),
                                           .rank_tolerance = how->reading.rank_tolerance,
                                           .blocks = blocks,
                                           .budget = x.budget};
    TW_TRY(estimation_start(run, &how->reading, &options, &x.e));
    TW_TRY(choose(&how->budget, &x.e));
    TW_TRY(figure(&x));
    x.cost = NULL;
    TW_TRY(price(&x, &work));
    if (how->budget.plan) goto cleanup;
    if (x.e.at.route != TW_ROUTE_SECTORS) TW_TRY(tw_estimation_try_orbit(&x.e.at));
    TW_TRY(figure(&x));
    estimation_warn(&x.e);
    if (x.reason != TW_ESTIMATE_COMPLETE || x.e.at.doubt[0]) *run->code = EXIT_NOT_CONVERGED;
cleanup:
    estimation_close(&x.e);
    return status;
}

tw_orbit_record estimation_orbit(const cli_estimation *e) {
    return (tw_orbit_record){e->at.tangent.dimension, e->at.within.keep != NULL, e->at.stationary,
                             e->at.tangent_residual};
}

tw_estimation_record estimation_record(const cli_estimation *e, const char *method, double norm,
                                       tw_estimate_reason reason, tw_orbit_record *orbit) {
    *orbit = estimation_orbit(e);
    return (tw_estimation_record){.parameters = e->at.H.n,
                                  .method = method,
                                  .norm = norm,
                                  .gradient_norm = e->at.gradient_norm,
                                  .standing = {&e->at.kinks, e->at.doubt},
                                  .products = e->at.hessian.products,
                                  .reason = reason,
                                  .orbit = e->at.tried ? orbit : NULL};
}
