/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claim (l): features in a ball, a classifier of norm at most 1,
 *     min (1/N) sum_i ce(W h_i, y_i)   over  ||W||_op <= 1,  ||h_i|| <= R,  L = 1, no ridges,
 * by projected gradient descent from random starts. The projection cuts singular values of W at 1
 * and shortens columns of H to R. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

#define STEPS 4000
#define SMALLEST_STEP 1e-12

typedef struct ball {
    size_t K, N, d, n; /* n: of theta */
    double radius;
    tw_objective objective;
    double *x, *next, *gradient;    /* n */
    double *copy, *values, *U, *Vt; /* of W */
} ball;

/* ---- Projection ---- */

static tw_status project(const ball *b, double *x) {
    tw_status status = TW_OK;
    size_t least = b->K < b->d ? b->K : b->d;
    tw_copy(b->K * b->d, x, b->copy);
    TW_TRY(tw_singular_values(b->K, b->d, b->copy, b->values, b->U, b->Vt));
    for (size_t j = 0; j < least; j++) tw_scale(b->K, fmin(b->values[j], 1.0), b->U + b->K * j);
    tw_multiply(1.0, tw_plain(b->U, b->K, least), tw_plain(b->Vt, least, b->d), 0.0,
                tw_mat(x, b->K, b->d));
    for (size_t i = 0; i < b->N; i++) {
        double *h = x + b->K * b->d + b->d * i, length = tw_norm(NULL, b->d, h);
        if (length > b->radius) tw_scale(b->d, b->radius / length, h);
    }
cleanup:
    return status;
}

/* ---- Descent ---- */

/* One accepted step; *step (in/out) doubles after it and halves until it lowers f. *value: in/out.
 */
static tw_status advance(ball *b, double *step, double *value) {
    tw_status status = TW_OK;
    TW_TRY(b->objective.eval(b->objective.self, b->x, value, b->gradient));
    for (*step *= 2.0; *step > SMALLEST_STEP; *step *= 0.5) {
        double trial, moved = 0.0;
        for (size_t i = 0; i < b->n; i++) b->next[i] = b->x[i] - *step * b->gradient[i];
        TW_TRY(project(b, b->next));
        for (size_t i = 0; i < b->n; i++) moved += (b->next[i] - b->x[i]) * (b->next[i] - b->x[i]);
        TW_TRY(b->objective.eval(b->objective.self, b->next, &trial, NULL));
        if (trial > *value - 1e-4 * moved / *step) continue;
        *value = trial;
        tw_copy(b->n, b->next, b->x);
        return TW_OK;
    }
cleanup:
    return status;
}

static tw_status descend(ball *b, tw_claim_run *run, uint64_t index, double *value) {
    tw_status status = TW_OK;
    tw_random stream;
    double step = 1.0;
    tw_random_init(&stream, run->seed, TW_PURPOSE_POINT, index);
    tw_random_fill_normal(&stream, b->n, b->x);
    TW_TRY(project(b, b->x));
    for (size_t i = 0; i < STEPS && step > SMALLEST_STEP; i++) {
        double before = *value;
        TW_TRY(advance(b, &step, value));
        if (i > 50 && before - *value <= 1e-15 * *value) break;
    }
cleanup:
    return status;
}

/* ---- One model ---- */

typedef struct ball_tally {
    size_t starts;
    double above, below; /* largest and smallest (found - stated)/stated */
} ball_tally;

static tw_status prepare(ball *b) {
    tw_status status = TW_OK;
    size_t most = b->K > b->d ? b->K : b->d;
    TW_TRY(TW_NEW(b->x, b->n));
    TW_TRY(TW_NEW(b->next, b->n));
    TW_TRY(TW_NEW(b->gradient, b->n));
    TW_TRY(TW_NEW(b->copy, most * most));
    TW_TRY(TW_NEW(b->values, most));
    TW_TRY(TW_NEW(b->U, most * most));
    TW_TRY(TW_NEW(b->Vt, most * most));
cleanup:
    return status;
}

static void release(ball *b) {
    free(b->x);
    free(b->next);
    free(b->gradient);
    free(b->copy);
    free(b->values);
    free(b->U);
    free(b->Vt);
}

/* The best of a few starts: a single one may end at a lower rank. */
static tw_status solve(tw_claim_run *run, const tw_claim_case *given, double radius,
                       ball_tally *t) {
    tw_status status = TW_OK;
    ball b = {.K = given->classes, .d = given->width, .radius = radius};
    tw_dufm model = {0};
    tw_evaluator *evaluator = NULL;
    double K = (double)given->classes, best = INFINITY;
    TW_TRY(tw_claim_model(given, &model));
    TW_TRY(tw_evaluator_create(&model, &evaluator));
    b.objective = tw_evaluator_objective(evaluator);
    b.N = model.samples;
    b.n = b.objective.n;
    TW_TRY(prepare(&b));
    double stated = log1p((K - 1) * exp(-radius * pow(K / (K - 1), run->constants[0])));
    for (size_t i = 0; i < (run->quick ? 3u : 12u); i++) {
        double value = INFINITY;
        TW_TRY(descend(&b, run, i, &value));
        best = fmin(best, value);
        t->starts++;
    }
    t->above = fmax(t->above, (best - stated) / stated);
    t->below = fmin(t->below, (best - stated) / stated);
cleanup:
    release(&b);
    tw_evaluator_destroy(evaluator);
    tw_dufm_clear(&model);
    return status;
}

tw_status tw_claim_ball(tw_claim_run *run) {
    tw_status status = TW_OK;
    static const tw_claim_case cases[] = {
        {"ce", 3, 2, 4, 1, 0, 0, false}, {"ce", 4, 1, 3, 1, 0, 0, false},
        {"ce", 5, 2, 7, 1, 0, 0, false}, {"ce", 2, 3, 2, 1, 0, 0, false},
        {"ce", 8, 1, 9, 1, 0, 0, false}, {"ce", 4, 5, 4, 1, 0, 0, false}};
    static const double radii[] = {0.5, 2.0, 5.0};
    size_t count = run->quick ? 3 : sizeof cases / sizeof *cases;
    ball_tally t = {.below = INFINITY, .above = -INFINITY};
    for (size_t i = 0; i < count && !tw_claim_stop(run, (double)i, (double)count); i++)
        for (size_t r = 0; r < sizeof radii / sizeof *radii; r++)
            TW_TRY(solve(run, &cases[i], radii[r], &t));
    tw_claim_add(run, (tw_claim_test){t.below, ">=", -1e-12, 0},
                 "smallest (best loss found - stated)/stated: nothing is below");
    tw_claim_add(run, (tw_claim_test){t.above, "<=", 1e-6, 0}, "largest: and it is reached");
    tw_claim_computed(run,
                      "min (1/N) sum ce(W h_i, y_i) over ||W||_op <= 1 and ||h_i|| <= R (every "
                      "column), no ridge, d >= K-1, by projected gradient descent: %zu starts in "
                      "%zu models, R = 0.5, 2, 5. The bound from below is proved in (11.6).",
                      t.starts, count);
cleanup:
    return status;
}
