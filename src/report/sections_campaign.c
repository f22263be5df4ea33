/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page of a campaign says. */
#include <stdio.h>

#include "report/campaign_view_private.h"
#include "report/sections_private.h"

#define MOST_ROWS 400   /* of a table */
#define MOST_TABLES 12  /* of transitions */
#define MOST_CLASSES 16 /* of a setting */

/* "At distance 0.3 from A dnc: 12 of 12 starts returned to it; at distance 10: 3 of 12." */
static void say_return(const tw_dossier *dossier, const tw_json *curve, tw_writer *text) {
    char room[TW_LABEL_BYTES];
    const tw_json *radii = tw_at(curve, "radius");
    size_t count = tw_size_at(curve, "radius"), ends[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        double radius = tw_number_of(tw_json_at(radii, i));
        if (radius < tw_number_of(tw_json_at(radii, ends[0]))) ends[0] = i;
        if (radius > tw_number_of(tw_json_at(radii, ends[1]))) ends[1] = i;
    }
    for (size_t i = 0; i < (ends[0] == ends[1] ? 1u : 2u); i++) {
        tw_writer_text(text, i == 0 ? "At distance " : "; at distance ");
        tw_writer_value(text, tw_json_at(radii, ends[i]));
        tw_writer_format(text, i == 0 ? " from %s: " : ": ",
                         tw_dossier_label(dossier, tw_text_at(curve, "optimum"), "", room));
        tw_writer_value(text, tw_json_at(tw_at(curve, "returned"), ends[i]));
        tw_writer_text(text, " of ");
        tw_writer_value(text, tw_json_at(tw_at(curve, "restarts"), ends[i]));
        tw_writer_text(text, i == 0 ? " starts returned to it" : "");
    }
    tw_writer_text(text, ".");
    if (isnan(tw_number_at(curve, "half_radius.value"))) return;
    tw_writer_text(text, " One half returns from distance ");
    tw_writer_value(text, tw_at(curve, "half_radius.value"));
    tw_writer_text(text, ".");
}

/* A campaign about one optimum answers another question: how far away starts still return. */
static bool say_returns(const tw_dossier *dossier, const tw_json *record, tw_content *content) {
    const tw_json *curves = tw_at(record, "result.return_curves");
    size_t count = tw_size_at(record, "result.return_curves");
    for (size_t i = 0; i < count; i++) {
        tw_writer text = {0};
        say_return(dossier, tw_json_at(curves, i), &text);
        tw_content_text(content, TW_BLOCK_VERDICT, &text);
    }
    return count > 0;
}

/* "Setting 2 (width=10) reached dnc in 0.95 of 24 restarts" for the most frequent class of all. */
void tw_section_campaign_verdict(const tw_dossier *dossier, tw_content *content) {
    tw_campaign_view view;
    for (size_t index = 0; tw_campaign_look(dossier, index, 1, &view); index++) {
        size_t low = 0, high = 0;
        tw_writer text = {0};
        if (say_returns(dossier, view.record, content)) continue;
        for (size_t i = 0; i < view.setting_count; i++) {
            double fraction = tw_campaign_share(&view, i, 0).fraction;
            if (fraction < tw_campaign_share(&view, low, 0).fraction) low = i;
            if (fraction > tw_campaign_share(&view, high, 0).fraction) high = i;
        }
        tw_class_share least = tw_campaign_share(&view, low, 0);
        tw_class_share most = tw_campaign_share(&view, high, 0);
        tw_writer_format(&text, "The optimum reached most often is %s: in ", view.classes[0]);
        tw_writer_format(&text, "%.0f of %.0f restarts", most.count, most.restarts);
        if (low != high) {
            tw_writer_text(&text, " with ");
            tw_campaign_describe(&view, high, &text);
            tw_writer_format(&text, ", in %.0f of %.0f with ", least.count, least.restarts);
            tw_campaign_describe(&view, low, &text);
        }
        tw_writer_text(&text, ".");
        tw_content_text(content, TW_BLOCK_VERDICT, &text);
    }
}

static void write_class(tw_sheet *sheet, const tw_campaign_view *view, size_t setting,
                        const tw_json *class) {
    static const char *const keys[] = {"name", "rank", "loss", "count"};
    static const char *const figures[] = {"fraction", "low", "high"};
    const tw_json *row = tw_json_at(view->settings, setting);
    tw_writer members = {0};
    tw_sheet_format(sheet, "%zu", setting);
    tw_campaign_describe(view, setting, &members);
    tw_sheet_take(sheet, &members);
    for (size_t i = 0; i < 4; i++) tw_sheet_value(sheet, tw_at(class, keys[i]));
    tw_sheet_value(sheet, tw_at(row, "restarts"));
    for (size_t i = 0; i < 3; i++) tw_sheet_value(sheet, tw_at(class, figures[i]));
}

static void write_setting(tw_sheet *sheet, const tw_campaign_view *view, size_t setting) {
    const tw_json *row = tw_json_at(view->settings, setting), *classes = tw_at(row, "classes");
    for (size_t j = 0; j < tw_size_at(row, "classes") && j < MOST_CLASSES; j++)
        write_class(sheet, view, setting, tw_json_at(classes, j));
}

static void write_fractions(const tw_campaign_view *view, tw_content *content) {
    static const char *const heads[] = {"setting", "members",  "class",    "rank",     "loss",
                                        "count",   "restarts", "fraction", "low 95 %", "high 95 %"};
    tw_sheet *sheet = tw_content_sheet(content, "Where descent ended", 10);
    for (size_t i = 0; i < 10; i++) tw_sheet_text(sheet, heads[i]);
    for (size_t i = 0; i < view->setting_count; i++) {
        if (sheet && tw_sheet_rows(sheet) > MOST_ROWS) break;
        write_setting(sheet, view, i);
    }
}

static void write_unseen(const tw_campaign_view *view, tw_content *content) {
    static const char *const heads[] = {"setting",         "restarts",       "asked",
                                        "unseen mass",     "at most (95 %)", "gradients",
                                        "Hessian products"};
    static const char *const keys[] = {"restarts",         "asked",       "unseen_mass.value",
                                       "unseen_mass.high", "evaluations", "products"};
    tw_sheet *sheet = tw_content_sheet(content, "Restarts, and what may have been missed", 7);
    for (size_t i = 0; i < 7; i++) tw_sheet_text(sheet, heads[i]);
    for (size_t i = 0; i < view->setting_count; i++) {
        tw_sheet_format(sheet, "%zu", i);
        for (size_t j = 0; j < 6; j++)
            tw_sheet_value(sheet, tw_at(tw_json_at(view->settings, i), keys[j]));
    }
}

/* Those that stay significant; with many settings that is what can be read. */
static void write_differences(const tw_json *record, tw_content *content) {
    static const char *const heads[] = {"setting", "against", "class", "p (Fisher)", "p (Holm)"};
    static const char *const keys[] = {"first", "second", "class", "p", "p_holm"};
    const tw_json *list = tw_at(record, "result.differences");
    tw_sheet *sheet = tw_content_sheet(content, "Differences, adjusted p below 0.05", 5);
    size_t kept = 0;
    for (size_t i = 0; i < 5; i++) tw_sheet_text(sheet, heads[i]);
    for (size_t i = 0; i < tw_size_at(record, "result.differences") && kept < MOST_ROWS; i++) {
        const tw_json *row = tw_json_at(list, i);
        if (!(tw_number_at(row, "p_holm") < 0.05)) continue;
        kept++;
        for (size_t j = 0; j < 5; j++) tw_sheet_value(sheet, tw_at(row, keys[j]));
    }
    if (kept == 0) tw_content_drop(content);
}

static void write_transition(const tw_json *transition, tw_content *content) {
    static const char *const keys[] = {"from", "to", "count"};
    const tw_json *cells = tw_at(transition, "cells");
    char title[160], p[40] = "-";
    double value = tw_number_at(transition, "p");
    if (!isnan(value)) snprintf(p, sizeof p, "%.3g", value);
    snprintf(title, sizeof title,
             "The same starts under setting %.0f (from) and %.0f (to): %.0f of %.0f alike, p = %s "
             "(McNemar)",
             tw_number_at(transition, "first"), tw_number_at(transition, "second"),
             tw_number_at(transition, "same"), tw_number_at(transition, "pairs"), p);
    tw_sheet *sheet = tw_content_sheet(content, title, 3);
    for (size_t j = 0; j < 3; j++) tw_sheet_text(sheet, keys[j]);
    for (size_t i = 0; i < tw_size_at(transition, "cells") && i < MOST_ROWS; i++)
        for (size_t j = 0; j < 3; j++) tw_sheet_value(sheet, tw_at(tw_json_at(cells, i), keys[j]));
}

static void write_returns(const tw_dossier *dossier, const tw_json *record, tw_content *content) {
    static const char *const keys[] = {"optimum",           "direction",       "method",
                                       "half_radius.value", "half_radius.low", "half_radius.high"};
    static const char *const heads[] = {"optimum",     "direction", "method",
                                        "half radius", "low 95 %",  "high 95 %"};
    const tw_json *list = tw_at(record, "result.return_curves");
    if (tw_size_at(record, "result.return_curves") == 0) return;
    tw_sheet *sheet = tw_content_sheet(content, "Radius from which one half returns", 6);
    for (size_t j = 0; j < 6; j++) tw_sheet_text(sheet, heads[j]);
    for (size_t i = 0; i < tw_size_at(record, "result.return_curves"); i++)
        for (size_t j = 0; j < 6; j++) {
            char room[TW_LABEL_BYTES];
            const tw_json *cell = tw_at(tw_json_at(list, i), keys[j]);
            if (j == 0)
                tw_sheet_text(
                    sheet,
                    tw_dossier_label(dossier, tw_text_at(tw_json_at(list, i), keys[0]), "", room));
            else
                tw_sheet_value(sheet, cell);
        }
}

void tw_section_campaign(const tw_dossier *dossier, tw_content *content) {
    tw_campaign_view view;
    for (size_t index = 0; tw_campaign_look(dossier, index, 1, &view); index++) {
        const tw_json *transitions = tw_at(view.record, "result.transitions");
        size_t count = tw_size_at(view.record, "result.transitions");
        write_fractions(&view, content);
        write_unseen(&view, content);
        write_differences(view.record, content);
        write_returns(dossier, view.record, content);
        for (size_t i = 0; i < count && i < MOST_TABLES; i++)
            write_transition(tw_json_at(transitions, i), content);
        if (count > MOST_TABLES) {
            tw_writer text = {0};
            tw_writer_format(&text, "The record has %zu more pairs of settings that share starts.",
                             count - MOST_TABLES);
            tw_content_text(content, TW_BLOCK_PROSE, &text);
        }
    }
}
