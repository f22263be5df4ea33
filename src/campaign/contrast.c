/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/campaign/contrast.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

/* Members of a setting that do not touch where a descent starts. */
static const char *const of_descent[] = {"method", "lr",          "momentum", "batch",
                                         "steps",  "tolerance",   "t_end",    "accuracy",
                                         "polish", "count_limit", "title"};

static bool belongs_to_descent(const char *key) {
    for (size_t i = 0; i < sizeof of_descent / sizeof *of_descent; i++)
        if (strcmp(of_descent[i], key) == 0) return true;
    return false;
}

/* Members of a that b has otherwise or not at all; `starts` counts those that touch the start. */
static tw_status count_other(const tw_json *a, const tw_json *b, bool only_missing, size_t *all,
                             size_t *starts) {
    const char *key = NULL;
    const tw_json *mine;
    while ((mine = tw_json_next(a, &key)) != NULL) {
        const tw_json *other = tw_json_get(b, key);
        if (other && only_missing) continue;
        char *left = tw_json_text(mine, 0), *right = other ? tw_json_text(other, 0) : NULL;
        bool differs = left == NULL || right == NULL || strcmp(left, right) != 0;
        free(left);
        free(right);
        if (left == NULL || (other && right == NULL)) return TW_ERR_MEMORY;
        *all += differs;
        *starts += differs && !belongs_to_descent(key);
    }
    return TW_OK;
}

/* How many members two settings differ in. */
static tw_status distance(const char *first, const char *second, size_t *all, size_t *starts) {
    tw_status status = TW_OK;
    tw_json *a = NULL, *b = NULL;
    *all = *starts = 0;
    TW_TRY(tw_json_parse(first, strlen(first), &a));
    TW_TRY(tw_json_parse(second, strlen(second), &b));
    TW_TRY(count_other(a, b, false, all, starts));
    TW_TRY(count_other(b, a, true, all, starts));
cleanup:
    tw_json_destroy(a);
    tw_json_destroy(b);
    return status;
}

bool tw_settings_share_starts(const char *first, const char *second) {
    size_t all, starts;
    return distance(first, second, &all, &starts) == TW_OK && all > 0 && starts == 0;
}

/* ---- Differences ---- */

static size_t count_of(const tw_campaign_table *table, const char *name) {
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->classes[i].name, name) == 0) return table->classes[i].count;
    return 0;
}

typedef struct list {
    tw_difference *rows;
    size_t count, room;
} list;

static tw_status add_difference(list *l, const tw_campaign_table *table, size_t a, size_t b,
                                const char *name) {
    if (l->count >= TW_MAX_DIFFERENCES)
        return tw_fail(TW_ERR_UNSUPPORTED, "more than %d differences between settings",
                       TW_MAX_DIFFERENCES);
    if (l->count == l->room) {
        size_t room = 2 * l->room + 64;
        tw_difference *rows = tw_resize(l->rows, room, sizeof *rows);
        if (rows == NULL) return TW_ERR_MEMORY;
        l->rows = rows;
        l->room = room;
    }
    tw_difference d = {.first = a, .second = b, .name = name};
    d.done[0] = table[a].done;
    d.done[1] = table[b].done;
    d.count[0] = count_of(&table[a], name);
    d.count[1] = count_of(&table[b], name);
    d.p = tw_fisher_exact(d.count[0], d.done[0], d.count[1], d.done[1]);
    l->rows[l->count++] = d;
    return TW_OK;
}

static tw_status add_pair(list *l, const tw_campaign_table *table, size_t a, size_t b) {
    tw_status status = TW_OK;
    size_t all, starts;
    TW_TRY(distance(table[a].setting, table[b].setting, &all, &starts));
    if (all != 1 || table[a].done == 0 || table[b].done == 0) goto cleanup;
    for (size_t i = 0; i < table[a].count; i++)
        TW_TRY(add_difference(l, table, a, b, table[a].classes[i].name));
    for (size_t i = 0; i < table[b].count; i++)
        if (count_of(&table[a], table[b].classes[i].name) == 0)
            TW_TRY(add_difference(l, table, a, b, table[b].classes[i].name));
cleanup:
    return status;
}

static tw_status adjust(list *l) {
    double *p = NULL;
    tw_status status = TW_NEW(p, l->count);
    if (status != TW_OK) return status;
    for (size_t i = 0; i < l->count; i++) p[i] = l->rows[i].p;
    status = tw_holm(l->count, p, p);
    for (size_t i = 0; status == TW_OK && i < l->count; i++) l->rows[i].adjusted = p[i];
    free(p);
    return status;
}

tw_status tw_differences(size_t tables, const tw_campaign_table *table, tw_difference **differences,
                         size_t *count) {
    tw_status status = TW_OK;
    list l = {0};
    for (size_t a = 0; a < tables; a++)
        for (size_t b = a + 1; b < tables; b++) TW_TRY(add_pair(&l, table, a, b));
    TW_TRY(adjust(&l));
    *differences = l.rows;
    *count = l.count;
    l.rows = NULL;
cleanup:
    free(l.rows);
    return status;
}

/* ---- Transitions ---- */

void tw_transition_clear(tw_transition *transition) {
    if (transition == NULL) return;
    free(transition->counts);
    free(transition->cells);
    *transition = (tw_transition){0};
}

/* Counts only[0]: the first alone in the class of the test; only[1]: the second alone. */
static void count_pair(tw_transition *t, const tw_campaign_table *a, size_t i,
                       const tw_campaign_table *b, size_t j, size_t only[2]) {
    const char *from = a->classes[a->member[i]].name, *to = b->classes[b->member[j]].name;
    bool left = strcmp(from, t->name) == 0, right = strcmp(to, t->name) == 0;
    t->counts[a->member[i] * t->columns + b->member[j]]++;
    t->pairs++;
    t->same += strcmp(from, to) == 0;
    only[0] += left && !right;
    only[1] += right && !left;
}

static tw_status list_cells(tw_transition *t, const tw_campaign_table *a,
                            const tw_campaign_table *b) {
    tw_status status = TW_NEW(t->cells, t->rows * t->columns);
    for (size_t k = 0; status == TW_OK && k < t->rows * t->columns; k++)
        if (t->counts[k] > 0)
            t->cells[t->cell_count++] = (tw_transition_cell){
                a->classes[k / t->columns].name, b->classes[k % t->columns].name, t->counts[k]};
    return status;
}

tw_status tw_transition_count(const tw_campaign_table *tables, size_t first, size_t second,
                              tw_transition *transition) {
    const tw_campaign_table *a = &tables[first], *b = &tables[second];
    tw_transition t = {.first = first, .second = second, .rows = a->count, .columns = b->count};
    size_t only[2] = {0, 0}, j = 0;
    tw_status status = TW_NEW(t.counts, a->count * b->count);
    if (status != TW_OK) return status;
    t.name = a->count ? a->classes[0].name : "";
    for (size_t i = 0; i < a->done; i++) {
        while (j < b->done && b->index[j] < a->index[i]) j++;
        if (j < b->done && b->index[j] == a->index[i]) count_pair(&t, a, i, b, j, only);
    }
    t.p = tw_mcnemar_exact(only[0], only[1]);
    status = list_cells(&t, a, b);
    if (status == TW_OK)
        *transition = t;
    else
        tw_transition_clear(&t);
    return status;
}
