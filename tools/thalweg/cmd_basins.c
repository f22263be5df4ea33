/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "basins.h"
#include "progress.h"

/* What the first operand asks for. */
typedef struct verb {
    const char *name;
    tw_store_mode mode;
    int (*run)(const cli_invocation *run, tw_store *store);
} verb;

static int run_resume(const cli_invocation *run, tw_store *store);

static const verb verbs[] = {
    {"status", TW_STORE_READ, basins_status},
    {"resume", TW_STORE_WRITE, run_resume},
    {"export", TW_STORE_READ, basins_show},
};

static const verb *find_verb(const char *word) {
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, word) == 0) return &verbs[i];
    return NULL;
}

/* ---- Running ---- */

static int finish(const cli_invocation *run, tw_store *store) {
    tw_status status = TW_OK;
    const cli_settings *s = &run->settings;
    tw_campaign_options options = TW_CAMPAIGN_DEFAULTS;
    tw_campaign_result result;
    options.workers = s->workers;
    options.precision = s->precision;
    options.keep_points = s->keep_points;
    options.match.tolerance = s->match_tolerance;
    options.monitor = progress_monitor();
    options.note = progress_note;
    status = tw_campaign_run(store, &options, &result);
    progress_clear();
    if (status == TW_OK) status = tw_summary_store_classes(store, &options.match);
    if (status != TW_OK) return report_failure(status);
    int code = basins_show(run, store);
    return code == EXIT_DONE && result.cancelled ? EXIT_NOT_CONVERGED : code;
}

static int run_resume(const cli_invocation *run, tw_store *store) {
    if (tw_store_plan(store) == NULL)
        return report_failure(tw_fail(TW_ERR_DATA, "%s holds no plan", run->operands[1]));
    tw_status status = basins_check_store(run, store);
    return status == TW_OK ? finish(run, store) : report_failure(status);
}

/* A plan, from its file or from the options, and the store it belongs to. */
static int run_plan(const cli_invocation *run) {
    tw_status status = TW_OK;
    tw_plan plan = {0};
    tw_store *store = NULL;
    int code = EXIT_DONE;
    TW_TRY(basins_plan(run, &plan));
    TW_TRY(basins_check_plan(run, &plan));
    if (run->settings.only != CLI_NO_INDEX) {
        code = basins_only(run, &plan);
        goto cleanup;
    }
    TW_TRY(run->settings.output ? TW_OK : tw_fail(TW_ERR_ARGUMENT, "--output FILE is missing"));
    TW_TRY(tw_store_open(run->settings.output, TW_STORE_CREATE, &store));
    status = tw_campaign_begin(store, &plan);
    if (status == TW_ERR_DATA) {
        char prefix[512];
        snprintf(prefix, sizeof prefix, "%.500s: ", run->settings.output);
        tw_fail_in(status, prefix);
    }
    TW_TRY(status);
    code = finish(run, store);
cleanup:
    tw_store_close(store);
    tw_plan_clear(&plan);
    return status == TW_OK ? code : report_failure(status);
}

int run_basins(const cli_invocation *run) {
    const verb *asked = run->operand_count > 0 ? find_verb(run->operands[0]) : NULL;
    tw_store *store = NULL;
    if (run->settings.csv && run->settings.only != CLI_NO_INDEX)
        return report_failure(
            tw_fail(TW_ERR_ARGUMENT, "--csv means nothing with --only: a replay has no rows"));
    if (asked == NULL && run->operand_count > 1)
        return report_failure(tw_fail(
            TW_ERR_ARGUMENT, "'%.80s' is neither status, resume nor export", run->operands[0]));
    if (asked == NULL) return run_plan(run);
    if (run->operand_count != 2)
        return report_failure(tw_fail(TW_ERR_ARGUMENT, "%s needs a campaign's file", asked->name));
    tw_status status = tw_store_open(run->operands[1], asked->mode, &store);
    int code = status == TW_OK ? asked->run(run, store) : report_failure(status);
    tw_store_close(store);
    return code;
}
