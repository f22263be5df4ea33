/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Problems over spread vectors: an operator D + U U^T, a reduction of two sums a product, and the
 * ring f = (|x|^2 - 1)^2 / 4 + x.(a x) / 2, whose critical points on the unit sphere of the entries
 * with a = 0 are an orbit of rotations. */
#ifndef TEST_SPREAD_H
#define TEST_SPREAD_H

#include "support/owners.h"

#include <thalweg/base/budget.h>
#include <thalweg/base/random.h>
#include <thalweg/model/objective.h>
#include <thalweg/operator/tangent.h>
#include <thalweg/spectrum/estimate.h>

#define SPREAD_AGREE 1e-7 /* of numbers that Lanczos makes, whose rounding may grow along the way */

enum { SPREAD_MOST = 12000, SPREAD_RANK = 2, SPREAD_COLUMNS = 64 };

typedef struct spread_problem {
    size_t n, ring; /* the first `ring` entries of a are 0 */
    double d[SPREAD_MOST], U[SPREAD_RANK][SPREAD_MOST], a[SPREAD_MOST], x[SPREAD_MOST];
    size_t bad; /* this entry of a product is no number; SIZE_MAX: all are */
} spread_problem;

static inline void spread_sum(const owner *o, size_t count, double *partial) {
    if (o->space) o->space->sum(o->space->self, count, partial);
}

static inline double spread_dot(const owner *o, const double *x, const double *y) {
    double sum = 0.0;
    for (size_t i = 0; i < o->n; i++) sum += x[i] * y[i];
    spread_sum(o, 1, &sum);
    return sum;
}

static inline tw_status spread_apply(void *self, size_t k, const double *X, size_t ldx, double *Y,
                                     size_t ldy) {
    const owner *o = self;
    const spread_problem *p = o->problem;
    for (size_t j = 0; j < k; j++) {
        const double *x = X + j * ldx;
        double *y = Y + j * ldy, sums[SPREAD_RANK] = {0};
        for (size_t r = 0; r < SPREAD_RANK; r++)
            for (size_t i = 0; i < o->n; i++) sums[r] += p->U[r][o->offset + i] * x[i];
        spread_sum(o, SPREAD_RANK, sums);
        for (size_t i = 0; i < o->n; i++) {
            size_t at = o->offset + i;
            y[i] = p->d[at] * x[i] + p->U[0][at] * sums[0] + p->U[1][at] * sums[1];
            if (at == p->bad) y[i] = (double)NAN;
        }
    }
    return TW_OK;
}

static inline tw_linop spread_operator(owner *o) {
    return (tw_linop){.n = o->n, .apply = spread_apply, .self = o};
}

static inline tw_status ring_eval(void *self, const double *x, double *value, double *gradient) {
    const owner *o = self;
    const spread_problem *p = o->problem;
    double sums[2] = {0.0, 0.0};
    for (size_t i = 0; i < o->n; i++) {
        sums[0] += x[i] * x[i];
        sums[1] += p->a[o->offset + i] * x[i] * x[i];
    }
    spread_sum(o, 2, sums);
    double excess = sums[0] - 1.0;
    *value = 0.25 * excess * excess + 0.5 * sums[1];
    for (size_t i = 0; gradient && i < o->n; i++)
        gradient[i] = (excess + p->a[o->offset + i]) * x[i];
    return TW_OK;
}

static inline tw_status ring_hessian(void *self, const double *x, size_t k, const double *V,
                                     size_t ldv, double *Y, size_t ldy) {
    const owner *o = self;
    const spread_problem *p = o->problem;
    double excess = spread_dot(o, x, x) - 1.0;
    for (size_t j = 0; j < k; j++) {
        const double *v = V + j * ldv;
        double along = spread_dot(o, x, v);
        for (size_t i = 0; i < o->n; i++)
            Y[i + j * ldy] = (excess + p->a[o->offset + i]) * v[i] + 2.0 * along * x[i];
    }
    return TW_OK;
}

static inline tw_objective ring_objective(owner *o) {
    return (tw_objective){.n = o->n, .eval = ring_eval, .hessian = ring_hessian, .self = o};
}

/* The part of v along the orbit at p->x, a unit vector of the ring. */
static inline void ring_along(const owner *o, const double *v, double *out) {
    const spread_problem *p = o->problem;
    const double *x = p->x + o->offset;
    double radial = 0.0;
    for (size_t i = 0; i < o->n; i++) out[i] = o->offset + i < p->ring ? v[i] : 0.0;
    radial = spread_dot(o, x, out);
    for (size_t i = 0; i < o->n; i++) out[i] -= radial * x[i];
}

static inline tw_status ring_complement(void *self, size_t k, const double *X, size_t ldx,
                                        double *Y, size_t ldy) {
    const owner *o = self;
    for (size_t j = 0; j < k; j++) {
        ring_along(o, X + j * ldx, Y + j * ldy);
        for (size_t i = 0; i < o->n; i++) Y[i + j * ldy] = X[i + j * ldx] - Y[i + j * ldy];
    }
    return TW_OK;
}

static inline tw_status ring_sample(void *self, tw_random *stream, double *v) {
    const owner *o = self;
    double drawn[SPREAD_MOST];
    tw_random_fill_normal_part(stream, o->whole, o->offset, o->n, drawn);
    ring_along(o, drawn, v);
    double length = sqrt(spread_dot(o, v, v));
    for (size_t i = 0; i < o->n; i++) v[i] /= length;
    return TW_OK;
}

static inline tw_tangent ring_tangent(owner *o) {
    const spread_problem *p = o->problem;
    return (tw_tangent){
        p->ring - 1, {.n = o->n, .apply = ring_complement, .self = o}, ring_sample, o};
}

/* Values of D: `distinct` of them in turn, or all different when 0. Of a: 0 in the ring, then
 * -0.3, then copies of 0.5 and 1. */
static inline spread_problem *spread_make(size_t n, size_t distinct) {
    static spread_problem p;
    double square = 0.0;
    tw_random stream;
    tw_random_init(&stream, n, TW_PURPOSE_TEST, distinct);
    p = (spread_problem){.n = n, .ring = 7, .bad = SIZE_MAX};
    for (size_t i = 0; i < n; i++) {
        p.d[i] = distinct ? (double)(i * 7 % distinct) - 1.5 : 3.0 * (double)i / (double)n - 0.5;
        for (size_t r = 0; r < SPREAD_RANK; r++)
            p.U[r][i] = tw_random_normal(&stream) / sqrt((double)n);
        p.a[i] = i < p.ring ? 0.0 : i == p.ring ? -0.3 : i % 2 ? 0.5 : 1.0;
        p.x[i] = i < p.ring ? tw_random_normal(&stream) : 0.0;
        square += p.x[i] * p.x[i];
    }
    for (size_t i = 0; i < n; i++) p.x[i] /= sqrt(square);
    return &p;
}

static inline tw_budget spread_budget(void) {
    tw_budget budget = TW_BUDGET_DEFAULTS;
    budget.dense_limit = 0;
    return budget;
}

static inline void owner_tell_estimate(told *out, tw_estimate e) {
    owner_tell(out, e.value);
    owner_tell(out, e.error);
    owner_tell(out, e.low);
    owner_tell(out, e.high);
}

/* ---- Comparing ---- */

static inline bool spread_alike(double a, double b, double tolerance) {
    if (isnan(a) || isnan(b)) return isnan(a) && isnan(b);
    return a == b || fabs(a - b) <= tolerance * fmax(1.0, fabs(b));
}

/* All cuts against one owner; pairs: the first numbers are a count and so many values, and the
 * gathered columns have to be their unit eigenvectors. */
static inline void check_spread(owner_job job, spread_problem *problem, double tolerance,
                                bool pairs) {
    static double gathered[SPREAD_MOST * SPREAD_COLUMNS], image[SPREAD_MOST];
    told one, many;
    assert_ok(owners_alone(job, problem, problem->n, gathered, &one));
    owner whole = {.n = problem->n, .whole = problem->n, .problem = problem};
    for (size_t c = 0; c < OWNERS_CUTS; c++) {
        tw_status status =
            owners_together(job, problem, problem->n, &owners_cuts[c], gathered, &many);
        assert_int_equal(status, TW_OK);
        assert_int_equal(many.count, one.count);
        for (size_t i = 0; i < one.count; i++)
            if (!spread_alike(many.numbers[i], one.numbers[i], tolerance))
                fail_msg("number %zu of %zu owners: %.17g, of one %.17g", i, owners_cuts[c].owners,
                         many.numbers[i], one.numbers[i]);
        for (size_t j = 0; pairs && j < (size_t)many.numbers[0]; j++) {
            double *v = gathered + j * problem->n, value = many.numbers[1 + j];
            spread_apply(&whole, 1, v, problem->n, image, problem->n);
            for (size_t i = 0; i < problem->n; i++) image[i] -= value * v[i];
            assert_near(sqrt(spread_dot(&whole, v, v)), 1.0, 1e-12);
            assert_near(sqrt(spread_dot(&whole, image, image)), 0.0, 1e-8);
        }
    }
}

#endif
