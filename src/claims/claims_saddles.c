/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims (a), (b): at L = 1 what is no global minimum is a strict saddle, with a known index and a
 * known direction. Points: minima of narrow models padded with zeros, block partitions, and for
 * squared error every set of learned directions. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/optima/construction.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"

/* The singular values of the signal part lie on the bound, to the rounding of the point. */
#define ON_BOUND 1e-6

typedef struct tally {
    size_t points, suboptimal; /* critical points; of them, no global minimum */
    size_t uncounted;          /* not stationary, or the counts hang on a threshold */
    size_t wrong_index;        /* (3.12) against the dense inertia */
    size_t without_negative;   /* no global minimum, and yet no negative mode */
    size_t wrong_test;         /* ||G|| <= bound and the loss disagree about optimality */
    size_t unproved;           /* of them, negative curvatures that ball arithmetic did not prove */
    size_t largest_index;
    double worst_direction; /* |v^T H v + 2 (||G|| - bound)| over ||H|| */
    double worst_gradient;  /* relative */
} tally;

/* ---- One point ---- */

static size_t above_bound(const tw_claim_view *view, double bound) {
    size_t above = 0;
    for (size_t i = 0; i < view->sigma_count; i++) above += view->sigma[i] > bound * (1 + ON_BOUND);
    return above;
}

/* own: negative modes of the same point at a width that is its rank. */
static tw_status judge(tw_claim_run *run, const tw_point *point, size_t own, double best,
                       tally *t) {
    tw_status status = TW_OK;
    tw_claim_view view = {0};
    const tw_dufm *model = &point->model;
    double bound = run->constants[0] * sqrt(model->lambda_W[0] * model->lambda_H);
    TW_TRY(tw_claim_look(point, &view));
    size_t above = above_bound(&view, bound), d = model->widths[0];
    bool optimal = view.loss <= best + 1e-9 * fabs(best);
    t->points++;
    t->suboptimal += !optimal;
    t->uncounted += !view.counted;
    t->wrong_index += view.negative != own + above * (d - view.rank);
    t->without_negative += !optimal && view.negative == 0;
    t->wrong_test += optimal != (above == 0);
    if (view.negative > t->largest_index) t->largest_index = view.negative;
    t->worst_gradient = fmax(t->worst_gradient, view.stationary);
    if (!optimal) {
        double along = 0.0;
        bool proved = false;
        TW_TRY(tw_claim_curvature(point, &along, &proved));
        t->unproved += !proved;
        double said = -2.0 * (view.sigma[0] - bound);
        t->worst_direction = fmax(t->worst_direction, fabs(along - said) / view.norm);
    }
cleanup:
    tw_claim_view_clear(&view);
    return status;
}

static tw_status loss_of(const tw_point *point, double *loss) {
    tw_status status = TW_OK;
    tw_evaluator *evaluator = NULL;
    TW_TRY(tw_evaluator_create(&point->model, &evaluator));
    const tw_objective objective = tw_evaluator_objective(evaluator);
    TW_TRY(objective.eval(objective.self, point->theta, loss, NULL));
cleanup:
    tw_evaluator_destroy(evaluator);
    return status;
}

/* ---- Families of points ---- */

/* The optimum of width w with zeros up to the width of the case, and the best loss of all. */
static tw_status judge_padded(tw_claim_run *run, const tw_claim_case *given, size_t w, double best,
                              tally *t) {
    tw_status status = TW_OK;
    tw_claim_case narrow = *given;
    tw_claim_view view = {0};
    tw_point small = {0}, wide = {0};
    narrow.width = w;
    TW_TRY(tw_claim_lowest(&narrow, run->seed, run->quick ? 2 : 6, &small));
    TW_TRY(tw_claim_look(&small, &view));
    size_t above =
        above_bound(&view, run->constants[0] * sqrt(given->lambda * given->feature_lambda));
    size_t spare = above * (w - view.rank);
    TW_TRY(tw_point_embed(&small, &given->width, run->seed, &wide));
    TW_TRY(judge(run, &wide, view.negative > spare ? view.negative - spare : 0, best, t));
cleanup:
    tw_claim_view_clear(&view);
    tw_point_clear(&small);
    tw_point_clear(&wide);
    return status;
}

/* rank: of the closed form; 0 for zero. */
static tw_status judge_closed(tw_claim_run *run, const tw_claim_case *given, const char *name,
                              size_t rank, double best, tally *t) {
    tw_status status = TW_OK;
    bool exists = false;
    tw_claim_case narrow = *given;
    tw_claim_view view = {0};
    tw_point point = {0}, small = {0};
    narrow.width = rank;
    TW_TRY(tw_claim_closed(given, name, run->seed, &exists, &point));
    if (!exists) goto cleanup;
    if (rank > 0) TW_TRY(tw_claim_closed(&narrow, name, run->seed, &exists, &small));
    if (rank > 0) TW_TRY(tw_claim_look(&small, &view));
    TW_TRY(judge(run, &point, view.negative, best, t));
cleanup:
    tw_claim_view_clear(&view);
    tw_point_clear(&small);
    tw_point_clear(&point);
    return status;
}

static tw_status judge_partitions(tw_claim_run *run, const tw_claim_case *given, double best,
                                  tally *t) {
    tw_status status = TW_OK;
    char name[160];
    for (size_t i = 0; tw_claim_partition(given->classes, i, name, sizeof name); i++) {
        size_t rank = given->classes - 1;
        for (const char *at = name; *at; at++) rank -= *at == ',';
        TW_TRY(judge_closed(run, given, name, rank, best, t));
    }
cleanup:
    return status;
}

/* At full width every minimum of L = 1 is global: its loss is the best one. */
static tw_status best_loss(tw_claim_run *run, const tw_claim_case *given, double *best) {
    tw_status status = TW_OK;
    tw_point point = {0};
    TW_TRY(tw_claim_lowest(given, run->seed, 2, &point));
    TW_TRY(loss_of(&point, best));
cleanup:
    tw_point_clear(&point);
    return status;
}

static tw_status judge_case(tw_claim_run *run, const tw_claim_case *given, tally *t) {
    tw_status status = TW_OK;
    double best = 0.0;
    TW_TRY(best_loss(run, given, &best));
    TW_TRY(judge_closed(run, given, "zero", 0, best, t));
    for (size_t w = 1; w < given->classes; w++) TW_TRY(judge_padded(run, given, w, best, t));
    if (!given->uneven) TW_TRY(judge_partitions(run, given, best, t));
cleanup:
    return status;
}

static void add_tally(tw_claim_run *run, const tally *t) {
    const double none = 0.0;
    tw_claim_add(run, (tw_claim_test){(double)t->suboptimal, ">", none, 0},
                 "critical points above the global minimum");
    tw_claim_add(run, (tw_claim_test){(double)t->without_negative, "=", none, 0},
                 "of them without a negative mode");
    tw_claim_add(run, (tw_claim_test){(double)t->unproved, "=", none, 0},
                 "of them without a certificate along (3.13)");
    tw_claim_add(run, (tw_claim_test){(double)t->wrong_index, "=", none, 0},
                 "points whose index is not that of (3.12), plus that at width r");
    tw_claim_add(run, (tw_claim_test){(double)t->wrong_test, "=", none, 0},
                 "points where ||G||_2 and the loss disagree about optimality");
    tw_claim_add(run, (tw_claim_test){t->worst_direction, "<=", 1e-9, 0},
                 "largest |v^T H v + 2 (||G||_2 - bound)| / ||H||");
    tw_claim_add(run, (tw_claim_test){(double)t->largest_index, "", NAN, 0}, "largest index met");
    tw_claim_add(run, (tw_claim_test){t->worst_gradient, "", NAN, 0},
                 "largest ||g|| / (||H|| max(1, ||theta||))");
    if (t->uncounted > 0)
        tw_claim_doubt(run, "%zu of %zu points have counts that hang on a threshold", t->uncounted,
                       t->points);
}

tw_status tw_claim_saddles_ce(tw_claim_run *run) {
    tw_status status = TW_OK;
    static const tw_claim_case cases[] = {
        {"ce", 5, 2, 8, 1, 1e-2, 1e-2, false},  {"ce", 4, 1, 5, 1, 2e-2, 2e-2, false},
        {"ce", 4, 2, 6, 1, 3e-2, 4e-3, true},   {"ce", 6, 1, 7, 1, 5e-3, 2e-2, false},
        {"ce", 3, 2, 4, 1, 2e-3, 2e-3, true},   {"ce", 7, 1, 9, 1, 8e-3, 8e-3, false},
        {"ce", 8, 1, 10, 1, 4e-3, 4e-3, false}, {"ce", 6, 2, 8, 1, 1e-2, 2e-3, true},
        {"ce", 5, 3, 12, 1, 1e-4, 1e-4, false}, {"ce", 10, 1, 11, 1, 3e-3, 3e-3, false},
    };
    size_t count = run->quick ? 5 : sizeof cases / sizeof *cases;
    tally t = {0};
    for (size_t i = 0; i < count && !tw_claim_stop(run, (double)i, (double)count); i++)
        TW_TRY(judge_case(run, &cases[i], &t));
    add_tally(run, &t);
    tw_claim_computed(run,
                      "%zu critical points of %zu models (K = 3 .. %d, balanced and not, equal and "
                      "unequal ridges): zero, optima of every smaller width padded with zeros, "
                      "block partitions; their inertia by the dense route against (3.12).",
                      t.points, count, run->quick ? 6 : 10);
cleanup:
    return status;
}

/* ---- Squared error: every set of learned directions ---- */

/* Class logits diag(q_k) on the classes in `set`, q_k = 1 - N sqrt(lambda_W lambda_H)/sqrt(n_k). At
 * a width that is its rank such a point has one negative mode for each pair of a learned class and
 * a larger one (in our cases: a later one) that is not learned: they trade places. */
static tw_status judge_set(tw_claim_run *run, const tw_claim_case *given, unsigned set, double best,
                           tally *t) {
    tw_status status = TW_OK;
    size_t K = given->classes;
    double *Z = NULL, N = 0.0;
    tw_point point = {0};
    TW_TRY(TW_NEW(Z, K * K));
    for (size_t k = 0; k < K; k++) N += (double)(given->samples + k);
    double cut = N * sqrt(given->lambda * given->feature_lambda);
    for (size_t k = 0; k < K; k++)
        if (set >> k & 1) Z[k * (K + 1)] = 1.0 - cut / sqrt((double)(given->samples + k));
    size_t pairs = 0;
    for (size_t j = 0; j < K; j++)
        for (size_t i = j + 1; i < K; i++) pairs += (set >> j & 1) && !(set >> i & 1);
    if (set == 0)
        TW_TRY(judge_closed(run, given, "zero", 0, best, t));
    else {
        TW_TRY(tw_claim_point(given, Z, run->seed, &point));
        TW_TRY(judge(run, &point, pairs, best, t));
    }
cleanup:
    free(Z);
    tw_point_clear(&point);
    return status;
}

static tw_status judge_sets(tw_claim_run *run, const tw_claim_case *given, tally *t) {
    tw_status status = TW_OK;
    double best = 0.0;
    TW_TRY(best_loss(run, given, &best));
    for (unsigned set = 0; set < 1u << given->classes; set++)
        TW_TRY(judge_set(run, given, set, best, t));
cleanup:
    return status;
}

static tw_status judge_projectors(tw_claim_run *run, const tw_claim_case *given, tally *t) {
    tw_status status = TW_OK;
    double best = 0.0;
    char name[32];
    TW_TRY(best_loss(run, given, &best));
    TW_TRY(judge_closed(run, given, "zero", 0, best, t));
    for (size_t r = 1; r <= given->classes; r++) {
        snprintf(name, sizeof name, "projector:%zu", r);
        TW_TRY(judge_closed(run, given, name, r, best, t));
    }
cleanup:
    return status;
}

tw_status tw_claim_saddles_mse(tw_claim_run *run) {
    tw_status status = TW_OK;
    static const tw_claim_case cases[] = {
        {"mse", 4, 1, 6, 1, 3e-2, 3e-2, true},   {"mse", 5, 2, 7, 1, 1e-2, 1e-2, false},
        {"mse", 4, 2, 5, 1, 8e-3, 2e-2, true},   {"mse", 8, 1, 10, 1, 2e-2, 5e-3, false},
        {"mse", 5, 1, 7, 1, 1e-2, 2e-2, true},   {"mse", 6, 1, 8, 1, 1e-2, 1e-2, true},
        {"mse", 10, 2, 12, 1, 4e-3, 4e-3, false}};
    size_t count = run->quick ? 4 : sizeof cases / sizeof *cases;
    tally t = {0};
    for (size_t i = 0; i < count && !tw_claim_stop(run, (double)i, (double)count); i++) {
        if (cases[i].uneven)
            TW_TRY(judge_sets(run, &cases[i], &t));
        else
            TW_TRY(judge_projectors(run, &cases[i], &t));
    }
    add_tally(run, &t);
    tw_claim_computed(run,
                      "%zu critical points of %zu models: with classes of different sizes all 2^K "
                      "sets of learned directions, which up to rotations are all critical points "
                      "there are; with equal ones a projector of every rank.",
                      t.points, count);
cleanup:
    return status;
}
