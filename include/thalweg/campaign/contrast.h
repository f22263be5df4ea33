/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of a campaign set against each other. */
#ifndef THALWEG_CONTRAST_H
#define THALWEG_CONTRAST_H

#include <thalweg/campaign/campaign.h>

/* One class in two settings. Names are borrowed from the tables. */
typedef struct tw_difference {
    size_t first, second; /* tables */
    const char *name;
    size_t count[2], done[2];
    double p;        /* Fisher's exact test, two-sided */
    double adjusted; /* Holm's, over all differences of the list */
} tw_difference;

#define TW_MAX_DIFFERENCES 20000

/* Every class that either of two settings met, for every two settings that differ in one member;
 * differences (out, owned by the caller: free), *count. Beyond
 * TW_MAX_DIFFERENCES of them: TW_ERR_UNSUPPORTED. */
TW_API tw_status tw_differences(size_t tables, const tw_campaign_table *table,
                                tw_difference **differences, size_t *count);

/* Restarts that end in one class under one setting and in another under another. */
typedef struct tw_transition_cell {
    const char *from, *to; /* names, borrowed from the tables */
    size_t count;
} tw_transition_cell;

/* Where the same starts end under two settings. */
typedef struct tw_transition {
    size_t first, second; /* tables */
    size_t rows, columns; /* classes of the first, of the second */
    size_t *counts;       /* rows x columns, row by row; owned */
    size_t cell_count;
    tw_transition_cell *cells; /* those with restarts, row by row; owned */
    size_t pairs;              /* restarts finished in both */
    size_t same;               /* of them in classes of equal names */
    const char *name; /* the class that the test is about: the first table's most frequent */
    double p;         /* McNemar's exact test on that class, two-sided */
} tw_transition;

/* Are starts shared: settings that differ in the descent's members alone? false also when either is
 * no JSON object. */
TW_API bool tw_settings_share_starts(const char *first, const char *second);

TW_API tw_status tw_transition_count(const tw_campaign_table *tables, size_t first, size_t second,
                                     tw_transition *transition);
TW_API void tw_transition_clear(tw_transition *transition); /* idempotent, NULL-safe */

#endif
