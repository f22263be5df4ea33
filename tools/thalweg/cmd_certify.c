/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/record/certificate_record.h>
#include <thalweg/record/degeneracy_record.h>

#include "certificate_check.h"
#include "plan.h"
#include "progress.h"
#include "rows.h"

/* One certification under way. */
typedef struct cli_certifying {
    cli_subject subject;
    tw_certification result;
} cli_certifying;

static tw_status certify(const cli_invocation *run, cli_certifying *c) {
    tw_status status = TW_OK;
    const certify_settings *settings = run->settings;
    tw_certification_options options = TW_CERTIFICATION_DEFAULTS;
    tw_cost work, balls;
    options.examination = examination_options(run->common, &settings->examining);
    options.certificate.max_bits = settings->max_bits;
    TW_TRY(check_output_format(settings->output));
    TW_TRY(check_not_input(run, settings->output));
    TW_TRY(subject_open(&c->subject, run->operands[0], &settings->examining.reading, run->common));
    const tw_dufm *model = &c->subject.point.model;
    tw_certificate_cost(model, &balls);
    tw_examination_cost(model, &options.examination, &work);
    tw_cost_then(&work, &balls);
    TW_TRY(memory_claim(run->common, memory_of(model, &work), run->operands[0]));
    TW_TRY(tw_point_certify(c->subject.evaluator, &options, c->subject.point.theta, &c->result));
cleanup:
    progress_clear();
    return status;
}

/* Nothing but a proved certificate becomes a file. */
static tw_status write_certificate(const cli_invocation *run, const cli_certifying *c) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    tw_json *json = NULL;
    const certify_settings *settings = run->settings;
    if (settings->output == NULL || !c->result.certificate.proved) return TW_OK;
    json = run_provenance(run);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(json, "input", subject_input(&c->subject)));
    TW_TRY(tw_certificate_to_bundle(&c->subject.point, c->result.direction, &c->result.certificate,
                                    &bundle));
    status = keep_provenance(&bundle, json);
    json = NULL;
    TW_TRY(status);
    TW_TRY(tw_bundle_write(settings->output, &bundle));
cleanup:
    tw_json_destroy(json);
    tw_bundle_clear(&bundle);
    return status;
}

/* ---- Table ---- */

static const tw_description *after(const void *self, size_t column) {
    (void)column;
    return &((const cli_certifying *)self)->result.examination.after;
}

static void rows_of_null_space(cli_table *table, const tw_null_match *m) {
    if (!m->matched) return;
    table_row(table, "null space to symmetry tangent");
    if (isnan(m->angle))
        table_cell(table, "-");
    else
        table_cell(table, "%.2g rad (largest principal angle)", m->angle);
    table_row(table, "  largest residual");
    table_cell(table, "%.2g", m->residual);
}

static void rows_of_global_test(cli_table *table, const tw_global_test *g) {
    if (!g->applicable) return;
    table_section(table, "global optimality (L = 1)");
    table_row(table, "||dloss/dZ||_2");
    table_cell(table, "%.15g", g->slope);
    table_row(table, "sqrt(lambda_W lambda_H)");
    table_cell(table, "%.15g", g->bound);
    table_row(table, "curvature in closed form");
    if (g->room)
        table_cell(table, "%.10g", g->curvature);
    else
        table_cell(table, "no room: the width is used up");
}

static void rows_of_certificate(cli_table *table, const tw_certification *c) {
    const tw_certificate *found = &c->certificate;
    table_section(table, "certificate");
    table_row(table, "direction");
    table_cell(table, "%s", c->tries ? c->source : "none");
    if (c->tries) {
        table_row(table, "Rayleigh quotient in");
        table_cell(table, "[%.17g, %.17g]", found->rayleigh.lower, found->rayleigh.upper);
        table_row(table, "gradient norm in");
        table_cell(table, "[%.17g, %.17g]", found->gradient.lower, found->gradient.upper);
    }
    if (found->proved) {
        table_row(table, "step t");
        table_cell(table, "%.17g", found->step);
        table_row(table, "f(theta) - f(theta + t v) >=");
        table_cell(table, "%.17g", found->decrease);
    }
    table_row(table, "outcome");
    table_cell(table, "%s%s", c->tries ? "" : "none: ",
               c->tries ? tw_certificate_reason_name(found->reason) : "no negative mode");
}

static tw_status print_certification(const cli_certifying *c) {
    cli_table *table = NULL;
    char phrase[TW_VERDICT_PHRASE];
    tw_status status = table_create(1, &table);
    if (status != TW_OK) return status;
    rows_of_inputs(table, &c->subject, 1);
    rows_of_polish(table, &c->result.examination, 1);
    rows_of_descriptions(table, after, c, 1);
    rows_of_modes(table, &c->result.examination, 1);
    rows_of_null_space(table, &c->result.null_match);
    rows_of_global_test(table, &c->result.global);
    rows_of_certificate(table, &c->result);
    table_print(table, stdout);
    table_destroy(table);
    print_doubts(&c->subject, &c->result.examination, 1);
    tw_verdict_phrase(&c->result.examination.degeneracy, phrase);
    printf("\n%s\n", phrase);
    return TW_OK;
}

static tw_status record_certification(const cli_invocation *run, const cli_certifying *c) {
    const certify_settings *settings = run->settings;
    bool written = settings->output && c->result.certificate.proved;
    const tw_certify_record made = {&c->result, run->operands[0],
                                    written ? settings->output : NULL};
    return write_result(run, subject_input(&c->subject), &tw_certify_fields, &made);
}

static int exit_code(const tw_certification *c) {
    tw_verdict verdict = c->examination.degeneracy.verdict;
    if (c->certificate.proved) return EXIT_DONE;
    bool open = verdict == TW_VERDICT_NOT_STATIONARY || verdict == TW_VERDICT_AMBIGUOUS;
    return open ? EXIT_NOT_CONVERGED : EXIT_NEGATIVE;
}

static int run_certify(const cli_invocation *run) {
    tw_status status = TW_OK;
    const certify_settings *settings = run->settings;
    cli_certifying c = {0};
    int code = EXIT_DONE;
    if (settings->check) return check_certificate(run);
    TW_TRY(certify(run, &c));
    TW_TRY(write_certificate(run, &c));
    if (wants_table(run)) TW_TRY(print_certification(&c));
    TW_TRY(record_certification(run, &c));
    code = exit_code(&c.result);
cleanup:
    tw_certification_clear(&c.result);
    subject_close(&c.subject);
    return status == TW_OK ? code : report_failure(status);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(examining_options, certify_settings, examining),
    EMBED(seconds_options, certify_settings, common),
    EMBED(memory_options, certify_settings, common),
    EMBED(output_options, certify_settings, output),
    FLAG(certify_settings, check, "check",
         "FILE is a certificate: prove its claims anew, from the file alone"),
    RANGED(
        OPTION_COUNT, certify_settings, max_bits, "max-bits", "B", 128, 65536, "1024",
        "mantissas of the balls begin with 128 bits and are doubled up to B while a sign is open"),
    {0},
};

const cli_command certify_command = {
    "certify",
    "FILE",
    "prove a strict saddle, or give the verdict with its evidence",
    "Polishes the point, counts its modes, and tries to prove a strict saddle in ball arithmetic: "
    "a direction with negative curvature and a step that falls by more than the gradient could "
    "give. -o writes the proof, which --check proves anew from the file alone. Also: the null "
    "space held against the symmetry, and at L = 1 the test of global optimality. Exit code 0 when "
    "proved or verified, 1 when not; 4 when the verdict is 'not stationary' or 'ambiguous' and "
    "there is no proof.",
    1,
    1,
    options,
    sizeof(certify_settings),
    run_certify};
