/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "progress.h"
#include "subject.h"
#include "verify.h"

static tw_status compute(const cli_invocation *run, tw_claim_list *list) {
    tw_claim_options options = TW_CLAIM_DEFAULTS;
    options.quick = run->settings.quick;
    options.seed = run->settings.seed;
    options.monitor = progress_monitor();
    tw_status status = tw_claim_list_evaluate(list, &options);
    progress_clear();
    return status;
}

static tw_status show(const cli_invocation *run, const tw_claim_list *v) {
    if (run->settings.markdown)
        print_markdown(v);
    else if (run->settings.latex)
        print_latex(v);
    else if (wants_table(run))
        print_verdicts(v);
    return write_result(run, tw_json_object(), &tw_verify_fields, v);
}

static tw_status check_formats(const cli_settings *s) {
    bool piped = s->json && strcmp(s->json, "-") == 0;
    if (s->markdown + s->latex + piped > 1)
        return tw_fail(TW_ERR_ARGUMENT,
                       "--markdown, --latex and --json - exclude each other: all of them write to "
                       "standard output");
    return TW_OK;
}

/* An answer that is not the expected one outweighs one that there was no time for. */
static int exit_code(const tw_claim_list *v) {
    int code = EXIT_DONE;
    for (size_t i = 0; i < v->count; i++) {
        if (tw_claim_is_expected(&v->claims[i])) continue;
        if (!v->claims[i].result.cancelled) return EXIT_NEGATIVE;
        code = EXIT_NOT_CONVERGED;
    }
    return code;
}

int run_verify(const cli_invocation *run) {
    tw_status status = TW_OK;
    tw_claim_list v = {0};
    int code = EXIT_DONE;
    TW_TRY(check_formats(&run->settings));
    status = tw_claim_list_init(&v, run->settings.claims);
    if (status != TW_OK) TW_TRY(tw_fail_in(status, "--only: "));
    status = tw_claim_list_set(&v, run->settings.constants);
    if (status != TW_OK) TW_TRY(tw_fail_in(status, "--constant: "));
    TW_TRY(compute(run, &v));
    TW_TRY(show(run, &v));
    code = exit_code(&v);
cleanup:
    tw_claim_list_clear(&v);
    if (status != TW_OK) return report_failure(status);
    return code;
}
