/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/csv.h>
#include <thalweg/record/campaign_record.h>

#include "basins.h"

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

static void print_differences(const tw_summary *s) {
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

static void print_transition(const tw_summary *s, const tw_transition *t) {
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

static void print_scan(const tw_summary *s) {
    printf("\nclasses by tolerance\n  setting");
    for (size_t j = 0; j < TW_SCANNED; j++) printf("  %6.0e", tw_scan_tolerance(j));
    for (size_t i = 0; i < s->count; i++) {
        printf("\n  %7zu", i);
        for (size_t j = 0; j < TW_SCANNED; j++) printf("  %6zu", s->scan[i * TW_SCANNED + j]);
    }
    printf("\n");
}

static void print_all(const tw_summary *s) {
    for (size_t i = 0; i < s->count; i++) print_table(i, &s->tables[i]);
    print_differences(s);
    for (size_t i = 0; i < s->transition_count; i++) print_transition(s, &s->transitions[i]);
    for (size_t i = 0; i < s->curve_count; i++) print_curve(&s->curves[i]);
    if (s->scan) print_scan(s);
}

static tw_status record(const cli_invocation *run, tw_store *store, const tw_summary *s) {
    tw_status status = TW_OK;
    const char *plan = tw_store_plan(store);
    tw_json *input = NULL;
    if (!wants_record(run)) return TW_OK;
    TW_TRY(tw_json_parse(plan, strlen(plan), &input));
    TW_TRY(write_result(run, input, &tw_summary_fields, s));
cleanup:
    return status;
}

static tw_status write_rows(const cli_invocation *run, tw_store *store, const tw_summary *s) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    const char **reasons = NULL;
    TW_TRY(tw_summary_rows(store, s, &bundle, &reasons));
    const tw_csv_words words = {"reason", reasons};
    TW_TRY(write_csv(run, &(tw_csv_table){&bundle, 1, &words}));
cleanup:
    free(reasons);
    tw_bundle_clear(&bundle);
    return status;
}

int basins_show(const cli_invocation *run, tw_store *store) {
    tw_status status = TW_OK;
    const basins_settings *how = run->settings;
    tw_summary s = {0};
    const tw_match_options match = {how->match_tolerance};
    TW_TRY(tw_summarise(store, &match, how->tolerance_scan, &s));
    if (wants_table(run)) print_all(&s);
    TW_TRY(record(run, store, &s));
    if (run->common->csv) TW_TRY(write_rows(run, store, &s));
cleanup:
    tw_summary_clear(&s);
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
