/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record of `basins` as figures and tables look at it: settings that differ in some members, and
 * the classes that are most frequent over all of them. Everything is borrowed from the record. */
#ifndef TW_CAMPAIGN_VIEW_PRIVATE_H
#define TW_CAMPAIGN_VIEW_PRIVATE_H

#include "report/dossier_private.h"

#define TW_MOST_SETTINGS 256 /* that are looked at */
#define TW_MOST_CLASSES 8    /* whose names are kept */

typedef struct tw_campaign_view {
    const tw_json *record, *settings;
    size_t setting_count; /* at most TW_MOST_SETTINGS */
    size_t class_count;
    const char *classes[TW_MOST_CLASSES]; /* most frequent first */
} tw_campaign_view;

/* One class of a setting. A class that was not met has the interval of 0 out of n. */
typedef struct tw_class_share {
    double count, restarts, fraction, low, high; /* NAN: no restart is finished */
} tw_class_share;

/* The index-th campaign with at least one setting; false past the last. */
bool tw_campaign_look(const tw_dossier *dossier, size_t index, size_t classes,
                      tw_campaign_view *view);

tw_class_share tw_campaign_share(const tw_campaign_view *view, size_t setting, size_t class);

/* A member of a setting, NAN when it is no number. */
double tw_campaign_number(const tw_campaign_view *view, size_t setting, const char *member);

/* Are two settings the same but for one member? */
bool tw_campaign_differ_only(const tw_campaign_view *view, size_t a, size_t b, const char *member);

/* "width=4 lambda=0.004": the members in which settings differ; but: left out, and what is the same
 * in all settings is told too. */
void tw_campaign_describe(const tw_campaign_view *view, size_t setting, tw_writer *text);
void tw_campaign_describe_but(const tw_campaign_view *view, size_t setting, const char *but,
                              tw_writer *text);

/* Lines "setting,class,name,restarts,fraction" of the counts kept along the way; how many. */
size_t tw_campaign_trace(const tw_campaign_view *view, size_t setting, size_t class,
                         tw_writer *csv);

#endif
