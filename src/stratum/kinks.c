/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest generalised gradient at a point with pre-activations on the kink of phi.
 *
 * With B_l = W_{l+1}^T D_{l+1} the backward signal is D_l = B_l * T_l, T_l the slopes. Column e of
 * the problem of one layer is what B_l[e] alone pulls back from entry e: the derivative of the
 * gradient by t_e. One layer's best slopes are exact; sweeps go from the last layer down and up
 * again, for slopes of upper layers scale all columns below them. Then all layers move at once
 * along the linearised problem (Gauss-Newton), which ends the slow approach of sweeps. A search
 * from one set of slopes may end in a local minimum (a slope of 0 hides everything below it), so
 * that it starts twice: in the middle and on the left. */
#include <thalweg/stratum/kinks.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/bounded_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

#define SWEEPS 200
#define UNASKED 1e8   /* multiply-adds before the monitor is: a tenth of a second */
#define PROGRESS 1e-4 /* a sweep that shrinks the element by less has converged */

const char *tw_clarke_reason_name(tw_clarke_reason reason) {
    static const char *const names[] = {"converged", "sweep limit", "too large", "cancelled"};
    return (size_t)reason < sizeof names / sizeof *names ? names[reason] : "unknown";
}

void tw_kinks_explain(const tw_kinks *kinks, char *text, size_t room) {
    if (room > 0) text[0] = '\0';
    if (kinks->on_kink == 0) return;
    snprintf(text, room,
             "%zu of %zu hidden pre-activations sit on a kink (|S|/rms <= %g), where there is no "
             "Hessian: its figures are those of one branch",
             kinks->on_kink, kinks->total, TW_KINK_TOLERANCE);
}

void tw_counts_refuse(const tw_kinks *kinks, bool falls, char *text, size_t room) {
    tw_kinks_explain(kinks, text, room);
    if (!falls) return;
    snprintf(text, room,
             "every sample has a positive margin and W_L no ridge: the loss falls for ever along "
             "this direction, and has no critical point here");
}

/* A pre-activation on the kink. */
typedef struct entry {
    size_t layer, unit, sample;
} entry;

typedef struct search {
    tw_evaluator *evaluator;
    const tw_dufm *model;
    const double *theta;
    const tw_monitor *monitor;
    size_t n; /* P */
    double low;
    size_t count; /* entries, by layer from L - 1 down to 1 */
    entry *entries;
    double *slopes;   /* count */
    double *bounds;   /* 2 count: low, high */
    double *gradient; /* n */
    double *A;        /* n x count */
    double *b;        /* n */
    double *trial;    /* count */
    double *best;     /* count */
    double norm;      /* of the gradient */
    double work;      /* multiply-adds of the solves */
} search;

static void search_clear(search *s) {
    double *arrays[] = {s->slopes, s->bounds, s->gradient, s->A, s->b, s->trial, s->best};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    free(s->entries);
}

/* ---- Census ---- */

/* Adds the entries of layer l with |S| <= tolerance rms; S: d_l x N, scratch. */
static void find_entries(search *s, size_t l, double tolerance, double *S) {
    size_t rows = s->model->widths[l], cols = s->model->widths[l - 1], N = s->model->samples;
    tw_block W = tw_dufm_factor(s->model, l);
    const double *input = l == 1 ? s->theta + tw_dufm_factor(s->model, 0).offset
                                 : tw_evaluator_activations(s->evaluator, l - 1);
    tw_multiply(1.0, tw_plain(s->theta + W.offset, rows, cols), tw_plain(input, cols, N), 0.0,
                tw_mat(S, rows, N));
    double limit = tolerance * tw_norm(NULL, rows * N, S) / sqrt((double)(rows * N));
    for (size_t i = 0; i < rows * N; i++)
        if (fabs(S[i]) <= limit) s->entries[s->count++] = (entry){l, i % rows, i / rows};
}

static tw_status census(search *s, double tolerance, tw_clarke *clarke) {
    tw_status status = TW_OK;
    const tw_dufm *model = s->model;
    double *S = NULL;
    size_t widest = tw_dufm_classes(model), total = 0;
    for (size_t l = 1; l < model->layers; l++) {
        if (model->widths[l] > widest) widest = model->widths[l];
        total += model->widths[l] * model->samples;
    }
    clarke->total = model->activation->kinked ? total : 0;
    TW_TRY(TW_NEW(S, widest * model->samples));
    TW_TRY(TW_NEW(s->entries, clarke->total));
    for (size_t l = model->layers; l-- > 1 && model->activation->kinked;)
        find_entries(s, l, tolerance, S);
    clarke->on_kink = s->count;
cleanup:
    free(S);
    return status;
}

/* ---- Gradient by slopes ---- */

static double *slope_of(const search *s, size_t e) {
    entry at = s->entries[e];
    return tw_evaluator_slopes(s->evaluator, at.layer) + at.unit +
           s->model->widths[at.layer] * at.sample;
}

/* The gradient with these slopes; returns its norm. */
static double grade(search *s, const double *slopes) {
    for (size_t e = 0; e < s->count; e++) *slope_of(s, e) = slopes[e];
    tw_evaluator_regrade(s->evaluator, s->gradient);
    return tw_norm(NULL, s->n, s->gradient);
}

static void accept(search *s, const double *slopes) {
    if (slopes != s->slopes) tw_copy(s->count, slopes, s->slopes);
    s->norm = grade(s, s->slopes);
}

/* B_l at an entry: what reaches its pre-activation before its own slope, with the slopes of the
 * last grade. */
static double signal_above(const search *s, entry at) {
    tw_block W = tw_dufm_factor(s->model, at.layer + 1);
    const double *D = tw_evaluator_signals(s->evaluator, at.layer + 1);
    return tw_dot(NULL, W.rows, s->theta + W.offset + W.rows * at.unit, D + W.rows * at.sample);
}

/* Column e: the derivative of the gradient by the slope of entry e, at the slopes as they stand. */
static void fill_column(search *s, size_t e, double *unit, double *column) {
    entry at = s->entries[e];
    unit[at.unit] = signal_above(s, at);
    tw_evaluator_pull_back(s->evaluator, at.layer, at.sample, unit, column);
    unit[at.unit] = 0.0;
}

/* Slopes of the entries first .. last - 1 that make the linearised gradient smallest, into
 * s->trial; for entries of one layer it is the gradient itself. */
static tw_status solve(search *s, size_t first, size_t last) {
    tw_status status = TW_OK;
    double *unit = NULL, residual;
    size_t widest = 0, count = last - first;
    for (size_t l = 1; l < s->model->layers; l++)
        if (s->model->widths[l] > widest) widest = s->model->widths[l];
    TW_TRY(TW_NEW(unit, widest));
    s->work += (double)s->n * (double)count * (double)count;
    const tw_monitor *monitor = s->work > UNASKED ? s->monitor : NULL;
    tw_copy(s->n, s->gradient, s->b);
    tw_scale(s->n, -1.0, s->b);
    tw_copy(s->count, s->slopes, s->trial);
    for (size_t e = first; e < last; e++) {
        double *column = s->A + s->n * (e - first);
        if (tw_monitor_report(monitor, "slopes on kinks", (double)(e - first), (double)count))
            TW_TRY(tw_fail(TW_STOPPED, "ended after %zu of %zu kinks", e - first, count));
        fill_column(s, e, unit, column);
        tw_axpy(s->n, s->slopes[e], column, s->b);
    }
    const tw_bounded given = {s->n, count, s->A, s->b, s->bounds, s->bounds + s->count, monitor};
    TW_TRY(tw_bounded_least_squares(&given, s->trial + first, &residual));
cleanup:
    free(unit);
    return status;
}

/* ---- Search ---- */

/* Takes the trial when it is better. */
static void offer(search *s) {
    if (grade(s, s->trial) < s->norm)
        accept(s, s->trial);
    else
        accept(s, s->slopes);
}

static tw_status sweep(search *s) {
    tw_status status = TW_OK;
    for (size_t first = 0, last; first < s->count; first = last) {
        for (last = first; last < s->count; last++)
            if (s->entries[last].layer != s->entries[first].layer) break;
        TW_TRY(solve(s, first, last));
        offer(s);
    }
cleanup:
    return status;
}

/* All layers at once, along the linearised problem as far as it helps. */
static tw_status step_together(search *s) {
    tw_status status = TW_OK;
    double before = s->norm;
    TW_TRY(solve(s, 0, s->count));
    for (size_t halvings = 0; halvings < 10 && s->norm >= before; halvings++) {
        offer(s);
        for (size_t e = 0; e < s->count; e++) s->trial[e] = 0.5 * (s->trial[e] + s->slopes[e]);
    }
cleanup:
    return status;
}

/* A sweep and a step of all layers; *ended: the monitor did, after what was taken until then. */
static tw_status advance(search *s, bool single, bool *ended) {
    tw_status status = sweep(s);
    if (status == TW_OK && !single) status = step_together(s);
    *ended = status == TW_STOPPED;
    return *ended ? TW_OK : status;
}

/* From the slopes as they stand; rounding: what rounding leaves of a zero gradient. */
static tw_status descend(search *s, double rounding, tw_clarke *clarke) {
    tw_status status = TW_OK;
    bool single = s->entries[0].layer == s->entries[s->count - 1].layer, ended;
    for (size_t i = 0; i < SWEEPS; i++) {
        double before = s->norm;
        TW_TRY(advance(s, single, &ended));
        clarke->reason = ended ? TW_CLARKE_CANCELLED : TW_CLARKE_CONVERGED;
        if (ended) goto cleanup;
        clarke->sweeps++;
        if (single || s->norm <= rounding || s->norm > (1.0 - PROGRESS) * before) goto cleanup;
    }
    clarke->reason = TW_CLARKE_SWEEPS;
cleanup:
    return status;
}

static tw_status allocate(search *s) {
    tw_status status = TW_OK;
    TW_TRY(TW_NEW(s->slopes, s->count));
    TW_TRY(TW_NEW(s->bounds, 2 * s->count));
    TW_TRY(TW_NEW(s->A, s->n * s->count));
    TW_TRY(TW_NEW(s->b, s->n));
    TW_TRY(TW_NEW(s->trial, s->count));
    TW_TRY(TW_NEW(s->best, s->count));
    for (size_t e = 0; e < s->count; e++) {
        s->bounds[e] = s->low;
        s->bounds[s->count + e] = 1.0;
    }
cleanup:
    return status;
}

static tw_status run(search *s, tw_clarke *clarke) {
    tw_status status = TW_OK;
    const double starts[] = {0.5 * (s->low + 1.0), s->low};
    double rounding = (double)s->n * DBL_EPSILON * tw_norm(NULL, s->n, s->theta);
    double best = clarke->one_sided;
    TW_TRY(allocate(s));
    for (size_t e = 0; e < s->count; e++) s->best[e] = s->low;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        tw_clarke found = *clarke;
        for (size_t e = 0; e < s->count; e++) s->slopes[e] = starts[i];
        accept(s, s->slopes);
        TW_TRY(descend(s, rounding, &found));
        clarke->sweeps = found.sweeps;
        if (s->norm < best) {
            best = s->norm;
            clarke->reason = found.reason;
            tw_copy(s->count, s->slopes, s->best);
        }
        if (found.reason != TW_CLARKE_CANCELLED) continue;
        clarke->reason = TW_CLARKE_CANCELLED;
        break;
    }
    accept(s, s->best);
    clarke->smallest = s->norm;
cleanup:
    return status;
}

/* The slope far from the kink on its left. */
static double slope_from_the_left(const tw_activation *activation) {
    double s = -1.0, value, first, second;
    activation->eval(activation, 1, &s, &value, &first, &second);
    return first;
}

tw_status tw_clarke_measure(tw_evaluator *evaluator, const double *theta, double tolerance,
                            const tw_monitor *monitor, double *element, tw_clarke *clarke) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    tw_clarke made = {.reason = TW_CLARKE_CONVERGED};
    search s = {.evaluator = evaluator,
                .model = model,
                .theta = theta,
                .monitor = monitor,
                .n = tw_dufm_parameters(model),
                .low = slope_from_the_left(model->activation)};
    TW_TRY(tw_evaluator_linearise(evaluator, theta));
    TW_TRY(census(&s, tolerance, &made));
    TW_TRY(TW_NEW(s.gradient, s.n));
    for (size_t e = 0; e < s.count; e++) *slope_of(&s, e) = s.low;
    tw_evaluator_regrade(evaluator, s.gradient);
    made.one_sided = made.smallest = tw_norm(NULL, s.n, s.gradient);
    if (s.count > TW_CLARKE_ENTRIES / s.n) {
        made.reason = TW_CLARKE_LARGE;
        made.smallest = NAN;
    } else if (s.count > 0) {
        TW_TRY(run(&s, &made));
    }
    if (element) tw_copy(s.n, s.gradient, element);
    *clarke = made;
cleanup:
    search_clear(&s);
    return status;
}
