/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/certificate_record.h>

#include "certificate_check.h"
#include "plan.h"
#include "progress.h"
#include "subject.h"

/* One certification under way. */
typedef struct cli_certifying {
    cli_subject subject;
    tw_certification result;
} cli_certifying;

static tw_status certify(const cli_invocation *run, cli_certifying *c) {
    tw_status status = TW_OK;
    const cli_settings *settings = &run->settings;
    tw_certification_options options = TW_CERTIFICATION_DEFAULTS;
    tw_cost work, balls;
    options.examination = examination_options(settings);
    options.certificate.max_bits = settings->max_bits;
    TW_TRY(check_output_format(settings));
    TW_TRY(check_not_input(run, settings->output));
    TW_TRY(subject_open(&c->subject, run->operands[0], settings));
    const tw_dufm *model = &c->subject.point.model;
    tw_certificate_cost(model, &balls);
    tw_examination_cost(model, &options.examination, &work);
    tw_cost_then(&work, &balls);
    TW_TRY(memory_claim(settings, memory_of(model, &work), run->operands[0]));
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
    if (run->settings.output == NULL || !c->result.certificate.proved) return TW_OK;
    json = run_provenance(run);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(json, "input", subject_input(&c->subject)));
    TW_TRY(tw_certificate_to_bundle(&c->subject.point, c->result.direction, &c->result.certificate,
                                    &bundle));
    status = keep_provenance(&bundle, json);
    json = NULL;
    TW_TRY(status);
    TW_TRY(tw_bundle_write(run->settings.output, &bundle));
cleanup:
    tw_json_destroy(json);
    tw_bundle_clear(&bundle);
    return status;
}

static tw_status record_certification(const cli_invocation *run, const cli_certifying *c) {
    bool written = run->settings.output && c->result.certificate.proved;
    const tw_certify_record made = {&c->result, run->operands[0],
                                    written ? run->settings.output : NULL};
    return show_result(run, subject_input(&c->subject), &tw_certify_fields, &made);
}

static int exit_code(const tw_certification *c) {
    tw_verdict verdict = c->examination.degeneracy.verdict;
    if (c->certificate.proved) return EXIT_DONE;
    bool open = verdict == TW_VERDICT_NOT_STATIONARY || verdict == TW_VERDICT_AMBIGUOUS;
    return open ? EXIT_NOT_CONVERGED : EXIT_NEGATIVE;
}

int run_certify(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_certifying c = {0};
    int code = EXIT_DONE;
    if (run->settings.check) return check_certificate(run);
    TW_TRY(certify(run, &c));
    TW_TRY(write_certificate(run, &c));
    TW_TRY(record_certification(run, &c));
    if (wants_table(run)) print_doubts(&c.subject, &c.result.examination, 1);
    code = exit_code(&c.result);
cleanup:
    tw_certification_clear(&c.result);
    subject_close(&c.subject);
    return status == TW_OK ? code : report_failure(status);
}
