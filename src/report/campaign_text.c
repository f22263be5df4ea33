/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign as text. */
#include <math.h>
#include <stdlib.h>
#include <thalweg/report/texts.h>

#include "report/writer_private.h"

static void write_table(tw_writer *out, size_t number, const tw_campaign_table *t) {
    tw_writer_format(out, "\nsetting %zu: %s\n%zu of %zu restarts\n", number, t->setting, t->done,
                     t->asked);
    tw_writer_format(out, "  %-28s %4s  %-18s %7s  %s\n", "class", "rank", "loss", "count",
                     "fraction [95 % interval]");
    for (size_t i = 0; i < t->count; i++) {
        const tw_campaign_class *c = &t->classes[i];
        tw_writer_format(out, "  %-28s %4zu  %-18.12g %7zu  %.4f [%.4f, %.4f]\n", c->name, c->rank,
                         c->loss, c->count, c->fraction.value, c->fraction.low, c->fraction.high);
    }
    if (t->done > 0)
        tw_writer_format(out, "  a class not met yet: probability %.4f, at most %.4f (95 %%)\n",
                         t->unseen.value, t->unseen.high);
}

static void write_differences(tw_writer *out, const tw_summary *s) {
    size_t found = 0;
    if (s->too_many)
        tw_writer_format(out, "\nmore than %d differences between settings: left out\n",
                         TW_MAX_DIFFERENCES);
    for (size_t i = 0; i < s->difference_count; i++) {
        const tw_difference *d = &s->differences[i];
        if (!(d->adjusted < 0.05)) continue;
        if (found++ == 0)
            tw_writer_format(out, "\ndifferences between settings (Fisher, Holm; below 0.05)\n");
        tw_writer_format(out, "  %zu against %zu: %s %zu/%zu against %zu/%zu, p = %.3g\n", d->first,
                         d->second, d->name, d->count[0], d->done[0], d->count[1], d->done[1],
                         d->adjusted);
    }
}

static void write_transition(tw_writer *out, const tw_summary *s, const tw_transition *t) {
    const tw_campaign_table *a = &s->tables[t->first], *b = &s->tables[t->second];
    tw_writer_format(
        out,
        "\nthe same starts under settings %zu (rows) and %zu: %zu of %zu end alike; %s: p = %.3g"
        " (McNemar)\n",
        t->first, t->second, t->same, t->pairs, t->name, t->p);
    tw_writer_format(out, "  %-28s", "");
    for (size_t j = 0; j < t->columns; j++) tw_writer_format(out, " %16.16s", b->classes[j].name);
    for (size_t i = 0; i < t->rows; i++) {
        tw_writer_format(out, "\n  %-28s", a->classes[i].name);
        for (size_t j = 0; j < t->columns; j++)
            tw_writer_format(out, " %16zu", t->counts[i * t->columns + j]);
    }
    tw_writer_text(out, "\n");
}

static void write_curve(tw_writer *out, const tw_return_curve *c) {
    tw_writer_format(out, "\nreturns to %s by %s, directions %s\n  %10s %9s  %s\n", c->optimum,
                     c->method, c->direction, "radius", "returned", "fraction [95 % interval]");
    for (size_t i = 0; i < c->count; i++) {
        const tw_interval *f = &c->fraction[i];
        tw_writer_format(out, "  %10.4g %4zu/%-4zu  %.4f [%.4f, %.4f]\n", c->radius[i],
                         c->returned[i], c->done[i], f->value, f->low, f->high);
    }
    if (isfinite(c->half.value))
        tw_writer_format(out, "  one half at radius %.4g [%.4g, %.4g]\n", c->half.value,
                         c->half.low, c->half.high);
    else
        tw_writer_format(out, "  one half at none of these radii\n");
}

static void write_scan(tw_writer *out, const tw_summary *s) {
    tw_writer_format(out, "\nclasses by tolerance\n  setting");
    for (size_t j = 0; j < TW_SCANNED; j++) tw_writer_format(out, "  %6.0e", tw_scan_tolerance(j));
    for (size_t i = 0; i < s->count; i++) {
        tw_writer_format(out, "\n  %7zu", i);
        for (size_t j = 0; j < TW_SCANNED; j++)
            tw_writer_format(out, "  %6zu", s->scan[i * TW_SCANNED + j]);
    }
    tw_writer_text(out, "\n");
}

static void write_all(tw_writer *out, const tw_summary *s) {
    for (size_t i = 0; i < s->count; i++) write_table(out, i, &s->tables[i]);
    write_differences(out, s);
    for (size_t i = 0; i < s->transition_count; i++) write_transition(out, s, &s->transitions[i]);
    for (size_t i = 0; i < s->curve_count; i++) write_curve(out, &s->curves[i]);
    if (s->scan) write_scan(out, s);
}

tw_status tw_summary_text(const tw_summary *summary, char **text) {
    tw_writer out = {0};
    write_all(&out, summary);
    return tw_writer_finish(&out, text);
}
