/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/certificate_record.h>

#include "certificate_check.h"
#include "outputs.h"
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
    const certify_settings *settings = run->settings;
    tw_certification_options options = TW_CERTIFICATION_DEFAULTS;
    tw_cost work;
    options.certificate.max_bits = settings->max_bits;
    TW_TRY(check_not_input(run, settings->output));
    TW_TRY(subject_open(&c->subject, run->operands[0], &settings->examining.reading, run->common));
    const tw_dufm *model = &c->subject.point.model;
    options.examination = examination_options(run->common, &settings->examining, model);
    tw_certification_cost(model, c->subject.point.theta, &options, &work);
    TW_TRY(memory_claim(run->common, memory_of(model, &work), run->operands[0]));
    TW_TRY(tw_point_certify(c->subject.evaluator, &options, c->subject.point.theta, &c->result));
cleanup:
    return status;
}

/* Nothing but a proved certificate becomes a file. */
static tw_status write_certificate(const cli_invocation *run, const cli_certifying *c) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    const certify_settings *settings = run->settings;
    const cli_origin origin = {.input = subject_source(&c->subject)};
    if (settings->output == NULL || !c->result.certificate.proved) return TW_OK;
    TW_TRY(tw_certificate_to_bundle(&c->subject.point, c->result.direction, &c->result.certificate,
                                    &bundle));
    TW_TRY(write_bundle(run, settings->output, &bundle, &origin));
cleanup:
    tw_bundle_clear(&bundle);
    return status;
}

static tw_status record_certification(const cli_invocation *run, const cli_certifying *c) {
    const certify_settings *settings = run->settings;
    bool written = settings->output && c->result.certificate.proved;
    const tw_certify_record made = {&c->result, run->operands[0],
                                    written ? settings->output : NULL};
    return show_result(run, subject_input(&c->subject), &tw_certify_fields, &made);
}

static int exit_code(const tw_certification *c) {
    if (c->certificate.proved) return EXIT_DONE;
    bool open = tw_verdict_is_open(c->examination.degeneracy.verdict);
    return open ? EXIT_NOT_CONVERGED : EXIT_NEGATIVE;
}

static tw_status run_certify(const cli_invocation *run) {
    tw_status status = TW_OK;
    const certify_settings *settings = run->settings;
    cli_certifying c = {0};
    if (settings->check) return check_certificate(run);
    TW_TRY(certify(run, &c));
    TW_TRY(write_certificate(run, &c));
    TW_TRY(record_certification(run, &c));
    if (wants_table(run)) print_doubts(&c.subject, &c.result.examination, 1);
    *run->code = exit_code(&c.result);
cleanup:
    tw_certification_clear(&c.result);
    subject_close(&c.subject);
    return status;
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(examining_options, certify_settings, examining),
    EMBED(limit_options, certify_settings, common),
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
    {1, 1},
    {options, sizeof(certify_settings)},
    run_certify};
