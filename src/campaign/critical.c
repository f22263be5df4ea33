/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/campaign/critical.h>

#include <math.h>
#include <stdlib.h>
#include <thalweg/training/stationary.h>

#include "base/alloc_private.h"
#include "campaign/critical_private.h"
#include "campaign/optima_private.h"

/* ---- Memory ---- */

void tw_critical_result_clear(tw_critical_result *result) {
    if (result == NULL) return;
    for (size_t i = 0; i < result->count; i++) tw_finding_clear(&result->points[i]);
    free(result->points);
    *result = (tw_critical_result){0};
}

static tw_status search_init(tw_critical_run *s) {
    tw_status status = TW_OK;
    s->n = tw_dufm_parameters(s->model);
    s->K = tw_dufm_classes(s->model);
    if (s->n > TW_CRITICAL_PARAMETERS)
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "%zu parameters: critical points are searched with dense spectra, up to %d",
                       s->n, TW_CRITICAL_PARAMETERS);
    TW_TRY(TW_NEW(s->theta, s->n));
    TW_TRY(TW_NEW(s->work, s->n));
    TW_TRY(TW_NEW(s->class_logits, s->K * s->K));
    TW_TRY(TW_NEW(s->class_sizes, s->K));
    tw_dufm_class_sizes(s->model, s->class_sizes);
    TW_TRY(tw_evaluator_create(s->model, &s->evaluator));
    s->objective = tw_evaluator_objective(s->evaluator);
    TW_TRY(tw_matcher_create(s->K, s->class_sizes, &s->options->match, &s->matcher));
    TW_TRY(tw_optima_name(s->model, s->matcher));
cleanup:
    return status;
}

static void search_clear(tw_critical_run *s) {
    for (size_t i = 0; i < s->result->count; i++) free(s->places[i].values);
    tw_matcher_destroy(s->matcher);
    tw_evaluator_destroy(s->evaluator);
    free(s->class_sizes);
    free(s->class_logits);
    free(s->places);
    free(s->theta);
    free(s->work);
}

/* ---- A start ---- */

/* Where a start that converged belongs. */
static tw_status classify(tw_critical_run *s, tw_finding_start *row, bool *fresh) {
    tw_status status = tw_critical_classify(s, row->index, &row->point, fresh);
    if (status != TW_OK) return status;
    if (row->point == TW_NO_POINT) {
        row->reason = "not stationary";
        return TW_OK;
    }
    s->result->points[row->point].found++;
    s->result->converged++;
    return TW_OK;
}

/* While one start runs, the whole search is what the monitor hears of. */
static bool report(void *self, const char *stage, double done, double total) {
    const tw_critical_run *s = self;
    double part = total > 0.0 ? fmin(done / total, 1.0) : 0.0;
    (void)stage;
    return tw_monitor_report(s->options->monitor, "starts", (double)s->result->starts + part,
                             (double)s->options->starts);
}

static tw_status run_start(tw_critical_run *s, size_t index) {
    tw_status status = TW_OK;
    tw_critical_start start;
    tw_stationary_options options = TW_STATIONARY_DEFAULTS;
    tw_stationary_result result;
    bool fresh = false;
    TW_TRY(
        tw_critical_draw(s->model, s->result, s->options->seed, index, s->theta, s->work, &start));
    options.max_iterations = s->options->max_iterations;
    options.follow = start.follow;
    options.index = start.climb;
    options.budget.products = SIZE_MAX; /* max_iterations counts */
    options.budget.monitor = &s->monitor;
    TW_TRY(tw_stationary_find(&s->objective, &options, s->theta, &result));
    s->result->cancelled = result.reason == TW_STATIONARY_CANCELLED;
    if (s->result->cancelled) return TW_OK;
    tw_finding_start row = {.index = index,
                            .kind = start.kind,
                            .method = start.method,
                            .reason = tw_stationary_reason_name(result.reason),
                            .point = TW_NO_POINT,
                            .gradient_norm = result.gradient_norm,
                            .iterations = result.iterations};
    if (result.reason == TW_STATIONARY_CONVERGED) TW_TRY(classify(s, &row, &fresh));
    if (s->findings)
        TW_TRY(tw_findings_add(s->findings, &row, fresh ? &s->result->points[row.point] : NULL));
    s->result->starts++;
cleanup:
    s->result->cancelled |= status == TW_STOPPED; /* this start is to run anew */
    return status == TW_STOPPED ? TW_OK : status;
}

/* ---- What an earlier run found ---- */

static tw_status take_point(void *self, const tw_finding *finding) {
    return tw_critical_take(self, finding);
}

static tw_status take_start(void *self, const tw_finding_start *start) {
    tw_critical_run *s = self;
    if (start->index != s->result->starts)
        return tw_fail(TW_ERR_DATA, "start %zu is missing", s->result->starts);
    s->result->starts++;
    s->result->converged += start->point != TW_NO_POINT;
    return TW_OK;
}

static tw_status take_up(tw_critical_run *s) {
    tw_status status = TW_OK;
    if (s->findings == NULL) return TW_OK;
    TW_TRY(tw_findings_points(s->findings, take_point, s));
    TW_TRY(tw_findings_starts(s->findings, take_start, s));
cleanup:
    return status;
}

/* Of equal ones the point that was found first. */
static int by_loss(const void *a, const void *b) {
    const tw_finding *p = a, *q = b;
    if (p->loss != q->loss) return p->loss > q->loss ? 1 : -1;
    return (p->first > q->first) - (p->first < q->first);
}

tw_status tw_critical_search(const tw_dufm *model, const tw_critical_options *options,
                             tw_findings *findings, tw_critical_result *result) {
    tw_status status = TW_OK;
    const tw_critical_options defaults = TW_CRITICAL_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_critical_result made = {0};
    tw_critical_run s = {.model = model, .options = options, .findings = findings, .result = &made};
    s.monitor = (tw_monitor){report, &s};
    TW_TRY(search_init(&s));
    status = take_up(&s);
    made.cancelled = status == TW_STOPPED;
    TW_TRY(made.cancelled ? TW_OK : status);
    while (made.starts < options->starts && !made.cancelled) {
        made.cancelled = report(&s, "", 0.0, 0.0);
        if (!made.cancelled) TW_TRY(run_start(&s, made.starts));
    }
    if (made.count > 0) qsort(made.points, made.count, sizeof *made.points, by_loss);
cleanup:
    search_clear(&s);
    if (status == TW_OK)
        *result = made;
    else
        tw_critical_result_clear(&made);
    return status;
}
