/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/contrast.h>
#include <thalweg/csv.h>

#include "basins.h"

/* Everything that is shown of a campaign. */
typedef struct shown {
    size_t count;
    tw_campaign_table *tables;
    tw_difference *differences;
    size_t difference_count;
    tw_transition *transitions;
    size_t transition_count;
} shown;

static void shown_clear(shown *s) {
    for (size_t i = 0; s->tables && i < s->count; i++) tw_campaign_table_clear(&s->tables[i]);
    for (size_t i = 0; i < s->transition_count; i++) tw_transition_clear(&s->transitions[i]);
    free(s->tables);
    free(s->differences);
    free(s->transitions);
}

static tw_status no_memory(const void *pointer) {
    return pointer ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for the tables of a campaign");
}

static tw_status find_transitions(shown *s) {
    tw_status status = TW_OK;
    for (size_t a = 0; a < s->count; a++)
        for (size_t b = a + 1; b < s->count; b++) {
            if (!tw_settings_share_starts(s->tables[a].setting, s->tables[b].setting)) continue;
            tw_transition *more =
                realloc(s->transitions, (s->transition_count + 1) * sizeof *s->transitions);
            TW_TRY(no_memory(more));
            s->transitions = more;
            TW_TRY(tw_transition_count(s->tables, a, b, &more[s->transition_count]));
            s->transition_count++;
        }
cleanup:
    return status;
}

static tw_status tabulate(tw_store *store, const tw_match_options *match, shown *s) {
    tw_status status = TW_OK;
    TW_TRY(tw_store_setting_count(store, &s->count));
    s->tables = calloc(s->count + 1, sizeof *s->tables);
    TW_TRY(no_memory(s->tables));
    for (size_t i = 0; i < s->count; i++)
        TW_TRY(tw_campaign_tabulate(store, i, match, &s->tables[i]));
    TW_TRY(tw_differences(s->count, s->tables, &s->differences, &s->difference_count));
    TW_TRY(find_transitions(s));
cleanup:
    return status;
}

/* Another process may finish restarts in between: whoever is last stores what stays. */
static tw_status store_classes(tw_store *store, size_t setting, const tw_match_options *match) {
    tw_campaign_table table = {0};
    tw_status status = tw_campaign_tabulate(store, setting, match, &table);
    if (status == TW_OK) status = tw_campaign_store_classes(store, setting, &table);
    if (status == TW_ERR_DATA && table.done < table.asked) status = TW_OK;
    tw_campaign_table_clear(&table);
    return status;
}

tw_status basins_store_classes(tw_store *store, const tw_match_options *match) {
    tw_status status = TW_OK;
    size_t count;
    TW_TRY(tw_store_setting_count(store, &count));
    for (size_t i = 0; i < count; i++) TW_TRY(store_classes(store, i, match));
cleanup:
    return status;
}

/* ---- For people ---- */

static void print_table(size_t number, const tw_campaign_table *t) {
    printf("\nsetting %zu: %s\n%zu of %zu restarts\n", number, t->setting, t->done, t->asked);
    printf("  %-28s %4s  %-18s %7s  %s\n", "class", "rank", "loss", "count",
           "fraction [95 % interval]");
    for (size_t i = 0; i < t->count; i++) {
        const tw_campaign_class *c = &t->classes[i];
        printf("  %-28s %4zu  %-18.12g %7zu  %.4f [%.4f, %.4f]\n", c->name, c->rank, c->loss,
               c->count, c->fraction.value, c->fraction.low, c->fraction.high);
    }
    if (t->done > 0)
        printf("  a class not met yet: probability %.4f, at most %.4f (95 %%)\n", t->unseen.value,
               t->unseen.high);
}

static void print_differences(const shown *s) {
    size_t found = 0;
    for (size_t i = 0; i < s->difference_count; i++) {
        const tw_difference *d = &s->differences[i];
        if (!(d->adjusted < 0.05)) continue;
        if (found++ == 0) printf("\ndifferences between settings (Fisher, Holm; below 0.05)\n");
        printf("  %zu against %zu: %s %zu/%zu against %zu/%zu, p = %.3g\n", d->first, d->second,
               d->name, d->count[0], d->done[0], d->count[1], d->done[1], d->adjusted);
    }
}

static void print_transition(const shown *s, const tw_transition *t) {
    const tw_campaign_table *a = &s->tables[t->first], *b = &s->tables[t->second];
    printf(
        "\nthe same starts under settings %zu (rows) and %zu: %zu of %zu end alike; %s: p = %.3g"
        " (McNemar)\n",
        t->first, t->second, t->same, t->pairs, t->name, t->p);
    printf("  %-28s", "");
    for (size_t j = 0; j < t->columns; j++) printf(" %16.16s", b->classes[j].name);
    for (size_t i = 0; i < t->rows; i++) {
        printf("\n  %-28s", a->classes[i].name);
        for (size_t j = 0; j < t->columns; j++) printf(" %16zu", t->counts[i * t->columns + j]);
    }
    printf("\n");
}

/* Classes by tolerance: an identity that hangs on it would show. */
static tw_status print_scan(tw_store *store, size_t count) {
    static const double tolerances[] = {1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2};
    printf("\nclasses by tolerance\n  setting");
    for (size_t j = 0; j < 9; j++) printf("  %6.0e", tolerances[j]);
    for (size_t i = 0; i < count; i++) {
        printf("\n  %7zu", i);
        for (size_t j = 0; j < 9; j++) {
            const tw_match_options match = {tolerances[j]};
            tw_campaign_table table = {0};
            tw_status status = tw_campaign_tabulate(store, i, &match, &table);
            if (status != TW_OK) return status;
            printf("  %6zu", table.count);
            tw_campaign_table_clear(&table);
        }
    }
    printf("\n");
    return TW_OK;
}

/* ---- Records ---- */

static tw_json *interval_json(const tw_interval *interval) {
    tw_json *object = tw_json_object();
    if (tw_json_set(object, "value", tw_json_number(interval->value)) != TW_OK ||
        tw_json_set(object, "high", tw_json_number(interval->high)) != TW_OK) {
        tw_json_destroy(object);
        return NULL;
    }
    return object;
}

static tw_status append_class(tw_json *list, const tw_campaign_class *c) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_set(row, "name", tw_json_string(c->name)));
    TW_TRY(tw_json_set(row, "rank", tw_json_integer((long long)c->rank)));
    TW_TRY(tw_json_set(row, "loss", tw_json_number(c->loss)));
    TW_TRY(tw_json_set(row, "count", tw_json_integer((long long)c->count)));
    TW_TRY(tw_json_set(row, "first", tw_json_integer((long long)c->first)));
    TW_TRY(tw_json_set(row, "fraction", tw_json_number(c->fraction.value)));
    TW_TRY(tw_json_set(row, "low", tw_json_number(c->fraction.low)));
    TW_TRY(tw_json_set(row, "high", tw_json_number(c->fraction.high)));
cleanup:
    return status;
}

static tw_status append_table(tw_json *list, const tw_campaign_table *t) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object(), *setting = NULL, *classes = tw_json_array();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_parse(t->setting, strlen(t->setting), &setting));
    TW_TRY(tw_json_set(row, "setting", setting));
    TW_TRY(tw_json_set(row, "asked", tw_json_integer((long long)t->asked)));
    TW_TRY(tw_json_set(row, "restarts", tw_json_integer((long long)t->done)));
    status = tw_json_set(row, "classes", classes);
    if (status != TW_OK) classes = NULL;
    for (size_t i = 0; status == TW_OK && i < t->count; i++)
        status = append_class(classes, &t->classes[i]);
    TW_TRY(status);
    TW_TRY(tw_json_set(row, "unseen_mass", interval_json(&t->unseen)));
    TW_TRY(tw_json_set(row, "evaluations", tw_json_integer((long long)t->evaluations)));
    TW_TRY(tw_json_set(row, "products", tw_json_integer((long long)t->products)));
cleanup:
    return status;
}

static tw_status append_difference(tw_json *list, const tw_difference *d) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_set(row, "first", tw_json_integer((long long)d->first)));
    TW_TRY(tw_json_set(row, "second", tw_json_integer((long long)d->second)));
    TW_TRY(tw_json_set(row, "class", tw_json_string(d->name)));
    TW_TRY(tw_json_set(row, "p", tw_json_number(d->p)));
    TW_TRY(tw_json_set(row, "p_holm", tw_json_number(d->adjusted)));
cleanup:
    return status;
}

static tw_status append_cells(tw_json *list, const shown *s, const tw_transition *t) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = 0; j < t->columns; j++) {
            if (t->counts[i * t->columns + j] == 0) continue;
            tw_json *cell = tw_json_object();
            TW_TRY(tw_json_append(list, cell));
            TW_TRY(tw_json_set(cell, "from", tw_json_string(s->tables[t->first].classes[i].name)));
            TW_TRY(tw_json_set(cell, "to", tw_json_string(s->tables[t->second].classes[j].name)));
            TW_TRY(tw_json_set(cell, "count",
                               tw_json_integer((long long)t->counts[i * t->columns + j])));
        }
cleanup:
    return status;
}

static tw_status append_transition(tw_json *list, const shown *s, const tw_transition *t) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object(), *cells = tw_json_array();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_set(row, "first", tw_json_integer((long long)t->first)));
    TW_TRY(tw_json_set(row, "second", tw_json_integer((long long)t->second)));
    TW_TRY(tw_json_set(row, "pairs", tw_json_integer((long long)t->pairs)));
    TW_TRY(tw_json_set(row, "same", tw_json_integer((long long)t->same)));
    TW_TRY(tw_json_set(row, "class", tw_json_string(t->name)));
    TW_TRY(tw_json_set(row, "p", tw_json_number(t->p)));
    TW_TRY(tw_json_set(row, "cells", cells));
    TW_TRY(append_cells(cells, s, t));
cleanup:
    return status;
}

static tw_status fill_lists(const shown *s, tw_json *result) {
    tw_status status = TW_OK;
    tw_json *settings = tw_json_array(), *differences = tw_json_array();
    tw_json *transitions = tw_json_array();
    TW_TRY(tw_json_set(result, "settings", settings));
    TW_TRY(tw_json_set(result, "differences", differences));
    TW_TRY(tw_json_set(result, "transitions", transitions));
    for (size_t i = 0; i < s->count; i++) TW_TRY(append_table(settings, &s->tables[i]));
    for (size_t i = 0; i < s->difference_count; i++)
        TW_TRY(append_difference(differences, &s->differences[i]));
    for (size_t i = 0; i < s->transition_count; i++)
        TW_TRY(append_transition(transitions, s, &s->transitions[i]));
cleanup:
    return status;
}

static tw_status record(const cli_invocation *run, tw_store *store, const shown *s) {
    tw_status status = TW_OK;
    const char *plan = tw_store_plan(store);
    tw_json *input = NULL, *result = tw_json_object();
    if (run->settings.json == NULL) goto cleanup;
    TW_TRY(no_memory(result));
    TW_TRY(tw_json_parse(plan, strlen(plan), &input));
    TW_TRY(fill_lists(s, result));
    status = write_record(run, input, result);
    input = result = NULL;
cleanup:
    tw_json_destroy(input);
    tw_json_destroy(result);
    return status;
}

static int show(const cli_invocation *run, tw_store *store) {
    tw_status status = TW_OK;
    const tw_match_options match = {run->settings.match_tolerance};
    shown s = {0};
    TW_TRY(tabulate(store, &match, &s));
    if (wants_table(run)) {
        for (size_t i = 0; i < s.count; i++) print_table(i, &s.tables[i]);
        print_differences(&s);
        for (size_t i = 0; i < s.transition_count; i++) print_transition(&s, &s.transitions[i]);
        if (run->settings.tolerance_scan) TW_TRY(print_scan(store, s.count));
    }
    TW_TRY(record(run, store, &s));
cleanup:
    shown_clear(&s);
    return status == TW_OK ? EXIT_DONE : report_failure(status);
}

int basins_show(const cli_invocation *run, tw_store *store) {
    return show(run, store);
}

/* ---- Rows as a table ---- */

enum { ROW_COLUMNS = 12 };

/* One finished restart a line. */
typedef struct sheet {
    const tw_campaign_table *table;
    size_t setting, at;
    double *columns[ROW_COLUMNS]; /* borrowed from the bundle's arrays */
} sheet;

static tw_status put_row(void *self, const tw_store_row *row) {
    sheet *s = self;
    const double values[ROW_COLUMNS] = {
        (double)s->setting,       (double)row->index,    row->loss,         row->gradient_norm,
        (double)row->rank,        (double)row->negative, (double)row->zero, (double)row->steps,
        (double)row->evaluations, (double)row->products, row->time,         row->seconds};
    for (size_t j = 0; j < ROW_COLUMNS; j++) s->columns[j][s->at] = values[j];
    s->at++;
    return TW_OK;
}

static tw_status write_rows(const cli_invocation *run, tw_store *store) {
    tw_status status = TW_OK;
    static const char *const names[ROW_COLUMNS] = {
        "setting",    "index", "loss",        "gradient_norm", "rank", "negative_modes",
        "zero_modes", "steps", "evaluations", "products",      "time", "seconds"};
    static const unsigned integers = 0x3f3; /* bit j: column j holds whole numbers */
    tw_bundle bundle = {0};
    sheet s = {0};
    size_t count, total = 0;
    TW_TRY(tw_store_setting_count(store, &count));
    for (size_t i = 0; i < count; i++) {
        tw_store_setting setting;
        TW_TRY(tw_store_setting_read(store, i, &setting));
        total += setting.done;
        free(setting.text);
    }
    for (size_t j = 0; total > 0 && j < ROW_COLUMNS; j++)
        TW_TRY(tw_bundle_add(&bundle, names[j], integers >> j & 1u ? TW_I64 : TW_F64, 1, &total,
                             NULL));
    for (size_t j = 0; total > 0 && j < ROW_COLUMNS; j++) s.columns[j] = bundle.arrays[j].values;
    for (s.setting = 0; total > 0 && s.setting < count; s.setting++)
        TW_TRY(tw_store_walk(store, s.setting, false, put_row, &s));
    TW_TRY(tw_csv_write(run->settings.csv, &bundle));
cleanup:
    tw_bundle_clear(&bundle);
    return status;
}

int basins_export(const cli_invocation *run, tw_store *store) {
    int code = show(run, store);
    if (code != EXIT_DONE || run->settings.csv == NULL) return code;
    tw_status status = write_rows(run, store);
    return status == TW_OK ? EXIT_DONE : report_failure(status);
}
