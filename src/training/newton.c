/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trust-region Newton.
 *
 * At x with gradient g and Hessian H, a step p lowers the model g.p + p.Hp/2 inside ||p|| <=
 * radius: conjugate gradients from p = 0, ended by the residual, by the radius, or by negative
 * curvature (then p goes to the radius). The radius follows the ratio of actual and predicted
 * decrease (Conn, Gould, Toint, Trust-Region Methods, algorithm 6.1.1).
 *
 * Two things keep it honest near a degenerate optimum:
 * - Once the predicted decrease is below the rounding of f, the ratio is noise. Then a step counts
 *   as good when it lowers the gradient norm.
 * - A direction whose curvature is below rounding, |p.Hp| <= n eps ||H|| ||p||^2, is a zero mode or
 *   indistinguishable from one: the inner iteration ends there with what it has, and the point does
 *   not drift along its orbit. */
#include <thalweg/training/newton.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>
#include <thalweg/operator/hessian.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

#define NORM_STEPS 12     /* power iterations for ||H||: right within a factor of two is enough */
#define GOOD_RATIO 0.75   /* above: the model is trusted further out */
#define ACCEPT_RATIO 1e-4 /* above: the step is taken */
#define GRADIENT_NOISE (0.1 * DBL_EPSILON) /* of ||H|| ||x||; measured on optima: 0.02 to 0.2 */
#define LAST_STEPS 6                       /* at most, past the threshold */
#define INNER_START 0.1                    /* relative residual of the first inner solve */

typedef struct newton {
    const tw_objective *objective;
    const tw_newton_options *options;
    tw_newton_result *result;
    size_t n;     /* entries of a vector held here */
    size_t whole; /* over all owners */
    double *x, *start;
    double *g, *p, *Hp; /* gradient; step; H times the step */
    double *r, *d, *Hd; /* inner residual, direction, H times the direction */
    double *x_trial, *g_trial;
    double value, g_norm, radius;
    bool past_threshold; /* the last steps */
    bool seen_enough;    /* the observer ended it */
    bool stopped;        /* the monitor or the deadline did */
} newton;

static const char *const reason_names[] = {"converged", "stagnated", "iteration limit",
                                           "product limit", "cancelled"};

const char *tw_newton_reason_name(tw_newton_reason reason) {
    return (size_t)reason < sizeof reason_names / sizeof *reason_names ? reason_names[reason]
                                                                       : "unknown";
}

static tw_status newton_init(newton *s, double *x) {
    tw_status status = TW_OK;
    double **buffers[] = {&s->start, &s->g,  &s->p,       &s->Hp,     &s->r,
                          &s->d,     &s->Hd, &s->x_trial, &s->g_trial};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) TW_TRY(TW_NEW(*buffers[i], s->n));
    s->x = x;
    tw_copy(s->n, x, s->start);
cleanup:
    return status;
}

static void newton_clear(newton *s) {
    double *buffers[] = {s->start, s->g, s->p, s->Hp, s->r, s->d, s->Hd, s->x_trial, s->g_trial};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) free(buffers[i]);
}

static double dot(const newton *s, const double *a, const double *b) {
    return tw_dot(s->options->space, s->n, a, b);
}

static double norm(const newton *s, const double *a) {
    return tw_norm(s->options->space, s->n, a);
}

static tw_status evaluate(newton *s, const double *x, double *value, double *g) {
    s->result->evaluations++;
    return s->objective->eval(s->objective->self, x, value, g);
}

static tw_status product(newton *s, const double *v, double *Hv) {
    s->result->products++;
    const tw_objective *f = s->objective;
    const tw_beside at = {s->x, TW_BESIDE_TRAINED};
    return f->draft ? f->draft(f->self, &at, 1, v, s->n, Hv, s->n)
                    : f->hessian(f->self, s->x, 1, v, s->n, Hv, s->n);
}

/* Told to end? Asked before every product, of which one step may take thousands. */
static bool stopped(newton *s) {
    s->stopped = s->stopped || tw_space_told_to_end(s->options->space, &s->options->budget,
                                                    "polishing", (double)s->result->iterations,
                                                    (double)s->options->max_iterations);
    return s->stopped;
}

/* ||H|| from below, by power iteration from a random vector; d and Hd are free to use. */
static tw_status estimate_curvature(newton *s) {
    tw_status status = TW_OK;
    tw_random stream;
    tw_random_init(&stream, s->options->budget.seed, TW_PURPOSE_START, 0);
    tw_space_fill_normal(s->options->space, &stream, s->n, s->d);
    tw_scale(s->n, 1.0 / norm(s, s->d), s->d);
    for (int i = 0; i < NORM_STEPS && !stopped(s); i++) {
        TW_TRY(product(s, s->d, s->Hd));
        double size = norm(s, s->Hd);
        s->result->curvature = fmax(s->result->curvature, size);
        if (!(size > 0.0) || !isfinite(size)) break;
        tw_copy(s->n, s->Hd, s->d);
        tw_scale(s->n, 1.0 / size, s->d);
    }
cleanup:
    return status;
}

static double threshold(const newton *s) {
    double curvature = fmin(s->result->curvature, s->options->curvature_cap);
    return fmax(s->options->goal, s->options->tolerance * curvature * fmax(1.0, norm(s, s->x)));
}

/* Lengthen p along d to the radius; Hp follows. */
static void go_to_boundary(newton *s) {
    double pp = dot(s, s->p, s->p), pd = dot(s, s->p, s->d), dd = dot(s, s->d, s->d);
    double room = fmax(0.0, s->radius * s->radius - pp);
    double tau = room / (pd + sqrt(pd * pd + dd * room));
    tw_axpy(s->n, tau, s->d, s->p);
    tw_axpy(s->n, tau, s->Hd, s->Hp);
}

/* What one inner iteration found. */
typedef enum inner_outcome { INNER_GO_ON, INNER_DONE } inner_outcome;

/* One step of conjugate gradients; *rr is the squared residual. */
static tw_status inner_step(newton *s, double *rr, inner_outcome *outcome) {
    tw_status status = product(s, s->d, s->Hd);
    if (status != TW_OK) return status;
    double dd = dot(s, s->d, s->d), curvature = dot(s, s->d, s->Hd);
    double rounding = (double)s->whole * DBL_EPSILON * s->result->curvature * dd;
    *outcome = INNER_DONE;
    if (fabs(curvature) <= rounding) return TW_OK;
    if (curvature < 0.0) {
        s->result->negative_curvature++;
        go_to_boundary(s);
        return TW_OK;
    }
    double alpha = *rr / curvature;
    double pp = dot(s, s->p, s->p), pd = dot(s, s->p, s->d);
    if (pp + 2.0 * alpha * pd + alpha * alpha * dd >= s->radius * s->radius) {
        go_to_boundary(s);
        return TW_OK;
    }
    tw_axpy(s->n, alpha, s->d, s->p);
    tw_axpy(s->n, alpha, s->Hd, s->Hp);
    tw_axpy(s->n, alpha, s->Hd, s->r);
    double next = dot(s, s->r, s->r), beta = next / *rr;
    tw_scale(s->n, beta, s->d);
    tw_axpy(s->n, -1.0, s->r, s->d);
    *rr = next;
    *outcome = INNER_GO_ON;
    return TW_OK;
}

/* p and Hp: the truncated Newton step. */
static tw_status inner_solve(newton *s) {
    tw_status status = TW_OK;
    double forcing = fmin(INNER_START, sqrt(s->g_norm / s->result->gradient_norm_before));
    double goal = forcing * s->g_norm, rr = s->g_norm * s->g_norm;
    /* The gradient itself is only known to this: iterating on less would solve for noise, which a
     * singular Hessian turns into steps of any size. */
    double noise = GRADIENT_NOISE * s->result->curvature * norm(s, s->x);
    inner_outcome outcome = INNER_GO_ON;
    for (size_t i = 0; i < s->n; i++) {
        s->p[i] = s->Hp[i] = 0.0;
        s->r[i] = s->g[i];
        s->d[i] = -s->g[i];
    }
    /* 2 n steps: beyond that conjugacy is lost, and the next outer step does better. */
    for (size_t i = 0; i < 2 * s->whole && outcome == INNER_GO_ON; i++) {
        if (sqrt(rr) <= fmax(goal, noise)) break;
        if (s->result->products >= s->options->budget.products || stopped(s)) break;
        TW_TRY(inner_step(s, &rr, &outcome));
    }
cleanup:
    return status;
}

/* Judge the trial point; *accepted says whether x moved. */
static tw_status outer_judge(newton *s, double trial_value, bool *accepted) {
    double predicted = -(dot(s, s->g, s->p) + 0.5 * dot(s, s->p, s->Hp));
    double actual = s->value - trial_value, step = norm(s, s->p);
    double trial_norm = norm(s, s->g_trial);
    double rounding = 1e3 * DBL_EPSILON * fabs(s->value);
    double ratio = predicted > 0.0 ? actual / predicted : 0.0;
    if (predicted <= rounding) ratio = trial_norm < s->g_norm && actual >= -rounding ? 1.0 : 0.0;
    *accepted = ratio > ACCEPT_RATIO && (!s->past_threshold || trial_norm < s->g_norm);
    if (ratio < 0.25) s->radius = 0.25 * step;
    if (ratio > GOOD_RATIO && step > 0.8 * s->radius) s->radius *= 2.5;
    if (!*accepted) return TW_OK;
    tw_copy(s->n, s->x_trial, s->x);
    tw_copy(s->n, s->g_trial, s->g);
    s->value = trial_value;
    s->g_norm = trial_norm;
    if (s->options->see == NULL) return TW_OK;
    tw_status status = s->options->see(s->options->self, s->x, s->value, s->g, &s->seen_enough);
    if (status == TW_OK) s->seen_enough = tw_space_any_of(s->options->space, s->seen_enough);
    return status;
}

static tw_status outer_step(newton *s, bool *accepted) {
    tw_status status = TW_OK;
    double trial_value = 0.0;
    TW_TRY(inner_solve(s));
    if (s->stopped) return TW_OK; /* a step that was cut short is not taken */
    tw_copy(s->n, s->x, s->x_trial);
    tw_axpy(s->n, 1.0, s->p, s->x_trial);
    status = evaluate(s, s->x_trial, &trial_value, s->g_trial);
    if (status == TW_ERR_NUMERIC) {
        /* The trial point is outside the function's range: come back with a smaller step. */
        *accepted = false;
        s->radius = 0.25 * norm(s, s->p);
        return TW_OK;
    }
    TW_TRY(status);
    TW_TRY(outer_judge(s, trial_value, accepted));
cleanup:
    return status;
}

static bool ended(newton *s) {
    tw_newton_result *result = s->result;
    const tw_newton_options *options = s->options;
    bool cancelled = stopped(s);
    if (s->g_norm <= threshold(s))
        result->reason = TW_NEWTON_CONVERGED;
    else if (cancelled || s->seen_enough)
        result->reason = TW_NEWTON_CANCELLED;
    else if (result->iterations >= options->max_iterations)
        result->reason = TW_NEWTON_ITERATIONS;
    else if (result->products >= options->budget.products)
        result->reason = TW_NEWTON_PRODUCTS;
    else if (s->radius <= DBL_EPSILON * fmax(1.0, norm(s, s->x)))
        result->reason = TW_NEWTON_STAGNATED;
    else
        return false;
    return true;
}

/* Convergence is quadratic: a step or two past the threshold reach the rounding floor for the price
 * of an inner solve each. They go on while the gradient still halves. At a saddle such a step may
 * find the way down and end anywhere, so that none is taken that raises the gradient. */
static tw_status last_steps(newton *s) {
    tw_status status = TW_OK;
    bool accepted = s->result->iterations > 0; /* a start that is critical stays as it is */
    s->past_threshold = true;
    for (int i = 0; i < LAST_STEPS && accepted && !s->seen_enough; i++) {
        double before = s->g_norm;
        if (s->result->products >= s->options->budget.products) break;
        s->result->iterations++;
        TW_TRY(outer_step(s, &accepted));
        if (s->g_norm > 0.5 * before) break;
    }
cleanup:
    return status;
}

static tw_status iterate(newton *s) {
    tw_status status = TW_OK;
    tw_newton_result *result = s->result;
    TW_TRY(evaluate(s, s->x, &s->value, s->g));
    s->g_norm = norm(s, s->g);
    result->value_before = s->value;
    result->gradient_norm_before = s->g_norm;
    TW_TRY(estimate_curvature(s));
    s->radius = 0.1 * fmax(1.0, norm(s, s->x));
    while (!ended(s)) {
        bool accepted = false;
        result->iterations++;
        TW_TRY(outer_step(s, &accepted));
    }
    if (result->reason == TW_NEWTON_CONVERGED) TW_TRY(last_steps(s));
cleanup:
    return status;
}

tw_status tw_newton(const tw_objective *objective, const tw_newton_options *options, double *x,
                    tw_newton_result *result) {
    tw_status status = TW_OK;
    tw_newton_options defaults = TW_NEWTON_DEFAULTS;
    if (options == NULL) options = &defaults;
    newton s = {.objective = objective, .options = options, .result = result, .n = objective->n};
    *result = (tw_newton_result){0};
    TW_TRY(tw_budget_check(&options->budget));
    if (!(options->tolerance > 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "tolerance %g is not positive", options->tolerance);
    TW_TRY(tw_space_check(options->space, objective->n));
    s.whole = tw_space_dimension(options->space, objective->n);
    TW_TRY(newton_init(&s, x));
    TW_TRY(iterate(&s));
    result->value = s.value;
    result->gradient_norm = s.g_norm;
    result->threshold = threshold(&s);
    result->size = norm(&s, s.x);
    tw_axpy(s.n, -1.0, s.x, s.start);
    result->moved = norm(&s, s.start);
cleanup:
    newton_clear(&s);
    return status;
}

/* The vectors of newton_init. */
void tw_newton_cost(size_t n, const tw_newton_options *options, tw_cost *cost) {
    const tw_newton_options defaults = TW_NEWTON_DEFAULTS;
    if (options == NULL) options = &defaults;
    *cost = (tw_cost){.bytes = 8.0 * 9.0 * (double)n, .traffic = 12.0 * (double)n};
    tw_cost_set_products(cost, 1.0, (double)options->budget.products);
}
