/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every record has: who made it, and from what. */
#include "report/sections_private.h"

static void write_words(tw_sheet *sheet, const tw_json *words) {
    tw_writer line = {0};
    tw_writer_text(&line, "");
    for (size_t i = 0; words && i < tw_json_size(words); i++) {
        if (i > 0) tw_writer_text(&line, " ");
        tw_writer_value(&line, tw_json_at(words, i));
    }
    tw_sheet_text(sheet, line.bytes ? line.bytes : "");
    tw_writer_clear(&line);
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
        tw_sheet_text(sheet, "libraries");
        tw_sheet_value(sheet, tw_at(record, "provenance.libraries"));
        if (tw_json_is_array(input))
            for (size_t j = 0; j < tw_json_size(input); j++)
                write_input(sheet, tw_json_at(input, j));
        else
            write_input(sheet, input);
    }
}
