/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/campaign/job.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/campaign/setting.h>
#include <thalweg/curvature/lowest.h>
#include <thalweg/examination/examination.h>
#include <thalweg/model/batch.h>

#include "base/alloc_private.h"
#include "campaign/optima_private.h"
#include "dense/vector_private.h"
#include "model/class_means_private.h"

/* Of ||theta||: a polish that moves an unfinished descent further has left where it was going. */
#define FAR 0.1
#define RANK_TOLERANCE 1e-3

struct tw_job {
    tw_setting setting;
    tw_evaluator *evaluator;
    tw_objective objective;
    tw_batch *batch;
    tw_minibatch minibatch;
    tw_symmetry *symmetry; /* of the centre; NULL with a law */
    double *theta, *work;
    double *class_logits; /* K x K */
    tw_shape shape;
};

/* ---- Memory ---- */

static tw_status open_batch(tw_job *job) {
    const tw_setting *s = &job->setting;
    if (s->descent.batch >= s->model.samples) return TW_OK;
    tw_status status = tw_batch_create(&s->model, s->descent.batch, &job->batch);
    job->minibatch = (tw_minibatch){s->model.samples, tw_batch_gradient, job->batch};
    return status;
}

static tw_status job_open(tw_job *job, const char *setting) {
    tw_status status = TW_OK;
    tw_setting *s = &job->setting;
    TW_TRY(tw_setting_parse(setting, s));
    TW_TRY(tw_evaluator_create(&s->model, &job->evaluator));
    job->objective = tw_evaluator_objective(job->evaluator);
    size_t K = tw_dufm_classes(&s->model);
    TW_TRY(TW_NEW(job->theta, job->objective.n));
    TW_TRY(TW_NEW(job->work, job->objective.n));
    TW_TRY(TW_NEW(job->class_logits, K * K));
    TW_TRY(open_batch(job));
    if (s->centre)
        TW_TRY(tw_symmetry_create(&s->model, s->centre, RANK_TOLERANCE, NULL, &job->symmetry));
cleanup:
    return status;
}

tw_status tw_job_create(const char *setting, tw_job **job) {
    tw_job *made = NULL;
    tw_status status = TW_NEW(made, 1);
    if (status == TW_OK) status = job_open(made, setting);
    if (status == TW_OK)
        *job = made;
    else
        tw_job_destroy(made);
    return status;
}

void tw_job_destroy(tw_job *job) {
    if (job == NULL) return;
    tw_symmetry_destroy(job->symmetry);
    tw_batch_destroy(job->batch);
    tw_evaluator_destroy(job->evaluator);
    tw_shape_clear(&job->shape);
    tw_setting_clear(&job->setting);
    free(job->theta);
    free(job->work);
    free(job->class_logits);
    free(job);
}

/* ---- The start ---- */

/* Directions of its own for every radius: a curve over radii is fitted as independent trials. */
static uint64_t seed_of_radius(const tw_setting *s) {
    uint64_t bits;
    memcpy(&bits, &s->radius, sizeof bits);
    return s->descent.seed ^ bits;
}

/* A random unit vector of the kind that the setting asks for, into job->work. */
static tw_status direction(tw_job *job, size_t index) {
    tw_status status = TW_OK;
    size_t n = job->objective.n;
    tw_tangent tangent = tw_symmetry_tangent(job->symmetry);
    tw_random stream;
    tw_random_init(&stream, seed_of_radius(&job->setting), TW_PURPOSE_OFFSET, index);
    if (job->setting.start == TW_START_ALONG)
        return tangent.sample(tangent.self, &stream, job->work);
    tw_random_fill_normal(&stream, n, job->work);
    if (job->setting.start == TW_START_OFF) {
        TW_TRY(tw_linop_apply(&tangent.complement, 1, job->work, n, job->theta, n));
        tw_copy(n, job->theta, job->work);
    }
    tw_scale(n, 1.0 / tw_norm(NULL, n, job->work), job->work);
cleanup:
    return status;
}

static tw_status draw_start(tw_job *job, size_t index) {
    const tw_setting *s = &job->setting;
    if (s->start == TW_START_LAW)
        return tw_initialise(&s->model, &s->init, s->descent.seed, index, job->theta);
    tw_status status = direction(job, index);
    tw_copy(job->objective.n, s->centre, job->theta);
    tw_axpy(job->objective.n, s->radius, job->work, job->theta);
    return status;
}

/* ---- Descent and polish ---- */

static tw_status descend(tw_job *job, const tw_monitor *monitor, tw_descent_result *result) {
    tw_status status = TW_OK;
    const tw_setting *s = &job->setting;
    const tw_descent_problem problem = {&job->objective, job->batch ? &job->minibatch : NULL};
    tw_descent_options options = s->descent;
    tw_descent_state state = {0};
    options.monitor = monitor;
    TW_TRY(tw_descent_state_init(&state, s->method, job->objective.n, job->theta));
    TW_TRY(tw_descend(s->method, &problem, &options, &state, job->theta, result));
cleanup:
    tw_descent_state_clear(&state);
    return status;
}

static tw_ending ending_of(tw_descent_reason reason) {
    return tw_ending_find(tw_descent_reason_name(reason));
}

static void fill_descent(const tw_descent_result *result, tw_store_row *row) {
    row->reason = ending_of(result->reason);
    row->steps = result->step;
    row->evaluations = result->evaluations;
    row->products = result->products;
    row->time = result->time;
    row->loss = result->value;
    row->gradient_norm = result->gradient_norm;
}

/* What the end of the descent is called after polishing did, or did not, reach a critical point
 * beside it. */
static tw_ending verdict(const tw_descent_result *descent, const tw_newton_result *newton,
                         tw_polish_outcome outcome) {
    bool ended = tw_descent_is_converged(descent->reason);
    if (outcome == TW_POLISH_KINKED) return TW_ENDING_KINKED;
    if (outcome == TW_POLISH_ENDLESS) return TW_ENDING_UNCONVERGED;
    if (outcome != TW_POLISH_CONVERGED && !ended) return TW_ENDING_UNCONVERGED;
    if (!ended && newton->moved > FAR * newton->size) return TW_ENDING_UNCONVERGED;
    return ending_of(descent->reason);
}

static tw_status polish(tw_job *job, const tw_descent_result *descent, const tw_monitor *monitor,
                        tw_store_row *row) {
    tw_status status = TW_OK;
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_polishing done;
    const tw_newton_result *newton = &done.newton;
    if (!job->setting.polish || descent->reason == TW_DESCENT_DIVERGED) {
        if (!tw_descent_is_converged(descent->reason) && descent->reason != TW_DESCENT_DIVERGED)
            row->reason = TW_ENDING_UNCONVERGED;
        return TW_OK;
    }
    options.curvature_cap = 1.0;
    options.budget.monitor = monitor;
    TW_TRY(tw_point_polish(job->evaluator, &options, job->theta, &done));
    row->reason = verdict(descent, newton, done.outcome);
    row->evaluations += newton->evaluations;
    row->products += newton->products;
    if (done.outcome == TW_POLISH_KINKED) return TW_OK;
    row->loss = newton->value;
    row->gradient_norm = newton->gradient_norm;
cleanup:
    return status;
}

/* ---- Measures ---- */

static tw_status measure(tw_job *job, tw_store_row *row) {
    tw_status status = TW_OK;
    const tw_dufm *model = &job->setting.model;
    tw_shape_clear(&job->shape);
    TW_TRY(tw_shape_measure(job->evaluator, job->theta, RANK_TOLERANCE, NULL, &job->shape));
    TW_TRY(tw_class_means(model, tw_dufm_classes(model), tw_evaluator_logits(job->evaluator),
                          job->class_logits));
    row->rank = job->shape.logit_rank;
    row->singular_count = job->shape.logit_count;
    row->singular_values = job->shape.logit_singular_values;
    row->class_count = tw_dufm_classes(&job->setting.model);
    row->class_logits = job->class_logits;
    row->parameter_count = job->objective.n;
    row->theta = job->theta;
cleanup:
    return status;
}

/* Counts that stand; those of the sectors first, which cost nothing beside the descent. Otherwise
 * unknown: an end point is not called a minimum or a saddle for what rounding says. */
static void take_counts(const tw_zero_rule *zero, tw_store_row *row) {
    if (tw_zero_rule_doubt(zero) != TW_ZERO_CLEAR) return;
    row->negative = (long long)zero->negative;
    row->zero = (long long)zero->zero;
}

static tw_status count_dense(tw_job *job, const tw_monitor *monitor, tw_store_row *row,
                             double *smallest) {
    tw_status status = TW_OK;
    tw_degeneracy_result counts = {0};
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    tw_symmetry *symmetry = NULL;
    TW_TRY(tw_symmetry_create(&job->setting.model, job->theta, RANK_TOLERANCE, monitor, &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    options.tangent = &tangent;
    options.budget.dense_limit = job->objective.n;
    options.budget.monitor = monitor;
    TW_TRY(tw_degeneracy_analyse(&job->objective, job->theta, &options, &counts));
    if (counts.cancelled) TW_TRY(tw_fail(TW_STOPPED, "ended while modes were counted"));
    take_counts(&counts.zero, row);
    *smallest = fabs(counts.smallest_nonzero);
cleanup:
    tw_degeneracy_result_clear(&counts);
    tw_symmetry_destroy(symmetry);
    return status;
}

/* How far the logits may be off, when the point is off by ||g||/|smallest eigenvalue|: each of the
 * L + 1 factors by that much, times the others, whose product is at most ||Z||^(L/(L+1)) at
 * balanced points. */
static double slack(const tw_job *job, const tw_store_row *row, double smallest) {
    double depth = (double)job->setting.model.layers;
    double top = row->singular_count ? row->singular_values[0] : 0.0;
    double off = isfinite(smallest) && smallest > 0.0 ? row->gradient_norm / smallest : 0.0;
    return (depth + 1.0) * pow(fmax(top, 1e-300), depth / (depth + 1.0)) * off;
}

static tw_status count_modes(tw_job *job, const tw_monitor *monitor, tw_store_row *row) {
    tw_status status = TW_OK;
    const tw_setting *s = &job->setting;
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    tw_sectors sectors = {0};
    double smallest = INFINITY;
    row->negative = row->zero = -1;
    if (s->count_limit == 0 || tw_job_signature(row).state != TW_STATE_MINIMUM) return TW_OK;
    if (s->model.activation->linear && !s->model.bias)
        TW_TRY(tw_sectors_of_point(&s->model, job->theta, &options, &sectors));
    if (sectors.applicable) {
        take_counts(&sectors.zero, row);
        smallest = fabs(sectors.zero.smallest_nonzero);
    } else if (job->objective.n <= s->count_limit) {
        TW_TRY(count_dense(job, monitor, row, &smallest));
    }
    row->slack = slack(job, row, smallest);
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}

/* A start that is stationary itself was not led anywhere: where no modes were counted, a look at
 * the lowest curvature keeps a saddle from counting as an optimum. */
static tw_status judge_start(tw_job *job, const tw_descent_result *descent,
                             const tw_monitor *monitor, tw_store_row *row) {
    tw_status status = TW_OK;
    tw_lowest lowest;
    tw_symmetry *symmetry = NULL;
    tw_budget budget = TW_LOWEST_BUDGET;
    if (descent->reason != TW_DESCENT_STATIONARY || row->negative >= 0 ||
        tw_job_signature(row).state != TW_STATE_MINIMUM)
        return TW_OK;
    budget.monitor = monitor;
    TW_TRY(tw_symmetry_create(&job->setting.model, job->theta, RANK_TOLERANCE, monitor, &symmetry));
    const tw_tangent tangent = tw_symmetry_tangent(symmetry);
    TW_TRY(tw_lowest_curvature(&job->objective, job->theta, &tangent, &budget, NULL, &lowest));
    if (tw_monitor_report(monitor, "restarts", 0.0, 0.0))
        TW_TRY(tw_fail(TW_STOPPED, "ended while a start was judged"));
    row->products += lowest.products;
    if (lowest.negative) row->reason = TW_ENDING_SADDLE;
cleanup:
    tw_symmetry_destroy(symmetry);
    return status;
}

tw_status tw_job_run(tw_job *job, size_t index, const tw_monitor *monitor, tw_store_row *row,
                     bool *finished) {
    tw_status status = TW_OK;
    double start = tw_clock_seconds();
    tw_descent_result descent;
    *row = (tw_store_row){.index = index, .seed = job->setting.descent.seed};
    *finished = false;
    TW_TRY(draw_start(job, index));
    TW_TRY(descend(job, monitor, &descent));
    if (descent.reason == TW_DESCENT_CANCELLED) return TW_OK;
    fill_descent(&descent, row);
    TW_TRY(polish(job, &descent, monitor, row));
    if (tw_monitor_report(monitor, "restarts", 0.0, 0.0)) return TW_OK; /* polish was cut short */
    TW_TRY(measure(job, row));
    status = count_modes(job, monitor, row);
    if (status == TW_OK) status = judge_start(job, &descent, monitor, row);
    row->seconds = tw_clock_seconds() - start;
    *finished = status == TW_OK;
    if (status == TW_STOPPED) status = TW_OK;
cleanup:
    return status;
}

/* ---- Identity ---- */

tw_signature tw_job_signature(const tw_store_row *row) {
    tw_state state = tw_ending_state(row->reason);
    if (state == TW_STATE_MINIMUM && row->negative > 0) state = TW_STATE_SADDLE;
    return (tw_signature){.state = state,
                          .loss = row->loss,
                          .slack = row->slack,
                          .rank = row->rank,
                          .singular_count = row->singular_count,
                          .singular_values = row->singular_values,
                          .class_logits = row->class_logits};
}

/* The point that starts lie about, polished and measured like an end point: what returns to the
 * optimum beside a file's unfinished point should find it. */
static tw_status name_origin(tw_job *job, tw_matcher *matcher) {
    tw_status status = TW_OK;
    tw_store_row row = {.reason = TW_ENDING_CONVERGED};
    const tw_descent_result none = {.reason = TW_DESCENT_CONVERGED};
    tw_copy(job->objective.n, job->setting.centre, job->theta);
    TW_TRY(polish(job, &none, NULL, &row));
    TW_TRY(job->objective.eval(job->objective.self, job->theta, &row.loss, NULL));
    TW_TRY(measure(job, &row));
    tw_signature signature = tw_job_signature(&row);
    TW_TRY(tw_matcher_name(matcher, "origin", &signature));
cleanup:
    return status;
}

tw_status tw_job_matcher(tw_job *job, const tw_match_options *options, tw_matcher **matcher) {
    tw_status status = TW_OK;
    const tw_dufm *model = &job->setting.model;
    tw_matcher *made = NULL;
    size_t *sizes = NULL;
    TW_TRY(TW_NEW(sizes, tw_dufm_classes(model)));
    tw_dufm_class_sizes(model, sizes);
    TW_TRY(tw_matcher_create(tw_dufm_classes(model), sizes, options, &made));
    if (job->setting.centre) TW_TRY(name_origin(job, made));
    TW_TRY(tw_optima_name(model, made));
    *matcher = made;
    made = NULL;
cleanup:
    free(sizes);
    tw_matcher_destroy(made);
    return status;
}
