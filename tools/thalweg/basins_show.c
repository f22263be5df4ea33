/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/csv.h>
#include <thalweg/record/campaign_record.h>
#include <thalweg/report/texts.h>

#include "basins.h"

static tw_status record(const cli_invocation *run, tw_store *store, const tw_summary *s) {
    tw_status status = TW_OK;
    const char *plan = tw_store_plan(store);
    tw_json *input = NULL;
    if (!wants_record(run)) return TW_OK;
    TW_TRY(tw_json_parse(plan, strlen(plan), &input));
    TW_TRY(write_result(run, input, &tw_summary_fields, s));
cleanup:
    return status;
}

static tw_status write_rows(const cli_invocation *run, tw_store *store, const tw_summary *s) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    const char **reasons = NULL;
    TW_TRY(tw_summary_rows(store, s, &bundle, &reasons));
    const tw_csv_words words = {"reason", reasons};
    TW_TRY(write_csv(run, &(tw_csv_table){&bundle, 1, &words}));
cleanup:
    free(reasons);
    tw_bundle_clear(&bundle);
    return status;
}

tw_status basins_show(const cli_invocation *run, tw_store *store) {
    tw_status status = TW_OK;
    const basins_settings *how = run->settings;
    tw_summary s = {0};
    char *text = NULL;
    const tw_match_options match = {how->match_tolerance};
    TW_TRY(tw_summarise(store, &match, how->tolerance_scan, &s));
    TW_TRY(tw_summary_text(&s, &text));
    if (wants_table(run)) fputs(text, stdout);
    TW_TRY(record(run, store, &s));
    if (run->common->csv) TW_TRY(write_rows(run, store, &s));
cleanup:
    free(text);
    tw_summary_clear(&s);
    return status;
}

/* ---- Status ---- */

static tw_status print_settings(tw_store *store) {
    tw_status status = TW_OK;
    size_t count;
    TW_TRY(tw_store_setting_count(store, &count));
    printf("setting  finished  under way  asked\n");
    for (size_t i = 0; i < count; i++) {
        tw_store_setting setting;
        TW_TRY(tw_store_setting_read(store, i, &setting));
        printf("%7zu  %8zu  %9zu  %5zu  %s\n", i, setting.done, setting.claimed, setting.restarts,
               setting.text);
        free(setting.text);
    }
cleanup:
    return status;
}

tw_status basins_status(const cli_invocation *run, tw_store *store) {
    tw_status status = wants_table(run) ? print_settings(store) : TW_OK;
    return status == TW_OK ? basins_show(run, store) : status;
}
