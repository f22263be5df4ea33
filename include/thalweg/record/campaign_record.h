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

TW_API_DATA const tw_fields tw_summary_fields;  /* of a tw_summary */
TW_API_DATA const tw_fields tw_restart_fields;  /* of a tw_restart_record */
TW_API_DATA const tw_fields tw_critical_fields; /* of a tw_critical_record */
TW_API_DATA const tw_fields tw_finding_fields;  /* of a tw_finding */

#endif
