/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/run_outcome.h>
#include <thalweg/symmetry/symmetry.h>

/* Nobody asked for a critical point: is it one that descent could have come to? */
static tw_status judge_start(const tw_run *run, tw_run_outcome *outcome) {
    tw_budget budget = TW_LOWEST_BUDGET;
    tw_tangent tangent;
    tw_symmetry *symmetry = NULL;
    const double *theta = run->point.theta;
    if (run->result.reason != TW_DESCENT_STATIONARY || outcome->clarke.on_kink > 0) return TW_OK;
    budget.seed = run->options.seed;
    budget.monitor = run->monitor;
    tw_status status =
        tw_symmetry_create(&run->point.model, theta, TW_RANK_TOLERANCE, run->monitor, &symmetry);
    if (status != TW_OK && status != TW_STOPPED) return status; /* the look will be ended as well */
    if (symmetry) tangent = tw_symmetry_tangent(symmetry);
    status = tw_lowest_curvature(&run->objective, theta, symmetry ? &tangent : NULL, &budget, NULL,
                                 &outcome->lowest);
    outcome->judged = status == TW_OK;
    tw_symmetry_destroy(symmetry);
    return status;
}

static bool is_reached(const tw_run *run, const tw_run_outcome *outcome) {
    const tw_descent_result *r = &run->result;
    if (run->smoothed) return run->smoothing.reason == TW_SMOOTHING_CONVERGED;
    if (outcome->judged && outcome->lowest.negative) return false;
    bool polished = run->polished && r->gradient_norm <= run->options.tolerance;
    return polished || tw_descent_is_converged(r->reason) || r->reason == TW_DESCENT_TIME;
}

tw_status tw_run_judge(const tw_run *run, tw_run_outcome *outcome) {
    tw_status status = TW_OK;
    const tw_dufm *model = &run->point.model;
    *outcome = (tw_run_outcome){.has_direction = !tw_dufm_has_ridge(model),
                                .has_kinks = model->activation->kinked};
    /* Without a ridge the gradient says nothing about where the run is going. */
    if (outcome->has_direction)
        TW_TRY(tw_limit_direction_measure(run->evaluator, run->point.theta, run->trajectory,
                                          run->result.time > 0.0, run->monitor,
                                          &outcome->direction));
    /* Nor does that of a kinked point about whether it is first-order optimal. */
    if (outcome->has_kinks)
        TW_TRY(tw_clarke_measure(run->evaluator, run->point.theta, TW_KINK_TOLERANCE, run->monitor,
                                 NULL, &outcome->clarke));
    TW_TRY(judge_start(run, outcome));
    outcome->reached = is_reached(run, outcome);
cleanup:
    return status;
}
