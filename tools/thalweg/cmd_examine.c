/* SPDX-License-Identifier: GPL-3.0-or-later */
/* degeneracy and compare: the examination of one point, and those of several side by side. */
#include <stdlib.h>
#include <thalweg/record/point_record.h>

#include "plan.h"
#include "progress.h"
#include "subject.h"

typedef struct examine_settings {
    cli_common common;
    cli_examining examining;
} examine_settings;

typedef struct cli_comparison {
    size_t count;
    cli_subject *subjects;
    tw_examination *examinations;
} cli_comparison;

/* How a subcommand shows them. */
typedef tw_status (*comparison_record)(const cli_invocation *run, const cli_comparison *c);

static void comparison_clear(cli_comparison *c) {
    for (size_t i = 0; i < c->count; i++) {
        if (c->subjects) subject_close(&c->subjects[i]);
        if (c->examinations) tw_examination_clear(&c->examinations[i]);
    }
    free(c->subjects);
    free(c->examinations);
}

static tw_status claim_examination(const cli_common *common, const cli_examining *how,
                                   const cli_subject *subject) {
    const tw_dufm *model = &subject->point.model;
    const tw_examination_options options = examination_options(common, how, model);
    tw_cost work;
    tw_examination_cost(model, subject->point.theta, &options, &work);
    return memory_claim(common, memory_of(model, &work), subject->path);
}

/* The point is taken as it is: polishing shows in the products alone. */
static tw_status plan_examination(const cli_common *common, const cli_examining *how,
                                  const cli_subject *subject, tw_plan_record *plan) {
    const tw_dufm *model = &subject->point.model;
    const tw_examination_options options = examination_options(common, how, model);
    tw_cost work, counting;
    tw_degeneracy_cost(tw_dufm_parameters(model), &options.degeneracy, &counting);
    tw_examination_cost(model, subject->point.theta, &options, &work);
    const char *route = counting.flops > 0.0 ? "dense" : "products";
    return subject_plan(subject, NULL, route, &work, plan);
}

/* --plan: one line a file. */
static tw_status show_plans(const cli_invocation *run, const cli_examining *how) {
    tw_status status = TW_OK;
    tw_json *plans = tw_json_array();
    cli_subject subject = {0};
    TW_TRY(plans ? TW_OK : TW_ERR_MEMORY);
    for (size_t i = 0; i < run->operand_count; i++) {
        tw_plan_record plan;
        TW_TRY(subject_open(&subject, run->operands[i], &how->reading, run->common));
        TW_TRY(plan_examination(run->common, how, &subject, &plan));
        if (wants_table(run)) plan_print(&plan, subject.path);
        TW_TRY(tw_json_append(plans, tw_fields_json(&tw_plan_fields, &plan)));
        subject_close(&subject);
    }
    status = write_record(run, tw_json_null(), plans);
    plans = NULL;
cleanup:
    tw_json_destroy(plans);
    subject_close(&subject);
    return status;
}

static tw_status examine(const cli_invocation *run, const cli_examining *how, cli_comparison *c) {
    tw_status status = TW_OK;
    c->count = run->operand_count;
    c->subjects = calloc(c->count, sizeof *c->subjects);
    c->examinations = calloc(c->count, sizeof *c->examinations);
    if (c->subjects == NULL || c->examinations == NULL)
        return tw_fail(TW_ERR_MEMORY, "no memory for %zu points", c->count);
    /* All files first: a typing error in the last name should not cost the work on the others. */
    for (size_t i = 0; i < c->count; i++)
        TW_TRY(subject_open(&c->subjects[i], run->operands[i], &how->reading, run->common));
    for (size_t i = 0; i < c->count; i++)
        TW_TRY(claim_examination(run->common, how, &c->subjects[i]));
    for (size_t i = 0; i < c->count; i++) {
        cli_subject *at = &c->subjects[i];
        const tw_examination_options options =
            examination_options(run->common, how, &at->point.model);
        TW_TRY(tw_point_examine(at->evaluator, &options, at->point.theta, &c->examinations[i]));
    }
cleanup:
    return status;
}

static tw_status examine_and_show(const cli_invocation *run, comparison_record record) {
    tw_status status = TW_OK;
    const cli_examining *how = &((const examine_settings *)run->settings)->examining;
    cli_comparison c = {0};
    if (how->budget.plan) return show_plans(run, how);
    TW_TRY(examine(run, how, &c));
    TW_TRY(record(run, &c));
    if (wants_table(run)) print_doubts(c.subjects, c.examinations, c.count);
    for (size_t i = 0; i < c.count; i++)
        if (tw_verdict_is_open(c.examinations[i].degeneracy.verdict))
            *run->code = EXIT_NOT_CONVERGED;
cleanup:
    comparison_clear(&c);
    return status;
}

static tw_status record_degeneracy(const cli_invocation *run, const cli_comparison *c) {
    return show_result(run, subject_input(&c->subjects[0]), &tw_examination_fields,
                       &c->examinations[0]);
}

static tw_status record_comparison(const cli_invocation *run, const cli_comparison *c) {
    tw_status status = TW_OK;
    tw_json *inputs = tw_json_array();
    tw_compared *points = calloc(c->count, sizeof *points);
    TW_TRY(points ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for %zu points", c->count));
    for (size_t i = 0; i < c->count; i++) {
        TW_TRY(tw_json_append(inputs, subject_input(&c->subjects[i])));
        points[i] = (tw_compared){&c->examinations[i], c->subjects[i].path};
    }
    const tw_compare_record made = {c->count, points};
    status = show_result(run, inputs, &tw_compare_fields, &made);
    inputs = NULL;
cleanup:
    tw_json_destroy(inputs);
    free(points);
    return status;
}

static tw_status run_degeneracy(const cli_invocation *run) {
    return examine_and_show(run, record_degeneracy);
}

static tw_status run_compare(const cli_invocation *run) {
    return examine_and_show(run, record_comparison);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(examining_options, examine_settings, examining),
    EMBED(limit_options, examine_settings, common),
    EMBED(plan_options, examine_settings, examining.budget),
    {0},
};

const cli_command degeneracy_command = {
    "degeneracy",
    "FILE",
    "count negative, zero and positive modes, and explain the zero ones",
    "Polishes the point, counts the modes of its Hessian, and matches zero modes to the symmetry "
    "orbit's tangent space: found, by symmetry, unexplained, with the gap that justifies the "
    "threshold. Verdicts: minimum (modulo symmetry), strict saddle, degenerate (zero modes that no "
    "symmetry explains), not stationary, ambiguous. Exit code 4 for the last two.",
    {1, 1},
    {options, sizeof(examine_settings)},
    run_degeneracy};

const cli_command compare_command = {
    "compare",
    "FILE...",
    "polish several optima and set them side by side",
    "Everything that info and degeneracy say, for each file, in one table. Exit code 4 when a "
    "verdict is 'not stationary' or 'ambiguous'.",
    {1, 64},
    {options, sizeof(examine_settings)},
    run_compare};
