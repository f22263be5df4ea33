/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton on the gradient, from the whole spectrum H = V diag(t) V^T; c = V^T g.
 *
 * Least squares: the step -V (t c / (t^2 + mu)) minimises ||g + H p||^2 + mu ||p||^2 (Levenberg
 * 1944, Marquardt 1963). It does not see signs, so that every critical point attracts, whatever its
 * index; and it has no part along zero modes, so that nothing drifts along a symmetry orbit.
 *
 * Following: the step -s c / |t| goes up along the `index` lowest eigenvectors (s = -1) and down
 * along the others, to saddles of that index when they are near (Cerjan, Miller 1981). It has no
 * merit function: its length is bounded, and least squares take over after a while.
 *
 * Past the threshold: steps of least norm, -V (c / t) over |t| above a cut, while they halve the
 * gradient. */
#include <thalweg/training/stationary.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/zero_rule.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "spectrum/assemble_private.h"

/* Of actual and predicted decrease of ||g||^2: above, the step is taken */
#define ACCEPT_RATIO 1e-4
#define GOOD_RATIO 0.75   /* above: less damping */
#define POOR_RATIO 0.25   /* below: more */
#define MOST_TRIALS 40    /* dampings tried from one point */
#define LAST_STEPS 4      /* at most, past the threshold */
#define FLAT 1e-7         /* ||H g|| <= FLAT ||H|| ||g||: a critical point of ||g||^2 */
#define FOLLOW_RADIUS 0.2 /* of max(1, ||x||): longest step of following */

enum { BLOCK = 32 };

typedef struct search {
    const tw_objective *objective;
    const tw_stationary_options *options;
    tw_stationary_result *result;
    size_t n;
    double *x, *g;
    double *V, *t; /* n x n, n: spectrum at x */
    double *c, *q; /* V^T g; the step in these coordinates */
    double *p, *x_trial, *g_trial;
    double *panel; /* n x BLOCK */
    double norm_g, damping;
} search;

static const char *const reason_names[] = {"converged", "stagnated", "iteration limit",
                                           "product limit", "cancelled"};

const char *tw_stationary_reason_name(tw_stationary_reason reason) {
    return (size_t)reason < sizeof reason_names / sizeof *reason_names ? reason_names[reason]
                                                                       : "unknown";
}

/* ---- Spectrum ---- */

/* Value, gradient, V, t and c at x; TW_STOPPED: only value and gradient. */
static tw_status decompose(search *s) {
    tw_status status = TW_OK;
    tw_hessian hessian = tw_hessian_at(s->objective, s->x);
    TW_TRY(s->objective->eval(s->objective->self, s->x, &s->result->value, s->g));
    tw_linop H = tw_hessian_linop(&hessian);
    const tw_monitor monitor = tw_budget_monitor(&s->options->budget);
    tw_assembly assembly = {
        .A = &H, .monitor = &monitor, .block = s->n < BLOCK ? s->n : BLOCK, .panel = s->panel};
    s->norm_g = tw_norm(NULL, s->n, s->g);
    s->result->evaluations++;
    TW_TRY(tw_assembly_check(&H));
    TW_TRY(tw_assemble(&assembly, s->V));
    s->result->products += assembly.products;
    if (assembly.cancelled) return TW_STOPPED;
    TW_TRY(tw_sliced_eigen(s->n, s->V, s->t, &monitor));
    s->result->iterations++;
    s->result->norm = fmax(fabs(s->t[0]), fabs(s->t[s->n - 1]));
    tw_multiply(1.0, tw_transposed(s->V, s->n, s->n), tw_plain(s->g, s->n, 1), 0.0,
                tw_mat(s->c, s->n, 1));
cleanup:
    return status;
}

static double size_of(const search *s) {
    return fmax(1.0, tw_norm(NULL, s->n, s->x));
}

static double threshold(const search *s) {
    return s->options->tolerance * s->result->norm * size_of(s);
}

/* p = V q, x_trial = x + p, and its gradient; *good: it has one. */
static tw_status try_step(search *s, double *norm, bool *good) {
    double value;
    tw_multiply(1.0, tw_plain(s->V, s->n, s->n), tw_plain(s->q, s->n, 1), 0.0,
                tw_mat(s->p, s->n, 1));
    tw_copy(s->n, s->x, s->x_trial);
    tw_axpy(s->n, 1.0, s->p, s->x_trial);
    s->result->evaluations++;
    tw_status status = s->objective->eval(s->objective->self, s->x_trial, &value, s->g_trial);
    *good = status == TW_OK;
    *norm = *good ? tw_norm(NULL, s->n, s->g_trial) : INFINITY;
    return status == TW_ERR_NUMERIC ? TW_OK : status;
}

/* ---- Steps ---- */

/* The damped step in eigenvector coordinates; returns ||g + H p||^2. */
static double least_squares_step(search *s, double mu) {
    double left = 0.0, rounding = (double)s->n * DBL_EPSILON * s->result->norm;
    for (size_t i = 0; i < s->n; i++) {
        double t = s->t[i], c = s->c[i];
        bool zero = fabs(t) <= rounding;
        s->q[i] = zero ? 0.0 : -t * c / (t * t + mu);
        double rest = zero ? c : c * mu / (t * t + mu);
        left += rest * rest;
    }
    return left;
}

static void adapt(search *s, double ratio) {
    if (ratio > GOOD_RATIO) s->damping = fmax(s->damping / 4.0, 1e-12);
    if (ratio < POOR_RATIO) s->damping *= 4.0;
}

/* One accepted step of least squares, or *moved = false. mu has the unit of t^2 and falls with the
 * gradient, for the convergence of Newton's method. */
static tw_status least_squares(search *s, bool *moved) {
    tw_status status = TW_OK;
    *moved = false;
    for (int i = 0; i < MOST_TRIALS && !*moved; i++) {
        double mu = s->damping * s->norm_g * s->result->norm / size_of(s), norm;
        bool good;
        double left = least_squares_step(s, mu), before = s->norm_g * s->norm_g;
        TW_TRY(try_step(s, &norm, &good));
        double ratio = good ? (before - norm * norm) / (before - left) : -1.0;
        adapt(s, ratio);
        *moved = ratio > ACCEPT_RATIO;
        if (tw_norm(NULL, s->n, s->q) <= DBL_EPSILON * size_of(s)) break;
    }
    if (*moved) tw_copy(s->n, s->x_trial, s->x);
cleanup:
    return status;
}

/* What counts as a zero mode; gradient: that of a nearly critical point, else 0. */
static double zero_mode(const search *s, double gradient) {
    const tw_zero_evidence evidence = {
        .rounding = tw_zero_rounding(s->n, s->result->norm, 0, NULL, NULL), .gradient = gradient};
    return tw_zero_rule_make(&evidence, TW_ZERO_GAP).threshold;
}

static tw_status follow(search *s, bool *moved) {
    double norm, floor = zero_mode(s, 0.0);
    for (size_t i = 0; i < s->n; i++) {
        double sign = i < s->options->index ? 1.0 : -1.0;
        s->q[i] = sign * s->c[i] / fmax(fabs(s->t[i]), floor);
    }
    double length = tw_norm(NULL, s->n, s->q), most = FOLLOW_RADIUS * size_of(s);
    if (length > most) tw_scale(s->n, most / length, s->q);
    tw_status status = try_step(s, &norm, moved);
    if (*moved) tw_copy(s->n, s->x_trial, s->x);
    return status;
}

/* The step of least norm, taken when it halves the gradient. */
static tw_status last_step(search *s, bool *moved) {
    double norm, cut = zero_mode(s, s->norm_g);
    bool good;
    for (size_t i = 0; i < s->n; i++) s->q[i] = fabs(s->t[i]) > cut ? -s->c[i] / s->t[i] : 0.0;
    tw_status status = try_step(s, &norm, &good);
    *moved = good && norm < 0.5 * s->norm_g;
    if (*moved) tw_copy(s->n, s->x_trial, s->x);
    return status;
}

/* ---- Iteration ---- */

/* A minimum of ||g|| where g is not zero: H g = 0, and nothing of first order is left to gain. */
static bool is_flat(const search *s) {
    double sum = 0.0;
    for (size_t i = 0; i < s->n; i++) sum += s->t[i] * s->t[i] * s->c[i] * s->c[i];
    return sqrt(sum) <= FLAT * s->result->norm * s->norm_g;
}

static bool ended(search *s) {
    tw_stationary_result *r = s->result;
    bool cancelled = tw_budget_report(&s->options->budget, "critical point", (double)r->iterations,
                                      (double)s->options->max_iterations);
    if (s->norm_g <= threshold(s))
        r->reason = TW_STATIONARY_CONVERGED;
    else if (cancelled)
        r->reason = TW_STATIONARY_CANCELLED;
    else if (tw_budget_left(&s->options->budget, r->products) < s->n)
        r->reason = TW_STATIONARY_PRODUCTS;
    else if (r->iterations >= s->options->max_iterations)
        r->reason = TW_STATIONARY_ITERATIONS;
    else if (is_flat(s))
        r->reason = TW_STATIONARY_STAGNATED;
    else
        return false;
    return true;
}

static tw_status iterate(search *s) {
    tw_status status = TW_OK;
    size_t followed = 0;
    s->result->reason = TW_STATIONARY_CANCELLED; /* a spectrum that is cut short ends it */
    status = decompose(s);
    s->result->gradient_norm_before = s->norm_g;
    TW_TRY(status);
    while (!ended(s)) {
        bool moved = false;
        if (followed++ < s->options->follow) TW_TRY(follow(s, &moved));
        if (!moved) {
            followed = s->options->follow;
            TW_TRY(least_squares(s, &moved));
        }
        if (!moved) {
            s->result->reason = TW_STATIONARY_STAGNATED;
            break;
        }
        s->result->reason = TW_STATIONARY_CANCELLED;
        TW_TRY(decompose(s));
    }
cleanup:
    return status == TW_STOPPED ? TW_OK : status;
}

static tw_status finish(search *s) {
    tw_status status = TW_OK;
    bool moved = s->result->reason == TW_STATIONARY_CONVERGED;
    for (int i = 0; i < LAST_STEPS && moved; i++) {
        TW_TRY(last_step(s, &moved));
        if (moved) TW_TRY(decompose(s));
    }
cleanup:
    s->result->gradient_norm = s->norm_g;
    s->result->threshold = threshold(s);
    return status == TW_STOPPED ? TW_OK : status;
}

static tw_status search_init(search *s) {
    tw_status status = TW_OK;
    double **vectors[] = {&s->g, &s->t, &s->c, &s->q, &s->p, &s->x_trial, &s->g_trial};
    size_t limit = s->options->budget.dense_limit;
    if (limit > TW_DENSE_MAX_ORDER) limit = TW_DENSE_MAX_ORDER;
    if (s->n > limit)
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "%zu variables are more than the %zu of the largest dense matrix", s->n,
                       limit);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) TW_TRY(TW_NEW(*vectors[i], s->n));
    TW_TRY(TW_NEW(s->V, s->n * s->n));
    TW_TRY(TW_NEW(s->panel, s->n * BLOCK));
cleanup:
    return status;
}

static void search_clear(search *s) {
    double *buffers[] = {s->g, s->V, s->t, s->c, s->q, s->p, s->x_trial, s->g_trial, s->panel};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) free(buffers[i]);
}

tw_status tw_stationary_find(const tw_objective *objective, const tw_stationary_options *options,
                             double *x, tw_stationary_result *result) {
    tw_status status = TW_OK;
    tw_stationary_options defaults = TW_STATIONARY_DEFAULTS;
    if (options == NULL) options = &defaults;
    search s = {.objective = objective,
                .options = options,
                .result = result,
                .n = objective->n,
                .x = x,
                .damping = 1.0};
    *result = (tw_stationary_result){0};
    if (!(options->tolerance > 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "tolerance %g is not positive", options->tolerance);
    TW_TRY(tw_budget_check(&options->budget));
    TW_TRY(search_init(&s));
    TW_TRY(iterate(&s));
    TW_TRY(finish(&s));
cleanup:
    search_clear(&s);
    return status;
}

/* The eigenvectors with LAPACK's workspace, a panel, some vectors. */
void tw_stationary_cost(size_t n, const tw_stationary_options *options, tw_cost *cost) {
    const tw_stationary_options defaults = TW_STATIONARY_DEFAULTS;
    if (options == NULL) options = &defaults;
    double order = (double)n, spectra = (double)options->max_iterations;
    *cost = (tw_cost){.bytes = 8.0 * order * (3.0 * order + BLOCK + 16.0),
                      .flops = 9.0 * order * order * order};
    tw_cost_set_products(cost, order, fmin(spectra * order, (double)options->budget.products));
}
