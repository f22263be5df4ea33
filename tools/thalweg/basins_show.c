/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "basins.h"

const double basins_tolerances[SCANNED] = {1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2};

static void shown_clear(basins_shown *s) {
    for (size_t i = 0; s->tables && i < s->count; i++) tw_campaign_table_clear(&s->tables[i]);
    for (size_t i = 0; i < s->transition_count; i++) tw_transition_clear(&s->transitions[i]);
    for (size_t i = 0; i < s->curve_count; i++) tw_return_curve_clear(&s->curves[i]);
    free(s->tables);
    free(s->differences);
    free(s->transitions);
    free(s->curves);
    free(s->scan);
}

static tw_status no_memory(const void *pointer) {
    return pointer ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for the tables of a campaign");
}

static tw_status find_transitions(basins_shown *s) {
    tw_status status = TW_OK;
    for (size_t a = 0; a < s->count; a++)
        for (size_t b = a + 1; b < s->count; b++) {
            if (s->tables[a].done == 0 || s->tables[b].done == 0) continue;
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

static tw_status tabulate(tw_store *store, const tw_match_options *match, basins_shown *s) {
    tw_status status = TW_OK;
    TW_TRY(tw_store_setting_count(store, &s->count));
    s->tables = calloc(s->count + 1, sizeof *s->tables);
    TW_TRY(no_memory(s->tables));
    for (size_t i = 0; i < s->count; i++)
        TW_TRY(tw_campaign_tabulate(store, i, match, &s->tables[i]));
    status = tw_differences(s->count, s->tables, &s->differences, &s->difference_count);
    s->too_many = status == TW_ERR_UNSUPPORTED; /* the tables stand without them */
    if (!s->too_many) TW_TRY(status);
    TW_TRY(find_transitions(s));
    TW_TRY(tw_return_curves(s->count, s->tables, &s->curves, &s->curve_count));
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

static void print_differences(const basins_shown *s) {
    size_t found = 0;
    if (s->too_many)
        printf("\nmore than %d differences between settings: left out\n", TW_MAX_DIFFERENCES);
    for (size_t i = 0; i < s->difference_count; i++) {
        const tw_difference *d = &s->differences[i];
        if (!(d->adjusted < 0.05)) continue;
        if (found++ == 0) printf("\ndifferences between settings (Fisher, Holm; below 0.05)\n");
        printf("  %zu against %zu: %s %zu/%zu against %zu/%zu, p = %.3g\n", d->first, d->second,
               d->name, d->count[0], d->done[0], d->count[1], d->done[1], d->adjusted);
    }
}

static void print_transition(const basins_shown *s, const tw_transition *t) {
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

static void print_curve(const tw_return_curve *c) {
    printf("\nreturns to %s by %s, directions %s\n  %10s %9s  %s\n", c->optimum, c->method,
           c->direction, "radius", "returned", "fraction [95 % interval]");
    for (size_t i = 0; i < c->count; i++) {
        const tw_interval *f = &c->fraction[i];
        printf("  %10.4g %4zu/%-4zu  %.4f [%.4f, %.4f]\n", c->radius[i], c->returned[i], c->done[i],
               f->value, f->low, f->high);
    }
    if (isfinite(c->half.value))
        printf("  one half at radius %.4g [%.4g, %.4g]\n", c->half.value, c->half.low,
               c->half.high);
    else
        printf("  one half at none of these radii\n");
}

static void print_scan(const basins_shown *s) {
    printf("\nclasses by tolerance\n  setting");
    for (size_t j = 0; j < SCANNED; j++) printf("  %6.0e", basins_tolerances[j]);
    for (size_t i = 0; i < s->count; i++) {
        printf("\n  %7zu", i);
        for (size_t j = 0; j < SCANNED; j++) printf("  %6zu", s->scan[i * SCANNED + j]);
    }
    printf("\n");
}

static tw_status scan(tw_store *store, basins_shown *s) {
    s->scan = calloc(s->count * SCANNED + 1, sizeof *s->scan);
    if (s->scan == NULL) return no_memory(s->scan);
    for (size_t i = 0; i < s->count * SCANNED; i++) {
        const tw_match_options match = {basins_tolerances[i % SCANNED]};
        tw_campaign_table table = {0};
        tw_status status = tw_campaign_tabulate(store, i / SCANNED, &match, &table);
        if (status != TW_OK) return status;
        s->scan[i] = table.count;
        tw_campaign_table_clear(&table);
    }
    return TW_OK;
}

static void print_all(const basins_shown *s) {
    for (size_t i = 0; i < s->count; i++) print_table(i, &s->tables[i]);
    print_differences(s);
    for (size_t i = 0; i < s->transition_count; i++) print_transition(s, &s->transitions[i]);
    for (size_t i = 0; i < s->curve_count; i++) print_curve(&s->curves[i]);
    if (s->scan) print_scan(s);
}

static tw_status open_shown(const cli_invocation *run, tw_store *store, basins_shown *s) {
    tw_status status = TW_OK;
    const tw_match_options match = {run->settings.match_tolerance};
    TW_TRY(tabulate(store, &match, s));
    if (run->settings.tolerance_scan) TW_TRY(scan(store, s));
cleanup:
    return status;
}

int basins_show(const cli_invocation *run, tw_store *store) {
    tw_status status = TW_OK;
    basins_shown s = {0};
    TW_TRY(open_shown(run, store, &s));
    if (wants_table(run)) print_all(&s);
    TW_TRY(basins_record(run, store, &s));
    if (run->settings.csv) TW_TRY(basins_write_rows(run, store, &s));
cleanup:
    shown_clear(&s);
    return status == TW_OK ? EXIT_DONE : report_failure(status);
}

/* ---- Status ---- */

static tw_status print_settings(tw_store *store) {
    tw_status status = TW_OK;
    size_t count;
    TW_TRY(tw_store_setting_count(store, &count));
    printf("setting  finished  under way  asked\n");
    for (size_t i = 0; i < count; i++) {
        tw_store_setting setting;
        TW_TRY(tw_store_setting_read(store, i, &setting));
        printf("%7zu  %8zu  %9zu  %5zu  %s\n", i, setting.done, setting.claimed, setting.restarts,
               setting.text);
        free(setting.text);
    }
cleanup:
    return status;
}

int basins_status(const cli_invocation *run, tw_store *store) {
    tw_status status = wants_table(run) ? print_settings(store) : TW_OK;
    return status == TW_OK ? basins_show(run, store) : report_failure(status);
}
