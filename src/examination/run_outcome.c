/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/run_outcome.h>

/* Without a ridge the gradient says nothing about where the run is going. */
static tw_status measure_direction(const tw_run *run, tw_run_outcome *o) {
    o->directed = !tw_dufm_has_ridge(&run->point.model);
    if (!o->directed) return TW_OK;
    return tw_limit_direction_measure(run->evaluator, run->point.theta, run->trajectory,
                                      run->result.time > 0.0, &o->direction);
}

/* The number that says whether a kinked point is first-order optimal: its gradient does not. */
static tw_status measure_clarke(const tw_run *run, tw_run_outcome *o) {
    o->kinked = run->point.model.activation->kinked;
    if (!o->kinked) return TW_OK;
    return tw_clarke_measure(run->evaluator, run->point.theta, TW_KINK_TOLERANCE, NULL, &o->clarke);
}

/* Nobody asked for a critical point: is it one that descent could have come to? */
static tw_status judge_start(const tw_run *run, tw_run_outcome *o) {
    tw_budget budget = TW_LOWEST_BUDGET;
    if (run->result.reason != TW_DESCENT_STATIONARY || o->clarke.on_kink > 0) return TW_OK;
    budget.seed = run->options.seed;
    budget.monitor = run->monitor;
    tw_status status =
        tw_lowest_curvature(&run->objective, run->point.theta, &budget, NULL, &o->lowest);
    o->judged = status == TW_OK;
    return status;
}

static bool has_reached(const tw_run *run, const tw_run_outcome *o) {
    const tw_descent_result *r = &run->result;
    if (run->smoothed) return run->smoothing.reason == TW_SMOOTHING_CONVERGED;
    if (o->judged && o->lowest.negative) return false;
    bool polished = run->polished && r->gradient_norm <= run->options.tolerance;
    return polished || tw_descent_is_converged(r->reason) || r->reason == TW_DESCENT_TIME;
}

tw_status tw_run_judge(const tw_run *run, tw_run_outcome *outcome) {
    tw_status status = TW_OK;
    *outcome = (tw_run_outcome){0};
    TW_TRY(measure_direction(run, outcome));
    TW_TRY(measure_clarke(run, outcome));
    TW_TRY(judge_start(run, outcome));
    outcome->reached = has_reached(run, outcome);
cleanup:
    return status;
}
