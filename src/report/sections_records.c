/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of single records: claims, flatness, free energy, anything else, and what every record
 * has: who made it, and from what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/sections_private.h"

#define MOST_KEYS 120 /* of a record that has no section of its own */
#define MOST_ITEMS 12 /* of a list in one cell */

/* One row an item of a list, one column a key; nothing for an empty list. */
static void list_sheet(tw_content *content, const char *title, const tw_json *list,
                       const tw_row *columns, size_t count) {
    if (list == NULL || tw_json_size(list) == 0) return;
    tw_sheet *sheet = tw_content_sheet(content, title, count);
    for (size_t j = 0; j < count; j++) tw_sheet_text(sheet, columns[j].title);
    for (size_t i = 0; i < tw_json_size(list); i++)
        for (size_t j = 0; j < count; j++)
            tw_sheet_value(sheet, tw_at(tw_json_at(list, i), columns[j].path));
}

#define LIST(title, list, columns)                                                                 \
    list_sheet(content, title, list, columns, sizeof(columns) / sizeof *(columns))

/* ---- Claims ---- */

static void say_claims(const tw_json *claims, tw_content *content) {
    size_t answers[3] = {0, 0, 0};
    tw_writer text = {0};
    for (size_t i = 0; i < tw_json_size(claims); i++) {
        bool holds = false;
        bool decided = tw_json_as_boolean(tw_at(tw_json_at(claims, i), "holds"), &holds);
        answers[!decided ? 2 : holds ? 0 : 1]++;
    }
    tw_writer_format(&text, "Of %zu claims %zu hold, %zu fail, %zu are undecided.",
                     tw_json_size(claims), answers[0], answers[1], answers[2]);
    for (size_t i = 0, told = 0; i < tw_json_size(claims); i++) {
        bool holds = false;
        const tw_json *claim = tw_json_at(claims, i);
        if (!tw_json_as_boolean(tw_at(claim, "holds"), &holds) || holds) continue;
        tw_writer_format(&text, "%s%s", told++ ? ", " : " Failing: ", tw_text_at(claim, "id"));
        if (told == answers[1]) tw_writer_text(&text, ".");
    }
    tw_content_text(content, TW_BLOCK_VERDICT, &text);
}

void tw_section_claims(const tw_dossier *dossier, tw_content *content) {
    static const tw_row columns[] = {
        {"claim", "id"},          {"holds", "holds"},   {"statement", "statement"},
        {"computed", "computed"}, {"source", "source"}, {"doubt", "doubt"}};
    static const tw_row figures[] = {{"figure", "name"},         {"value", "value"},
                                     {"relation", "relation"},   {"reference", "reference"},
                                     {"tolerance", "tolerance"}, {"holds", "holds"}};
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "verify", i)) != NULL; i++) {
        const tw_json *claims = tw_at(record, "result.claims");
        if (tw_size_at(record, "result.claims") == 0) continue;
        say_claims(claims, content);
        LIST("Claims", claims, columns);
        for (size_t j = 0; j < tw_json_size(claims); j++) {
            char title[64];
            snprintf(title, sizeof title, "Figures of claim %.20s",
                     tw_text_at(tw_json_at(claims, j), "id"));
            LIST(title, tw_at(tw_json_at(claims, j), "figures"), figures);
        }
    }
}

/* ---- Flatness ---- */

static void write_flatness(tw_sheet *sheet, const char *point, const tw_json *part_of,
                           const char *name) {
    static const char *const keys[] = {"dimension", "largest",   "smallest_nonzero", "condition",
                                       "trace",     "frobenius", "log_det_nonzero",  "zero_modes"};
    tw_sheet_text(sheet, point);
    tw_sheet_text(sheet, name);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const tw_json *value = tw_at(part_of, keys[i]);
        tw_sheet_value(sheet, value && tw_json_is_object(value) ? tw_at(value, "value") : value);
    }
}

void tw_section_flatness(const tw_dossier *dossier, tw_content *content) {
    static const char *const heads[] = {
        "point",     "part",  "dimension",      "largest t", "smallest |t| > 0",
        "condition", "trace", "Frobenius norm", "log det",   "zero modes"};
    const tw_json *record = tw_dossier_record(dossier, "flatness", 0);
    if (record == NULL) return;
    tw_sheet *sheet = tw_content_sheet(content, "Flatness", sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) tw_sheet_text(sheet, heads[i]);
    for (size_t i = 0; (record = tw_dossier_record(dossier, "flatness", i)) != NULL; i++) {
        const tw_json *layers = tw_at(record, "result.layers");
        char room[TW_LABEL_BYTES];
        const char *point = tw_dossier_label(dossier, tw_text_at(record, "input.file"),
                                             tw_text_at(record, "input.sha256"), room);
        write_flatness(sheet, point, tw_at(record, "result.whole"), "whole");
        write_flatness(sheet, point, tw_at(record, "result.off_orbit"),
                       tw_text_at(record, "result.off_orbit.name"));
        for (size_t l = 0; l < tw_size_at(record, "result.layers"); l++)
            write_flatness(sheet, point, tw_json_at(layers, l),
                           tw_text_at(tw_json_at(layers, l), "name"));
    }
    const tw_json *meaning = tw_at(tw_dossier_record(dossier, "flatness", 0), "result.invariances");
    const char *key = NULL;
    const tw_json *text;
    if (tw_json_size(meaning) == 0) return;
    sheet = tw_content_sheet(content, "What a figure is invariant to", 2);
    tw_sheet_text(sheet, "figure");
    tw_sheet_text(sheet, "invariant to");
    while ((text = tw_json_next(meaning, &key)) != NULL) {
        tw_sheet_text(sheet, key);
        tw_sheet_value(sheet, text);
    }
}

/* ---- Free energy, critical points ---- */

/* The pairs by the names that the page has for them. */
static void write_crossings(const tw_dossier *dossier, const tw_json *record, tw_content *content) {
    static const char *const heads[] = {"first", "second", "beta*", "its error", "lower root"};
    static const char *const keys[] = {"first", "second", "beta_star", "beta_star_error",
                                       "beta_lower"};
    const tw_json *list = tw_at(record, "result.crossings");
    if (tw_size_at(record, "result.crossings") == 0) return;
    tw_sheet *sheet = tw_content_sheet(content, "Crossings", 5);
    for (size_t j = 0; j < 5; j++) tw_sheet_text(sheet, heads[j]);
    for (size_t i = 0; i < tw_json_size(list); i++) {
        const tw_json *row = tw_json_at(list, i);
        for (size_t j = 0; j < 2; j++) {
            char room[TW_LABEL_BYTES];
            double at = tw_number_at(row, keys[j]);
            size_t p = at >= 0.0 ? (size_t)at : 0;
            const char *file = tw_text_at(tw_json_at(tw_at(record, "result.points"), p), "file");
            const char *hash = tw_text_at(tw_json_at(tw_at(record, "input"), p), "sha256");
            tw_sheet_text(sheet, tw_dossier_label(dossier, file, hash, room));
        }
        for (size_t j = 2; j < 5; j++) tw_sheet_value(sheet, tw_at(row, keys[j]));
    }
}

void tw_section_energy(const tw_dossier *dossier, tw_content *content) {
    static const tw_row points[] = {{"file", "file"},
                                    {"loss", "loss"},
                                    {"parameters", "parameters"},
                                    {"zero modes", "zero_modes"},
                                    {"log volume of the orbit", "log_orbit_volume"},
                                    {"log det of the others", "log_det_nonzero"},
                                    {"its error", "log_det_error"},
                                    {"log copies", "log_copies"},
                                    {"log copies of units", "log_unit_copies"},
                                    {"defined", "defined"}};
    static const tw_row sweep[] = {
        {"width", "width"}, {"beta*", "beta_star"}, {"its error", "beta_star_error"}};
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "free-energy", i)) != NULL; i++) {
        LIST("Parts of the free energy", tw_at(record, "result.points"), points);
        write_crossings(dossier, record, content);
        LIST("Crossing by width", tw_at(record, "result.sweep"), sweep);
    }
}

void tw_section_critical(const tw_dossier *dossier, tw_content *content) {
    static const tw_row points[] = {{"name", "name"},
                                    {"verdict", "verdict"},
                                    {"loss", "loss"},
                                    {"index", "index"},
                                    {"rank", "rank"},
                                    {"zero modes", "zero_modes"},
                                    {"by symmetry", "symmetry_modes"},
                                    {"gradient norm", "gradient_norm"},
                                    {"found", "found"},
                                    {"proved", "certificate.proved"},
                                    {"v^T H v, at most", "certificate.rayleigh.upper"},
                                    {"decrease", "certificate.decrease"}};
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "critical", i)) != NULL; i++)
        LIST("Critical points that were found", tw_at(record, "result.points"), points);
}

/* ---- Anything else ---- */

static void write_key(tw_sheet *sheet, const char *prefix, const char *key, const tw_json *value,
                      size_t depth);

static void write_keys(tw_sheet *sheet, const char *prefix, const tw_json *object, size_t depth) {
    const char *key = NULL;
    const tw_json *value;
    while ((value = tw_json_next(object, &key)) != NULL)
        if (tw_sheet_rows(sheet) < MOST_KEYS) write_key(sheet, prefix, key, value, depth);
}

/* Objects become rows "outer.inner"; long lists and lists of lists are left to the record. */
static void write_key(tw_sheet *sheet, const char *prefix, const char *key, const tw_json *value,
                      size_t depth) {
    tw_writer name = {0};
    bool list = tw_json_is_array(value), plain = !list || tw_json_size(value) <= MOST_ITEMS;
    for (size_t i = 0; list && i < tw_json_size(value); i++)
        if (tw_json_size(tw_json_at(value, i)) > 0) plain = false;
    tw_writer_format(&name, "%s%s%s", prefix, prefix[0] ? "." : "", key);
    if (name.bytes == NULL) {
        sheet->status = TW_ERR_MEMORY;
    } else if (tw_json_is_object(value) && depth < 4) {
        write_keys(sheet, name.bytes, value, depth + 1);
    } else if (plain && !tw_json_is_object(value)) {
        tw_sheet_text(sheet, name.bytes);
        tw_sheet_value(sheet, value);
    }
    tw_writer_clear(&name);
}

/* With --check there is no point, and no section but this one. */
static bool has_section(const tw_json *record) {
    static const char *const names[] = {"compare", "degeneracy",  "basins",
                                        "verify",  "flatness",    "info",
                                        "polish",  "free-energy", "critical"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tw_record_is(record, names[i])) return true;
    return tw_record_is(record, "certify") && tw_at(record, "result.verdict");
}

void tw_section_others(const tw_dossier *dossier, tw_content *content) {
    for (size_t i = 0; i < dossier->count; i++) {
        const tw_json *result = tw_at(dossier->records[i], "result");
        if (has_section(dossier->records[i]) || !tw_json_is_object(result)) continue;
        tw_sheet *sheet = tw_content_sheet(content, tw_text_at(dossier->records[i], "schema"), 2);
        if (sheet == NULL) return;
        tw_sheet_text(sheet, "key");
        tw_sheet_text(sheet, "value");
        write_keys(sheet, "", result, 0);
        if (tw_sheet_rows(sheet) < 2) tw_content_drop(content);
    }
}

/* ---- Provenance ---- */

static void write_words(tw_sheet *sheet, const tw_json *words) {
    tw_writer line = {0};
    tw_writer_text(&line, "");
    for (size_t i = 0; words && i < tw_json_size(words); i++) {
        if (i > 0) tw_writer_text(&line, " ");
        tw_writer_value(&line, tw_json_at(words, i));
    }
    tw_sheet_take(sheet, &line);
}

static void write_input(tw_sheet *sheet, const tw_json *input) {
    if (tw_text_at(input, "file")[0] == '\0') return;
    tw_sheet_text(sheet, "input");
    tw_sheet_text(sheet, tw_text_at(input, "file"));
    tw_sheet_text(sheet, "its SHA-256");
    tw_sheet_value(sheet, tw_at(input, "sha256"));
}

void tw_section_provenance(const tw_dossier *dossier, tw_content *content) {
    for (size_t i = 0; i < dossier->count; i++) {
        const tw_json *record = dossier->records[i], *input = tw_at(record, "input");
        tw_sheet *sheet = tw_content_sheet(content, "Record", 2);
        if (sheet == NULL) return;
        tw_sheet_text(sheet, "schema");
        tw_sheet_value(sheet, tw_at(record, "schema"));
        tw_sheet_text(sheet, "thalweg");
        tw_sheet_value(sheet, tw_at(record, "thalweg"));
        tw_sheet_text(sheet, "command line");
        write_words(sheet, tw_at(record, "provenance.command_line"));
        tw_sheet_text(sheet, "seed");
        tw_sheet_value(sheet, tw_at(record, "provenance.seed"));
        tw_sheet_text(sheet, "threads");
        tw_sheet_value(sheet, tw_at(record, "provenance.threads"));
        write_keys(sheet, "", tw_at(record, "provenance.libraries"), 1);
        if (tw_json_is_array(input))
            for (size_t j = 0; j < tw_json_size(input); j++)
                write_input(sheet, tw_json_at(input, j));
        else
            write_input(sheet, input);
    }
}
