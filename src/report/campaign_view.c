/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/campaign_view_private.h"

#include <stdlib.h>
#include <string.h>

#include "report/figure_private.h"

#define MOST_NAMES 256 /* classes that are counted over all settings */

static const tw_json *setting_at(const tw_campaign_view *view, size_t setting) {
    return tw_json_at(view->settings, setting);
}

typedef struct tally {
    const char *name;
    double count;
} tally;

static int most_first(const void *a, const void *b) {
    const tally *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->name, y->name);
}

static size_t tally_classes(const tw_campaign_view *view, tally *all) {
    size_t count = 0;
    for (size_t i = 0; i < view->setting_count; i++) {
        const tw_json *classes = tw_at(setting_at(view, i), "classes");
        for (size_t j = 0; j < tw_size_at(setting_at(view, i), "classes"); j++) {
            const char *name = tw_text_at(tw_json_at(classes, j), "name");
            size_t k = 0;
            while (k < count && strcmp(all[k].name, name) != 0) k++;
            if (k == MOST_NAMES) continue;
            if (k == count) all[count++] = (tally){name, 0.0};
            all[k].count += fmax(tw_number_at(tw_json_at(classes, j), "count"), 0.0);
        }
    }
    return count;
}

bool tw_campaign_look(const tw_dossier *dossier, size_t index, size_t classes,
                      tw_campaign_view *view) {
    tally all[MOST_NAMES];
    *view = (tw_campaign_view){.record = tw_dossier_record(dossier, "basins", index)};
    view->settings = tw_at(view->record, "result.settings");
    view->setting_count = tw_size_at(view->record, "result.settings");
    if (view->setting_count == 0) return false;
    if (view->setting_count > TW_MOST_SETTINGS) view->setting_count = TW_MOST_SETTINGS;
    size_t count = tally_classes(view, all);
    qsort(all, count, sizeof *all, most_first);
    while (view->class_count < count && view->class_count < classes) {
        view->classes[view->class_count] = all[view->class_count].name;
        view->class_count++;
    }
    return view->class_count > 0;
}

tw_class_share tw_campaign_share(const tw_campaign_view *view, size_t setting, size_t class) {
    const tw_json *row = setting_at(view, setting), *classes = tw_at(row, "classes");
    double n = tw_number_at(row, "restarts");
    tw_class_share none = {0.0, n, 0.0, 0.0, 1.0 - pow(0.025, 1.0 / n)};
    for (size_t j = 0; j < tw_size_at(row, "classes"); j++) {
        const tw_json *c = tw_json_at(classes, j);
        if (strcmp(tw_text_at(c, "name"), view->classes[class]) != 0) continue;
        return (tw_class_share){tw_number_at(c, "count"), n, tw_number_at(c, "fraction"),
                                tw_number_at(c, "low"), tw_number_at(c, "high")};
    }
    if (!(n > 0.0)) none.fraction = NAN;
    return none;
}

double tw_campaign_number(const tw_campaign_view *view, size_t setting, const char *member) {
    return tw_number_of(tw_json_get(tw_at(setting_at(view, setting), "setting"), member));
}

/* ---- Members ---- */

/* Equal as JSON; objects, which settings do not hold, never are. */
static bool same(const tw_json *a, const tw_json *b) {
    const char *x = a ? tw_json_as_string(a) : NULL, *y = b ? tw_json_as_string(b) : NULL;
    bool yes = false, no = false;
    if (a == NULL || b == NULL) return a == b;
    if (x || y) return x && y && strcmp(x, y) == 0;
    if (tw_json_as_boolean(a, &yes) && tw_json_as_boolean(b, &no)) return yes == no;
    if (!tw_json_is_array(a)) return tw_number_of(a) == tw_number_of(b);
    if (!tw_json_is_array(b) || tw_json_size(a) != tw_json_size(b)) return false;
    for (size_t i = 0; i < tw_json_size(a); i++)
        if (!same(tw_json_at(a, i), tw_json_at(b, i))) return false;
    return true;
}

bool tw_campaign_differ_only(const tw_campaign_view *view, size_t a, size_t b, const char *member) {
    const tw_json *x = tw_at(setting_at(view, a), "setting");
    const tw_json *y = tw_at(setting_at(view, b), "setting");
    const char *key = NULL;
    const tw_json *value;
    if (tw_json_size(x) != tw_json_size(y)) return false;
    while ((value = tw_json_next(x, &key)) != NULL)
        if (strcmp(key, member) != 0 && !same(value, tw_json_get(y, key))) return false;
    return true;
}

static bool varies(const tw_campaign_view *view, const char *key) {
    const tw_json *first = tw_json_get(tw_at(setting_at(view, 0), "setting"), key);
    for (size_t i = 1; i < view->setting_count; i++)
        if (!same(first, tw_json_get(tw_at(setting_at(view, i), "setting"), key))) return true;
    return false;
}

static void describe(const tw_campaign_view *view, size_t setting, const char *but,
                     tw_writer *text) {
    const tw_json *members = tw_at(setting_at(view, setting), "setting"), *value;
    const char *key = NULL;
    size_t told = 0;
    while ((value = tw_json_next(members, &key)) != NULL) {
        if (but ? strcmp(key, but) == 0 || strcmp(key, "title") == 0 : !varies(view, key)) continue;
        tw_writer_format(text, "%s%s=", told++ ? " " : "", key);
        tw_writer_value(text, value);
    }
}

void tw_campaign_describe(const tw_campaign_view *view, size_t setting, tw_writer *text) {
    tw_writer_text(text, "");
    describe(view, setting, NULL, text);
}

void tw_campaign_describe_but(const tw_campaign_view *view, size_t setting, const char *but,
                              tw_writer *text) {
    describe(view, setting, but, text);
}

/* ---- Along the way ---- */

size_t tw_campaign_trace(const tw_campaign_view *view, size_t setting, size_t class,
                         tw_writer *csv) {
    const tw_json *running = tw_at(setting_at(view, setting), "running");
    const tw_json *restarts = tw_at(running, "restarts"), *counts = NULL;
    for (size_t i = 0; i < tw_size_at(running, "classes"); i++) {
        const tw_json *c = tw_json_at(tw_at(running, "classes"), i);
        if (strcmp(tw_text_at(c, "name"), view->classes[class]) == 0) counts = tw_at(c, "counts");
    }
    if (counts == NULL) return 0;
    for (size_t i = 0; i < tw_size_at(running, "restarts"); i++) {
        double n = tw_number_of(tw_json_at(restarts, i));
        tw_writer_format(csv, "%zu,%zu,", setting, class + 1);
        tw_figure_cell(csv, view->classes[class]);
        tw_writer_format(csv, ",%.0f,", n);
        tw_writer_number(csv, tw_number_of(tw_json_at(counts, i)) / n);
        tw_writer_text(csv, "\n");
    }
    return tw_size_at(running, "restarts");
}
