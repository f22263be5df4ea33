/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/record/claims_record.h>
#include <thalweg/report/texts.h>

#include "progress.h"
#include "results.h"

typedef struct verify_settings {
    cli_common common;
    bool quick, markdown, latex;
    const char *claims, *constants; /* NULL: all of them; as published */
} verify_settings;

static tw_status compute(const cli_invocation *run, tw_claim_list *list) {
    const verify_settings *s = run->settings;
    tw_claim_options options = TW_CLAIM_DEFAULTS;
    options.quick = s->quick;
    options.seed = s->common.seed;
    options.monitor = progress_monitor();
    return tw_claim_list_evaluate(list, &options);
}

static tw_status show(const cli_invocation *run, const tw_claim_list *v) {
    const verify_settings *s = run->settings;
    char *text = NULL;
    tw_status status = tw_claims_text(v,
                                      s->markdown ? TW_TEXT_MARKDOWN
                                      : s->latex  ? TW_TEXT_LATEX
                                                  : TW_TEXT_PLAIN,
                                      &text);
    progress_clear();
    if (status == TW_OK && (s->markdown || s->latex || wants_table(run))) fputs(text, stdout);
    free(text);
    if (status != TW_OK) return status;
    return write_result(run, tw_json_object(), &tw_verify_fields, v);
}

static tw_status check_formats(const verify_settings *s) {
    bool piped = s->common.json && strcmp(s->common.json, "-") == 0;
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

static tw_status run_verify(const cli_invocation *run) {
    tw_status status = TW_OK;
    const verify_settings *s = run->settings;
    tw_claim_list v = {0};
    TW_TRY(check_formats(s));
    status = tw_claim_list_init(&v, s->claims);
    if (status != TW_OK) TW_TRY(tw_fail_in(status, "--only: "));
    status = tw_claim_list_set(&v, s->constants);
    if (status != TW_OK) TW_TRY(tw_fail_in(status, "--constant: "));
    TW_TRY(compute(run, &v));
    TW_TRY(show(run, &v));
    *run->code = exit_code(&v);
cleanup:
    tw_claim_list_clear(&v);
    return status;
}

static const cli_option options[] = {
    TABLE(common_options, 0),
    TABLE(page_options, 0),
    FLAG(verify_settings, quick, "quick", "fewer and smaller cases of every claim"),
    PLAIN(OPTION_TEXT, verify_settings, claims, "only", "LIST",
          "these claims alone, with commas: a,f"),
    PLAIN(OPTION_TEXT, verify_settings, constants, "constant", "LIST",
          "state a claim with another constant: ID.NAME=X, several with commas; it is then another "
          "claim, and may fail"),
    FLAG(verify_settings, markdown, "markdown", "print a Markdown table"),
    FLAG(verify_settings, latex, "latex", "print a LaTeX longtable"),
    RANGED(OPTION_NUMBER, verify_settings, common.max_seconds, "max-seconds", "S", 0, 1e9, NULL,
           "end then, as Ctrl-C does; what was not computed is undecided"),
    {0},
};

const cli_command verify_command = {
    "verify",
    "",
    "put published claims to the test",
    "Each claim is computed anew: source, statement, what was computed, the figures, and whether "
    "it holds, fails, or cannot be decided. Answers are answers: exit code 1 only when one is not "
    "what the table of this version expects, 4 when it was ended before it knew. A claim with "
    "another constant (--constant) is another claim.",
    {0, 0},
    {options, sizeof(verify_settings)},
    run_verify};
