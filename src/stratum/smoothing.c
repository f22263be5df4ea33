/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descent of relu models in two stages.
 *
 * 1. Softplus of rising sharpness beta in place of relu, each minimised from the minimiser before.
 *    What ends on a kink has S = O(1/beta) there, and its slope sigmoid(beta S) settles between 0
 *    and 1: the slope that makes the generalised gradient vanish.
 * 2. Relu, with these entries held at S = 0 by an augmented Lagrangian (model/passes.c): between
 * the kinks that are held the problem is smooth. The multiplier of an entry is its backward signal,
 *    so that at the minimiser t = multiplier/B, B = W_{l+1}^T D_{l+1}, is the slope the entry
 *    needs; the point is first-order optimal when every one lies between 0 and 1. An entry outside
 *    is let go on the side that lowers f, and one that descent runs into is held from then on. */
#include <thalweg/stratum/smoothing.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

/* |beta S| of a kink after the first stage: sigmoid beyond 1e-7 is 0 or 1 */
#define NEAR_SOFT 16.0
#define NEAR_HARD 1e-5        /* |S| that stalled descent may have run into */
#define CLOSED 1e-12          /* |S| of a kink that is held well enough to be judged */
#define PUSH 1e-7             /* how far S moves off the kink when it is let go */
#define SMOOTH_TOLERANCE 1e-6 /* of the gradient: the second stage makes it exact */
#define FIRST_WEIGHT 1.0
#define LAST_WEIGHT 1e6

const char *tw_smoothing_reason_name(tw_smoothing_reason reason) {
    static const char *const names[] = {"converged", "round limit", "too large", "cancelled"};
    return (size_t)reason < sizeof names / sizeof *names ? names[reason] : "unknown";
}

typedef struct driver {
    const tw_smoothing_options *options;
    const tw_descent_method *method;
    tw_evaluator *evaluator;        /* of relu */
    const tw_dufm *model;           /* its model */
    double *theta;                  /* n, the caller's */
    double *gradient, *work, *best; /* n */
    double *S;                      /* room for the entries of a layer */
    size_t n;
    tw_held *held; /* room for all entries */
    size_t count;
    double weight;
    tw_descent_reason reason; /* of the last descent */
    tw_smoothing_result result;
} driver;

/* ---- Descent of a smooth problem ---- */

static tw_status descend(driver *d, tw_evaluator *evaluator, double tolerance) {
    tw_status status = TW_OK;
    const tw_objective objective = tw_evaluator_objective(evaluator);
    const tw_descent_problem problem = {.objective = &objective};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    tw_descent_state state = {0};
    tw_descent_result result;
    options.tolerance = tolerance;
    options.max_steps = d->options->max_steps;
    options.monitor = d->options->monitor;
    TW_TRY(tw_descent_state_init(&state, d->method, d->n, d->theta));
    TW_TRY(tw_descend(d->method, &problem, &options, &state, d->theta, &result));
    d->result.evaluations += result.evaluations;
    d->result.products += result.products;
    d->reason = result.reason;
cleanup:
    tw_descent_state_clear(&state);
    return status;
}

/* Value and gradient at theta. */
static tw_status look(driver *d, tw_evaluator *evaluator) {
    tw_objective objective = tw_evaluator_objective(evaluator);
    double value;
    d->result.evaluations++;
    return objective.eval(objective.self, d->theta, &value, d->gradient);
}

/* ---- Kinks ---- */

/* d->S: the pre-activations of layer l at theta, where the evaluator is linearised. */
static void pre_activate(driver *d, const tw_evaluator *evaluator, size_t l) {
    const tw_dufm *model = d->model;
    tw_block W = tw_dufm_factor(model, l);
    const double *input = l == 1 ? d->theta + tw_dufm_factor(model, 0).offset
                                 : tw_evaluator_activations(evaluator, l - 1);
    tw_multiply(1.0, tw_plain(d->theta + W.offset, W.rows, W.cols),
                tw_plain(input, W.cols, model->samples), 0.0, tw_mat(d->S, W.rows, model->samples));
}

static bool is_held(const driver *d, size_t l, size_t unit, size_t sample) {
    for (size_t e = 0; e < d->count; e++)
        if (d->held[e].layer == l && d->held[e].unit == unit && d->held[e].sample == sample)
            return true;
    return false;
}

/* Hold every entry with |S| <= near that is not held yet, with its backward signal at the last
 * evaluated point as the multiplier. */
static size_t hold_near(driver *d, const tw_evaluator *evaluator, double near) {
    size_t before = d->count;
    for (size_t l = 1; l < d->model->layers; l++) {
        size_t rows = d->model->widths[l];
        const double *signals = tw_evaluator_signals(evaluator, l);
        pre_activate(d, evaluator, l);
        for (size_t place = 0; place < rows * d->model->samples; place++) {
            double s = d->S[place];
            if (fabs(s) > near || is_held(d, l, place % rows, place / rows)) continue;
            d->held[d->count++] = (tw_held){l, place % rows, place / rows, signals[place], s};
        }
    }
    return d->count - before;
}

/* W_{l+1}^T D_{l+1} at a held entry. */
static double signal_above(const driver *d, const tw_held *held) {
    tw_block W = tw_dufm_factor(d->model, held->layer + 1);
    const double *D = tw_evaluator_signals(d->evaluator, held->layer + 1);
    return tw_dot(NULL, W.rows, d->theta + W.offset + W.rows * held->unit,
                  D + W.rows * held->sample);
}

/* Move theta so that S of the entry becomes `target`, to first order. */
static tw_status push(driver *d, const tw_held *held, double target) {
    tw_status status = TW_OK;
    double *unit = NULL;
    TW_TRY(TW_NEW(unit, d->model->widths[held->layer]));
    unit[held->unit] = 1.0;
    tw_evaluator_pull_back(d->evaluator, held->layer, held->sample, unit, d->work);
    double square = tw_dot(NULL, d->n, d->work, d->work);
    if (square > 0.0) tw_axpy(d->n, (target - held->value) / square, d->work, d->theta);
cleanup:
    free(unit);
    return status;
}

/* Let go of the entry whose release lowers f most: f changes by phi(s) B - m s, so that it falls to
 * the left when m < 0 and to the right when m > B. *released: there was one. After an evaluation
 * with the entries held. */
static tw_status release_worst(driver *d, double tolerance, bool *released) {
    tw_status status = TW_OK;
    size_t worst = d->count;
    double most = tolerance, side = 0.0;
    *released = false;
    for (size_t e = 0; e < d->count; e++) {
        double B = signal_above(d, &d->held[e]), m = d->held[e].multiplier;
        double left = -m, right = m - B;
        if (fmax(left, right) <= most) continue;
        most = fmax(left, right);
        worst = e;
        side = left > right ? -1.0 : 1.0;
    }
    if (worst == d->count) goto cleanup;
    TW_TRY(push(d, &d->held[worst], side * PUSH));
    d->held[worst] = d->held[--d->count];
    *released = true;
cleanup:
    return status;
}

/* ---- Stages ---- */

static tw_status smooth_stage(driver *d) {
    tw_status status = TW_OK;
    const tw_smoothing_options *o = d->options;
    tw_activation soft = *tw_activation_find(d->model->activation->smooth);
    tw_dufm model = *d->model;
    tw_evaluator *evaluator = NULL;
    model.activation = &soft;
    soft.sharpness = o->first;
    for (bool last = false; !last; soft.sharpness *= o->factor) {
        last = soft.sharpness * o->factor > o->last * (1.0 + DBL_EPSILON);
        tw_evaluator_destroy(evaluator);
        evaluator = NULL;
        TW_TRY(tw_evaluator_create(&model, &evaluator));
        TW_TRY(descend(d, evaluator, SMOOTH_TOLERANCE));
        if (d->reason == TW_DESCENT_CANCELLED) goto cleanup;
        if (!last) continue;
        TW_TRY(look(d, evaluator));
        hold_near(d, evaluator, NEAR_SOFT / soft.sharpness);
    }
cleanup:
    tw_evaluator_destroy(evaluator);
    return status;
}

/* Judge theta as a point of the relu model; keep the best. */
static tw_status judge(driver *d) {
    tw_status status = TW_OK;
    tw_clarke clarke;
    TW_TRY(tw_evaluator_hold(d->evaluator, 0, NULL, 0.0));
    TW_TRY(look(d, d->evaluator));
    double value = tw_evaluator_fit(d->evaluator) + tw_evaluator_penalty(d->evaluator);
    TW_TRY(tw_clarke_measure(d->evaluator, d->theta, TW_KINK_TOLERANCE, d->options->monitor, NULL,
                             &clarke));
    if (d->result.rounds == 0 || !(clarke.smallest >= d->result.clarke.smallest)) {
        d->result.clarke = clarke;
        d->result.value = value;
        d->result.held = d->count;
        tw_copy(d->n, d->theta, d->best);
    }
    if (clarke.reason == TW_CLARKE_LARGE) d->result.reason = TW_SMOOTHING_LARGE;
    if (clarke.reason == TW_CLARKE_CANCELLED) d->result.reason = TW_SMOOTHING_CANCELLED;
    if (clarke.smallest <= d->options->goal) d->result.reason = TW_SMOOTHING_CONVERGED;
cleanup:
    return status;
}

static double widest_gap(const driver *d) {
    double gap = 0.0;
    for (size_t e = 0; e < d->count; e++) gap = fmax(gap, fabs(d->held[e].value));
    return gap;
}

/* One minimisation with the multipliers as they are, then better multipliers. */
static tw_status hold_round(driver *d, double *gap) {
    tw_status status = TW_OK;
    double before = *gap;
    bool released = false;
    TW_TRY(tw_evaluator_hold(d->evaluator, d->count, d->held, d->weight));
    TW_TRY(descend(d, d->evaluator, 0.1 * d->options->goal));
    TW_TRY(look(d, d->evaluator));
    *gap = widest_gap(d);
    for (size_t e = 0; e < d->count; e++) d->held[e].multiplier += d->weight * d->held[e].value;
    if (*gap > 0.1 * before && d->weight < LAST_WEIGHT) d->weight *= 10.0;
    if (!tw_descent_is_converged(d->reason) && hold_near(d, d->evaluator, NEAR_HARD) > 0)
        goto cleanup;
    if (*gap <= CLOSED) TW_TRY(release_worst(d, d->options->goal, &released));
    if (released) *gap = INFINITY;
cleanup:
    return status;
}

static tw_status hard_stage(driver *d) {
    tw_status status = TW_OK;
    double gap = INFINITY;
    d->weight = FIRST_WEIGHT;
    d->result.reason = TW_SMOOTHING_ROUNDS;
    TW_TRY(judge(d));
    while (d->result.reason == TW_SMOOTHING_ROUNDS && d->result.rounds < d->options->max_rounds) {
        d->result.rounds++;
        TW_TRY(hold_round(d, &gap));
        if (d->reason == TW_DESCENT_CANCELLED) d->result.reason = TW_SMOOTHING_CANCELLED;
        if (gap <= 1e-6 || d->reason == TW_DESCENT_CANCELLED) TW_TRY(judge(d));
    }
cleanup:
    return status;
}

/* ---- The whole ---- */

static tw_status check(const tw_dufm *model, const tw_smoothing_options *o) {
    if (model->activation->smooth == NULL)
        return tw_fail(TW_ERR_UNSUPPORTED, "smoothing is for relu, not for %s",
                       model->activation->name);
    if (!(o->first > 0.0 && o->last >= o->first && o->factor > 1.0) || isinf(o->last))
        return tw_fail(TW_ERR_ARGUMENT, "sharpness from %g to %g by factors of %g", o->first,
                       o->last, o->factor);
    if (!(o->goal > 0.0)) return tw_fail(TW_ERR_ARGUMENT, "goal %g is not positive", o->goal);
    if (tw_descent_method_find(o->method) == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "no descent method is called %s", o->method);
    return TW_OK;
}

static tw_status allocate(driver *d, const tw_dufm *model) {
    tw_status status = TW_OK;
    size_t entries = 0, most = 0;
    TW_TRY(tw_evaluator_create(model, &d->evaluator));
    d->model = tw_evaluator_model(d->evaluator);
    d->n = tw_dufm_parameters(model);
    for (size_t l = 1; l < model->layers; l++) {
        size_t here = model->widths[l] * model->samples;
        entries += here;
        if (here > most) most = here;
    }
    TW_TRY(TW_NEW(d->held, entries));
    TW_TRY(TW_NEW(d->S, most));
    TW_TRY(TW_NEW(d->gradient, d->n));
    TW_TRY(TW_NEW(d->work, d->n));
    TW_TRY(TW_NEW(d->best, d->n));
cleanup:
    return status;
}

tw_status tw_smoothing_descend(const tw_dufm *model, const tw_smoothing_options *options,
                               double *theta, tw_smoothing_result *result) {
    tw_status status = TW_OK;
    const tw_smoothing_options defaults = TW_SMOOTHING_DEFAULTS;
    if (options == NULL) options = &defaults;
    double start = tw_clock_seconds();
    driver d = {.options = options, .theta = theta};
    TW_TRY(tw_dufm_check(model));
    TW_TRY(check(model, options));
    d.method = tw_descent_method_find(options->method);
    TW_TRY(allocate(&d, model));
    TW_TRY(smooth_stage(&d));
    if (d.reason == TW_DESCENT_CANCELLED) {
        TW_TRY(judge(&d));
        d.result.reason = TW_SMOOTHING_CANCELLED;
    } else {
        TW_TRY(hard_stage(&d));
    }
    tw_copy(d.n, d.best, theta);
    d.result.seconds = tw_clock_seconds() - start;
    *result = d.result;
cleanup:
    tw_evaluator_destroy(d.evaluator);
    free(d.held);
    free(d.S);
    free(d.gradient);
    free(d.work);
    free(d.best);
    return status;
}
