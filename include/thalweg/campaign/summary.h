/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that is told of a campaign: classes of every setting, differences, transitions, return
 * curves. */
#ifndef THALWEG_SUMMARY_H
#define THALWEG_SUMMARY_H

#include <thalweg/campaign/contrast.h>
#include <thalweg/campaign/stability.h>
#include <thalweg/files/bundle.h>

/* Numbers of classes by tolerance: an identity that hangs on it would show. */
#define TW_SCANNED 9
TW_API double tw_scan_tolerance(size_t index); /* index < TW_SCANNED; ascending */

/* Initialise with {0}; owned. */
typedef struct tw_summary {
    size_t count;
    tw_campaign_table *tables; /* a setting each */
    tw_difference *differences;
    size_t difference_count;
    bool too_many; /* more differences than TW_MAX_DIFFERENCES: none are listed */
    tw_transition *transitions;
    size_t transition_count;
    tw_return_curve *curves;
    size_t curve_count;
    size_t *scan; /* count x TW_SCANNED, setting by setting; NULL: not asked for */
} tw_summary;

/* Classify what is finished; nothing is written. scan: count the classes by tolerance too. */
TW_API tw_status tw_summarise(tw_store *store, const tw_match_options *match, bool scan,
                              tw_summary *summary);
TW_API void tw_summary_clear(tw_summary *summary); /* idempotent, NULL-safe; leaves {0} */

/* All finished restarts of the tables as columns, one entry each, and why each ended (*reasons:
 * out, names of endings; the list is owned: free). bundle: empty. */
TW_API tw_status tw_summary_rows(tw_store *store, const tw_summary *summary, tw_bundle *bundle,
                                 const char ***reasons);

/* Classify every setting and write its classes into the store. Another process may finish restarts
 * in between: whoever is last stores what stays. */
TW_API tw_status tw_summary_store_classes(tw_store *store, const tw_match_options *match);

#endif
