/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "certificate_check.h"

#include <stdlib.h>
#include <thalweg/record/certificate_record.h>
#include <thalweg/record/point_record.h>

#include "plan.h"
#include "subject.h"

/* One check under way. */
typedef struct cli_check {
    tw_bundle bundle;
    char digest[65];
    tw_point point;
    double *v;
    tw_certificate claim, verdict;
} cli_check;

/* Options that would change the statement in the file, or that mean nothing here. */
static tw_status refuse_options(const cli_invocation *run) {
    static const char why[] = " means nothing with --check: the file speaks";
    const certify_settings *s = run->settings;
    tw_status status = refuse_members(run, &s->examining, sizeof s->examining, why);
    return status == TW_OK ? refuse_members(run, &s->output, sizeof s->output, why) : status;
}

static tw_status read_claims(const cli_invocation *run, cli_check *c) {
    tw_status status = TW_OK;
    tw_cost balls;
    const char *path = run->operands[0];
    TW_TRY(refuse_options(run));
    TW_TRY(tw_bundle_read(path, &c->bundle));
    TW_TRY(tw_file_digest(path, c->digest));
    status = tw_certificate_from_bundle(&c->bundle, &c->point, &c->v, &c->claim);
    TW_TRY(fail_in_file(status, path));
    tw_certificate_cost(&c->point.model, &balls);
    TW_TRY(memory_claim(run->common, memory_of(&c->point.model, &balls), path));
cleanup:
    return status;
}

static tw_status record_check(const cli_invocation *run, const cli_check *c) {
    const tw_input input = {run->operands[0], c->digest, &c->point.model};
    const tw_check_record made = {run->operands[0], &c->claim, &c->verdict};
    return show_result(run, tw_fields_json(&tw_input_fields, &input), &tw_check_fields, &made);
}

tw_status check_certificate(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_check c = {0};
    tw_certificate_options options = TW_CERTIFICATE_DEFAULTS;
    options.max_bits = ((const certify_settings *)run->settings)->max_bits;
    TW_TRY(read_claims(run, &c));
    TW_TRY(tw_certificate_check(&c.point, c.v, &c.claim, &options, &c.verdict));
    TW_TRY(record_check(run, &c));
    if (!c.verdict.proved) *run->code = EXIT_NEGATIVE;
cleanup:
    tw_bundle_clear(&c.bundle);
    tw_point_clear(&c.point);
    free(c.v);
    return status;
}
