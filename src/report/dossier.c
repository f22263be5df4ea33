/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/dossier_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/text_private.h"

#define LABEL_NAME 28 /* bytes of a file name in a label */

const tw_json *tw_at(const tw_json *value, const char *path) {
    while (value && *path) {
        char key[64];
        size_t length = strcspn(path, ".");
        if (length >= sizeof key) return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        value = tw_json_get(value, key);
        path += length + (path[length] == '.');
    }
    return value;
}

double tw_number_of(const tw_json *value) {
    double number;
    return value && tw_json_as_number(value, &number) ? number : (double)NAN;
}

double tw_number_at(const tw_json *value, const char *path) {
    return tw_number_of(tw_at(value, path));
}

const char *tw_text_at(const tw_json *value, const char *path) {
    const tw_json *member = tw_at(value, path);
    const char *text = member ? tw_json_as_string(member) : NULL;
    return text ? text : "";
}

size_t tw_size_at(const tw_json *value, const char *path) {
    const tw_json *member = tw_at(value, path);
    return member && tw_json_is_array(member) ? tw_json_size(member) : 0;
}

bool tw_record_is(const tw_json *record, const char *command) {
    const char *schema = tw_text_at(record, "schema");
    size_t length = strlen(command);
    return strncmp(schema, command, length) == 0 && schema[length] == '/';
}

const tw_json *tw_dossier_record(const tw_dossier *dossier, const char *command, size_t index) {
    for (size_t i = 0; i < dossier->count; i++)
        if (tw_record_is(dossier->records[i], command) && index-- == 0) return dossier->records[i];
    return NULL;
}

bool tw_is_harmless(const char *text, size_t length) {
    return length > 1 || (*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
           (*text >= 'a' && *text <= 'z') || strchr("._-+ =:()[],/*#", *text) != NULL;
}

const char *tw_harmless(const char *text, char *room, size_t bytes) {
    size_t used = 0;
    for (size_t left = strlen(text); left > 0;) {
        size_t length = tw_utf8_length(text, left);
        bool plain = length > 0 && tw_is_harmless(text, length);
        if (length == 0) length = 1;
        if (used + length >= bytes) break;
        memcpy(room + used, plain ? text : "_", plain ? length : 1);
        used += plain ? length : 1;
        text += length;
        left -= length;
    }
    room[used] = '\0';
    return room;
}

const char *tw_file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- Points ---- */

/* At most `bytes` bytes, no character cut in two. */
static void cut_text(char *text, size_t bytes) {
    size_t used = 0, left = strlen(text);
    while (left > 0) {
        size_t length = tw_utf8_length(text + used, left);
        if (length == 0 || used + length > bytes) break;
        used += length;
        left -= length;
    }
    text[used] = '\0';
}

/* A file name for a label: both its ends, as names of one study often differ at the last. */
static void shorten(char *name) {
    char tail_text[LABEL_NAME];
    size_t length = strlen(name), tail = strlen(".safetensors");
    if (length > tail && strcmp(name + length - tail, ".safetensors") == 0)
        name[length - tail] = '\0';
    length = strlen(name);
    if (length <= LABEL_NAME) return;
    const char *end = name + length - LABEL_NAME / 2;
    while ((*end & 0xC0) == 0x80) end++;
    snprintf(tail_text, sizeof tail_text, "..%s", end);
    cut_text(name, LABEL_NAME - strlen(tail_text));
    memcpy(name + strlen(name), tail_text, strlen(tail_text) + 1);
}

static void name_point(tw_dossier_point *point, size_t index) {
    char name[300];
    if (index < 26)
        snprintf(point->letter, sizeof point->letter, "%c", (char)('A' + index));
    else
        snprintf(point->letter, sizeof point->letter, "%c%zu", (char)('A' + index % 26),
                 index / 26 % 10000 + 1);
    tw_harmless(tw_file_name(point->file), name, sizeof name);
    shorten(name);
    snprintf(point->label, sizeof point->label, "%s %.32s", point->letter, name);
}

const char *tw_dossier_label(const tw_dossier *dossier, const char *file, const char *sha256,
                             char room[TW_LABEL_BYTES]) {
    for (size_t i = 0; i < dossier->point_count; i++) {
        const tw_dossier_point *point = &dossier->points[i];
        const char *own = tw_text_at(point->input, "sha256");
        bool alike = sha256[0] && own[0] ? strcmp(sha256, own) == 0
                                         : file[0] && strcmp(file, point->file) == 0;
        if (alike) return point->label;
    }
    tw_harmless(tw_file_name(file), room, TW_LABEL_BYTES);
    shorten(room);
    return room;
}

static void add_point(tw_dossier *dossier, const tw_json *record, const tw_json *input,
                      const tw_json *result) {
    if (isnan(tw_number_at(result, "loss")) || tw_size_at(result, "logit_singular_values") == 0)
        return;
    tw_dossier_point *point = &dossier->points[dossier->point_count];
    const char *file = tw_text_at(input, "file");
    if (file[0] == '\0') file = tw_text_at(result, "file");
    *point = (tw_dossier_point){.record = record, .input = input, .result = result, .file = file};
    name_point(point, dossier->point_count++);
    dossier->spectra[dossier->spectrum_count++] = *point;
}

/* No point, but eigenvalues: they get a name of their own. */
static void add_spectrum(tw_dossier *dossier, const tw_json *record) {
    const tw_json *input = tw_at(record, "input"), *result = tw_at(record, "result");
    tw_dossier_point *spectrum = &dossier->spectra[dossier->spectrum_count];
    const char *file = tw_text_at(input, "file");
    char name[300];
    if (tw_size_at(result, "eigenvalues") == 0) return;
    if (file[0] == '\0') file = tw_text_at(result, "closed_form.name");
    *spectrum = (tw_dossier_point){record, input, result, file, "", ""};
    snprintf(spectrum->letter, sizeof spectrum->letter, "S%zu",
             dossier->spectrum_count++ % 9999 + 1);
    tw_harmless(tw_file_name(file), name, sizeof name);
    shorten(name);
    snprintf(spectrum->label, sizeof spectrum->label, "%s %.32s", spectrum->letter, name);
}

static void add_points(tw_dossier *dossier, const tw_json *record) {
    static const char *const single[] = {"degeneracy", "certify", "polish",
                                         "info",       "train",   "construct"};
    const tw_json *input = tw_at(record, "input"), *result = tw_at(record, "result");
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (tw_record_is(record, single[i])) add_point(dossier, record, input, result);
    if (tw_record_is(record, "spectrum")) add_spectrum(dossier, record);
    if (!tw_record_is(record, "compare")) return;
    const tw_json *points = tw_at(result, "points");
    for (size_t i = 0; i < tw_size_at(result, "points"); i++)
        add_point(dossier, record, tw_json_at(input, i), tw_json_at(points, i));
}

tw_status tw_dossier_open(tw_dossier *dossier, size_t count, const tw_json *const *records) {
    size_t room = count;
    *dossier = (tw_dossier){.count = count, .records = records};
    for (size_t i = 0; i < count; i++) {
        if (strchr(tw_text_at(records[i], "schema"), '/') == NULL || !tw_at(records[i], "result"))
            return tw_fail(TW_ERR_DATA,
                           "record %zu has no schema and result: it was not written "
                           "with --json",
                           i + 1);
        room += tw_size_at(records[i], "result.points");
    }
    dossier->points = tw_alloc(room, sizeof *dossier->points);
    dossier->spectra = tw_alloc(room, sizeof *dossier->spectra);
    if (dossier->points == NULL || dossier->spectra == NULL) return TW_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) add_points(dossier, records[i]);
    return TW_OK;
}

void tw_dossier_close(tw_dossier *dossier) {
    free(dossier->points);
    free(dossier->spectra);
    *dossier = (tw_dossier){0};
}
