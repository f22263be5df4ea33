/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "subject.h"
#include "verify.h"

static bool is_word(const char *text, size_t length, const char *word) {
    return strlen(word) == length && strncmp(text, word, length) == 0;
}

/* ---- Which claims ---- */

static tw_status refuse_id(const char *text, size_t length) {
    char names[256] = "";
    for (size_t i = 0; tw_claim_at(i); i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", tw_claim_at(i)->id);
    }
    return tw_fail(TW_ERR_ARGUMENT, "--only: there is no claim '%.*s': there are %s", (int)length,
                   text, names);
}

/* *chosen[i]: claim i is wanted. */
static tw_status choose(const char *list, bool *chosen) {
    while (list) {
        size_t length = strcspn(list, ","), i = 0;
        while (tw_claim_at(i) && !is_word(list, length, tw_claim_at(i)->id)) i++;
        if (tw_claim_at(i) == NULL || i >= CLAIM_ROOM) return refuse_id(list, length);
        chosen[i] = true;
        list = list[length] ? list + length + 1 : NULL;
    }
    return TW_OK;
}

static tw_status list_claims(const char *only, cli_verdicts *v) {
    tw_status status = TW_OK;
    bool chosen[CLAIM_ROOM] = {false};
    if (only) TW_TRY(choose(only, chosen));
    v->rows = calloc(CLAIM_ROOM, sizeof *v->rows);
    TW_TRY(v->rows ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for the claims"));
    for (size_t i = 0; tw_claim_at(i) && i < CLAIM_ROOM; i++) {
        if (only && !chosen[i]) continue;
        tw_claim_verdict *row = &v->rows[v->count++];
        row->claim = tw_claim_at(i);
        for (size_t c = 0; c < TW_CLAIM_CONSTANTS; c++)
            row->constants[c] = row->claim->constants[c].value;
    }
cleanup:
    return status;
}

/* ---- With which constants ---- */

static tw_status set_constant(const char *text, size_t length, cli_verdicts *v) {
    char word[128], *end = NULL;
    if (length >= sizeof word) length = sizeof word - 1;
    memcpy(word, text, length);
    word[length] = '\0';
    char *dot = strchr(word, '.'), *equals = dot ? strchr(dot, '=') : NULL;
    if (equals == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "--constant takes ID.NAME=X, not '%s'", word);
    errno = 0;
    double value = strtod(equals + 1, &end);
    if (errno || end == equals + 1 || *end)
        return tw_fail(TW_ERR_ARGUMENT, "--constant %s: no number behind the '='", word);
    for (size_t i = 0; i < v->count; i++) {
        const tw_claim *claim = v->rows[i].claim;
        if (!is_word(word, (size_t)(dot - word), claim->id)) continue;
        for (size_t c = 0; c < tw_claim_constants(claim); c++)
            if (is_word(dot + 1, (size_t)(equals - dot - 1), claim->constants[c].name)) {
                v->rows[i].constants[c] = value;
                return TW_OK;
            }
    }
    return tw_fail(TW_ERR_ARGUMENT, "--constant %s: no claim that is computed has this constant",
                   word);
}

static tw_status set_constants(const char *list, cli_verdicts *v) {
    tw_status status = TW_OK;
    while (list) {
        size_t length = strcspn(list, ",");
        TW_TRY(set_constant(list, length, v));
        list = list[length] ? list + length + 1 : NULL;
    }
cleanup:
    return status;
}

/* ---- The run ---- */

static tw_status compute(const cli_invocation *run, cli_verdicts *v) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < v->count; i++) {
        tw_claim_options options = TW_CLAIM_DEFAULTS;
        double start = tw_clock_seconds();
        options.quick = run->settings.quick;
        options.seed = run->settings.seed;
        options.constants = v->rows[i].constants;
        options.monitor = progress_monitor();
        TW_TRY(tw_claim_evaluate(v->rows[i].claim, &options, &v->rows[i].result));
        v->rows[i].seconds = tw_clock_seconds() - start;
    }
cleanup:
    progress_clear();
    return status;
}

static tw_status show(const cli_invocation *run, const cli_verdicts *v) {
    const tw_verify_record made = {v->count, v->rows};
    if (run->settings.markdown)
        print_markdown(v);
    else if (run->settings.latex)
        print_latex(v);
    else if (wants_table(run))
        print_verdicts(v);
    return write_result(run, tw_json_object(), &tw_verify_fields, &made);
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
static int exit_code(const cli_verdicts *v) {
    int code = EXIT_DONE;
    for (size_t i = 0; i < v->count; i++) {
        if (tw_claim_is_expected(&v->rows[i])) continue;
        if (!v->rows[i].result.cancelled) return EXIT_NEGATIVE;
        code = EXIT_NOT_CONVERGED;
    }
    return code;
}

int run_verify(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_verdicts v = {0};
    int code = EXIT_DONE;
    TW_TRY(check_formats(&run->settings));
    TW_TRY(list_claims(run->settings.claims, &v));
    if (run->settings.constants) TW_TRY(set_constants(run->settings.constants, &v));
    TW_TRY(compute(run, &v));
    TW_TRY(show(run, &v));
    code = exit_code(&v);
cleanup:
    free(v.rows);
    if (status != TW_OK) return report_failure(status);
    return code;
}
