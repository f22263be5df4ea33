/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claim (c): without ridges, L = 1. There is no minimum; the flow runs to infinity, and its
 * direction to a KKT point of (8.1). On the sphere the Hessian at such a direction has, in the null
 * space, the eigenvalues mu -+ sigma_i(G) with mu = -2 <G, Z>/||theta||^2: the criterion of (a),
 * with mu in place of sqrt(lambda_W lambda_H). */
#include "claims/claims_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/base/random.h>
#include <thalweg/examination/separation.h>
#include <thalweg/examination/trajectory.h>
#include <thalweg/model/initialisation.h>
#include <thalweg/optima/construction.h>
#include <thalweg/training/descent.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

#define END_TIME 1e100
#define MARGIN 60.0 /* of constructed directions: other margins are out of sight at exp(-60/k) */
#define CLEAR 1e-3  /* by which the ratio of a direction that is not optimal exceeds 1 */

typedef struct directions {
    size_t flows;
    double worst_end;     /* largest |margin/stated - 1| at the end */
    double worst_left;    /* largest part of the deficit at a the square root of the time */
    double simplex_angle; /* largest nc2 at the end */
    size_t critical, without_negative, unproved;
    size_t stationary;
    double least_ratio, worst_kkt, simplex_ratio;
} directions;

/* ---- The flow ---- */

static tw_status flow(tw_claim_run *run, tw_point *point, uint64_t index,
                      tw_trajectory *trajectory) {
    tw_status status = TW_OK;
    tw_evaluator *evaluator = NULL;
    tw_initialisation law = {0};
    const tw_descent_method *method = tw_descent_method_find("flow");
    const tw_observer observer = {.see = trajectory ? tw_trajectory_see : NULL, .self = trajectory};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    tw_descent_state state = {0};
    tw_descent_result result;
    options.end_time = END_TIME;
    options.tolerance = 0.0;
    options.monitor = run->monitor;
    options.observer = &observer;
    TW_TRY(tw_initialisation_parse(&point->model, "normal:0.1", &law));
    TW_TRY(tw_initialise(&point->model, &law, run->seed, index, point->theta));
    TW_TRY(tw_evaluator_create(&point->model, &evaluator));
    const tw_objective objective = tw_evaluator_objective(evaluator);
    const tw_descent_problem problem = {.objective = &objective};
    TW_TRY(tw_descent_state_init(&state, method, objective.n, point->theta));
    TW_TRY(tw_descend(method, &problem, &options, &state, point->theta, &result));
cleanup:
    tw_descent_state_clear(&state);
    tw_initialisation_clear(&law);
    tw_evaluator_destroy(evaluator);
    return status;
}

static tw_status make_point(const tw_claim_case *given, tw_point *point) {
    tw_status status = TW_OK;
    TW_TRY(tw_claim_model(given, &point->model));
    TW_TRY(TW_NEW(point->theta, tw_dufm_parameters(&point->model)));
cleanup:
    return status;
}

/* Margins of (8.1), and the ratio ||G||_2 ||theta||^2 / -2 <G, Z>. */
static tw_status look(const tw_point *point, tw_separation *separation, double *ratio) {
    tw_status status = TW_OK;
    tw_evaluator *evaluator = NULL;
    size_t n = tw_dufm_parameters(&point->model), KN;
    double along = 0.0;
    TW_TRY(tw_evaluator_create(&point->model, &evaluator));
    TW_TRY(tw_evaluator_linearise(evaluator, point->theta));
    KN = tw_dufm_classes(&point->model) * point->model.samples;
    double reward =
        tw_dot(NULL, KN, tw_evaluator_logit_gradient(evaluator), tw_evaluator_logits(evaluator));
    double square = tw_dot(NULL, n, point->theta, point->theta);
    TW_TRY(tw_separation_measure(evaluator, point->theta, NULL, separation));
    if (ratio) {
        TW_TRY(tw_claim_curvature(point, &along, NULL)); /* -2 ||G||_2 */
        *ratio = along * square / (4.0 * reward);
    }
cleanup:
    tw_evaluator_destroy(evaluator);
    return status;
}

/* The margin at the end, and how much is left of its deficit at half of log t. */
static tw_status read_margin(const tw_trajectory *trajectory, double stated, directions *d) {
    tw_status status = TW_OK;
    size_t rows = tw_trajectory_rows(trajectory), earlier = 0;
    double *time = NULL, *margin = NULL;
    TW_TRY(TW_NEW(time, rows));
    TW_TRY(TW_NEW(margin, rows));
    if (!tw_trajectory_read(trajectory, "time", time) ||
        !tw_trajectory_read(trajectory, "normalised_margin", margin))
        TW_TRY(tw_fail(TW_ERR_DATA, "claim c: a trajectory without margins"));
    while (earlier + 1 < rows && time[earlier + 1] <= sqrt(END_TIME)) earlier++;
    double end = 1.0 - margin[rows - 1] / stated, before = 1.0 - margin[earlier] / stated;
    d->worst_end = fmax(d->worst_end, fabs(end));
    d->worst_left = fmax(d->worst_left, fabs(end / before));
cleanup:
    free(time);
    free(margin);
    return status;
}

static tw_status follow(tw_claim_run *run, const tw_claim_case *given, uint64_t index,
                        directions *d) {
    tw_status status = TW_OK;
    const tw_trajectory_options options = TW_TRAJECTORY_DEFAULTS;
    tw_trajectory *trajectory = NULL;
    tw_point point = {0};
    tw_separation end;
    double K = (double)given->classes, n = (double)given->samples;
    TW_TRY(make_point(given, &point));
    TW_TRY(tw_trajectory_create(&point.model, &options, &trajectory));
    TW_TRY(flow(run, &point, index, trajectory));
    TW_TRY(look(&point, &end, NULL));
    TW_TRY(read_margin(trajectory, 1.0 / (run->constants[0] * (K - 1) * sqrt(n)), d));
    d->simplex_angle = fmax(d->simplex_angle, end.nc2);
    d->flows++;
cleanup:
    tw_trajectory_destroy(trajectory);
    tw_point_clear(&point);
    return status;
}

/* ---- Critical points ---- */

/* W = 1 a^T and features whose class means are all equal: the logits of a sample are all equal. */
static void level(tw_point *point, uint64_t seed) {
    const tw_dufm *model = &point->model;
    size_t K = tw_dufm_classes(model), d = model->widths[0];
    double row[64], common[64];
    tw_random stream;
    tw_random_init(&stream, seed, TW_PURPOSE_POINT, 64);
    tw_random_fill_normal(&stream, d, row);
    tw_random_fill_normal(&stream, d, common);
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < K; k++) point->theta[k + K * j] = row[j];
    for (size_t i = 0; i < model->samples; i++) { /* two samples a class, on either side */
        double sign = i % 2 ? -1.0 : 1.0, *h = point->theta + K * d + d * i;
        for (size_t j = 0; j < d; j++) h[j] = common[j] + sign * (double)(j == i / 2);
    }
}

static tw_status judge_critical(const tw_point *point, directions *d) {
    tw_status status = TW_OK;
    tw_claim_view view = {0};
    double along;
    bool proved = false;
    TW_TRY(tw_claim_look(point, &view));
    TW_TRY(tw_claim_curvature(point, &along, &proved));
    d->critical++;
    d->without_negative += !(view.stationary < 1e-12 && view.smallest < -1e-6 * view.norm);
    d->unproved += !proved;
cleanup:
    tw_claim_view_clear(&view);
    return status;
}

static tw_status look_at_critical(tw_claim_run *run, directions *d) {
    tw_status status = TW_OK;
    for (size_t K = 3; K <= (run->quick ? 4u : 7u); K++) {
        const tw_claim_case given = {"ce", K, 2, K + 3, 1, 0, 0, false};
        tw_point point = {0};
        status = make_point(&given, &point);
        if (status == TW_OK) status = judge_critical(&point, d);
        for (uint64_t i = 0; i < 3 && status == TW_OK; i++) {
            level(&point, run->seed + i);
            status = judge_critical(&point, d);
        }
        tw_point_clear(&point);
        TW_TRY(status);
    }
cleanup:
    return status;
}

/* ---- Stationary directions ---- */

/* Class logits of the direction of a block partition with smallest margin m: m k/(k-1) S_k in each
 * block of k. Returns the number of blocks. */
static size_t block_logits(const char *name, size_t K, double m, double *Z) {
    const char *at = name + sizeof "blocks:" - 1;
    size_t first = 0, blocks = 0;
    for (; *at; blocks++) {
        char *end;
        size_t k = (size_t)strtoul(at, &end, 10);
        double a = m * (double)k / ((double)k - 1.0);
        for (size_t i = first; i < first + k; i++)
            for (size_t j = first; j < first + k; j++)
                Z[i + K * j] = a * ((double)(i == j) - 1.0 / (double)k);
        first += k;
        at = *end == ',' ? end + 1 : end;
    }
    return blocks;
}

/* name: a partition, "blocks:K" for the simplex. */
static tw_status judge_direction(tw_claim_run *run, size_t K, const char *name, directions *d) {
    tw_status status = TW_OK;
    const tw_claim_case given = {"ce", K, 1, K + 1, 1, 1, 1, false};
    tw_point point = {0};
    tw_separation s;
    double *Z = NULL, ratio = 0.0;
    TW_TRY(TW_NEW(Z, K * K));
    size_t blocks = block_logits(name, K, MARGIN, Z);
    TW_TRY(tw_claim_point(&given, Z, run->seed, &point));
    point.model.lambda_W[0] = point.model.lambda_H = 0.0;
    TW_TRY(look(&point, &s, &ratio));
    d->worst_kkt = fmax(d->worst_kkt, s.kkt_distance);
    if (blocks == 1)
        d->simplex_ratio = fmax(d->simplex_ratio, fabs(ratio - 1.0));
    else {
        d->stationary++;
        d->least_ratio = fmin(d->least_ratio, ratio);
    }
cleanup:
    free(Z);
    tw_point_clear(&point);
    return status;
}

static tw_status look_at_directions(tw_claim_run *run, directions *d) {
    tw_status status = TW_OK;
    char name[160];
    for (size_t K = 4; K <= (run->quick ? 6u : 10u); K++) {
        snprintf(name, sizeof name, "blocks:%zu", K);
        TW_TRY(judge_direction(run, K, name, d));
        for (size_t i = 0; tw_claim_partition(K, i, name, sizeof name); i++)
            TW_TRY(judge_direction(run, K, name, d));
    }
cleanup:
    return status;
}

/* The direction to which the flow of a narrower model went, in a wider one. */
static tw_status look_at_narrow(tw_claim_run *run, size_t K, size_t w, directions *d) {
    tw_status status = TW_OK;
    const tw_claim_case given = {"ce", K, 1, w, 1, 0, 0, false};
    const size_t wide_width = K + 1;
    tw_point point = {0}, wide = {0};
    tw_separation s;
    double ratio = 0.0;
    TW_TRY(make_point(&given, &point));
    TW_TRY(flow(run, &point, 0, NULL));
    TW_TRY(tw_point_embed(&point, &wide_width, run->seed, &wide));
    TW_TRY(look(&wide, &s, &ratio));
    d->stationary++;
    d->least_ratio = fmin(d->least_ratio, ratio);
cleanup:
    tw_point_clear(&point);
    tw_point_clear(&wide);
    return status;
}

/* ---- The claim ---- */

static void add_directions(tw_claim_run *run, const directions *d) {
    tw_claim_add(run, (tw_claim_test){d->worst_end, "<=", 0.05, 0},
                 "largest |margin at t = 1e100, over the stated limit, - 1| of a flow");
    tw_claim_add(run, (tw_claim_test){d->worst_left, "<", 1.0, 0},
                 "largest part that is left of this deficit at t = 1e50 (1/log t: 0.5)");
    tw_claim_add(run, (tw_claim_test){d->simplex_angle, "", NAN, 0}, "largest NC2 at t = 1e100");
    tw_claim_add(run, (tw_claim_test){(double)d->without_negative, "=", 0, 0},
                 "critical points without a negative mode");
    tw_claim_add(run, (tw_claim_test){(double)d->unproved, "=", 0, 0},
                 "critical points without a certificate");
    tw_claim_add(run, (tw_claim_test){d->least_ratio, ">", run->constants[1] + CLEAR, 0},
                 "smallest ||G||_2 ||theta||^2 / -2 <G, Z> of a direction not optimal");
    tw_claim_add(run, (tw_claim_test){d->worst_kkt, "<=", 1e-10, 0},
                 "largest KKT distance (8.2) of simplex and block partitions");
    tw_claim_add(run, (tw_claim_test){d->simplex_ratio, "<=", 1e-10, 0},
                 "the same ratio at the simplex, less 1");
}

tw_status tw_claim_flow(tw_claim_run *run) {
    tw_status status = TW_OK;
    static const tw_claim_case cases[] = {{"ce", 4, 2, 6, 1, 0, 0, false},
                                          {"ce", 3, 1, 4, 1, 0, 0, false},
                                          {"ce", 5, 1, 5, 1, 0, 0, false},
                                          {"ce", 6, 2, 8, 1, 0, 0, false}};
    size_t count = run->quick ? 2 : 4, starts = run->quick ? 2 : 10;
    directions d = {.least_ratio = INFINITY};
    for (size_t c = 0; c < count; c++)
        for (uint64_t i = 0; i < starts; i++) {
            if (tw_claim_stop(run, (double)(c * starts + i), (double)(count * starts))) break;
            TW_TRY(follow(run, &cases[c], i, &d));
        }
    if (run->cancelled) return status;
    TW_TRY(look_at_critical(run, &d));
    TW_TRY(look_at_directions(run, &d));
    for (size_t K = 4; K <= (run->quick ? 5u : 7u); K++)
        for (size_t w = 2; w + 1 < K; w++) TW_TRY(look_at_narrow(run, K, w, &d));
    add_directions(run, &d);
    tw_claim_computed(run,
                      "%zu flows from random starts to t = 1e100 (CVODE), their smallest margins "
                      "over ||theta||^2; %zu critical points (zero, and all logits equal) "
                      "with their dense spectra; %zu stationary directions that are not the "
                      "simplex: all block partitions, and ends of flows in narrower models.",
                      d.flows, d.critical, d.stationary);
cleanup:
    return status;
}
