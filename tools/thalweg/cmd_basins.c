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
    tw_status (*run)(const cli_invocation *run, tw_store *store);
} verb;

static tw_status run_resume(const cli_invocation *run, tw_store *store);

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

static tw_status finish(const cli_invocation *run, tw_store *store) {
    tw_status status = TW_OK;
    const basins_settings *s = run->settings;
    tw_campaign_options options = TW_CAMPAIGN_DEFAULTS;
    tw_campaign_result result;
    options.workers = s->workers;
    if (is_given(run, "precision")) options.precision = s->precision;
    options.keep_points = s->keep_points;
    options.match.tolerance = s->match_tolerance;
    options.monitor = progress_monitor();
    options.note = progress_note;
    status = tw_campaign_run(store, &options, &result);
    progress_clear();
    TW_TRY(status);
    TW_TRY(tw_summary_store_classes(store, &options.match));
    if (result.cancelled) *run->code = EXIT_NOT_CONVERGED;
    status = basins_show(run, store);
cleanup:
    return status;
}

static tw_status run_resume(const cli_invocation *run, tw_store *store) {
    if (tw_store_plan(store) == NULL)
        return tw_fail(TW_ERR_DATA, "%s holds no plan", run->operands[1]);
    tw_status status = basins_check_store(run, store);
    return status == TW_OK ? finish(run, store) : status;
}

/* A plan, from its file or from the options, and the store it belongs to. */
static tw_status run_plan(const cli_invocation *run) {
    tw_status status = TW_OK;
    const basins_settings *s = run->settings;
    tw_plan plan = {0};
    tw_store *store = NULL;
    TW_TRY(basins_plan(run, &plan));
    if (s->budget.plan) {
        status = basins_show_plan(run, &plan);
        goto cleanup;
    }
    TW_TRY(basins_check_plan(run, &plan));
    if (is_given(run, "only")) {
        status = basins_only(run, &plan);
        goto cleanup;
    }
    TW_TRY(s->output ? TW_OK : tw_fail(TW_ERR_ARGUMENT, "--output FILE is missing"));
    TW_TRY(tw_store_open(s->output, TW_STORE_CREATE, &store));
    status = tw_campaign_begin(store, &plan);
    TW_TRY(status == TW_ERR_DATA ? fail_in_file(status, s->output) : status);
    status = finish(run, store);
cleanup:
    tw_store_close(store);
    tw_plan_clear(&plan);
    return status;
}

static tw_status run_basins(const cli_invocation *run) {
    const verb *asked = run->operand_count > 0 ? find_verb(run->operands[0]) : NULL;
    tw_store *store = NULL;
    if (run->common->csv && is_given(run, "only"))
        return tw_fail(TW_ERR_ARGUMENT, "--csv means nothing with --only: a replay has no rows");
    if (asked && is_given(run, "plan"))
        return tw_fail(TW_ERR_ARGUMENT, "--plan goes with a campaign that is to begin, not with %s",
                       asked->name);
    if (asked == NULL && run->operand_count > 1)
        return tw_fail(TW_ERR_ARGUMENT, "'%.80s' is neither status, resume nor export",
                       run->operands[0]);
    if (asked == NULL) return run_plan(run);
    if (run->operand_count != 2)
        return tw_fail(TW_ERR_ARGUMENT, "%s needs a campaign's file", asked->name);
    tw_status status = tw_store_open(run->operands[1], asked->mode, &store);
    if (status == TW_OK) status = asked->run(run, store);
    tw_store_close(store);
    return status;
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(limit_options, basins_settings, common),
    EMBED(plan_options, basins_settings, budget),
    EMBED(store_options, basins_settings, output),
    EMBED(new_options, basins_settings, new),
    EMBED(descent_options, basins_settings, descent),
    RANGED(OPTION_COUNT, basins_settings, restarts, "restarts", "N", 1, 1e12, "100",
           "restarts of the one setting that options describe"),
    RANGED(OPTION_COUNT, basins_settings, workers, "workers", "N", 0, 1024, "0",
           "threads that run restarts; 0: all processors"),
    RANGED(OPTION_NUMBER, basins_settings, precision, "precision", "X", 0, 1, NULL,
           "end a setting when the 95 % interval of every fraction is narrower than X"),
    FLAG(basins_settings, keep_points, "keep-points", "store the end points too"),
    RANGED(OPTION_COUNT, basins_settings, only, "only", "I", 0, 1e12, NULL,
           "replay restart number I, and compare it with the one in --output when it is there"),
    RANGED(OPTION_COUNT, basins_settings, setting, "setting", "S", 0, 1e6, "0",
           "number of the plan's setting that --only means"),
    RANGED(OPTION_NUMBER, basins_settings, match_tolerance, "match-tolerance", "X", 0, 1, "1e-6",
           "end points within it (and what their gradient norms allow) are one class"),
    FLAG(basins_settings, tolerance_scan, "tolerance-scan",
         "how many classes there are at tolerances from 1e-10 to 1e-2"),
    PLAIN(OPTION_RESULT, basins_settings, common.csv, "csv", "FILE",
          "write one line a finished restart: its numbers, and why it ended; - is standard output, "
          "and the tables are left out"),
    {0},
};

const cli_command basins_command = {
    "basins",
    "[PLAN|VERB] [FILE.db]",
    "where descent ends, from many random starts",
    "Runs every restart of a plan (a JSON file with a grid of settings, or one setting from the "
    "options) into the file that --output names, and tells how often each optimum was reached, "
    "with 95 % intervals. End points are one class when loss, logit singular values and class "
    "logits agree up to a permutation of the classes. The same command, or resume, goes on with "
    "what is there; several processes may share a campaign. Verbs for a campaign's file: status "
    "shows how far it is, resume goes on, export writes tables (--json, --csv). Exit code 4 when "
    "it was ended before its restarts were done.",
    {0, 2},
    {options, sizeof(basins_settings)},
    run_basins};
