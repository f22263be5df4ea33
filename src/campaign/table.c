/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the restarts of a setting add up to. Restarts are classified in the order of their numbers,
 * whatever the order in which they were finished: the same rows give the same table. */
#include <stdlib.h>
#include <string.h>
#include <thalweg/campaign/campaign.h>

#include "base/alloc_private.h"

/* Classification under way. */
typedef struct tally {
    tw_matcher *matcher;
    tw_campaign_table *table;
    size_t room;
} tally;

void tw_campaign_table_clear(tw_campaign_table *table) {
    if (table == NULL) return;
    for (size_t i = 0; table->classes && i < table->count; i++) free(table->classes[i].name);
    free(table->classes);
    free(table->index);
    free(table->member);
    free(table->setting);
    *table = (tw_campaign_table){0};
}

static tw_status visit(void *self, const tw_store_row *row) {
    tally *t = self;
    tw_campaign_table *table = t->table;
    tw_signature signature = tw_job_signature(row);
    if (table->done == t->room) return TW_OK; /* finished since: next time */
    table->index[table->done] = row->index;
    table->seconds += row->seconds;
    table->evaluations += row->evaluations;
    table->products += row->products;
    return tw_matcher_add(t->matcher, &signature, &table->member[table->done++]);
}

/* Most members first, then by name. */
static int order(const void *a, const void *b) {
    const tw_campaign_class *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->name, y->name);
}

static tw_status copy_class(const tally *t, size_t from, tw_campaign_class *class) {
    tw_match_class is = tw_matcher_class(t->matcher, from);
    class->name = tw_copy_string(is.name);
    class->rank = is.rank;
    class->loss = is.loss;
    class->count = is.count;
    class->first = from; /* until sorted: its number with the matcher */
    class->fraction = tw_fraction(is.count, t->table->done, 0.95);
    return class->name ? TW_OK : TW_ERR_MEMORY;
}

/* From the matcher's numbers to the table's; `first` becomes the smallest restart of the class. */
static tw_status renumber(const tally *t) {
    tw_campaign_table *table = t->table;
    size_t *place = NULL;
    tw_status status = TW_NEW(place, tw_matcher_count(t->matcher));
    if (status != TW_OK) return status;
    for (size_t i = 0; i < table->count; i++) {
        place[table->classes[i].first] = i;
        table->classes[i].first = (size_t)-1;
    }
    for (size_t i = 0; i < table->done; i++) {
        tw_campaign_class *class = &table->classes[table->member[i] = place[table->member[i]]];
        if (table->index[i] < class->first) class->first = table->index[i];
    }
    free(place);
    return TW_OK;
}

static tw_status collect(const tally *t) {
    tw_status status = TW_OK;
    tw_campaign_table *table = t->table;
    size_t met = tw_matcher_count(t->matcher), *counts = NULL;
    TW_TRY(TW_NEW(table->classes, met));
    TW_TRY(TW_NEW(counts, met));
    for (size_t i = 0; i < met; i++)
        if (tw_matcher_class(t->matcher, i).count > 0)
            TW_TRY(copy_class(t, i, &table->classes[table->count++]));
    qsort(table->classes, table->count, sizeof *table->classes, order);
    for (size_t i = 0; i < table->count; i++) counts[i] = table->classes[i].count;
    if (table->done > 0) table->unseen = tw_unseen_mass(table->count, counts, 0.95);
    TW_TRY(renumber(t));
cleanup:
    free(counts);
    return status;
}

tw_status tw_campaign_tabulate(tw_store *store, size_t setting, const tw_match_options *match,
                               tw_campaign_table *table) {
    tw_status status = TW_OK;
    tw_campaign_table made = {0};
    tw_store_setting facts;
    tw_job *job = NULL;
    tally t = {.table = &made};
    TW_TRY(tw_store_setting_read(store, setting, &facts));
    made.setting = facts.text;
    made.asked = facts.restarts;
    t.room = facts.done;
    TW_TRY(TW_NEW(made.index, facts.done));
    TW_TRY(TW_NEW(made.member, facts.done));
    TW_TRY(tw_job_create(facts.text, &job));
    TW_TRY(tw_job_matcher(job, match, &t.matcher));
    TW_TRY(tw_store_walk(store, setting, false, visit, &t));
    TW_TRY(collect(&t));
    *table = made;
    made = (tw_campaign_table){0};
cleanup:
    tw_matcher_destroy(t.matcher);
    tw_job_destroy(job);
    tw_campaign_table_clear(&made);
    return status;
}

tw_status tw_campaign_store_classes(tw_store *store, size_t setting,
                                    const tw_campaign_table *table) {
    tw_status status = TW_OK;
    tw_store_class *classes = NULL;
    TW_TRY(TW_NEW(classes, table->count));
    for (size_t i = 0; i < table->count; i++) {
        const tw_campaign_class *class = &table->classes[i];
        classes[i] =
            (tw_store_class){class->name, class->rank, class->loss, class->count, class->first};
    }
    TW_TRY(tw_store_set_classes(store, setting, table->count, classes, table->done, table->member));
cleanup:
    free(classes);
    return status;
}
