/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spectrum --closed-form: an optimum that no file holds, at any size. */
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/optima/sectors.h>

#include "new_model.h"
#include "plan.h"
#include "progress.h"
#include "spectrum.h"

/* The facts about a form cost nothing; only its spectrum may be out of reach: then s->reason says
 * why. */
static tw_status find_levels(const spectrum_settings *settings, tw_closed_form *form,
                             tw_listing *s) {
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    double order = tw_closed_form_sector_order(form);
    tw_cost cost;
    tw_closed_form_cost(form, &cost);
    options.budget = progress_budget(&settings->common, &settings->budget);
    if (order <= (double)settings->budget.dense_limit &&
        cost.bytes > memory_limit(&settings->common)) {
        *s = (tw_listing){
            .method = "sectors", .reason = "memory limit", .parameters = form->parameters};
        return TW_OK;
    }
    return tw_closed_form_list(form, &options, settings->smallest, settings->largest, s);
}

static tw_json *input_json(const tw_closed_form *form) {
    const tw_closed_input input = {NULL, &form->given};
    return tw_fields_json(&tw_closed_input_fields, &input);
}

static tw_status record_form(const cli_invocation *run, const tw_closed_form *form,
                             const tw_listing *s) {
    const tw_closed_record made = {form, s};
    return show_result(run, input_json(form), &tw_closed_fields, &made);
}

/* Why there is no list. */
static void print_reason(const tw_closed_form *form, const tw_listing *s) {
    tw_cost cost;
    tw_closed_form_cost(form, &cost);
    if (!form->exists)
        printf("lambda is beyond the fold: there is no such optimum.\n");
    else if (!s->converged)
        printf(
            "no spectrum (%s): the signal sector has %.0f coordinates, a matrix of %.3g GB; "
            "--dense-limit and --memory-limit bound it.\n",
            s->reason, tw_closed_form_sector_order(form), 1e-9 * cost.bytes);
}

static tw_status plan_form(const cli_invocation *run, const tw_closed_form *form) {
    tw_plan_record plan;
    tw_cost cost;
    tw_closed_form_cost(form, &cost);
    const char *route = cost.flops > 0.0 ? "sectors" : "closed-form";
    tw_status status = plan_make(NULL, route, &cost, cost.bytes, &plan);
    plan.parameters = form->parameters;
    return status == TW_OK ? show_plan(run, form->kind->name, input_json(form), &plan) : status;
}

static tw_status answer(const cli_invocation *run, tw_closed_form *form) {
    tw_status status = TW_OK;
    char doubt[240] = "";
    tw_listing s = {
        .method = "closed-form", .reason = "does not exist", .parameters = form->parameters};
    if (form->exists) TW_TRY(find_levels(run->settings, form, &s));
    if (s.counted) tw_zero_rule_explain(&s.zero, doubt, sizeof doubt);
    if (form->exists)
        spectrum_judge(run, form->kind->name, doubt, &s);
    else
        *run->code = EXIT_NEGATIVE; /* beyond the fold */
    TW_TRY(record_form(run, form, &s));
    if (wants_table(run)) print_reason(form, &s);
cleanup:
    tw_listing_clear(&s);
    return status;
}

tw_status run_closed_form(const cli_invocation *run) {
    tw_status status = TW_OK;
    const spectrum_settings *settings = run->settings;
    static const char *const needed[] = {"classes", "samples", "width", "depth", "lambda", NULL};
    tw_closed_case given;
    tw_closed_form form = {0};
    TW_TRY(closed_case_read(run, &settings->closed, settings->reading.model.loss, needed, &given));
    TW_TRY(tw_closed_form_solve(&given, settings->closed.name, &form));
    status = settings->budget.plan ? plan_form(run, &form) : answer(run, &form);
cleanup:
    tw_closed_form_clear(&form);
    return status;
}
