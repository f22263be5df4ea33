/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of campaigns: how often which optimum, against what the settings vary. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/assets_private.h"
#include "report/campaign_view_private.h"
#include "report/figures_private.h"

#define MOST_CLASSES 6   /* drawn; the most frequent ones over all settings */
#define MOST_SETTINGS 60 /* rows of a figure */
#define MOST_LETTERS 56  /* of what a setting is, above its row */
#define MOST_CURVES 7
#define MOST_GROUPS 6 /* figures against one member */

static void write_fraction(tw_writer *csv, const tw_class_share *share) {
    tw_writer_number(csv, share->fraction);
    tw_writer_text(csv, ",");
    tw_writer_number(csv, share->low);
    tw_writer_text(csv, ",");
    tw_writer_number(csv, share->high);
    tw_writer_text(csv, "\n");
}

static void define_classes(tw_figure *figure, const tw_campaign_view *view) {
    tw_figure_array(figure, "class", view->class_count);
    for (size_t i = 0; i < view->class_count; i++) tw_figure_string(figure, i, view->classes[i]);
    tw_figure_array_end(figure);
    tw_writer_format(&figure->variables, "classes = %zu\n", view->class_count);
}

/* ---- One row a setting ---- */

static void write_setting(const tw_campaign_view *view, size_t setting, tw_figure *figure) {
    for (size_t c = 0; c < view->class_count; c++) {
        tw_class_share share = tw_campaign_share(view, setting, c);
        if (isnan(share.fraction)) continue;
        tw_writer_format(&figure->csv, "%zu,%zu,", setting, c + 1);
        tw_figure_cell(&figure->csv, view->classes[c]);
        tw_writer_format(&figure->csv, ",%.0f,%.0f,", share.count, share.restarts);
        write_fraction(&figure->csv, &share);
    }
}

static bool fill_fractions(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    tw_campaign_view view;
    if (!tw_campaign_look(dossier, index, MOST_CLASSES, &view)) return false;
    size_t shown = view.setting_count < MOST_SETTINGS ? view.setting_count : MOST_SETTINGS;
    tw_writer_text(&figure->csv, "setting,class,name,count,restarts,fraction,low,high\n");
    for (size_t i = 0; i < shown; i++) write_setting(&view, i, figure);
    define_classes(figure, &view);
    tw_figure_array(figure, "setting", shown);
    for (size_t i = 0; i < shown; i++) {
        tw_writer text = {0};
        tw_campaign_describe(&view, i, &text);
        if (text.length > MOST_LETTERS) memcpy(text.bytes + MOST_LETTERS, "...", 4);
        tw_figure_string(figure, i, text.bytes ? text.bytes : "");
        if (text.status != TW_OK) figure->csv.status = text.status;
        tw_writer_clear(&text);
    }
    tw_figure_array_end(figure);
    tw_writer_format(&figure->variables, "settings = %zu\n", shown);
    if (shown < view.setting_count)
        tw_writer_format(&figure->note, "The first %zu of %zu settings are drawn.", shown,
                         view.setting_count);
    figure->height = 110.0 + (double)shown * (30.0 + 8.0 * (double)view.class_count) +
                     20.0 * (double)((view.class_count + 1) / 2);
    return true;
}

/* ---- Against one number of the settings ---- */

/* The settings that differ from the `group`-th representative in `member` alone, as long as there
 * are two. False past the last group. */
static bool find_group(const tw_campaign_view *view, const char *member, size_t group,
                       bool *within) {
    for (size_t i = 0; i < view->setting_count; i++) {
        size_t count = 0;
        bool first = true;
        if (isnan(tw_campaign_number(view, i, member))) continue;
        for (size_t j = 0; j < view->setting_count; j++) {
            within[j] = tw_campaign_differ_only(view, i, j, member);
            if (within[j] && j < i) first = false;
            if (within[j]) count++;
        }
        if (first && count > 1 && group-- == 0) return true;
    }
    return false;
}

static void write_group(const tw_campaign_view *view, const char *member, const bool *within,
                        tw_figure *figure) {
    tw_writer_format(&figure->csv, "class,name,%s,fraction,low,high\n", member);
    for (size_t c = 0; c < view->class_count; c++)
        for (size_t i = 0; i < view->setting_count; i++) {
            tw_class_share share = tw_campaign_share(view, i, c);
            if (!within[i] || isnan(share.fraction)) continue;
            tw_writer_format(&figure->csv, "%zu,", c + 1);
            tw_figure_cell(&figure->csv, view->classes[c]);
            tw_writer_text(&figure->csv, ",");
            tw_writer_number(&figure->csv, tw_campaign_number(view, i, member));
            tw_writer_text(&figure->csv, ",");
            write_fraction(&figure->csv, &share);
        }
}

static bool fill_against(const tw_dossier *dossier, size_t index, const char *member,
                         tw_figure *figure) {
    tw_campaign_view view;
    if (index == MOST_GROUPS) return false;
    for (size_t record = 0; tw_campaign_look(dossier, record, 4, &view); record++) {
        bool within[TW_MOST_SETTINGS] = {false};
        size_t group = 0;
        while (find_group(&view, member, group, within)) {
            if (index-- == 0) {
                write_group(&view, member, within, figure);
                define_classes(figure, &view);
                for (size_t i = 0; i < view.setting_count; i++)
                    if (within[i]) {
                        tw_writer_text(&figure->note, "Settings: ");
                        tw_campaign_describe_but(&view, i, member, &figure->note);
                        tw_writer_text(&figure->note, ".");
                        break;
                    }
                return true;
            }
            group++;
        }
    }
    return false;
}

static bool fill_by_width(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    return fill_against(dossier, index, "width", figure);
}

static bool fill_by_lambda(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    return fill_against(dossier, index, "lambda", figure);
}

/* ---- Return curves ---- */

/* The curves of all campaigns, one after the other; NULL past the last. */
static const tw_json *curve_at(const tw_dossier *dossier, size_t index) {
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "basins", i)) != NULL; i++) {
        size_t count = tw_size_at(record, "result.return_curves");
        if (index < count) return tw_json_at(tw_at(record, "result.return_curves"), index);
        index -= count;
    }
    return NULL;
}

static void write_returns(const tw_json *curve, size_t number, const char *name, tw_writer *csv) {
    static const char *const keys[] = {"radius", "fraction", "low", "high"};
    for (size_t j = 0; j < tw_size_at(curve, "radius"); j++) {
        tw_writer_format(csv, "%zu,", number);
        tw_figure_cell(csv, name);
        for (size_t k = 0; k < 4; k++) {
            tw_writer_text(csv, ",");
            tw_writer_number(csv, tw_number_of(tw_json_at(tw_at(curve, keys[k]), j)));
        }
        tw_writer_text(csv, "\n");
    }
}

/* Those of all records in one figure, so that optima stand side by side. */
static bool fill_returns(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    size_t count = 0, shown;
    while (curve_at(dossier, count)) count++;
    if (index > 0 || count == 0) return false;
    shown = count < MOST_CURVES ? count : MOST_CURVES;
    tw_writer_text(&figure->csv, "curve,name,radius,fraction,low,high\n");
    tw_figure_array(figure, "curve", shown);
    for (size_t i = 0; i < shown; i++) {
        const tw_json *curve = curve_at(dossier, i);
        char name[96], room[TW_LABEL_BYTES];
        snprintf(name, sizeof name, "%s, %.16s, %.16s",
                 tw_dossier_label(dossier, tw_text_at(curve, "optimum"), "", room),
                 tw_text_at(curve, "direction"), tw_text_at(curve, "method"));
        tw_figure_string(figure, i, name);
        write_returns(curve, i + 1, name, &figure->csv);
    }
    tw_figure_array_end(figure);
    if (shown < count)
        tw_writer_format(&figure->note, "The first %zu of %zu curves are drawn.", shown, count);
    tw_writer_format(&figure->variables,
                     "classes = %zu\narray class[%zu]\n"
                     "do for [c = 1:classes] { class[c] = curve[c] }\n",
                     shown, shown);
    figure->height += 18.0 * (double)shown;
    return true;
}

/* ---- Convergence ---- */

static bool fill_convergence(const tw_dossier *dossier, size_t index, tw_figure *figure) {
    tw_campaign_view view;
    size_t rows = 0;
    if (!tw_campaign_look(dossier, index, 4, &view)) return false;
    tw_writer_text(&figure->csv, "setting,class,name,restarts,fraction\n");
    for (size_t i = 0; i < view.setting_count && i < MOST_SETTINGS; i++)
        for (size_t c = 0; c < view.class_count; c++)
            rows += tw_campaign_trace(&view, i, c, &figure->csv);
    define_classes(figure, &view);
    tw_writer_format(&figure->variables, "settings = %zu\n",
                     view.setting_count < MOST_SETTINGS ? view.setting_count : MOST_SETTINGS);
    return rows > 0;
}

#define INTERVALS                                                                                  \
    "Bars and bands are 95 % intervals (Clopper and Pearson) of one setting each, not adjusted "   \
    "for looking at many. "

static const tw_figure_kind rows[] = {
    {"basin-fractions", "How often each optimum was reached", "fraction of the restarts", "",
     INTERVALS "Fractions belong to the law of the start and to the method; they say nothing of "
               "starts drawn otherwise.",
     fill_fractions, tw_asset_fractions_gp, false},
    {"fractions-by-width", "Fractions against the width", "width d of every hidden space",
     "fraction of the restarts",
     INTERVALS "Lines between the points guide the eye; nothing was computed there.", fill_by_width,
     tw_asset_against_gp, true},
    {"fractions-by-lambda", "Fractions against lambda", "ridge lambda", "fraction of the restarts",
     INTERVALS "Lines between the points guide the eye; nothing was computed there.",
     fill_by_lambda, tw_asset_against_gp, true},
    {"return-curves", "Return probability",
     "distance of the start from the optimum (units of "
     "theta)",
     "fraction that returned",
     INTERVALS "A start counts as returned when it ends in the class of the optimum.", fill_returns,
     tw_asset_against_gp, true},
    {"convergence", "Fractions as restarts accumulate", "restarts", "fraction so far",
     "One line a setting and class, in the order of the restarts' numbers. A line that still moves "
     "has an interval to match; one that is quiet does not prove that no class was missed.",
     fill_convergence, tw_asset_convergence_gp, false},
};

const tw_figure_table tw_campaign_figures = {rows, sizeof rows / sizeof *rows};
