/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records that a report is about, and the points that stand in them. Everything is borrowed
 * from the records but the list of points. */
#ifndef TW_DOSSIER_PRIVATE_H
#define TW_DOSSIER_PRIVATE_H

#include <math.h>
#include <thalweg/files/json.h>

#include "report/writer_private.h"

#define TW_LABEL_BYTES 48

/* One optimum, from a record of compare, degeneracy, certify, polish, info, train or construct. */
typedef struct tw_dossier_point {
    const tw_json *record, *input, *result;
    const char *file;           /* "" when none is known */
    char letter[8];             /* "A", "B", .., "Z", "A2", .. */
    char label[TW_LABEL_BYTES]; /* for figures: the letter, and what is harmless of the file name */
} tw_dossier_point;

typedef struct tw_dossier {
    size_t count;
    const tw_json *const *records;
    tw_dossier_point *points; /* owned */
    size_t point_count;
    tw_dossier_point *spectra; /* owned: the points, and what records of `spectrum` are about */
    size_t spectrum_count;
} tw_dossier;

/* TW_ERR_DATA when one of them is no record. */
tw_status tw_dossier_open(tw_dossier *dossier, size_t count, const tw_json *const *records);
void tw_dossier_close(tw_dossier *dossier);

/* What figures and tables call a file that is no point itself: the label of the point that has the
 * same content, or the same path where a record holds no SHA-256 (""); a name of its own if there
 * is none. Points and `room` lend it. */
const char *tw_dossier_label(const tw_dossier *dossier, const char *file, const char *sha256,
                             char room[TW_LABEL_BYTES]);

/* The index-th record of a subcommand ("density"), or NULL. */
const tw_json *tw_dossier_record(const tw_dossier *dossier, const char *command, size_t index);
bool tw_record_is(const tw_json *record, const char *command);

/* The member that a path like "zero_modes.found" leads to, or NULL; numbers: NAN. */
const tw_json *tw_at(const tw_json *value, const char *path);
double tw_number_at(const tw_json *value, const char *path);
const char *tw_text_at(const tw_json *value, const char *path); /* "" when absent */
size_t tw_size_at(const tw_json *value, const char *path);

/* The record's number as a double: NAN when it is none. */
double tw_number_of(const tw_json *value);

/* Text with everything that a plotting program might take for a command, a quote or markup replaced
 * by '_', cut to fit. Returns room. */
const char *tw_harmless(const char *text, char *room, size_t bytes);
bool tw_is_harmless(const char *character, size_t length); /* of one UTF-8 character */

/* The last part of a path; borrowed. */
const char *tw_file_name(const char *path);

#endif
