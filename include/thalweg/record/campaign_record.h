/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Campaigns and searches for critical points as records (docs/formats/results.md). Everything is
 * borrowed. */
#ifndef THALWEG_CAMPAIGN_RECORD_H
#define THALWEG_CAMPAIGN_RECORD_H

#include <thalweg/campaign/critical.h>
#include <thalweg/campaign/summary.h>
#include <thalweg/record/fields.h>

/* One restart made anew. */
typedef struct tw_restart_record {
    const tw_store_row *row;
    const char *class_name; /* its name */
    bool stored, same;      /* a store was looked up and has it; with the same bits */
} tw_restart_record;

/* What `critical` answers. */
typedef struct tw_critical_record {
    const tw_critical_result *result;
    const char *file; /* of the findings; NULL: nothing was kept */
} tw_critical_record;

/* What a file of findings is begun with (tw_findings_begin), so that no other search goes on with
 * it: the model and what decides which points there are, as a JSON text. options: NULL for the
 * defaults. *text (out): owned. */
TW_API tw_status tw_critical_plan(const tw_dufm *model, const tw_critical_options *options,
                                  char **text);

TW_API_DATA const tw_fields tw_summary_fields;  /* of a tw_summary */
TW_API_DATA const tw_fields tw_restart_fields;  /* of a tw_restart_record */
TW_API_DATA const tw_fields tw_critical_fields; /* of a tw_critical_record */
TW_API_DATA const tw_fields tw_finding_fields;  /* of a tw_finding */

#endif
