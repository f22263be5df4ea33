/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer of a record in a sentence, above its figures. */
#include <string.h>

#include "report/sections_private.h"

static void say_value(tw_writer *text, const char *before, const tw_json *value,
                      const char *after) {
    tw_writer_text(text, before);
    tw_writer_value(text, value);
    tw_writer_text(text, after);
}

/* What the page calls the index-th file of a record whose input is a list, or its only one. */
static const char *name_of(const tw_dossier *dossier, const tw_json *record, size_t index,
                           char room[TW_LABEL_BYTES]) {
    const tw_json *input = tw_at(record, "input");
    if (tw_json_is_array(input)) input = tw_json_at(input, index);
    const char *name =
        tw_dossier_label(dossier, tw_text_at(input, "file"), tw_text_at(input, "sha256"), room);
    return name[0] ? name : "the point";
}

static void say_file(tw_writer *text, const tw_dossier *dossier, const tw_json *record,
                     size_t index) {
    char room[TW_LABEL_BYTES];
    tw_writer_text(text, name_of(dossier, record, index, room));
}

void tw_say_doubt(const tw_json *result, const char *name, tw_content *content) {
    tw_writer text = {0};
    const char *doubt = tw_text_at(result, "doubt");
    if (doubt[0] == '\0') return;
    tw_writer_text(&text, "What is said of the Hessian at ");
    tw_writer_text(&text, name);
    tw_writer_text(&text, " does not stand: ");
    tw_writer_text(&text, doubt);
    tw_writer_text(&text, ".");
    tw_content_text(content, TW_BLOCK_VERDICT, &text);
}

static void say_doubt(const tw_dossier *dossier, const tw_json *record, tw_content *content) {
    char room[TW_LABEL_BYTES];
    tw_say_doubt(tw_at(record, "result"), name_of(dossier, record, 0, room), content);
}

void tw_headline_density(const tw_dossier *dossier, tw_content *content) {
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "density", i)) != NULL; i++)
        say_doubt(dossier, record, content);
}

void tw_headline_flatness(const tw_dossier *dossier, tw_content *content) {
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "flatness", i)) != NULL; i++) {
        const tw_json *off = tw_at(record, "result.off_orbit");
        bool projected = strcmp(tw_text_at(off, "name"), "projected") == 0;
        tw_writer text = {0};
        say_doubt(dossier, record, content);
        if (isnan(tw_number_at(off, "largest.value"))) continue;
        tw_writer_text(&text, projected ? "Projected off the symmetry orbit, which is not flat "
                                          "here, the curvatures of "
                                        : "Off the symmetry orbit the curvatures of ");
        say_file(&text, dossier, record, 0);
        tw_writer_text(&text, " go");
        if (!isnan(tw_number_at(off, "smallest_nonzero.value")))
            say_value(&text, " from ", tw_at(off, "smallest_nonzero.value"), "");
        say_value(&text, " up to ", tw_at(off, "largest.value"), "");
        if (!isnan(tw_number_at(off, "condition.value")))
            say_value(&text, ", a condition number of ", tw_at(off, "condition.value"), "");
        tw_writer_text(&text, ".");
        tw_content_text(content, TW_BLOCK_VERDICT, &text);
    }
}

/* Which weighs more above the crossing: there the losses decide. */
static void say_above(tw_writer *text, const tw_dossier *dossier, const tw_json *record) {
    const tw_json *points = tw_at(record, "result.points");
    double first = tw_number_at(tw_json_at(points, 0), "loss");
    double second = tw_number_at(tw_json_at(points, 1), "loss");
    if (!(first < second) && !(second < first)) return;
    tw_writer_text(text, "; above it ");
    say_file(text, dossier, record, first < second ? 0 : 1);
    tw_writer_text(text, " has the larger weight");
}

bool tw_say_crossing(const tw_dossier *dossier, tw_writer *text) {
    const tw_json *record = tw_dossier_record(dossier, "free-energy", 0);
    const tw_json *beta = tw_at(record, "result.beta_star"), *input = tw_at(record, "input");
    bool named = input && tw_json_is_array(input) && tw_json_size(input) == 2;
    if (isnan(tw_number_of(beta))) return false;
    tw_writer_text(text, "The Laplace weights of ");
    if (named) {
        say_file(text, dossier, record, 0);
        tw_writer_text(text, " and ");
        say_file(text, dossier, record, 1);
    } else {
        tw_writer_text(text, "the two optima");
    }
    say_value(text, " are equal at inverse temperature beta* = ", beta, "");
    if (named && tw_size_at(record, "result.points") == 2) say_above(text, dossier, record);
    tw_writer_text(text, ".");
    return true;
}

/* Beside points the page's first sentence says it. */
void tw_headline_energy(const tw_dossier *dossier, tw_content *content) {
    tw_writer text = {0};
    if (dossier->point_count == 0 && tw_say_crossing(dossier, &text))
        tw_content_text(content, TW_BLOCK_VERDICT, &text);
}

void tw_headline_slices(const tw_dossier *dossier, tw_content *content) {
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "slice", i)) != NULL; i++) {
        const tw_json *barrier = tw_at(record, "result.barrier");
        tw_writer text = {0};
        say_doubt(dossier, record, content);
        if (isnan(tw_number_at(barrier, "height"))) continue;
        say_value(&text, "The line between the two points has losses ", tw_at(barrier, "first"),
                  " and ");
        say_value(&text, "", tw_at(barrier, "second"), " at its ends");
        say_value(&text, " and rises to ", tw_at(barrier, "top"), "");
        say_value(&text, ", a barrier of ", tw_at(barrier, "height"),
                  " above the higher end: an upper bound of the lowest pass.");
        tw_content_text(content, TW_BLOCK_VERDICT, &text);
    }
}

void tw_headline_critical(const tw_dossier *dossier, tw_content *content) {
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "critical", i)) != NULL; i++) {
        const tw_json *points = tw_at(record, "result.points");
        size_t count = tw_size_at(record, "result.points"), saddles = 0, proved = 0;
        tw_writer text = {0};
        if (count == 0) continue;
        for (size_t p = 0; p < count; p++) {
            bool yes = false;
            const tw_json *proof = tw_at(tw_json_at(points, p), "certificate.proved");
            saddles += strcmp(tw_text_at(tw_json_at(points, p), "verdict"), "strict saddle") == 0;
            proved += proof && tw_json_as_boolean(proof, &yes) && yes;
        }
        say_value(&text, "Of ", tw_at(record, "result.starts"), " starts ");
        say_value(&text, "", tw_at(record, "result.converged"), " converged");
        tw_writer_format(&text,
                         ", to %zu different critical points: %zu are strict saddles, %zu with a "
                         "proof.",
                         count, saddles, proved);
        tw_content_text(content, TW_BLOCK_VERDICT, &text);
    }
}

/* Trace records have no section but the table of everything. */
void tw_headline_trace(const tw_dossier *dossier, tw_content *content) {
    const tw_json *record;
    for (size_t i = 0; (record = tw_dossier_record(dossier, "trace", i)) != NULL; i++) {
        const tw_json *trace = tw_at(record, "result.trace");
        tw_writer text = {0};
        say_doubt(dossier, record, content);
        if (isnan(tw_number_at(trace, "value"))) continue;
        tw_writer_text(&text, "The trace of the Hessian at ");
        say_file(&text, dossier, record, 0);
        say_value(&text, " is ", tw_at(trace, "value"), "");
        if (tw_number_at(trace, "low") < tw_number_at(trace, "high")) {
            say_value(&text, ", between ", tw_at(trace, "low"), "");
            say_value(&text, " and ", tw_at(trace, "high"), " (95 %)");
        }
        tw_writer_text(&text, ".");
        tw_content_text(content, TW_BLOCK_VERDICT, &text);
    }
}
