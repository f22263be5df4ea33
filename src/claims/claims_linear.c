/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claim (k): squared error. Linear: f >= sum of K scalar functions of the singular values
 * (docs/mathematics.md (11.5)), whose least value is bounded from below by steps that overlap.
 * Relu: one point is enough. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/optima/construction.h>
#include <thalweg/training/descent.h>

#include "base/alloc_private.h"

#define SLACK 1e-8 /* of a proof, relative to the loss of collapse */
#define STEPS 100000000

typedef struct optimality {
    size_t cells, unproved, starts;
    double lowest;  /* smallest (f - f(dnc))/f(dnc) of any descent */
    size_t reached; /* descents that ended at the loss of collapse */
} optimality;

/* Is g(x) = (1-x)^2/(2K) + c x^p >= target on [0, 1]? From a, both terms bound g from below on [a,
 * b] by (1-b)^2/(2K) + c a^p, which stays above the target up to the b that solves for equality. */
static bool bounded_below(double K, double c, double p, double target) {
    double a = 0.0;
    for (size_t i = 0; i < STEPS && a < 1.0; i++) {
        double rest = target - c * pow(a, p);
        if (rest <= 0.0) return true;
        double b = 1.0 - sqrt(2.0 * K * rest);
        if (!(b > a)) return false;
        a = b;
    }
    return a >= 1.0;
}

/* stated: the factor of f(dnc) that no point is said to go below. */
static tw_status prove(tw_claim_run *run, tw_closed_case *c, double part, optimality *o) {
    tw_status status = TW_OK;
    tw_closed_form form = {0};
    double K = (double)c->classes, L = (double)c->layers, n = (double)c->samples;
    c->lambda = 1e-6;
    TW_TRY(tw_closed_form_solve(c, "dnc", &form));
    c->lambda = part * form.beats_zero_lambda;
    tw_closed_form_clear(&form);
    TW_TRY(tw_closed_form_solve(c, "dnc", &form));
    double slope = 0.5 * c->lambda * (L + 1) * pow(n, 1 / (L + 1));
    double target = run->constants[0] * form.loss / K * (1.0 - SLACK);
    o->cells++;
    o->unproved += !bounded_below(K, slope, 2 / (L + 1), target);
cleanup:
    tw_closed_form_clear(&form);
    return status;
}

/* The lowest of some random starts against collapse. */
static tw_status descend(tw_claim_run *run, const tw_closed_case *c, size_t starts, optimality *o) {
    tw_status status = TW_OK;
    const tw_claim_case given = {"mse",     c->classes, c->samples, c->width,
                                 c->layers, c->lambda,  c->lambda,  false};
    tw_closed_form form = {0};
    TW_TRY(tw_closed_form_solve(c, "dnc", &form));
    for (size_t i = 0; i < starts && !tw_claim_stop(run, (double)i, (double)starts); i++) {
        tw_claim_view view = {0};
        tw_point point = {0};
        status = tw_claim_lowest(&given, run->seed + i, 1, &point);
        if (status == TW_OK) status = tw_claim_look(&point, &view);
        double over = (view.loss - run->constants[0] * form.loss) / form.loss;
        tw_claim_view_clear(&view);
        tw_point_clear(&point);
        TW_TRY(status);
        o->starts++;
        o->lowest = fmin(o->lowest, over);
        o->reached += fabs(over) <= 1e-10;
    }
cleanup:
    tw_closed_form_clear(&form);
    return status;
}

static tw_status sweep(tw_claim_run *run, optimality *o) {
    tw_status status = TW_OK;
    static const double parts[] = {.999, .9, .5, .1, 1e-2, 1e-4};
    static const size_t classes[] = {2, 3, 4, 10}, samples[] = {1, 5};
    size_t deepest = run->quick ? 4 : 8, count = run->quick ? 5 : 6;
    for (size_t L = 1; L <= deepest && !tw_claim_stop(run, (double)L, (double)deepest); L++)
        for (size_t k = 0; k < 4; k++)
            for (size_t s = 0; s < 2; s++)
                for (size_t i = 0; i < count; i++) {
                    tw_closed_case c = {classes[k], samples[s], classes[k],
                                        L,          0.0,        tw_loss_find("mse")};
                    TW_TRY(prove(run, &c, parts[i], o));
                }
cleanup:
    return status;
}

/* ---- Relu ---- */

static tw_status relu_model(size_t width, tw_dufm *model) {
    tw_status status = TW_OK;
    const tw_claim_case given = {"mse", 10, 1, width, 4, 4e-3, 4e-3, false};
    TW_TRY(tw_claim_model(&given, model));
    model->activation = tw_activation_find("relu");
cleanup:
    return status;
}

/* Loss of the construction, and where descent from it goes. */
static tw_status graph_losses(tw_claim_run *run, double *loss, double *descended) {
    tw_status status = TW_OK;
    tw_dufm model = {0};
    tw_point point = {0};
    tw_construct_result made = {0};
    tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
    tw_descent_options descent = TW_DESCENT_DEFAULTS;
    tw_descent_state state = {0};
    tw_descent_result end;
    tw_evaluator *evaluator = NULL;
    const tw_descent_method *method = tw_descent_method_find("lbfgs");
    options.gauge_seed = run->seed;
    descent.max_steps = run->quick ? 300 : 3000;
    descent.monitor = run->monitor;
    TW_TRY(relu_model(10, &model));
    TW_TRY(tw_construct(&model, "srg:5", &options, &made, &point));
    TW_TRY(tw_evaluator_create(&point.model, &evaluator));
    const tw_objective objective = tw_evaluator_objective(evaluator);
    const tw_descent_problem problem = {.objective = &objective};
    TW_TRY(tw_descent_state_init(&state, method, objective.n, point.theta));
    TW_TRY(tw_descend(method, &problem, &descent, &state, point.theta, &end));
    *loss = end.value_before;
    *descended = end.value;
cleanup:
    tw_descent_state_clear(&state);
    tw_evaluator_destroy(evaluator);
    tw_construct_result_clear(&made);
    tw_point_clear(&point);
    tw_dufm_clear(&model);
    return status;
}

static tw_status add_relu(tw_claim_run *run) {
    tw_status status = TW_OK;
    const tw_closed_case closed = {10, 1, 10, 4, 4e-3, tw_loss_find("mse")};
    tw_closed_form form = {0};
    double loss = 0.0, descended = 0.0;
    TW_TRY(tw_closed_form_solve(&closed, "dnc", &form));
    TW_TRY(graph_losses(run, &loss, &descended));
    tw_claim_add(run, (tw_claim_test){loss, "<", run->constants[1] * form.loss, 0},
                 "relu, K = 10, L = 4, lambda = 0.004: edges of the graph on 5 vertices, against "
                 "collapse");
    tw_claim_add(run, (tw_claim_test){descended, "", NAN, 0}, "... where L-BFGS from it got to");
cleanup:
    tw_closed_form_clear(&form);
    return status;
}

tw_status tw_claim_squared_error(tw_claim_run *run) {
    tw_status status = TW_OK;
    const tw_closed_case tries[] = {{4, 2, 5, 2, 5e-3, tw_loss_find("mse")},
                                    {3, 1, 4, 3, 5e-3, tw_loss_find("mse")},
                                    {5, 2, 6, 1, 1e-2, tw_loss_find("mse")}};
    optimality o = {.lowest = INFINITY};
    TW_TRY(sweep(run, &o));
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        TW_TRY(descend(run, &tries[i], run->quick ? 10 : 60, &o));
    if (!run->cancelled) TW_TRY(add_relu(run));
    tw_claim_add(run, (tw_claim_test){(double)o.unproved, "=", 0, 0},
                 "linear: settings without a proof that f >= f(collapse) (1 - 1e-8)");
    tw_claim_add(run, (tw_claim_test){o.lowest, ">=", -1e-10, 0},
                 "linear: smallest (f - f(collapse))/f(collapse) of any descent");
    tw_claim_add(run, (tw_claim_test){(double)o.reached, "", NAN, 0},
                 "linear: descents of %zu that ended at the loss of collapse", o.starts);
    tw_claim_computed(run,
                      "Linear: a lower bound of (11.5) in %zu settings (K = 2, 3, 4, 10, n = 1, 5, "
                      "lambda up to 0.999 of where collapse and zero are equal), %zu descents in "
                      "three models. Relu: one point without descent, L-BFGS from it.",
                      o.cells, o.starts);
cleanup:
    return status;
}
