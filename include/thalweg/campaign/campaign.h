/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Campaigns: all restarts of a plan, by several threads and processes, into one store; and what
 * they add up to. */
#ifndef THALWEG_CAMPAIGN_H
#define THALWEG_CAMPAIGN_H

#include <thalweg/base/monitor.h>
#include <thalweg/campaign/job.h>
#include <thalweg/campaign/plan.h>
#include <thalweg/campaign/statistics.h>
#include <thalweg/campaign/store.h>

typedef struct tw_campaign_options {
    size_t workers;   /* threads; 0: as many as there are processors; default 0 */
    double precision; /* a setting is done when the 95 % interval of every class is narrower than
                         this; 0: when all its restarts are; default 0 */
    bool keep_points; /* store end points; default false */
    tw_match_options match;    /* of the running fractions */
    const tw_monitor *monitor; /* sees restarts; default NULL */
    /* Running fractions of the setting at hand, one line; called now and then by the caller's
     * thread. Default NULL. */
    void (*note)(void *self, const char *text);
    void *self;
} tw_campaign_options;

#define TW_CAMPAIGN_DEFAULTS ((tw_campaign_options){.match = TW_MATCH_DEFAULTS})

typedef struct tw_campaign_result {
    size_t finished; /* restarts of this call */
    bool cancelled;  /* the monitor ended it */
} tw_campaign_result;

/* Open or begin: gives a fresh store the plan, or checks that the plan is the store's. TW_ERR_DATA
 * with the difference. */
TW_API tw_status tw_campaign_begin(tw_store *store, const tw_plan *plan);

/* Threads of a campaign, each with a restart's memory: `asked`, or for 0 one a processor. */
TW_API size_t tw_campaign_workers(size_t asked);

/* Finish what is neither finished nor under way elsewhere, setting by setting. Every restart hangs
 * on its setting and number alone: workers, order and processes change nothing but the seconds.
 * BLAS runs with one thread throughout. */
TW_API tw_status tw_campaign_run(tw_store *store, const tw_campaign_options *options,
                                 tw_campaign_result *result);

/* ---- What came out ---- */

typedef struct tw_campaign_class {
    char *name;
    size_t rank, count, first;
    double loss;
    tw_interval fraction; /* 95 % */
} tw_campaign_class;

/* One setting's table. Classes with members alone, most members first, then by name. */
typedef struct tw_campaign_table {
    char *setting;
    size_t asked, done;
    size_t count;
    tw_campaign_class *classes;
    size_t *index;  /* done: number of the i-th finished restart, ascending */
    size_t *member; /* done: its class */
    tw_interval unseen;
    double seconds; /* of all restarts together */
    size_t evaluations, products;
} tw_campaign_table;

/* Classify the finished restarts of a setting in the order of their numbers; nothing is written. */
TW_API tw_status tw_campaign_tabulate(tw_store *store, size_t setting,
                                      const tw_match_options *match, tw_campaign_table *table);
TW_API void tw_campaign_table_clear(tw_campaign_table *table); /* idempotent, NULL-safe */

/* Write a table's classes into the store. */
TW_API tw_status tw_campaign_store_classes(tw_store *store, size_t setting,
                                           const tw_campaign_table *table);

#endif
