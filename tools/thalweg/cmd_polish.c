/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <thalweg/record/point_record.h>
#include <thalweg/stratum/kinks.h>

#include "plan.h"
#include "progress.h"
#include "subject.h"

typedef struct polish_settings {
    cli_common common;
    cli_examining how;
    const char *output;
} polish_settings;

/* One polishing under way. */
typedef struct cli_polishing {
    cli_subject subject;
    tw_examination found; /* before, after and polish alone */
} cli_polishing;

/* Why it is no critical point. */
static void print_doubt(const cli_polishing *p) {
    const tw_newton_result *newton = &p->found.polish.newton;
    const tw_description *after = &p->found.after;
    char text[240];
    print_doubts(&p->subject, &p->found, 1);
    tw_counts_refuse(&after->kinks, after->falls, text, sizeof text);
    if (p->found.polish.outcome == TW_POLISH_KINKED) printf("\nnot polished: %s.\n", text);
    if (p->found.polish.outcome == TW_POLISH_ENDLESS) printf("\nno critical point: %s.\n", text);
    if (p->found.polish.outcome == TW_POLISH_UNFINISHED)
        printf("\nnot a critical point: ||g|| = %.3g, asked for %.3g; stopped by: %s.\n",
               newton->gradient_norm, newton->threshold, tw_newton_reason_name(newton->reason));
}

static tw_status write_point(const cli_invocation *run, cli_polishing *p) {
    const polish_settings *s = run->settings;
    tw_bundle *bundle = &p->subject.bundle;
    if (s->output == NULL) return TW_OK;
    tw_status status = tw_point_to_bundle(&p->subject.point, bundle);
    if (status != TW_OK) return status;
    const cli_origin origin = {subject_source(&p->subject), "polish", &tw_polishing_fields,
                               &p->found.polish};
    return write_bundle(run, s->output, bundle, &origin);
}

static tw_status run_polish(const cli_invocation *run) {
    tw_status status = TW_OK;
    const polish_settings *s = run->settings;
    cli_polishing p = {0};
    tw_cost cost;
    TW_TRY(subject_open(&p.subject, run->operands[0], &s->how.reading, run->common));
    const tw_examination_options options =
        examination_options(run->common, &s->how, &p.subject.point.model);
    tw_polish_cost(&p.subject.point.model, &options.newton, &cost);
    TW_TRY(subject_price(run, &s->how.budget, &p.subject, NULL, "products", &cost));
    if (s->how.budget.plan) goto cleanup;
    TW_TRY(tw_examination_begin(p.subject.evaluator, &options, p.subject.point.theta, &p.found));
    TW_TRY(write_point(run, &p));
    TW_TRY(show_result(run, subject_input(&p.subject), &tw_polished_fields, &p.found));
    if (wants_table(run)) print_doubt(&p);
    if (p.found.polish.outcome != TW_POLISH_CONVERGED) *run->code = EXIT_NOT_CONVERGED;
cleanup:
    tw_examination_clear(&p.found);
    subject_close(&p.subject);
    return status;
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(reading_options, polish_settings, how.reading),
    EMBED(polish_options, polish_settings, how.polish),
    EMBED(budget_options, polish_settings, how.budget),
    EMBED(limit_options, polish_settings, common),
    EMBED(plan_options, polish_settings, how.budget),
    EMBED(output_options, polish_settings, output),
    {0},
};

const cli_command polish_command = {
    "polish",
    "FILE",
    "move a trained point to the critical point beside it",
    "Trust-region Newton with conjugate gradients on exact Hessian products, down to rounding. "
    "Says how far the point moved, and why it stopped. Points with pre-activations on kinks are "
    "not moved. Exit code 4 when the gradient did not get down to the tolerance; the point reached "
    "is written all the same.",
    {1, 1},
    {options, sizeof(polish_settings)},
    run_polish};
