/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "subject.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/model/names.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/record/point_record.h>

#include "plan.h"
#include "progress.h"

/* In place of what the file says. */
static tw_status override_model(tw_bundle *bundle, const cli_model *model) {
    const struct {
        const char *key, *text;
    } given[] = {{"loss", model->loss},
                 {"activation", model->activation},
                 {"lambda_W", model->lambda_W},
                 {"lambda_H", model->lambda_H},
                 {"lambda_b", model->lambda_b}};
    tw_status status = TW_OK;
    for (size_t i = 0; status == TW_OK && i < sizeof given / sizeof *given; i++)
        if (given[i].text) status = tw_bundle_override(bundle, given[i].key, given[i].text);
    return status;
}

/* A ridge that acts on nothing. */
static tw_status check_bias(const char *path, const cli_model *given, const tw_dufm *model) {
    if (given->lambda_b == NULL || model->bias) return TW_OK;
    return tw_fail(TW_ERR_ARGUMENT,
                   "--lambda-b is %.60s, but the point in %.500s has no bias 'b': --map NAME=b "
                   "names an array of %zu numbers for it",
                   given->lambda_b, path, tw_dufm_classes(model));
}

/* What the file has and the point does without. */
static void print_omissions(const cli_subject *subject) {
    for (size_t i = 0; i < subject->bundle.omission_count; i++)
        progress_warn("note: %s: left out: %s", subject->path, subject->bundle.omissions[i].reason);
}

tw_status fail_in_file(tw_status status, const char *path) {
    char prefix[512];
    if (status == TW_OK || status == TW_ERR_MEMORY) return status;
    snprintf(prefix, sizeof prefix, "%.500s: ", path);
    return tw_fail_in(status, prefix);
}

tw_status subject_open(cli_subject *subject, const char *path, const cli_reading *reading,
                       const cli_common *common) {
    tw_status status = TW_OK;
    memset(subject, 0, sizeof *subject);
    subject->path = path;
    TW_TRY(tw_bundle_read(path, &subject->bundle));
    TW_TRY(tw_file_digest(path, subject->digest));
    TW_TRY(
        fail_in_file(tw_names_apply_words(&subject->bundle, reading->map.count, reading->map.words,
                                          reading->ignore.count, reading->ignore.words),
                     path));
    TW_TRY(override_model(&subject->bundle, &reading->model));
    TW_TRY(fail_in_file(tw_point_from_bundle(&subject->bundle, &subject->point), path));
    TW_TRY(check_bias(path, &reading->model, &subject->point.model));
    TW_TRY(memory_claim(common, memory_of(&subject->point.model, NULL), path));
    TW_TRY(fail_in_file(tw_evaluator_create(&subject->point.model, &subject->evaluator), path));
    print_omissions(subject);
cleanup:
    if (status != TW_OK) subject_close(subject);
    return status;
}

void subject_close(cli_subject *subject) {
    tw_evaluator_destroy(subject->evaluator);
    tw_point_clear(&subject->point);
    tw_bundle_clear(&subject->bundle);
    memset(subject, 0, sizeof *subject);
}

tw_input subject_source(const cli_subject *subject) {
    return (tw_input){subject->path, subject->digest, &subject->point.model};
}

tw_json *subject_input(const cli_subject *subject) {
    const tw_input input = subject_source(subject);
    return tw_fields_json(&tw_input_fields, &input);
}

tw_status subject_plan(const cli_subject *subject, const tw_linop *A, const char *route,
                       const tw_cost *work, tw_plan_record *plan) {
    const tw_dufm *model = &subject->point.model;
    const tw_objective f = tw_evaluator_objective(subject->evaluator);
    tw_hessian hessian = tw_hessian_at(&f, subject->point.theta);
    const tw_linop H = tw_hessian_linop(&hessian);
    hessian.distance = TW_BESIDE_TRAINED; /* until it is polished */
    return plan_make(A ? A : &H, route, work, memory_of(model, work), plan);
}

tw_status subject_price(const cli_invocation *run, const cli_budget *budget,
                        const cli_subject *subject, const tw_linop *A, const char *route,
                        const tw_cost *work) {
    tw_plan_record plan;
    if (!budget->plan)
        return memory_claim(run->common, memory_of(&subject->point.model, work), subject->path);
    tw_status status = subject_plan(subject, A, route, work, &plan);
    if (status != TW_OK) return status;
    return show_plan(run, subject->path, subject_input(subject), &plan);
}

tw_budget budget_at(const cli_common *common, const cli_budget *budget, const tw_dufm *model) {
    tw_budget made = progress_budget(common, budget);
    made.bytes = fmax(1.0, memory_limit(common) - memory_of(model, NULL));
    return made;
}

tw_examination_options examination_options(const cli_common *common, const cli_examining *e,
                                           const tw_dufm *model) {
    tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    options.rank_tolerance = e->reading.rank_tolerance;
    options.polish = !e->polish.no_polish;
    options.newton.tolerance = e->polish.tolerance;
    options.newton.curvature_cap = 1.0;
    options.newton.max_iterations = e->polish.max_iterations;
    options.newton.budget = options.degeneracy.budget = budget_at(common, &e->budget, model);
    /* Sectors are no dense route for the point: their matrix has a limit of its own. */
    options.sectors.budget.deadline = options.newton.budget.deadline;
    options.sectors.budget.monitor = options.newton.budget.monitor;
    return options;
}

void warn_of_counts(const char *subject, const char *doubt) {
    if (doubt[0]) progress_warn("%s: the counts do not stand: %s", subject, doubt);
}

#define FAR_MOVE 1e-2 /* of ||theta||: beyond what float32 training leaves undone */

static void print_far_move(const char *path, const tw_examination *e) {
    const tw_newton_result *newton = &e->polish.newton;
    double move = newton->size > 0.0 ? newton->moved / newton->size : 0.0;
    if (move > FAR_MOVE)
        printf(
            "\n%s: polishing moved the point by %.2g of its norm (loss %.6g to %.6g): what is "
            "described is the point it led to, not the file's.\n",
            path, move, e->before.loss, e->after.loss);
}

void print_doubts(const cli_subject *subjects, const tw_examination *examinations, size_t count) {
    for (size_t i = 0; i < count; i++) {
        print_far_move(subjects[i].path, &examinations[i]);
        if (examinations[i].degeneracy.doubt[0])
            printf("\n%s: %s: %s.\n", subjects[i].path,
                   tw_verdict_name(examinations[i].degeneracy.verdict),
                   examinations[i].degeneracy.doubt);
    }
}
