/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/campaign/summary.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"

double tw_scan_tolerance(size_t index) {
    static const double tolerances[TW_SCANNED] = {1e-10, 1e-9, 1e-8, 1e-7, 1e-6,
                                                  1e-5,  1e-4, 1e-3, 1e-2};
    return tolerances[index];
}

void tw_summary_clear(tw_summary *s) {
    if (s == NULL) return;
    for (size_t i = 0; s->tables && i < s->count; i++) tw_campaign_table_clear(&s->tables[i]);
    for (size_t i = 0; i < s->transition_count; i++) tw_transition_clear(&s->transitions[i]);
    for (size_t i = 0; i < s->curve_count; i++) tw_return_curve_clear(&s->curves[i]);
    free(s->tables);
    free(s->differences);
    free(s->transitions);
    free(s->curves);
    free(s->scan);
    *s = (tw_summary){0};
}

static tw_status add_transition(tw_summary *s, size_t a, size_t b) {
    tw_status status = TW_OK;
    if (s->tables[a].done == 0 || s->tables[b].done == 0) return TW_OK;
    if (!tw_settings_share_starts(s->tables[a].setting, s->tables[b].setting)) return TW_OK;
    tw_transition *more = tw_resize(s->transitions, s->transition_count + 1, sizeof *more);
    if (more == NULL) return TW_ERR_MEMORY;
    s->transitions = more;
    TW_TRY(tw_transition_count(s->tables, a, b, &more[s->transition_count]));
    s->transition_count++;
cleanup:
    return status;
}

static tw_status tabulate(tw_store *store, const tw_match_options *match, tw_summary *s) {
    tw_status status = TW_OK;
    TW_TRY(tw_store_setting_count(store, &s->count));
    TW_TRY(TW_NEW(s->tables, s->count));
    for (size_t i = 0; i < s->count; i++)
        TW_TRY(tw_campaign_tabulate(store, i, match, &s->tables[i]));
    status = tw_differences(s->count, s->tables, &s->differences, &s->difference_count);
    s->too_many = status == TW_ERR_UNSUPPORTED; /* the tables stand without them */
    if (!s->too_many) TW_TRY(status);
    status = TW_OK;
    for (size_t a = 0; a < s->count; a++)
        for (size_t b = a + 1; b < s->count; b++) TW_TRY(add_transition(s, a, b));
    TW_TRY(tw_return_curves(s->count, s->tables, &s->curves, &s->curve_count));
cleanup:
    return status;
}

static tw_status scan_tolerances(tw_store *store, tw_summary *s) {
    tw_status status = TW_OK;
    TW_TRY(TW_NEW(s->scan, s->count * TW_SCANNED));
    for (size_t i = 0; i < s->count * TW_SCANNED; i++) {
        const tw_match_options match = {tw_scan_tolerance(i % TW_SCANNED)};
        tw_campaign_table table = {0};
        TW_TRY(tw_campaign_tabulate(store, i / TW_SCANNED, &match, &table));
        s->scan[i] = table.count;
        tw_campaign_table_clear(&table);
    }
cleanup:
    return status;
}

tw_status tw_summarise(tw_store *store, const tw_match_options *match, bool scan,
                       tw_summary *summary) {
    tw_status status = TW_OK;
    *summary = (tw_summary){0};
    TW_TRY(tabulate(store, match, summary));
    if (scan) TW_TRY(scan_tolerances(store, summary));
cleanup:
    if (status != TW_OK) tw_summary_clear(summary);
    return status;
}

static tw_status store_classes(tw_store *store, size_t setting, const tw_match_options *match) {
    tw_campaign_table table = {0};
    tw_status status = tw_campaign_tabulate(store, setting, match, &table);
    if (status == TW_OK) status = tw_campaign_store_classes(store, setting, &table);
    if (status == TW_ERR_DATA && table.done < table.asked) status = TW_OK;
    tw_campaign_table_clear(&table);
    return status;
}

tw_status tw_summary_store_classes(tw_store *store, const tw_match_options *match) {
    tw_status status = TW_OK;
    size_t count;
    TW_TRY(tw_store_setting_count(store, &count));
    for (size_t i = 0; i < count; i++) TW_TRY(store_classes(store, i, match));
cleanup:
    return status;
}
